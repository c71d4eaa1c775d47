//! Lists and tables that have become others: items, rows and cells that read the same keep their bytes.

use std::ops::Range;

use super::{
    Refusal,
    difference::common,
    document::is_block,
    fragment::{Pool, added_text},
    merge::{Leaf, Merge, is_number, only_element},
    objects::objects,
    splice::Splice,
};

/// What became of an element of a sequence.
enum Step {
    /// The old one is the new one, changed.
    Change(usize, usize),
    Remove(usize),
    /// The new one goes before the old one of that number.
    Insert(usize, usize),
}

/// How one sequence becomes another: what they have in common is kept, and between that they are paired from the front.
fn steps(old: &[&str], new: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut row, mut column) = (0, 0);
    for (in_old, in_new) in common(old, new).into_iter().chain([(old.len(), new.len())]) {
        while row < in_old && column < in_new {
            steps.push(Step::Change(row, column));
            (row, column) = (row + 1, column + 1);
        }
        steps.extend((row..in_old).map(Step::Remove));
        steps.extend((column..in_new).map(|column| Step::Insert(in_old, column)));
        (row, column) = (in_old + 1, in_new + 1);
    }
    steps
}

impl Merge<'_, '_> {
    /// Changes the items of a list; `None` where its Markdown is no list, or cannot be told apart by items.
    pub(super) fn list(&mut self, leaf: &Leaf, chunk: &str) -> Option<Result<(), Refusal>> {
        let document = self.document;
        let list = leaf.nodes.start;
        let elements: Vec<usize> =
            document.children(list).filter(|child| matches!(document.node(*child).name(), "li" | "ac:task")).collect();
        let is_of_tasks = document.node(list).name() == "ac:task-list";
        let is_ordered = document.node(list).name() == "ol";
        let (old, new) = (items(&leaf.reading, is_ordered)?, items(chunk, is_ordered)?);
        if old.len() != elements.len() || is_of_tasks && !new.iter().all(|item| state(item).is_some()) {
            return None;
        }
        let keys: [Vec<&str>; 2] = [&old, &new].map(|items| items.iter().map(String::as_str).collect());
        let has_paragraphs = elements.first().is_some_and(|first| document.child(*first, "p").is_some());
        let steps = steps(&keys[0], &keys[1]);
        // What is in items that go can be in those that come: an item may have moved.
        let gone = steps.iter().filter_map(|step| match step {
            Step::Remove(index) => elements.get(*index),
            _ => None,
        });
        let gone = gone.flat_map(|element| objects(document, document.within(*element))).collect();
        let mut pool = match Pool::new(gone, document.source) {
            Ok(pool) => pool,
            Err(refusal) => return Some(Err(refusal)),
        };
        for step in steps {
            let changed = match step {
                Step::Remove(index) => {
                    let element = document.node(*elements.get(index)?);
                    self.splices.push(Splice::remove(element.span.clone()));
                    Ok(())
                }
                Step::Insert(before, index) => {
                    let at =
                        elements.get(before).map_or(document.node(list).inside.end, |at| document.node(*at).span.start);
                    new_item(new.get(index)?, is_of_tasks, has_paragraphs, &mut pool)
                        .map(|item| self.splices.push(Splice::new(at..at, item)))
                }
                Step::Change(one, other) => self.item(*elements.get(one)?, old.get(one)?, new.get(other)?),
            };
            if let Err(refusal) = changed {
                return Some(Err(refusal));
            }
        }
        Some(Ok(()))
    }

    fn item(&mut self, element: usize, old: &str, new: &str) -> Result<(), Refusal> {
        let document = self.document;
        let (mut body, mut text) = (element, new);
        if document.node(element).name() == "ac:task" {
            let (Some((was_done, _)), Some((is_done, rest))) = (state(old), state(new)) else { return Ok(()) };
            if let Some(status) = document.child(element, "ac:task-status").filter(|_| was_done != is_done) {
                let status = document.node(status).inside.clone();
                self.splices.push(Splice::new(status, if is_done { "complete" } else { "incomplete" }));
            }
            body = document.child(element, "ac:task-body").unwrap_or(element);
            text = rest;
        }
        // The editor puts the text of a task in an element of its own.
        let wrapper = document.child(body, "span").filter(|span| {
            document.node(*span).span == document.node(body).inside
                && document.children(*span).all(|child| !is_block(document.node(child)))
        });
        let holder = wrapper.unwrap_or(body);
        let children: Vec<usize> = document.children(holder).collect();
        self.blocks(&children, document.node(holder).inside.start, text)
    }

    /// Changes the cells of a table; `None` where its Markdown is no table of as many columns, or where cells are merged.
    pub(super) fn table(&mut self, leaf: &Leaf, chunk: &str) -> Option<Result<(), Refusal>> {
        let document = self.document;
        let table = leaf.nodes.start;
        let is_of_it = |index: &usize| {
            document.around(*index).find(|outer| document.node(*outer).name() == "table") == Some(table)
        };
        let rows: Vec<usize> =
            document.within(table).filter(|index| document.node(*index).name() == "tr").filter(is_of_it).collect();
        let (old, new) = (lines(&leaf.reading)?, lines(chunk)?);
        let cells_of = |row: usize| -> Vec<usize> {
            document.children(row).filter(|cell| matches!(document.node(*cell).name(), "td" | "th")).collect()
        };
        let is_plain = rows.len() == old.len()
            && rows.iter().zip(&old).all(|(row, line)| {
                let cells = cells_of(*row);
                let is_merged = |cell: &usize| {
                    let node = document.node(*cell);
                    !node.attribute("rowspan").is_empty() || !node.attribute("colspan").is_empty()
                };
                cells.len() == cells_in(line).len() && !cells.iter().any(is_merged)
            });
        if !is_plain {
            return None;
        }
        for step in steps(&old, &new) {
            let changed = match step {
                Step::Remove(index) => {
                    self.splices.push(Splice::remove(document.node(*rows.get(index)?).span.clone()));
                    Ok(())
                }
                Step::Insert(before, index) => {
                    let last = rows.last().map(|last| document.node(*last).span.end);
                    let at = rows.get(before).map(|row| document.node(*row).span.start).or(last)?;
                    let cells: Result<String, Refusal> = cells_in(new.get(index)?)
                        .iter()
                        .map(|cell| Ok(format!("<td>{}</td>", added_text(&cell_markdown(cell))?)))
                        .collect();
                    cells.map(|cells| self.splices.push(Splice::new(at..at, format!("<tr>{cells}</tr>"))))
                }
                Step::Change(one, other) => {
                    let (cells, was, is) =
                        (cells_of(*rows.get(one)?), cells_in(old.get(one)?), cells_in(new.get(other)?));
                    if cells.len() != is.len() {
                        return None;
                    }
                    let mut changed = cells.iter().zip(was.iter().zip(&is)).filter(|(_, (was, is))| was != is);
                    changed.try_for_each(|(cell, (_, is))| self.cell(*cell, is))
                }
            };
            if let Err(refusal) = changed {
                return Some(Err(refusal));
            }
        }
        Some(Ok(()))
    }

    fn cell(&mut self, cell: usize, text: &str) -> Result<(), Refusal> {
        let document = self.document;
        let children: Vec<usize> = document.children(cell).collect();
        let inside = document.node(cell).inside.clone();
        let storage = self.rewritten(children.iter().map(|child| document.within(*child)), &cell_markdown(text))?;
        let [only] = children.as_slice() else {
            self.splices.push(Splice::new(inside, storage));
            return Ok(());
        };
        let only = document.node(*only);
        let splice = match only_element(&storage) {
            Some(("p", inner)) if only.name() == "p" => Splice::new(only.inside.clone(), inner),
            Some(("p", inner)) if !is_block(only) => Splice::new(inside, inner),
            _ => Splice::new(inside, storage),
        };
        self.splices.push(splice);
        Ok(())
    }
}

/// An item of a list that has none like it.
fn new_item(text: &str, is_of_tasks: bool, has_paragraphs: bool, pool: &mut Pool<'_>) -> Result<String, Refusal> {
    let task = state(text).filter(|_| is_of_tasks);
    let storage = pool.write(task.map_or(text, |(_, rest)| rest))?;
    let inner = match only_element(&storage) {
        Some(("p", inner)) if !has_paragraphs => inner,
        _ => &storage,
    };
    Ok(match task {
        Some((is_done, _)) => format!(
            "<ac:task><ac:task-status>{}</ac:task-status><ac:task-body>{inner}</ac:task-body></ac:task>",
            if is_done { "complete" } else { "incomplete" }
        ),
        None => format!("<li>{inner}</li>"),
    })
}

/// Whether a task is done, and its text.
fn state(item: &str) -> Option<(bool, &str)> {
    let done = item.strip_prefix("[x] ").or_else(|| item.strip_prefix("[X] ")).map(|rest| (true, rest));
    done.or_else(|| item.strip_prefix("[ ] ").map(|rest| (false, rest)))
}

/// The texts of a list's items, without marks and indentation; `None` where it is no list of that kind.
fn items(list: &str, is_ordered: bool) -> Option<Vec<String>> {
    let mut items: Vec<String> = Vec::new();
    let mut indent = 0;
    for line in list.lines() {
        if let Some((mark, rest)) = mark(line, is_ordered) {
            indent = mark;
            items.push(rest.to_owned());
            continue;
        }
        let spaces = line.len() - line.trim_start_matches(' ').len();
        if spaces < indent && !line.trim().is_empty() {
            return None;
        }
        let item = items.last_mut()?;
        item.push('\n');
        item.push_str(line.get(indent.min(spaces)..).unwrap_or_default());
    }
    Some(items.into_iter().map(|item| item.trim_end().to_owned()).collect())
        .filter(|items: &Vec<String>| !items.is_empty())
}

/// How long the mark of an item is, and what follows it.
fn mark(line: &str, is_ordered: bool) -> Option<(usize, &str)> {
    let rest = if is_ordered {
        let end = line.find(['.', ')']).filter(|end| is_number(line.get(..*end).unwrap_or_default()))?;
        line.get(end + 1..)?.strip_prefix(' ')?
    } else {
        line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))?
    };
    Some((line.len() - rest.len(), rest))
}

/// The rows of a table, without the line below the first.
fn lines(table: &str) -> Option<Vec<&str>> {
    let mut lines: Vec<&str> = table.lines().map(str::trim).collect();
    let is_rule = lines.get(1)?.chars().all(|character| matches!(character, '|' | '-' | ':' | ' '));
    let is_table = is_rule && lines.iter().all(|line| line.starts_with('|') && line.ends_with('|') && line.len() > 1);
    is_table.then(|| {
        lines.remove(1);
        lines
    })
}

/// The cells of a row.
fn cells_in(row: &str) -> Vec<&str> {
    let inside = row.strip_prefix('|').and_then(|row| row.strip_suffix('|')).unwrap_or(row);
    let mut bounds: Vec<Range<usize>> = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, byte) in inside.bytes().enumerate() {
        if byte == b'|' && !is_escaped {
            bounds.push(start..at);
            start = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    bounds.push(start..inside.len());
    bounds.into_iter().filter_map(|bounds| inside.get(bounds)).map(str::trim).collect()
}

/// The text of a cell where it is not in a row: a bar needs no escape there, and a list has lines.
fn cell_markdown(cell: &str) -> String {
    let text = cell.replace("\\|", "|").replace("&#124;", "|");
    let is_list = mark(&text, true).or_else(|| mark(&text, false)).is_some();
    if is_list { text.replace("<br>", "\n") } else { text }
}
