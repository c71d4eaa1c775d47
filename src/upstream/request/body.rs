//! What a request carries, in each form that providers take. Pure.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::Inputs;
use crate::{
    catalog::{
        operation::{Body, Member, NamedSource, Part, Source},
        value::Value,
    },
    crypto::digest,
    platform::json,
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
            Source::Json(name) => {
                inputs.arguments.text(name).map(|text| json::from_str(&text).unwrap_or_else(|_| text.as_ref().into()))
            }
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
    let parts: Vec<_> = parts.iter().flat_map(|part| written(part, inputs)).collect();
    // Of the contents, so that none of them can hold it.
    let boundary = digest::sha256(&parts.iter().map(|part| part.content.text()).collect::<String>());
    let mut body = String::new();
    for WrittenPart { name, file_name, is_executable, content } in &parts {
        // Writing to a String cannot fail.
        let _ = write!(body, "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"", quoted(&name.text()));
        if let Some(file_name) = file_name {
            let _ = write!(body, "; filename=\"{}\"", quoted(&file_name.text()));
            body.push_str(if *is_executable { "; x-attributes=\"executable\"" } else { "" });
            body.push_str("\r\ncontent-type: application/octet-stream");
        }
        let _ = write!(body, "\r\n\r\n{}\r\n", content.text());
    }
    let _ = write!(body, "--{boundary}--\r\n");
    (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
}

/// A part of a body, with its values.
struct WrittenPart {
    name: Value,
    file_name: Option<Value>,
    is_executable: bool,
    content: Value,
}

/// The parts that an entry of the catalogue stands for: one, or one for each value of a list.
fn written(part: &Part, inputs: Inputs<'_>) -> Vec<WrittenPart> {
    let (Some(name), Some(content)) = (inputs.value(&part.name), inputs.value(&part.value)) else { return Vec::new() };
    let file_name = part.file_name.as_ref().and_then(|name| inputs.value(name));
    let executable = part.executable.as_ref().and_then(|flag| inputs.value(flag));
    let contents = match content {
        Value::List(contents) => contents,
        one => vec![one],
    };
    let written = |(index, content)| {
        Some(WrittenPart {
            name: nth(&name, index)?,
            file_name: file_name.as_ref().and_then(|name| nth(name, index)),
            is_executable: executable.as_ref().and_then(|flag| nth(flag, index)) == Some(Value::Boolean(true)),
            content,
        })
    };
    contents.into_iter().enumerate().filter_map(written).collect()
}

/// The value of a list at this place; a single value is at every place.
fn nth(value: &Value, index: usize) -> Option<Value> {
    match value {
        Value::List(values) => values.get(index).cloned(),
        one => Some(one.clone()),
    }
}

/// A name between quotes, as browsers write it (HTML, "multipart form data").
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
