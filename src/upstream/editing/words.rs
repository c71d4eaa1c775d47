//! The words of a part of a page as they are read, with the place of each in its bytes: marks left out, entities decoded,
//! white space collapsed, objects by their spelling.

use std::ops::Range;

use super::{
    document::{Document, Kind, is_block},
    objects::{is_object, is_setting, reading},
};
use crate::upstream::markup::decode;

/// Between blocks: no passage has it.
const BOUNDARY: char = '\n';

#[derive(Default)]
pub struct Words {
    pub text: String,
    pieces: Vec<Piece>,
}

struct Piece {
    /// Where it begins in the text, and how long it is there.
    at: usize,
    length: usize,
    span: Range<usize>,
    /// Whether the page has it byte for byte.
    is_exact: bool,
    node: usize,
}

/// A part of the text in the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    pub span: Range<usize>,
    /// The nodes that hold its first and its last byte.
    pub first: usize,
    pub last: usize,
}

impl Words {
    /// The words of what lies between `range`, of the nodes `nodes`.
    pub fn of(document: &Document<'_>, nodes: Range<usize>, range: &Range<usize>) -> Self {
        let mut words = Self::default();
        let mut blocks: Vec<usize> = Vec::new();
        let mut index = nodes.start;
        while index < nodes.end {
            let node = document.node(index);
            while blocks.last().is_some_and(|end| *end <= index) {
                blocks.pop();
                words.end_block();
            }
            if node.span.end <= range.start || node.span.start >= range.end || is_setting(node.name()) {
                index = node.next;
                continue;
            }
            if is_block(node) {
                words.end_block();
                blocks.push(node.next);
            }
            let is_plain_macro = !node.macro_name().is_empty() && document.child(index, "ac:plain-text-body").is_some();
            if is_object(document, index) && !is_plain_macro {
                let spelling =
                    reading(document.slice(node.span.clone())).split_whitespace().collect::<Vec<_>>().join(" ");
                words.push(&spelling, node.span.clone(), false, index);
                index = node.next;
                continue;
            }
            match node.kind {
                Kind::Text(text) => words.text(text, node.span.start, index, true),
                Kind::Verbatim(text) => {
                    words.text(text, node.span.start + "<![CDATA[".len(), index, false);
                }
                Kind::Element { name: "br", .. } => words.push(" ", node.span.clone(), false, index),
                _ => {}
            }
            index += 1;
        }
        words
    }

    fn end_block(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with(BOUNDARY) {
            self.text.push(BOUNDARY);
        }
    }

    fn push(&mut self, text: &str, span: Range<usize>, is_exact: bool, node: usize) {
        let is_blank = text == " ";
        if text.is_empty() || is_blank && (self.text.is_empty() || self.text.ends_with([' ', BOUNDARY])) {
            return;
        }
        if let Some(last) = self.pieces.last_mut()
            && (last.is_exact && is_exact && last.node == node)
            && (last.span.end == span.start && last.at + last.length == self.text.len())
        {
            last.length += text.len();
            last.span.end = span.end;
            self.text.push_str(text);
            return;
        }
        self.pieces.push(Piece { at: self.text.len(), length: text.len(), span, is_exact, node });
        self.text.push_str(text);
    }

    fn text(&mut self, text: &str, start: usize, node: usize, has_entities: bool) {
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let is_special = |character: char| character.is_whitespace() || has_entities && character == '&';
            let length = rest.find(is_special).unwrap_or(rest.len());
            if length > 0 {
                self.push(rest.get(..length).unwrap_or_default(), start + at..start + at + length, true, node);
                at += length;
                continue;
            }
            let (length, shown) = if rest.starts_with('&') {
                let end = rest.bytes().take(12).position(|byte| byte == b';').map_or(1, |end| end + 1);
                let entity = decode(rest.get(..end).unwrap_or("&"));
                if entity.chars().count() == 1 && end > 1 { (end, entity.into_owned()) } else { (1, "&".to_owned()) }
            } else {
                (rest.find(|character: char| !character.is_whitespace()).unwrap_or(rest.len()), " ".to_owned())
            };
            let shown = if shown.chars().all(char::is_whitespace) { " " } else { &shown };
            let is_exact = rest.get(..length) == Some(shown);
            self.push(shown, start + at..start + at + length, is_exact, node);
            at += length;
        }
    }

    /// Where among these words a text stands, each time.
    pub fn find(&self, text: &str) -> Vec<Range<usize>> {
        let sought = one_line(text);
        if sought.is_empty() {
            return Vec::new();
        }
        self.text.match_indices(&sought).map(|(at, _)| at..at + sought.len()).collect()
    }

    /// Whether there are no words outside of that part of the page.
    pub fn lie_within(&self, range: &Range<usize>) -> bool {
        self.pieces.iter().all(|piece| {
            let text = self.text.get(piece.at..piece.at + piece.length).unwrap_or_default();
            let (before, after) = match piece.is_exact {
                true => (
                    text.get(..range.start.saturating_sub(piece.span.start).min(text.len())),
                    text.get(text.len() - piece.span.end.saturating_sub(range.end).min(text.len())..),
                ),
                false if range.start <= piece.span.start && piece.span.end <= range.end => (None, None),
                false => (Some(text), None),
            };
            [before, after].into_iter().flatten().all(|outside| outside.trim().is_empty())
        })
    }

    /// Whether it stands there over several blocks.
    pub fn is_over_blocks(&self, text: &str) -> bool {
        let sought = one_line(text);
        !sought.is_empty() && self.text.replace(BOUNDARY, " ").contains(&sought)
    }

    /// Where in the page a part of these words stands.
    pub fn passage(&self, range: Range<usize>) -> Option<Passage> {
        let first = self.pieces.get(self.pieces.partition_point(|piece| piece.at + piece.length <= range.start))?;
        let last = self.pieces.get(self.pieces.partition_point(|piece| piece.at < range.end).checked_sub(1)?)?;
        let start =
            if first.is_exact { first.span.start + range.start.checked_sub(first.at)? } else { first.span.start };
        let end = if last.is_exact { last.span.start + range.end.checked_sub(last.at)? } else { last.span.end };
        (start < end).then_some(Passage { span: start..end, first: first.node, last: last.node })
    }
}

/// Without more white space than one space between words.
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
