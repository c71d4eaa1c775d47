//! The Markdown as it grows.

use super::elements::{Element, Meaning};

/// Tables within cells, quotes within quotes: deeper ones are written where they stand.
const DEEPEST_CAPTURE: usize = 8;

#[derive(Default)]
pub struct Page {
    out: String,
    /// Texts set aside while their inside is written, the innermost last.
    aside: Vec<String>,
    lists: Vec<List>,
    tables: Vec<Table>,
    macros: Vec<Macro>,
    links: Vec<Link>,
    /// Verbatim white space counts.
    preformatted: usize,
    task_is_done: bool,
}

struct List {
    ordered: bool,
    items: usize,
    /// Lists that end together with a table cell or quote do not indent what comes after.
    captures: usize,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
}

#[derive(Default)]
struct Macro {
    name: String,
    parameters: Vec<(String, String)>,
    has_body: bool,
}

#[derive(Default)]
struct Link {
    target: String,
    body: Option<String>,
}

impl Page {
    pub fn finish(self) -> String {
        let mut text: String = self.out.trim_end().to_owned();
        text.push('\n');
        text.trim_start_matches('\n').to_owned()
    }

    /// Decoded text between tags.
    pub fn text(&mut self, text: &str) {
        if self.preformatted > 0 {
            self.out.push_str(text);
            return;
        }
        let mut gap = false;
        for character in text.chars() {
            if character.is_whitespace() {
                gap = true;
                continue;
            }
            if gap {
                self.space();
                gap = false;
            }
            self.out.push(character);
        }
        if gap {
            self.space();
        }
    }

    /// A CDATA section: what a macro or a link has as plain text.
    pub fn verbatim(&mut self, text: &str) {
        if self.preformatted > 0 { self.out.push_str(text) } else { self.text(text) }
    }

    pub fn begin(&mut self, element: &Element) {
        match &element.meaning {
            Meaning::Heading(level) => {
                self.block();
                self.out.push_str(&"#".repeat(*level));
                self.out.push(' ');
            }
            Meaning::Paragraph => self.block(),
            Meaning::LineBreak => self.line(),
            Meaning::Rule => {
                self.block();
                self.out.push_str("---");
                self.block();
            }
            Meaning::Marked(mark) => self.out.push_str(mark),
            Meaning::List { ordered } => {
                if self.lists_here() == 0 {
                    self.block();
                }
                self.lists.push(List { ordered: *ordered, items: 0, captures: self.aside.len() });
            }
            Meaning::Item => self.item(),
            Meaning::Quote | Meaning::Cell | Meaning::Parameter(_) | Meaning::LinkBody | Meaning::TaskStatus => {
                self.capture();
            }
            Meaning::Table => {
                self.block();
                self.tables.push(Table::default());
            }
            Meaning::Row => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                }
            }
            Meaning::Preformatted | Meaning::PlainBody => {
                self.capture();
                self.preformatted += 1;
            }
            Meaning::Anchor(_) => self.out.push('['),
            Meaning::Link | Meaning::Image => self.links.push(Link::default()),
            Meaning::Resource(target) => {
                if let Some(link) = self.links.last_mut() {
                    link.target.clone_from(target);
                } else {
                    self.out.push_str(target);
                }
            }
            Meaning::Macro(name) => self.macros.push(Macro { name: name.clone(), ..Macro::default() }),
            Meaning::RichBody => self.rich_body(),
            Meaning::TaskBody => {
                let mark = if self.task_is_done { "[x] " } else { "[ ] " };
                self.item();
                self.out.push_str(mark);
            }
            Meaning::Value(value) => self.out.push_str(value),
            Meaning::Nothing => {}
        }
    }

    pub fn end(&mut self, element: Element) {
        match element.meaning {
            Meaning::Heading(_) | Meaning::Paragraph => self.block(),
            Meaning::Marked(mark) => self.out.push_str(mark),
            Meaning::List { .. } => {
                self.lists.pop();
                if self.lists_here() == 0 {
                    self.block();
                }
            }
            Meaning::Quote => {
                let inside = self.release();
                self.quote(&inside);
            }
            Meaning::Cell => {
                let cell = self.release();
                // Markdown's cells have one line.
                let cell = cell.trim().replace('|', "\\|").replace("\n\n", "\n").replace('\n', "<br>");
                if let Some(row) = self.tables.last_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                } else {
                    self.out.push_str(&cell);
                }
            }
            Meaning::Table => self.table(),
            Meaning::Preformatted => {
                self.preformatted -= 1;
                let code = self.release();
                self.code("", &code);
            }
            Meaning::PlainBody => {
                self.preformatted -= 1;
                let code = self.release();
                let language = self.macros.last().map(|found| found.parameter("language")).unwrap_or_default();
                self.title();
                self.code(&language, &code);
                self.has_body();
            }
            Meaning::Anchor(target) => {
                self.out.push_str("](");
                self.out.push_str(&target);
                self.out.push(')');
            }
            Meaning::Link => {
                let Link { target, body } = self.links.pop().unwrap_or_default();
                self.out.push_str(&match body {
                    None if target.starts_with("user: ") => format!("@[{target}]"),
                    None => format!("[{target}]"),
                    Some(body) => format!("[{}]({target})", body.trim()),
                });
            }
            Meaning::Image => {
                let Link { target, .. } = self.links.pop().unwrap_or_default();
                self.out.push_str(&format!("![{target}]"));
            }
            Meaning::LinkBody => {
                let body = self.release();
                if let Some(link) = self.links.last_mut() {
                    link.body = Some(body);
                } else {
                    self.out.push_str(&body);
                }
            }
            Meaning::Parameter(name) => {
                let text = self.release();
                if let Some(found) = self.macros.last_mut() {
                    found.parameters.push((name, text.trim().to_owned()));
                }
            }
            Meaning::TaskStatus => self.task_is_done = self.release().trim() == "complete",
            Meaning::RichBody => self.end_rich_body(),
            Meaning::Macro(_) => self.end_macro(),
            Meaning::LineBreak
            | Meaning::Rule
            | Meaning::Item
            | Meaning::Row
            | Meaning::Resource(_)
            | Meaning::TaskBody
            | Meaning::Value(_)
            | Meaning::Nothing => {}
        }
    }

    fn rich_body(&mut self) {
        self.title();
        if self.macros.last().is_some_and(Macro::is_panel) {
            self.capture();
        } else {
            self.block();
        }
    }

    fn end_rich_body(&mut self) {
        if self.macros.last().is_some_and(Macro::is_panel) {
            let inside = self.release();
            let head = self.macros.last().map(Macro::panel).unwrap_or_default();
            self.quote(&format!("{head}\n{}", inside.trim()));
        } else {
            self.block();
        }
        self.has_body();
    }

    /// What names a macro that has a body: nothing for code and panels, which speak for themselves.
    fn title(&mut self) {
        let Some(found) = self.macros.last().filter(|found| !found.is_panel()) else { return };
        let title = found.parameter("title");
        let text = match found.name.as_str() {
            "code" | "noformat" if title.is_empty() => return,
            "code" | "noformat" => format!("{title}:"),
            name if title.is_empty() => format!("[macro: {name}]"),
            name => format!("[macro: {name}] {title}"),
        };
        self.block();
        self.out.push_str(&text);
    }

    fn has_body(&mut self) {
        if let Some(found) = self.macros.last_mut() {
            found.has_body = true;
        }
    }

    fn end_macro(&mut self) {
        let Some(found) = self.macros.pop() else { return };
        if found.has_body {
            return;
        }
        let text = match found.name.as_str() {
            "status" => format!("[status: {}]", found.parameter("title")),
            "jira" if !found.parameter("key").is_empty() => format!("[jira: {}]", found.parameter("key")),
            "anchor" => String::new(),
            name => {
                let parameters: String = found
                    .parameters
                    .iter()
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(name, value)| if name.is_empty() { format!(" {value}") } else { format!(" {name}={value}") })
                    .collect();
                format!("[macro: {name}{parameters}]")
            }
        };
        self.out.push_str(&text);
    }

    fn item(&mut self) {
        self.line();
        let depth = self.lists_here();
        self.out.push_str(&"  ".repeat(depth.saturating_sub(1)));
        let Some(list) = self.lists.last_mut() else { return self.out.push_str("- ") };
        list.items += 1;
        let mark = if list.ordered { format!("{}. ", list.items) } else { "- ".to_owned() };
        self.out.push_str(&mark);
    }

    fn table(&mut self) {
        let Some(table) = self.tables.pop() else { return };
        let width = table.rows.iter().map(Vec::len).max().unwrap_or_default();
        if width == 0 {
            return;
        }
        self.block();
        for (index, row) in table.rows.iter().enumerate() {
            self.out.push('|');
            for column in 0..width {
                self.out.push(' ');
                self.out.push_str(row.get(column).map_or("", String::as_str));
                self.out.push_str(" |");
            }
            self.out.push('\n');
            if index == 0 {
                self.out.push('|');
                self.out.push_str(&" --- |".repeat(width));
                self.out.push('\n');
            }
        }
        self.block();
    }

    fn code(&mut self, language: &str, code: &str) {
        let longest = code.split(|character| character != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat((longest + 1).max(3));
        self.block();
        self.out.push_str(&format!("{fence}{language}\n{}\n{fence}", code.trim_matches('\n')));
        self.block();
    }

    fn quote(&mut self, inside: &str) {
        self.block();
        for line in inside.trim().lines() {
            self.out.push_str("> ");
            self.out.push_str(line);
            self.out.push('\n');
        }
        self.block();
    }

    fn capture(&mut self) {
        // Deeper ones are written where they stand, so that nothing is copied more than a few times.
        if self.aside.len() < DEEPEST_CAPTURE {
            self.aside.push(std::mem::take(&mut self.out));
        } else {
            self.aside.push(String::new());
        }
    }

    fn release(&mut self) -> String {
        match self.aside.pop() {
            Some(before) if self.aside.len() < DEEPEST_CAPTURE => std::mem::replace(&mut self.out, before),
            _ => String::new(),
        }
    }

    fn lists_here(&self) -> usize {
        self.lists.iter().filter(|list| list.captures == self.aside.len()).count()
    }

    /// Begins what stands on lines of its own.
    fn block(&mut self) {
        if self.out.is_empty() || self.is_at_item() {
            return;
        }
        self.line();
        if self.lists_here() > 0 {
            self.out.push_str(&"  ".repeat(self.lists_here()));
        } else if !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// Begins a line, where one has not just begun.
    fn line(&mut self) {
        let trimmed = self.out.trim_end_matches(' ').len();
        self.out.truncate(trimmed);
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// One space, where there is not white space already.
    fn space(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
    }

    /// Whether a list item has just begun.
    fn is_at_item(&self) -> bool {
        if self.lists_here() == 0 {
            return false;
        }
        let line = self.out.rsplit('\n').next().unwrap_or_default().trim_start();
        let mark = line.trim_end_matches("[ ] ").trim_end_matches("[x] ");
        mark == "- " || mark.strip_suffix(". ").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

impl Macro {
    fn parameter(&self, name: &str) -> String {
        self.parameters.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone()).unwrap_or_default()
    }

    /// Info, note and their kind.
    fn is_panel(&self) -> bool {
        matches!(self.name.as_str(), "info" | "note" | "tip" | "warning" | "panel" | "expand" | "excerpt")
    }

    /// The first line of a panel.
    fn panel(&self) -> String {
        let title = self.parameter("title");
        let gap = if title.is_empty() { "" } else { " " };
        format!("[{}]{gap}{title}", self.name)
    }
}
