//! A page in the storage format as a tree of byte ranges. Strict: what is not nested well is refused, because a place in it
//! could not be changed without touching what is around it. Nothing is ever written from it: it says only where things are.

use std::ops::Range;

use super::Refusal;
use crate::upstream::markup::{Token, attribute, tokens};

/// The longest page that is edited, in bytes.
pub const LONGEST: usize = 2_500_000;
/// Elements within elements.
const DEEPEST: usize = 200;
/// Elements, texts and comments.
const MOST_NODES: usize = 400_000;

/// The node that holds the page.
pub const ROOT: usize = 0;

#[derive(Debug, Clone, Copy)]
pub enum Kind<'a> {
    Element {
        name: &'a str,
        attributes: &'a str,
    },
    /// With its entities.
    Text(&'a str),
    /// A section of CDATA.
    Verbatim(&'a str),
    Aside,
}

#[derive(Debug, Clone)]
pub struct Node<'a> {
    pub kind: Kind<'a>,
    /// All of it, with its tags.
    pub span: Range<usize>,
    /// What is between its tags.
    pub inside: Range<usize>,
    pub parent: usize,
    /// The first node that is not within this one.
    pub next: usize,
}

impl<'a> Node<'a> {
    /// The name of an element; empty for anything else.
    pub const fn name(&self) -> &'a str {
        match self.kind {
            Kind::Element { name, .. } => name,
            _ => "",
        }
    }

    /// The value of an element's attribute; empty where there is none.
    pub fn attribute(&self, name: &str) -> String {
        match self.kind {
            Kind::Element { attributes, .. } => attribute(attributes, name).unwrap_or_default().into_owned(),
            _ => String::new(),
        }
    }

    /// A macro's name; empty for anything else.
    pub fn macro_name(&self) -> String {
        if matches!(self.name(), "ac:structured-macro" | "ac:macro") {
            self.attribute("ac:name")
        } else {
            String::new()
        }
    }
}

pub struct Document<'a> {
    pub source: &'a str,
    nodes: Vec<Node<'a>>,
}

impl<'a> Document<'a> {
    /// # Errors
    /// Where the page is too long, too deep or not nested well.
    pub fn read(source: &'a str) -> Result<Self, Refusal> {
        if source.len() > LONGEST {
            return Err(Refusal::TooLarge);
        }
        let whole = 0..source.len();
        let root = Kind::Element { name: "", attributes: "" };
        let mut nodes = vec![Node { kind: root, span: whole.clone(), inside: whole, parent: ROOT, next: 0 }];
        let mut open = vec![ROOT];
        let mut tokens = tokens(source);
        let mut start = 0;
        while let Some(token) = tokens.next() {
            let end = source.len() - tokens.left();
            let written = source.get(start..end).unwrap_or_default();
            let malformed = |what: &'static str| Refusal::Malformed { what, at: start };
            let index = nodes.len();
            let parent = open.last().copied().unwrap_or(ROOT);
            let mut leaf = |kind: Kind<'a>| {
                nodes.push(Node { kind, span: start..end, inside: start..end, parent, next: index + 1 });
            };
            match token {
                Token::Text(text) => leaf(Kind::Text(text)),
                Token::Verbatim(text) => {
                    if written.len() != text.len() + "<![CDATA[]]>".len() {
                        return Err(malformed("a section of CDATA has no end"));
                    }
                    leaf(Kind::Verbatim(text));
                }
                Token::Aside => {
                    let is_closed = match written.strip_prefix("<!--") {
                        Some(rest) => rest.ends_with("-->"),
                        None => written.ends_with('>'),
                    };
                    if !is_closed {
                        return Err(malformed("a comment has no end"));
                    }
                    leaf(Kind::Aside);
                }
                Token::Open { name, attributes, is_empty } => {
                    if !written.ends_with('>') || !is_name(name) {
                        return Err(malformed("a tag cannot be read"));
                    }
                    leaf(Kind::Element { name, attributes });
                    if !is_empty {
                        if open.len() >= DEEPEST {
                            return Err(Refusal::TooLarge);
                        }
                        open.push(index);
                    } else if let Some(node) = nodes.last_mut() {
                        node.inside = end..end;
                    }
                }
                Token::Close { name } => {
                    let ended = open.pop().filter(|ended| *ended != ROOT).and_then(|ended| nodes.get_mut(ended));
                    let Some(ended) = ended.filter(|ended| ended.name() == name && written.ends_with('>')) else {
                        return Err(malformed("an end tag ends nothing"));
                    };
                    ended.inside = ended.span.end..start;
                    ended.span.end = end;
                    ended.next = index;
                }
            }
            if nodes.len() > MOST_NODES {
                return Err(Refusal::TooLarge);
            }
            start = end;
        }
        if open.len() > 1 {
            return Err(Refusal::Malformed { what: "an element has no end", at: source.len() });
        }
        let all = nodes.len();
        if let Some(root) = nodes.first_mut() {
            root.next = all;
        }
        Ok(Self { source, nodes })
    }

    /// The node of that number; the page where there is none.
    pub fn node(&self, index: usize) -> &Node<'a> {
        self.nodes.get(index).or_else(|| self.nodes.first()).unwrap_or(const { &EMPTY })
    }

    pub fn slice(&self, range: Range<usize>) -> &'a str {
        self.source.get(range).unwrap_or_default()
    }

    /// The nodes directly within one.
    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = index + 1;
        std::iter::from_fn(move || {
            let child = next;
            (child < self.node(index).next).then(|| {
                next = self.node(child).next;
                child
            })
        })
    }

    /// A node and all within it, in the order of the page.
    pub fn within(&self, index: usize) -> Range<usize> {
        index..self.node(index).next
    }

    /// What a node lies in, from the inside out, without the page itself.
    pub fn around(&self, index: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(self.node(index).parent), |outer| Some(self.node(*outer).parent))
            .take_while(|outer| *outer != ROOT)
    }

    /// The child of that name.
    pub fn child(&self, index: usize, name: &str) -> Option<usize> {
        self.children(index).find(|child| self.node(*child).name() == name)
    }
}

const EMPTY: Node<'static> = Node { kind: Kind::Aside, span: 0..0, inside: 0..0, parent: ROOT, next: 0 };

fn is_name(name: &str) -> bool {
    let in_name = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.".contains(&byte);
    name.starts_with(|first: char| first.is_ascii_alphabetic()) && name.bytes().all(in_name)
}

/// Elements that stand on lines of their own, as those of a page's top level mostly do.
pub fn is_block(node: &Node<'_>) -> bool {
    const BLOCKS: [&str; 40] = [
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "table",
        "tbody",
        "thead",
        "tfoot",
        "tr",
        "td",
        "th",
        "blockquote",
        "pre",
        "hr",
        "div",
        "dl",
        "dt",
        "dd",
        "ac:task-list",
        "ac:task",
        "ac:task-body",
        "ac:layout",
        "ac:layout-section",
        "ac:layout-cell",
        "ac:adf-extension",
        "ac:rich-text-body",
        "ac:plain-text-body",
        "section",
        "article",
        "details",
        "summary",
        "ac:adf-node",
        "ac:adf-content",
        "ac:adf-fallback",
    ];
    const IN_SENTENCES: [&str; 5] = ["status", "jira", "anchor", "profile", "mathinline"];
    let name = node.macro_name();
    if name.is_empty() { BLOCKS.contains(&node.name()) } else { !IN_SENTENCES.contains(&name.as_str()) }
}

/// The level of a heading.
pub fn heading_level(node: &Node<'_>) -> Option<u8> {
    match node.name().as_bytes() {
        [b'h', level @ b'1'..=b'6'] => Some(level - b'0'),
        _ => None,
    }
}
