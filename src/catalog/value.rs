//! What each kind of argument admits. Whatever passes here cannot change the shape of a URL.

use std::{borrow::Cow, fmt, ops::Range};

use serde_json::{Map, Value as Json};

use super::operation::{Budget, Kind, Parameter, Presence};

use crate::platform::json;

/// An argument as validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Integer(i64),
    Boolean(bool),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(&'static str, Self)>),
}

impl Value {
    /// As it stands in a URL before encoding; the elements of a list with commas between them.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Integer(number) => number.to_string().into(),
            Self::Boolean(flag) => flag.to_string().into(),
            Self::Text(text) => text.into(),
            Self::List(values) => values.iter().map(Self::text).collect::<Vec<_>>().join(",").into(),
            Self::Object(_) => self.to_json().to_string().into(),
        }
    }

    /// A member of an object.
    pub fn member(&self, name: &str) -> Option<Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(member, _)| *member == name).map(|(_, value)| value.clone())
    }

    pub fn to_json(&self) -> Json {
        match self {
            Self::Integer(number) => (*number).into(),
            Self::Boolean(flag) => (*flag).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(values) => values.iter().map(Self::to_json).collect(),
            Self::Object(members) => {
                members.iter().map(|(name, value)| ((*name).to_owned(), value.to_json())).collect::<Map<_, _>>().into()
            }
        }
    }
}

/// Some of a file's lines, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    pub first: usize,
    /// `None` for all to the end.
    pub last: Option<usize>,
}

impl Lines {
    /// Reads `120-180`, `120` and `120-`; also as addresses and editors write them, `L120-L180` and `120:180`.
    pub fn read(text: &str) -> Option<Self> {
        let number = |text: &str| {
            let digits = text.trim().trim_start_matches(['L', 'l']);
            let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|number| is_number && *number > 0)
        };
        let text = text.trim();
        let text = text.strip_prefix("lines-").unwrap_or(text);
        let lines = match text.split_once(['-', ':']) {
            Some((first, "")) => Self { first: number(first)?, last: None },
            Some((first, last)) => Self { first: number(first)?, last: Some(number(last)?) },
            None => Self { first: number(text)?, last: Some(number(text)?) },
        };
        lines.last.is_none_or(|last| last >= lines.first).then_some(lines)
    }

    /// Where these lines lie in a text, in bytes; empty where the text ends before.
    pub fn of(self, text: &[u8]) -> Range<usize> {
        let begins = |line: usize| match line.checked_sub(2) {
            None => Some(0),
            Some(before) => {
                text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(before).map(|(at, _)| at + 1)
            }
        };
        let start = begins(self.first).unwrap_or(text.len());
        let end = self.last.and_then(|last| begins(last.checked_add(1)?)).unwrap_or(text.len());
        start..end
    }
}

impl fmt::Display for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last {
            Some(last) if last == self.first => write!(formatter, "{last}"),
            Some(last) => write!(formatter, "{}-{last}", self.first),
            None => write!(formatter, "{}-", self.first),
        }
    }
}

/// The longest path, reference or slug: what Bitbucket takes, with room.
const LONGEST_NAME: usize = 1_024;
const LONGEST_SLUG: usize = 128;
const LONGEST_CURSOR: usize = 4_096;
/// What Confluence takes as the title of a page, with room.
const LONGEST_HEADING: usize = 300;

/// Whether a text is a value that the parameter takes.
pub fn admits(parameter: &Parameter, text: &str) -> bool {
    read(parameter.kind, &text.into()).is_some()
}

/// Reads an argument; `None` where it is not of that kind. Numbers written as text are numbers: models
/// send them.
pub fn read(kind: Kind, given: &Json) -> Option<Value> {
    match kind {
        Kind::Integer { least, most } => {
            return integer(given).filter(|number| (least..=most).contains(number)).map(Value::Integer);
        }
        Kind::Budget => return read(Budget::CHOICE, given),
        Kind::Boolean => return boolean(given).map(Value::Boolean),
        Kind::Choices(choices) => return chosen(choices, given),
        Kind::List { of, most } => return list(*of, most, given),
        Kind::Object(members) => return object(members, given),
        _ => {}
    }
    let text = match given {
        Json::String(text) => Cow::Borrowed(text.as_str()),
        Json::Number(number)
            if matches!(
                kind,
                Kind::Identifier
                    | Kind::Key
                    | Kind::Lines
                    | Kind::DiffLines
                    | Kind::Line { .. }
                    | Kind::Reference
                    | Kind::Commit
                    | Kind::Slug
                    | Kind::Workspace
                    | Kind::Space
            ) =>
        {
            Cow::Owned(number.to_string())
        }
        _ => return None,
    };
    let text: &str = &text;
    match kind {
        Kind::Slug | Kind::Workspace => is_slug(text).then(|| text.to_owned()),
        Kind::Space => is_space_key(text).then(|| text.to_owned()),
        Kind::Path => path(text),
        Kind::Reference => reference(text),
        Kind::Comparison => comparison(text),
        Kind::Range => reference(text).or_else(|| comparison(text)),
        Kind::Lines => Lines::read(text).map(|lines| lines.to_string()),
        Kind::Contents { longest } => (text.len() <= longest && !text.contains('\0')).then(|| text.to_owned()),
        Kind::Commit => {
            let is_hash = (7..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_hash.then(|| text.to_ascii_lowercase())
        }
        Kind::Section => return read(Kind::Line { longest: LONGEST_HEADING }, given),
        Kind::Verbatim => Some(text.to_owned()),
        Kind::Line { longest } => {
            let fits = text.chars().count() <= longest && !text.trim().is_empty() && !text.contains(char::is_control);
            fits.then(|| text.to_owned())
        }
        Kind::Text { longest } | Kind::Markdown { longest } | Kind::Secret { longest } => {
            let text = text.replace("\r\n", "\n");
            let is_plain =
                !text.contains(|character: char| character.is_control() && !matches!(character, '\n' | '\t'));
            (is_plain && !text.trim().is_empty() && text.chars().count() <= longest).then_some(text)
        }
        Kind::Changes => changes(text),
        Kind::DiffLines => diff_lines(text).map(|lines| lines.to_string()),
        Kind::Identifier => identifier(text),
        Kind::Key => is_key(text).then(|| text.to_owned()),
        Kind::Day => day(text),
        Kind::Choice(choices) => choice(choices, text).map(str::to_owned),
        Kind::Cursor => {
            let in_cursor = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            (text.len() <= LONGEST_CURSOR && text.bytes().all(in_cursor)).then(|| text.to_owned())
        }
        Kind::Integer { .. }
        | Kind::Budget
        | Kind::Boolean
        | Kind::Choices(_)
        | Kind::List { .. }
        | Kind::Object(_) => None,
    }
    .map(Value::Text)
}

/// What a kind admits, in words that follow "must be".
pub fn expected(kind: Kind) -> String {
    match kind {
        Kind::Slug | Kind::Workspace => "a slug (letters, digits, `.`, `_`, `-`) or a UUID in braces, without slashes".to_owned(),
        Kind::Space => "the key of a space, such as `ENG`".to_owned(),
        Kind::Section => "the heading of a section, on one line".to_owned(),
        Kind::Verbatim => "a text".to_owned(),
        Kind::Path => {
            "a path such as `src/main.rs`: relative to the top directory, with `/` between names, without `.` and `..`, \
             at most 1024 characters"
                .to_owned()
        }
        Kind::Reference => "the name of a branch or tag, or a commit hash".to_owned(),
        Kind::Comparison => "two branches, tags or commits with `..` between them, such as `main..feature`".to_owned(),
        Kind::Range => "a branch, tag or commit, or two with `..` between them, such as `main..feature`".to_owned(),
        Kind::Lines => "lines counted from 1, such as `120-180`, `120` or `120-`".to_owned(),
        Kind::Contents { longest } => format!("the text of a file of at most {longest} bytes"),
        Kind::Commit => "the hash of a commit, at least 7 hexadecimal digits of it".to_owned(),
        Kind::Line { longest } => format!("text of one line, at most {longest} characters, without control characters"),
        Kind::Text { longest } | Kind::Markdown { longest } | Kind::Secret { longest } => format!("text of at most {longest} characters, without control characters"),
        Kind::Key => "an identifier as an earlier answer shows it: letters, digits, `-`, `_`, `.`, `:`".to_owned(),
        Kind::Day => "a day such as `2026-10-01`".to_owned(),
        Kind::Boolean => "true or false".to_owned(),
        Kind::List { of, most } => format!("a list of at most {most}, each {}", expected(*of)),
        Kind::Object(members) => {
            let members: Vec<_> =
                members.iter().map(|member| format!("`{}` ({})", member.name, expected(member.kind))).collect();
            format!("an object with {}", members.join(", "))
        }
        Kind::Identifier => "a number written in digits, or an address that holds it".to_owned(),
        Kind::Integer { least, most } if most == i64::MAX => format!("a whole number of at least {least}"),
        Kind::Integer { least, most } => format!("a whole number from {least} to {most}"),
        Kind::Budget => expected(Budget::CHOICE),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Choices(choices) => format!("some of {}, with commas between them", choices.join(", ")),
        Kind::DiffLines => "a line such as `12`, several such as `8-12`, or lines of the old version such as `old 8-12`".to_owned(),
        Kind::Changes => "a pull request such as `#7`, a commit's hash, or two branches, tags or commits with `..` between them".to_owned(),
        Kind::Cursor => "the cursor of an earlier answer, unchanged".to_owned(),
    }
}

fn integer(given: &Json) -> Option<i64> {
    match given {
        Json::Number(number) => number.as_i64().or_else(|| {
            // 7.0 is a whole number too; beyond 2^53 a double no longer says which one.
            #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53, so exact")]
            number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15).map(|float| float as i64)
        }),
        Json::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(given: &Json) -> Option<bool> {
    match given {
        Json::Bool(flag) => Some(*flag),
        Json::String(text) if ["true", "yes"].iter().any(|yes| text.eq_ignore_ascii_case(yes)) => Some(true),
        Json::String(text) if ["false", "no"].iter().any(|no| text.eq_ignore_ascii_case(no)) => Some(false),
        _ => None,
    }
}

/// A list; a single value is a list of one. Models send lists and objects as text, too.
fn list(of: Kind, most: usize, given: &Json) -> Option<Value> {
    let parsed;
    let elements = match given {
        Json::Array(elements) => elements.as_slice(),
        Json::String(text) if text.starts_with('[') => {
            parsed = json::from_str::<Vec<Json>>(text).ok()?;
            &parsed
        }
        one => std::slice::from_ref(one),
    };
    let values: Option<Vec<_>> = elements.iter().map(|element| read(of, element)).collect();
    values.filter(|values| values.len() <= most).map(Value::List)
}

/// Some of the choices, in one text or in a list.
fn chosen(choices: &'static [&'static str], given: &Json) -> Option<Value> {
    let mut values = Vec::new();
    for name in names(given)? {
        let value = Value::Text(choice(choices, name)?.to_owned());
        if !values.contains(&value) {
            values.push(value);
        }
    }
    (!values.is_empty()).then_some(Value::List(values))
}

/// The names that a text holds, or a list.
fn names(given: &Json) -> Option<Vec<&str>> {
    let texts: Vec<&str> = match given {
        Json::String(text) => vec![text.trim_matches(['[', ']'])],
        Json::Array(elements) => elements.iter().map(Json::as_str).collect::<Option<_>>()?,
        _ => return None,
    };
    let split = texts.into_iter().flat_map(|text| text.split(','));
    Some(split.map(|name| name.trim_matches([' ', '"', '\''])).filter(|name| !name.is_empty()).collect())
}

fn choice(choices: &'static [&'static str], given: &str) -> Option<&'static str> {
    choices.iter().find(|choice| choice.eq_ignore_ascii_case(given)).copied()
}

/// The first name that is none of the choices, and those.
pub fn no_choice(kind: Kind, given: &Json) -> Option<(&str, &'static [&'static str])> {
    let (Kind::Choice(choices) | Kind::Choices(choices)) = kind else { return None };
    let wrong = names(given)?.into_iter().find(|name| choice(choices, name).is_none())?;
    Some((wrong, choices))
}

/// Lines of a file in a diff, as [`Kind::DiffLines`] has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffLines {
    /// Of the version before a change.
    pub are_old: bool,
    pub first: u32,
    pub last: u32,
}

impl fmt::Display for DiffLines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { are_old, first, last } = self;
        let old = if *are_old { "old " } else { "" };
        if first == last { write!(formatter, "{old}{last}") } else { write!(formatter, "{old}{first}-{last}") }
    }
}

/// Reads lines of a diff; `None` where a text names none.
pub fn diff_lines(text: &str) -> Option<DiffLines> {
    let numbers = text.trim().strip_prefix("old");
    let (first, last) = {
        let numbers = numbers.unwrap_or(text).trim();
        numbers.split_once('-').unwrap_or((numbers, numbers))
    };
    let lines =
        DiffLines { are_old: numbers.is_some(), first: first.trim().parse().ok()?, last: last.trim().parse().ok()? };
    (1 <= lines.first && lines.first <= lines.last).then_some(lines)
}

/// A pull request by its number after `#`, a commit, or two references.
fn changes(text: &str) -> Option<String> {
    if let Some(number) = text.strip_prefix('#') {
        let is_number = (1..=18).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        return is_number.then(|| text.to_owned());
    }
    match text.split_once("..") {
        Some((base, head)) => Some(format!("{}..{}", reference(base)?, reference(head.trim_start_matches('.'))?)),
        None => match read(Kind::Commit, &text.into())? {
            Value::Text(commit) => Some(commit),
            _ => None,
        },
    }
}

fn object(members: &'static [Parameter], given: &Json) -> Option<Value> {
    let parsed;
    let given = match given {
        Json::Object(given) => given,
        Json::String(text) => {
            parsed = json::from_str::<Map<String, Json>>(text).ok()?;
            &parsed
        }
        _ => return None,
    };
    if given.keys().any(|name| !members.iter().any(|member| member.name == name)) {
        return None;
    }
    let mut values = Vec::with_capacity(given.len());
    for member in members {
        match (given.get(member.name), member.presence) {
            (None | Some(Json::Null), Presence::Required) => return None,
            (None | Some(Json::Null), Presence::Optional) => {}
            (None | Some(Json::Null), Presence::Default(text)) => {
                values.push((member.name, read(member.kind, &text.into())?));
            }
            (Some(value), _) => values.push((member.name, read(member.kind, value)?)),
        }
    }
    Some(Value::Object(values))
}

/// An identifier of any provider's making: of characters that cannot end a segment of a path.
fn is_key(text: &str) -> bool {
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"{}-_.:~".contains(&byte);
    (1..=LONGEST_SLUG).contains(&text.len()) && !is_dots(text) && text.bytes().all(in_key)
}

/// A day that the calendar has.
fn day(text: &str) -> Option<String> {
    let is_written_so = text.len() == 10 && text.is_ascii();
    chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| is_written_so).map(|_| text.to_owned())
}

/// Letters and digits; those of people's own spaces begin with a tilde.
fn is_space_key(text: &str) -> bool {
    let key = text.strip_prefix('~').unwrap_or(text);
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    (1..=LONGEST_SLUG * 2).contains(&key.len()) && !is_dots(text) && key.bytes().all(in_key)
}

fn is_slug(text: &str) -> bool {
    if let Some(uuid) = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        return uuid.len() == 36 && uuid.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    }
    let in_slug = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'~');
    (1..=LONGEST_SLUG).contains(&text.len()) && !is_dots(text) && text.bytes().all(in_slug)
}

/// A number, or the one in the address of a page, which is what people have at hand.
fn identifier(text: &str) -> Option<String> {
    let is_number = |text: &&str| (1..=20).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let in_address = || {
        let address = url::Url::parse(text).ok().filter(|address| matches!(address.scheme(), "http" | "https"))?;
        let after = address.path().split_once("/pages/").map(|(_, after)| after.to_owned());
        let in_path = after.and_then(|after| after.split('/').find(is_number).map(str::to_owned));
        let in_query = || address.query_pairs().find(|(name, _)| name == "pageId").map(|(_, id)| id.into_owned());
        in_path.or_else(in_query).filter(|id| is_number(&id.as_str()))
    };
    Some(text).filter(is_number).map(str::to_owned).or_else(in_address)
}

/// The path without what people write around it, a slash or `./` before it and a slash after it; empty for the top
/// directory.
fn path(text: &str) -> Option<String> {
    if matches!(text, "/" | "." | "./") {
        return Some(String::new());
    }
    let text = text.strip_prefix("./").or_else(|| text.strip_prefix('/')).unwrap_or(text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let is_name = |name: &str| {
        !name.is_empty()
            && !is_dots(name)
            && !name.contains(|character: char| character.is_control() || character == '\\')
    };
    (text.chars().count() <= LONGEST_NAME && text.split('/').all(is_name)).then(|| text.to_owned())
}

/// The name without what Git puts before those of branches and tags.
fn reference(text: &str) -> Option<String> {
    const BEFORE: [&str; 4] = ["refs/heads/", "refs/tags/", "refs/remotes/origin/", "remotes/origin/"];
    let name = BEFORE.iter().find_map(|before| text.strip_prefix(before)).unwrap_or(text);
    is_reference(name).then(|| name.to_owned())
}

/// Two references with `..` between them.
fn comparison(text: &str) -> Option<String> {
    let (base, head) = text.split_once("..")?;
    Some(format!("{}..{}", reference(base)?, reference(head)?))
}

/// What `git check-ref-format` admits, which covers commit hashes.
fn is_reference(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && !name.starts_with('.') && !name.ends_with('.') && !name.contains("..");
    let in_reference = |character: char| !character.is_control() && !" ~^:?*[\\".contains(character);
    text.len() <= LONGEST_NAME
        && !text.starts_with('-')
        && !text.contains("@{")
        && text.chars().all(in_reference)
        && text.split('/').all(is_name)
}

/// A segment that a URL parser takes for a step in the tree.
fn is_dots(name: &str) -> bool {
    matches!(name, "." | "..")
}
