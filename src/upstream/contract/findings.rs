//! What the providers' documents say otherwise than the catalogue: which paths no schema knows and no example shows.

use std::collections::BTreeSet;

use openapi::{Documents, Schema};
use serde_json::Value;

use super::{
    exceptions::{NO_BODY, UNDESCRIBED},
    path_at_host, paths,
};
use crate::catalog::operation::{Call, Field, Operation, first_name};

/// How many names are told where one is not known.
const MOST_NAMES: usize = 25;

/// What is wrong, and which paths of which operations are argued.
#[derive(Default)]
pub struct Findings {
    pub wrong: Vec<String>,
    pub excused: BTreeSet<(&'static str, &'static str)>,
    /// What the document shows of the answer at hand, or of its rows: some schemas know less.
    pub examples: Vec<Value>,
}

impl Findings {
    /// Something is wrong with the path of a field, unless that is argued.
    pub fn push(&mut self, operation: &Operation, path: &str, what: &str) {
        let argued = UNDESCRIBED.iter().filter(|one| one.operations.contains(&operation.name));
        match argued.filter_map(|one| one.path(path)).next() {
            Some(argued) => drop(self.excused.insert((operation.name, argued))),
            None => self.wrong.push(format!("{}: {what}", operation.name)),
        }
    }

    /// The fields of a look-up, or of an answer of which nothing is shown, are known to the documents.
    pub fn look_up<'f>(
        &mut self,
        documents: &Documents,
        operation: &Operation,
        call: &Call,
        path: &str,
        fields: impl Iterator<Item = &'f Field>,
    ) {
        let mut answers = Vec::new();
        for path in paths(call, path) {
            let described = path_at_host(call, &path).and_then(|path| documents.operation("GET", &path));
            let Some(described) = described else {
                return self.push(operation, &path, &format!("no document knows GET {path}"));
            };
            answers.extend(described.answers());
        }
        let schemas: Vec<_> = answers.iter().filter_map(|answer| answer.schema).collect();
        fields.for_each(|field| self.field(operation, &schemas, field));
    }

    /// Each path of a field is known to one of the answers.
    pub fn field(&mut self, operation: &Operation, schemas: &[Schema<'_>], field: &Field) {
        for path in field.paths.iter().copied().chain(field.only.map(|only| only.path)) {
            self.path(operation, schemas, path, &format!("`{}`", field.name));
        }
    }

    /// A path is known to one of the answers, or an example shows it.
    pub fn path(&mut self, operation: &Operation, schemas: &[Schema<'_>], path: &str, of: &str) {
        let unknown: Vec<_> = schemas.iter().map_while(|schema| unknown(*schema, path)).collect();
        if unknown.len() == schemas.len() && !self.examples.iter().any(|example| shows(example, path)) {
            let why = unknown.first().map_or("the document describes no body", String::as_str);
            self.push(
                operation,
                if schemas.is_empty() { NO_BODY } else { path },
                &format!("{of} is at `{path}`: {why}"),
            );
        }
    }
}

/// Whether an example has something at a path.
pub fn shows(example: &Value, path: &str) -> bool {
    let (name, rest) = first_name(path);
    match example {
        Value::Array(elements) => elements.iter().any(|element| shows(element, path)),
        _ => example.get(name).is_some_and(|member| rest.is_none_or(|rest| shows(member, rest))),
    }
}

/// What of a path a schema does not know, and what it knows in its place.
pub fn unknown(schema: Schema<'_>, path: &str) -> Option<String> {
    let (name, rest) = first_name(path);
    match (schema.member(name), rest) {
        (Some(_), None) => None,
        (Some(member), Some(rest)) => unknown(member, rest),
        (None, _) => {
            let mut names = schema.names();
            let alike = |known: &&str| {
                let (known, name) = (known.to_lowercase(), name.to_lowercase());
                !(known.contains(&name) || name.contains(&known))
            };
            names.sort_by_key(alike);
            names.truncate(MOST_NAMES);
            Some(format!("there is no `{name}`, but {names:?}"))
        }
    }
}
