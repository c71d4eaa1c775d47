//! Makes searches in Confluence's query language (CQL), of words or of a query, and limits them to some spaces so that no
//! query leads out of them. Pure.
//!
//! A query is put in parentheses, so it has to have none that would close them. Nobody outside knows each rule by which
//! Confluence reads quotes and escapes, so whatever could be read in two ways is refused: a backslash anywhere, and outside
//! of double quotes all but names, numbers and operators.

use std::borrow::Cow;

use super::operation::{Cql, CqlCondition};

/// Why a query cannot be limited for certain, in words that tell a model what to send instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("`query` has a parenthesis without its other half: close each that is opened.")]
    Unbalanced,
    #[error("`query` has a double quote that is not closed.")]
    Unclosed,
    #[error(
        "`query` holds `{0}`, which cannot be part of a search that is limited to some spaces. Put values in double \
         quotes, without quotes or backslashes in them."
    )]
    Character(char),
}

/// Fields of CQL by which a query is told from words.
const FIELDS: &[&str] = &[
    "ancestor",
    "container",
    "content",
    "contributor",
    "created",
    "creator",
    "favorite",
    "favourite",
    "id",
    "label",
    "lastmodified",
    "macro",
    "mention",
    "parent",
    "sitesearch",
    "space",
    "status",
    "text",
    "title",
    "type",
    "user",
    "watcher",
];
const OPERATORS: [&str; 10] = ["=", "!=", "~", "!~", ">", ">=", "<", "<=", "in", "not"];

/// The spaces that a search is kept within.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spaces {
    /// Some of these; any where there are none.
    pub within: Vec<String>,
    /// None of these.
    pub closed: Vec<String>,
    /// Conditions of CQL on what is found besides.
    pub conditions: Vec<String>,
}

/// Some of the pages of a site: in a space, below a page or that page itself, with a label. All that is named has to hold.
#[derive(Debug, Clone, Copy)]
pub struct SomePages<'a> {
    pub space: Option<&'a str>,
    pub under: Option<&'a str>,
    pub label: Option<&'a str>,
}

impl SomePages<'_> {
    /// What else is found says nothing of the page that it belongs to: comments and attachments.
    const KINDS: &'static str = "type in (page, blogpost)";

    /// Of these alone.
    pub fn only(&self) -> String {
        let mut conditions = vec![Self::KINDS.to_owned()];
        conditions.extend(self.space.map(|space| format!("space in (\"{space}\")")));
        conditions.extend(self.under.map(|page| format!("(ancestor in (\"{page}\") or id in (\"{page}\"))")));
        conditions.extend(self.label.map(|label| format!("label in (\"{label}\")")));
        format!("({})", conditions.join(" and "))
    }

    /// Of none of these.
    pub fn none(&self) -> String {
        let mut others = Vec::new();
        others.extend(self.space.map(|space| format!("space not in (\"{space}\")")));
        others.extend(self.under.map(|page| format!("(ancestor not in (\"{page}\") and id not in (\"{page}\"))")));
        others.extend(self.label.map(|label| format!("label not in (\"{label}\")")));
        format!("({} and ({}))", Self::KINDS, others.join(" or "))
    }
}

/// The query that a call sends: what the caller looks for and all conditions, kept within these spaces.
///
/// # Errors
/// Where a part of it could be read in another way than it is meant.
pub fn compose<'v>(
    search: &Cql,
    value: impl Fn(&str) -> Option<Cow<'v, str>>,
    spaces: &Spaces,
) -> Result<String, Unclear> {
    let query = search.query.and_then(&value).map(|query| if is_cql(&query) { query } else { words(&query).into() });
    let mut conditions = Vec::new();
    if !search.always.is_empty() {
        conditions.push(search.always.to_owned());
    }
    for CqlCondition { before, argument } in search.conditions {
        if let Some(value) = value(argument) {
            conditions.push(format!("{before} \"{}\"", value.replace(['"', '\\'], " ")));
        }
    }
    for (operator, spaces) in [("in", &spaces.within), ("not in", &spaces.closed)] {
        if !spaces.is_empty() {
            let spaces: Vec<String> = spaces.iter().map(|space| format!("\"{space}\"")).collect();
            conditions.push(format!("space {operator} ({})", spaces.join(", ")));
        }
    }
    conditions.extend_from_slice(&spaces.conditions);
    let query = query.unwrap_or_default();
    if conditions.is_empty() {
        return Ok(query.into_owned());
    }
    let (condition, order) = split(&query)?;
    if !condition.trim().is_empty() {
        conditions.insert(0, format!("({})", condition.trim()));
    }
    let order = if order.is_empty() { search.order } else { order };
    let joined = conditions.join(" and ");
    Ok(if order.is_empty() { joined } else { format!("{joined} {order}") })
}

/// Whether somebody wrote a query: a field, and an operator after it. All else is words.
fn is_cql(query: &str) -> bool {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut kind = Sign::Space;
    for character in query.chars().chain([' ']) {
        let next = Sign::of(character);
        if next != kind && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        kind = next;
        if next != Sign::Space {
            word.extend(character.to_lowercase());
        }
    }
    let is_field = |word: &str| FIELDS.contains(&word.split('.').next().unwrap_or(word));
    let begins = words.first().is_some_and(|first| first == "order") && words.get(1).is_some_and(|by| by == "by");
    begins
        || words
            .windows(2)
            .any(|pair| matches!(pair, [field, operator] if is_field(field) && OPERATORS.contains(&operator.as_str())))
}

/// What a character is part of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Space,
    Word,
    Operator,
}

impl Sign {
    const fn of(character: char) -> Self {
        match character {
            '=' | '~' | '<' | '>' | '!' => Self::Operator,
            '(' | ')' | '"' | ',' | ' ' | '\t' | '\n' => Self::Space,
            _ => Self::Word,
        }
    }
}

/// Words as a query for texts that have them all. What means something to the search engine is taken out.
fn words(query: &str) -> String {
    let in_word = |character: char| character.is_alphanumeric() || "-_.'*?@#+".contains(character);
    let plain: String = query.chars().map(|character| if in_word(character) { character } else { ' ' }).collect();
    let words: Vec<&str> = plain.split_whitespace().collect();
    format!("text ~ \"{}\"", words.join(" "))
}

/// The condition of a query, and what orders its results.
fn split(query: &str) -> Result<(&str, &str), Unclear> {
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut order = None;
    for (index, character) in query.char_indices() {
        match character {
            '\\' => return Err(Unclear::Character(character)),
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or(Unclear::Unbalanced)?,
            _ if character.is_alphanumeric() || " =!<>~,._-+*:/@".contains(character) => {}
            _ => return Err(Unclear::Character(character)),
        }
        // Nothing that groups or quotes may come after, where the query's own parentheses are no longer around it.
        if order.is_some() && !character.is_alphanumeric() && !" ,._-".contains(character) {
            return Err(Unclear::Character(character));
        }
        if order.is_none() && depth == 0 && !is_quoted && begins_order(query, index) {
            order = Some(index);
        }
    }
    if is_quoted {
        return Err(Unclear::Unclosed);
    }
    if depth > 0 {
        return Err(Unclear::Unbalanced);
    }
    Ok(query.split_at_checked(order.unwrap_or(query.len())).unwrap_or((query, "")))
}

/// Whether the words `order by` begin there.
fn begins_order(query: &str, index: usize) -> bool {
    if !query.get(index..).is_some_and(|rest| rest.starts_with(['o', 'O'])) {
        return false;
    }
    let is_word = |character: char| character.is_alphanumeric() || "._-".contains(character);
    let (before, rest) = query.split_at_checked(index).unwrap_or((query, ""));
    let mut words = rest.split(' ').filter(|word| !word.is_empty());
    !before.ends_with(is_word)
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case("order"))
        && words.next().is_some_and(|word| word.eq_ignore_ascii_case("by"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEARCH: Cql = Cql {
        query: Some("query"),
        always: "",
        conditions: &[CqlCondition { before: "label =", argument: "label" }],
        order: "",
    };

    /// A query as it is sent where Postern is limited to some spaces.
    fn limited(query: &str) -> Result<String, Unclear> {
        composed(&[("query", query)], &["ENG", "~ann"], &[])
    }

    fn composed(given: &[(&str, &str)], within: &[&str], closed: &[&str]) -> Result<String, Unclear> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let spaces = Spaces { within: names(within), closed: names(closed), conditions: Vec::new() };
        let value = |name: &str| given.iter().find(|(given, _)| *given == name).map(|(_, value)| Cow::Borrowed(*value));
        compose(&SEARCH, value, &spaces)
    }

    #[test]
    fn words_are_looked_for_in_texts_and_a_query_is_sent_as_it_is() {
        for (query, sent) in [
            ("retry policy", "text ~ \"retry policy\""),
            ("what is the \"retry\" policy (2026)?", "text ~ \"what is the retry policy 2026 ?\""),
            ("space travel", "text ~ \"space travel\""),
            ("title", "text ~ \"title\""),
            ("größe in m", "text ~ \"größe in m\""),
            ("title ~ \"a \\\"b\\\"\"", "title ~ \"a \\\"b\\\"\""),
            ("space=ENG", "space=ENG"),
            ("(label in (a, b))", "(label in (a, b))"),
            ("space.key not in (ENG)", "space.key not in (ENG)"),
            ("order by created", "order by created"),
        ] {
            assert_eq!(composed(&[("query", query)], &[], &[]).as_deref(), Ok(sent), "{query}");
        }
    }

    #[test]
    fn conditions_join_what_is_looked_for_before_its_order() {
        for (given, sent) in [
            (vec![("query", "retry"), ("label", "adr")], "(text ~ \"retry\") and label = \"adr\""),
            (
                vec![("query", "type = page order by created"), ("label", "a\"b")],
                "(type = page) and label = \"a b\" order by created",
            ),
            (vec![("label", "adr")], "label = \"adr\""),
        ] {
            assert_eq!(composed(&given, &[], &[]).as_deref(), Ok(sent));
        }
    }

    #[test]
    fn a_search_is_limited_whatever_it_asks_for() {
        let space = "space in (\"ENG\", \"~ann\")";
        for (query, expected) in [
            ("type = page", format!("(type = page) and {space}")),
            ("type = page or space = HR", format!("(type = page or space = HR) and {space}")),
            (
                "text ~ \"a (b\" order by lastmodified desc",
                format!("(text ~ \"a (b\") and {space} order by lastmodified desc"),
            ),
            ("ORDER  BY title", format!("{space} ORDER  BY title")),
            ("title ~ \"order by\"", format!("(title ~ \"order by\") and {space}")),
            ("creator = reorder or order = 1", format!("(creator = reorder or order = 1) and {space}")),
            (
                "title ~ \"größe\" and label in (a, b-c)",
                format!("(title ~ \"größe\" and label in (a, b-c)) and {space}"),
            ),
        ] {
            assert_eq!(limited(query), Ok(expected), "{query}");
        }
    }

    #[test]
    fn a_query_that_would_get_out_is_refused() {
        for (query, problem) in [
            ("type = page) or (space = HR", Unclear::Unbalanced),
            ("type = page) or space = HR or (type = page", Unclear::Unbalanced),
            ("(type = page", Unclear::Unbalanced),
            ("text ~ \"a", Unclear::Unclosed),
            ("text ~ \"a\\\" ) or space = HR or ( text ~ \"b\"", Unclear::Character('\\')),
            ("text ~ 'a) or (space = HR or b'", Unclear::Character('\'')),
            ("text ~ \u{201c}a\u{201d}", Unclear::Character('\u{201c}')),
            ("type = page order by title) or (space = HR", Unclear::Unbalanced),
            ("type = page order by (title)", Unclear::Character('(')),
            ("type = page order by \"title\" or space = HR", Unclear::Character('"')),
            ("type = page order by title or space = HR", Unclear::Character('=')),
            ("type = page; space = HR", Unclear::Character(';')),
        ] {
            assert_eq!(limited(query), Err(problem), "{query}");
        }
    }

    /// How deep in parentheses each character is that is not between quotes; `None` where that falls below the start.
    fn depths(text: &str) -> Option<Vec<(usize, usize)>> {
        let (mut depth, mut is_quoted, mut depths) = (0_usize, false, Vec::new());
        for (index, character) in text.char_indices() {
            match character {
                '"' => is_quoted = !is_quoted,
                '(' if !is_quoted => depth += 1,
                ')' if !is_quoted => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if !is_quoted {
                depths.push((index, depth));
            }
        }
        (!is_quoted && depth == 0).then_some(depths)
    }

    #[test]
    fn a_search_leaves_out_what_is_closed() {
        let query = [("query", "type = page or space = HR order by created")];
        for (within, sent) in [
            (&[][..], "(type = page or space = HR) and space not in (\"HR\") order by created"),
            (&["ENG"], "(type = page or space = HR) and space in (\"ENG\") and space not in (\"HR\") order by created"),
        ] {
            assert_eq!(composed(&query, within, &["HR"]), Ok(sent.to_owned()));
        }
        assert!(composed(&[("query", "type = page) or (space = HR")], &[], &["HR"]).is_err());
    }

    #[test]
    fn a_search_finds_some_pages_alone_or_none_of_them() {
        let some = SomePages { space: Some("HR"), under: Some("7"), label: Some("secret") };
        let value = |_: &str| Some(Cow::Borrowed("type = comment"));
        let composed = |condition: String| {
            let search = Cql { conditions: &[], ..SEARCH };
            compose(&search, value, &Spaces { conditions: vec![condition], ..Spaces::default() }).unwrap()
        };
        assert_eq!(
            composed(some.only()),
            "(type = comment) and (type in (page, blogpost) and space in (\"HR\") and (ancestor in (\"7\") or id in \
             (\"7\")) and label in (\"secret\"))"
        );
        assert_eq!(
            composed(some.none()),
            "(type = comment) and (type in (page, blogpost) and (space not in (\"HR\") or (ancestor not in (\"7\") and \
             id not in (\"7\")) or label not in (\"secret\")))"
        );
    }

    proptest! {
        #[test]
        fn what_a_stranger_wrote_stays_within_its_parentheses(query in "[a-z=()\"'\\\\ ]{0,24}( (or|order by|OR) [a-z=()\" ]{0,12}){0,2}") {
            let query = format!("text ~ \"\" or {query}");
            let Ok(limited) = limited(&query) else { return Ok(()) };
            let depths = depths(&limited);
            prop_assert!(depths.is_some(), "{}", limited);
            // Outside of all parentheses stand our own words alone, and what orders the results.
            let outside: String = depths.unwrap().into_iter()
                .filter(|(_, depth)| *depth == 0)
                .filter_map(|(index, _)| limited[index..].chars().next())
                .collect();
            let (condition, order) = outside.split_once("space in ").unwrap();
            prop_assert!(matches!(condition, "" | ") and "), "{}", limited);
            let order = order.trim_start_matches(')').trim_start();
            prop_assert!(order.is_empty() || order.to_lowercase().starts_with("order"), "{}", limited);
        }

        #[test]
        fn no_text_breaks_it(query in "\\PC*|.*") {
            let _ = limited(&query);
        }
    }
}
