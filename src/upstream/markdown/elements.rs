//! What each element of the storage format means.

use super::value;

/// What an element means, with what its attributes say.
pub enum Element {
    /// Nothing of its own: what is inside is shown.
    Nothing,
    /// Left out, with what is inside; named where a person wrote it.
    Hidden {
        name: Option<&'static str>,
    },
    Heading(usize),
    Paragraph,
    /// What stands on lines of its own.
    Block,
    LineBreak,
    Rule,
    /// Marks before and after text: `**`.
    Marked(&'static str, &'static str),
    Code,
    Preformatted,
    List {
        start: Option<u32>,
    },
    Item {
        number: Option<u32>,
    },
    Quote,
    Table,
    Row,
    Cell {
        columns: usize,
        rows: usize,
    },
    Anchor {
        target: String,
        name: String,
    },
    /// A link to something in Confluence, which its children describe.
    Link {
        anchor: String,
    },
    LinkBody,
    Image {
        alternative: String,
    },
    Caption,
    /// What a link or an image points to.
    Resource(String),
    Macro(String),
    Parameter(String),
    RichBody,
    PlainBody,
    TaskStatus,
    TaskBody,
    AdfExtension,
    AdfNode(String),
    AdfAttribute(String),
    AdfContent,
    /// What an editor that knows no such node shows in its place.
    AdfFallback,
    /// A value that stands for itself: a date, an emoji.
    Value(String),
}

/// The meaning of the element `name` with these attributes.
pub fn element(name: &str, attributes: &str) -> Element {
    let of = |attribute: &str| value(attributes, attribute);
    let number = |attribute: &str| of(attribute).trim().parse::<i64>().ok();
    match name {
        "h1" => Element::Heading(1),
        "h2" => Element::Heading(2),
        "h3" => Element::Heading(3),
        "h4" => Element::Heading(4),
        "h5" => Element::Heading(5),
        "h6" => Element::Heading(6),
        "p" => Element::Paragraph,
        "div" | "ac:layout" | "ac:layout-section" | "ac:layout-cell" | "dl" | "dt" | "dd" | "address" | "article"
        | "aside" | "center" | "details" | "fieldset" | "figcaption" | "figure" | "footer" | "form" | "header"
        | "main" | "nav" | "section" | "summary" | "caption" => Element::Block,
        "br" => Element::LineBreak,
        "hr" => Element::Rule,
        "strong" | "b" => Element::Marked("**", "**"),
        "em" | "i" => Element::Marked("*", "*"),
        "del" | "s" | "strike" => Element::Marked("~~", "~~"),
        "sup" => Element::Marked("<sup>", "</sup>"),
        "sub" => Element::Marked("<sub>", "</sub>"),
        "u" | "ins" => Element::Marked("<u>", "</u>"),
        "span" => decoration(&of("style")),
        "ac:placeholder" => Element::Marked("[placeholder: ", "]"),
        "code" | "kbd" | "samp" | "tt" => Element::Code,
        "pre" => Element::Preformatted,
        "ul" | "ac:task-list" => Element::List { start: None },
        "ol" => Element::List { start: Some(ordinal(number("start").unwrap_or(1))) },
        "li" => Element::Item { number: number("value").map(ordinal) },
        "blockquote" => Element::Quote,
        "table" => Element::Table,
        "tr" => Element::Row,
        "td" | "th" => Element::Cell { columns: span(number("colspan")), rows: span(number("rowspan")) },
        "a" => Element::Anchor { target: of("href"), name: of("name") },
        "img" => Element::Value(picture(&of("alt"), &of("src"))),
        "time" => Element::Value(of("datetime")),
        "ac:emoticon" => Element::Value(emoji(attributes)),
        "at:var" => Element::Value(format!("[variable: {}]", of("at:name"))),
        "ac:link" => Element::Link { anchor: of("ac:anchor") },
        "ac:link-body" | "ac:plain-text-link-body" => Element::LinkBody,
        "ac:image" => {
            let described: Vec<String> =
                ["ac:alt", "ac:title"].map(of).into_iter().filter(|text| !text.is_empty()).collect();
            Element::Image { alternative: described.join(", ") }
        }
        "ac:caption" => Element::Caption,
        "ac:structured-macro" | "ac:macro" => Element::Macro(of("ac:name")),
        "ac:parameter" | "ac:default-parameter" => Element::Parameter(of("ac:name")),
        "ac:rich-text-body" => Element::RichBody,
        "ac:plain-text-body" => Element::PlainBody,
        "ac:task-status" => Element::TaskStatus,
        "ac:task-body" => Element::TaskBody,
        "ac:adf-extension" => Element::AdfExtension,
        "ac:adf-node" => Element::AdfNode(of("type")),
        "ac:adf-attribute" | "ac:adf-parameter" => Element::AdfAttribute(of("key")),
        "ac:adf-content" => Element::AdfContent,
        "ac:adf-fallback" => Element::AdfFallback,
        "ac:task-id" | "ac:task-uuid" => Element::Hidden { name: None },
        "style" => Element::Hidden { name: Some("style") },
        "script" => Element::Hidden { name: Some("script") },
        _ => resource(name, attributes),
    }
}

/// What an `ri:` element points to, by the names that a person would know it by.
fn resource(name: &str, attributes: &str) -> Element {
    let named = |kind: &str, names: &[&str]| {
        let names: Vec<String> =
            names.iter().map(|name| value(attributes, name)).filter(|name| !name.is_empty()).collect();
        Element::Resource(format!("{kind}{}", names.join("/")))
    };
    match name {
        "ri:page" => named("page: ", &["ri:space-key", "ri:content-title"]),
        "ri:blog-post" => named("blog post: ", &["ri:space-key", "ri:posting-day", "ri:content-title"]),
        "ri:content-entity" => named("page ", &["ri:content-id"]),
        "ri:attachment" => named("attachment: ", &["ri:filename"]),
        "ri:url" => named("", &["ri:value"]),
        "ri:space" => named("space: ", &["ri:space-key"]),
        "ri:shortcut" => named("shortcut: ", &["ri:key", "ri:parameter"]),
        "ri:user" => {
            let names = ["ri:account-id", "ri:userkey", "ri:username"].map(|name| value(attributes, name));
            let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
            Element::Resource(format!("user: {name}"))
        }
        _ => Element::Nothing,
    }
}

/// The old editor's way to strike through and to underline.
fn decoration(style: &str) -> Element {
    if style.contains("line-through") {
        Element::Marked("~~", "~~")
    } else if style.contains("underline") {
        Element::Marked("<u>", "</u>")
    } else {
        Element::Nothing
    }
}

fn emoji(attributes: &str) -> String {
    let names = ["ac:emoji-fallback", "ac:emoji-shortname"].map(|name| value(attributes, name));
    let known = names.into_iter().find(|name| !name.is_empty());
    known.unwrap_or_else(|| format!(":{}:", value(attributes, "ac:name")))
}

fn picture(alternative: &str, target: &str) -> String {
    if alternative.is_empty() { format!("![{target}]") } else { format!("![{alternative}]({target})") }
}

/// A list's number as Markdown can have it: not below nought, and of nine digits at most.
fn ordinal(number: i64) -> u32 {
    u32::try_from(number.clamp(0, 999_999_999)).unwrap_or_default()
}

/// How many columns or rows a cell covers; nought for all rows that come.
fn span(number: Option<i64>) -> usize {
    usize::try_from(number.unwrap_or(1).clamp(0, 65_534)).unwrap_or(1)
}
