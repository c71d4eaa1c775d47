//! From an entry and its arguments to a request without a credential. Pure.

use std::{fmt::Write as _, time::Duration};

use serde_json::{Map, Value as Json};

use super::cut;
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Answer, Call, Form, Kind, Operation, QueryParameter, Rows, Source, Tree},
        uri_template::{self, push_encoded},
    },
    platform::{
        fetch::{ContentCoding, Limits, OutboundRequest},
        http::Method,
    },
};

/// How long a provider may take for one answer.
const DEADLINE: Duration = Duration::from_secs(15);
/// The longest JSON that is read, in bytes.
pub const JSON_LIMIT: usize = 2_000_000;

/// An argument's value replaced by one that was looked up.
#[derive(Debug, Clone, Copy)]
pub struct Resolved<'a> {
    pub argument: &'static str,
    pub value: &'a str,
}

/// How much of an answer to this call is read, in bytes.
pub fn most_bytes(call: &Call) -> usize {
    match call.answer {
        // A document is shown in parts, so more of it can be of use than of a list.
        Answer::Record(fields) if fields.iter().any(|field| field.form == Form::Storage) => cut::READ_LIMIT,
        Answer::Rows(_) | Answer::Record(_) => JSON_LIMIT,
        Answer::Source(_) | Answer::Diff => cut::READ_LIMIT,
    }
}

/// The request that the operation makes. `page` is what a cursor adds to the query.
pub fn build(
    operation: &Operation,
    call: &Call,
    arguments: &Arguments,
    base_url: &str,
    resolved: Option<Resolved<'_>>,
    page: Option<&str>,
) -> OutboundRequest {
    let mut url = String::with_capacity(512);
    url.push_str(base_url);
    push_path(&mut url, call.path, operation, arguments, resolved);
    push_query(&mut url, call, operation, arguments, page);
    let body = body(call, arguments);
    let accept = match call.answer {
        Answer::Rows(_) | Answer::Record(_) => "application/json",
        Answer::Source(_) | Answer::Diff => "*/*",
    };
    let mut request = get(url, accept, most_bytes(call));
    request.method = call.method;
    if body.is_some() {
        request.headers.push(("content-type", "application/json".into()));
    }
    request.body = body;
    request
}

/// A look-up that goes before the request itself.
pub fn look_up(operation: &Operation, path: &str, arguments: &Arguments, base_url: &str) -> OutboundRequest {
    let mut url = base_url.to_owned();
    push_path(&mut url, path, operation, arguments, None);
    get(url, "application/json", JSON_LIMIT)
}

/// A look-up of what an answer names by its id, which is of digits alone.
pub fn look_up_id(path: &str, id: &str, base_url: &str) -> OutboundRequest {
    get(format!("{base_url}{}", path.replace("{id}", id)), "application/json", JSON_LIMIT)
}

fn get(url: String, accept: &str, bytes: usize) -> OutboundRequest {
    OutboundRequest {
        method: Method::Get,
        url,
        headers: vec![("accept", accept.to_owned()), ("user-agent", "Postern".to_owned())],
        body: None,
        limits: Limits { deadline: DEADLINE, bytes, coding: ContentCoding::Decoded },
    }
}

fn push_path(
    url: &mut String,
    template: &str,
    operation: &Operation,
    arguments: &Arguments,
    resolved: Option<Resolved<'_>>,
) {
    for segment in template.split('/').skip(1) {
        url.push('/');
        let Some(name) = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) else {
            url.push_str(segment);
            continue;
        };
        if let Some(resolved) = resolved.filter(|resolved| resolved.argument == name) {
            push_encoded(url, resolved.value);
            continue;
        }
        let value = arguments.text(name).unwrap_or_default();
        if operation.parameter(name).is_some_and(|parameter| parameter.kind == Kind::Path) {
            uri_template::push_path(url, &value);
        } else {
            push_encoded(url, &value);
        }
    }
}

fn push_query(url: &mut String, call: &Call, operation: &Operation, arguments: &Arguments, page: Option<&str>) {
    let mut separator = '?';
    let mut add = |name: &str, value: &dyn Fn(&mut String)| {
        url.push(separator);
        separator = '&';
        url.push_str(name);
        url.push('=');
        value(url);
    };
    for QueryParameter { name, source } in call.query {
        match source {
            Source::Fixed(value) => add(name, &|url| push_encoded(url, value)),
            Source::Argument(argument) => {
                if let Some(value) = arguments.text(argument) {
                    add(name, &|url| push_encoded(url, &value));
                }
            }
            Source::ChoiceOrAll(argument) => {
                let chosen = arguments.text(argument).unwrap_or_default();
                let kind = operation.parameter(argument).map(|parameter| parameter.kind);
                let Some(Kind::Choice(choices)) = kind else { continue };
                for choice in
                    choices.iter().filter(|choice| **choice != "ALL" && (chosen == "ALL" || chosen == **choice))
                {
                    add(name, &|url| push_encoded(url, choice));
                }
            }
            Source::Contains { field, argument } => {
                if let Some(value) = arguments.text(argument) {
                    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
                    add(name, &|url| push_encoded(url, &format!("{field} ~ \"{quoted}\"")));
                }
            }
            Source::KeptFields => add(name, &|url| push_kept_fields(url, &call.answer)),
        }
    }
    if let Some(page) = page {
        url.push(separator);
        url.push_str(page);
    }
}

/// Bitbucket's `fields`: all that the projection keeps, so that the rest is not even sent.
fn push_kept_fields(url: &mut String, answer: &Answer) {
    let (prefix, fields, rows) = match answer {
        Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) => {
            (format!("{}.", rows.list), rows.columns, Some(rows))
        }
        Answer::Record(fields) => (String::new(), *fields, None),
        Answer::Diff => return,
    };
    let paths = fields.iter().flat_map(|field| field.paths);
    for (index, path) in paths.enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(url, "{}{prefix}{path}", if index > 0 { "," } else { "" });
    }
    if let Some(Rows { total, paging, .. }) = rows {
        let _ = write!(url, ",{total},{}", paging.next);
    }
}

fn body(call: &Call, arguments: &Arguments) -> Option<Vec<u8>> {
    if call.body.is_empty() {
        return None;
    }
    let mut body = Map::new();
    for member in call.body {
        let (Some(value), Some((last, outer))) = (arguments.get(member.argument), member.path.split_last()) else {
            continue;
        };
        let mut object = &mut body;
        for name in outer {
            let inner = object.entry(*name).or_insert_with(|| Map::new().into());
            let Json::Object(inner) = inner else { return None };
            object = inner;
        }
        object.insert((*last).to_owned(), value.to_json());
    }
    serde_json::to_vec(&body).ok()
}

#[cfg(test)]
mod tests;
