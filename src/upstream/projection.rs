//! Keeps the wanted leaves of a provider's JSON and skips all else while it is read: no tree of the whole.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

mod cell;

use cell::Cell;

use crate::catalog::operation::{Field, Rows};

/// How many rows there are in all: its path is the list's own.
const TOTAL: Field = Field::label("total", &[""]);

/// A list, as lines of tab-separated values under a line of their names.
#[derive(Debug, Default)]
pub struct Table {
    pub text: String,
    pub rows: usize,
    /// How many there are in all, where the provider says so.
    pub total: Option<String>,
    /// Rows may have been left out.
    pub filtered: bool,
    /// The provider's link to the next page, untouched.
    pub next: Option<String>,
}

/// Which rows are kept.
pub struct Filter<'a> {
    /// The columns that name what a row is about.
    pub columns: &'a [&'a str],
    /// Whether what has that name is kept: one name of a row is enough.
    pub permits: &'a dyn Fn(&str) -> bool,
}

/// The body was not the JSON that was expected.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable;

/// Reads a list.
///
/// # Errors
/// Where the body is not an object that holds the list.
pub fn table(body: &[u8], rows: &Rows, base_url: &str, filter: Option<&Filter<'_>>) -> Result<Table, Unreadable> {
    let mut table = Table { filtered: filter.is_some(), ..Table::default() };
    for (index, column) in rows.columns.iter().enumerate() {
        if index > 0 {
            table.text.push('\t');
        }
        table.text.push_str(column.name);
    }
    table.text.push('\n');
    let mut around = Node::default();
    around.add(rows.total, Leaf { cell: 0, slot: 0 });
    around.add(rows.paging.next, Leaf { cell: 1, slot: 0 });
    let mut cells = Cells { cells: vec![Cell::of(&TOTAL), Cell::exact()], base_url };
    let mut found = false;
    let outline = Outline::of(rows.columns);
    let mut row = Cells { cells: outline.cells(rows.columns), base_url };
    let list = ListSeed { outline: &outline.root, row: &mut row, table: &mut table, filter };
    let envelope = Envelope { list, name: rows.list, found: &mut found, around: &around, cells: &mut cells };
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
    let outline = Outline::of(fields);
    let mut cells = Cells { cells: outline.cells(fields), base_url };
    read(body, ObjectSeed { node: &outline.root, cells: &mut cells })?;
    Ok(cells.cells.iter_mut().map(Cell::take).collect())
}

impl Filter<'_> {
    /// Whether the row that begins at `start`, below the line of the columns' names, is kept.
    fn keeps(&self, table: &str, start: usize) -> bool {
        let names = table.lines().next().unwrap_or_default().split('\t');
        let values = table.get(start..).unwrap_or_default().split('\t');
        names.zip(values).any(|(name, value)| self.columns.contains(&name) && (self.permits)(value))
    }
}

fn read<'de>(body: &'de [u8], seed: impl DeserializeSeed<'de>) -> Result<(), Unreadable> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    seed.deserialize(&mut deserializer).map_err(|_| Unreadable)?;
    deserializer.end().map_err(|_| Unreadable)
}

/// The wanted paths as a tree.
struct Outline {
    root: Node,
}

impl Outline {
    fn of(fields: &[Field]) -> Self {
        let mut root = Node::default();
        for (cell, field) in fields.iter().enumerate() {
            for (slot, path) in field.paths.iter().enumerate() {
                root.add(path, Leaf { cell, slot });
            }
        }
        Self { root }
    }

    fn cells(&self, fields: &[Field]) -> Vec<Cell> {
        fields.iter().map(Cell::of).collect()
    }
}

#[derive(Default)]
struct Node {
    name: &'static str,
    children: Vec<Self>,
    /// Where a value here goes to.
    leaf: Option<Leaf>,
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
        let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
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
                child.leaf = Some(leaf);
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
    fn add(&mut self, leaf: Option<Leaf>, value: &str) {
        if let Some(leaf) = leaf
            && let Some(cell) = self.cells.get_mut(leaf.cell)
        {
            cell.add(leaf.slot, value, self.base_url);
        }
    }

    /// What is `null` here is a person whose account is gone, where a person is meant.
    fn add_null(&mut self, node: &Node) {
        for leaf in node.children.iter().chain([node]).filter_map(|node| node.leaf) {
            if let Some(cell) = self.cells.get_mut(leaf.cell) {
                cell.add_null(leaf.slot);
            }
        }
    }

    fn finish(&mut self, node: &Node) {
        for index in &node.below {
            if let Some(cell) = self.cells.get_mut(*index) {
                cell.finish();
            }
        }
    }
}

/// The object around a list.
struct Envelope<'a, 'b> {
    list: ListSeed<'a, 'b>,
    name: &'static str,
    found: &'a mut bool,
    around: &'a Node,
    cells: &'a mut Cells<'b>,
}

impl<'de> DeserializeSeed<'de> for Envelope<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Envelope<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "an object with `{}`", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        enum Member<'a> {
            List,
            Kept(&'a Node),
            Other,
        }
        let (name, around) = (self.name, self.around);
        let which = |key: &str| {
            if key == name { Member::List } else { around.child(key).map_or(Member::Other, Member::Kept) }
        };
        while let Some(member) = map.next_key_seed(Key(which))? {
            match member {
                Member::List => {
                    *self.found = true;
                    map.next_value_seed(self.list.again())?;
                }
                Member::Kept(node) => map.next_value_seed(ValueSeed { node, cells: self.cells })?,
                Member::Other => {
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

struct ListSeed<'a, 'b> {
    outline: &'a Node,
    row: &'a mut Cells<'b>,
    table: &'a mut Table,
    filter: Option<&'a Filter<'a>>,
}

impl<'b> ListSeed<'_, 'b> {
    fn again(&mut self) -> ListSeed<'_, 'b> {
        ListSeed { outline: self.outline, row: self.row, table: self.table, filter: self.filter }
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

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(is_row) = list.next_element_seed(RowSeed(ObjectSeed { node: self.outline, cells: self.row }))? {
            // Of what is `null` there is nothing to show.
            if !is_row {
                continue;
            }
            let start = self.table.text.len();
            for (index, cell) in self.row.cells.iter_mut().enumerate() {
                if index > 0 {
                    self.table.text.push('\t');
                }
                cell.move_to(&mut self.table.text);
            }
            if self.filter.is_none_or(|filter| filter.keeps(&self.table.text, start)) {
                self.table.text.push('\n');
                self.table.rows += 1;
            } else {
                self.table.text.truncate(start);
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
struct ObjectSeed<'a, 'b> {
    node: &'a Node,
    cells: &'a mut Cells<'b>,
}

impl<'de> DeserializeSeed<'de> for ObjectSeed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(ValueSeed { node: self.node, cells: self.cells })
    }
}

/// A value of any type: a leaf's text, or whatever of it lies on a wanted path.
struct ValueSeed<'a, 'b> {
    node: &'a Node,
    cells: &'a mut Cells<'b>,
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
        self.cells.add(self.node.leaf, text);
        Ok(())
    }

    fn visit_bool<E: de::Error>(self, flag: bool) -> Result<(), E> {
        self.cells.add(self.node.leaf, if flag { "yes" } else { "no" });
        Ok(())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<(), E> {
        if self.node.leaf.is_some() {
            self.cells.add(self.node.leaf, &number.to_string());
        }
        Ok(())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<(), E> {
        self.cells.add(self.node.leaf, &number.to_string());
        Ok(())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<(), E> {
        self.cells.add(self.node.leaf, &number.to_string());
        Ok(())
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        self.cells.add_null(self.node);
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(ValueSeed { node: self.node, cells: self.cells })?.is_some() {
            self.cells.finish(self.node);
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(child) = map.next_key_seed(Key(|name: &str| self.node.child(name)))? {
            match child {
                Some(node) => map.next_value_seed(ValueSeed { node, cells: self.cells })?,
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
