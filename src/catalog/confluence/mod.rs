//! Confluence Cloud: REST v2, and v1 where v2 has no counterpart.

pub mod areas;
pub mod pages;
pub mod search;
mod spaces;

use super::operation::{Answer, Call, Field, Kind, NamedSource, Operation, Paging, Parameter, Rows, Scopes};
use crate::{platform::http::Method, providers::CONFLUENCE};

pub const AREAS: &[&[&Operation]] = &[search::ALL, spaces::ALL, pages::ALL];

const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");
const PAGE_LENGTH: NamedSource = NamedSource::argument("limit", "limit");

/// How many rows a page has; Confluence takes at most `most`.
const fn limit(most: i64) -> Parameter {
    Parameter::optional("limit", "Rows in this page", Kind::Integer { least: 1, most }, "10").or("25")
}

const fn get(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Get, path, scopes, answer)
}

#[allow(dead_code, reason = "the language of this provider says more than its areas need yet")]
const fn post(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Post, path, scopes, answer)
}

#[allow(dead_code, reason = "the language of this provider says more than its areas need yet")]
const fn put(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Put, path, scopes, answer)
}

#[allow(dead_code, reason = "the language of this provider says more than its areas need yet")]
const fn delete(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Delete, path, scopes, answer)
}

/// A list as Confluence has them in both versions.
const fn rows(columns: &'static [Field], when_empty: &'static str) -> Rows {
    Rows::new("results", columns, when_empty).paging(Paging::Link { next: "_links.next", keep: &["cursor"] })
}
