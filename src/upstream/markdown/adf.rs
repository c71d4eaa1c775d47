//! Nodes of the new editor that the storage format has no element for: panels of its own, decisions, extensions.
//!
//! `ac:adf-extension` holds an `ac:adf-node`, whose `ac:adf-attribute`s come before its `ac:adf-content`, and may repeat
//! the whole in `ac:adf-fallback` for editors that do not know the node.

use super::{
    page::{Inside, Page},
    writer::{Form, Gap},
};

/// An extension that is open.
pub struct Extension {
    /// What had been shown when it began.
    shown_before: usize,
    /// The nodes in it that were named: a fallback can repeat them.
    named: Vec<String>,
}

/// A node that is open.
pub struct Node {
    kind: String,
    /// Those that were not written yet.
    attributes: Vec<(String, String)>,
    shown_before: usize,
    within: Within,
}

/// What a node's content stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Nothing,
    List,
    Item,
    Quote,
}

/// Attributes that say how a node looks, or which one it is.
const APPEARANCE: [&str; 6] = ["local-id", "layout", "panel-icon", "panel-icon-id", "panel-icon-text", "panel-color"];

/// How many names of nodes an extension is known by, to be named once.
const MOST_REMEMBERED: usize = 16;

impl Page {
    pub(super) fn begin_extension(&mut self) {
        if !self.writer().is_in_sentence() {
            self.writer().owe(Gap::Block);
        }
        self.extensions.push(Extension { shown_before: self.shown, named: Vec::new() });
    }

    pub(super) fn end_extension(&mut self) {
        self.extensions.pop();
        if !self.writer().is_in_sentence() {
            self.writer().owe(Gap::Block);
        }
    }

    pub(super) fn begin_node(&mut self, kind: &str) {
        let within = if kind == "decision-list" { Within::List } else { Within::Nothing };
        if within == Within::List {
            self.writer().begin_list(None);
        }
        let node = Node { kind: kind.to_owned(), attributes: Vec::new(), shown_before: self.shown, within };
        self.nodes.push(node);
    }

    pub(super) fn begin_content(&mut self) {
        let Some(node) = self.nodes.last_mut().filter(|node| node.within == Within::Nothing) else {
            return self.writer().owe(Gap::Block);
        };
        let mut take = |key: &str| {
            let found = node.attributes.iter().position(|(have, _)| have == key);
            found.map(|found| node.attributes.remove(found).1).unwrap_or_default()
        };
        match node.kind.as_str() {
            "panel" => {
                let kind = take("panel-type");
                node.within = Within::Quote;
                self.writer().begin_quote();
                let head = format!("[{}]", if kind.is_empty() { "panel" } else { &kind });
                self.writer().head(&head, Gap::Line);
            }
            "decision-item" => {
                let state = take("state");
                node.within = Within::Item;
                self.writer().begin_item(None, "");
                if !state.is_empty() {
                    self.writer().head(&format!("[{state}]"), Gap::Space);
                }
            }
            _ => self.writer().owe(Gap::Block),
        }
    }

    pub(super) fn begin_attribute(&mut self) {
        self.attributes += 1;
        self.set_aside(Form::Line);
    }

    pub(super) fn end_attribute(&mut self, key: String) {
        self.attributes = self.attributes.saturating_sub(1);
        let Some(value) = self.take_aside() else { return self.writer().owe(Gap::Space) };
        if value.is_empty() {
            return;
        }
        match self.nodes.last_mut() {
            Some(_) if APPEARANCE.contains(&key.as_str()) => {}
            Some(node) => node.attributes.push((key, value)),
            None => self.say(&format!("{key}={value}")),
        }
    }

    /// A node without content is named, and so is what a node was told that is not written yet: but not a second time,
    /// in a fallback.
    pub(super) fn end_node(&mut self) {
        let Some(node) = self.nodes.pop() else { return };
        match node.within {
            Within::Nothing => {}
            Within::List => self.writer().end_list(),
            Within::Item => self.writer().end_item(),
            Within::Quote => self.writer().end_quote(),
        }
        let is_empty = node.shown_before == self.shown && node.within == Within::Nothing;
        if !is_empty && node.attributes.is_empty() {
            return;
        }
        let told: String = node.attributes.iter().map(|(key, value)| format!(" {key}={value}")).collect();
        let name = format!("[{}{told}]", if node.kind.is_empty() { "node" } else { &node.kind });
        if let Some(extension) = self.extensions.last_mut() {
            if extension.named.contains(&name) {
                return;
            }
            if extension.named.len() < MOST_REMEMBERED {
                extension.named.push(name.clone());
            }
        }
        self.say(&name);
        self.writer().owe(Gap::Block);
    }

    pub(super) fn begin_fallback(&mut self) -> Inside {
        if self.extensions.last().is_some_and(|extension| extension.shown_before < self.shown) {
            return Inside::Hidden;
        }
        self.writer().owe(Gap::Block);
        Inside::Shown
    }
}
