//! Pagination: `{size, page, pagelen, next?, previous?, values}`.

use serde_json::{Map, Value, json};

use super::access::Ask;
use super::errors::Refusal;
use super::fields;

/// How one list is paged.
pub(crate) struct Paging {
    /// `pagelen` when none is asked for.
    pub(crate) usual: usize,
    /// The largest `pagelen`.
    pub(crate) largest: usize,
    /// Fields that a list leaves out unless `fields` names them.
    pub(crate) condensed: &'static [&'static str],
}

impl Paging {
    /// What most lists do.
    pub(crate) const USUAL: Self = Self { usual: 10, largest: 100, condensed: &[] };
}

/// The page that was asked for, trimmed by `fields`.
pub(crate) fn page(ask: &Ask, values: Vec<Value>, paging: &Paging) -> Result<Value, Refusal> {
    let length = number(ask, "pagelen", paging.usual)?;
    if length > paging.largest {
        return Err(Refusal::bad_request("Invalid pagelen"));
    }
    let page = number(ask, "page", 1)?;
    let size = values.len();
    let link = |page: usize| json!(format!("{}?{}", ask.url, ask.query.with("page", &page.to_string())));
    let mut body = Map::new();
    body.insert("size".into(), json!(size));
    body.insert("page".into(), json!(page));
    body.insert("pagelen".into(), json!(length));
    if page.saturating_mul(length) < size {
        body.insert("next".into(), link(page + 1));
    }
    if page > 1 {
        body.insert("previous".into(), link(page - 1));
    }
    let skipped = (page - 1).saturating_mul(length);
    let values = values.into_iter().skip(skipped).take(length).collect();
    body.insert("values".into(), Value::Array(values));
    Ok(fields::apply(Value::Object(body), paging.condensed, ask.query.get("fields")))
}

/// A number of at least 1, or a refusal that names the parameter.
fn number(ask: &Ask, name: &str, otherwise: usize) -> Result<usize, Refusal> {
    match ask.query.get(name).map(str::parse) {
        None => Ok(otherwise),
        Some(Ok(number)) if number >= 1 => Ok(number),
        Some(_) => Err(Refusal::bad_request(&format!("Invalid {name}"))),
    }
}

/// Sorted by one field, downwards when it begins with `-`.
pub(crate) fn sort(values: &mut [Value], order: &str) {
    let (field, downwards) = match order.strip_prefix('-') {
        Some(field) => (field, true),
        None => (order, false),
    };
    let pointer = format!("/{}", field.replace('.', "/"));
    values.sort_by(|one, other| {
        let order = compare(one.pointer(&pointer), other.pointer(&pointer));
        if downwards { order.reverse() } else { order }
    });
}

fn compare(one: Option<&Value>, other: Option<&Value>) -> std::cmp::Ordering {
    match (one, other) {
        (Some(Value::Number(one)), Some(Value::Number(other))) => one.as_i64().cmp(&other.as_i64()),
        (Some(Value::String(one)), Some(Value::String(other))) => one.cmp(other),
        _ => one.is_some().cmp(&other.is_some()),
    }
}
