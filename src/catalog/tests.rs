mod length;
mod reference;

use std::collections::HashSet;

use serde_json::Value;

use super::{
    all,
    operation::{
        Answer, Blocks, Body, Bounds, Call, Class, Field, Kind, Operation, Presence, Resource, Rows, Source, Step, Tree,
    },
    schema,
};

#[test]
fn names_are_unique_and_fit_every_host() {
    let names: HashSet<_> = all().map(|operation| operation.name).collect();
    assert_eq!(names.len(), all().count());
    for name in names {
        assert!(name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
    }
}

#[test]
fn the_first_operation_is_callable_with_nothing() {
    let first = all().next().unwrap();
    assert_eq!(first.name, "whoami");
    assert!(first.parameters.iter().all(|parameter| parameter.presence != Presence::Required));
}

#[test]
fn a_title_names_its_provider_because_clients_show_it_alone() {
    for operation in all() {
        let named = operation.provider().is_none_or(|provider| operation.title.contains(provider.name));
        assert!(named, "{}", operation.title);
    }
}

#[test]
fn descriptions_are_short() {
    for operation in all() {
        assert!(operation.description.chars().count() <= 200, "{}", operation.name);
    }
}

#[test]
fn a_definition_costs_about_120_tokens_at_most_on_average() {
    let characters: usize = all()
        .map(|operation| {
            let mut definition = schema::definition(operation);
            definition
                .as_object_mut()
                .unwrap()
                .retain(|name, _| matches!(name.as_str(), "name" | "description" | "inputSchema"));
            definition.to_string().len()
        })
        .sum();
    // A token of such JSON is about four and a half characters.
    assert!(characters / all().count() < 120 * 9 / 2, "{} characters a tool", characters / all().count());
}

#[test]
fn schemas_are_flat_and_closed() {
    for operation in all() {
        let definition = schema::definition(operation);
        let schema = &definition["inputSchema"];
        assert_eq!(schema["type"], "object");
        assert_eq!(schema["additionalProperties"], false);
        let text = schema.to_string();
        assert!(!text.contains("anyOf") && !text.contains("$ref"), "{}", operation.name);
    }
}

#[test]
fn every_tool_is_annotated_by_its_class() {
    for operation in all() {
        let annotations = &schema::definition(operation)["annotations"];
        assert_eq!(annotations["readOnlyHint"], operation.class == Class::Read, "{}", operation.name);
        assert_eq!(annotations["destructiveHint"], operation.class == Class::Destructive);
        assert!(annotations["idempotentHint"].is_boolean() && annotations["openWorldHint"].is_boolean());
    }
}

#[test]
fn defaults_have_the_type_of_their_schema() {
    for operation in all() {
        let definition = schema::definition(operation);
        let Some(properties) = definition["inputSchema"]["properties"].as_object() else { continue };
        for (name, property) in properties {
            match property.get("default") {
                Some(Value::Number(_)) => assert_eq!(property["type"], "integer", "{name}"),
                Some(Value::Bool(_)) => assert_eq!(property["type"], "boolean", "{name}"),
                Some(_) => assert_eq!(property["type"], "string", "{name}"),
                None => {}
            }
        }
    }
}

#[test]
fn digests_tell_definitions_apart() {
    let digests: HashSet<_> = all().map(schema::digest).collect();
    assert_eq!(digests.len(), all().count());
}

#[test]
fn writes_say_how_to_check_them_and_every_call_what_to_do_about_nothing() {
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        assert_eq!(call.when_unknown.is_empty(), operation.class == Class::Read, "{}", operation.name);
        assert!(!call.when_missing.is_empty(), "{}", operation.name);
    }
}

#[test]
fn everything_named_in_an_entry_is_a_parameter_of_it() {
    for operation in all() {
        let known = |name: &str| assert!(operation.parameter(name).is_some(), "{}: {name}", operation.name);
        let templates = |template: &str| {
            for part in template.split('{').skip(1) {
                known(part.split('}').next().unwrap());
            }
        };
        templates(operation.target);
        for parameter in operation.parameters {
            parameter.needs.into_iter().for_each(known);
        }
        let Some(call) = &operation.call else { continue };
        for part in call.path.split('{').skip(1) {
            let name = part.split('}').next().unwrap();
            assert!(found(call, name).is_some() || operation.parameter(name).is_some(), "{}: {name}", operation.name);
        }
        let mut sources: Vec<_> = call.query.iter().chain(call.headers).map(|named| &named.source).collect();
        match call.body {
            Body::Json(members) => sources.extend(members.iter().map(|member| &member.source)),
            Body::Form(pairs) => sources.extend(pairs.iter().map(|pair| &pair.source)),
            Body::Multipart(parts) => sources.extend(parts.iter().flat_map(|part| {
                [Some(&part.name), part.file_name.as_ref(), part.executable.as_ref(), Some(&part.value)]
                    .into_iter()
                    .flatten()
            })),
            Body::None => {}
        }
        sources.into_iter().filter_map(argument).for_each(known);
        if let Some(Rows { since: Some(since), .. }) = kept(operation).0 {
            known(since.argument);
        }
        for step in call.before {
            match step {
                Step::Read(read) => templates(read.path),
                Step::Resolve(resolve) => known(resolve.argument),
            }
        }
    }
}

#[test]
fn every_parameter_in_a_path_has_a_kind_that_cannot_change_the_path() {
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        for segment in call.path.split('/') {
            for name in segment.split('{').skip(1).filter_map(|part| part.split('}').next()) {
                let kind = found(call, name).unwrap_or_else(|| operation.parameter(name).unwrap().kind);
                let is_safe = matches!(
                    kind,
                    Kind::Slug
                        | Kind::Workspace
                        | Kind::Path
                        | Kind::Reference
                        | Kind::Comparison
                        | Kind::Commit
                        | Kind::Identifier
                        | Kind::Key
                        | Kind::Integer { .. }
                        | Kind::Choice(_)
                );
                assert!(is_safe, "{}: {name}", operation.name);
            }
        }
    }
}

/// What a step before the request finds under that name must look like this.
fn found(call: &Call, name: &str) -> Option<Kind> {
    let finds = call.before.iter().flat_map(|step| match step {
        Step::Read(read) => read.finds,
        Step::Resolve(_) => &[],
    });
    finds.filter(|find| find.field.name == name).map(|find| find.kind).next()
}

/// The argument that a source takes its value from.
fn argument(source: &Source) -> Option<&str> {
    match source {
        Source::Argument(name)
        | Source::AsStorage(name)
        | Source::ChoiceOrAll(name)
        | Source::Contains { argument: name, .. }
        | Source::Quoted { argument: name, .. }
        | Source::Head(name)
        | Source::Base(name)
        | Source::Each { list: name, .. } => Some(name),
        Source::FromTop(path) => argument(path),
        _ => None,
    }
}

/// The rows of an operation, and the fields of its answer.
fn kept(operation: &Operation) -> (Option<&Rows>, &[Field]) {
    match operation.call.as_ref().map(|call| &call.answer) {
        Some(Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) | Answer::Blocks(Blocks { rows, .. })) => {
            (Some(rows), rows.columns)
        }
        Some(Answer::Record(fields)) => (None, fields),
        Some(Answer::Started(started)) => (None, started.fields),
        Some(Answer::File | Answer::Diff | Answer::Done(_)) | None => (None, &[]),
    }
}

#[test]
fn every_list_takes_a_cursor_and_has_words_for_nothing() {
    for operation in all() {
        let Some(rows) = kept(operation).0 else { continue };
        assert!(operation.parameters.iter().any(|parameter| parameter.kind == Kind::Cursor), "{}", operation.name);
        assert!(!rows.when_empty.is_empty());
    }
}

#[test]
fn every_field_has_a_name_and_a_path() {
    for operation in all() {
        let fields = kept(operation).1;
        assert!(fields.iter().all(|field| !field.name.is_empty() && !field.paths.is_empty()), "{}", operation.name);
    }
}

#[test]
fn a_list_has_no_column_of_many_lines() {
    for operation in all() {
        // A row is a line: whoever wrote such a text could add rows of their own.
        let Some(rows) = kept(operation).0 else { continue };
        assert!(!rows.columns.iter().any(|column| column.form.has_lines()), "{}", operation.name);
    }
}

#[test]
fn every_call_is_kept_within_what_may_be_reached() {
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        let workspace = operation
            .parameters
            .iter()
            .find(|parameter| parameter.kind == Kind::Workspace && parameter.presence == Presence::Required);
        let about = kept(operation).0.and_then(|rows| rows.resource.as_ref()).map(|resource| resource.of);
        let is_kept = match (&call.bounds, call.provider.id) {
            (Bounds::Workspace, "bitbucket" | "tracker") => {
                workspace.is_some_and(|workspace| call.path.contains(&format!("{{{}}}", workspace.name)))
            }
            (Bounds::Rows, "bitbucket") => about == Some(Resource::Workspace),
            (Bounds::Rows, "confluence") => about == Some(Resource::Space),
            (Bounds::Search(query), "confluence") => operation.parameter(query).is_some(),
            (Bounds::InSpace(_), "confluence") => operation.class == Class::Read,
            (Bounds::Account, "bitbucket") => {
                ["/user", "/users/", "/hook_events/"].iter().any(|start| call.path.starts_with(start))
                    && !call.path.contains("{workspace}")
            }
            _ => false,
        };
        assert!(is_kept, "{}", operation.name);
    }
}
