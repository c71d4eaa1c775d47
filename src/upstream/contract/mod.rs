//! The catalogue beside the providers' own documents. Every request is sent to Prism, which refuses what they do not
//! describe; every answer that they describe is read; class and scopes are compared. The documents are no part of this
//! repository, and Prism is an npm package: without them nothing is compared, and one line says so.

mod answers;
mod exceptions;
mod findings;
mod prism;
mod samples;
mod scopes;
mod steps;

use std::{
    collections::BTreeSet,
    env,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use prism::Prism;

use super::{
    names,
    request::{EDITED, Found, Inputs, build, build_part, look_up, look_up_diff, look_up_id},
};
use crate::{
    catalog::{
        all,
        arguments::{self, Arguments},
        find,
        operation::{Answer, Bounds, Call, Kind, Listed, Located, Operation, Presence, Step, Task},
        value::{self, Value},
    },
    platform::fetch::OutboundRequest,
    providers::{BITBUCKET, Provider},
};

/// Another folder for the documents, given on purpose: it must be there.
const FOLDER: &str = "POSTERN_OPENAPI";

/// The folder of the documents, if this machine has them.
fn documents() -> Option<PathBuf> {
    let chosen = env::var_os(FOLDER).map(PathBuf::from);
    let folder = chosen.clone().unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/openapi/mock"));
    if folder.is_dir() {
        return Some(folder);
    }
    let missing = format!("there is no {}", folder.display());
    assert!(chosen.is_none(), "{FOLDER} is set, but {missing}");
    did_not_run(&missing);
    None
}

/// The folder of the documents, if this machine has them and what answers by them.
fn documents_for_prism() -> Option<PathBuf> {
    let folder = documents()?;
    if Prism::is_installed() {
        return Some(folder);
    }
    let missing = "the npm packages are not installed; `cargo xtask test` installs them";
    assert!(env::var_os(FOLDER).is_none() && env::var_os("CI").is_none(), "{missing}");
    did_not_run(missing);
    None
}

fn did_not_run(missing: &str) {
    // Not eprintln!, which the test harness keeps to itself when a test passes.
    writeln!(io::stderr(), "contract test: did not run, for {missing}").unwrap();
}

/// The path of a call as the host of its provider has it; `None` where the provider does not exist.
fn path_at_host(call: &Call, path: &str) -> Option<String> {
    match call.provider.id {
        "bitbucket" => Some(format!("/2.0{path}")),
        "confluence" => Some(format!("/wiki{path}")),
        _ => None,
    }
}

/// A path of the call, once for each kind of thing that it can be about.
fn paths(call: &Call, path: &str) -> BTreeSet<String> {
    let kinds = call.before.iter().filter_map(|step| match step {
        Step::Which(which) => Some(which),
        _ => None,
    });
    kinds.fold(BTreeSet::from([path.to_owned()]), |paths, which| {
        let place = format!("{{{}}}", which.name);
        paths.iter().flat_map(|path| which.kinds.iter().map(|kind| path.replace(&place, kind))).collect()
    })
}

/// Operations whose document describes them in its words otherwise than in its schema, and how.
const BETTER_IN_WORDS: &[(&str, &str)] = &[
    (
        "bitbucket_create_snippet",
        "files come as multipart/form-data; the schema has JSON alone, which cannot hold them",
    ),
    ("bitbucket_update_branch_restriction", "what is not present stays as it is; the schema requires all of it"),
];

struct Mocks {
    bitbucket: Prism,
    confluence: Prism,
    confluence_v1: Prism,
}

impl Mocks {
    /// All at once, for each takes its time to read its document.
    fn start(documents: &Path) -> Self {
        let start = |name: &str| Prism::start(&documents.join(format!("{name}.mock.openapi.json")));
        let mut mocks = Self {
            bitbucket: start("bitbucket-cloud"),
            confluence: start("confluence-cloud-v2"),
            confluence_v1: start("confluence-cloud-v1"),
        };
        for prism in [&mut mocks.bitbucket, &mut mocks.confluence, &mut mocks.confluence_v1] {
            prism.wait_until_ready();
        }
        mocks
    }

    /// Sends a request built on no base URL to the mock of its provider, which knows paths as its document has them.
    fn send(&self, provider: &'static Provider, request: &OutboundRequest) -> Result<(), String> {
        match (provider.id, request.url.strip_prefix("/api/v2")) {
            // It does not exist, so nobody has described it.
            ("tracker", _) => Ok(()),
            ("bitbucket", _) => self.bitbucket.send(request, &request.url, "Bearer token"),
            (_, Some(path)) => self.confluence.send(request, path, "Basic bmFtZTp0b2tlbg=="),
            (_, None) => self.confluence_v1.send(request, &format!("/wiki{}", request.url), "Basic bmFtZTp0b2tlbg=="),
        }
    }

    /// Whether a request is refused for an argument that the document does not know.
    fn refuse_what_is_wrong(&self) -> bool {
        let list = find("bitbucket_list_pull_requests").unwrap();
        let arguments = arguments::validate(list, &arguments::examples(list, true)).unwrap();
        let mut request = build(
            list.call.as_ref().unwrap(),
            Inputs { operation: list, arguments: &arguments, found: &Found::new() },
            "",
            None,
        );
        request.url = request.url.replace("state=OPEN", "state=UNHEARD_OF");
        self.send(&BITBUCKET, &request).is_err()
    }
}

/// An attachment's id begins with `att`, as Confluence's document has it where it describes one. In the paths of these it
/// says that the id is a number, or has a pattern that no id can be of.
const ATTACHMENT_IDS: &[(&str, &str)] = &[
    ("confluence_delete_attachment", "98801"),
    ("confluence_purge_attachment", "98801"),
    ("confluence_list_attachment_labels", "98801"),
    ("confluence_get_attachment_property", "att0-9"),
];

/// What the look-up of an edit finds, and what the edit makes of it.
fn found_by_an_edit(call: &Call) -> Found {
    let finds = call.edit.iter().flat_map(|edit| edit.read.finds);
    let found = finds.map(|find| {
        let value = match find.kind {
            Kind::Integer { least, .. } => Value::Integer(least),
            Kind::Choice(choices) => Value::Text(choices[0].to_owned()),
            _ => Value::Text("Found".to_owned()),
        };
        (find.field.name, value)
    });
    let edited = call.edit.map(|_| (EDITED, Value::Text("<p>Edited</p>".to_owned())));
    found.chain(edited).collect()
}

/// What is found for the arguments that the call leaves out.
fn defaults(call: &Call, operation: &Operation, arguments: &Arguments) -> Found {
    let finds = call.before.iter().flat_map(|step| match step {
        Step::Default(default) => default.read.finds,
        _ => &[],
    });
    let missing = finds.filter(|find| arguments.get(find.field.name).is_none());
    missing
        .map(|find| {
            let example = operation.parameter(find.field.name).unwrap().example;
            (find.field.name, value::read(find.kind, &example.into()).unwrap())
        })
        .collect()
}

/// The address with what the document does not know of it taken out: the service sorts pipelines downwards too, and takes
/// several of their states.
fn as_documented(url: &str) -> String {
    let url = url.replace("/pipelines?", "/pipelines?&").replace("sort=-created_on", "sort=created_on");
    match url.split_once("&status=") {
        Some((before, rest)) if before.contains("/pipelines?") => {
            let states = rest.split("&status=").count() - 1;
            (0..states).fold(url.clone(), |url, _| {
                let last = url.rfind("&status=").unwrap();
                let end = url[last + 1..].find('&').map_or(url.len(), |end| last + 1 + end);
                format!("{}{}", &url[..last], &url[end..])
            })
        }
        _ => url,
    }
}

/// All that the operation may send with these arguments: the look-ups, the request itself, and what is asked after it.
fn requests(operation: &Operation, call: &Call, arguments: &Arguments) -> Vec<OutboundRequest> {
    let found = call.before.iter().flat_map(sample).chain(found_by_an_edit(call));
    let found = found.filter(|(name, _)| operation.parameter(name).is_none());
    let element = call.each.map(|each| (each.name, Value::Text("backend".to_owned())));
    let found: Found = found.chain(defaults(call, operation, arguments)).chain(element).collect();
    let inputs = Inputs { operation, arguments, found: &found };
    let bound = operation.approval_binding.iter().map(|binding| look_up(binding.path, binding.query, inputs, ""));
    let before = call.before.iter().flat_map(|step| match step {
        Step::Read(read) | Step::Recall(read) => vec![look_up(read.path, read.query, inputs, "")],
        Step::Resolve(resolve) => {
            let named = vec![("ref", Value::Text("main".to_owned()))];
            let inputs = Inputs { found: &named, ..inputs };
            resolve.paths.iter().map(|path| look_up(path, &[], inputs, "")).collect()
        }
        Step::Which(which) if arguments.get(which.argument).is_none() => Vec::new(),
        Step::Which(which) => {
            let of_kind = |kind: &&str| {
                let found = vec![("kind", Value::Text((*kind).to_owned()))];
                look_up(which.path, &[], Inputs { found: &found, ..inputs }, "")
            };
            which.kinds.iter().map(of_kind).collect()
        }
        Step::Passage(passage) => vec![look_up(passage.path, passage.query, inputs, "")],
        Step::Pick(pick) => vec![look_up(pick.path, pick.query, inputs, "")],
        Step::Default(default) => vec![look_up(default.read.path, default.read.query, inputs, "")],
        Step::Unmoved(step) => vec![look_up(step.read.path, step.read.query, inputs, "")],
        Step::Absent(step) => vec![look_up(step.path, step.query, inputs, "")],
        Step::DiffLine(step) => vec![look_up_diff(step.path, step.query, inputs, "")],
    });
    let mut requests: Vec<_> = bound.chain(before).collect();
    if let Some(edit) = call.edit {
        requests.push(look_up(edit.read.path, edit.read.query, inputs, ""));
    }
    requests.extend(call.each.map(|each| look_up(each.path, each.query, inputs, "")));
    requests.push(build(call, inputs, "", None));
    requests.extend(call.parts.iter().map(|part| build_part(part, inputs, "")));
    if let Bounds::Places(located) = &call.bounds {
        for Located { argument, places, .. } in *located {
            let id = arguments.text(argument).filter(|id| !id.contains(',')).unwrap_or("98305".into());
            let paths = places.iter().flat_map(|place| {
                let listed = [place.ancestors, place.labels].into_iter().filter_map(|listed| match listed {
                    Listed::At(path) => Some(path),
                    _ => None,
                });
                listed.chain([place.path])
            });
            requests.extend(paths.map(|path| look_up_id(path, &id, "")));
        }
    }
    let id = BTreeSet::from(["98305".to_owned()]);
    requests.extend(call.names.iter().map(|names| names::request(names, &id, "")));
    if let Some(poll) = &call.after {
        let name = match &poll.task {
            Task::Location(name) => name,
            Task::Body(find) => find.field.name,
        };
        let found = vec![(name, Value::Text("98981".to_owned()))];
        requests.push(look_up(poll.path, &[], Inputs { found: &found, ..inputs }, ""));
    }
    if let Answer::Source(tree) = &call.answer {
        requests.push(build(call, inputs, "", Some(tree.description)));
    }
    // Of the labels of attachments the document says that the id is a number.
    for request in &mut requests {
        request.url = request.url.replace("/att98801/labels", "/98801/labels");
    }
    for (name, as_described) in ATTACHMENT_IDS {
        for request in requests.iter_mut().filter(|_| operation.name == *name) {
            request.url = request.url.replace("att98801", as_described);
        }
    }
    for request in &mut requests {
        request.url = as_documented(&request.url);
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.kind == Kind::Path) {
        for request in &mut requests {
            // The providers take a file's path with its slashes; a document cannot say that, so Prism cannot know.
            request.url = request.url.replace(parameter.example, &parameter.example.replace('/', "%2F"));
        }
    }
    requests
}

/// What a step may find.
fn sample(step: &Step) -> Found {
    match step {
        Step::Read(read) | Step::Recall(read) => {
            read.finds.iter().map(|find| (find.field.name, sample_of(find.kind))).collect()
        }
        Step::Which(which) => vec![(which.name, Value::Text(which.kinds[0].to_owned()))],
        Step::Passage(passage) => vec![(passage.finds.0, Value::Integer(1)), (passage.finds.1, Value::Integer(0))],
        Step::Pick(_)
        | Step::Default(_)
        | Step::Resolve(_)
        | Step::Unmoved(_)
        | Step::Absent(_)
        | Step::DiffLine(_) => Found::new(),
    }
}

fn sample_of(kind: Kind) -> Value {
    match kind {
        Kind::Integer { .. } => Value::Integer(2),
        Kind::Identifier => Value::Text("98305".to_owned()),
        Kind::Key => Value::Text("{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}".to_owned()),
        _ => Value::Text("text".to_owned()),
    }
}

#[test]
fn every_request_is_one_that_the_providers_documents_describe() {
    let Some(documents) = documents_for_prism() else { return };
    let mocks = Mocks::start(&documents);
    let mut violations = Vec::new();
    let mut argued = BTreeSet::new();
    for operation in all() {
        for optional_too in [false, true] {
            let usual = arguments::examples(operation, optional_too);
            let of_variant = |variant| arguments::examples_of(operation, variant, optional_too);
            for mut examples in [usual].into_iter().chain(operation.variants.iter().map(of_variant)) {
                for parameter in operation.parameters.iter().filter(|parameter| parameter.kind == Kind::Path) {
                    if parameter.presence == Presence::Default("/") {
                        // The top directory's path is empty, which no parameter of a document's path can be.
                        examples.insert(parameter.name.to_owned(), parameter.example.into());
                    }
                }
                let Ok(arguments) = arguments::validate(operation, &examples) else { continue };
                let Some(call) = arguments.call_of(operation) else { continue };
                for request in requests(operation, call, &arguments) {
                    let Err(violation) = mocks.send(call.provider, &request) else { continue };
                    if BETTER_IN_WORDS.iter().any(|(name, _)| *name == operation.name) {
                        argued.insert(operation.name);
                    } else {
                        violations.push(format!("{}: {violation}", operation.name));
                    }
                }
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
    assert!(BETTER_IN_WORDS.iter().all(|(name, _)| argued.contains(name)), "argued for what passes: {argued:?}");
    assert!(mocks.refuse_what_is_wrong(), "Prism lets everything pass, so that nothing above was checked");
}
