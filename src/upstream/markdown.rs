//! Confluence's storage format as Markdown for reading: deterministic, and what it cannot show it names.

mod elements;
mod page;

use elements::{Content, Element, element};
use page::Page;

use super::markup::{Token, attribute, decode, tokens};

/// Elements nested deeper than this are taken as if they were not there.
const DEEPEST: usize = 200;

/// Converts a page's body. Never fails: what is malformed is taken as it can be.
pub fn from_storage(storage: &str) -> String {
    let mut page = Page::default();
    let mut open: Vec<(&str, Element)> = Vec::new();
    for token in tokens(storage) {
        match token {
            Token::Text(text) => {
                if shown(&open) {
                    page.text(&decode(text));
                }
            }
            Token::Verbatim(text) => {
                if shown(&open) {
                    page.verbatim(text);
                }
            }
            Token::Open { name, attributes, is_empty } => {
                if open.len() >= DEEPEST {
                    continue;
                }
                let element = element(name, attributes);
                if shown(&open) {
                    page.begin(&element);
                }
                if is_empty {
                    if shown(&open) {
                        page.end(element);
                    }
                } else {
                    open.push((name, element));
                }
            }
            Token::Close { name } => {
                // A stray end tag ends nothing; a missing one is made up for here.
                if !open.iter().any(|(have, _)| *have == name) {
                    continue;
                }
                while let Some((have, element)) = open.pop() {
                    if shown(&open) {
                        page.end(element);
                    }
                    if have == name {
                        break;
                    }
                }
            }
        }
    }
    while let Some((_, element)) = open.pop() {
        if shown(&open) {
            page.end(element);
        }
    }
    page.finish()
}

/// Whether nothing around hides what is inside it.
fn shown(open: &[(&str, Element)]) -> bool {
    !open.iter().any(|(_, element)| element.content == Content::Hidden)
}

/// The value of an attribute as an owned text; empty where there is none.
fn value(attributes: &str, name: &str) -> String {
    attribute(attributes, name).map(std::borrow::Cow::into_owned).unwrap_or_default()
}

#[cfg(test)]
mod tests;
