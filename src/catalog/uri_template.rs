//! URI templates of RFC 6570: `{name}` for one segment (level 1), `{+name}` at the end for a path of several
//! (level 2). Pure, and strict: what is read back is what was written.

use std::fmt::Write as _;

/// A template's parts, in turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Literal(&'static str),
    Segment(&'static str),
    /// Keeps its slashes.
    Path(&'static str),
}

fn parts(template: &'static str) -> impl Iterator<Item = Part> {
    template.split('{').enumerate().flat_map(|(index, piece)| {
        let (variable, literal) = if index == 0 { (None, piece) } else { cut(piece) };
        let variable = variable.map(|name| name.strip_prefix('+').map_or(Part::Segment(name), Part::Path));
        variable.into_iter().chain((!literal.is_empty()).then_some(Part::Literal(literal)))
    })
}

fn cut(piece: &'static str) -> (Option<&'static str>, &'static str) {
    piece.split_once('}').map_or((None, piece), |(name, rest)| (Some(name), rest))
}

/// The names of a template's variables, in their order.
pub fn variables(template: &'static str) -> impl Iterator<Item = &'static str> {
    parts(template).filter_map(|part| match part {
        Part::Literal(_) => None,
        Part::Segment(name) | Part::Path(name) => Some(name),
    })
}

/// The URI for these values; a variable without one becomes nothing.
pub fn expand<'v>(template: &'static str, value: impl Fn(&str) -> Option<std::borrow::Cow<'v, str>>) -> String {
    let mut uri = String::new();
    for part in parts(template) {
        match part {
            Part::Literal(literal) => uri.push_str(literal),
            Part::Segment(name) => push_encoded(&mut uri, &value(name).unwrap_or_default()),
            Part::Path(name) => push_path(&mut uri, &value(name).unwrap_or_default()),
        }
    }
    uri
}

/// The values that make up this URI, each of at least one character; `None` where it is not of the template's form.
/// A slash that is part of a segment is written `%2F`, and no character outside of RFC 3986's is taken raw.
pub fn parse(template: &'static str, uri: &str) -> Option<Vec<(&'static str, String)>> {
    let mut values = Vec::new();
    let mut rest = uri;
    for part in parts(template) {
        let (name, is_path) = match part {
            Part::Literal(literal) => {
                rest = rest.strip_prefix(literal)?;
                continue;
            }
            Part::Segment(name) => (name, false),
            Part::Path(name) => (name, true),
        };
        let length = if is_path { rest.len() } else { rest.find('/').unwrap_or(rest.len()) };
        let (encoded, after) = rest.split_at_checked(length)?;
        values.push((name, decode(encoded, is_path)?));
        rest = after;
    }
    rest.is_empty().then_some(values)
}

fn decode(encoded: &str, is_path: bool) -> Option<String> {
    let mut decoded = Vec::with_capacity(encoded.len());
    let mut bytes = encoded.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
                let value = u8::try_from(digit(bytes.next())? * 16 + digit(bytes.next())?).ok()?;
                // In a path a slash parts names; one within a name has no meaning there.
                (!is_path || value != b'/').then(|| decoded.push(value))?;
            }
            b'/' if is_path => decoded.push(byte),
            _ if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) => decoded.push(byte),
            _ => return None,
        }
    }
    String::from_utf8(decoded).ok().filter(|text| !text.is_empty())
}

/// Percent-encodes all but slashes and RFC 3986's unreserved characters.
pub fn push_path(uri: &mut String, path: &str) {
    for (index, name) in path.split('/').enumerate() {
        if index > 0 {
            uri.push('/');
        }
        push_encoded(uri, name);
    }
}

/// Percent-encodes all but RFC 3986's unreserved characters.
pub fn push_encoded(uri: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;

    const TEMPLATE: &str = "test://{one}/at/{other}/{+path}";

    fn expanded(one: &str, other: &str, path: &str) -> String {
        let value = |name: &str| match name {
            "one" => Some(Cow::Borrowed(one)),
            "other" => Some(Cow::Borrowed(other)),
            "path" => Some(Cow::Borrowed(path)),
            _ => None,
        };
        expand(TEMPLATE, value)
    }

    fn parsed(uri: &str) -> Option<[String; 3]> {
        let values = parse(TEMPLATE, uri)?;
        values.into_iter().map(|(_, value)| value).collect::<Vec<_>>().try_into().ok()
    }

    #[test]
    fn a_slash_within_a_segment_is_written_as_such() {
        assert_eq!(expanded("a", "feature/login", "src/main.rs"), "test://a/at/feature%2Flogin/src/main.rs");
        assert_eq!(
            parsed("test://a/at/feature%2flogin/src/main.rs").unwrap(),
            ["a", "feature/login", "src/main.rs"].map(str::to_owned)
        );
    }

    #[test]
    fn other_forms_are_not_read() {
        let others = [
            "",
            "test://a/at/b",
            "test://a/at/b/",
            "test://a/b/c/d",
            "test:///at/b/c",
            "TEST://a/at/b/c",
            "test://a/at/b/c?d",
            "test://a/at/b/c#d",
            "test://a/at/b/c%2Fd",
            "test://a/at/b/c%",
            "test://a/at/b/c%4",
            "test://a/at/b/c%+1",
            "test://a/at/b/c%FF",
            "test://a/at/b/c d",
            "test://a/at/b/\u{e9}",
            "test://a/at/b\\c/d",
        ];
        for uri in others {
            assert_eq!(parsed(uri), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_written(one in ".+", other in ".+", path in "[^/]+(/[^/]+)*") {
            prop_assert_eq!(parsed(&expanded(&one, &other, &path)), Some([one, other, path]));
        }

        #[test]
        fn what_is_read_is_written_in_one_way(uri in "test://[a-z%2Ff]{1,9}/at/[a-z.%0-9]{1,9}/[a-z/.%0-9@+]{1,12}") {
            if let Some([one, other, path]) = parsed(&uri) {
                let canonical = expanded(&one, &other, &path);
                prop_assert_eq!(parsed(&canonical), Some([one, other, path]));
            }
        }

        #[test]
        fn any_text_is_read_without_a_panic(uri in ".*", tail in ".*") {
            let _ = parsed(&uri);
            let _ = parsed(&format!("test://a/at/{tail}"));
        }
    }
}
