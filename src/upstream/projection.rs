//! Keeps the wanted leaves of a provider's JSON: the fields of a record, and the rows of a list.

use std::ops::ControlFlow;

use chrono::NaiveDate;

mod cell;
mod outline;
mod reading;

use cell::Cell;
use outline::{Leaf, Outline};
pub use reading::Unreadable;
use reading::{Leaves, TRUE, read_list, read_object};

use super::moment;
use crate::catalog::operation::{Field, Rows};

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

/// Decides by the names of what a row is about, and by what else it says of it, whether it is kept.
pub type Filter<'a> = Option<&'a dyn Fn(&[&str], Option<&str>) -> bool>;

/// Which rows of a list are kept.
#[derive(Clone, Copy, Default)]
pub struct Keep<'a> {
    pub filter: Filter<'a>,
    /// The day from which on rows are kept, where their list says where a row holds its moment.
    pub since: Option<NaiveDate>,
}

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
    let mut around = Outline::default();
    for (cell, path) in [rows.total, rows.paging.member()].into_iter().enumerate() {
        if !path.is_empty() {
            around.add(path, Leaf { cell, slot: 0 });
        }
    }
    let mut others = Cells { cells: vec![Cell::of(&TOTAL), Cell::of(&NEXT)], base_url };
    let about = rows.resource.as_ref().map_or(&[][..], |resource| resource.paths);
    let (mut outline, mut cells) = outline_of(rows.columns.iter().chain(texts));
    let since = rows.since.as_ref().map(|since| since.path);
    let ties = rows.threads.map(|threads| [threads.id, threads.parent, threads.closed, threads.deleted]);
    let detail = rows.resource.as_ref().and_then(|resource| resource.detail.map(|_| resource.detail_path));
    for path in since.iter().chain(about).chain(&detail).chain(ties.iter().flatten()) {
        outline.add(path, Leaf { cell: cells.len(), slot: 0 });
        cells.push(Cell::of(&NEXT));
    }
    let (columns, moments) = (rows.columns.len(), usize::from(since.is_some()));
    let details = usize::from(detail.is_some());
    let widths = Widths { columns, texts: texts.len(), moments, names: about.len(), details };
    let mut list = List { row: Cells { cells, base_url }, widths, table: &mut table, keep };
    read_list(body, rows.list, &outline, &mut list, &around, &mut others)?;
    let mut take = |index: usize| others.cells.get_mut(index).map(Cell::take).filter(|text| !text.is_empty());
    (table.total, table.next) = (take(0), take(1));
    Ok(table)
}

/// Reads an object's fields, in their order; empty where the object does not have one.
///
/// # Errors
/// Where the body is not an object.
pub fn record(body: &[u8], fields: &[Field], base_url: &str) -> Result<Vec<String>, Unreadable> {
    let (outline, cells) = outline_of(fields.iter());
    let mut cells = Cells { cells, base_url };
    read_object(body, &outline, &mut cells)?;
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
    let (outline, cells) = outline_of(fields.iter().copied());
    let mut table = Table::default();
    let widths = Widths { columns: 0, texts: fields.len(), moments: 0, names: 0, details: 0 };
    let row = Cells { cells, base_url: "" };
    let mut rows = List { row, widths, table: &mut table, keep: Keep::default() };
    read_list(body, list, &outline, &mut rows, &Outline::default(), &mut ())?;
    Ok(table.texts)
}

/// Whether a list has a row; no more of the body is read than tells it.
///
/// # Errors
/// Where the body does not hold the list.
pub fn has_rows(body: &[u8], list: &'static str) -> Result<bool, Unreadable> {
    let mut first = FirstRow { is_there: false, row: () };
    read_list(body, list, &Outline::default(), &mut first, &Outline::default(), &mut ())?;
    Ok(first.is_there)
}

/// The wanted paths, and the cells that they fill.
fn outline_of<'f>(fields: impl Iterator<Item = &'f Field>) -> (Outline, Vec<Cell>) {
    let (mut outline, mut cells) = (Outline::default(), Vec::new());
    for (cell, field) in fields.enumerate() {
        let only = field.only.map(|only| only.path);
        for (slot, path) in field.paths.iter().copied().chain(only).enumerate() {
            outline.add(path, Leaf { cell, slot });
        }
        cells.push(Cell::of(field));
    }
    (outline, cells)
}

struct Cells<'a> {
    cells: Vec<Cell>,
    base_url: &'a str,
}

impl Leaves for Cells<'_> {
    fn add(&mut self, leaves: &[Leaf], value: &str) {
        for leaf in leaves {
            if let Some(cell) = self.cells.get_mut(leaf.cell) {
                cell.add(leaf.slot, value, self.base_url);
            }
        }
    }

    fn keeps_whole(&self, leaves: &[Leaf]) -> bool {
        leaves.iter().any(|leaf| self.cells.get(leaf.cell).is_some_and(Cell::keeps_whole))
    }

    /// What is `null` is a person whose account is gone, where a person is meant.
    fn add_null(&mut self, outline: &Outline) {
        for leaf in outline.near_leaves() {
            if let Some(cell) = self.cells.get_mut(leaf.cell) {
                cell.add_null(leaf.slot);
            }
        }
    }

    fn end_element(&mut self, outline: &Outline, depth: usize) {
        for index in outline.cells() {
            if let Some(cell) = self.cells.get_mut(*index) {
                cell.end_element(depth);
            }
        }
    }
}

/// How many cells of a row are columns, texts, moments that decide on it, names of what it is about, and what else of it;
/// those after them tie it to others.
#[derive(Clone, Copy)]
struct Widths {
    columns: usize,
    texts: usize,
    moments: usize,
    names: usize,
    details: usize,
}

/// The rows of a list that go to a table.
struct List<'a> {
    row: Cells<'a>,
    widths: Widths,
    table: &'a mut Table,
    keep: Keep<'a>,
}

impl reading::Rows for List<'_> {
    fn row(&mut self) -> &mut dyn Leaves {
        &mut self.row
    }

    /// Writes the row at hand, if it may be shown, and makes the cells fit for the next one.
    fn end_row(&mut self) -> ControlFlow<()> {
        let Widths { columns, texts, moments, names, details } = self.widths;
        let (shown, others) = self.row.cells.split_at_mut_checked(columns + texts).unwrap_or_default();
        let (moments, others) = others.split_at_mut_checked(moments).unwrap_or_default();
        let (about, others) = others.split_at_mut_checked(names).unwrap_or_default();
        let (detail, ties) = others.split_at_mut_checked(details).unwrap_or_default();
        let detail = detail.first_mut().map(Cell::take).filter(|name| !name.is_empty());
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
        if is_older || self.keep.filter.is_some_and(|permits| !permits(&names, detail.as_deref())) {
            shown.iter_mut().for_each(|cell| drop(cell.take()));
            return ControlFlow::Continue(());
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
        ControlFlow::Continue(())
    }
}

/// Wants to know whether there is a row, and nothing of it.
struct FirstRow {
    is_there: bool,
    row: (),
}

impl reading::Rows for FirstRow {
    fn row(&mut self) -> &mut dyn Leaves {
        &mut self.row
    }

    fn end_row(&mut self) -> ControlFlow<()> {
        self.is_there = true;
        ControlFlow::Break(())
    }
}

#[cfg(test)]
mod tests;
