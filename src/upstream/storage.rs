//! Markdown as Confluence's storage format: what a model writes becomes elements of this table alone. Pure.
//!
//! CommonMark with tables, tasks and struck text. HTML in it is text but for raised, lowered and underlined text and line
//! breaks, and so is everything that looks like a macro: nothing is copied into the page but escaped, or a [`Piece`]. Links
//! lead to the web, to a mailbox or to a heading, others are shown as text; an image is an attachment of the page, or a link.

mod ahead;
mod pieces;

use std::{collections::HashMap, fmt::Write as _};

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use ahead::{html, tasks};
pub use pieces::{MOST_PIECES, Meaning, Piece, piece, piece_number};

/// Of what a code block says of its language, in bytes.
const LONGEST_LANGUAGE: usize = 30;
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];
/// The page's body.
pub fn from_markdown(markdown: &str) -> String {
    with_pieces(markdown, &[]).0
}

/// The body of a page in which characters stand for pieces, and the spellings of those that are unknown and no code.
pub fn with_pieces(markdown: &str, pieces: &[Piece]) -> (String, Vec<String>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let events: Vec<_> = Parser::new_ext(markdown, options).collect();
    let mut page = Page { pieces, tasks: tasks(&events), html: html(&events), ..Page::default() };
    let mut index = 0;
    while let Some(event) = events.get(index) {
        if let Some(block) = lone_block(events.get(index..index + 3).unwrap_or_default(), pieces) {
            page.storage.push_str(block);
            index += 3;
            continue;
        }
        page.take(index, event.clone());
        index += 1;
    }
    (page.storage, page.unknown)
}

/// A paragraph of nothing but something that stands on lines of its own.
fn lone_block<'p>(events: &[Event<'_>], pieces: &'p [Piece]) -> Option<&'p str> {
    let [Event::Start(Tag::Paragraph), Event::Text(text), Event::End(TagEnd::Paragraph)] = events else { return None };
    let mut characters = text.chars();
    let piece = characters.next().and_then(piece_number).and_then(|number| pieces.get(number))?;
    match &piece.meaning {
        Meaning::Elements { storage, is_block: true } if characters.next().is_none() => Some(storage),
        _ => None,
    }
}

#[derive(Default)]
struct Page<'p> {
    storage: String,
    pieces: &'p [Piece],
    tasks: HashMap<usize, bool>,
    html: HashMap<usize, &'static str>,
    unknown: Vec<String>,
    /// For each list and each item that is open, whether it is of tasks.
    of_tasks: Vec<bool>,
    /// The links and images that are open.
    links: Vec<Link>,
    /// The cells at hand are those of a table's head.
    is_head: bool,
    /// The text of the code block that is open.
    code: Option<String>,
    /// The alternative text of the image that is open.
    alternative: Option<String>,
}

/// What ends a link or an image.
enum Link {
    End(&'static str),
    /// It is text alone, with the target after it.
    Text(String),
    /// An image of that resource.
    Image(String),
}

impl Page<'_> {
    fn take(&mut self, index: usize, event: Event<'_>) {
        match event {
            Event::Start(Tag::List(_)) if self.tasks.contains_key(&index) => {
                self.of_tasks.push(true);
                self.storage.push_str("<ac:task-list>");
            }
            Event::Start(Tag::Item) => {
                self.of_tasks.push(self.tasks.contains_key(&index));
                let state = match self.tasks.get(&index) {
                    Some(true) => "complete",
                    Some(false) => "incomplete",
                    None => return self.storage.push_str("<li>"),
                };
                // Writing to a String cannot fail.
                let _ = write!(self.storage, "<ac:task><ac:task-status>{state}</ac:task-status><ac:task-body>");
            }
            Event::InlineHtml(_) if self.html.contains_key(&index) && self.alternative.is_none() => {
                self.storage.push_str(self.html.get(&index).copied().unwrap_or_default());
            }
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) if self.alternative.is_some() => self.text(&code),
            Event::Code(code) => {
                self.storage.push_str("<code>");
                let code = self.spelled(&code);
                push_escaped(&mut self.storage, &code);
                self.storage.push_str("</code>");
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak if self.alternative.is_some() => self.text(" "),
            Event::HardBreak => self.storage.push_str("<br/>"),
            Event::Rule => self.storage.push_str("<hr/>"),
            Event::TaskListMarker(done) => {
                if self.of_tasks.last() != Some(&true) {
                    self.text(if done { "[x] " } else { "[ ] " });
                }
            }
            // Of syntax that is not switched on.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
        }
    }

    /// Text in which pieces have their spelling.
    fn spelled(&self, text: &str) -> String {
        let mut spelled = String::with_capacity(text.len());
        for character in text.chars() {
            match piece_number(character).and_then(|number| self.pieces.get(number)) {
                Some(piece) => spelled.push_str(&piece.spelling),
                None => spelled.push(character),
            }
        }
        spelled
    }

    fn text(&mut self, text: &str) {
        if self.code.is_some() || self.alternative.is_some() {
            let spelled = self.spelled(text);
            if let Some(into) = self.code.as_mut().or(self.alternative.as_mut()) {
                into.push_str(&spelled);
            }
            return;
        }
        let mut rest = text;
        while let Some((at, character)) = rest.char_indices().find(|(_, character)| piece_number(*character).is_some())
        {
            let (before, after) = rest.split_at(at);
            push_escaped(&mut self.storage, before);
            rest = after.get(character.len_utf8()..).unwrap_or_default();
            let Some(piece) = piece_number(character).and_then(|number| self.pieces.get(number)) else { continue };
            if let Meaning::Elements { storage, .. } = &piece.meaning {
                self.storage.push_str(storage);
                continue;
            }
            push_escaped(&mut self.storage, &piece.spelling);
            if matches!(piece.meaning, Meaning::Unknown) {
                self.unknown.push(piece.spelling.clone());
            }
        }
        push_escaped(&mut self.storage, rest);
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => self.begin_code(&kind),
            Tag::Link { dest_url, .. } => self.begin_link(&dest_url),
            Tag::Image { dest_url, .. } => self.begin_image(&dest_url),
            Tag::List(start) => {
                self.of_tasks.push(false);
                match start {
                    Some(start) if start != 1 => {
                        // Writing to a String cannot fail.
                        let _ = write!(self.storage, "<ol start=\"{start}\">");
                    }
                    _ => self.push_element(&TagEnd::List(start.is_some()), false),
                }
            }
            Tag::Table(_) => self.storage.push_str("<table><tbody>"),
            Tag::TableHead => {
                self.is_head = true;
                self.storage.push_str("<tr>");
            }
            other => self.push_element(&other.to_end(), false),
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::Table => self.storage.push_str("</tbody></table>"),
            TagEnd::TableHead => {
                self.storage.push_str("</tr>");
                self.is_head = false;
            }
            TagEnd::List(_) | TagEnd::Item => match (self.of_tasks.pop(), tag) {
                (Some(true), TagEnd::Item) => self.storage.push_str("</ac:task-body></ac:task>"),
                (Some(true), _) => self.storage.push_str("</ac:task-list>"),
                _ => self.push_element(&tag, true),
            },
            other => self.push_element(&other, true),
        }
    }

    fn push_element(&mut self, tag: &TagEnd, ends: bool) {
        if self.alternative.is_some() {
            return;
        }
        let name = match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => "p",
            TagEnd::Heading(level) => {
                const NAMES: [&str; 6] = ["h1", "h2", "h3", "h4", "h5", "h6"];
                NAMES.get(*level as usize - 1).copied().unwrap_or("h6")
            }
            TagEnd::BlockQuote(_) => "blockquote",
            TagEnd::List(true) => "ol",
            TagEnd::List(false) => "ul",
            TagEnd::Item => "li",
            TagEnd::TableRow => "tr",
            TagEnd::TableCell if self.is_head => "th",
            TagEnd::TableCell => "td",
            TagEnd::Emphasis => "em",
            TagEnd::Strong => "strong",
            TagEnd::Strikethrough => "del",
            _ => return,
        };
        self.storage.push_str(if ends { "</" } else { "<" });
        self.storage.push_str(name);
        self.storage.push('>');
    }

    /// What a target leads to, where a piece says it.
    fn resource(&self, target: &str) -> Option<&str> {
        let mut characters = target.chars();
        let piece = characters.next().and_then(piece_number).and_then(|number| self.pieces.get(number))?;
        match &piece.meaning {
            Meaning::Target(resource) if characters.next().is_none() => Some(resource),
            _ => None,
        }
    }

    fn begin_link(&mut self, target: &str) {
        let lower = target.to_ascii_lowercase();
        let anchor = target.strip_prefix('#').filter(|anchor| !anchor.is_empty());
        let is_within = !self.links.is_empty() || self.alternative.is_some();
        let link = if is_within {
            Link::Text(self.spelled(target))
        } else if let Some(resource) = self.resource(target).map(str::to_owned) {
            self.storage.push_str("<ac:link>");
            self.storage.push_str(&resource);
            self.storage.push_str("<ac:link-body>");
            Link::End("</ac:link-body></ac:link>")
        } else if SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) {
            self.storage.push_str("<a href=\"");
            let target = self.spelled(target);
            push_escaped(&mut self.storage, &target);
            self.storage.push_str("\">");
            Link::End("</a>")
        } else if let Some(anchor) = anchor {
            self.storage.push_str("<ac:link ac:anchor=\"");
            let anchor = self.spelled(anchor);
            push_escaped(&mut self.storage, &anchor);
            self.storage.push_str("\"><ac:link-body>");
            Link::End("</ac:link-body></ac:link>")
        } else {
            Link::Text(self.spelled(target))
        };
        self.links.push(link);
    }

    fn begin_image(&mut self, target: &str) {
        let is_file = !target.is_empty() && !target.contains(['/', ':', '\\', '#', '?']);
        let resource = self.resource(target).map(str::to_owned).or_else(|| is_file.then(|| attachment(target)));
        match resource {
            Some(resource) if self.alternative.is_none() => {
                self.alternative = Some(String::new());
                self.links.push(Link::Image(resource));
            }
            _ => self.begin_link(target),
        }
    }

    fn end_link(&mut self) {
        match self.links.pop() {
            Some(Link::End(end)) => self.storage.push_str(end),
            Some(Link::Text(target)) if !target.is_empty() => self.text(&format!(" ({target})")),
            Some(Link::Image(resource)) => {
                let alternative = self.alternative.take().unwrap_or_default();
                self.storage.push_str("<ac:image");
                if !alternative.is_empty() {
                    self.storage.push_str(" ac:alt=\"");
                    push_escaped(&mut self.storage, &alternative);
                    self.storage.push('"');
                }
                self.storage.push('>');
                self.storage.push_str(&resource);
                self.storage.push_str("</ac:image>");
            }
            _ => {}
        }
    }

    fn begin_code(&mut self, kind: &CodeBlockKind<'_>) {
        self.storage.push_str("<ac:structured-macro ac:name=\"code\">");
        let language = match kind {
            CodeBlockKind::Fenced(info) => info.split_whitespace().next().unwrap_or_default(),
            CodeBlockKind::Indented => "",
        };
        let in_language = |byte: u8| byte.is_ascii_alphanumeric() || b"+#-_.".contains(&byte);
        if !language.is_empty() && language.len() <= LONGEST_LANGUAGE && language.bytes().all(in_language) {
            // Writing to a String cannot fail.
            let _ = write!(self.storage, "<ac:parameter ac:name=\"language\">{language}</ac:parameter>");
        }
        self.storage.push_str("<ac:plain-text-body>");
        self.code = Some(String::new());
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        self.storage.push_str(&verbatim(code.trim_end_matches('\n')));
        self.storage.push_str("</ac:plain-text-body></ac:structured-macro>");
    }
}

/// A text as sections of CDATA.
pub fn verbatim(text: &str) -> String {
    let text: String = text.chars().filter(|one| is_of_xml(*one)).collect();
    // A section cannot hold its own end: that is parted between two.
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// The element that names an attachment of the page.
pub fn attachment(name: &str) -> String {
    format!("<ri:attachment ri:filename=\"{}\"/>", escaped(name))
}

/// Text as it stands between tags, or in an attribute.
pub fn escaped(text: &str) -> String {
    let mut storage = String::with_capacity(text.len());
    push_escaped(&mut storage, text);
    storage
}

/// The characters that XML 1.0 has.
const fn is_of_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn push_escaped(storage: &mut String, text: &str) {
    for character in text.chars().filter(|character| is_of_xml(*character)) {
        match character {
            '&' => storage.push_str("&amp;"),
            '<' => storage.push_str("&lt;"),
            '>' => storage.push_str("&gt;"),
            '"' => storage.push_str("&quot;"),
            other => storage.push(other),
        }
    }
}

#[cfg(test)]
mod tests;
