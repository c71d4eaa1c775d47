//! What is written from the catalogue: `docs/tools.md`, and in the README the table of tools and the permissions of
//! Bitbucket's OAuth consumer. `cargo xtask generate` writes them; otherwise these tests fail where they are not true.

use std::{collections::BTreeSet, fmt::Write as _};

use crate::{
    catalog::{
        all, area,
        operation::{Class, Kind, Operation, Parameter, Presence, Sensitivity, Surface},
        value,
    },
    platform::native::generated_files::assert_current,
    providers::{self, BITBUCKET, Provider, TRACKER},
    tools::Gate,
};

/// A text with another one between two of its lines.
fn between(text: &str, first: &str, last: &str, new: &str) -> String {
    let (before, rest) = text.split_once(first).unwrap_or_else(|| panic!("no {first}"));
    let (_, after) = rest.split_once(last).unwrap_or_else(|| panic!("no {last}"));
    format!("{before}{first}{new}{last}{after}")
}

/// Postern itself, and every provider that exists.
fn providers() -> impl Iterator<Item = Option<&'static Provider>> {
    [None].into_iter().chain(providers::ALL.iter().copied().map(Some)).filter(|provider| *provider != Some(&TRACKER))
}

fn of(provider: Option<&'static Provider>) -> impl Iterator<Item = &'static Operation> {
    all().filter(move |operation| operation.provider() == provider)
}

const fn class(class: Class) -> &'static str {
    match class {
        Class::Read => "reads",
        Class::Write => "writes",
        Class::Destructive => "takes away for good",
    }
}

const fn sensitivity(sensitivity: Sensitivity) -> &'static str {
    match sensitivity {
        Sensitivity::Names => "names of things and people",
        Sensitivity::Work => "what people work on",
        Sensitivity::Contents => "code and contents",
    }
}

/// A row is one line, whatever is in its cells.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', "\\n")
}

fn row(parameter: &Parameter) -> String {
    let presence = match parameter.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => parameter.needs.map_or_else(|| "optional".to_owned(), |other| format!("with `{other}`")),
        Presence::Default(default) => format!("`{default}`"),
    };
    let example = match parameter.kind {
        Kind::Cursor => String::new(),
        _ => format!("`{}`", parameter.example),
    };
    let expected = value::expected(parameter.kind);
    format!(
        "| `{}` | {presence} | {} | {} | {} |",
        parameter.name,
        cell(parameter.description),
        cell(&expected),
        cell(&example)
    )
}

fn section(operation: &Operation) -> String {
    let mut text = format!("### `{}`\n\n{}: {}\n\n", operation.name, operation.title, operation.description);
    let _ = write!(text, "It {}, and shows {}.", class(operation.class), sensitivity(operation.sensitivity));
    if let Some(call) = &operation.call {
        let scopes = call.scopes.classic.iter().chain(call.scopes.granular).map(|scope| format!("`{scope}`"));
        let _ = write!(text, " Scopes: {}.", scopes.collect::<Vec<_>>().join(", "));
    }
    if operation.parameters.is_empty() {
        return text + " It takes no arguments.\n\n";
    }
    text.push_str("\n\n| argument | default | is | takes | example |\n|---|---|---|---|---|\n");
    for parameter in operation.parameters {
        let _ = writeln!(text, "{}", row(parameter));
    }
    text + "\n"
}

#[test]
fn the_reference_page_of_the_tools_is_up_to_date() {
    let mut text =
        "# The tools\n\nWritten from the catalogue by `cargo xtask generate`.\n\nWhere an organisation has several \
                    sites of a provider, calls of its tools may name one by `site`.\n\n"
            .to_owned();
    let _ = write!(text, "## Postern\n\n");
    of(None).for_each(|operation| text.push_str(&section(operation)));
    for provider in providers().flatten() {
        for area in area::of_provider(provider) {
            let mut operations = of(Some(provider)).filter(|operation| area::of(operation) == Some(area)).peekable();
            if operations.peek().is_some() {
                let _ = write!(text, "## {}: {} (toolset `{}`)\n\n", provider.name, area.title, area.name);
            }
            operations.for_each(|operation| text.push_str(&section(operation)));
        }
    }
    assert_current("docs/tools.md", &(text.trim_end().to_owned() + "\n"));
}

/// What Bitbucket calls the permission that gives a scope.
fn permission(scope: &str) -> String {
    if scope == "email" {
        return "*Account: Email*".to_owned();
    }
    let (thing, access) = scope.split_once(':').unwrap_or((scope, "read"));
    let thing = match thing {
        "account" => "Account",
        "project" => "Projects",
        "webhook" => "Webhooks",
        "snippet" => "Snippets",
        "repository" => "Repositories",
        "pullrequest" => "Pull requests",
        "pipeline" => "Pipelines",
        "runner" => "Runners",
        other => panic!("say what Bitbucket calls the permission for {other}"),
    };
    let access = match access {
        "read" => "Read",
        "write" => "Write",
        "variable" => "Edit variables",
        "admin" => "Admin",
        "delete" => "Delete",
        other => panic!("say what Bitbucket calls {other}"),
    };
    format!("*{thing}: {access}*")
}

/// The permissions that give these scopes.
fn permissions(scopes: &BTreeSet<&str>) -> String {
    let mut permissions: Vec<_> = scopes.iter().copied().map(permission).collect();
    permissions.sort();
    permissions.join(", ")
}

/// The scopes that operations listed by themselves need, with the connection's own, and those that others need.
fn scopes() -> (BTreeSet<&'static str>, BTreeSet<&'static str>) {
    let scopes = |surface: Surface| {
        let operations = of(Some(&BITBUCKET)).filter(move |operation| operation.surface == surface);
        operations.filter_map(|operation| operation.call.as_ref()).flat_map(|call| call.scopes.classic).copied()
    };
    let core: BTreeSet<_> = scopes(Surface::Core).chain(["account"]).collect();
    let others = scopes(Surface::Found).filter(|scope| !core.contains(scope)).collect();
    (core, others)
}

#[test]
fn what_the_readme_says_of_tools_and_permissions_is_up_to_date() {
    let core = providers().flat_map(of).filter(|operation| operation.surface == Surface::Core);
    let row = |name: &str, description: &str| format!("| `{name}` | {} |\n", cell(description));
    let rows: String = core.map(|operation| row(operation.name, operation.description)).collect();
    let gates = Gate::ALL.map(|gate| row(gate.name(), gate.description())).concat();
    let text = include_str!("../../../README.md");
    let rows = format!("{rows}{gates}");
    let text = between(text, "## The tools\n\n| tool | does |\n|---|---|\n", "\nThese are listed", &rows);
    let (core, others) = scopes();
    let text = between(&text, "/callback/bitbucket`, permissions\n   ", ".", &permissions(&core));
    assert_current(
        "README.md",
        &between(&text, "that you mean to approve, take more:\n   ", ".", &permissions(&others)),
    );
}
