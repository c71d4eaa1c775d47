//! From an entry and its arguments to a request without a credential. Pure.

mod body;

use std::{borrow::Cow, fmt::Write as _, time::Duration};

use super::{cut, editing};
use crate::{
    catalog::{
        arguments::Arguments,
        cql,
        operation::{
            Answer, AnswerPart, Blocks, Call, Condition, Field, Form, Kind, NamedSource, Operation, Rows, Source, Tree,
        },
        uri_template::{self, push_encoded},
        value::Value,
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

/// The name of the text that an edit has made: no parameter has such a one.
pub const EDITED: &str = " edited";

/// What the steps before a request have found, by the names that it uses.
pub type Found = Vec<(&'static str, Value)>;

/// What a request is filled with.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    pub operation: &'a Operation,
    pub arguments: &'a Arguments,
    pub found: &'a Found,
}

impl Inputs<'_> {
    /// What was found under that name, or else the argument: what is looked up for an argument takes its place.
    fn get(&self, name: &str) -> Option<&Value> {
        let found = self.found.iter().rev().find(|(found, _)| *found == name).map(|(_, value)| value);
        found.or_else(|| self.arguments.get(name))
    }

    /// What stands for a name in a path. Of changes, [`Kind::Changes`] and [`Kind::Comparison`], the parts are named too:
    /// `{of.number}`, `{of.base}`, `{of.head}`.
    fn in_path(&self, name: &str) -> Option<Cow<'_, str>> {
        let Some((whole, part)) = name.split_once('.') else { return self.get(name).map(Value::text) };
        let Some(Value::Text(changes)) = self.get(whole) else { return None };
        let part = match part {
            "number" => changes.strip_prefix('#'),
            "base" => changes.split_once("..").map(|(base, _)| base),
            "head" => changes.split_once("..").map(|(_, head)| head),
            _ => None,
        };
        part.map(Cow::Borrowed)
    }

    /// The value of a source; `None` where it has nothing.
    fn value(&self, source: &Source) -> Option<Value> {
        match source {
            Source::Fixed(text) => Some(Value::Text((*text).to_owned())),
            Source::Number(number) => Some(Value::Integer(*number)),
            Source::Flag(flag) => Some(Value::Boolean(*flag)),
            Source::Argument(name) | Source::LookedUp(name) => self.get(name).cloned(),
            Source::AsStorage(name) => Some(Value::Text(editing::new_text(&self.arguments.text(name)?))),
            Source::Head(name) => {
                let range = self.arguments.text(name)?;
                Some(Value::Text(range.split_once("..").map_or(&*range, |(_, head)| head).to_owned()))
            }
            Source::Base(name) => Some(Value::Text(self.arguments.text(name)?.split_once("..")?.0.to_owned())),
            Source::Each { list, member } => match self.get(list)? {
                Value::List(objects) => {
                    objects.iter().map(|object| object.member(member)).collect::<Option<_>>().map(Value::List)
                }
                _ => None,
            },
            Source::FromTop(path) => Some(from_top(self.value(path)?)),
            Source::AsList(name) => self.get(name).cloned().map(|value| Value::List(vec![value])),
            Source::ArgumentUnless { argument, other } => {
                self.arguments.get(other).is_none().then(|| self.get(argument).cloned()).flatten()
            }
            // What could be read in two ways was refused before.
            Source::Cql(search) => {
                cql::compose(search, |name| self.arguments.text(name), self.arguments.spaces()).ok().map(Value::Text)
            }
            Source::OneMoreThan(name) => match self.get(name)? {
                Value::Integer(number) => number.checked_add(1).map(Value::Integer),
                _ => None,
            },
            Source::FixedWhere { value, present, absent } => {
                let is_meant = self.get(present).is_some() && absent.iter().all(|absent| self.get(absent).is_none());
                is_meant.then(|| Value::Text((*value).to_owned()))
            }
            Source::Chosen { argument, of } => {
                let chosen = self.arguments.text(argument)?;
                let (_, values) = of.iter().find(|(choice, _)| *choice == chosen)?;
                Some(Value::List(values.iter().map(|value| Value::Text((*value).to_owned())).collect()))
            }
            Source::ChoiceOrAll(argument) => {
                let chosen = self.arguments.text(argument).unwrap_or_default();
                let kind = self.operation.parameter(argument).map(|parameter| parameter.kind);
                let Some(Kind::Choice(choices)) = kind else { return None };
                let is_meant = |choice: &&&str| **choice != "ALL" && (chosen == "ALL" || chosen == **choice);
                Some(Value::List(choices.iter().filter(is_meant).map(|choice| Value::Text((*choice).into())).collect()))
            }
            Source::Conditions(conditions) => {
                let conditions: Vec<_> = conditions.iter().filter_map(|condition| self.condition(condition)).collect();
                (!conditions.is_empty()).then(|| Value::Text(conditions.join(" AND ")))
            }
            Source::Quoted { before, argument, after } => {
                Some(Value::Text(format!("{before}{}{after}", quoted(&self.arguments.text(argument)?))))
            }
            Source::Edited => self.get(EDITED).cloned(),
            // Not text: only a body can hold it.
            Source::Null | Source::Json(_) | Source::KeptFields => None,
        }
    }
}

impl Inputs<'_> {
    /// A condition of a query; `None` where the call has no value for it.
    fn condition(&self, Condition { field, operator, value }: &Condition) -> Option<String> {
        let compared = |value: &Value| match value {
            Value::Text(text) => format!("{field} {operator} {}", quoted(text)),
            other => format!("{field} {operator} {}", other.text()),
        };
        if let Source::Argument(name) = value
            && self.operation.parameter(name).is_some_and(|parameter| parameter.kind == Kind::Day)
        {
            return Some(format!("{field} {operator} {}T00:00:00+00:00", self.get(name)?.text()));
        }
        match self.value(value)? {
            Value::List(values) if values.len() == 1 => values.first().map(compared),
            Value::List(values) => {
                let any: Vec<_> = values.iter().map(compared).collect();
                (!any.is_empty()).then(|| format!("({})", any.join(" OR ")))
            }
            one => Some(compared(&one)),
        }
    }
}

/// A text as Bitbucket's queries hold it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path with a slash before it, or each path of a list.
fn from_top(path: Value) -> Value {
    match path {
        Value::List(paths) => Value::List(paths.into_iter().map(from_top).collect()),
        path => Value::Text(format!("/{}", path.text())),
    }
}

/// How much is read of one part of an answer, in bytes.
pub const PART_LIMIT: usize = 1_000_000;

/// The request for a part of an answer.
pub fn build_part(part: &AnswerPart, inputs: Inputs<'_>, base_url: &str) -> OutboundRequest {
    let mut url = base_url.to_owned();
    push_path(&mut url, part.path, inputs);
    push_query(&mut url, part.query, Some((&part.answer, part.author)), inputs, None);
    get(url, accepted(&part.answer), PART_LIMIT)
}

/// The media types that an answer of this form may have.
const fn accepted(answer: &Answer) -> &'static str {
    match answer {
        Answer::Source(_) | Answer::File | Answer::Diff | Answer::Log => "*/*",
        _ => "application/json",
    }
}

/// How much of an answer to this call is read, in bytes.
pub fn most_bytes(call: &Call) -> usize {
    match call.answer {
        // A document is shown in parts, so more of it can be of use than of a list.
        Answer::Record(fields) if fields.iter().any(|field| field.form == Form::Storage) => cut::READ_LIMIT,
        Answer::Source(_) | Answer::File | Answer::Diff | Answer::Log | Answer::Difference(_) => cut::READ_LIMIT,
        _ => JSON_LIMIT,
    }
}

/// The request that the operation makes. `page` is what a cursor adds to the query.
pub fn build(call: &Call, inputs: Inputs<'_>, base_url: &str, page: Option<&str>) -> OutboundRequest {
    let mut url = String::with_capacity(512);
    url.push_str(base_url);
    push_path(&mut url, call.path, inputs);
    push_query(&mut url, call.query, Some((&call.answer, call.author)), inputs, page);
    let mut request = get(url, accepted(&call.answer), most_bytes(call));
    request.method = call.method;
    for NamedSource { name, source } in call.headers {
        if let Some(value) = inputs.value(source) {
            request.headers.push(((*name).into(), value.text().replace(char::is_control, " ")));
        }
    }
    if let Some((content_type, body)) = body::write(&call.body, inputs) {
        request.headers.push(("content-type".into(), content_type));
        request.body = Some(body);
    }
    request
}

/// A look-up that goes before the request itself, or after it.
pub fn look_up(path: &str, query: &[NamedSource], inputs: Inputs<'_>, base_url: &str) -> OutboundRequest {
    look_up_page(path, query, inputs, base_url, None)
}

/// The same, of the page for which a cursor adds that to the query.
pub fn look_up_page(
    path: &str,
    query: &[NamedSource],
    inputs: Inputs<'_>,
    base_url: &str,
    page: Option<&str>,
) -> OutboundRequest {
    let mut url = base_url.to_owned();
    push_path(&mut url, path, inputs);
    push_query(&mut url, query, None, inputs, page);
    get(url, "application/json", JSON_LIMIT)
}

/// A look-up of a diff.
pub fn look_up_diff(path: &str, query: &[NamedSource], inputs: Inputs<'_>, base_url: &str) -> OutboundRequest {
    let mut url = base_url.to_owned();
    push_path(&mut url, path, inputs);
    push_query(&mut url, query, None, inputs, None);
    get(url, "*/*", PART_LIMIT)
}

/// A look-up of a text, which may be longer than other answers.
pub fn look_up_text(path: &str, query: &[NamedSource], inputs: Inputs<'_>, base_url: &str) -> OutboundRequest {
    let mut request = look_up(path, query, inputs, base_url);
    request.limits.bytes = cut::READ_LIMIT;
    request
}

/// A log, or the part of it that the header asks for.
pub fn log(path: &str, inputs: Inputs<'_>, base_url: &str, range: (Cow<'static, str>, String)) -> OutboundRequest {
    let mut url = base_url.to_owned();
    push_path(&mut url, path, inputs);
    let mut request = get(url, "*/*", cut::READ_LIMIT);
    request.headers.push(range);
    request
}

/// A look-up of what an answer names by its id, which is of digits alone.
pub fn look_up_id(path: &str, id: &str, base_url: &str) -> OutboundRequest {
    get(format!("{base_url}{}", path.replace("{id}", id)), "application/json", JSON_LIMIT)
}

fn get(url: String, accept: &str, bytes: usize) -> OutboundRequest {
    OutboundRequest {
        method: Method::Get,
        url,
        headers: vec![("accept".into(), accept.to_owned()), ("user-agent".into(), "Postern".to_owned())],
        body: None,
        limits: Limits { deadline: DEADLINE, bytes, coding: ContentCoding::Decoded },
    }
}

/// Stands for a segment that no URL can hold: no provider has a thing of this name.
const NO_SEGMENT: &str = "%00";

/// Appends a path. A segment may name several values, `{base}..{head}`; the slashes of a path alone are kept, and only
/// where it is the whole segment.
fn push_path(url: &mut String, template: &str, inputs: Inputs<'_>) {
    for segment in template.split('/').skip(1) {
        url.push('/');
        let start = url.len();
        let mut rest = segment;
        while let Some((before, after)) = rest.split_once('{') {
            url.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            let value = inputs.in_path(name).unwrap_or_default();
            let is_path = inputs.operation.parameter(name).is_some_and(|parameter| parameter.kind == Kind::Path);
            if is_path && segment.len() == name.len() + 2 {
                uri_template::push_path(url, &value);
            } else {
                push_encoded(url, &value);
            }
            rest = after;
        }
        url.push_str(rest);
        // Encoded or not, a URL parser takes these for steps in the tree (WHATWG URL, double-dot path segment).
        if let Some("." | "..") = url.get(start..) {
            url.replace_range(start.., NO_SEGMENT);
        }
    }
}

fn push_query(
    url: &mut String,
    query: &[NamedSource],
    answer: Option<(&Answer, &'static [&'static str])>,
    inputs: Inputs<'_>,
    page: Option<&str>,
) {
    let mut separator = '?';
    let mut start = |url: &mut String, name: &str| {
        url.push(separator);
        separator = '&';
        url.push_str(name);
    };
    for NamedSource { name, source } in query {
        if let (Source::KeptFields, Some((answer, author))) = (source, answer) {
            start(url, name);
            url.push('=');
            push_kept_fields(url, answer, author);
            continue;
        }
        let values = match inputs.value(source) {
            Some(Value::List(values)) => values,
            one => one.into_iter().collect(),
        };
        for value in values {
            start(url, name);
            url.push('=');
            push_encoded(url, &value.text());
        }
    }
    if let Some(page) = page.filter(|page| !page.is_empty()) {
        start(url, page);
    }
}

/// Bitbucket's `fields`: all that the projection keeps, with who wrote it, so that the rest is not even sent.
fn push_kept_fields(url: &mut String, answer: &Answer, author: &'static [&'static str]) {
    let (fields, texts, rows): (&[Field], &[Field], _) = match answer {
        Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) => (rows.columns, &[], Some(rows)),
        Answer::Blocks(Blocks { rows, texts }) => (rows.columns, texts, Some(rows)),
        Answer::Record(fields) => (fields, &[], None),
        Answer::Started(started) => (started.fields, &[], None),
        Answer::Build(build) => (build.fields, &[], None),
        Answer::File | Answer::Diff | Answer::Log | Answer::Difference(_) | Answer::Done(_) => return,
    };
    let prefix = rows.filter(|rows| !rows.list.is_empty()).map(|rows| format!("{}.", rows.list)).unwrap_or_default();
    let kept =
        fields.iter().chain(texts).flat_map(|field| field.paths.iter().chain(field.only.iter().map(|only| &only.path)));
    let about = rows.and_then(|rows| rows.resource.as_ref()).map_or(&[][..], |resource| resource.paths);
    let since = rows.and_then(|rows| rows.since.as_ref()).map(|since| &since.path);
    let ties = rows.and_then(|rows| rows.threads).map(|tied| [tied.id, tied.parent, tied.closed, tied.deleted]);
    let besides = about.iter().chain(since).chain(ties.iter().flatten()).chain(author);
    let besides = besides.filter(|path| !kept.clone().any(|kept| kept == *path));
    for (index, path) in kept.clone().chain(besides).enumerate() {
        // Writing to a String cannot fail.
        let _ = write!(url, "{}{prefix}{path}", if index > 0 { "," } else { "" });
    }
    if let Some(Rows { total, paging, .. }) = rows {
        for around in [*total, paging.member()].into_iter().filter(|path| !path.is_empty()) {
            let _ = write!(url, ",{around}");
        }
    }
}

#[cfg(test)]
mod tests;
