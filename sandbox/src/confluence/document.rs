//! A page's content as data, and the four representations Confluence gives of it.

use serde_json::{Value, json};

use crate::accounts;
use crate::request;

/// A piece of a line.
#[derive(Clone, Debug)]
pub(crate) enum Inline {
    Text(String),
    Bold(&'static str),
    Code(&'static str),
    Link(&'static str, &'static str),
    Mention(&'static str),
}

/// A block of a page.
#[derive(Clone, Debug)]
pub(crate) enum Block {
    Heading(u8, String),
    Paragraph(Vec<Inline>),
    Bullets(Vec<Vec<Inline>>),
    Table(Vec<Vec<String>>),
    Code(&'static str, String),
    /// `info`, `note`, `tip` or `warning`.
    Panel(&'static str, Vec<Inline>),
}

/// Plain text as a line.
pub(crate) fn text(text: impl Into<String>) -> Inline {
    Inline::Text(text.into())
}

/// Text for XHTML. Confluence writes many letters as HTML's named entities, which XML does not know.
fn escape(text: &str) -> String {
    let named = |character: char| match character {
        '\u{a0}' => Some("&nbsp;"),
        '–' => Some("&ndash;"),
        '±' => Some("&plusmn;"),
        '’' => Some("&rsquo;"),
        '“' => Some("&ldquo;"),
        '”' => Some("&rdquo;"),
        'ß' => Some("&szlig;"),
        'ü' => Some("&uuml;"),
        'Ü' => Some("&Uuml;"),
        _ => None,
    };
    let mut escaped = String::new();
    for character in request::escape(text).chars() {
        match named(character) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(character),
        }
    }
    escaped
}

/// What the `storage` representation holds.
pub(crate) fn storage(blocks: &[Block]) -> String {
    blocks.iter().map(|block| markup(block, true)).collect()
}

/// What `view` and `export_view` hold: macros expanded; links of the latter are absolute.
pub(crate) fn view(blocks: &[Block]) -> String {
    blocks.iter().map(|block| markup(block, false)).collect()
}

fn markup(block: &Block, storage: bool) -> String {
    let inline = |line: &[Inline]| -> String { line.iter().map(|piece| inline_markup(piece, storage)).collect() };
    match block {
        Block::Heading(level, title) => format!("<h{level}>{}</h{level}>", escape(title)),
        Block::Paragraph(line) => format!("<p>{}</p>", inline(line)),
        Block::Bullets(items) => {
            let items: String = items.iter().map(|item| format!("<li><p>{}</p></li>", inline(item))).collect();
            format!("<ul>{items}</ul>")
        }
        Block::Table(rows) => table(rows),
        Block::Code(language, code) if storage => {
            // A CDATA section cannot hold its own end.
            let code = code.replace("]]>", "]]]]><![CDATA[>");
            format!(
                "<ac:structured-macro ac:name=\"code\" ac:schema-version=\"1\">\
                 <ac:parameter ac:name=\"language\">{language}</ac:parameter>\
                 <ac:plain-text-body><![CDATA[{code}]]></ac:plain-text-body></ac:structured-macro>"
            )
        }
        Block::Code(language, code) => format!(
            "<div class=\"code panel pdl\"><div class=\"codeContent panelContent pdl\">\
             <pre class=\"syntaxhighlighter-pre\" data-syntaxhighlighter-params=\"brush: {language}\">{}</pre></div></div>",
            escape(code)
        ),
        Block::Panel(kind, line) if storage => format!(
            "<ac:structured-macro ac:name=\"{kind}\" ac:schema-version=\"1\">\
             <ac:rich-text-body><p>{}</p></ac:rich-text-body></ac:structured-macro>",
            inline(line)
        ),
        Block::Panel(kind, line) => format!(
            "<div class=\"confluence-information-macro confluence-information-macro-{kind}\">\
             <div class=\"confluence-information-macro-body\"><p>{}</p></div></div>",
            inline(line)
        ),
    }
}

fn table(rows: &[Vec<String>]) -> String {
    let rows: String = rows
        .iter()
        .enumerate()
        .map(|(position, cells)| {
            let tag = if position == 0 { "th" } else { "td" };
            let cells: String = cells.iter().map(|cell| format!("<{tag}><p>{}</p></{tag}>", escape(cell))).collect();
            format!("<tr>{cells}</tr>")
        })
        .collect();
    format!("<table data-layout=\"default\"><tbody>{rows}</tbody></table>")
}

fn inline_markup(piece: &Inline, storage: bool) -> String {
    match piece {
        Inline::Text(text) => escape(text),
        Inline::Bold(text) => format!("<strong>{}</strong>", escape(text)),
        Inline::Code(text) => format!("<code>{}</code>", escape(text)),
        Inline::Link(text, url) => format!("<a href=\"{}\">{}</a>", escape(url), escape(text)),
        Inline::Mention(name) if storage => {
            format!("<ac:link><ri:user ri:account-id=\"{}\" /></ac:link>", account_id(name))
        }
        Inline::Mention(name) => format!(
            "<a class=\"confluence-userlink user-mention\" data-account-id=\"{}\" \
             href=\"https://acme.atlassian.net/wiki/people/{}\">{}</a>",
            account_id(name),
            account_id(name),
            escape(&display_name(name))
        ),
    }
}

/// What `atlas_doc_format` holds, as JSON in a string.
pub(crate) fn atlas_doc_format(blocks: &[Block]) -> String {
    let content: Vec<Value> = blocks.iter().map(node).collect();
    json!({"type": "doc", "version": 1, "content": content}).to_string()
}

fn node(block: &Block) -> Value {
    match block {
        Block::Heading(level, title) => {
            json!({"type": "heading", "attrs": {"level": level}, "content": [text_node(title)]})
        }
        Block::Paragraph(line) => paragraph(line),
        Block::Bullets(items) => {
            let items: Vec<Value> =
                items.iter().map(|item| json!({"type": "listItem", "content": [paragraph(item)]})).collect();
            json!({"type": "bulletList", "content": items})
        }
        Block::Table(rows) => {
            let rows: Vec<Value> = rows.iter().enumerate().map(|(position, cells)| row(position == 0, cells)).collect();
            json!({"type": "table", "attrs": {"layout": "default"}, "content": rows})
        }
        Block::Code(language, code) => {
            json!({"type": "codeBlock", "attrs": {"language": language}, "content": [text_node(code)]})
        }
        Block::Panel(kind, line) => {
            let kind = if *kind == "tip" { "success" } else { kind };
            json!({"type": "panel", "attrs": {"panelType": kind}, "content": [paragraph(line)]})
        }
    }
}

fn row(head: bool, cells: &[String]) -> Value {
    let kind = if head { "tableHeader" } else { "tableCell" };
    let cells: Vec<Value> = cells
        .iter()
        .map(|cell| {
            let paragraph = json!({"type": "paragraph", "content": [text_node(cell)]});
            json!({"type": kind, "attrs": {}, "content": [paragraph]})
        })
        .collect();
    json!({"type": "tableRow", "content": cells})
}

fn paragraph(line: &[Inline]) -> Value {
    let content: Vec<Value> = line.iter().map(inline_node).collect();
    json!({"type": "paragraph", "content": content})
}

fn text_node(text: &str) -> Value {
    json!({"type": "text", "text": text})
}

fn inline_node(piece: &Inline) -> Value {
    let marked = |text: &str, mark: Value| json!({"type": "text", "text": text, "marks": [mark]});
    match piece {
        Inline::Text(text) => text_node(text),
        Inline::Bold(text) => marked(text, json!({"type": "strong"})),
        Inline::Code(text) => marked(text, json!({"type": "code"})),
        Inline::Link(text, url) => marked(text, json!({"type": "link", "attrs": {"href": url}})),
        Inline::Mention(name) => json!({
            "type": "mention",
            "attrs": {"id": account_id(name), "text": format!("@{}", display_name(name))},
        }),
    }
}

/// The words of a page, for search and excerpts.
pub(crate) fn plain(blocks: &[Block]) -> String {
    let line = |line: &[Inline]| -> String {
        line.iter()
            .map(|piece| match piece {
                Inline::Text(text) => text.clone(),
                Inline::Bold(text) | Inline::Code(text) | Inline::Link(text, _) => (*text).to_owned(),
                Inline::Mention(name) => display_name(name),
            })
            .collect()
    };
    let texts: Vec<String> = blocks
        .iter()
        .map(|block| match block {
            Block::Heading(_, title) => title.clone(),
            Block::Code(_, code) => code.clone(),
            Block::Paragraph(pieces) | Block::Panel(_, pieces) => line(pieces),
            Block::Bullets(items) => {
                let items: Vec<String> = items.iter().map(|item| line(item)).collect();
                items.join(" ")
            }
            Block::Table(rows) => {
                let rows: Vec<String> = rows.iter().map(|cells| cells.join(" ")).collect();
                rows.join(" ")
            }
        })
        .collect();
    texts.join(" ")
}

fn account_id(name: &str) -> String {
    accounts::find(name).map_or_else(String::new, |person| person.account_id())
}

fn display_name(name: &str) -> String {
    accounts::find(name).map_or_else(|| name.to_owned(), |person| person.display_name)
}
