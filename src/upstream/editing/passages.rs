//! Changes of a passage or a node, in the line or the blocks that it stands in.

use std::ops::Range;

use super::{
    Action, Refusal,
    anchors::{anchors, put_back},
    document::{Document, ROOT, heading_level, is_block},
    fragment::{Pool, added_text},
    merge::{is_of_words, only_element},
    objects::{is_code, objects},
    places::{self, Section},
    splice::Splice,
    words::{Passage, Words},
};
use crate::upstream::storage;

/// Changes the one passage or node in this range that `find` names.
///
/// # Errors
/// Where it is not there or not the only one, and where the new text cannot stand there.
pub fn change(
    document: &Document<'_>,
    range: &Range<usize>,
    find: &str,
    action: Action,
    text: &str,
) -> Result<Vec<Splice>, Refusal> {
    if matches!(action, Action::Append | Action::Prepend) {
        return Err(Refusal::NotWithPassage);
    }
    let in_range = |index: &usize| {
        let span = &document.node(*index).span;
        range.start <= span.start && span.end <= range.end
    };
    let all = document.within(ROOT);
    let words = Words::of(document, all.clone(), range);
    let passage = match places::passage(&words, find) {
        // Also where reading spells several nodes alike, and the address has a number.
        Err(refusal) => {
            let mut nodes = all.filter(in_range);
            let first = nodes.next().unwrap_or(ROOT);
            let last = nodes.next_back().unwrap_or(first);
            let node = places::node(document, first..last + 1, find)?.ok_or(refusal)?;
            let span = document.node(node).span.clone();
            Passage { span, first: node, last: node }
        }
        Ok(place) => {
            if action == Action::Replace
                && let Some((place, text)) = words.text.get(place.clone()).and_then(|old| narrower(&place, old, text))
                && let Some(passage) = words.passage(place).filter(|passage| !is_code(document, passage.first))
                && let Ok(splice) = Place::of(document, &passage).replace(&text)
            {
                return Ok(vec![splice]);
            }
            words.passage(place).ok_or(Refusal::NoPassage)?
        }
    };
    if is_code(document, passage.first) {
        return code(document, &passage, action, text);
    }
    let place = Place::of(document, &passage);
    Ok(match action {
        Action::InsertAfter => vec![place.insert_after(text)?],
        Action::Remove => vec![place.remove()],
        _ => vec![place.replace(text)?],
    })
}

/// Without the plain words that a passage and its new text begin and end with: marks and anchors on those stay.
fn narrower(place: &Range<usize>, old: &str, new: &str) -> Option<(Range<usize>, String)> {
    let is_plain =
        |word: &str| word.chars().all(|character| character.is_alphanumeric() || ".,;:?'\"()-".contains(character));
    let (old_words, new_words): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    if new.contains(['\n', '\t', '\r']) || new_words.contains(&"") {
        return None;
    }
    // Of each a word stays.
    let most = old_words.len().min(new_words.len()).saturating_sub(1);
    let same = |(one, other): &(&&str, &&str)| one == other && is_plain(one);
    let before = old_words.iter().zip(&new_words).take(most).take_while(same).count();
    let after = old_words.iter().rev().zip(new_words.iter().rev()).take(most - before).take_while(same).count();
    let length = |words: Option<&[&str]>| words.unwrap_or_default().iter().map(|word| word.len() + 1).sum::<usize>();
    let (begin, end) = (length(old_words.get(..before)), length(old_words.get(old_words.len() - after..)));
    let middle = new_words.get(before..new_words.len() - after)?.join(" ");
    (before + after > 0).then(|| (place.start + begin..place.end - end, middle))
}

/// Gives a section's heading other words, where they are others.
///
/// # Errors
/// Where the new heading names a macro that is not in it.
pub fn heading(document: &Document<'_>, section: &Section, line: &str) -> Result<Option<Splice>, Refusal> {
    let words = line.trim_start_matches('#').trim();
    if places::plain(words) == places::plain(&section.title) {
        return Ok(None);
    }
    let node = document.node(section.heading);
    let passage = Passage { span: node.inside.clone(), first: section.heading + 1, last: node.next - 1 };
    Place::of(document, &passage).replace(words).map(Some)
}

/// Changes text within code, which is no Markdown.
fn code(document: &Document<'_>, passage: &Passage, action: Action, text: &str) -> Result<Vec<Splice>, Refusal> {
    if passage.first != passage.last {
        return Err(Refusal::OverBlocks);
    }
    debug_assert!(is_code(document, passage.first), "only text of code is replaced as it is");
    let section = storage::verbatim(text);
    let raw = section.strip_prefix("<![CDATA[").and_then(|raw| raw.strip_suffix("]]>")).unwrap_or_default();
    let Range { start, end } = passage.span.clone();
    Ok(vec![match action {
        Action::InsertAfter => Splice::new(end..end, raw),
        _ => Splice::new(start..end, raw),
    }])
}

struct Place<'d, 'a> {
    document: &'d Document<'a>,
    passage: &'d Passage,
    /// The innermost element around it that stands on lines of its own.
    block: usize,
}

impl<'d, 'a> Place<'d, 'a> {
    fn of(document: &'d Document<'a>, passage: &'d Passage) -> Self {
        let is_whole = |index: usize| document.node(index).span == passage.span && is_block(document.node(index));
        let block = Some(passage.first)
            .filter(|first| is_whole(*first))
            .or_else(|| document.around(passage.first).find(|outer| is_block(document.node(*outer))));
        Self { document, passage, block: block.unwrap_or(ROOT) }
    }

    /// Whether the block holds nothing but the passage.
    fn is_whole(&self) -> bool {
        let words = Words::of(self.document, self.document.within(self.block), &self.document.node(self.block).span);
        self.block != ROOT && words.lie_within(&self.passage.span)
    }

    /// The tags in the passage whose counterparts lie outside of it: they stay.
    fn tags_to_keep(&self) -> String {
        let Passage { span, first, last } = self.passage;
        let document = self.document;
        let mut tags = String::new();
        for ended in document.around(*first).map(|outer| document.node(outer)) {
            if span.start < ended.span.end && ended.span.end <= span.end && ended.span.start < span.start {
                tags.push_str(document.slice(ended.inside.end..ended.span.end));
            }
        }
        let begun: Vec<_> = document.around(*last).map(|outer| document.node(outer)).collect();
        for begun in begun.into_iter().rev() {
            if span.start <= begun.span.start && begun.span.start < span.end && span.end < begun.span.end {
                tags.push_str(document.slice(begun.span.start..begun.inside.start));
            }
        }
        tags
    }

    /// The nodes that lie in the passage as wholes.
    fn nodes(&self) -> Vec<Range<usize>> {
        let Passage { span, first, last } = self.passage;
        let mut found = Vec::new();
        let mut index = *first;
        while index <= *last {
            let node = self.document.node(index);
            if span.start <= node.span.start && node.span.end <= span.end {
                found.push(index..node.next);
                index = node.next;
            } else {
                index += 1;
            }
        }
        found
    }

    fn replace(&self, text: &str) -> Result<Splice, Refusal> {
        let document = self.document;
        let (mut held, mut comments) = (Vec::new(), Vec::new());
        for nodes in self.nodes() {
            held.extend(objects(document, nodes.clone()));
            comments.extend(anchors(document, nodes));
        }
        let storage = put_back(Pool::new(held, document.source)?.write(text)?, &comments);
        let block = document.node(self.block);
        if block.span == self.passage.span {
            return Ok(Splice::new(block.span.clone(), storage));
        }
        let is_heading = heading_level(block).is_some();
        match only_element(&storage) {
            Some((name, inner)) if name == "p" || is_heading && name.starts_with('h') => {
                Ok(Splice::new(self.passage.span.clone(), format!("{inner}{}", self.tags_to_keep())))
            }
            // In an item or a cell blocks can stand.
            _ if self.is_whole() && is_of_words(block.name()) => Ok(Splice::new(block.span.clone(), storage)),
            _ if self.is_whole() => Ok(Splice::new(block.inside.clone(), storage)),
            _ => Err(Refusal::BlocksInLine),
        }
    }

    fn remove(&self) -> Splice {
        let document = self.document;
        let mut block = self.block;
        if self.is_whole() && (is_of_words(document.node(block).name()) || document.node(block).name() == "li") {
            let parent = document.node(document.node(block).parent);
            let is_alone = document.children(document.node(block).parent).count() == 1;
            if parent.name() == "li" && is_alone {
                block = document.node(block).parent;
            }
            return Splice::remove(document.node(block).span.clone());
        }
        let Range { start, mut end } = self.passage.span.clone();
        let is_space = |at: Option<usize>| at.and_then(|at| document.source.as_bytes().get(at)) == Some(&b' ');
        let tags = self.tags_to_keep();
        if tags.is_empty() && is_space(start.checked_sub(1)) && is_space(Some(end)) {
            end += 1;
        }
        Splice::new(start..end, tags)
    }

    /// Puts blocks after the one that holds the passage; items after its item.
    fn insert_after(&self, text: &str) -> Result<Splice, Refusal> {
        let document = self.document;
        let storage = added_text(text)?;
        let item = std::iter::once(self.block)
            .chain(document.around(self.block))
            .find(|outer| matches!(document.node(*outer).name(), "li" | "ac:task"));
        if let Some(item) = item
            && let Some((list, items)) = only_element(&storage)
            && document.node(document.node(item).parent).name() == list
        {
            let end = document.node(item).span.end;
            return Ok(Splice::new(end..end, items));
        }
        let block = document.node(self.block);
        let holds_blocks =
            ["li", "td", "th", "ac:task-body", "ac:rich-text-body", "ac:layout-cell", "div", "blockquote", ""];
        let at = if holds_blocks.contains(&block.name()) && block.span != self.passage.span {
            block.inside.end
        } else {
            block.span.end
        };
        Ok(Splice::new(at..at, storage))
    }
}
