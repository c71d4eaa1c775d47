//! Anchors of inline comments: Markdown does not show them, so they are put back around the words that they were on.

use std::ops::Range;

use super::{
    document::{Document, ROOT},
    objects::is_object,
    splice::{Splice, splice},
    words::Words,
};

/// How many anchors of one place are put back: each is looked for in the whole new text.
const MOST: usize = 200;

/// An anchor that is in a text to be replaced.
pub struct Anchor<'a> {
    open: &'a str,
    close: &'a str,
    words: String,
}

/// The anchors among these nodes that lie in no object.
pub fn anchors<'a>(document: &Document<'a>, nodes: Range<usize>) -> Vec<Anchor<'a>> {
    let mut found = Vec::new();
    let mut index = nodes.start;
    while index < nodes.end {
        let node = document.node(index);
        if is_object(document, index) {
            index = node.next;
            continue;
        }
        if node.name() == "ac:inline-comment-marker" && found.len() < MOST {
            found.push(Anchor {
                open: document.slice(node.span.start..node.inside.start),
                close: document.slice(node.inside.end..node.span.end),
                words: Words::of(document, document.within(index), &node.span).text,
            });
        }
        index += 1;
    }
    found
}

/// The new text with each anchor around its words, where they stand in it once and in one element.
pub fn put_back(fragment: String, anchors: &[Anchor<'_>]) -> String {
    if anchors.is_empty() {
        return fragment;
    }
    let Ok(document) = Document::read(&fragment) else { return fragment };
    let words = Words::of(&document, document.within(ROOT), &(0..fragment.len()));
    let mut wraps: Vec<(Range<usize>, &Anchor<'_>)> = Vec::new();
    for anchor in anchors {
        let mut found = words.find(&anchor.words);
        let only = found.pop().filter(|_| found.is_empty());
        let Some(passage) = only.and_then(|found| words.passage(found)) else { continue };
        let is_within_one = document.node(passage.first).parent == document.node(passage.last).parent;
        let is_free = wraps.iter().all(|(span, _)| span.end <= passage.span.start || passage.span.end <= span.start);
        if is_within_one && is_free {
            wraps.push((passage.span, anchor));
        }
    }
    let splices = wraps
        .into_iter()
        .flat_map(|(span, anchor)| {
            [(span.start, anchor.open), (span.end, anchor.close)]
                .map(|(at, tag)| Splice { range: at..at, with: tag.to_owned() })
        })
        .collect();
    splice(&fragment, splices)
}
