//! Headings, code and tables, each fit for where it stands.

use super::{
    page::Page,
    table::{Layout, Table},
    writer::{Form, Gap},
};

impl Page {
    pub(super) fn begin_heading(&mut self) {
        self.writer().owe(Gap::Block);
        let is_block = self.writer().form == Form::Blocks;
        // In a cell or on a line, `#` would be a letter.
        let is_aside = if is_block { self.set_aside(Form::Line) } else { self.write_in_place() };
        if !is_aside {
            self.writer().mark("**", "**");
        }
    }

    pub(super) fn end_heading(&mut self, level: usize) {
        match self.take_aside() {
            Some(text) if text.is_empty() => {}
            Some(text) => {
                let line = format!("{} {text}", "#".repeat(level));
                self.writer().lines(std::iter::once(line.as_str()));
            }
            None => {
                self.writer().end_mark();
            }
        }
        self.writer().owe(Gap::Block);
    }

    pub(super) fn end_code(&mut self) {
        if let Some(code) = self.take_aside() {
            self.span(&code);
        }
    }

    pub(super) fn end_preformatted(&mut self) {
        match self.take_aside() {
            Some(code) => self.code("", code.trim_matches('\n')),
            None => self.writer().owe(Gap::Line),
        }
    }

    pub(super) fn code(&mut self, language: &str, code: &str) {
        match self.writer().form {
            Form::Blocks => self.writer().fenced(language, code),
            // A fence cannot stand in a row.
            Form::Cell => {
                self.writer().owe(Gap::Block);
                if !language.is_empty() {
                    self.say(&format!("[code: {language}]"));
                    self.writer().owe(Gap::Line);
                }
                for (index, line) in code.split('\n').enumerate() {
                    if index > 0 {
                        self.writer().inline("<br>");
                    }
                    self.span(line);
                }
                self.writer().owe(Gap::Block);
            }
            Form::Line | Form::Span | Form::Code => {
                self.writer().owe(Gap::Line);
                self.say(language);
                self.writer().owe(Gap::Space);
                let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
                self.writer().span(&line);
                self.writer().owe(Gap::Line);
            }
        }
    }

    pub(super) fn begin_table(&mut self) {
        self.writer().owe(Gap::Block);
        let layout = match self.writer().form {
            Form::Blocks => Layout::Grid,
            Form::Cell => Layout::Flat,
            Form::Line | Form::Span | Form::Code => Layout::InPlace,
        };
        self.tables.push(Table::new(layout));
    }

    pub(super) fn begin_row(&mut self) {
        match self.tables.last_mut() {
            Some(table) if table.layout != Layout::InPlace => table.end_row(),
            _ => self.writer().owe(Gap::Line),
        }
    }

    pub(super) fn begin_cell(&mut self) {
        if self.tables.last().is_none_or(|table| table.layout == Layout::InPlace) {
            self.writer().owe(Gap::Block);
            self.write_in_place();
        } else if !self.set_aside(Form::Cell) {
            self.writer().owe(Gap::Block);
        }
    }

    pub(super) fn end_cell(&mut self, columns: usize, rows: usize) {
        match (self.take_aside(), self.tables.last_mut()) {
            (Some(text), Some(table)) => table.cell(&text, columns, rows),
            (Some(text), None) => self.writer().inline(&text),
            (None, _) => self.writer().owe(Gap::Block),
        }
    }

    pub(super) fn end_table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        self.spent += table.spent;
        let is_grid = table.layout == Layout::Grid;
        let (head, rows) = table.finish();
        if is_grid {
            if !head.is_empty() {
                self.writer().lines(head.lines().chain(rows.lines()));
            }
        } else {
            for row in rows.lines() {
                self.writer().owe(Gap::Line);
                self.writer().inline(row);
            }
        }
        self.writer().owe(Gap::Block);
    }

    /// Inline code, also in a cell, where a bar would end the cell.
    fn span(&mut self, code: &str) {
        let is_bar_possible = self.writer().form == Form::Cell && code.contains('|');
        if !is_bar_possible {
            self.writer().span(code);
        } else if code.contains("\\|") {
            // In a row, `\|` is a bar whose backslash is lost.
            let code = code.replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;");
            self.writer().inline(&format!("<code>{code}</code>"));
        } else {
            self.writer().span(&code.replace('|', "\\|"));
        }
    }
}
