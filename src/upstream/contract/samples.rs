//! A provider that answers every request with the sample that its documents give.

use std::rc::Rc;

use futures_executor::block_on;
use openapi::{Documents, Operation as Described};
use serde_json::Value;

use super::path_at_host;
use crate::{
    catalog::{
        arguments,
        operation::{Call, Field, Operation, Task, first_name},
    },
    context::Context,
    crypto::secret::Secret,
    identifiers::{RequestId, Subject},
    platform::{
        fetch::{InboundResponse, OutboundRequest},
        native::{self, memory::ScriptedHttp},
    },
    settings,
    upstream::{self, Credential, Failure, Wanted},
};

/// What a call's own request is answered with.
#[derive(Clone)]
pub struct Own {
    pub status: u16,
    /// Nothing where the documents describe no JSON.
    pub body: Option<Value>,
    /// An answer that is shown as it is.
    pub raw: bool,
}

impl Own {
    fn response(&self, location: Option<String>) -> InboundResponse {
        let (kind, body) = match &self.body {
            Some(json) => ("application/json", json.to_string().into_bytes()),
            None if self.raw => ("text/plain", b"+a line\n".to_vec()),
            None => ("application/json", Vec::new()),
        };
        let mut headers = vec![("content-type".to_owned(), kind.to_owned())];
        headers.extend(location.map(|at| ("location".to_owned(), at)));
        InboundResponse { status: self.status, headers, body, truncated: false }
    }
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

/// Runs a call from its arguments to its answer.
pub fn run(
    documents: &Rc<Documents>,
    operation: &'static Operation,
    call: &'static Call,
    optional_too: bool,
    own: Own,
) -> Result<String, Failure> {
    let given = arguments::examples(operation, optional_too);
    let arguments = arguments::validate(operation, &given).unwrap();
    let documents = documents.clone();
    let context = Context {
        settings: Rc::new(settings::for_tests()),
        platform: native::platform(ScriptedHttp::new(move |request: &OutboundRequest| {
            Ok(answer(&documents, call, &own, request))
        })),
        request_id: RequestId::new("test"),
    };
    let site = arguments.site().expect("a call to a provider");
    let credential = Credential::bearer(site, Secret::new("upstream-token"));
    let subject = Subject::from("alice".to_owned());
    let result = upstream::run(&context, &subject, operation, &arguments, Wanted::Text, &credential);
    block_on(result).map(|answer| answer.text)
}

fn answer(documents: &Documents, call: &Call, own: &Own, request: &OutboundRequest) -> InboundResponse {
    let path = path_of(&request.url);
    let Some(described) = documents.operation(request.method.name(), path) else {
        return Own { status: 404, body: None, raw: false }.response(None);
    };
    let is = |method: &str, path: &str| {
        let meant = path_at_host(call, path).and_then(|path| documents.operation(method, &path));
        request.method.name() == method && meant.is_some_and(|meant: Described<'_>| meant.path == described.path)
    };
    if is(call.method.name(), call.path) {
        let location = call.after.as_ref().filter(|poll| own.status == 202 && matches!(poll.task, Task::Location(_)));
        let location = location.map(|poll| {
            let base = request.url.split(path).next().unwrap_or_default();
            format!("{base}{}", filled(&path_at_host(call, poll.path).unwrap_or_default()))
        });
        return own.response(location);
    }
    let found = described.answers().into_iter().find_map(|answer| Some((answer.status, answer.sample()?)));
    let (status, mut body) = found.unwrap_or((204, Value::Null));
    if let Some(poll) = call.after.as_ref().filter(|poll| is("GET", poll.path))
        && let (Some(path), Some(done)) = (poll.state.paths.first(), poll.done.first())
    {
        set(&mut body, path, &(*done).into());
    }
    Own { status, body: (!body.is_null()).then_some(body), raw: false }.response(None)
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
