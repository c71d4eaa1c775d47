//! New text of a page: Markdown as the storage format, in which the spelling of an object stands for its bytes.
//!
//! The spelling is the one that reading shows: `[macro: toc]`, `@[user: 557058:a]`, `![plan](attachment: plan.png)`. Of
//! several alike, each takes the next; `[macro: toc #2]` takes the second. Mentions, statuses, links to pages and to
//! attachments, and images of attachments can also be new.

use std::collections::{HashMap, VecDeque};

use super::{Refusal, objects::Object};
use crate::{
    untrusted,
    upstream::storage::{self, MOST_PIECES, Meaning, Piece, escaped, piece, piece_number},
};

/// How many objects are looked for in a text: each is tried where its first letter stands.
const MOST_OBJECTS: usize = 2_000;
/// Of a placeholder, in bytes.
const LONGEST: usize = 1_000;

/// The Markdown of a new text as the storage format: there is nothing yet that a placeholder could stand for.
pub fn new_text(markdown: &str) -> String {
    let alone = || storage::from_markdown(markdown);
    Pool::new(Vec::new(), "")
        .and_then(|mut pool| marked(markdown, &mut pool))
        .map_or_else(|_| alone(), |(storage, _)| storage)
}

/// As [`new_text`], of a page that is there: nothing of it can be named.
///
/// # Errors
/// Where it names a macro.
pub fn added_text(markdown: &str) -> Result<String, Refusal> {
    Pool::new(Vec::new(), "")?.write(markdown)
}

/// The objects that placeholders can stand for, each once.
pub struct Pool<'p> {
    source: &'p str,
    objects: Vec<Object>,
    /// The spellings that begin with a character, the longest first.
    by_first: HashMap<char, Vec<String>>,
    /// The objects of a spelling that are left.
    left: HashMap<String, VecDeque<usize>>,
}

impl<'p> Pool<'p> {
    /// # Errors
    /// Where there are more objects than are looked for.
    pub fn new(objects: Vec<Object>, source: &'p str) -> Result<Self, Refusal> {
        if objects.len() > MOST_OBJECTS {
            return Err(Refusal::TooMany);
        }
        let mut by_first: HashMap<char, Vec<String>> = HashMap::new();
        let mut left: HashMap<String, VecDeque<usize>> = HashMap::new();
        for (index, Object { spelling, .. }) in objects.iter().enumerate() {
            let Some(first) = spelling.chars().next() else { continue };
            if !left.contains_key(spelling) {
                by_first.entry(first).or_default().push(spelling.clone());
            }
            left.entry(spelling.clone()).or_default().push_back(index);
        }
        by_first
            .values_mut()
            .for_each(|spellings| spellings.sort_unstable_by_key(|spelling| usize::MAX - spelling.len()));
        Ok(Self { source, objects, by_first, left })
    }

    /// Markdown as the storage format, with the objects in it that it spells.
    ///
    /// # Errors
    /// Where it names a macro that is not among the objects.
    pub fn write(&mut self, markdown: &str) -> Result<String, Refusal> {
        let (storage, unknown) = marked(markdown, self)?;
        match unknown.into_iter().next() {
            Some(spelling) => Err(Refusal::UnknownPlaceholder(untrusted::label(&spelling, 200))),
            None => Ok(storage),
        }
    }

    /// The object whose spelling begins the text.
    fn take(&mut self, text: &str) -> Option<&Object> {
        let spellings = text.chars().next().and_then(|first| self.by_first.get(&first))?;
        let left = &mut self.left;
        let index = spellings
            .iter()
            .filter(|spelling| text.starts_with(spelling.as_str()))
            .find_map(|spelling| left.get_mut(spelling)?.pop_front())?;
        self.objects.get(index)
    }

    /// The object of that spelling and number.
    fn numbered(&mut self, placeholder: &str) -> Option<&Object> {
        let (before, number) = placeholder.strip_suffix(']')?.rsplit_once(" #")?;
        let number: usize = number.parse().ok()?;
        let spelling = format!("{before}]");
        let mut alike = self.objects.iter().enumerate().filter(|(_, object)| object.spelling == spelling);
        let (index, object) = alike.nth(number.checked_sub(1)?)?;
        self.left.get_mut(&spelling)?.retain(|left| *left != index);
        Some(object)
    }

    /// How long the spelling of the object is that begins here, and what it means.
    fn found(&mut self, text: &str) -> Option<(usize, Meaning)> {
        let source = self.source;
        self.take(text).map(|object| (object.spelling.len(), elements(source, object)))
    }
}

fn elements(source: &str, object: &Object) -> Meaning {
    let storage = source.get(object.span.clone()).unwrap_or_default().to_owned();
    Meaning::Elements { storage, is_block: object.is_block }
}

/// The Markdown with a character for each placeholder, as the storage format, and the placeholders that are unknown.
fn marked(markdown: &str, pool: &mut Pool<'_>) -> Result<(String, Vec<String>), Refusal> {
    let mut text = String::with_capacity(markdown.len());
    let mut pieces = Vec::new();
    let mut rest = markdown;
    while let Some(first) = rest.chars().next() {
        let (kept, spelling, meaning) = match next(rest, first, pool) {
            Some(found) => found,
            None => {
                text.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
                continue;
            }
        };
        let Some(mark) = piece(pieces.len()).filter(|_| pieces.len() < MOST_PIECES) else {
            return Err(Refusal::TooMany);
        };
        text.push_str(rest.get(..kept).unwrap_or_default());
        text.push(mark);
        rest = rest.get(kept + spelling..).unwrap_or_default();
        let from = markdown.len() - rest.len() - spelling;
        let spelling = markdown.get(from..from + spelling).unwrap_or_default().to_owned();
        pieces.push(Piece { spelling, meaning });
    }
    Ok(storage::with_pieces(&text, &pieces))
}

/// The placeholder that begins here: how many bytes before it are kept, how long it is, and what it means.
fn next(rest: &str, first: char, pool: &mut Pool<'_>) -> Option<(usize, usize, Meaning)> {
    if piece_number(first).is_some() {
        return Some((0, first.len_utf8(), Meaning::Text));
    }
    if let Some((length, meaning)) = pool.found(rest) {
        return Some((0, length, meaning));
    }
    match first {
        '[' | '@' | '!' => {
            let opening = rest.find('[').filter(|at| *at <= 1)?;
            let placeholder = bracketed(rest.get(opening..)?).and_then(|inside| rest.get(..opening + inside))?;
            let source = pool.source;
            if let Some(object) = pool.numbered(placeholder) {
                return Some((0, placeholder.len(), elements(source, object)));
            }
            Some((0, placeholder.len(), new_element(placeholder)?))
        }
        ']' => {
            let target = rest.strip_prefix("](")?;
            let end = target.bytes().take(LONGEST).position(|byte| matches!(byte, b')' | b'\n'))?;
            let target = target.get(..end).filter(|_| target.as_bytes().get(end) == Some(&b')'))?;
            Some((2, target.len(), Meaning::Target(resource(target)?)))
        }
        _ => None,
    }
}

/// How long a text in brackets is, on one line, with others in it.
fn bracketed(text: &str) -> Option<usize> {
    let mut deep = 0_usize;
    for (at, byte) in text.bytes().take(LONGEST).enumerate() {
        match byte {
            b'[' => deep += 1,
            b']' => {
                deep = deep.checked_sub(1)?;
                if deep == 0 {
                    return Some(at + 1);
                }
            }
            b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// What a placeholder means that stands for no object of the page.
fn new_element(placeholder: &str) -> Option<Meaning> {
    let inside = |before: &str| placeholder.strip_prefix(before)?.strip_suffix(']');
    let in_line = |storage: String| Some(Meaning::Elements { storage, is_block: false });
    let link = |resource: String| in_line(format!("<ac:link>{resource}</ac:link>"));
    if placeholder.starts_with("[macro: ") {
        Some(Meaning::Unknown)
    } else if let Some(user) = inside("@[") {
        link(resource(user).filter(|_| user.starts_with("user: "))?)
    } else if let Some(file) = inside("![") {
        let resource = resource(file).filter(|_| file.starts_with("attachment: "))?;
        in_line(format!("<ac:image>{resource}</ac:image>"))
    } else if let Some(title) = inside("[status: ") {
        in_line(format!(
            "<ac:structured-macro ac:name=\"status\"><ac:parameter ac:name=\"title\">{}</ac:parameter></ac:structured-macro>",
            escaped(title)
        ))
    } else {
        let target = inside("[")?;
        link(resource(target).filter(|_| !target.starts_with("user: "))?)
    }
}

/// The element for what a link leads to, as reading names it.
fn resource(target: &str) -> Option<String> {
    let named = |kind: &str| target.strip_prefix(kind).map(str::trim).filter(|name| !name.is_empty());
    if let Some(id) = named("user: ") {
        let is_account = |byte: u8| byte.is_ascii_alphanumeric() || b":-_".contains(&byte);
        return id.bytes().all(is_account).then(|| format!("<ri:user ri:account-id=\"{id}\"/>"));
    }
    if let Some(name) = named("attachment: ").filter(|name| !name.contains(", page")) {
        return Some(storage::attachment(name));
    }
    let page = named("page: ")?;
    let in_key = |byte: u8| byte.is_ascii_alphanumeric() || b"~_.-".contains(&byte);
    Some(match page.split_once('/').filter(|(space, _)| !space.is_empty() && space.bytes().all(in_key)) {
        Some((space, title)) => {
            format!("<ri:page ri:space-key=\"{space}\" ri:content-title=\"{}\"/>", escaped(title))
        }
        None => format!("<ri:page ri:content-title=\"{}\"/>", escaped(page)),
    })
}
