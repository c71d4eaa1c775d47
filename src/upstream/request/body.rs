//! What a request carries, in each form that providers take. Pure.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::Inputs;
use crate::{
    catalog::operation::{Body, Member, NamedSource, Part, Source},
    crypto::digest,
};

/// The content type and the bytes; `None` where a request carries nothing.
pub fn write(body: &Body, inputs: Inputs<'_>) -> Option<(String, Vec<u8>)> {
    match body {
        Body::None => None,
        Body::Json(members) => Some(("application/json".to_owned(), json(members, inputs).to_string().into_bytes())),
        Body::Form(pairs) => Some(("application/x-www-form-urlencoded".to_owned(), form(pairs, inputs))),
        Body::Multipart(parts) => Some(multipart(parts, inputs)),
    }
}

fn json(members: &[Member], inputs: Inputs<'_>) -> Json {
    let mut body = Json::Null;
    for Member { path, source } in members {
        let value = match source {
            Source::Null => Some(Json::Null),
            other => inputs.value(other).map(|value| value.to_json()),
        };
        if let Some(value) = value {
            put(&mut body, Some(path), value);
        }
    }
    if body.is_null() { Map::new().into() } else { body }
}

/// Puts a value at a path of names and lists.
fn put(place: &mut Json, path: Option<&str>, value: Json) {
    let Some(path) = path else {
        *place = value;
        return;
    };
    let (segment, rest) = path.split_once('.').map_or((path, None), |(segment, rest)| (segment, Some(rest)));
    let (name, is_list) = segment.strip_suffix("[]").map_or((segment, false), |name| (name, true));
    // A single value makes no list, it only joins what is in one.
    let list = if name.is_empty() { Some(&*place) } else { place.get(name) };
    if is_list && !value.is_array() && !list.is_some_and(Json::is_array) {
        return;
    }
    let place = if name.is_empty() { place } else { member(place, name) };
    if !is_list {
        return put(place, rest, value);
    }
    if !place.is_array() {
        *place = Json::Array(Vec::new());
    }
    let Json::Array(elements) = place else { return };
    match value {
        Json::Array(values) => {
            elements.resize(elements.len().max(values.len()), Json::Null);
            elements.iter_mut().zip(values).for_each(|(element, value)| put(element, rest, value));
        }
        one => elements.iter_mut().for_each(|element| put(element, rest, one.clone())),
    }
}

fn member<'j>(place: &'j mut Json, name: &str) -> &'j mut Json {
    if !place.is_object() {
        *place = Map::new().into();
    }
    match place {
        Json::Object(members) => members.entry(name).or_insert(Json::Null),
        other => other,
    }
}

fn form(pairs: &[NamedSource], inputs: Inputs<'_>) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for NamedSource { name, source } in pairs {
        if let Some(value) = inputs.value(source) {
            form.append_pair(name, &value.text());
        }
    }
    form.finish().into_bytes()
}

fn multipart(parts: &[Part], inputs: Inputs<'_>) -> (String, Vec<u8>) {
    let parts: Vec<_> = parts
        .iter()
        .filter_map(|part| {
            let name = inputs.value(&part.name)?;
            let file_name = part.file_name.as_ref().and_then(|name| inputs.value(name));
            Some((name, file_name, inputs.value(&part.value)?))
        })
        .collect();
    // Of the contents, so that none of them can hold it.
    let contents: Vec<_> = parts.iter().map(|(_, _, value)| value.text()).collect();
    let boundary = digest::sha256(&contents.concat());
    let mut body = String::new();
    for ((name, file_name, _), content) in parts.iter().zip(&contents) {
        // Writing to a String cannot fail.
        let _ = write!(body, "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(&name.text()));
        if let Some(file_name) = file_name {
            let _ = write!(body, "; filename=\"{}\"\r\n", quoted(&file_name.text()));
            body.push_str("content-type: application/octet-stream");
        }
        let _ = write!(body, "\r\n\r\n{content}\r\n");
    }
    let _ = write!(body, "--{boundary}--\r\n");
    (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
}

/// A name between quotes, as browsers write it (HTML, "multipart form data").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
