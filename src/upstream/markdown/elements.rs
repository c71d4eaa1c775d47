//! What each element of the storage format means.

use super::value;

/// An element that is open.
pub struct Element {
    pub meaning: Meaning,
    pub content: Content,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Content {
    Shown,
    Hidden,
}

pub enum Meaning {
    /// Nothing of its own: what is inside is shown.
    Nothing,
    Heading(usize),
    Paragraph,
    LineBreak,
    Rule,
    /// Marks around text: `**`.
    Marked(&'static str),
    List {
        ordered: bool,
    },
    Item,
    Quote,
    Table,
    Row,
    Cell,
    Preformatted,
    Anchor(String),
    /// A link to something in Confluence, which its children describe.
    Link,
    /// What a link or an image points to.
    Resource(String),
    Image,
    Macro(String),
    Parameter(String),
    RichBody,
    PlainBody,
    LinkBody,
    TaskStatus,
    TaskBody,
    /// A value that stands for itself: a date, an emoji.
    Value(String),
}

pub fn element(name: &str, attributes: &str) -> Element {
    let meaning = match name {
        "h1" => Meaning::Heading(1),
        "h2" => Meaning::Heading(2),
        "h3" => Meaning::Heading(3),
        "h4" => Meaning::Heading(4),
        "h5" => Meaning::Heading(5),
        "h6" => Meaning::Heading(6),
        "p" | "div" | "ac:layout-section" => Meaning::Paragraph,
        "br" => Meaning::LineBreak,
        "hr" => Meaning::Rule,
        "strong" | "b" => Meaning::Marked("**"),
        "em" | "i" => Meaning::Marked("*"),
        "code" => Meaning::Marked("`"),
        "del" | "s" => Meaning::Marked("~~"),
        "ul" | "ac:task-list" => Meaning::List { ordered: false },
        "ol" => Meaning::List { ordered: true },
        "li" => Meaning::Item,
        "blockquote" => Meaning::Quote,
        "table" => Meaning::Table,
        "tr" => Meaning::Row,
        "td" | "th" => Meaning::Cell,
        "pre" => Meaning::Preformatted,
        "a" => Meaning::Anchor(value(attributes, "href")),
        "img" => Meaning::Value(format!("![{}]({})", value(attributes, "alt"), value(attributes, "src"))),
        "time" => Meaning::Value(value(attributes, "datetime")),
        "ac:link" => Meaning::Link,
        "ac:link-body" | "ac:plain-text-link-body" => Meaning::LinkBody,
        "ri:page" | "ri:blog-post" => Meaning::Resource(named(
            "page: ",
            &[value(attributes, "ri:space-key"), value(attributes, "ri:content-title")],
        )),
        "ri:content-entity" => Meaning::Resource(format!("page {}", value(attributes, "ri:content-id"))),
        "ri:attachment" => Meaning::Resource(format!("attachment: {}", value(attributes, "ri:filename"))),
        "ri:url" => Meaning::Resource(value(attributes, "ri:value")),
        "ri:space" => Meaning::Resource(format!("space: {}", value(attributes, "ri:space-key"))),
        "ri:user" => Meaning::Resource(format!("user: {}", value(attributes, "ri:account-id"))),
        "ac:image" => Meaning::Image,
        "ac:structured-macro" | "ac:macro" => Meaning::Macro(value(attributes, "ac:name")),
        "ac:parameter" | "ac:default-parameter" => Meaning::Parameter(value(attributes, "ac:name")),
        "ac:rich-text-body" => Meaning::RichBody,
        "ac:plain-text-body" => Meaning::PlainBody,
        "ac:task-status" => Meaning::TaskStatus,
        "ac:task-body" => Meaning::TaskBody,
        "ac:emoticon" => Meaning::Value(emoji(attributes)),
        _ => Meaning::Nothing,
    };
    // An extension of the new editor repeats itself in `ac:adf-fallback`, which is what we can read.
    let is_hidden = matches!(
        name,
        "ac:task-id" | "ac:task-uuid" | "ac:placeholder" | "ac:adf-node" | "ac:adf-attribute" | "style" | "script"
    );
    Element { meaning, content: if is_hidden { Content::Hidden } else { Content::Shown } }
}

fn named(kind: &str, parts: &[String]) -> String {
    let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    format!("{kind}{}", parts.join("/"))
}

fn emoji(attributes: &str) -> String {
    let fallback = value(attributes, "ac:emoji-fallback");
    if fallback.is_empty() { format!(":{}:", value(attributes, "ac:name")) } else { fallback }
}
