//! A part of a page and the Markdown that it is to be: blocks that read the same keep their bytes, the others are written
//! anew, with the objects and anchors that they held. In layouts, macros, lists and tables this goes on below.

use std::{collections::HashSet, ops::Range};

use pulldown_cmark::{Event, Options, Parser};

use super::{
    Refusal,
    anchors::{anchors, put_back},
    difference::common,
    document::{Document, ROOT, is_block},
    fragment::{Pool, added_text},
    objects::{objects, reading},
    splice::Splice,
};

/// Lists in lists in panels.
const DEEPEST: usize = 12;
/// How often blocks are compared anew because a macro around some of them has changed.
const MOST_ROUNDS: usize = 4;

/// A part of the page that is kept or written anew as a whole.
pub(super) struct Leaf {
    pub span: Range<usize>,
    pub nodes: Range<usize>,
    /// What Markdown shows of it.
    pub reading: String,
    /// It is the beginning of this macro, whose body is read on: it can only be kept.
    head_of: Option<usize>,
}

pub(super) struct Merge<'d, 'a> {
    pub document: &'d Document<'a>,
    pub splices: Vec<Splice>,
    deep: usize,
}

/// The changes by which what these siblings hold becomes what the Markdown says. `at` is where text goes where there is none.
///
/// # Errors
/// Where the Markdown names a macro that is not there.
pub fn merge(document: &Document<'_>, siblings: &[usize], at: usize, markdown: &str) -> Result<Vec<Splice>, Refusal> {
    let mut merge = Merge { document, splices: Vec::new(), deep: 0 };
    merge.blocks(siblings, at, markdown)?;
    Ok(merge.splices)
}

impl Merge<'_, '_> {
    pub(super) fn blocks(&mut self, siblings: &[usize], at: usize, markdown: &str) -> Result<(), Refusal> {
        self.deep += 1;
        let new = chunks(markdown);
        let new_keys: Vec<String> =
            new.iter().map(|range| key(markdown.get(range.clone()).unwrap_or_default())).collect();
        // The macros that are compared as a whole; all of them, where this has gone on for too long.
        let mut opaque = Some(HashSet::new());
        let mut rounds = 0;
        loop {
            let mut leaves = Vec::new();
            self.leaves(siblings, opaque.as_ref(), &mut leaves);
            let kept = kept(&leaves, &new_keys);
            let lost: Vec<usize> = leaves
                .iter()
                .zip(&kept)
                .filter(|(_, kept)| kept.is_none())
                .filter_map(|(leaf, _)| leaf.head_of)
                .collect();
            if !lost.is_empty() {
                rounds += 1;
                opaque = opaque.filter(|_| rounds < MOST_ROUNDS);
                opaque.iter_mut().for_each(|opaque| opaque.extend(&lost));
                continue;
            }
            self.align(&leaves, &kept, &new, markdown, at)?;
            break;
        }
        self.deep -= 1;
        Ok(())
    }

    /// The parts that siblings consist of.
    fn leaves(&self, siblings: &[usize], opaque: Option<&HashSet<usize>>, leaves: &mut Vec<Leaf>) {
        let document = self.document;
        let mut run: Option<(usize, usize)> = None;
        for index in siblings.iter().copied().map(Some).chain([None]) {
            if let Some(index) = index.filter(|index| !is_block(document.node(*index))) {
                run = Some((run.map_or(index, |(first, _)| first), index));
                continue;
            }
            if let Some((first, last)) = run.take() {
                let last = document.node(last);
                leaves.push(self.leaf(document.node(first).span.start..last.span.end, first..last.next));
            }
            let Some(index) = index else { break };
            let node = document.node(index);
            let children = |index| document.children(index).collect::<Vec<_>>();
            if matches!(node.name(), "ac:layout" | "ac:layout-section" | "ac:layout-cell") {
                self.leaves(&children(index), opaque, leaves);
                continue;
            }
            let body = Some(index)
                .filter(|index| !node.macro_name().is_empty() && opaque.is_some_and(|opaque| !opaque.contains(index)));
            let body = body.and_then(|index| document.child(index, "ac:rich-text-body"));
            if let Some(body) = body {
                let start = node.span.start..document.node(body).inside.start;
                let head = reading(document.slice(start.clone()));
                // Panels are quotes, which are compared as a whole.
                if !head.starts_with('>') {
                    leaves.push(Leaf { span: start, nodes: index..index, reading: head, head_of: Some(index) });
                    self.leaves(&children(body), opaque, leaves);
                    continue;
                }
            }
            leaves.push(self.leaf(node.span.clone(), index..node.next));
        }
    }

    fn leaf(&self, span: Range<usize>, nodes: Range<usize>) -> Leaf {
        Leaf { reading: reading(self.document.slice(span.clone())), span, nodes, head_of: None }
    }

    /// Keeps what is kept, and writes anew what is between.
    fn align(
        &mut self,
        leaves: &[Leaf],
        kept: &[Option<Range<usize>>],
        new: &[Range<usize>],
        markdown: &str,
        at: usize,
    ) -> Result<(), Refusal> {
        let mut at = leaves.first().map_or(at, |leaf| leaf.span.start);
        let mut changed = Vec::new();
        let mut done = 0;
        for (leaf, kept) in leaves.iter().zip(kept) {
            match kept {
                // Nothing that reading shows.
                Some(kept) if kept.is_empty() => {}
                Some(kept) => {
                    let before = new.get(done..kept.start).unwrap_or_default();
                    self.pair(&changed, before, markdown, at)?;
                    changed.clear();
                    (done, at) = (kept.end, leaf.span.end);
                }
                None => changed.push(leaf),
            }
        }
        self.pair(&changed, new.get(done..).unwrap_or_default(), markdown, at)
    }

    /// Finds for what has an inside of its own what it has become, and changes that inside.
    fn pair(&mut self, old: &[&Leaf], new: &[Range<usize>], markdown: &str, mut at: usize) -> Result<(), Refusal> {
        let (mut first_old, mut first_new) = (0, 0);
        let mut index = 0;
        while let Some(range) = new.get(index).filter(|_| self.deep < DEEPEST) {
            let chunk = markdown.get(range.clone()).unwrap_or_default();
            let found = old
                .iter()
                .enumerate()
                .skip(first_old)
                .find_map(|(place, leaf)| self.inside(leaf, chunk).map(|changed| (place, leaf, changed)));
            if let Some((place, leaf, splices)) = found {
                let splices = splices?;
                let between = (old.get(first_old..place).unwrap_or_default(), new.get(first_new..index));
                self.replace(between.0, between.1.unwrap_or_default(), markdown, at)?;
                self.splices.extend(splices);
                (first_old, first_new, at) = (place + 1, index + 1, leaf.span.end);
            }
            index += 1;
        }
        let rest = (old.get(first_old..).unwrap_or_default(), new.get(first_new..).unwrap_or_default());
        self.replace(rest.0, rest.1, markdown, at)
    }

    /// The changes within a panel, a list or a table that has become this Markdown; `None` where it is not the same one.
    fn inside(&self, leaf: &Leaf, chunk: &str) -> Option<Result<Vec<Splice>, Refusal>> {
        let document = self.document;
        let mut merge = Merge { document, splices: Vec::new(), deep: self.deep };
        let node = document.node(leaf.nodes.start);
        let result = match node.name() {
            "ul" | "ol" | "ac:task-list" => merge.list(leaf, chunk)?,
            "table" => merge.table(leaf, chunk)?,
            "ac:structured-macro" => {
                let body = document.child(leaf.nodes.start, "ac:rich-text-body")?;
                let (head, inside) = split_quote(chunk)?;
                if split_quote(&leaf.reading)?.0 != head {
                    return None;
                }
                let children: Vec<_> = document.children(body).collect();
                merge.blocks(&children, document.node(body).inside.start, &inside)
            }
            _ => return None,
        };
        Some(result.map(|()| merge.splices))
    }

    /// Writes blocks in the place of others.
    fn replace(&mut self, old: &[&Leaf], new: &[Range<usize>], markdown: &str, at: usize) -> Result<(), Refusal> {
        let text = match (new.first(), new.last()) {
            (Some(first), Some(last)) => markdown.get(first.start..last.end).unwrap_or_default(),
            _ => "",
        };
        let Some((first, others)) = old.split_first() else {
            if !text.is_empty() {
                self.splices.push(Splice::new(at..at, added_text(text)?));
            }
            return Ok(());
        };
        self.splices.extend(others.iter().map(|leaf| Splice::remove(leaf.span.clone())));
        let node = self.document.node(first.nodes.start);
        let storage = self.rewritten(old.iter().map(|leaf| leaf.nodes.clone()), text)?;
        let is_run = !is_block(node);
        if let Some((name, inner)) = only_element(&storage)
            && (is_run && name == "p" || old.len() == 1 && name == node.name() && is_of_words(name))
        {
            // The element stays, with its attributes.
            let range = if is_run { first.span.clone() } else { node.inside.clone() };
            self.splices.push(Splice::new(range, inner));
        } else {
            self.splices.push(Splice::new(first.span.clone(), storage));
        }
        Ok(())
    }

    /// Markdown as the storage format, with the objects and anchors of these nodes.
    pub(super) fn rewritten(&self, nodes: impl Iterator<Item = Range<usize>>, text: &str) -> Result<String, Refusal> {
        let (mut held, mut comments) = (Vec::new(), Vec::new());
        for nodes in nodes {
            held.extend(objects(self.document, nodes.clone()));
            comments.extend(anchors(self.document, nodes));
        }
        let storage = Pool::new(held, self.document.source)?.write(text)?;
        Ok(put_back(storage, &comments))
    }
}

/// For each leaf, which of the new blocks it is, if it reads as they do.
fn kept(leaves: &[Leaf], new: &[String]) -> Vec<Option<Range<usize>>> {
    let mut old: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for leaf in leaves {
        let begin = old.len();
        old.extend(chunks(&leaf.reading).into_iter().map(|range| key(leaf.reading.get(range).unwrap_or_default())));
        places.push(begin..old.len());
    }
    let old: Vec<&str> = old.iter().map(String::as_str).collect();
    let new: Vec<&str> = new.iter().map(String::as_str).collect();
    let mut partner = vec![None; old.len()];
    for (one, other) in common(&old, &new) {
        if let Some(place) = partner.get_mut(one) {
            *place = Some(other);
        }
    }
    places
        .into_iter()
        .map(|place| {
            let partners = partner.get(place.clone()).unwrap_or_default();
            let first = partners.first().copied().unwrap_or(Some(0))?;
            let is_whole = partners.iter().enumerate().all(|(index, partner)| *partner == Some(first + index));
            is_whole.then(|| first..first + partners.len())
        })
        .collect()
}

/// The blocks of Markdown.
pub(super) fn chunks(markdown: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut deep = 0_usize;
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        let is_top = deep == 0;
        match event {
            Event::Start(_) => deep += 1,
            Event::End(_) => {
                deep = deep.saturating_sub(1);
                continue;
            }
            _ => {}
        }
        if is_top {
            let text = markdown.get(range.clone()).unwrap_or_default();
            found.push(range.start..range.start + text.trim_end().len());
        }
    }
    // What defines a link belongs to no block: it goes with the one before it.
    for index in 1..found.len() {
        let (before, start) = (index - 1, found.get(index).map_or(0, |range| range.start));
        if let Some(range) = found.get_mut(before) {
            let between = markdown.get(range.end..start).unwrap_or_default();
            range.end += between.trim_end().len();
        }
    }
    if let Some(last) = found.last_mut() {
        last.end = markdown.trim_end().len().max(last.end);
    }
    found
}

/// What is the same for blocks that mean the same: two lists side by side have different marks.
fn key(chunk: &str) -> String {
    let is_alternate = chunk.starts_with("* ") || chunk.split_once(") ").is_some_and(|(number, _)| is_number(number));
    let lines = chunk.lines().map(|line| {
        let line = line.trim_end();
        match (is_alternate, line.strip_prefix("* "), line.split_once(") ")) {
            (true, Some(rest), _) => format!("- {rest}"),
            (true, _, Some((number, rest))) if is_number(number) => format!("{number}. {rest}"),
            _ => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

pub(super) fn is_number(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The first line of a quote that names what it is, and the others.
fn split_quote(chunk: &str) -> Option<(String, String)> {
    let mut lines = chunk.lines().map(|line| line.strip_prefix("> ").or_else(|| line.strip_prefix('>')));
    let head = lines.next()??.trim().to_owned();
    let inside: Option<Vec<&str>> = lines.collect();
    head.starts_with('[').then_some(())?;
    Some((head, inside?.join("\n")))
}

/// Whether such an element holds nothing but a line.
pub(super) fn is_of_words(name: &str) -> bool {
    matches!(name, "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// The name and the inside of what is nothing but one element.
pub(super) fn only_element(storage: &str) -> Option<(&str, &str)> {
    let document = Document::read(storage).ok()?;
    let mut children = document.children(ROOT);
    let node = document.node(children.next()?);
    let is_alone = children.next().is_none() && !node.name().is_empty() && !node.inside.is_empty();
    is_alone.then(|| (node.name(), storage.get(node.inside.clone()).unwrap_or_default()))
}
