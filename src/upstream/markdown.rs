//! Confluence's storage format as Markdown for reading: deterministic, and what it cannot show it names.
//!
//! Left out without a word are identifiers that only Confluence reads (of tasks, macros and nodes) and what says how
//! something looks: styles but for struck and underlined text, widths, colours, themes, layouts.

mod adf;
mod blocks;
mod budget;
mod elements;
mod links;
mod macros;
mod page;
mod table;
mod writer;

use budget::Budget;
use elements::{Element, element};
use page::{Inside, Page};

use super::markup::{Token, attribute, decode, tokens};

/// Elements nested deeper than this are taken as if they were not there; what they hold is shown.
const DEEPEST: usize = 200;

/// What became of a page.
pub struct Converted {
    pub markdown: String,
    /// Whether the page goes on where the Markdown ends: it would have cost more than its budget.
    pub is_cut: bool,
}

/// Converts a page's body. Never fails: what is malformed is taken as it can be. Takes time and memory in proportion
/// to what it reads, and ends where [`Budget::PAGE`] does.
pub fn from_storage(storage: &str) -> Converted {
    convert(storage, Budget::PAGE)
}

fn convert(storage: &str, budget: Budget) -> Converted {
    let mut page = Page::default();
    let mut open = Open::default();
    let mut tokens = tokens(storage);
    let mut is_over = false;
    while !is_over && let Some(token) = tokens.next() {
        match token {
            Token::Text(text) => {
                if open.is_shown() {
                    page.text(&decode(text));
                }
            }
            Token::Verbatim(text) => {
                if open.is_shown() {
                    page.text(text);
                }
            }
            Token::Open { name, attributes, is_empty } => {
                open.begin(&mut page, name, attributes);
                if is_empty {
                    open.end_innermost(&mut page);
                }
            }
            Token::Close { name } => open.end(&mut page, name),
            Token::Aside => {}
        }
        let read = storage.len() - tokens.left();
        is_over = page.spent() + open.searched + read > budget.steps || page.written() > budget.output;
    }
    let mut is_cut = is_over && tokens.left() > 0;
    while !open.elements.is_empty() {
        open.end_innermost(&mut page);
    }
    let mut markdown = page.finish();
    if markdown.len() > budget.output {
        markdown.truncate(markdown.floor_char_boundary(budget.output));
        is_cut = true;
    }
    Converted { markdown, is_cut }
}

/// The elements that are open.
#[derive(Default)]
struct Open<'a> {
    elements: Vec<(&'a str, Element)>,
    /// How many of them there were when one began that hides what is inside it.
    hidden_from: Option<usize>,
    /// How many elements too deep to be kept are open.
    too_deep: usize,
    /// Steps taken to find what an end tag ends.
    searched: usize,
}

impl<'a> Open<'a> {
    const fn is_shown(&self) -> bool {
        self.hidden_from.is_none()
    }

    fn begin(&mut self, page: &mut Page, name: &'a str, attributes: &str) {
        if self.elements.len() >= DEEPEST {
            self.too_deep += 1;
            return;
        }
        if self.is_shown() {
            let element = element(name, attributes);
            if page.begin(&element) == Inside::Hidden {
                self.hidden_from = Some(self.elements.len());
            }
            self.elements.push((name, element));
        } else {
            self.elements.push((name, Element::Nothing));
        }
    }

    /// A stray end tag ends nothing; a missing one is made up for.
    fn end(&mut self, page: &mut Page, name: &str) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let above = self.elements.iter().rev().position(|(open, _)| *open == name);
        self.searched += above.unwrap_or(self.elements.len());
        for _ in 0..above.map_or(0, |above| above + 1) {
            self.end_innermost(page);
        }
    }

    fn end_innermost(&mut self, page: &mut Page) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        let Some((_, element)) = self.elements.pop() else { return };
        if self.hidden_from == Some(self.elements.len()) {
            self.hidden_from = None;
        }
        if self.is_shown() {
            page.end(element);
        }
    }
}

/// The value of an attribute on one line; empty where there is none.
fn value(attributes: &str, name: &str) -> String {
    let value = attribute(attributes, name).unwrap_or_default();
    if value.contains(char::is_control) { value.split_whitespace().collect::<Vec<_>>().join(" ") } else { value.into() }
}

/// Panics where a page costs more than it may. What is merged is repeated, so a page with merged cells has only the budget.
#[cfg(feature = "fuzzing")]
pub fn check_costs(storage: &str) {
    assert!(from_storage(storage).markdown.len() <= Budget::PAGE.output);
    let steps = budget::STEPS_A_BYTE * storage.len() + 1_000;
    let page = convert(storage, Budget { output: usize::MAX, steps });
    assert!(!page.is_cut || storage.contains("span"), "more than {steps} steps");
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod worst;
