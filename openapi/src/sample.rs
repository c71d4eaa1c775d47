//! A value with all that its schema knows.

use serde_json::{Map, Value, json};

use crate::Schema;

/// How deep a sample goes before it has values without members alone.
const DEEPEST: usize = 4;

/// A value with every member that the schema names, one element in each list, and no next page.
pub(crate) fn sample(schema: Schema<'_>) -> Value {
    Sampling { within: Vec::new() }.value("", "", schema)
}

struct Sampling<'a> {
    /// The references that lead to where it is.
    within: Vec<&'a str>,
}

/// States of what is over: in a sample nothing goes on.
const DONE: [&str; 4] = ["SUCCESS", "SUCCESSFUL", "COMPLETED", "FINISHED"];
/// What a list goes on with. A sample does not go on.
const GOES_ON: [&str; 3] = ["next", "previous", "prev"];

impl<'a> Sampling<'a> {
    fn value(&mut self, parent: &str, name: &str, schema: Schema<'a>) -> Value {
        let Some(reference) = schema.reference() else { return self.inner(parent, name, schema) };
        self.within.push(reference);
        let value = self.inner(parent, name, schema);
        self.within.pop();
        value
    }

    /// Something within itself is shown once more, without what it holds.
    fn is_shallow(&self, schema: Schema<'a>) -> bool {
        let times = |reference| self.within.iter().filter(|within| **within == reference).count();
        self.within.len() > DEEPEST || schema.reference().is_some_and(|reference| times(reference) > 1)
    }

    fn inner(&mut self, parent: &str, name: &str, schema: Schema<'a>) -> Value {
        if let Some(elements) = schema.elements() {
            let skip = self.is_shallow(elements);
            return if skip { json!([]) } else { json!([self.value(parent, name, elements)]) };
        }
        let members = schema.members();
        if members.is_empty() {
            return scalar(parent, name, schema);
        }
        let is_shallow = self.is_shallow(schema);
        let mut object = Map::new();
        for (member, its) in members {
            let has_members = its.elements().is_some() || !its.members().is_empty();
            let goes_on = GOES_ON.contains(&member) && its.says("type").is_none_or(|kind| kind == "string");
            let is_left_out = goes_on || (is_shallow && has_members);
            if !is_left_out {
                object.insert(member.to_owned(), self.value(name, member, its));
            }
        }
        object.into()
    }
}

fn scalar(parent: &str, name: &str, schema: Schema<'_>) -> Value {
    let word = |word| schema.says(word).and_then(Value::as_str).unwrap_or_default();
    let choices = schema.choices();
    if let Some(choice) = choices.iter().find(|choice| DONE.contains(choice)).or(choices.first()) {
        return json!(choice);
    }
    if let Some(example) = schema.says("example").filter(|example| !example.is_null() && *example != "") {
        return example.clone();
    }
    match word("type") {
        "boolean" => json!(true),
        "integer" | "number" => json!(schema.says("minimum").and_then(Value::as_i64).unwrap_or_default().max(7)),
        "object" => any_members(name),
        _ => json!(text(parent, name, word("format"))),
    }
}

/// An object of which the schema does not name the members.
fn any_members(name: &str) -> Value {
    match name {
        "_links" => json!({
            "webui": "/spaces/ENG/pages/98305/Sample", "self": "https://acme.atlassian.net/wiki/rest/api/content/98305",
            "base": "https://acme.atlassian.net/wiki", "tinyui": "/x/AYAB", "download": "/download/attachments/98305/a.txt",
        }),
        _ => json!({}),
    }
}

/// A text that looks like what its name and its format promise.
fn text(parent: &str, name: &str, format: &str) -> String {
    let text = match (name, format) {
        (_, "date-time") => "2026-10-01T09:00:00.000000+00:00",
        (_, "date") => "2026-10-01",
        (_, "uri" | "url") => "https://bitbucket.org/acme/backend",
        (_, "email") => "ann@acme.example",
        ("uuid", _) | (_, "uuid") => "{8d3e4b5a-1c2d-4e5f-8a9b-0c1d2e3f4a5b}",
        ("hash", _) => "1f0c3a5d7e9b2c4d6f8a0b1c3d5e7f9a2b4c6d8e",
        ("full_name", _) => "acme/backend",
        ("slug", _) => "backend",
        ("key", _) => "ENG",
        ("createdAt" | "when" | "lastModified" | "created_on" | "updated_on", _) => "2026-10-01T09:00:00.000Z",
        ("value", _) if parent == "storage" => "<p>A sample of a page.</p>",
        ("name", _) if parent == "html" => "html",
        _ if name == "id" || name.ends_with("Id") || name.ends_with("ID") => "98305",
        ("", _) => "sample",
        _ => return format!("sample {}", name.replace('_', " ")),
    };
    text.to_owned()
}
