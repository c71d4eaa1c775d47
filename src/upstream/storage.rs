//! Markdown as Confluence's storage format: what a model writes becomes elements of this table alone. Pure.
//!
//! CommonMark with tables and struck text. HTML in it is text, and so is everything that looks like a macro: nothing is
//! copied into the page but escaped. Links lead to the web or to a mailbox, others are shown as text; an image is a link.

use std::fmt::Write as _;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// Of what a code block says of its language, in bytes.
const LONGEST_LANGUAGE: usize = 30;
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

/// The page's body.
pub fn from_markdown(markdown: &str) -> String {
    let mut page = Page::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        page.take(event);
    }
    page.storage
}

#[derive(Default)]
struct Page {
    storage: String,
    /// The links and images that are open.
    links: Vec<Link>,
    /// The cells at hand are those of a table's head.
    is_head: bool,
    /// The text of the code block that is open.
    code: Option<String>,
}

struct Link {
    target: String,
    /// It is a link in the page too, and not text alone.
    is_followed: bool,
}

impl Page {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(code) => {
                self.storage.push_str("<code>");
                push_escaped(&mut self.storage, &code);
                self.storage.push_str("</code>");
            }
            Event::SoftBreak => self.text("\n"),
            Event::HardBreak => self.storage.push_str("<br/>"),
            Event::Rule => self.storage.push_str("<hr/>"),
            // Of syntax that is not switched on.
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::TaskListMarker(_) => {}
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.code {
            Some(code) => code.push_str(text),
            None => push_escaped(&mut self.storage, text),
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::CodeBlock(kind) => self.begin_code(&kind),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.begin_link(&dest_url),
            Tag::List(Some(start)) if start != 1 => {
                // Writing to a String cannot fail.
                let _ = write!(self.storage, "<ol start=\"{start}\">");
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
            other => self.push_element(&other, true),
        }
    }

    fn push_element(&mut self, tag: &TagEnd, ends: bool) {
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

    fn begin_link(&mut self, target: &str) {
        let lower = target.to_ascii_lowercase();
        let is_followed = SCHEMES.iter().any(|scheme| lower.starts_with(scheme)) && self.links.is_empty();
        if is_followed {
            self.storage.push_str("<a href=\"");
            push_escaped(&mut self.storage, target);
            self.storage.push_str("\">");
        }
        self.links.push(Link { target: target.to_owned(), is_followed });
    }

    fn end_link(&mut self) {
        match self.links.pop() {
            Some(Link { is_followed: true, .. }) => self.storage.push_str("</a>"),
            Some(Link { target, .. }) if !target.is_empty() => self.text(&format!(" ({target})")),
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
        self.storage.push_str("<ac:plain-text-body><![CDATA[");
        self.code = Some(String::new());
    }

    fn end_code(&mut self) {
        let code: String = self.code.take().unwrap_or_default().chars().filter(|one| is_of_xml(*one)).collect();
        // A section cannot hold its own end: that is parted between two.
        self.storage.push_str(&code.trim_end_matches('\n').replace("]]>", "]]]]><![CDATA[>"));
        self.storage.push_str("]]></ac:plain-text-body></ac:structured-macro>");
    }
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
