//! How an operation looks in `tools/list`, derived from its entry.

use serde_json::{Map, Value, json};

use super::{
    arguments::SITE,
    canonical::canonical,
    operation::{Budget, Class, Kind, Operation, Parameter, Presence},
    value,
};
use crate::{
    crypto::digest,
    providers::{Provider, Site},
};

/// The tool's definition: name, title, description, input schema and annotations (MCP `Tool`).
pub fn definition(operation: &Operation) -> Value {
    json!({
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "inputSchema": input_schema(operation),
        "annotations": annotations(operation.class, operation.call.is_some()),
    })
}

/// SHA-256 of what a model sees, what a host acts on and what is done upstream: an approval is of exactly this definition.
pub fn digest(operation: &Operation) -> String {
    digest::sha256(&whole_definition(operation))
}

/// What that digest is of, as canonical JSON.
pub fn whole_definition(operation: &Operation) -> String {
    let mut definition = json!({
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "inputSchema": input_schema(operation),
        "annotations": annotations(operation.class, operation.call.is_some()),
        "call": operation.call.as_ref().map(|call| json!({
            "provider": call.provider.id,
            "method": call.method.name(),
            "path": call.path,
        })),
    });
    if let Some(members) = definition.as_object_mut() {
        let others = operation.calls().skip(1).map(|call| json!({"method": call.method.name(), "path": call.path}));
        let others: Vec<_> = others.collect();
        let parts: Vec<_> =
            operation.calls().flat_map(|call| call.parts).map(|part| json!({"path": part.path})).collect();
        // An operation without any keeps the digest by which it was approved.
        let more = [("variants", others), ("parts", parts)].into_iter().filter(|(_, values)| !values.is_empty());
        members.extend(more.map(|(name, values)| (name.to_owned(), values.into())));
    }
    canonical(&definition)
}

/// Without `anyOf` and `$ref`, which some hosts refuse.
fn input_schema(operation: &Operation) -> Value {
    object(operation.parameters).into()
}

/// Adds the argument that names a site to a tool's schema.
pub fn add_site(schema: &mut Value, provider: &Provider, sites: impl Iterator<Item = Site>) {
    let words: Vec<_> = sites.map(|site| site.word().to_owned()).collect();
    if let Some(schema) = schema.as_object_mut() {
        let properties = schema.entry("properties").or_insert_with(|| Map::new().into());
        properties[SITE] = json!({
            "type": "string",
            "enum": words,
            "description": format!("{} site, unless an address says it", provider.name),
        });
    }
}

fn object(parameters: &[Parameter]) -> Map<String, Value> {
    let mut schema = Map::new();
    schema.insert("type".into(), "object".into());
    if !parameters.is_empty() {
        let properties: Map<_, _> =
            parameters.iter().map(|parameter| (parameter.name.to_owned(), property(parameter))).collect();
        schema.insert("properties".into(), properties.into());
        let required: Vec<_> = parameters
            .iter()
            .filter(|parameter| parameter.presence == Presence::Required)
            .map(|parameter| parameter.name)
            .collect();
        if !required.is_empty() {
            schema.insert("required".into(), required.into());
        }
    }
    schema.insert("additionalProperties".into(), false.into());
    schema
}

fn property(parameter: &Parameter) -> Value {
    let mut property = shape(parameter.kind);
    if !parameter.description.is_empty() {
        property.insert("description".into(), parameter.description.into());
    }
    if let Presence::Default(default) = parameter.presence {
        let value = value::read(parameter.kind, &default.into());
        property.insert("default".into(), value.map_or_else(|| default.into(), |value| value.to_json()));
    }
    property.into()
}

/// What JSON Schema says of a kind.
fn shape(kind: Kind) -> Map<String, Value> {
    let of_type = |name: &str| Map::from_iter([("type".to_owned(), Value::from(name))]);
    match kind {
        // Bounds cost every client tokens; a call that breaks one is told of it.
        Kind::Integer { .. } => of_type("integer"),
        Kind::Budget => shape(Budget::CHOICE),
        Kind::Boolean => of_type("boolean"),
        Kind::Choice(choices) => {
            let mut shape = of_type("string");
            shape.insert("enum".into(), choices.into());
            shape
        }
        Kind::List { of, .. } => {
            let mut list = of_type("array");
            list.insert("items".into(), shape(*of).into());
            list
        }
        Kind::Object(members) => object(members),
        _ => of_type("string"),
    }
}

/// Hints for hosts that decide what runs without a question. `is_sent` where a call goes to a provider.
pub fn annotations(class: Class, is_sent: bool) -> Value {
    let read = class == Class::Read;
    json!({
        "readOnlyHint": read,
        "destructiveHint": class == Class::Destructive,
        "idempotentHint": read,
        "openWorldHint": is_sent,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog::operation::{Answer, Call, Scopes},
        platform::http::Method,
        providers::{BITBUCKET, CONFLUENCE},
    };

    fn digest_of(title: &'static str, provider: &'static Provider, method: Method, path: &'static str) -> String {
        let scopes = Scopes { classic: &[], granular: &[] };
        digest(&Operation::read("operation", title, "things").call(Call::new(
            provider,
            method,
            path,
            scopes,
            Answer::Diff,
        )))
    }

    #[test]
    fn another_title_provider_method_or_path_is_another_definition() {
        let approved = digest_of("Title", &BITBUCKET, Method::Get, "/path");
        let others = [
            digest_of("Other", &BITBUCKET, Method::Get, "/path"),
            digest_of("Title", &CONFLUENCE, Method::Get, "/path"),
            digest_of("Title", &BITBUCKET, Method::Post, "/path"),
            digest_of("Title", &BITBUCKET, Method::Get, "/other"),
        ];
        assert!(others.iter().all(|other| *other != approved));
        assert_eq!(digest_of("Title", &BITBUCKET, Method::Get, "/path"), approved);
    }
}
