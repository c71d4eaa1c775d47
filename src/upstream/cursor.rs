//! Opaque cursors (pagination): where an answer goes on, bound to the subject, operation and arguments they were made
//! for.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{
    catalog::{
        arguments::{ArgumentProblem, Arguments},
        operation::{Operation, Paging},
    },
    crypto::{
        digest,
        key::{Key, KeyPair},
    },
    identifiers::Subject,
};

/// Where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// A page of a list.
    Page {
        /// What to add to the query for it.
        query: String,
        /// How many of its rows were shown before.
        skip: usize,
    },
    /// The next part of a text.
    Offset {
        /// In bytes.
        offset: usize,
        /// Of the text before it, so that a change is noticed.
        check: String,
    },
}

/// 96 bits: a guess at a cursor is worth nothing more than another page.
const MAC_LENGTH: usize = 16;
/// Of a next page's query, in bytes.
const LONGEST_QUERY: usize = 2_500;

/// A cursor of `[A-Za-z0-9._-]` for the same call.
pub fn seal(
    keys: &KeyPair,
    subject: &Subject,
    operation: &Operation,
    arguments: &Arguments,
    position: &Position,
) -> String {
    let payload = match position {
        Position::Page { query, skip } => format!("p{skip}.{query}"),
        Position::Offset { offset, check } => format!("o{offset}.{check}"),
    };
    let mac = authenticate(&keys.derive("cursor").current, subject, operation, arguments, &payload);
    format!("{}.{mac}", URL_SAFE_NO_PAD.encode(payload))
}

/// What the words with a cursor to such a page cost at most, in tokens.
pub const fn tokens_at_most(query: &str) -> usize {
    // Base64 of the payload, the MAC, and the words about them. A token is a character at least.
    const PREFIX: usize = 12;
    const MAC: usize = 1 + MAC_LENGTH;
    const WORDS: usize = 30;
    (query.len() + PREFIX).div_ceil(3) * 4 + MAC + WORDS
}

/// Where a cursor of ours points, if it was made for this call.
///
/// # Errors
/// [`ArgumentProblem::Cursor`] for any other text.
pub fn open(
    keys: &KeyPair,
    subject: &Subject,
    operation: &Operation,
    arguments: &Arguments,
    cursor: &str,
) -> Result<Position, ArgumentProblem> {
    read(keys, subject, operation, arguments, cursor).ok_or(ArgumentProblem::Cursor)
}

fn read(
    keys: &KeyPair,
    subject: &Subject,
    operation: &Operation,
    arguments: &Arguments,
    cursor: &str,
) -> Option<Position> {
    let (encoded, mac) = cursor.split_once('.')?;
    let payload = String::from_utf8(URL_SAFE_NO_PAD.decode(encoded).ok()?).ok()?;
    let keys = keys.derive("cursor");
    let is_ours = |key: &Key| digest::equal(mac, &authenticate(key, subject, operation, arguments, &payload));
    if !keys.live().any(is_ours) {
        return None;
    }
    if let Some((skip, query)) = payload.strip_prefix('p').and_then(|page| page.split_once('.')) {
        return Some(Position::Page { query: query.to_owned(), skip: skip.parse().ok()? });
    }
    let (offset, check) = payload.strip_prefix('o')?.split_once('.')?;
    Some(Position::Offset { offset: offset.parse().ok()?, check: check.to_owned() })
}

fn authenticate(key: &Key, subject: &Subject, operation: &Operation, arguments: &Arguments, payload: &str) -> String {
    let mut mac =
        digest::authenticate(key, &[&subject.to_string(), operation.name, &arguments.digest_without_cursor(), payload]);
    mac.truncate(MAC_LENGTH);
    mac
}

/// How a list goes on.
#[derive(Debug, PartialEq, Eq)]
pub enum Onward {
    /// This is the last page.
    End,
    /// What to add to the query for the next page.
    Page(String),
    /// There are more, but the provider does not say how to get them in a way that is followed.
    Unusable,
}

/// How a list goes on after a page of so many rows. `next` is what the provider says of it, `page` what was added to
/// the query for this page.
pub fn onward(
    paging: &Paging,
    next: Option<&str>,
    base_url: &str,
    arguments: &Arguments,
    rows: usize,
    page: Option<&str>,
) -> Onward {
    let counted = |parameter: &str, limit: &str, first: usize, step: usize| {
        let is_full =
            rows > 0 && arguments.text(limit).is_none_or(|limit| limit.parse().is_ok_and(|most: usize| rows >= most));
        let here = page.and_then(|page| {
            url::form_urlencoded::parse(page.as_bytes()).find(|(name, _)| name == parameter)?.1.parse::<usize>().ok()
        });
        if is_full { Onward::Page(format!("{parameter}={}", here.unwrap_or(first) + step)) } else { Onward::End }
    };
    match (paging, next) {
        (Paging::Link { .. } | Paging::Cursor { .. }, None) | (Paging::Whole, _) => Onward::End,
        (Paging::Link { keep, .. }, Some(next)) => {
            next_page(next, base_url, keep).map_or(Onward::Unusable, Onward::Page)
        }
        (Paging::Cursor { parameter, .. }, Some(next)) => {
            let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(parameter, next).finish();
            if query.len() <= LONGEST_QUERY { Onward::Page(query) } else { Onward::Unusable }
        }
        (Paging::Start { parameter, limit }, _) => counted(parameter, limit, 0, rows),
        (Paging::Page { parameter, limit }, _) => counted(parameter, limit, 1, 1),
    }
}

/// What to add to the query for the page that `next` points to; `None` where the link leads elsewhere than
/// to the provider or says nothing that is kept.
pub fn next_page(next: &str, base_url: &str, keep: &[&str]) -> Option<String> {
    let base = url::Url::parse(base_url).ok()?;
    let next = base.join(next).ok().filter(|next| next.origin() == base.origin())?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(next.query_pairs().filter(|(name, _)| keep.contains(&name.as_ref())));
    let query = query.finish();
    (!query.is_empty() && query.len() <= LONGEST_QUERY).then_some(query)
}

#[cfg(test)]
mod tests;
