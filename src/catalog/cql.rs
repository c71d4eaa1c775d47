//! Limits a search in Confluence's query language (CQL) to some spaces, so that no query leads out of them. Pure.

/// Why a query cannot be limited for certain, in words that tell a model what to send instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("`cql` has a parenthesis without its other half: close each that is opened.")]
    Unbalanced,
    #[error("`cql` has a double quote that is not closed.")]
    Unclosed,
    #[error(
        "`cql` holds `{0}`, which cannot be part of a search that is limited to some spaces. Put values in double \
         quotes, without quotes or backslashes in them."
    )]
    Character(char),
}

/// The query, limited to these spaces. What orders the results stays at its end.
///
/// The query is put in parentheses, so it has to have none that would close them. Nobody outside knows each rule by
/// which Confluence reads quotes and escapes, so whatever could be read in two ways is refused: a backslash anywhere,
/// and outside of double quotes all but names, numbers and operators.
///
/// # Errors
/// Where a query could be read in another way.
pub fn within(query: &str, spaces: &[String]) -> Result<String, Unclear> {
    let (condition, order) = split(query)?;
    let spaces: Vec<String> = spaces.iter().map(|space| format!("\"{space}\"")).collect();
    let limited = format!("space in ({})", spaces.join(", "));
    let limited = if condition.trim().is_empty() { limited } else { format!("({}) and {limited}", condition.trim()) };
    Ok(if order.is_empty() { limited } else { format!("{limited} {order}") })
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

    fn limited(query: &str) -> Result<String, Unclear> {
        within(query, &["ENG".to_owned(), "~ann".to_owned()])
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

    proptest! {
        #[test]
        fn what_a_stranger_wrote_stays_within_its_parentheses(query in "[a-z=()\"'\\\\ ]{0,24}( (or|order by|OR) [a-z=()\" ]{0,12}){0,2}") {
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
