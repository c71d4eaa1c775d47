//! Edits of a page in Confluence's storage format that leave every byte outside of the edited place as it was. Pure.
//!
//! A place is a section, a passage or a node ([`places`]). What goes there is Markdown ([`fragment`]), in which blocks that
//! read as before keep their bytes ([`merge`]). The page is never written from a tree: it is changed at byte offsets
//! ([`splice`]), and what would be lost beside words is counted ([`contents`]).

mod anchors;
mod contents;
mod difference;
mod document;
mod fragment;
mod inner;
mod merge;
mod objects;
mod passages;
mod places;
mod splice;
mod words;

use std::ops::Range;

use contents::Contents;
use document::{Document, ROOT};
use fragment::added_text;
use merge::{chunks, merge};
use places::Section;
use splice::{Splice, splice};

use super::markdown;

#[cfg(any(test, feature = "fuzzing"))]
pub use contents::SORTS;
pub use fragment::new_text;

/// What to change, and how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Edit<'a> {
    /// The heading of the section.
    pub section: Option<&'a str>,
    /// The passage, or the address of a node; in the section where there is one.
    pub find: Option<&'a str>,
    pub action: Action,
    pub text: Option<&'a str>,
    /// The sorts of things that may go.
    pub losing: &'a [&'a str],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Action {
    #[default]
    Replace,
    InsertAfter,
    Append,
    Prepend,
    Remove,
}

impl Action {
    /// The action of that name, as the language of operations has it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "replace" => Self::Replace,
            "insert_after" => Self::InsertAfter,
            "append" => Self::Append,
            "prepend" => Self::Prepend,
            "remove" => Self::Remove,
            _ => return None,
        })
    }
}

/// A page after an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub storage: String,
    /// Of the Markdown of both, line by line.
    pub difference: String,
    /// What there is beside words, before and after.
    pub counts: String,
}

/// Why a page is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("the page is too large or too deep to be edited here")]
    TooLarge,
    #[error("the page is not well-formed at byte {at}: {what}; edit it where it is")]
    Malformed { what: &'static str, at: usize },
    #[error("what is to be replaced holds too many macros, links and images: edit a smaller part")]
    TooMany,
    #[error("no heading is `{name}`. {}", if near.is_empty() { "The page has none: name a passage with `find`.".to_owned() } else { format!("Near: {near}.") })]
    NoSection { name: String, near: String },
    #[error("{count} headings are `{name}`: name one by its number, `{name} #1` to `{name} #{count}`")]
    SeveralSections { name: String, count: usize },
    #[error("`find` is not there. Copy it from the page as reading shows it, or name a section.")]
    NoPassage,
    #[error("`find` is there {count} times: copy more words around it, or name the section too")]
    SeveralPassages { count: usize },
    #[error("`find` reaches over several paragraphs, items or cells: name one passage in each, or the section")]
    OverBlocks,
    #[error("there are {count} of `[{name}]`{}", if *count > 1 { format!(": name one by its number, `[{name} #1]` to `[{name} #{count}]`") } else { " here".to_owned() })]
    Nodes { name: String, count: usize },
    #[error(
        "`text` has several blocks, and `find` is within a paragraph: name the whole paragraph, or use insert_after"
    )]
    BlocksInLine,
    #[error("say with `section` or `find` what to {0}; the whole page is replaced by another tool")]
    NoPlace(&'static str),
    #[error("`append` and `prepend` go with a section or with the whole page, not with `find`")]
    NotWithPassage,
    #[error("`text` says what to write: it is missing")]
    NoText,
    #[error("{0} stands for nothing in the part that is replaced: placeholders only keep what is there")]
    UnknownPlaceholder(String),
    #[error(
        "this would lose {lost}. Keep the placeholders that reading shows, or call again with `losing` \"{losing}\""
    )]
    Loses { lost: String, losing: String },
    #[error("this changes nothing")]
    Same,
}

/// The page with one place changed.
///
/// # Errors
/// Where the place is not there or not the only one, where more would be lost than was named, and where the page is not
/// well-formed.
pub fn edit(storage: &str, edit: &Edit<'_>) -> Result<Edited, Refusal> {
    let document = Document::read(storage)?;
    let text = match (edit.action, edit.text) {
        (Action::Remove, _) => "",
        (_, Some(text)) => text,
        (_, None) => return Err(Refusal::NoText),
    };
    let section = edit.section.map(|name| places::section(&document, name)).transpose()?;
    let splices = match (&section, edit.find) {
        (Some(section), None) => of_section(&document, section, edit.action, text)?,
        (section, Some(find)) => {
            let range = section
                .as_ref()
                .map_or(0..storage.len(), |section| document.node(section.heading).span.start..section.below.end);
            passages::change(&document, &range, find, edit.action, text)?
        }
        (None, None) => of_page(&document, edit.action, text)?,
    };
    finish(&document, splices, edit.losing)
}

/// The page with this Markdown for all that it says.
///
/// # Errors
/// As [`edit`].
pub fn rewrite(storage: &str, markdown: &str, losing: &[&str]) -> Result<Edited, Refusal> {
    let document = Document::read(storage)?;
    let blocks: Vec<_> = document.children(ROOT).collect();
    let splices = merge(&document, &blocks, 0, markdown)?;
    finish(&document, splices, losing)
}

/// The difference of two bodies, line by line of their Markdown.
pub fn difference(before: &str, after: &str) -> String {
    difference::unified(&markdown::from_storage(before).markdown, &markdown::from_storage(after).markdown)
}

/// The changed page, if it is well-formed and has all that may not go.
fn finish(document: &Document<'_>, splices: Vec<Splice>, losing: &[&str]) -> Result<Edited, Refusal> {
    let storage = splice(document.source, splices);
    if storage == document.source {
        return Err(Refusal::Same);
    }
    let after = Document::read(&storage)?;
    let (before, after) = (Contents::of(document), Contents::of(&after));
    before.check(&after, losing)?;
    Ok(Edited { difference: difference(document.source, &storage), counts: before.told(&after), storage })
}

fn of_section(document: &Document<'_>, section: &Section, action: Action, text: &str) -> Result<Vec<Splice>, Refusal> {
    let heading = document.node(section.heading);
    let insert = |at: usize| Ok(vec![Splice::new(at..at, added_text(text)?)]);
    match action {
        Action::Remove => Ok(vec![Splice::remove(heading.span.start..section.below.end)]),
        Action::InsertAfter => insert(section.below.end),
        Action::Append => insert(section.own_end),
        Action::Prepend => insert(section.below.start),
        Action::Replace => {
            let mut splices = Vec::new();
            let below = match own_heading(section, text) {
                Some((line, below)) => {
                    let change = passages::heading(document, section, line)?;
                    splices.extend(change);
                    below
                }
                None => text,
            };
            let siblings = between(document, heading.parent, &section.below);
            splices.extend(merge(document, &siblings, section.below.start, below)?);
            Ok(splices)
        }
    }
}

/// The heading that a new text begins with, where that is the section's own, and what is below it.
fn own_heading<'t>(section: &Section, text: &'t str) -> Option<(&'t str, &'t str)> {
    let first = chunks(text).into_iter().next()?;
    let line = text.get(first.clone())?.trim();
    let marks = line.bytes().take_while(|byte| *byte == b'#').count();
    (marks == usize::from(section.level)).then(|| (line, text.get(first.end..).unwrap_or_default()))
}

/// The children of an element that lie in a range.
fn between(document: &Document<'_>, parent: usize, range: &Range<usize>) -> Vec<usize> {
    let lies_in = |child: &usize| {
        let span = &document.node(*child).span;
        range.start <= span.start && span.end <= range.end
    };
    document.children(parent).filter(lies_in).collect()
}

/// Adds to the page as a whole: in its first or last column, where it has any.
fn of_page(document: &Document<'_>, action: Action, text: &str) -> Result<Vec<Splice>, Refusal> {
    let is_first = match action {
        Action::Append => false,
        Action::Prepend => true,
        Action::Replace | Action::InsertAfter => return Err(Refusal::NoPlace("replace")),
        Action::Remove => return Err(Refusal::NoPlace("remove")),
    };
    let mut place = ROOT;
    while let Some(inner) = {
        let mut layouts =
            document.children(place).filter(|child| document.node(*child).name().starts_with("ac:layout"));
        if is_first { layouts.next() } else { layouts.last() }
    } {
        place = inner;
    }
    let inside = &document.node(place).inside;
    let at = if is_first { inside.start } else { inside.end };
    Ok(vec![Splice::new(at..at, added_text(text)?)])
}

/// Panics where an edit of a page breaks a promise: it is refused, or the page is well-formed, no longer than what it is made
/// of can be, and the same outside of the section.
#[cfg(feature = "fuzzing")]
pub fn check_edit(storage: &str, edit: &Edit<'_>) {
    let Ok(edited) = self::edit(storage, edit) else { return };
    assert!(Document::read(&edited.storage).is_ok());
    // The mark of an item is a byte, and its elements are a hundred.
    assert!(edited.storage.len() <= storage.len() + 200 * edit.text.map_or(0, str::len) + 1_000);
    let section = Document::read(storage).ok().and_then(|document| {
        let section = places::section(&document, edit.section?).ok()?;
        Some((document.node(section.heading).span.start, section.below.end))
    });
    if let Some((start, end)) = section {
        let (before, after) = (storage.get(..start).unwrap_or_default(), storage.get(end..).unwrap_or_default());
        assert!(edited.storage.starts_with(before) && edited.storage.ends_with(after));
    }
}

#[cfg(test)]
mod tests;
