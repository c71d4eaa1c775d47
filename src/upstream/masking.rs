//! Credentials in logs and files, which a model has no use for: known by their prefixes and forms, and shown as a word
//! that says what stood there. A program that prints a token, or a file with one in it, gives it away no further.
//!
//! One pass without regular expressions: what is no credential is looked at a fixed number of times, whatever it holds.
//! Pure.

mod rules;

use std::ops::Range;

use rules::{BEGINS_A_PREFIX, RULES, Rule};

/// A credential in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mask {
    /// The bytes that are not shown.
    pub at: Range<usize>,
    pub kind: &'static str,
}

impl Mask {
    /// What is shown in its place.
    pub fn word(&self) -> String {
        format!("[masked: {}]", self.kind)
    }

    /// Where it lies in a part of the text.
    pub fn within(&self, part: &Range<usize>) -> Self {
        let at = |place: usize| place.clamp(part.start, part.end) - part.start;
        Self { at: at(self.at.start)..at(self.at.end), kind: self.kind }
    }
}

/// What a credential is made of, after its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Letters, digits and `_`.
    Letters,
    /// Capitals and digits.
    Capitals,
    /// Digits and the letters to `f`.
    Hexadecimal,
    /// Both alphabets of Base64, with `=` at the end.
    Base64Url,
    /// As [`Self::Base64Url`], with dots between parts.
    Dotted,
}

impl Alphabet {
    const fn has(self, byte: u8) -> bool {
        match self {
            Self::Letters => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hexadecimal => byte.is_ascii_hexdigit(),
            Self::Base64Url => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/' | b'='),
            Self::Dotted => byte == b'.' || Self::Base64Url.has(byte),
        }
    }

    /// How many bytes of this alphabet a text begins with.
    fn run(self, text: &[u8]) -> usize {
        text.iter().take_while(|byte| self.has(**byte)).count()
    }
}

/// The least length of each of the three parts of a JSON Web Token, after `eyJ`.
const LEAST_JWT_PART: usize = 10;
/// Of the user and of the password in an address, in bytes.
const LONGEST_IN_ADDRESS: usize = 512;
/// From which length on what follows `Bearer` or `Basic` is a credential.
const LEAST_AUTHORIZATION: usize = 16;
/// Of a line between the header and the body of an old private key, in bytes.
const LONGEST_KEY_LINE: usize = 100;

/// The credentials of a text, from its beginning to its end. None lies in another one.
pub fn find(text: &[u8]) -> Vec<Mask> {
    let mut masks = Vec::new();
    let mut at = 0;
    let mut before = None;
    while let Some(byte) = text.get(at).copied() {
        match credential(text, at, before) {
            Some(mask) if mask.at.end > at => {
                at = mask.at.end;
                masks.push(mask);
                before = at.checked_sub(1).and_then(|last| text.get(last).copied());
            }
            _ => {
                at += 1;
                before = Some(byte);
            }
        }
    }
    masks
}

/// The text with a word in the place of each credential, and how many there are.
pub fn mask(text: &str) -> (String, usize) {
    let masks = find(text.as_bytes());
    let mut masked = String::with_capacity(text.len());
    let mut shown = 0;
    for mask in &masks {
        masked.push_str(text.get(shown..mask.at.start).unwrap_or_default());
        masked.push_str(&mask.word());
        shown = mask.at.end;
    }
    masked.push_str(text.get(shown..).unwrap_or_default());
    (masked, masks.len())
}

/// The credential that begins here, or right after what stands here.
fn credential(text: &[u8], at: usize, before: Option<u8>) -> Option<Mask> {
    let rest = text.get(at..)?;
    let of = |from: usize, length: usize, kind| Mask { at: at + from..at + from + length, kind };
    match rest.first()? {
        b'-' => private_key(rest).map(|length| of(0, length, "private key")),
        b':' => password_in_address(rest).map(|(from, length)| of(from, length, "password")),
        b'A' | b'a' if authorization(rest).is_some() => {
            authorization(rest).map(|(from, length)| of(from, length, "authorization"))
        }
        b'e' if !before.is_some_and(is_in_token) => json_web_token(rest).map(|length| of(0, length, "JSON Web Token")),
        byte if BEGINS_A_PREFIX.contains(*byte) && (!before.is_some_and(is_in_word) || *byte == b'_') => {
            let (rule, length) = prefixed(rest)?;
            Some(of(0, length, rule.kind))
        }
        _ => None,
    }
}

const fn is_in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

const fn is_in_token(byte: u8) -> bool {
    is_in_word(byte) || byte == b'-'
}

/// A credential that its prefix tells, and how long it is.
fn prefixed(text: &[u8]) -> Option<(&'static Rule, usize)> {
    RULES.iter().find_map(|rule| {
        let rest = text.strip_prefix(rule.prefix)?;
        let length = rule.alphabet.run(rest);
        (length >= rule.least).then_some((rule, rule.prefix.len() + length))
    })
}

/// A JSON Web Token (RFC 7519): three parts with dots between them, the first two of which are JSON objects.
fn json_web_token(text: &[u8]) -> Option<usize> {
    let part = |from: usize, begins: &[u8]| {
        let rest = text.get(from..)?.strip_prefix(begins)?;
        let length = rest.iter().take_while(|byte| is_in_token(**byte)).count();
        (length >= LEAST_JWT_PART).then_some(from + begins.len() + length)
    };
    let dot = |at: usize| (text.get(at) == Some(&b'.')).then_some(at + 1);
    part(dot(part(dot(part(0, b"eyJ")?)?, b"eyJ")?)?, b"")
}

/// Where the password of an address is, of which `://` stands here: `https://user:password@host`.
fn password_in_address(text: &[u8]) -> Option<(usize, usize)> {
    let rest = text.strip_prefix(b"://")?;
    let ends = |byte: &u8| matches!(byte, b'/' | b'@' | b':' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>');
    let length = |text: &[u8]| {
        text.iter().take(LONGEST_IN_ADDRESS).take_while(|byte| !ends(byte) && !byte.is_ascii_whitespace()).count()
    };
    let user = length(rest);
    let password = rest.get(user..)?.strip_prefix(b":")?;
    let longest = length(password);
    let is_password = longest > 0 && password.get(longest) == Some(&b'@');
    // A variable or stars stand for a password and give none away.
    let stands_for_one = matches!(password.first(), Some(b'$' | b'*' | b'{' | b'%' | b'['));
    (is_password && !stands_for_one).then_some((b"://".len() + user + 1, longest))
}

/// Where the credential of a header is, of which `Authorization` stands here.
fn authorization(text: &[u8]) -> Option<(usize, usize)> {
    const NAME: usize = "authorization".len();
    text.get(..NAME)?.eq_ignore_ascii_case(b"authorization").then_some(())?;
    let is_between = |byte: &u8| matches!(byte, b':' | b'=' | b' ' | b'"' | b'\'' | b'\\');
    let between = text.get(NAME..)?.iter().take(6).take_while(|byte| is_between(byte)).count();
    let scheme = text.get(NAME + between..)?;
    let name = ["bearer ", "basic ", "token "]
        .into_iter()
        .find(|name| scheme.get(..name.len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case(name.as_bytes())))?;
    let length = Alphabet::Dotted.run(scheme.get(name.len()..)?);
    (between > 0 && length >= LEAST_AUTHORIZATION).then_some((NAME + between + name.len(), length))
}

/// A private key in PEM (RFC 7468), to its end or as far as it goes on here; in a string of a program too, where line
/// ends are written `\n`.
fn private_key(text: &[u8]) -> Option<usize> {
    let label = text.strip_prefix(b"-----BEGIN ")?;
    let length = label.iter().take(40).take_while(|byte| byte.is_ascii_uppercase() || **byte == b' ').count();
    label
        .get(..length)?
        .strip_suffix(b"PRIVATE KEY")
        .or_else(|| label.get(..length)?.strip_suffix(b"PRIVATE KEY BLOCK"))?;
    label.get(length..)?.strip_prefix(b"-----")?;
    let mut at = b"-----BEGIN ".len() + length + b"-----".len();
    // Old keys have headers of their own: `Proc-Type: 4,ENCRYPTED`.
    loop {
        at += separators(text.get(at..)?);
        let line = text.get(at..)?;
        let is_header =
            [&b"Proc-Type:"[..], b"DEK-Info:", b"Version:", b"Comment:"].iter().any(|name| line.starts_with(name));
        if !is_header {
            break;
        }
        at += line.iter().take(LONGEST_KEY_LINE).take_while(|byte| !matches!(byte, b'\n' | b'\\')).count();
    }
    let begin = at;
    loop {
        let rest = text.get(at..)?;
        let line = rest.iter().take_while(|byte| is_base64(**byte)).count();
        let between = separators(rest.get(line..)?);
        if line == 0 {
            break;
        }
        at += line + between;
        if between == 0 {
            break;
        }
    }
    if at - begin < 32 {
        return None;
    }
    let end = text.get(at..)?;
    let marked = end.strip_prefix(b"-----END ").map(|label| {
        let length = label.iter().take(40).take_while(|byte| byte.is_ascii_uppercase() || **byte == b' ').count();
        b"-----END ".len() + length + label.iter().skip(length).take(5).take_while(|byte| **byte == b'-').count()
    });
    Some(at + marked.unwrap_or_default())
}

const fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// How many bytes there are between two lines of a key: line ends, as they are or as a program writes them, and the
/// spaces, quotes and signs about them.
fn separators(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += match text.get(at..) {
            Some([b'\\', b'n' | b'r', ..]) => 2,
            // A line that a diff takes away.
            Some([b'\n', b'-', next, ..]) if is_base64(*next) => 2,
            Some([b'\n' | b'\r' | b' ' | b'\t' | b'"' | b'\'' | b'>' | b'|', ..]) => 1,
            _ => return at,
        };
    }
}

#[cfg(test)]
mod tests;
