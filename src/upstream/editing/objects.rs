//! What a page holds that Markdown only names: macros, mentions, images, dates. Each is a whole, with the words that reading
//! shows in its place.

use std::ops::Range;

use super::document::{Document, Kind, Node, is_block};
use crate::upstream::markdown;

/// Something whose bytes are put back where its spelling is written.
#[derive(Debug, Clone)]
pub struct Object {
    /// As reading shows it.
    pub spelling: String,
    pub span: Range<usize>,
    pub is_block: bool,
}

/// Whether reading names such an element as a whole. A macro with a body of blocks is none: what is in it is read on.
pub fn is_object(document: &Document<'_>, index: usize) -> bool {
    let node = document.node(index);
    match node.name() {
        "ac:structured-macro" | "ac:macro" => document.child(index, "ac:rich-text-body").is_none(),
        "a" => node.attribute("href").is_empty(),
        name => is_named(name),
    }
}

fn is_named(name: &str) -> bool {
    const NAMED: [&str; 9] = [
        "ac:link",
        "ac:image",
        "ac:emoticon",
        "ac:placeholder",
        "ac:adf-extension",
        "ac:adf-fragment-mark",
        "time",
        "img",
        "at:var",
    ];
    NAMED.contains(&name)
}

/// Whether what an element is told, and nothing that is read as text, is in it.
pub fn is_setting(name: &str) -> bool {
    matches!(
        name,
        "ac:parameter" | "ac:default-parameter" | "ac:task-id" | "ac:task-uuid" | "ac:task-status" | "style" | "script"
    )
}

/// What reading shows of a part of a page, without white space around it.
pub fn reading(storage: &str) -> String {
    markdown::from_storage(storage).markdown.trim().to_owned()
}

/// The objects within these nodes, the outermost ones.
pub fn objects(document: &Document<'_>, nodes: Range<usize>) -> Vec<Object> {
    let mut found = Vec::new();
    let mut index = nodes.start;
    while index < nodes.end {
        let node = document.node(index);
        if is_object(document, index) {
            found.push(object(document, node));
            index = node.next;
        } else if is_setting(node.name()) {
            index = node.next;
        } else {
            index += 1;
        }
    }
    found
}

fn object(document: &Document<'_>, node: &Node<'_>) -> Object {
    let span = node.span.clone();
    Object { spelling: reading(document.slice(span.clone())), span, is_block: is_block(node) }
}

/// Code that is text of the page, though it is in a macro.
pub fn is_code(document: &Document<'_>, index: usize) -> bool {
    let node = document.node(index);
    matches!(node.kind, Kind::Verbatim(_)) && document.node(node.parent).name() == "ac:plain-text-body"
}
