//! Tokens of Confluence's storage format: XHTML with macros. Lenient: any text has tokens. Pure.

mod entities;

use std::borrow::Cow;

#[derive(Debug, PartialEq, Eq)]
pub enum Token<'a> {
    Open {
        name: &'a str,
        attributes: &'a str,
        is_empty: bool,
    },
    Close {
        name: &'a str,
    },
    /// With its entities.
    Text(&'a str),
    /// As it is.
    Verbatim(&'a str),
    /// What nobody reads: a comment, a declaration, an instruction.
    Aside,
}

/// The tokens of a text, in order.
pub const fn tokens(text: &str) -> Tokens<'_> {
    Tokens { rest: text }
}

pub struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    /// Bytes not read yet.
    pub const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Takes what lies before `end`, and `end` itself away; the whole rest where there is none.
    fn until(&mut self, end: &str) -> &'a str {
        let (before, after) = self.rest.split_once(end).unwrap_or((self.rest, ""));
        self.rest = after;
        before
    }

    fn skip(&mut self, start: &str) -> bool {
        let found = self.rest.strip_prefix(start);
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        if !self.rest.starts_with('<') {
            let (text, rest) = self.rest.split_at(self.rest.find('<').unwrap_or(self.rest.len()));
            self.rest = rest;
            return Some(Token::Text(text));
        }
        if self.skip("<![CDATA[") {
            return Some(Token::Verbatim(self.until("]]>")));
        }
        if self.skip("<!--") {
            self.until("-->");
            return Some(Token::Aside);
        }
        if self.skip("<!") || self.skip("<?") {
            self.until(">");
            return Some(Token::Aside);
        }
        if self.skip("</") {
            return Some(Token::Close { name: self.until(">").trim() });
        }
        self.skip("<");
        let tag = self.tag();
        let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, attributes) = tag.split_once(|byte: char| byte.is_ascii_whitespace()).unwrap_or((tag, ""));
        Some(Token::Open { name, attributes, is_empty })
    }
}

impl<'a> Tokens<'a> {
    /// What lies before the `>` that ends a tag: one within quotes does not.
    fn tag(&mut self) -> &'a str {
        let mut quote = None;
        for (position, byte) in self.rest.bytes().enumerate() {
            match (byte, quote) {
                (b'>', None) => {
                    let (tag, rest) = self.rest.split_at(position);
                    self.rest = rest.get(1..).unwrap_or_default();
                    return tag;
                }
                (b'"' | b'\'', None) => quote = Some(byte),
                (byte, Some(open)) if byte == open => quote = None,
                _ => {}
            }
        }
        std::mem::take(&mut self.rest)
    }
}

/// The value of an attribute, its entities decoded.
pub fn attribute<'a>(attributes: &'a str, name: &str) -> Option<Cow<'a, str>> {
    let mut rest = attributes;
    loop {
        let (have, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let quote = after.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let (value, after) = after.get(1..)?.split_once(quote)?;
        if have.trim() == name {
            return Some(decode(value));
        }
        rest = after;
    }
}

/// How often a page has these words, whatever marks stand in them and however they are spaced.
pub fn occurrences(storage: &str, words: &str) -> usize {
    let wanted = spaced_once(words);
    if wanted.is_empty() {
        return 0;
    }
    let mut text = String::with_capacity(storage.len());
    let mut parameters = 0_usize;
    for token in tokens(storage) {
        match token {
            Token::Text(piece) if parameters == 0 => text.push_str(&decode(piece)),
            Token::Verbatim(piece) if parameters == 0 => text.push_str(piece),
            Token::Open { name: "ac:parameter", is_empty: false, .. } => parameters += 1,
            Token::Close { name: "ac:parameter" } => parameters = parameters.saturating_sub(1),
            Token::Open { name, .. } | Token::Close { name } if ends_line(name) => text.push(' '),
            _ => {}
        }
    }
    spaced_once(&text).matches(&wanted).count()
}

fn spaced_once(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the words before and after such an element are not one word.
fn ends_line(name: &str) -> bool {
    const WITHIN_LINES: [&str; 13] =
        ["strong", "b", "em", "i", "u", "s", "del", "code", "span", "a", "sub", "sup", "ac:inline-comment-marker"];
    !WITHIN_LINES.contains(&name)
}

/// Text with its entities decoded; what is no entity stays.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return text.into();
    }
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        decoded.push_str(before);
        // The longest name that we know has eight letters; a number has up to eight digits and `#x`.
        let end = after.bytes().take(11).position(|byte| byte == b';');
        let name = end.and_then(|end| after.get(..end));
        if let (Some(end), Some(character)) = (end, name.and_then(entity)) {
            decoded.push(character);
            rest = after.get(end + 1..).unwrap_or_default();
        } else {
            decoded.push('&');
            rest = after;
        }
    }
    decoded.push_str(rest);
    decoded.into()
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    entities::named(name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_text_and_cdata_are_told_apart() {
        let found: Vec<_> = tokens("<p a=\"x>y\">A &amp; B<br/><!-- no --><![CDATA[<raw>]]></p>").collect();
        assert_eq!(
            found,
            [
                Token::Open { name: "p", attributes: "a=\"x>y\"", is_empty: false },
                Token::Text("A &amp; B"),
                Token::Open { name: "br", attributes: "", is_empty: true },
                Token::Aside,
                Token::Verbatim("<raw>"),
                Token::Close { name: "p" },
            ]
        );
    }

    #[test]
    fn attributes_are_found_by_their_whole_name() {
        let attributes = r#"ac:schema-version="1" ac:name='co&amp;de'"#;
        assert_eq!(attribute(attributes, "ac:name").as_deref(), Some("co&de"));
        assert_eq!(attribute(attributes, "name"), None);
    }

    #[test]
    fn entities_are_decoded_and_stray_ampersands_stay() {
        assert_eq!(decode("&lt;&uuml;&yuml;&nbsp;&#8211;&#x2014;&Delta;&nope; & &"), "<üÿ\u{a0}–—Δ&nope; & &");
    }

    proptest! {
        #[test]
        fn any_text_has_tokens(text in "(<|>|/|!|\\[|\"|&|;|[a-z]|\\PC){0,80}") {
            let count = tokens(&text).count();
            prop_assert!(count <= text.len());
            let _ = decode(&text);
            let _ = attribute(&text, "a");
        }
    }
}
