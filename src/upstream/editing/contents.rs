//! What a page has beside its words, counted: what an edit would take away that nobody named is a reason to refuse it.

use std::collections::BTreeMap;

use super::{
    Refusal,
    document::{Document, ROOT},
};
use crate::untrusted;

/// Sorts of things that are counted, by the word that says that they may go.
pub const SORTS: [&str; 13] = [
    "macros",
    "mentions",
    "anchors",
    "attachments",
    "links",
    "tables",
    "images",
    "tasks",
    "emoji",
    "layouts",
    "nodes",
    "dates",
    "merged cells",
];

/// How many there are of each sort and name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Contents(BTreeMap<(&'static str, String), usize>);

impl Contents {
    pub fn of(document: &Document<'_>) -> Self {
        let mut contents = Self::default();
        for index in document.within(ROOT) {
            let node = document.node(index);
            let plain = |sort| Some((sort, String::new()));
            let counted = match node.name() {
                "ac:structured-macro" | "ac:macro" => Some(("macros", node.macro_name())),
                "ri:user" => plain("mentions"),
                "ac:inline-comment-marker" => Some(("anchors", node.attribute("ac:ref"))),
                "ri:attachment" => Some(("attachments", node.attribute("ri:filename"))),
                "a" if !node.attribute("href").is_empty() => plain("links"),
                "ac:link" if document.child(index, "ri:user").is_none() => plain("links"),
                "table" => plain("tables"),
                "ac:image" | "img" => plain("images"),
                "ac:task" => plain("tasks"),
                "ac:emoticon" => plain("emoji"),
                "ac:layout-cell" => plain("layouts"),
                "ac:adf-node" => Some(("nodes", node.attribute("type"))),
                "time" => plain("dates"),
                "td" | "th" if is_merged(&node.attribute("colspan")) || is_merged(&node.attribute("rowspan")) => {
                    plain("merged cells")
                }
                _ => None,
            };
            if let Some(counted) = counted {
                *contents.0.entry(counted).or_default() += 1;
            }
        }
        contents
    }

    /// # Errors
    /// Where there is less afterwards of a sort that was not named.
    pub fn check(&self, after: &Self, losing: &[&str]) -> Result<(), Refusal> {
        let mut lost = Vec::new();
        let mut sorts: Vec<&str> = Vec::new();
        for ((sort, name), before) in &self.0 {
            let after = after.0.get(&(*sort, name.clone())).copied().unwrap_or(0);
            if after < *before && !losing.contains(sort) {
                let name = if name.is_empty() { String::new() } else { format!(" `{}`", untrusted::label(name, 80)) };
                lost.push(format!("{sort}{name} {before} → {after}"));
                if !sorts.contains(sort) {
                    sorts.push(sort);
                }
            }
        }
        if lost.is_empty() {
            return Ok(());
        }
        let more = lost.len().saturating_sub(8);
        lost.truncate(8);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let losing = sorts.join(", ");
        Err(Refusal::Loses { lost: format!("{}{more}", lost.join(", ")), losing })
    }

    /// The counts of each sort that there is, before and after: `macros 3, links 2 → 3`.
    pub fn told(&self, after: &Self) -> String {
        let sum = |contents: &Self, sort: &str| -> usize {
            contents.0.iter().filter(|((have, _), _)| *have == sort).map(|(_, count)| count).sum()
        };
        let counts: Vec<_> = SORTS
            .iter()
            .filter_map(|sort| match (sum(self, sort), sum(after, sort)) {
                (0, 0) => None,
                (before, after) if before == after => Some(format!("{sort} {before}")),
                (before, after) => Some(format!("{sort} {before} → {after}")),
            })
            .collect();
        if counts.is_empty() { "text alone".to_owned() } else { counts.join(", ") }
    }
}

fn is_merged(span: &str) -> bool {
    !span.is_empty() && span.trim() != "1"
}
