//! A permission file of an agent, whichever it is: patterns of tools, and what becomes of a call that they fit.

use anyhow::{Context, Result};
use serde_json::Value;

/// What an agent does with a call, from the least to the most strict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Allow,
    Ask,
    Deny,
}

impl Verdict {
    pub(super) const ALL: [Self; 3] = [Self::Allow, Self::Ask, Self::Deny];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }

    pub(super) fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.name() == name)
    }
}

/// A tool by its name, and what is done with calls of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permission {
    pub(super) tool: String,
    pub(super) verdict: Verdict,
}

impl Permission {
    /// The names of those tools with which that is done.
    pub(super) fn names(permissions: &[Self], wanted: Verdict) -> impl Iterator<Item = &str> {
        permissions.iter().filter(move |one| one.verdict == wanted).map(|one| one.tool.as_str())
    }
}

/// Which of several entries that fit a tool counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Strictest,
    Last,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// A name of a tool as the agent has it, with `*` and `?`.
    pub(super) pattern: String,
    pub(super) verdict: Verdict,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct AgentFile {
    pub(super) entries: Vec<Entry>,
    pub(super) order: Order,
    /// What of the file is none of that, in words.
    pub(super) left: Vec<String>,
}

impl AgentFile {
    pub(super) const fn new(order: Order) -> Self {
        Self { entries: Vec::new(), order, left: Vec::new() }
    }

    pub(super) fn add(&mut self, pattern: &str, verdict: Verdict) {
        self.entries.push(Entry { pattern: pattern.to_owned(), verdict });
    }

    pub(super) fn leave(&mut self, what: String) {
        self.left.push(what);
    }

    /// The entry that decides on calls of the tool of that full name; `None` where the file says nothing of it.
    pub(super) fn decisive(&self, full_name: &str) -> Option<&Entry> {
        let mut fitting = self.entries.iter().filter(|entry| fits(&entry.pattern, full_name));
        match self.order {
            Order::Strictest => fitting.max_by_key(|entry| entry.verdict),
            Order::Last => fitting.next_back(),
        }
    }

    /// What becomes of a call of that tool, which may be called by its name or through a gate. What is said of the gate alone
    /// counts where it is stricter: the operation is the same.
    pub(super) fn verdict(&self, full_name: &str, gate: &str) -> Option<Verdict> {
        let of_gate = self.decisive(gate).filter(|entry| !fits(&entry.pattern, full_name));
        let of_both = [self.decisive(full_name), of_gate];
        of_both.into_iter().flatten().map(|entry| entry.verdict).max()
    }
}

/// Whether a name is one of those that a pattern stands for: `*` for any text, `?` for one character.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return name.is_empty() };
    let rest = pattern.get(first.len_utf8()..).unwrap_or_default();
    if first == '*' {
        let mut ends = name.char_indices().map(|(place, _)| place).chain([name.len()]);
        return ends.any(|end| fits(rest, name.get(end..).unwrap_or_default()));
    }
    let mut characters = name.chars();
    characters.next().is_some_and(|one| (first == '?' || first == one) && fits(rest, characters.as_str()))
}

/// The server's name as agents put it into the names of its tools.
pub(super) fn plain(server: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    server.chars().map(|character| if is_plain(character) { character } else { '_' }).collect()
}

/// JSON, as agents read it: with comments, and commas before a closing bracket.
pub(super) fn parse(text: &str) -> Result<Value> {
    serde_json::from_str(&without_comments(text)).context("it is no JSON")
}

fn without_comments(text: &str) -> String {
    let (mut plain, mut characters, mut is_text) = (String::new(), text.chars().peekable(), false);
    while let Some(character) = characters.next() {
        match (character, characters.peek()) {
            ('\\', Some(_)) if is_text => {
                plain.push(character);
                plain.extend(characters.next());
                continue;
            }
            ('"', _) => is_text = !is_text,
            ('/', Some('/')) if !is_text => {
                while characters.next_if(|next| *next != '\n').is_some() {}
                continue;
            }
            ('/', Some('*')) if !is_text => {
                let mut before = ' ';
                characters.next();
                for next in characters.by_ref() {
                    if (before, next) == ('*', '/') {
                        break;
                    }
                    before = next;
                }
                continue;
            }
            (']' | '}', _) if !is_text => {
                let kept = plain.trim_end().strip_suffix(',').map(str::len);
                plain.truncate(kept.unwrap_or(plain.len()));
            }
            _ => {}
        }
        plain.push(character);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pattern_fits_the_names_that_it_stands_for() {
        assert!(fits("a_*", "a_b") && fits("*", "") && fits("a?c", "abc") && fits("*b*", "abc") && fits("ü*", "üx"));
        assert!(!fits("a_*", "ab") && !fits("a", "ab") && !fits("?", "") && !fits("a*c", "ab"));
    }

    #[test]
    fn json_is_read_with_comments_and_commas_at_its_ends_and_texts_stay_as_they_are() {
        let text = "{ // one\n \"a\": \"//x /* y */ ,]\\\"\", /* two\n */ \"b\": [1, 2,\n ], }";
        assert_eq!(parse(text).expect("JSON"), json!({ "a": "//x /* y */ ,]\"", "b": [1, 2] }));
        assert!(parse("{").is_err());
    }
}
