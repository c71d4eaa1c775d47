//! One document: its operations, found by the path of a request, and their answers.

use std::path::Path;
use std::{fs, io};

use serde_json::Value;

use crate::Schema;
use crate::sample::sample;
use crate::schema::Root;

pub(crate) struct Document {
    root: Root,
    prefix: &'static str,
}

/// What a method does at a path.
#[derive(Clone, Copy)]
pub struct Operation<'a> {
    root: &'a Root,
    description: &'a Value,
    /// The path as the document writes it.
    pub path: &'a str,
}

/// An answer that a document describes.
pub struct Answer<'a> {
    pub status: u16,
    /// What its JSON looks like; `None` where it is described as none, or not described.
    pub schema: Option<Schema<'a>>,
    /// What the document itself shows of it.
    pub examples: Vec<&'a Value>,
}

impl Document {
    pub(crate) fn read(path: &Path, prefix: &'static str) -> io::Result<Self> {
        Ok(Self { root: Root::new(serde_json::from_slice(&fs::read(path)?)?), prefix })
    }

    /// Of several templates that fit, the one with the most names of its own.
    pub(crate) fn operation(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path = path.strip_prefix(self.prefix)?;
        let paths = self.root.value.get("paths")?.as_object()?;
        let method = method.to_ascii_lowercase();
        let fitting = paths.iter().filter_map(|(template, methods)| {
            let description = methods.get(&method)?;
            Some((fit(template, path)?, Operation { root: &self.root, description, path: template }))
        });
        fitting.max_by_key(|(names, _)| *names).map(|(_, operation)| operation)
    }
}

/// How many names of the template the path has, if it fits. A last value may have several segments, where it is a path.
fn fit(template: &str, path: &str) -> Option<usize> {
    let is_value = |segment: &str| segment.starts_with('{');
    let mut segments = path.trim_end_matches('/').split('/');
    let mut names = 0;
    let mut last = "";
    for expected in template.trim_end_matches('/').split('/') {
        let segment = segments.next();
        last = expected;
        // The top directory has no path.
        if expected == "{path}" && segment.is_none() {
            break;
        }
        let segment = segment?;
        if is_value(expected) {
            if segment.is_empty() {
                return None;
            }
        } else if segment == expected {
            names += 1;
        } else {
            return None;
        }
    }
    (last == "{path}" || segments.next().is_none()).then_some(names)
}

impl<'a> Operation<'a> {
    /// The answers of success.
    pub fn answers(self) -> Vec<Answer<'a>> {
        let responses = self.description.get("responses").and_then(Value::as_object);
        let described = responses.into_iter().flatten().filter_map(|(status, response)| {
            let status = status.parse().ok().filter(|status| (200..300).contains(status))?;
            let response = Schema::new(self.root, response).value();
            let json = response.get("content").and_then(Value::as_object).and_then(|content| {
                content.iter().find(|(kind, _)| kind.starts_with("application/json")).map(|(_, media)| media)
            });
            let examples = json.and_then(|media| media.get("examples")).and_then(Value::as_object);
            let examples = examples.into_iter().flat_map(|examples| examples.values());
            let examples = examples.filter_map(|example| example.get("value"));
            Some(Answer {
                status,
                schema: json.and_then(|media| media.get("schema")).map(|schema| Schema::new(self.root, schema)),
                examples: examples.chain(json.and_then(|media| media.get("example"))).collect(),
            })
        });
        described.collect()
    }
}

impl Answer<'_> {
    /// An answer with all that its schema knows.
    pub fn sample(&self) -> Option<Value> {
        self.schema.map(sample)
    }
}
