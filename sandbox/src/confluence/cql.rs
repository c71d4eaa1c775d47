//! CQL, as far as a search needs it: comparisons joined by AND, OR and NOT, with parentheses and an
//! ORDER BY that is read and left aside.

use super::library::{Library, Page};

/// A parsed query.
#[derive(Debug)]
pub(crate) enum Condition {
    Compare(String, Operator, Vec<String>),
    Not(Box<Condition>),
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Equals,
    Differs,
    Contains,
    Lacks,
    In,
    NotIn,
    AtLeast,
    AtMost,
}

const FIELDS: [&str; 12] = [
    "ancestor",
    "text",
    "title",
    "sitesearch",
    "space",
    "space.key",
    "type",
    "label",
    "id",
    "lastmodified",
    "created",
    "creator",
];

/// Why a query cannot be read, in Confluence's words.
#[derive(Debug)]
pub(crate) struct Malformed(pub(crate) String);

impl Condition {
    pub(crate) fn parse(cql: &str) -> Result<Self, Malformed> {
        let malformed = |reason: &str| Malformed(format!("Could not parse cql : {cql} ({reason})"));
        let words = split(cql).ok_or_else(|| malformed("unclosed string"))?;
        let mut reader = Reader { words, next: 0 };
        let condition = reader.either().map_err(|reason| malformed(&reason))?;
        if reader.keyword("ORDER") {
            while reader.take().is_some() {}
        }
        match reader.take() {
            None => Ok(condition),
            Some(word) => Err(malformed(&format!("unexpected {}", word.text))),
        }
    }

    pub(crate) fn fits(&self, page: &Page, library: &Library) -> bool {
        match self {
            Self::Not(condition) => !condition.fits(page, library),
            Self::Both(one, other) => one.fits(page, library) && other.fits(page, library),
            Self::Either(one, other) => one.fits(page, library) || other.fits(page, library),
            Self::Compare(field, operator, operand) => compare(page, library, field, *operator, operand),
        }
    }

    /// The words that `text ~` and `title ~` look for, to be highlighted.
    pub(crate) fn sought(&self) -> Vec<String> {
        match self {
            Self::Not(_) => Vec::new(),
            Self::Both(one, other) | Self::Either(one, other) => {
                let mut sought = one.sought();
                sought.extend(other.sought());
                sought
            }
            Self::Compare(_, Operator::Contains, operand) => operand.iter().flat_map(|text| terms(text)).collect(),
            Self::Compare(..) => Vec::new(),
        }
    }
}

/// The words of a search text, without its quotes and wildcards.
fn terms(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(['"', '*', '?']).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn compare(page: &Page, library: &Library, field: &str, operator: Operator, wanted: &[String]) -> bool {
    let time = || crate::clock::confluence_time(page.updated);
    let found: Vec<String> = match field {
        "text" | "sitesearch" => vec![page.title.clone(), page.body.plain()],
        "title" => vec![page.title.clone()],
        "space" | "space.key" => vec![page.space.to_owned()],
        "type" => vec!["page".to_owned()],
        "id" => vec![page.id.clone()],
        "ancestor" => library.above(page).map(|page| page.id.clone()).collect(),
        "label" => page.labels.clone(),
        "creator" => vec![page.author.to_owned()],
        _ => vec![time()],
    };
    let found: Vec<String> = found.iter().map(|text| text.to_lowercase()).collect();
    let is = |wanted: &String| found.contains(&wanted.to_lowercase());
    let has = |wanted: &String| {
        let all = found.join(" ");
        terms(wanted).iter().all(|term| all.contains(term))
    };
    let time_order = |at_least: bool| {
        let limit = wanted.first().map(String::as_str).unwrap_or_default();
        let time = found.first().map(String::as_str).unwrap_or_default();
        if at_least { time >= limit } else { time <= limit }
    };
    match operator {
        Operator::Equals | Operator::In => wanted.iter().any(is),
        Operator::Differs | Operator::NotIn => !wanted.iter().any(is),
        Operator::Contains => wanted.iter().any(has),
        Operator::Lacks => !wanted.iter().any(has),
        Operator::AtLeast => time_order(true),
        Operator::AtMost => time_order(false),
    }
}

#[derive(Clone, Debug)]
struct Word {
    text: String,
    quoted: bool,
}

/// Words, strings and signs; none when a string has no end.
fn split(cql: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut characters = cql.chars().peekable();
    while let Some(character) = characters.next() {
        let mut text = String::new();
        match character {
            ' ' | '\t' | '\n' | '\r' => continue,
            '"' | '\'' => {
                loop {
                    match characters.next()? {
                        '\\' => text.push(characters.next()?),
                        end if end == character => break,
                        other => text.push(other),
                    }
                }
                words.push(Word { text, quoted: true });
                continue;
            }
            '(' | ')' | ',' => text.push(character),
            '!' | '<' | '>' | '=' | '~' => {
                text.push(character);
                text.extend(characters.next_if(|next| matches!(next, '=' | '~')));
            }
            _ => {
                text.push(character);
                let in_word = |next: &char| !next.is_whitespace() && !"\"'(),!<>=~".contains(*next);
                while let Some(next) = characters.next_if(in_word) {
                    text.push(next);
                }
            }
        }
        words.push(Word { text, quoted: false });
    }
    Some(words)
}

struct Reader {
    words: Vec<Word>,
    next: usize,
}

impl Reader {
    fn either(&mut self) -> Result<Condition, String> {
        let mut condition = self.both()?;
        while self.keyword("OR") {
            condition = Condition::Either(condition.into(), self.both()?.into());
        }
        Ok(condition)
    }

    fn both(&mut self) -> Result<Condition, String> {
        let mut condition = self.single()?;
        while self.keyword("AND") {
            condition = Condition::Both(condition.into(), self.single()?.into());
        }
        Ok(condition)
    }

    fn single(&mut self) -> Result<Condition, String> {
        if self.keyword("NOT") {
            return Ok(Condition::Not(self.single()?.into()));
        }
        if self.keyword("(") {
            let condition = self.either()?;
            return if self.keyword(")") { Ok(condition) } else { Err("expected )".to_owned()) };
        }
        let field = self.take().ok_or("unexpected end")?.text.to_lowercase();
        if !FIELDS.contains(&field.as_str()) {
            return Err(format!("field '{field}' does not exist"));
        }
        let operator = self.operator(&field)?;
        let operand = self.values(operator)?;
        let texts = ["text", "title", "sitesearch"];
        if operator == Operator::Contains && !texts.contains(&field.as_str()) {
            return Err(format!("operator ~ is not supported by field '{field}'"));
        }
        Ok(Condition::Compare(field, operator, operand))
    }

    fn operator(&mut self, field: &str) -> Result<Operator, String> {
        let word = self.take().ok_or("unexpected end")?;
        Ok(match word.text.to_uppercase().as_str() {
            "=" => Operator::Equals,
            "!=" => Operator::Differs,
            "~" => Operator::Contains,
            "!~" => Operator::Lacks,
            ">" | ">=" => Operator::AtLeast,
            "<" | "<=" => Operator::AtMost,
            "IN" => Operator::In,
            "NOT" if self.keyword("IN") => Operator::NotIn,
            other => return Err(format!("expected an operator after {field}, found {other}")),
        })
    }

    fn values(&mut self, operator: Operator) -> Result<Vec<String>, String> {
        let value = |word: Option<Word>| match word {
            Some(word) if word.quoted || !"(),=~!<>".contains(&word.text) => Ok(word.text),
            Some(word) => Err(format!("expected a value, found {}", word.text)),
            None => Err("unexpected end".to_owned()),
        };
        if !matches!(operator, Operator::In | Operator::NotIn) {
            return Ok(vec![value(self.take())?]);
        }
        if !self.keyword("(") {
            return Err("expected (".to_owned());
        }
        let mut values = vec![value(self.take())?];
        while self.keyword(",") {
            values.push(value(self.take())?);
        }
        if self.keyword(")") { Ok(values) } else { Err("expected )".to_owned()) }
    }

    fn take(&mut self) -> Option<Word> {
        let word = self.words.get(self.next).cloned();
        self.next += 1;
        word
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found =
            self.words.get(self.next).is_some_and(|word| !word.quoted && word.text.eq_ignore_ascii_case(keyword));
        self.next += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(cql: &str) -> Result<Vec<String>, Malformed> {
        let condition = Condition::parse(cql)?;
        let library = Library::create("");
        let fitting = library.pages.iter().filter(|page| condition.fits(page, &library));
        Ok(fitting.map(|page| page.title.clone()).collect())
    }

    #[test]
    fn conditions_find_pages() -> Result<(), Malformed> {
        let found = titles("text ~ \"retry\" AND space = OPS AND type = page")?;
        assert_eq!(found, ["Runbook: the store is down"]);
        let found = titles("title ~ 'policy' and space in (\"ENG\", OPS) order by lastmodified desc")?;
        assert_eq!(found, ["Retry policy"]);
        assert_eq!(titles("label = policy AND NOT space = OPS")?, ["Retry policy"]);
        assert_eq!(titles("type = blogpost")?, Vec::<String>::new());
        Ok(())
    }

    #[test]
    fn malformed_queries_are_refused() {
        for cql in ["", "text ~", "text ~ \"open", "nonsense = 1", "space ENG", "title ~ a b", "(space = ENG"] {
            assert!(Condition::parse(cql).is_err(), "{cql} was accepted");
        }
    }
}
