//! What has to be known of Markdown before it is written: which lists are of tasks, and which tags of HTML have an end.

use std::collections::HashMap;

use pulldown_cmark::{Event, Tag, TagEnd};

/// A list that is open.
struct List {
    /// Which event begins it.
    begins: usize,
    /// Which events begin its tasks, and whether those are done.
    items: Vec<(usize, bool)>,
    is_of_tasks: bool,
}

/// Where lists of tasks begin, each of whose items is one, and where those items do; with whether such an item is done.
pub fn tasks(events: &[Event<'_>]) -> HashMap<usize, bool> {
    let mut found = HashMap::new();
    let mut lists: Vec<List> = Vec::new();
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::List(_)) => lists.push(List { begins: index, items: Vec::new(), is_of_tasks: true }),
            Event::Start(Tag::Item) => {
                let after = if let Some(Event::Start(Tag::Paragraph)) = events.get(index + 1) { 2 } else { 1 };
                if let Some(list) = lists.last_mut() {
                    match events.get(index + after) {
                        Some(Event::TaskListMarker(done)) => list.items.push((index, *done)),
                        _ => list.is_of_tasks = false,
                    }
                }
            }
            Event::End(TagEnd::List(_)) => {
                if let Some(list) = lists.pop().filter(|list| list.is_of_tasks) {
                    found.insert(list.begins, false);
                    found.extend(list.items);
                }
            }
            _ => {}
        }
    }
    found
}

/// The tags of HTML that are kept: each that has its counterpart in the same element.
pub fn html(events: &[Event<'_>]) -> HashMap<usize, &'static str> {
    const TAGS: [(&str, &str); 3] = [("<sup>", "</sup>"), ("<sub>", "</sub>"), ("<u>", "</u>")];
    let mut found = HashMap::new();
    let mut levels: Vec<Vec<(usize, &'static str, &'static str)>> = vec![Vec::new()];
    for (index, event) in events.iter().enumerate() {
        match event {
            Event::Start(_) => levels.push(Vec::new()),
            Event::End(_) => {
                levels.pop();
            }
            Event::InlineHtml(tag) => {
                let Some(level) = levels.last_mut() else { continue };
                if let Some((begin, end)) = TAGS.into_iter().find(|(begin, _)| **begin == **tag) {
                    level.push((index, begin, end));
                } else if matches!(&**tag, "<br>" | "<br/>" | "<br />") {
                    found.insert(index, "<br/>");
                } else if level.last().is_some_and(|(_, _, end)| **end == **tag)
                    && let Some((begun, begin, end)) = level.pop()
                {
                    found.insert(begun, begin);
                    found.insert(index, end);
                }
            }
            _ => {}
        }
    }
    found
}
