//! Where an edit takes place: a section by its heading, a node by its name and number, a passage by its words.

use std::ops::Range;

use pulldown_cmark::{Event, Parser};

use super::{
    Refusal,
    document::{Document, Kind, Node, ROOT, heading_level},
    words::{Words, one_line},
};
use crate::untrusted;

/// How many near names are told.
const MOST_NEAR: usize = 6;
/// In characters.
const LONGEST_NAME: usize = 100;

/// A heading and what is below it, up to the next of its rank in the same element.
pub struct Section {
    pub heading: usize,
    pub level: u8,
    pub title: String,
    /// What is below the heading, in bytes.
    pub below: Range<usize>,
    /// Where the first heading below it begins, or the section ends.
    pub own_end: usize,
}

impl Section {
    fn of(document: &Document<'_>, heading: usize, level: u8) -> Self {
        let node = document.node(heading);
        let parent = document.node(node.parent);
        let (mut end, mut own_end) = (node.span.end, None);
        let mut next = node.next;
        while next < parent.next {
            let sibling = document.node(next);
            if let Some(found) = heading_level(sibling) {
                if found <= level {
                    break;
                }
                own_end = own_end.or(Some(end));
            }
            if !is_blank(sibling) {
                end = sibling.span.end;
            }
            next = sibling.next;
        }
        let title = Words::of(document, document.within(heading), &node.span).text;
        let below = node.span.end..end;
        Self { heading, level, title: title.trim().to_owned(), own_end: own_end.unwrap_or(end), below }
    }
}

fn is_blank(node: &Node<'_>) -> bool {
    matches!(node.kind, Kind::Text(text) if text.trim().is_empty())
}

/// All sections, in the order of the page.
pub fn sections(document: &Document<'_>) -> Vec<Section> {
    let headings = document.within(ROOT).filter_map(|index| Some((index, heading_level(document.node(index))?)));
    headings.map(|(index, level)| Section::of(document, index, level)).collect()
}

/// The section of that name; `Name #2` is the second of several.
///
/// # Errors
/// Where there is none, or where there are several.
pub fn section(document: &Document<'_>, name: &str) -> Result<Section, Refusal> {
    let mut sections = sections(document);
    let name = one_line(name.trim_start_matches('#'));
    let named = |wanted: &str| -> Vec<usize> {
        let by = |is: &dyn Fn(&str) -> bool| {
            sections.iter().enumerate().filter(|(_, section)| is(&section.title)).map(|(at, _)| at).collect::<Vec<_>>()
        };
        let exact = by(&|title| title == wanted);
        if exact.is_empty() { by(&|title| title.to_lowercase() == wanted.to_lowercase()) } else { exact }
    };
    let plain = plain(&name);
    let (mut found, mut number) = (named(&name), None);
    if found.is_empty() {
        found = named(&plain);
    }
    if found.is_empty()
        && let Some((before, digits)) = plain.rsplit_once(" #")
    {
        number = digits.parse::<usize>().ok();
        found = named(before);
    }
    let chosen = match (found.as_slice(), number) {
        ([], _) => return Err(Refusal::NoSection { name: label(&plain), near: near(&sections, &plain) }),
        ([one], None) => *one,
        (several, None) => return Err(Refusal::SeveralSections { name: label(&plain), count: several.len() }),
        (several, Some(number)) => match number.checked_sub(1).and_then(|index| several.get(index)) {
            Some(one) => *one,
            None => return Err(Refusal::SeveralSections { name: label(&plain), count: several.len() }),
        },
    };
    Ok(sections.swap_remove(chosen))
}

fn label(text: &str) -> String {
    untrusted::label(text, LONGEST_NAME)
}

/// The headings that share most words with a name, or the first ones.
fn near(sections: &[Section], name: &str) -> String {
    let wanted: Vec<String> = name.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let mut ranked: Vec<_> = sections
        .iter()
        .filter(|section| !section.title.is_empty())
        .map(|section| {
            let title = section.title.to_lowercase();
            (usize::MAX - wanted.iter().filter(|word| title.contains(word.as_str())).count(), &section.title)
        })
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.iter().take(MOST_NEAR).map(|(_, title)| format!("`{}`", label(title))).collect::<Vec<_>>().join(", ")
}

/// The node that an address names: `[macro: toc]`, `[macro: info #2]`, `[table 2]`. `None` where it is no address.
///
/// # Errors
/// Where there is no such node, or where there are several.
pub fn node(document: &Document<'_>, nodes: Range<usize>, address: &str) -> Result<Option<usize>, Refusal> {
    let Some(address) = address.trim().strip_prefix('[').and_then(|address| address.strip_suffix(']')) else {
        return Ok(None);
    };
    let (name, number) = match address.rsplit_once([' ', '#']) {
        Some((name, digits)) if digits.parse::<usize>().is_ok() => {
            (name.trim_end_matches(['#', ' ']), digits.parse().ok())
        }
        _ => (address, None),
    };
    let wanted = name.strip_prefix("macro: ").or_else(|| name.strip_prefix("macro:")).map(str::trim);
    if wanted.is_none() && name != "table" || wanted.is_some_and(|name| name.contains([' ', '='])) {
        return Ok(None);
    }
    let found: Vec<usize> = nodes
        .filter(|index| {
            let node = document.node(*index);
            match wanted {
                Some(name) => !name.is_empty() && node.macro_name() == name,
                None => node.name() == "table",
            }
        })
        .collect();
    match (found.as_slice(), number) {
        ([one], None) => Ok(Some(*one)),
        (all, Some(number)) if (1..=all.len()).contains(&number) => Ok(all.get(number - 1).copied()),
        (all, _) => Err(Refusal::Nodes { name: label(name), count: all.len() }),
    }
}

/// The only place among the words where a passage stands, as the page has it or as Markdown says it.
///
/// # Errors
/// Where they stand nowhere, or more than once.
pub fn passage(words: &Words, find: &str) -> Result<Range<usize>, Refusal> {
    let plain = plain(find);
    for sought in [find, &plain] {
        let mut found = words.find(sought);
        match found.len() {
            0 => {}
            1 => return found.pop().ok_or(Refusal::NoPassage),
            count => return Err(Refusal::SeveralPassages { count }),
        }
    }
    Err(if words.is_over_blocks(&plain) { Refusal::OverBlocks } else { Refusal::NoPassage })
}

/// What Markdown of one line says, without its marks.
pub fn plain(markdown: &str) -> String {
    let mut text = String::new();
    for event in Parser::new_ext(markdown, pulldown_cmark::Options::ENABLE_STRIKETHROUGH) {
        match event {
            Event::Text(part) | Event::Code(part) | Event::InlineHtml(part) | Event::Html(part) => text.push_str(&part),
            Event::SoftBreak | Event::HardBreak | Event::End(pulldown_cmark::TagEnd::Paragraph) => text.push(' '),
            _ => {}
        }
    }
    one_line(&text)
}
