//! Every operation of the catalogue, called by its name through the built Worker, beside a sandbox that answers with samples
//! of what the providers' own documents describe. The documents are no part of this repository: without them nothing is
//! called, and one line says so.

mod reference;
mod samples;

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
    sync::Mutex,
    thread,
};

use postern_tests::{
    client::{Answer, Client},
    instance::{Instance, root},
    person::Person,
};
use sandbox::{Samples, Settings};
use serde_json::{Map, Value, json};

/// Another folder for the documents, given on purpose: it must be there.
const FOLDER: &str = "POSTERN_OPENAPI";
/// How many calls one person makes here: fewer than one may in a minute.
const CALLS: usize = 50;
/// How many people call at once.
const PEOPLE: usize = 4;
/// What Bitbucket's consumer needs for all of them.
const SCOPES: [&str; 18] = [
    "account:write",
    "account",
    "email",
    "repository:write",
    "repository",
    "repository:admin",
    "repository:delete",
    "pullrequest:write",
    "pullrequest",
    "project:admin",
    "project",
    "pipeline:write",
    "pipeline:variable",
    "runner:write",
    "runner",
    "snippet:write",
    "webhook",
    "wiki",
];

fn documents() -> Option<PathBuf> {
    let chosen = env::var_os(FOLDER).map(PathBuf::from);
    let folder = chosen.clone().unwrap_or_else(|| root().join("../shared/openapi/mock"));
    if folder.is_dir() {
        return Some(folder);
    }
    let missing = format!("there is no {}", folder.display());
    assert!(chosen.is_none(), "{FOLDER} is set, but {missing}");
    // Not eprintln!, which the test harness keeps to itself when a test passes.
    writeln!(io::stderr(), "test of the catalogue: did not run, for {missing}").expect("standard error");
    None
}

/// A call that is to be made.
struct Planned {
    operation: String,
    arguments: Map<String, Value>,
}

/// Each operation with the arguments that it needs, and once more with all.
fn planned() -> Vec<Planned> {
    let mut calls: Vec<Planned> = Vec::new();
    for operation in reference::operations() {
        for arguments in [&operation.needed, &operation.all] {
            let arguments = samples::fitting(&operation.name, arguments);
            let is_new =
                calls.last().is_none_or(|last| last.operation != operation.name || last.arguments != arguments);
            if is_new {
                calls.push(Planned { operation: operation.name.clone(), arguments });
            }
        }
    }
    calls
}

/// What is wrong with an answer: nothing of the sample was kept, or it was not read.
fn fault(answer: &Answer) -> Option<String> {
    if answer.status != 200 || answer.code() != 0 || answer.is_error() {
        return Some(answer.body.clone());
    }
    let text = answer.text();
    let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
    // The names of its columns stand above the row of a list.
    let heading = usize::from(first.contains(" row of ") || first.contains(" 1 row"));
    let kept = rest.lines().skip(heading).any(|line| line.contains(char::is_alphanumeric));
    let keeps_something = first.to_lowercase().contains("untrusted data") && kept;
    let is_done = first.starts_with("Done: ") || first.starts_with("Checked, nothing is written");
    // Of two versions there is one sample.
    let is_compared = first.ends_with(": their bodies are the same.");
    let is_right = keeps_something || is_done || is_compared;
    (!is_right || text.contains("in a form that could not be read")).then_some(text)
}

/// Makes calls in a new person's name: those that went wrong.
fn make(calls: &[Planned], number: usize, instance: &Instance) -> Vec<String> {
    let person = Person::new(&format!("test-catalogue-{number}"), instance);
    person.connect_bitbucket();
    let client = Client::with_scope(&person, "read write admin");
    let mut wrong = Vec::new();
    for Planned { operation, arguments } in calls {
        if let Some((path, body)) = samples::before(operation, arguments) {
            let once = json!({ "kind": "status", "status": 200, "account": person.username, "method": "GET", "path": path, "body": body });
            instance.fault(&once);
        }
        let arguments = Value::Object(arguments.clone());
        let answer = client.call(operation, arguments.clone());
        wrong.extend(fault(&answer).map(|fault| format!("{operation} {arguments}: {fault}")));
    }
    wrong
}

#[test]
fn every_operation_keeps_of_each_answer_what_its_providers_document_describes() {
    let Some(documents) = documents() else { return };
    let mut settings = Settings { samples: Some(Samples { documents, everywhere: true }), ..Settings::default() };
    for consumer in &mut settings.consumers {
        consumer.scopes = SCOPES.map(str::to_owned).to_vec();
    }
    let instance = Instance::beside(settings);
    let calls = planned();
    assert!(calls.len() > 300, "the reference could not be read");
    let shares = Mutex::new(calls.chunks(CALLS).enumerate());
    let wrong = Mutex::new(Vec::new());
    let next = || shares.lock().expect("no panic").next();
    thread::scope(|scope| {
        for _ in 0..PEOPLE {
            scope.spawn(|| {
                while let Some((number, share)) = next() {
                    let more = make(share, number, &instance);
                    wrong.lock().expect("no panic").extend(more);
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "{} of {} calls:\n{}", wrong.len(), calls.len(), wrong.join("\n"));
}
