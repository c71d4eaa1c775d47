mod length;
mod preview;
mod reference;

use std::collections::HashSet;

use serde_json::Value;

use super::{
    all,
    operation::{
        Answer, Around, Blocks, Body, Bounds, Call, Class, Field, Kind, Located, Operation, PARTS, Parameter, Passage,
        Presence, Resource, Rows, Source, Step, Surface, Tree, Undo, When,
    },
    schema,
};
use crate::providers::CONFLUENCE;

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
fn a_definition_that_is_listed_costs_at_most_180_tokens_and_all_of_them_2700() {
    let mut characters: Vec<(usize, &str)> = all()
        .filter(|operation| operation.surface == Surface::Core)
        .map(|operation| {
            let mut definition = schema::definition(operation);
            definition
                .as_object_mut()
                .unwrap()
                .retain(|name, _| matches!(name.as_str(), "name" | "description" | "inputSchema"));
            (definition.to_string().len(), operation.name)
        })
        .collect();
    characters.sort_unstable();
    // A token of such JSON is about four and a half characters.
    assert!(characters.iter().map(|(characters, _)| characters).sum::<usize>() <= 2_700 * 9 / 2, "{characters:?}");
    assert!(characters[characters.len() - 1].0 <= 180 * 9 / 2, "{characters:?}");
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
        for condition in operation.variants.iter().flat_map(|variant| variant.when) {
            match condition {
                When::Is(name, _) | When::With(name) | When::Without(name) => known(name),
                When::Contains { argument, .. } => known(argument),
            }
        }
        for call in operation.calls() {
            everything_named_in_a_call(operation, call);
        }
    }
}

fn everything_named_in_a_call(operation: &Operation, call: &Call) {
    let by_edit = call.edit.iter().flat_map(|edit| edit.read.finds).map(|find| find.field.name);
    let found: Vec<_> = call.before.iter().flat_map(found_by).map(|(name, _)| name).chain(by_edit).collect();
    let known = |name: &str| {
        let (whole, _) = name.split_once('.').unwrap_or((name, ""));
        assert!(operation.parameter(whole).is_some() || found.contains(&name), "{}: {name}", operation.name);
    };
    let templates = |template: &str| {
        for part in template.split('{').skip(1) {
            known(part.split('}').next().unwrap());
        }
    };
    templates(call.path);
    templates(call.note);
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
    for part in call.parts {
        templates(part.path);
        sources.extend(part.query.iter().map(|named| &named.source));
    }
    sources.into_iter().flat_map(arguments_of).for_each(known);
    call.echo.into_iter().for_each(known);
    if let Some(each) = call.each {
        templates(each.path);
        assert!(call.path.contains(&format!("{{{}}}", each.name)), "{}", operation.name);
    }
    if let Some(Rows { since: Some(since), .. }) = kept(operation).0 {
        known(since.argument);
    }
    for step in call.before {
        match step {
            Step::Read(read) | Step::Recall(read) => templates(read.path),
            Step::Resolve(resolve) => known(resolve.argument),
            Step::Which(which) => known(which.argument),
            Step::Pick(pick) => {
                known(pick.argument);
                templates(pick.path);
            }
            Step::Default(default) => {
                templates(default.read.path);
                default.read.finds.iter().for_each(|find| known(find.field.name));
            }
            Step::Passage(passage) => {
                known(passage.argument);
                templates(passage.path);
            }
            Step::Unmoved(step) => known(step.argument),
            Step::Absent(step) => templates(step.path),
            Step::DiffLine(step) => {
                templates(step.path);
                [step.file, step.lines].into_iter().for_each(known);
            }
        }
    }
}

#[test]
fn what_takes_a_write_back_is_a_tool_whose_required_arguments_are_all_known() {
    for operation in all() {
        for call in operation.calls() {
            let Some(Undo { tool, answered, fixed, found }) = &call.undo else { continue };
            assert!(operation.writes(), "{} changes nothing", operation.name);
            let other = all().find(|other| other.name == *tool).unwrap_or_else(|| panic!("{}: {tool}", operation.name));
            assert!(other.writes(), "{tool} takes nothing back");
            let found_before: Vec<_> = call.before.iter().flat_map(found_by).map(|(name, _)| name).collect();
            for parameter in other.parameters {
                let named = |list: &[(&str, &str)]| list.iter().any(|(name, _)| *name == parameter.name);
                let is_known =
                    operation.parameter(parameter.name).is_some_and(|given| given.presence == Presence::Required)
                        || named(answered)
                        || named(fixed)
                        || found.iter().any(|(name, before)| *name == parameter.name && found_before.contains(before));
                let is_required = parameter.presence == Presence::Required;
                assert!(is_known || !is_required, "{}: {tool} needs {}", operation.name, parameter.name);
            }
            let names = answered.iter().chain(*fixed).chain(*found).map(|(name, _)| name);
            names.for_each(|name| assert!(other.parameter(name).is_some(), "{tool} takes no {name}"));
            for (name, value) in *fixed {
                assert!(super::value::admits(other.parameter(name).unwrap(), value), "{tool}: {value}");
            }
        }
    }
}

#[test]
fn every_part_of_an_answer_can_be_named_and_seen_whole() {
    for operation in all() {
        for part in operation.calls().flat_map(|call| call.parts) {
            let Some(Kind::Choices(choices)) = operation.parameter(PARTS).map(|parameter| parameter.kind) else {
                panic!("{} has parts that nobody can choose", operation.name)
            };
            assert!(choices.contains(&part.name), "{}: {}", operation.name, part.name);
            let whole = all().find(|other| other.name == part.whole).unwrap_or_else(|| panic!("no {}", part.whole));
            assert_eq!(whole.class, Class::Read);
            let is_given = |parameter: &Parameter| {
                parameter.presence != Presence::Required || operation.parameter(parameter.name).is_some()
            };
            assert!(whole.parameters.iter().all(is_given), "{}", whole.name);
        }
    }
}

#[test]
fn every_request_of_an_operation_is_of_its_provider_and_within_its_bounds() {
    for operation in all() {
        for call in operation.calls() {
            assert_eq!(Some(call.provider), operation.provider(), "{}", operation.name);
            assert_eq!(call.when_unknown.is_empty(), operation.class == Class::Read, "{}", operation.name);
            let is_same = match (&call.bounds, operation.call.as_ref().map(|usual| &usual.bounds)) {
                (Bounds::Workspace, Some(Bounds::Workspace)) => {
                    call.path.contains("{workspace}") || call.provider.id != "bitbucket"
                }
                (_, Some(_)) => operation.variants.is_empty(),
                _ => false,
            };
            assert!(is_same, "{}", operation.name);
            assert!(
                call.parts
                    .iter()
                    .all(|part| !matches!(call.bounds, Bounds::Workspace) || part.path.contains("{workspace}"))
            );
        }
    }
}

/// The names of what a step finds, and what each looks like.
fn found_by(step: &Step) -> Vec<(&'static str, Kind)> {
    match step {
        Step::Read(read) | Step::Recall(read) => read.finds.iter().map(|find| (find.field.name, find.kind)).collect(),
        Step::Resolve(resolve) => vec![(resolve.argument, Kind::Commit)],
        Step::Unmoved(_) | Step::Absent(_) => Vec::new(),
        // What is looked up takes the argument's place, and is a key.
        Step::Pick(pick) => vec![(pick.argument, Kind::Key)],
        Step::Default(default) => default.read.finds.iter().map(|find| (find.field.name, find.kind)).collect(),
        Step::DiffLine(step) => {
            let number = Kind::Integer { least: 1, most: i64::MAX };
            let lines = step.new.into_iter().chain(step.old).map(|name| (name, number));
            lines.chain([(step.text, Kind::Verbatim)]).collect()
        }
        Step::Which(which) => vec![(which.name, Kind::Choice(which.kinds))],
        Step::Passage(Passage { finds: (count, index), .. }) => {
            let number = Kind::Integer { least: 0, most: i64::MAX };
            vec![(count, number), (index, number)]
        }
    }
}

#[test]
fn every_parameter_in_a_path_has_a_kind_that_cannot_change_the_path() {
    for operation in all() {
        let parts = operation.calls().flat_map(|call| call.parts).map(|part| part.path);
        for segment in operation.calls().map(|call| call.path).chain(parts).flat_map(|path| path.split('/')) {
            let named = segment.split('{').skip(1).map(|part| part.split('}').next().unwrap());
            named.for_each(|name| assert_cannot_change_a_path(operation, name));
        }
    }
}

/// The arguments that a source takes its value from, and what it looks for among what was found.
fn arguments_of(source: &Source) -> Vec<&str> {
    match source {
        Source::Argument(name)
        | Source::Json(name)
        | Source::AsList(name)
        | Source::AsStorage(name)
        | Source::LookedUp(name)
        | Source::OneMoreThan(name)
        | Source::ChoiceOrAll(name)
        | Source::Quoted { argument: name, .. }
        | Source::Head(name)
        | Source::Base(name)
        | Source::Each { list: name, .. } => vec![name],
        Source::ArgumentUnless { argument, other } => vec![argument, other],
        Source::FixedWhere { present, absent, .. } => [*present].into_iter().chain(absent.iter().copied()).collect(),
        Source::Chosen { argument, .. } => vec![argument],
        Source::Cql(search) => {
            let conditions = search.conditions.iter().map(|condition| condition.argument);
            search.query.into_iter().chain(conditions).collect()
        }
        Source::FromTop(path) => arguments_of(path),
        Source::Conditions(conditions) => {
            conditions.iter().flat_map(|condition| arguments_of(&condition.value)).collect()
        }
        _ => Vec::new(),
    }
}

fn assert_cannot_change_a_path(operation: &Operation, name: &str) {
    // What is looked up takes the argument's place, and is a key.
    let steps = || operation.calls().flat_map(|call| call.before);
    if steps().any(|step| matches!(step, Step::Pick(pick) if pick.argument == name)) {
        return;
    }
    // What a step has found is read as such a kind too.
    let mut found =
        operation.calls().flat_map(|call| call.before).flat_map(found_by).filter(|(found, _)| *found == name);
    let (whole, _) = name.split_once('.').unwrap_or((name, ""));
    let kind = operation.parameter(whole).map_or_else(|| found.next().unwrap().1, |parameter| parameter.kind);
    let is_safe = matches!(
        kind,
        Kind::Slug
            | Kind::Workspace
            | Kind::Path
            | Kind::Reference
            | Kind::Identifier
            | Kind::Key
            | Kind::Space
            | Kind::Range
            | Kind::Commit
            | Kind::Changes
            | Kind::Comparison
            | Kind::Integer { .. }
            | Kind::Choice(_)
    );
    assert!(is_safe, "{}: {name}", operation.name);
}

/// The rows of an operation, and the fields of its answer.
fn kept(operation: &Operation) -> (Option<&Rows>, &[Field]) {
    match operation.call.as_ref().map(|call| &call.answer) {
        Some(Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) | Answer::Blocks(Blocks { rows, .. })) => {
            (Some(rows), rows.columns)
        }
        Some(Answer::Record(fields)) => (None, fields),
        Some(Answer::Started(started)) => (None, started.fields),
        Some(Answer::Build(build)) => (Some(&build.steps), build.fields),
        Some(Answer::File | Answer::Diff | Answer::Log | Answer::Difference(_) | Answer::Done(_)) | None => (None, &[]),
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
            (Bounds::Account, "bitbucket") => {
                ["/user", "/users/", "/hook_events/"].iter().any(|start| call.path.starts_with(start))
                    && !call.path.contains("{workspace}")
            }
            (Bounds::Search, "confluence") => call.query.iter().any(|named| matches!(named.source, Source::Cql(_))),
            (Bounds::Space, "confluence") => names_a_space(operation),
            (Bounds::Places(located), "confluence") => {
                let is_certain = |located: &Located| {
                    operation.parameter(located.argument).is_some_and(|named| named.presence == Presence::Required)
                };
                names_a_space(operation) || located.iter().any(is_certain)
            }
            (Bounds::NoSpace | Bounds::Site, "confluence") => true,
            _ => false,
        };
        assert!(is_kept, "{}", operation.name);
    }
}

fn names_a_space(operation: &Operation) -> bool {
    operation.parameters.iter().any(|named| named.kind == Kind::Space && named.presence == Presence::Required)
}

#[test]
fn whatever_lies_in_a_space_is_looked_up_by_each_operation_that_takes_it() {
    const IN_SPACES: &[&str] = &[
        "page",
        "pages",
        "blog_post",
        "comment",
        "reply_to",
        "attachment",
        "task",
        "template",
        "whiteboard",
        "database",
        "folder",
        "embed",
        "parent",
        "target",
    ];
    for operation in all().filter(|operation| operation.provider() == Some(&CONFLUENCE)) {
        let Some(call) = &operation.call else { continue };
        let located: &[Located] = if let Bounds::Places(located) = call.bounds { located } else { &[] };
        for parameter in operation.parameters {
            let is_looked_up = located.iter().any(|located| located.argument == parameter.name);
            assert_eq!(is_looked_up, IN_SPACES.contains(&parameter.name), "{}: {}", operation.name, parameter.name);
        }
    }
}

#[test]
fn what_a_look_up_of_a_space_names_is_an_argument() {
    for operation in all() {
        let Some(Bounds::Places(located)) = operation.call.as_ref().map(|call| &call.bounds) else { continue };
        for Located { argument, places, .. } in *located {
            assert!(operation.parameter(argument).is_some() && !places.is_empty(), "{}: {argument}", operation.name);
        }
    }
}

#[test]
fn what_shows_or_changes_what_lies_around_a_page_says_so() {
    let above = ["/ancestors"];
    let below = ["-children", "/descendants", "/pageTree", "/pagehierarchy/", "/move/", "/archive"];
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        let Bounds::Places(located) = call.bounds else { continue };
        let around = located.iter().find_map(|located| located.around);
        let has = |parts: &[&str]| parts.iter().any(|part| call.path.contains(part));
        let deletes_container = operation.class == Class::Destructive
            && ["/folders/{folder}", "/whiteboards/{whiteboard}", "/databases/{database}", "/embeds/{embed}"]
                .iter()
                .any(|end| call.path.ends_with(end));
        let expected = match (has(&above), has(&below) || deletes_container) {
            (true, _) => Some(Around::Above),
            (_, true) => Some(Around::Below),
            _ => None,
        };
        assert_eq!(around, expected, "{}", operation.name);
    }
}

/// What changes something in Confluence that an approval cannot be bound to, and why.
const BOUND_TO_NOTHING: &[(&str, &[&str])] = &[
    (
        "what it makes is not there yet",
        &[
            "confluence_create_blog_post",
            "confluence_create_database",
            "confluence_create_draft",
            "confluence_create_embed",
            "confluence_create_folder",
            "confluence_create_group",
            "confluence_create_live_doc",
            "confluence_create_page",
            "confluence_create_space",
            "confluence_create_space_property",
            "confluence_create_template",
            "confluence_create_whiteboard",
        ],
    ),
    (
        "a space has no version",
        &[
            "confluence_add_space_labels",
            "confluence_add_space_permission",
            "confluence_archive_space",
            "confluence_delete_space",
            "confluence_remove_space_classification",
            "confluence_remove_space_label",
            "confluence_remove_space_permission",
            "confluence_remove_space_role",
            "confluence_restore_space",
            "confluence_set_space_classification",
            "confluence_set_space_role",
            "confluence_unwatch_space",
            "confluence_update_space",
            "confluence_watch_space",
        ],
    ),
    (
        "its version is told by the number of a space alone, which is looked up first",
        &["confluence_delete_space_property", "confluence_update_space_property"],
    ),
    (
        "a group has no version",
        &["confluence_add_group_member", "confluence_delete_group", "confluence_remove_group_member"],
    ),
];

#[test]
fn an_approval_is_bound_to_the_version_of_what_a_write_in_confluence_changes() {
    let writes = all().filter(|operation| operation.writes() && operation.provider() == Some(&CONFLUENCE));
    let is_bound = |operation: &Operation| {
        let located = match operation.call.as_ref().map(|call| &call.bounds) {
            Some(Bounds::Places(located)) => located,
            _ => &[][..],
        };
        operation.approval_binding.is_some() || located.iter().any(|located| !located.is_goal)
    };
    let mut unbound: Vec<_> = writes.filter(|operation| !is_bound(operation)).map(|operation| operation.name).collect();
    let mut named: Vec<_> = BOUND_TO_NOTHING.iter().flat_map(|(_, names)| names.iter().copied()).collect();
    unbound.sort_unstable();
    named.sort_unstable();
    assert_eq!(unbound, named);
}

#[test]
fn no_argument_is_of_the_kind_that_admits_everything() {
    for parameter in all().flat_map(|operation| operation.parameters) {
        assert!(parameter.kind != Kind::Verbatim, "{}", parameter.name);
    }
}

#[test]
fn names_are_looked_up_for_fields_that_there_are() {
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        for field in call.names.iter().flat_map(|names| names.fields) {
            assert!(kept(operation).1.iter().any(|kept| kept.name == *field), "{}: {field}", operation.name);
        }
    }
}
