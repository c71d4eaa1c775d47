//! Class and scopes of every operation beside the tables that were made from the providers' documents.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::{
    documents,
    exceptions::{DIFFERENT_CLASS, DIFFERENT_SCOPES, Differs},
    path_at_host, paths,
};
use crate::{
    catalog::{
        all,
        operation::{Call, Class, Operation, Step},
    },
    platform::http::Method,
};
use openapi::Documents;

const TABLES: [(&str, &str); 3] =
    [("bitbucket-cloud", "/2.0"), ("confluence-cloud-v2", "/wiki/api/v2"), ("confluence-cloud-v1", "")];

/// The scopes of one method at one path.
#[derive(Default, Clone)]
struct Demanded {
    classic: BTreeSet<String>,
    granular: BTreeSet<String>,
}

/// By the path of the document, with its prefix, and the method.
type Table = BTreeMap<(String, String), Demanded>;

fn read(folder: &Path) -> Table {
    let mut table = Table::new();
    for (name, prefix) in TABLES {
        let text = fs::read_to_string(folder.join(format!("{name}.tsv"))).unwrap();
        for line in text.lines().skip(1) {
            let cells: Vec<_> = line.split('\t').collect();
            let words = |cell: usize| cells[cell].split_whitespace().map(str::to_owned).collect();
            let demanded = Demanded { classic: words(4), granular: words(5) };
            table.insert((cells[0].to_owned(), format!("{prefix}{}", cells[1])), demanded);
        }
    }
    table
}

/// The tables' row for a request of the call.
fn demanded(table: &Table, documents: &Documents, call: &Call, method: &str, path: &str) -> Option<Demanded> {
    let path = path_at_host(call, path)?;
    let described = documents.operation(method, &path)?;
    let (_, prefix) = TABLES.iter().find(|(_, prefix)| path.starts_with(prefix))?;
    table.get(&(method.to_owned(), format!("{prefix}{}", described.path))).cloned()
}

/// Whether a classic scope of Bitbucket holds another one.
fn implies(scope: &str, other: &str) -> bool {
    const IMPLIED: &[(&str, &str)] = &[
        ("pullrequest", "repository"),
        ("pullrequest:write", "pullrequest"),
        ("pullrequest:write", "repository"),
        ("pullrequest:write", "repository:write"),
        ("repository:write", "repository"),
        ("snippet:write", "snippet"),
        ("project", "repository"),
        ("pipeline:write", "pipeline"),
        ("pipeline:variable", "pipeline"),
        ("runner:write", "runner"),
        ("account:write", "account"),
    ];
    scope == other || IMPLIED.contains(&(scope, other))
}

/// What the operation has too few of and too many of.
fn difference(operation: &Operation, call: &Call, table: &Table, documents: &Documents) -> Option<String> {
    let own = paths(call, call.path);
    let own: Vec<_> =
        own.iter().filter_map(|path| demanded(table, documents, call, call.method.name(), path)).collect();
    if own.is_empty() {
        return None;
    }
    let steps: Vec<String> = call
        .before
        .iter()
        .flat_map(|step| match step {
            Step::Read(read) | Step::Recall(read) => vec![read.path.to_owned()],
            Step::Pick(pick) => vec![pick.path.to_owned()],
            Step::Default(default) => vec![default.read.path.to_owned()],
            Step::Unmoved(step) => vec![step.read.path.to_owned()],
            Step::Absent(step) => vec![step.path.to_owned()],
            Step::DiffLine(step) => vec![step.path.to_owned()],
            Step::Resolve(resolve) => resolve.paths.iter().map(|path| (*path).to_owned()).collect(),
            Step::Which(which) => which.kinds.iter().map(|kind| which.path.replace("{kind}", kind)).collect(),
            Step::Passage(passage) => vec![passage.path.to_owned()],
        })
        .chain(call.edit.map(|edit| edit.read.path.to_owned()))
        .chain(call.after.as_ref().map(|poll| poll.path.to_owned()))
        .collect();
    let steps = steps.iter().flat_map(|path| paths(call, path));
    let steps = steps.filter_map(|path| demanded(table, documents, call, "GET", &path));
    let rows: Vec<_> = own.into_iter().chain(steps).collect();
    let mut wrong = Vec::new();
    for (kind, has) in [("classic", call.scopes.classic), ("granular", call.scopes.granular)] {
        let of_kind = |one: &Demanded| if kind == "classic" { one.classic.clone() } else { one.granular.clone() };
        let wanted: BTreeSet<_> = rows.iter().flat_map(of_kind).collect();
        let missing: Vec<_> = wanted.iter().filter(|scope| !has.iter().any(|has| implies(has, scope))).collect();
        let needless: Vec<_> = has.iter().filter(|scope| !wanted.contains(**scope)).collect();
        if !missing.is_empty() || !needless.is_empty() {
            wrong.push(format!("{kind}: {missing:?} are missing, {needless:?} are not demanded"));
        }
    }
    (!wrong.is_empty()).then(|| format!("{}: {}", operation.name, wrong.join("; ")))
}

/// Whether an operation of this class may send such a request.
fn fits(class: Class, method: Method) -> bool {
    (method == Method::Get) == (class == Class::Read)
}

/// What is wrong without an argument, and the arguments that nothing needs.
fn judge(found: &[(&'static str, String)], argued: &[Differs]) {
    let is_argued = |name: &str| argued.iter().any(|one| one.operation == name && !one.why.is_empty());
    let wrong: Vec<_> = found.iter().filter(|(name, _)| !is_argued(name)).map(|(_, what)| what.as_str()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let is_found = |one: &&Differs| found.iter().any(|(name, _)| *name == one.operation);
    let needless: Vec<_> = argued.iter().filter(|one| !is_found(one)).map(|one| one.operation).collect();
    assert!(needless.is_empty(), "there is no such difference any more: {needless:?}");
}

#[test]
fn every_operation_demands_the_scopes_that_the_providers_documents_demand() {
    let Some(folder) = documents() else { return };
    let documents = Documents::read(&folder).unwrap();
    let table = read(&folder.join("../catalogue"));
    let mut found = Vec::new();
    for operation in all() {
        let Some(call) = &operation.call else { continue };
        found.extend(difference(operation, call, &table, &documents).map(|what| (operation.name, what)));
    }
    judge(&found, DIFFERENT_SCOPES);
}

#[test]
fn what_reads_is_asked_by_get_and_nothing_else_is() {
    let found: Vec<_> = all()
        .filter_map(|operation| Some((operation, operation.call.as_ref()?)))
        .filter(|(operation, call)| !fits(operation.class, call.method))
        .map(|(operation, call)| {
            (operation.name, format!("{}: {:?} by {}", operation.name, operation.class, call.method.name()))
        })
        .collect();
    judge(&found, DIFFERENT_CLASS);
}
