//! The query language of `q`: comparisons joined by AND and OR, with parentheses.

use std::cmp::Ordering;

use serde_json::Value;

use super::errors::Refusal;

/// A parsed `q`.
#[derive(Debug)]
pub(crate) enum Condition {
    Compare(String, String, Value),
    Both(Box<Condition>, Box<Condition>),
    Either(Box<Condition>, Box<Condition>),
}

impl Condition {
    pub(crate) fn parse(text: &str) -> Result<Self, Refusal> {
        let mut words = Words { rest: text };
        let condition = words.either();
        match (condition, words.rest.trim().is_empty()) {
            (Some(condition), true) => Ok(condition),
            _ => Err(Refusal::bad_request(&format!("Invalid query: {text}"))),
        }
    }

    /// Whether an object, as it would be answered, fits.
    pub(crate) fn fits(&self, object: &Value) -> bool {
        match self {
            Self::Both(one, other) => one.fits(object) && other.fits(object),
            Self::Either(one, other) => one.fits(object) || other.fits(object),
            Self::Compare(field, operator, operand) => {
                let pointer = format!("/{}", field.replace('.', "/"));
                // Of a list, any element will do.
                let in_list =
                    field.split_once('.').and_then(|(list, member)| Some((object.get(list)?.as_array()?, member)));
                match in_list {
                    Some((list, member)) => {
                        let pointer = format!("/{}", member.replace('.', "/"));
                        list.iter().any(|element| compare(element.pointer(&pointer), operator, operand))
                    }
                    None => compare(object.pointer(&pointer), operator, operand),
                }
            }
        }
    }
}

fn compare(found: Option<&Value>, operator: &str, operand: &Value) -> bool {
    let found = found.unwrap_or(&Value::Null);
    let text = |value: &Value| match value {
        Value::String(text) => text.to_lowercase(),
        other => other.to_string(),
    };
    let order = match (found.as_i64(), operand.as_i64()) {
        (Some(found), Some(operand)) => found.cmp(&operand),
        _ => text(found).cmp(&text(operand)),
    };
    match operator {
        "=" => order == Ordering::Equal,
        "!=" => order != Ordering::Equal,
        "~" => text(found).contains(&text(operand)),
        "!~" => !text(found).contains(&text(operand)),
        "<" => order == Ordering::Less,
        "<=" => order != Ordering::Greater,
        ">" => order == Ordering::Greater,
        _ => order != Ordering::Less,
    }
}

struct Words<'a> {
    rest: &'a str,
}

impl Words<'_> {
    fn either(&mut self) -> Option<Condition> {
        let mut condition = self.both()?;
        while self.keyword("OR") {
            condition = Condition::Either(condition.into(), self.both()?.into());
        }
        Some(condition)
    }

    fn both(&mut self) -> Option<Condition> {
        let mut condition = self.single()?;
        while self.keyword("AND") {
            condition = Condition::Both(condition.into(), self.single()?.into());
        }
        Some(condition)
    }

    fn single(&mut self) -> Option<Condition> {
        if self.sign("(") {
            let condition = self.either()?;
            return self.sign(")").then_some(condition);
        }
        let field = self.word()?;
        let operators = ["!=", "!~", ">=", "<=", "=", "~", ">", "<"];
        let operator = operators.into_iter().find(|sign| self.sign(sign))?;
        Some(Condition::Compare(field, operator.to_owned(), self.value()?))
    }

    fn value(&mut self) -> Option<Value> {
        if !self.sign("\"") {
            let word = self.word()?;
            return Some(serde_json::from_str(&word).unwrap_or(Value::String(word)));
        }
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((position, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = self.rest.get(position + 1..)?;
                    return Some(Value::String(text));
                }
                '\\' => text.push(characters.next()?.1),
                other => text.push(other),
            }
        }
        None
    }

    fn word(&mut self) -> Option<String> {
        self.rest = self.rest.trim_start();
        let in_word = |character: char| character.is_alphanumeric() || "._-:+".contains(character);
        let end = self.rest.find(|character| !in_word(character));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = self.rest.trim_start().strip_prefix(sign);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let before = self.rest;
        let found = self.word().is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        if !found {
            self.rest = before;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn conditions_are_joined_and_compared() -> Result<(), Refusal> {
        let object = json!({"state": "OPEN", "title": "Fix \"retry\"", "author": {"nickname": "dana"}, "id": 12});
        let fits = |text: &str| Condition::parse(text).map(|condition| condition.fits(&object));
        assert!(fits("state = \"OPEN\" AND (id > 100 OR title ~ \"fix \\\"RETRY\\\"\")")?);
        assert!(fits("author.nickname != \"alex\"")?);
        assert!(!fits("id < 12")?);
        assert!(fits("title ~ \"unclosed").is_err());
        assert!(fits("state = \"OPEN\" nonsense").is_err());
        Ok(())
    }
}
