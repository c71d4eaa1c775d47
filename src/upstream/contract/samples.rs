//! Providers that answer every request with the sample that their documents give.

use std::rc::Rc;

use futures_executor::block_on;
use openapi::{Documents, Operation as DescribedOperation};
use serde_json::{Map, Value, json};

use super::{path_at_host, steps};
use crate::{
    catalog::{
        arguments,
        operation::{Call, Edit, Field, Operation, Step, Task, first_name},
    },
    context::Context,
    crypto::secret::Secret,
    identifiers::{RequestId, Subject},
    platform::{
        Platform,
        fetch::{InboundResponse, OutboundRequest},
        native::{self, memory::ScriptedHttp},
    },
    settings::{self, Settings},
    upstream::{self, Ask, Credential, Failure, Wanted},
};

/// What a call's own request is answered with.
#[derive(Clone)]
pub struct Own {
    /// The call's path, with the kind of thing that it is about.
    pub path: String,
    pub status: u16,
    /// Nothing where the documents describe no JSON.
    pub body: Option<Value>,
    /// An answer that is shown as it is.
    pub raw: bool,
}

fn response(status: u16, body: Option<&Value>, raw: bool, location: Option<String>) -> InboundResponse {
    let (kind, body) = match body {
        Some(json) => ("application/json", json.to_string().into_bytes()),
        None if raw => ("text/plain", b"+a line\n".to_vec()),
        None => ("application/json", Vec::new()),
    };
    let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
    headers.extend(location.map(|at| ("location".to_owned(), at)));
    InboundResponse { status, headers, body, truncated: false }
}

/// The path of an address, without its host and its query.
fn path_of(url: &str) -> &str {
    let path = url.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|at| rest.get(at..)));
    path.and_then(|path| path.split('?').next()).unwrap_or_default()
}

/// Sets every member at a path, those of each element of a list.
pub fn set(value: &mut Value, path: &str, to: &Value) {
    match value {
        Value::Array(elements) => elements.iter_mut().for_each(|element| set(element, path, to)),
        Value::Object(members) => {
            let (name, rest) = first_name(path);
            match (members.get_mut(name), rest) {
                (Some(member), Some(rest)) => set(member, rest, to),
                (Some(member), None) => *member = to.clone(),
                (None, _) => {}
            }
        }
        _ => {}
    }
}

/// The sample of an answer, in which the elements are kept that the fields mean.
pub fn sample(mut body: Value, list: &str, fields: &[Field]) -> Value {
    for only in fields.iter().filter_map(|field| field.only) {
        let path = if list.is_empty() { only.path.to_owned() } else { format!("{list}.{}", only.path) };
        set(&mut body, &path, &only.value.into());
    }
    body
}

/// The documents, and what a call needs beside them, once for all calls: a database of its own for each takes long.
pub struct Described {
    pub documents: Rc<Documents>,
    settings: Rc<Settings>,
    platform: Platform,
}

impl Described {
    pub fn new(documents: Documents) -> Self {
        Self {
            documents: Rc::new(documents),
            settings: Rc::new(settings::for_tests()),
            platform: native::platform(ScriptedHttp::unreachable()),
        }
    }
}

/// Runs a call from its arguments to its answer.
pub fn run(
    described: &Described,
    operation: &'static Operation,
    call: &'static Call,
    optional_too: bool,
    own: Own,
) -> Result<String, Failure> {
    let mut given = arguments::examples(operation, optional_too);
    // The one would only show the difference, the other does not go with every action.
    if call.edit.is_some() {
        given.retain(|name, _| ![Edit::CHECK.name, Edit::FIND.name].contains(&name.as_str()));
    }
    let arguments = arguments::validate(operation, &given).unwrap();
    let documents = described.documents.clone();
    let http = ScriptedHttp::new(move |request: &OutboundRequest| Ok(answer(&documents, call, &given, &own, request)));
    let context = Context {
        settings: described.settings.clone(),
        platform: Platform { http: Rc::new(http), ..described.platform.clone() },
        request_id: RequestId::new("test"),
    };
    let site = arguments.site().expect("a call to a provider");
    let credential = Credential::bearer(site, Secret::new("upstream-token"));
    let subject = Subject::from("alice".to_owned());
    let result = upstream::run(Ask {
        context: &context,
        subject: &subject,
        operation,
        arguments: &arguments,
        wanted: Wanted::Text,
        filter: &context.settings.reach,
        credential: &credential,
        progress: &|_| (),
    });
    block_on(result)?.answer(None).map(|answer| answer.text)
}

fn answer(
    documents: &Documents,
    call: &Call,
    arguments: &Map<String, Value>,
    own: &Own,
    request: &OutboundRequest,
) -> InboundResponse {
    let path = path_of(&request.url);
    let Some(described) = documents.operation(request.method.name(), path) else {
        return response(404, None, false, None);
    };
    let is = |method: &str, path: &str| {
        let meant = path_at_host(call, path).and_then(|path| documents.operation(method, &path));
        request.method.name() == method
            && meant.is_some_and(|meant: DescribedOperation<'_>| meant.path == described.path)
    };
    let asks = |path: &str| is("GET", path);
    if is_of_another_kind(call, own, asks) {
        return response(404, None, false, None);
    }
    if is(call.method.name(), &own.path) {
        let location = call.after.as_ref().filter(|poll| own.status == 202 && matches!(poll.task, Task::Location(_)));
        let location = location.map(|poll| {
            let base = request.url.split(path).next().unwrap_or_default();
            format!("{base}{}", filled(&path_at_host(call, poll.path).unwrap_or_default()))
        });
        return response(own.status, own.body.as_ref(), own.raw, location);
    }
    if let Some(diff) = steps::diff(call, arguments, asks) {
        return diff;
    }
    let found = described.answers().into_iter().find_map(|answer| Some((answer.status, answer.sample()?)));
    let (status, mut body) = found.unwrap_or((204, Value::Null));
    if let Some(poll) = call.after.as_ref().filter(|poll| asks(poll.path))
        && let (Some(path), Some(done)) = (poll.state.paths.first(), poll.done.first())
    {
        match body {
            // The document describes no body of it.
            Value::Null => body = json!({ *path: done }),
            _ => set(&mut body, path, &(*done).into()),
        }
    }
    steps::go_on(call, arguments, asks, &mut body);
    let status = if body.is_null() { status } else { 200 };
    response(status, (!body.is_null()).then_some(&body), false, None)
}

/// Whether a thing is looked for among those of another kind than the call's own request is about.
fn is_of_another_kind(call: &Call, own: &Own, asks: impl Fn(&str) -> bool) -> bool {
    call.before.iter().any(|step| match step {
        Step::Which(which) => {
            let asked = which.kinds.iter().find(|kind| asks(&which.path.replace("{kind}", kind)));
            let meant = which.kinds.iter().find(|kind| own.path.contains(**kind));
            asked.zip(meant).is_some_and(|(asked, meant)| asked != meant)
        }
        _ => false,
    })
}

/// A template with a value in each of its places.
fn filled(template: &str) -> String {
    let mut path = String::new();
    for piece in template.split('{') {
        match piece.split_once('}') {
            Some((_, rest)) => path += &format!("1{rest}"),
            None => path += piece,
        }
    }
    path
}
