//! Keeps the wanted leaves of a provider's JSON and skips all else while it is read: no tree of the whole.

use std::fmt;

use chrono::NaiveDate;
use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value as Json;

mod cell;

use cell::{Cell, TRUE};

use super::moment;
use crate::catalog::operation::{Field, Rows, first_name};

/// How many rows there are in all: its path is the list's own.
const TOTAL: Field = Field::label("total", &[""]);
const NEXT: Field = Field::exact("next", &[""]);

/// A list, as lines of tab-separated values under a line of their names.
#[derive(Debug, Default)]
pub struct Table {
    pub text: String,
    /// How many rows are in the text.
    pub rows: usize,
    /// How many rows the list has here, also of those that were left out.
    pub read: usize,
    /// For each row of the text, how many the list has before it.
    pub before: Vec<usize>,
    /// The texts that belong to each row of the text, where such are kept.
    pub texts: Vec<Vec<String>>,
    /// How each row of the text belongs to others, where the list has threads.
    pub ties: Vec<Tie>,
    /// How many there are in all, where the provider says so.
    pub total: Option<String>,
    /// Rows may have been left out.
    pub filtered: bool,
    /// What the provider says of the next page, untouched.
    pub next: Option<String>,
    /// The last row was older than those that are kept, so that all after it are too.
    pub ended: bool,
}

/// How a row belongs to others.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Tie {
    pub id: String,
    pub parent: String,
    pub is_closed: bool,
    pub is_deleted: bool,
}

/// Decides by the names of what a row is about whether it is kept.
pub type Filter<'a> = Option<&'a dyn Fn(&[&str]) -> bool>;

/// Which rows of a list are kept.
#[derive(Clone, Copy, Default)]
pub struct Keep<'a> {
    pub filter: Filter<'a>,
    /// The day from which on rows are kept, where their list says where a row holds its moment.
    pub since: Option<NaiveDate>,
}

/// The body was not the JSON that was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Reads a list. `texts` are kept beside the text of each row.
///
/// # Errors
/// Where the body does not hold the list.
pub fn table(
    body: &[u8],
    rows: &Rows,
    texts: &'static [Field],
    base_url: &str,
    keep: Keep<'_>,
) -> Result<Table, Unreadable> {
    let mut table = Table { filtered: keep.filter.is_some(), ..Table::default() };
    let names: Vec<_> = rows.columns.iter().map(|column| column.name).collect();
    table.text.push_str(&names.join("\t"));
    table.text.push('\n');
    let mut around = Node::default();
    for (cell, path) in [rows.total, rows.paging.member()].into_iter().enumerate() {
        if !path.is_empty() {
            around.add(path, Leaf { cell, slot: 0 });
        }
    }
    let mut cells = Cells { cells: vec![Cell::of(&TOTAL), Cell::of(&NEXT)], base_url };
    let mut found = false;
    let about = rows.resource.as_ref().map_or(&[][..], |resource| resource.paths);
    let mut outline = Outline::of(rows.columns.iter().chain(texts));
    let mut row = Cells { cells: outline.cells, base_url };
    let since = rows.since.as_ref().map(|since| since.path);
    for path in since.iter().chain(about) {
        outline.root.add(path, Leaf { cell: row.cells.len(), slot: 0 });
        row.cells.push(Cell::of(&NEXT));
    }
    let ties = rows.threads.map(|threads| [threads.id, threads.parent, threads.closed, threads.deleted]);
    for path in ties.iter().flatten() {
        outline.root.add(path, Leaf { cell: row.cells.len(), slot: 0 });
        row.cells.push(Cell::of(&NEXT));
    }
    let (columns, moments) = (rows.columns.len(), usize::from(since.is_some()));
    let widths = Widths { columns, texts: texts.len(), moments, names: about.len() };
    let list = ListSeed { outline: &outline.root, row: &mut row, widths, table: &mut table, keep };
    let envelope = Envelope { list, path: rows.list, found: &mut found, around: Some(&around), cells: &mut cells };
    read(body, envelope)?;
    if !found {
        return Err(Unreadable);
    }
    let mut take = |index: usize| cells.cells.get_mut(index).map(Cell::take).filter(|text| !text.is_empty());
    (table.total, table.next) = (take(0), take(1));
    Ok(table)
}

/// Reads an object's fields, in their order; empty where the object does not have one.
///
/// # Errors
/// Where the body is not an object.
pub fn record(body: &[u8], fields: &[Field], base_url: &str) -> Result<Vec<String>, Unreadable> {
    let outline = Outline::of(fields.iter());
    let mut cells = Cells { cells: outline.cells, base_url };
    read(body, ObjectSeed(ValueSeed { node: &outline.root, cells: &mut cells, depth: 0 }))?;
    Ok(cells.cells.iter_mut().map(Cell::take).collect())
}

/// One field of an object; `None` where the body is none, or does not have it.
pub fn value(body: &[u8], field: &Field) -> Option<String> {
    record(body, std::slice::from_ref(field), "").ok()?.pop().filter(|value| !value.is_empty())
}

/// One field of each element of a list.
///
/// # Errors
/// Where the body does not hold the list.
pub fn column(body: &[u8], list: &'static str, field: &Field) -> Result<Vec<String>, Unreadable> {
    Ok(columns(body, list, &[field])?.into_iter().flatten().collect())
}

/// Some fields of each element of a list, in their order: the body is read once for all of them.
///
/// # Errors
/// Where the body does not hold the list.
pub fn columns(body: &[u8], list: &'static str, fields: &[&Field]) -> Result<Vec<Vec<String>>, Unreadable> {
    let mut outline = Outline::of(fields.iter().copied());
    let mut row = Cells { cells: std::mem::take(&mut outline.cells), base_url: "" };
    let (mut table, mut found) = (Table::default(), false);
    let widths = Widths { columns: 0, texts: fields.len(), moments: 0, names: 0 };
    let seed = ListSeed { outline: &outline.root, row: &mut row, widths, table: &mut table, keep: Keep::default() };
    let mut nothing = Cells { cells: Vec::new(), base_url: "" };
    read(body, Envelope { list: seed, path: list, found: &mut found, around: None, cells: &mut nothing })?;
    if found { Ok(table.texts) } else { Err(Unreadable) }
}

fn read<'de>(body: &'de [u8], seed: impl DeserializeSeed<'de>) -> Result<(), Unreadable> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    seed.deserialize(&mut deserializer).map_err(|_| Unreadable)?;
    deserializer.end().map_err(|_| Unreadable)
}

/// The wanted paths as a tree, and the cells that they fill.
struct Outline {
    root: Node,
    cells: Vec<Cell>,
}

impl Outline {
    fn of<'f>(fields: impl Iterator<Item = &'f Field>) -> Self {
        let mut root = Node::default();
        let mut cells = Vec::new();
        for (cell, field) in fields.enumerate() {
            let only = field.only.map(|only| only.path);
            for (slot, path) in field.paths.iter().copied().chain(only).enumerate() {
                root.add(path, Leaf { cell, slot });
            }
            cells.push(Cell::of(field));
        }
        Self { root, cells }
    }
}

#[derive(Default)]
struct Node {
    name: &'static str,
    children: Vec<Self>,
    /// Where a value here goes to.
    leaves: Vec<Leaf>,
    /// The cells of this node and all below it.
    below: Vec<usize>,
}

/// A field, and which of its paths.
#[derive(Clone, Copy)]
struct Leaf {
    cell: usize,
    slot: usize,
}

impl Node {
    fn add(&mut self, path: &'static str, leaf: Leaf) {
        let (name, rest) = first_name(path);
        self.below.push(leaf.cell);
        let known = self.children.iter().position(|child| child.name == name);
        let index = known.unwrap_or_else(|| {
            self.children.push(Self { name, ..Self::default() });
            self.children.len() - 1
        });
        let Some(child) = self.children.get_mut(index) else { return };
        match rest {
            Some(rest) => child.add(rest, leaf),
            None => {
                child.leaves.push(leaf);
                child.below.push(leaf.cell);
            }
        }
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }
}

struct Cells<'a> {
    cells: Vec<Cell>,
    base_url: &'a str,
}

impl Cells<'_> {
    fn add(&mut self, leaves: &[Leaf], value: &str) {
        for leaf in leaves {
            if let Some(cell) = self.cells.get_mut(leaf.cell) {
                cell.add(leaf.slot, value, self.base_url);
            }
        }
    }

    /// Whether what is here is kept as JSON.
    fn keep_whole(&self, node: &Node) -> bool {
        node.leaves.iter().any(|leaf| self.cells.get(leaf.cell).is_some_and(Cell::keeps_whole))
    }

    /// What is `null` here is a person whose account is gone, where a person is meant.
    fn add_null(&mut self, node: &Node) {
        for leaf in node.children.iter().chain([node]).flat_map(|node| &node.leaves) {
            if let Some(cell) = self.cells.get_mut(leaf.cell) {
                cell.add_null(leaf.slot);
            }
        }
    }

    /// Ends an element of a list that is in so many other lists.
    fn end_element(&mut self, node: &Node, depth: usize) {
        for index in &node.below {
            if let Some(cell) = self.cells.get_mut(*index) {
                cell.end_element(depth);
            }
        }
    }
}

/// What is around a list: objects with the names of its path, from the outside in.
struct Envelope<'a, 'b> {
    list: ListSeed<'a, 'b>,
    /// What is left of the path; empty where the list itself is next.
    path: &'static str,
    found: &'a mut bool,
    around: Option<&'a Node>,
    cells: &'a mut Cells<'b>,
}

impl<'de> DeserializeSeed<'de> for Envelope<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        if self.path.is_empty() {
            *self.found = true;
            return self.list.deserialize(deserializer);
        }
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with `{}`", self.path)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let (name, path) = first_name(self.path);
        let path = path.unwrap_or_default();
        let around = self.around;
        let which = |key: &str| (key == name, around.and_then(|around| around.child(key)));
        while let Some(member) = map.next_key_seed(Key(which))? {
            match member {
                (true, around) => map.next_value_seed(Envelope {
                    list: self.list.again(),
                    path,
                    found: self.found,
                    around,
                    cells: self.cells,
                })?,
                (false, Some(node)) => map.next_value_seed(ValueSeed { node, cells: self.cells, depth: 0 })?,
                (false, None) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Recognises a member's name without keeping it.
struct Key<F>(F);

impl<'de, T, F: Fn(&str) -> T> DeserializeSeed<'de> for Key<F> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<T, F: Fn(&str) -> T> Visitor<'_> for Key<F> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a member's name")
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<T, E> {
        Ok((self.0)(name))
    }
}

/// How many cells of a row are columns, texts, moments that decide on it, and names of what it is about; those after them
/// tie it to others.
#[derive(Clone, Copy)]
struct Widths {
    columns: usize,
    texts: usize,
    moments: usize,
    names: usize,
}

struct ListSeed<'a, 'b> {
    outline: &'a Node,
    row: &'a mut Cells<'b>,
    widths: Widths,
    table: &'a mut Table,
    keep: Keep<'a>,
}

impl<'b> ListSeed<'_, 'b> {
    fn again(&mut self) -> ListSeed<'_, 'b> {
        ListSeed { outline: self.outline, row: self.row, widths: self.widths, table: self.table, keep: self.keep }
    }

    /// Writes the row at hand, if it may be shown, and makes the cells fit for the next one.
    fn end_row(&mut self) {
        let Widths { columns, texts, moments, names } = self.widths;
        let (shown, others) = self.row.cells.split_at_mut_checked(columns + texts).unwrap_or_default();
        let (moments, others) = others.split_at_mut_checked(moments).unwrap_or_default();
        let (about, ties) = others.split_at_mut_checked(names).unwrap_or_default();
        let moment = moments.first_mut().and_then(|cell| moment::parse(&cell.take()));
        let is_older = self.keep.since.zip(moment).is_some_and(|(since, moment)| moment.date_naive() < since);
        self.table.ended = is_older;
        let mut ties = ties.iter_mut().map(Cell::take);
        let tie = ties.next().map(|id| Tie {
            id,
            parent: ties.next().unwrap_or_default(),
            is_closed: ties.next().is_some_and(|closed| !closed.is_empty()),
            is_deleted: ties.next().is_some_and(|deleted| deleted == TRUE),
        });
        let names: Vec<String> = about.iter_mut().map(Cell::take).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| !name.is_empty()).collect();
        self.table.read += 1;
        if is_older || self.keep.filter.is_some_and(|permits| !permits(&names)) {
            shown.iter_mut().for_each(|cell| drop(cell.take()));
            return;
        }
        let (columns, texts) = shown.split_at_mut_checked(columns).unwrap_or_default();
        for (index, cell) in columns.iter_mut().enumerate() {
            if index > 0 {
                self.table.text.push('\t');
            }
            cell.move_to(&mut self.table.text);
        }
        self.table.text.push('\n');
        self.table.rows += 1;
        self.table.before.push(self.table.read - 1);
        self.table.ties.extend(tie);
        if !texts.is_empty() {
            self.table.texts.push(texts.iter_mut().map(Cell::take).collect());
        }
    }
}

impl<'de> DeserializeSeed<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for ListSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(is_row) =
            list.next_element_seed(RowSeed(ObjectSeed(ValueSeed { node: self.outline, cells: self.row, depth: 0 })))?
        {
            // Of what is `null` there is nothing to show.
            if is_row {
                self.end_row();
            }
        }
        Ok(())
    }
}

/// An object, or `null`: whether it was an object.
struct RowSeed<'a, 'b>(ObjectSeed<'a, 'b>);

impl<'de> DeserializeSeed<'de> for RowSeed<'_, '_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for RowSeed<'_, '_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        self.0.deserialize(deserializer).map(|()| true)
    }
}

/// An object whose wanted members go to cells.
struct ObjectSeed<'a, 'b>(ValueSeed<'a, 'b>);

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self.0)
    }
}

/// A value of any type: a leaf's text, or whatever of it lies on a wanted path.
struct ValueSeed<'a, 'b> {
    node: &'a Node,
    cells: &'a mut Cells<'b>,
    /// In how many lists of its row or record it is.
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        self.cells.add(&self.node.leaves, text);
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<(), E> {
        self.cells.add(&self.node.leaves, if flag { TRUE } else { "no" });
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        if !self.node.leaves.is_empty() {
            self.cells.add(&self.node.leaves, &number.to_string());
        }
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.cells.add(&self.node.leaves, &number.to_string());
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.cells.add(&self.node.leaves, &number.to_string());
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.cells.add_null(self.node);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.cells.keep_whole(self.node) {
            let value = Json::deserialize(de::value::SeqAccessDeserializer::new(list))?;
            self.cells.add(&self.node.leaves, &value.to_string());
            return Ok(());
        }
        let depth = self.depth + 1;
        while list.next_element_seed(ValueSeed { node: self.node, cells: self.cells, depth })?.is_some() {
            self.cells.end_element(self.node, self.depth);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.cells.keep_whole(self.node) {
            let value = Json::deserialize(de::value::MapAccessDeserializer::new(map))?;
            self.cells.add(&self.node.leaves, &value.to_string());
            return Ok(());
        }
        while let Some(child) = map.next_key_seed(Key(|name: &str| self.node.child(name)))? {
            match child {
                Some(node) => map.next_value_seed(ValueSeed { node, cells: self.cells, depth: self.depth })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
