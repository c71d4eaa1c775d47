//! Tables: cells with the columns and rows that they cover, as rows of Markdown.

use super::budget::{LONGEST_REPEATED, WIDEST};

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As a table.
    Grid,
    /// Within a cell of another one: rows on lines, cells between bars.
    Flat,
    /// Where no table can be: cells are written where they stand.
    InPlace,
}

pub struct Table {
    pub layout: Layout,
    /// Rows that are done, a line each.
    done: String,
    row: Row,
    /// Where the first row ends in `done`, and how many columns it has.
    first: Option<(usize, usize)>,
    width: usize,
    /// What cells of earlier rows left in columns of rows to come.
    held: Vec<Option<Held>>,
    /// Columns looked at.
    pub spent: usize,
}

#[derive(Default)]
struct Row {
    text: String,
    columns: usize,
    /// Whether it has a cell of its own.
    has_cells: bool,
}

#[derive(Clone)]
struct Held {
    text: String,
    /// `None` for all that come.
    rows: Option<usize>,
}

impl Table {
    pub fn new(layout: Layout) -> Self {
        Self { layout, done: String::new(), row: Row::default(), first: None, width: 0, held: Vec::new(), spent: 0 }
    }

    pub const fn len(&self) -> usize {
        self.done.len() + self.row.text.len()
    }

    /// Puts a cell where the grid has room for it.
    pub fn cell(&mut self, text: &str, columns: usize, rows: usize) {
        self.row.has_cells = true;
        self.fill_held();
        if self.row.columns >= WIDEST {
            self.row.text.push_str("<br>");
            self.row.text.push_str(text);
            return;
        }
        let repeated = if text.len() <= LONGEST_REPEATED { text } else { "(merged)" };
        let columns = columns.clamp(1, WIDEST - self.row.columns);
        let held = Held { text: repeated.to_owned(), rows: Some(rows.saturating_sub(1)).filter(|_| rows != 0) };
        for index in 0..columns {
            if rows != 1 {
                let column = self.row.columns;
                if self.held.len() <= column {
                    self.held.resize(column + 1, None);
                }
                if let Some(place) = self.held.get_mut(column) {
                    *place = Some(held.clone());
                }
            }
            self.push(if index == 0 { text } else { repeated });
        }
    }

    /// Ends a row; one without cells of its own is not written.
    pub fn end_row(&mut self) {
        let last_held = self.held.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        while self.row.columns < last_held {
            self.fill_held();
            if self.row.columns < last_held {
                self.push("");
            }
        }
        let Row { text, columns, has_cells } = std::mem::take(&mut self.row);
        if !has_cells {
            return;
        }
        self.width = self.width.max(columns);
        // A first row may be as long as the page.
        if self.done.is_empty() {
            self.done = text;
        } else {
            self.done.push_str(&text);
        }
        if self.layout == Layout::Grid {
            self.done.push_str(" |");
        }
        if self.first.is_none() {
            self.first = Some((self.done.len(), columns));
        }
        self.done.push('\n');
    }

    /// The lines of the whole, with one under the first that says how many columns there are.
    pub fn finish(mut self) -> (String, String) {
        if self.row.has_cells {
            self.end_row();
        }
        let Some((end, columns)) = self.first.filter(|_| self.layout == Layout::Grid) else {
            return (String::new(), self.done);
        };
        let rows = self.done.split_off((end + 1).min(self.done.len()));
        let mut head = self.done;
        head.truncate(end);
        head.push_str(&"  |".repeat(self.width - columns));
        head.push_str("\n|");
        head.push_str(&" --- |".repeat(self.width));
        (head, rows)
    }

    /// Writes what earlier rows hold in the columns that come next.
    fn fill_held(&mut self) {
        while let Some(place @ Some(_)) = self.held.get_mut(self.row.columns) {
            let Some(Held { text, rows }) = place else { return };
            let text = text.clone();
            match rows {
                Some(rows) if *rows > 1 => *rows -= 1,
                Some(_) => *place = None,
                None => {}
            }
            self.push(&text);
        }
    }

    fn push(&mut self, text: &str) {
        self.spent += 1 + text.len();
        match self.layout {
            Layout::Grid if self.row.columns == 0 => self.row.text.push_str("| "),
            Layout::Grid => self.row.text.push_str(" | "),
            _ if self.row.columns == 0 => {}
            _ => self.row.text.push_str(" \\| "),
        }
        self.row.text.push_str(text);
        self.row.columns += 1;
    }
}
