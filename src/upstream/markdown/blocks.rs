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
            let in_cell = self.writer().form == Form::Cell;
            let span = span(&code, in_cell);
            self.writer().inline(&span);
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
            Form::Blocks => {
                let fence = "`".repeat((longest_run(code) + 1).max(3));
                let first = format!("{fence}{language}");
                let lines = std::iter::once(first.as_str()).chain(code.split('\n')).chain([fence.as_str()]);
                self.writer().lines(lines);
            }
            // A fence cannot stand in a row.
            Form::Cell => {
                self.writer().owe(Gap::Block);
                if !language.is_empty() {
                    self.say(&format!("[code: {language}]"));
                    self.writer().owe(Gap::Line);
                }
                let lines: Vec<String> = code.split('\n').map(|line| span(line, true)).collect();
                self.writer().inline(&lines.join("<br>"));
                self.writer().owe(Gap::Block);
            }
            Form::Line | Form::Span | Form::Code => {
                self.writer().owe(Gap::Line);
                self.say(language);
                self.writer().owe(Gap::Space);
                let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
                self.writer().inline(&span(&line, false));
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
}

/// Inline code that its content cannot end; nothing for nothing.
fn span(code: &str, in_cell: bool) -> String {
    if code.is_empty() {
        return String::new();
    }
    // In a row, `\|` is a bar whose backslash is lost.
    if in_cell && code.contains("\\|") {
        let code = code.replace('&', "&amp;").replace('<', "&lt;").replace('|', "&#124;");
        return format!("<code>{code}</code>");
    }
    let code = if in_cell { code.replace('|', "\\|") } else { code.to_owned() };
    let run = longest_run(&code);
    let fence = "`".repeat(if run == 0 { 1 } else { run + 1 });
    let gap = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
    format!("{fence}{gap}{code}{gap}{fence}")
}

fn longest_run(code: &str) -> usize {
    code.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}
