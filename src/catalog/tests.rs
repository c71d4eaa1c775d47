use std::collections::HashSet;

use serde_json::Value;

use super::{
    ALL,
    operation::{Answer, Bounds, Class, Field, Form, Kind, Presence, Source, Tree},
    reach::Realm,
    schema,
};
use crate::platform::http::Method;

#[test]
fn names_are_unique_and_fit_every_host() {
    let names: HashSet<_> = ALL.iter().map(|operation| operation.name).collect();
    assert_eq!(names.len(), ALL.len());
    for name in names {
        assert!(name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
    }
}

#[test]
fn the_first_operation_is_callable_with_nothing() {
    assert_eq!(ALL[0].name, "whoami");
    assert!(ALL[0].parameters.iter().all(|parameter| parameter.presence != Presence::Required));
}

#[test]
fn a_title_names_its_provider_because_clients_show_it_alone() {
    for operation in ALL {
        let named = operation.provider().is_none_or(|provider| operation.title.contains(provider.name));
        assert!(named, "{}", operation.title);
    }
}

#[test]
fn descriptions_are_short() {
    for operation in ALL {
        assert!(operation.description.chars().count() <= 200, "{}", operation.name);
    }
}

#[test]
fn a_definition_costs_about_120_tokens_at_most_on_average() {
    let characters: usize = ALL
        .iter()
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
    assert!(characters / ALL.len() < 120 * 9 / 2, "{} characters a tool", characters / ALL.len());
}

#[test]
fn schemas_are_flat_and_closed() {
    for operation in ALL {
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
    for operation in ALL {
        let annotations = &schema::definition(operation)["annotations"];
        assert_eq!(annotations["readOnlyHint"], operation.class == Class::Read, "{}", operation.name);
        assert_eq!(annotations["destructiveHint"], operation.class == Class::Destructive);
        assert!(annotations["idempotentHint"].is_boolean() && annotations["openWorldHint"].is_boolean());
    }
}

#[test]
fn defaults_have_the_type_of_their_schema() {
    for operation in ALL {
        let definition = schema::definition(operation);
        let Some(properties) = definition["inputSchema"]["properties"].as_object() else { continue };
        for (name, property) in properties {
            match property.get("default") {
                Some(Value::Number(_)) => assert_eq!(property["type"], "integer", "{name}"),
                Some(_) => assert_eq!(property["type"], "string", "{name}"),
                None => {}
            }
        }
    }
}

#[test]
fn digests_tell_definitions_apart() {
    let digests: HashSet<_> = ALL.iter().map(|operation| schema::digest(operation)).collect();
    assert_eq!(digests.len(), ALL.len());
}

#[test]
fn reads_are_gets_and_writes_say_how_to_check_them() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        assert_eq!(call.method == Method::Get, operation.class == Class::Read, "{}", operation.name);
        assert_eq!(call.when_unknown.is_empty(), operation.class == Class::Read, "{}", operation.name);
        assert!(!call.when_missing.is_empty(), "{}", operation.name);
    }
}

#[test]
fn everything_named_in_an_entry_is_a_parameter_of_it() {
    for operation in ALL {
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
        templates(call.path);
        for query in call.query {
            match query.source {
                Source::Fixed(_) | Source::KeptFields => {}
                Source::Argument(name) | Source::ChoiceOrAll(name) | Source::Contains { argument: name, .. } => {
                    known(name)
                }
            }
        }
        call.body.iter().for_each(|member| known(member.argument));
        if let Some(resolve) = &call.resolve {
            known(resolve.argument);
            resolve.paths.iter().for_each(|path| templates(path));
        }
    }
}

#[test]
fn every_parameter_in_a_path_has_a_kind_that_cannot_change_the_path() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        for segment in call.path.split('/') {
            let Some(name) = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) else { continue };
            let kind = operation.parameter(name).unwrap().kind;
            let is_safe = matches!(
                kind,
                Kind::Slug
                    | Kind::Workspace
                    | Kind::Path
                    | Kind::Reference
                    | Kind::Identifier
                    | Kind::Integer { .. }
                    | Kind::Choice(_)
            );
            assert!(is_safe, "{}: {name}", operation.name);
        }
    }
}

#[test]
fn every_list_takes_a_cursor_and_has_words_for_nothing() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        if let Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) = &call.answer {
            assert!(operation.parameters.iter().any(|parameter| parameter.kind == Kind::Cursor), "{}", operation.name);
            assert!(!rows.when_empty.is_empty());
        }
    }
}

#[test]
fn every_field_has_a_name_and_a_path() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        let fields: &[Field] = match &call.answer {
            Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) => rows.columns,
            Answer::Record(fields) => fields,
            Answer::Diff => &[],
        };
        assert!(fields.iter().all(|field| !field.name.is_empty() && !field.paths.is_empty()), "{}", operation.name);
    }
}

#[test]
fn a_list_has_no_column_of_many_lines() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        if let Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) = &call.answer {
            // A row is a line: whoever wrote such a text could add rows of their own.
            let has_lines = |field: &Field| matches!(field.form, Form::Prose | Form::Storage);
            assert!(!rows.columns.iter().any(has_lines), "{}", operation.name);
        }
    }
}

#[test]
fn every_call_is_kept_within_what_may_be_reached() {
    for operation in ALL {
        let Some(call) = &operation.call else { continue };
        let names_workspace = operation
            .parameters
            .iter()
            .any(|parameter| parameter.kind == Kind::Workspace && parameter.presence == Presence::Required);
        let columns = match &call.answer {
            Answer::Rows(rows) => rows.columns,
            _ => &[],
        };
        let has_column = |name: &&str| columns.iter().any(|column| column.name == *name);
        let is_kept = match (&call.bounds, call.provider.id) {
            (Bounds::Workspace, "bitbucket") => names_workspace && call.path.contains("{workspace}"),
            (Bounds::Rows(Realm::Workspaces, named), "bitbucket")
            | (Bounds::Rows(Realm::Spaces, named), "confluence") => named.iter().all(has_column),
            (Bounds::Search(query), "confluence") => operation.parameter(query).is_some(),
            (Bounds::InSpace(place), "confluence") => operation.class == Class::Read && place.id.len() == 1,
            _ => false,
        };
        assert!(is_kept, "{}", operation.name);
    }
}
