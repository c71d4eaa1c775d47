//! Markdown as it grows: lines behind the marks of the lists and quotes that they stand in.
//!
//! White space, marks of emphasis and marks of lists are owed until text follows them, so that nothing ends in white
//! space, nothing empty leaves marks behind, and what was written is never looked at again.

use super::budget::DEEPEST_INDENT;

/// What may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Blocks on lines of their own.
    Blocks,
    /// A cell of a table: one line, whose lines are told apart by `<br>`.
    Cell,
    /// One line: a heading, a parameter.
    Line,
    /// The inside of inline code: one line without marks.
    Span,
    /// Text whose white space counts, without marks.
    Code,
}

/// White space owed before the next text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    None,
    Space,
    Line,
    /// Between blocks.
    Block,
    /// Two line breaks that a person asked for.
    Lines,
}

/// A list item or a quote.
struct Container {
    /// Before its first line.
    mark: String,
    /// Before its other lines.
    rest: String,
    is_item: bool,
}

struct List {
    /// `None` for bullets.
    next: Option<u32>,
    /// Whether it has the other of two marks, because a list of its kind has just ended.
    is_alternate: bool,
    is_begun: bool,
}

/// Marks around text.
struct Mark {
    open: &'static str,
    close: &'static str,
    /// Where a link leads.
    target: Option<String>,
    is_used: bool,
}

/// What was written last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Text,
    Block,
    List { ordered: bool, is_alternate: bool },
}

pub struct Writer {
    pub form: Form,
    out: String,
    gap: Gap,
    prefix: String,
    containers: Vec<Container>,
    /// How many of the containers, the innermost, have no text yet.
    unopened: usize,
    lists: Vec<List>,
    marks: Vec<Mark>,
    /// How many of the marks, the outermost, are written and not closed.
    opened: usize,
    /// The mark that was closed last, and where.
    closed: Option<(&'static str, usize)>,
    last: Last,
    /// What a paragraph owes after the last text, where that names what the paragraph belongs to.
    after_head: Option<Gap>,
    /// How many paragraphs are open.
    paragraphs: usize,
    /// Bytes read and written.
    pub spent: usize,
}

impl Writer {
    pub const fn new(form: Form) -> Self {
        Self {
            form,
            out: String::new(),
            gap: Gap::None,
            prefix: String::new(),
            containers: Vec::new(),
            unopened: 0,
            lists: Vec::new(),
            marks: Vec::new(),
            opened: 0,
            closed: None,
            last: Last::Block,
            after_head: None,
            paragraphs: 0,
            spent: 0,
        }
    }

    pub const fn len(&self) -> usize {
        self.out.len()
    }

    pub fn finish(mut self) -> String {
        self.close_marks();
        self.out
    }

    /// Whether text would stand in a sentence: in a paragraph, or within marks.
    pub const fn is_in_sentence(&self) -> bool {
        self.paragraphs > 0 || !self.marks.is_empty()
    }

    /// Owes at least this gap.
    pub fn owe(&mut self, gap: Gap) {
        self.set_gap(self.gap.max(gap));
    }

    /// There is no gap before the first text of the whole or of a container.
    fn set_gap(&mut self, gap: Gap) {
        if self.unopened == 0 && !self.out.is_empty() {
            self.gap = gap;
        }
    }

    /// A line break that a person asked for.
    pub fn line_break(&mut self) {
        match self.form {
            Form::Code => self.out.push('\n'),
            _ if self.gap == Gap::Line => self.set_gap(Gap::Lines),
            _ => self.owe(Gap::Line),
        }
    }

    /// Text, its white space collapsed but in [`Form::Code`].
    pub fn text(&mut self, text: &str) {
        self.spent += text.len();
        if self.form == Form::Code {
            self.arrive();
            self.use_marks();
            self.out.push_str(text);
            return;
        }
        let mut rest = text;
        while let Some(start) = rest.find(|character: char| !character.is_whitespace()) {
            if start > 0 {
                self.owe(Gap::Space);
            }
            let word = rest.get(start..).unwrap_or_default();
            let (word, after) = word.split_at(word.find(char::is_whitespace).unwrap_or(word.len()));
            self.arrive();
            self.use_marks();
            self.push(word);
            rest = after;
        }
        if !rest.is_empty() {
            self.owe(Gap::Space);
        }
    }

    /// Begins a paragraph, up to [`Self::end_paragraph`].
    pub fn begin_paragraph(&mut self) {
        self.owe(self.after_head.unwrap_or(Gap::Block));
        self.paragraphs += 1;
    }

    pub fn end_paragraph(&mut self) {
        self.paragraphs = self.paragraphs.saturating_sub(1);
        self.owe(Gap::Block);
    }

    /// Names what follows, on the next line or on this one.
    pub fn head(&mut self, head: &str, gap: Gap) {
        self.text(head);
        self.owe(gap);
        self.after_head = Some(gap);
    }

    /// Inline Markdown of ours, fit for this form.
    pub fn inline(&mut self, markdown: &str) {
        if !markdown.is_empty() {
            self.arrive();
            self.use_marks();
            self.out.push_str(markdown);
            self.spent += markdown.len();
        }
    }

    /// A block of lines as they are, which no mark may touch.
    pub fn lines<'a>(&mut self, lines: impl Iterator<Item = &'a str>) {
        self.owe(Gap::Block);
        self.close_marks();
        self.arrive();
        for (index, line) in lines.enumerate() {
            if index > 0 {
                self.begin_line(line.is_empty());
            }
            self.out.push_str(line);
            self.spent += self.prefix.len() + line.len();
        }
        self.last = Last::Block;
        self.owe(Gap::Block);
    }

    fn begin_line(&mut self, is_empty: bool) {
        self.out.push('\n');
        self.out.push_str(if is_empty { self.prefix.trim_end() } else { &self.prefix });
    }

    /// A block of code. Its fences are longer than any run of backticks in it, and written where they stand: they can be
    /// as long as the page.
    pub fn fenced(&mut self, language: &str, code: &str) {
        let fence = (longest_run(code) + 1).max(3);
        self.owe(Gap::Block);
        self.close_marks();
        self.arrive();
        self.out.reserve_exact(code.len() + 2 * fence + language.len());
        self.push_backticks(fence);
        self.out.push_str(language);
        for line in code.split('\n') {
            self.begin_line(line.is_empty());
            self.out.push_str(line);
            self.spent += self.prefix.len() + line.len();
        }
        self.begin_line(false);
        self.push_backticks(fence);
        self.last = Last::Block;
        self.owe(Gap::Block);
    }

    /// Inline code that its content cannot end; nothing for nothing.
    pub fn span(&mut self, code: &str) {
        if code.is_empty() {
            return;
        }
        self.arrive();
        self.use_marks();
        let fence = longest_run(code) + 1;
        let gap = if code.starts_with('`') || code.ends_with('`') { " " } else { "" };
        self.out.reserve_exact(code.len() + 2 * fence + 2);
        self.push_backticks(fence);
        for part in [gap, code, gap] {
            self.out.push_str(part);
            self.spent += part.len();
        }
        self.push_backticks(fence);
    }

    fn push_backticks(&mut self, length: usize) {
        self.out.extend(std::iter::repeat_n('`', length));
        self.spent += length;
    }

    pub fn rule(&mut self) {
        // `- ---` would be a rule and no item.
        let rule = if self.unopened > 0 { "___" } else { "---" };
        match self.form {
            Form::Blocks => self.lines(std::iter::once(rule)),
            _ => self.owe(Gap::Block),
        }
    }

    /// Marks what comes, up to [`Self::end_mark`].
    pub fn mark(&mut self, open: &'static str, close: &'static str) {
        let is_marked = self.marks.iter().any(|mark| mark.open == open);
        let (open, close) = if is_marked { ("", "") } else { (open, close) };
        self.marks.push(Mark { open, close, target: None, is_used: false });
    }

    /// Makes what comes a link, up to [`Self::end_mark`]; nothing where it leads nowhere.
    pub fn link(&mut self, target: String) {
        let (open, close) = if target.is_empty() { ("", "") } else { ("[", ")") };
        self.marks.push(Mark { open, close, target: Some(target).filter(|target| !target.is_empty()), is_used: false });
    }

    /// Whether anything was marked.
    pub fn end_mark(&mut self) -> bool {
        if self.opened == self.marks.len() {
            self.close_innermost();
        }
        self.marks.pop().is_some_and(|mark| mark.is_used)
    }

    pub fn begin_list(&mut self, start: Option<u32>) {
        // Only a list that counts from one can follow a paragraph on the next line.
        let may_follow = matches!(start, None | Some(1))
            && self.last == Last::Text
            && self.containers.last().is_some_and(|container| container.is_item);
        if may_follow {
            self.set_gap(Gap::Line);
        } else {
            self.owe(Gap::Block);
        }
        let ordered = start.is_some();
        let is_alternate = self.unopened == 0 && self.last == Last::List { ordered, is_alternate: false };
        self.lists.push(List { next: start, is_alternate, is_begun: false });
    }

    pub fn end_list(&mut self) {
        if let Some(List { next, is_alternate, is_begun: true }) = self.lists.pop() {
            self.last = Last::List { ordered: next.is_some(), is_alternate };
        }
        self.owe(Gap::Block);
    }

    /// Begins an item of the innermost list, with a number of its own where it has one, and with words before its text.
    pub fn begin_item(&mut self, number: Option<u32>, words: &str) {
        let mut mark = "- ".to_owned();
        let mut is_begun = false;
        if let Some(list) = self.lists.last_mut() {
            is_begun = list.is_begun;
            if let Some(next) = &mut list.next {
                let number = number.unwrap_or(*next);
                *next = (number + 1).min(999_999_999);
                mark = if list.is_alternate { format!("{number}) ") } else { format!("{number}. ") };
            } else if list.is_alternate {
                mark.replace_range(..1, "*");
            }
        }
        if is_begun {
            self.set_gap(Gap::Line);
        } else {
            self.owe(Gap::Line);
        }
        let rest = " ".repeat(mark.len());
        mark.push_str(words);
        self.begin_container(mark, rest, true);
    }

    pub fn end_item(&mut self) {
        if self.end_container()
            && let Some(list) = self.lists.last_mut()
        {
            list.is_begun = true;
        }
        self.owe(Gap::Line);
    }

    pub fn begin_quote(&mut self) {
        self.owe(Gap::Block);
        self.begin_container("> ".to_owned(), "> ".to_owned(), false);
    }

    pub fn end_quote(&mut self) {
        if self.end_container() {
            self.last = Last::Block;
        }
        self.owe(Gap::Block);
    }

    fn begin_container(&mut self, mark: String, rest: String, is_item: bool) {
        let is_too_deep = self.containers.len() >= DEEPEST_INDENT;
        let rest = if is_too_deep { String::new() } else { rest };
        let mark = if is_too_deep && !is_item { String::new() } else { mark };
        self.containers.push(Container { mark, rest, is_item });
        self.unopened += 1;
    }

    /// Whether it had any text.
    fn end_container(&mut self) -> bool {
        let Some(container) = self.containers.pop() else { return false };
        if self.unopened > 0 {
            self.unopened -= 1;
            return false;
        }
        if self.has_prefix() {
            self.prefix.truncate(self.prefix.len().saturating_sub(container.rest.len()));
        }
        true
    }

    const fn has_prefix(&self) -> bool {
        matches!(self.form, Form::Blocks | Form::Cell)
    }

    /// Writes what is owed before text: the gap, and the marks of containers that begin with it.
    fn arrive(&mut self) {
        let opens = self.unopened > 0;
        if opens || self.gap >= Gap::Block {
            self.close_marks();
        }
        if opens {
            self.gap = self.gap.max(Gap::Line);
        }
        if !self.out.is_empty() && self.gap != Gap::None {
            self.push_gap();
        }
        self.gap = Gap::None;
        if opens {
            let first = self.containers.len() - self.unopened;
            self.unopened = 0;
            if self.has_prefix() {
                for container in self.containers.iter().skip(first) {
                    self.out.push_str(&container.mark);
                    self.prefix.push_str(&container.rest);
                    self.spent += container.mark.len();
                }
            }
        }
        self.last = Last::Text;
        self.after_head = None;
    }

    fn push_gap(&mut self) {
        if self.gap == Gap::Space {
            self.out.push(' ');
            return;
        }
        self.spent += self.prefix.len() + 1;
        match self.form {
            Form::Blocks => {
                self.out.push('\n');
                if self.gap >= Gap::Block {
                    self.out.push_str(self.prefix.trim_end());
                    self.out.push('\n');
                }
                self.out.push_str(&self.prefix);
            }
            Form::Cell => {
                self.out.push_str(if self.gap == Gap::Lines { "<br><br>" } else { "<br>" });
                self.out.push_str(&self.prefix);
            }
            Form::Line | Form::Span => self.out.push(' '),
            Form::Code => {
                if !self.out.ends_with('\n') {
                    self.out.push('\n');
                }
            }
        }
    }

    /// Appends text to the line.
    fn push(&mut self, text: &str) {
        self.spent += text.len();
        if self.form != Form::Cell || !text.contains('|') {
            self.out.push_str(text);
            return;
        }
        for (index, part) in text.split('|').enumerate() {
            if index > 0 {
                // A backslash before the escape would escape it.
                self.out.push_str(if self.out.ends_with('\\') { "&#124;" } else { "\\|" });
            }
            self.out.push_str(part);
        }
    }

    const fn shows_marks(&self) -> bool {
        !matches!(self.form, Form::Span | Form::Code)
    }

    fn use_marks(&mut self) {
        while let Some(mark) = self.marks.get_mut(self.opened) {
            mark.is_used = true;
            let open = mark.open;
            self.opened += 1;
            if !self.shows_marks() {
                continue;
            }
            // `**a****b**` would mean something else than `**ab**`.
            if self.closed == Some((open, self.out.len())) && !open.is_empty() {
                self.out.truncate(self.out.len() - open.len());
            } else {
                self.out.push_str(open);
                self.spent += open.len();
            }
        }
        self.closed = None;
    }

    fn close_marks(&mut self) {
        while self.opened > 0 {
            self.close_innermost();
        }
    }

    fn close_innermost(&mut self) {
        let Some(mark) = self.opened.checked_sub(1).and_then(|index| self.marks.get(index)) else { return };
        self.opened -= 1;
        let (open, close, target) = (mark.open, mark.close, mark.target.clone());
        match (target, self.shows_marks()) {
            (Some(target), true) => {
                self.out.push_str("](");
                self.push(&target);
                self.out.push_str(close);
            }
            (Some(target), false) => {
                self.out.push_str(" (");
                self.push(&target);
                self.out.push(')');
            }
            (None, true) => {
                self.out.push_str(close);
                self.spent += close.len();
                self.closed = Some((open, self.out.len())).filter(|_| open == close);
            }
            (None, false) => {}
        }
    }
}

fn longest_run(code: &str) -> usize {
    code.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}
