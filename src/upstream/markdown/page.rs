//! The way of a page's elements into Markdown.

use super::{
    adf::{Extension, Node},
    budget::DEEPEST_ASIDE,
    elements::Element,
    links::Link,
    macros::Macro,
    table::Table,
    writer::{Form, Gap, Writer},
};

/// What becomes of what is inside an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside {
    Shown,
    Hidden,
}

pub struct Page {
    writer: Writer,
    /// Those that wait while a text within theirs is written, the innermost last.
    waiting: Vec<Writer>,
    /// For each text that is or should be set aside, whether it is.
    asides: Vec<bool>,
    pub(super) tables: Vec<Table>,
    pub(super) macros: Vec<Macro>,
    pub(super) links: Vec<Link>,
    pub(super) extensions: Vec<Extension>,
    pub(super) nodes: Vec<Node>,
    /// How many attributes of nodes are open: what is in them is told, not shown.
    pub(super) attributes: usize,
    task_is_done: bool,
    /// How many texts and values of the page were shown.
    pub(super) shown: usize,
    /// Steps of texts that are done.
    pub(super) spent: usize,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            writer: Writer::new(Form::Blocks),
            waiting: Vec::new(),
            asides: Vec::new(),
            tables: Vec::new(),
            macros: Vec::new(),
            links: Vec::new(),
            extensions: Vec::new(),
            nodes: Vec::new(),
            attributes: 0,
            task_is_done: false,
            shown: 0,
            spent: 0,
        }
    }
}

impl Page {
    pub fn finish(self) -> String {
        let mut markdown = self.writer.finish();
        markdown.push('\n');
        markdown
    }

    /// Steps so far; see [`super::budget::Budget`].
    pub fn spent(&self) -> usize {
        let texts: usize = self.waiting.iter().chain([&self.writer]).map(|writer| writer.spent).sum();
        self.spent + texts + self.tables.iter().map(|table| table.spent).sum::<usize>()
    }

    /// Bytes of Markdown so far.
    pub fn written(&self) -> usize {
        let texts: usize = self.waiting.iter().chain([&self.writer]).map(Writer::len).sum();
        texts + self.tables.iter().map(Table::len).sum::<usize>()
    }

    /// Decoded text between tags, or that of a CDATA section.
    pub fn text(&mut self, text: &str) {
        if self.attributes == 0 && !text.trim().is_empty() {
            self.shown += 1;
        }
        self.writer.text(text);
    }

    /// Begins an element.
    pub fn begin(&mut self, element: &Element) -> Inside {
        match element {
            Element::Nothing => {}
            Element::Hidden { name } => {
                if let Some(name) = name {
                    self.say(&format!("[{name} left out]"));
                }
                return Inside::Hidden;
            }
            Element::Heading(_) => self.begin_heading(),
            Element::Paragraph => self.writer.begin_paragraph(),
            Element::Block => self.writer.owe(Gap::Block),
            Element::LineBreak => self.writer.line_break(),
            Element::Rule => self.writer.rule(),
            Element::Marked(open, close) => self.writer.mark(open, close),
            Element::Code => {
                self.set_aside(Form::Span);
            }
            Element::Preformatted | Element::PlainBody => {
                self.set_aside(Form::Code);
            }
            Element::List { start } => self.writer.begin_list(*start),
            Element::Item { number } => self.writer.begin_item(*number, ""),
            Element::TaskBody => self.writer.begin_item(None, if self.task_is_done { "[x] " } else { "[ ] " }),
            Element::Quote => self.writer.begin_quote(),
            Element::Table => self.begin_table(),
            Element::Row => self.begin_row(),
            Element::Cell { .. } => self.begin_cell(),
            Element::Anchor { target, name } => {
                if !name.is_empty() {
                    self.say(&format!("[anchor: {name}]"));
                }
                self.writer.link(target.clone());
            }
            Element::Link { anchor } => self.links.push(Link::new(anchor)),
            Element::Image { alternative } => self.links.push(Link::image(alternative)),
            Element::LinkBody => self.begin_link_body(),
            Element::Caption => self.begin_caption(),
            Element::Resource(target) => self.resource(target),
            Element::Macro(name) => self.begin_macro(name),
            Element::AdfAttribute(_) => self.begin_attribute(),
            Element::Parameter(_) | Element::TaskStatus => {
                self.set_aside(Form::Line);
            }
            Element::RichBody => self.begin_rich_body(),
            Element::AdfExtension => self.begin_extension(),
            Element::AdfNode(kind) => self.begin_node(kind),
            Element::AdfContent => self.begin_content(),
            Element::AdfFallback => return self.begin_fallback(),
            Element::Value(value) => {
                self.shown += 1;
                self.say(value);
            }
        }
        Inside::Shown
    }

    /// Ends an element that was begun.
    pub fn end(&mut self, element: Element) {
        match element {
            Element::Heading(level) => self.end_heading(level),
            Element::Paragraph => self.writer.end_paragraph(),
            Element::Block | Element::Caption | Element::AdfContent | Element::AdfFallback => {
                self.writer.owe(Gap::Block)
            }
            Element::Marked(..) => {
                self.writer.end_mark();
            }
            Element::Code => self.end_code(),
            Element::Preformatted => self.end_preformatted(),
            Element::PlainBody => self.end_plain_body(),
            Element::List { .. } => self.writer.end_list(),
            Element::Item { .. } | Element::TaskBody => self.writer.end_item(),
            Element::Quote => self.writer.end_quote(),
            Element::Table => self.end_table(),
            Element::Cell { columns, rows } => self.end_cell(columns, rows),
            Element::Anchor { target, .. } => {
                // A link without text still leads somewhere.
                if !self.writer.end_mark() && !target.is_empty() {
                    self.say(&format!("<{target}>"));
                }
            }
            Element::Link { .. } => self.end_link(),
            Element::LinkBody => self.end_link_body(),
            Element::Image { .. } => self.end_image(),
            Element::Macro(_) => self.end_macro(),
            Element::Parameter(name) => self.end_parameter(name),
            Element::RichBody => self.end_rich_body(),
            Element::TaskStatus => {
                self.task_is_done = self.take_aside().is_some_and(|status| status == "complete");
            }
            Element::AdfExtension => self.end_extension(),
            Element::AdfNode(_) => self.end_node(),
            Element::AdfAttribute(key) => self.end_attribute(key),
            Element::Nothing
            | Element::Hidden { .. }
            | Element::LineBreak
            | Element::Rule
            | Element::Row
            | Element::Resource(_)
            | Element::Value(_) => {}
        }
    }

    /// What is being written.
    pub(super) const fn writer(&mut self) -> &mut Writer {
        &mut self.writer
    }

    /// Words that are Postern's, or that stand for what they name.
    pub(super) fn say(&mut self, words: &str) {
        self.writer.text(words);
    }

    /// Sets aside what comes, until it is taken, and says whether it does: texts set aside too deep, and code within
    /// code, are written where they stand.
    pub(super) fn set_aside(&mut self, form: Form) -> bool {
        let is_code = |form| matches!(form, Form::Span | Form::Code);
        let is_aside = !(is_code(form) && is_code(self.writer.form)) && self.waiting.len() < DEEPEST_ASIDE;
        if is_aside {
            self.waiting.push(std::mem::replace(&mut self.writer, Writer::new(form)));
        }
        self.asides.push(is_aside);
        is_aside
    }

    /// Instead of setting aside what comes.
    pub(super) fn write_in_place(&mut self) -> bool {
        self.asides.push(false);
        false
    }

    /// What was set aside; `None` where it was written where it stands.
    pub(super) fn take_aside(&mut self) -> Option<String> {
        let before = if self.asides.pop()? { self.waiting.pop()? } else { return None };
        let done = std::mem::replace(&mut self.writer, before);
        self.spent += done.spent;
        Some(done.finish())
    }
}
