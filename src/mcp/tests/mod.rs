//! The endpoint as a client sees it, with the rooms around it answering from a script. Tests carry the number of
//! the row of the MCP checklist that they prove.

mod arbitrary;
mod client_requests;
mod elicitation;
mod envelope;
mod gate;
mod input;
mod legacy;
mod lenience;
mod modern;
mod resources;
mod stream;
mod subscriptions;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::Rc,
    time::Duration,
};

use futures::StreamExt;
use futures_executor::block_on;
use serde_json::{Map, Value, json};

use crate::{
    authorization::{
        principal::Principal,
        tokens::{
            bearer::{self, BearerFailure},
            scope::{Scope, Scopes},
        },
    },
    context::Context,
    identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
    mcp::{
        backend::{Backend, ClientResponse},
        endpoint::Endpoint,
        messages::{
            answer::{Answer, Destination, LinkNeeded, LinkStatus},
            completion::{CompletionAnswer, CompletionRequest},
            content::{
                Completion, ContentBlock, PromptMessage, PromptResult, ReadResult, ResourceBody, ResourceContents,
                Role, ToolResult,
            },
            input::Input,
            result::List,
        },
        transport::notifier::Notifier,
    },
    platform::{
        self, Fault,
        http::{Body, Content, Method, Request, Response},
        native::memory::ScriptedHttp,
    },
    providers::{BITBUCKET, Site},
    session::{
        commands::{NotHeard, Refusal},
        streams::Stream,
    },
    settings,
};

pub fn principal(user: &str, client: &str) -> Principal {
    Principal {
        subject: Subject::Person(UserId::new(user)),
        client: ClientId::new(client),
        grant: GrantId::new("grant"),
        scopes: Scopes::parse("read"),
        attributes: Rc::default(),
    }
}

/// A call as it reached the tools.
#[derive(Debug, Clone, PartialEq)]
struct Called {
    name: String,
    arguments: Map<String, Value>,
}

/// A Postern whose tools answer from a script: the next answer given, else `done`. So do its resources and prompts,
/// which have their own kind of done.
struct World {
    context: Context,
    answers: RefCell<VecDeque<Result<Answer<ToolResult>, Fault>>>,
    completes: RefCell<CompletionAnswer>,
    completing: RefCell<String>,
    /// What becomes of a link, poll by poll; the last one stays.
    elicited: RefCell<VecDeque<LinkStatus>>,
    called: RefCell<Vec<Called>>,
    polls: Cell<usize>,
    /// The links that were answered.
    answered: RefCell<Vec<String>>,
    grant_ended: Cell<bool>,
    /// What a call reports of its progress, a second apart.
    reports: RefCell<Vec<(u64, &'static str)>>,
    /// The names of the tools that a stream hears of, each time that it asks; then its grant has ended.
    heard: RefCell<VecDeque<&'static str>>,
    /// What each call was brought of the last round, and the answers.
    brought: RefCell<Vec<(Option<Value>, Value)>>,
    /// What is found of responses to requests of ours, look by look.
    responses: RefCell<VecDeque<Option<ClientResponse>>>,
    /// Responses that were posted and kept, by id.
    kept: RefCell<Vec<(String, ClientResponse)>>,
}

impl World {
    fn new() -> Rc<Self> {
        Rc::new(Self {
            context: Context {
                settings: Rc::new(settings::for_tests()),
                platform: platform::native::platform(ScriptedHttp::unreachable()),
                request_id: RequestId::new("request-1"),
            },
            answers: RefCell::default(),
            completes: RefCell::new(CompletionAnswer::Values(Completion::default())),
            completing: RefCell::default(),
            elicited: RefCell::default(),
            called: RefCell::default(),
            polls: Cell::default(),
            answered: RefCell::default(),
            grant_ended: Cell::default(),
            reports: RefCell::default(),
            heard: RefCell::default(),
            brought: RefCell::default(),
            responses: RefCell::default(),
            kept: RefCell::default(),
        })
    }

    fn answering(answer: Answer<ToolResult>) -> Rc<Self> {
        let world = Self::new();
        world.answers.borrow_mut().push_back(Ok(answer));
        world
    }

    fn next(&self, name: &str, arguments: Map<String, Value>) -> Result<Answer<ToolResult>, Fault> {
        self.called.borrow_mut().push(Called { name: name.into(), arguments });
        self.answers.borrow_mut().pop_front().unwrap_or_else(|| Ok(done()))
    }

    fn names_called(&self) -> Vec<String> {
        self.called.borrow().iter().map(|called| called.name.clone()).collect()
    }
}

fn done() -> Answer<ToolResult> {
    Answer::Complete(ToolResult::text("done"))
}

fn contents(uri: &str) -> ResourceContents {
    ResourceContents {
        uri: uri.into(),
        mime_type: Some("text/plain".into()),
        body: ResourceBody::Text("contents".into()),
    }
}

fn link() -> LinkNeeded {
    LinkNeeded {
        id: "e1".into(),
        leads_to: Destination::Connection(Site::main(&BITBUCKET)),
        url: "https://postern.example/connect/bitbucket?e=e1".into(),
        message: "Connect your Bitbucket account.".into(),
        in_words: false,
    }
}

impl Backend for Rc<World> {
    /// `Bearer <user>/<client>`.
    fn admit(&self, request: &Request) -> Result<Principal, Response> {
        request
            .header("authorization")
            .and_then(|header| header.strip_prefix("Bearer "))
            .and_then(|token| token.split_once('/'))
            .map(|(user, client)| principal(user, client))
            .ok_or_else(|| bearer::challenge(&self.context.settings, "", BearerFailure::Missing))
    }

    fn scope_too_small(&self, held: &Scopes, needed: Scope) -> Response {
        bearer::insufficient_scope(&self.context.settings, "", held, needed)
    }

    fn grant_ended(&self) -> Response {
        bearer::challenge(&self.context.settings, "", BearerFailure::Invalid)
    }

    async fn is_live(&self, _principal: &Principal) -> Result<bool, Fault> {
        Ok(!self.grant_ended.get())
    }

    async fn list(&self, _principal: &Principal, list: List) -> Result<Result<Vec<Value>, Refusal>, Fault> {
        let entries = match list {
            List::Tools => vec![json!({ "name": "whoami", "inputSchema": { "type": "object" } })],
            List::Resources => vec![json!({ "uri": "test://one", "name": "one" })],
            List::ResourceTemplates => vec![json!({ "uriTemplate": "test://{id}", "name": "any" })],
            List::Prompts => vec![json!({ "name": "review" })],
            List::Skills => vec![json!({ "uri": "skill://review/SKILL.md" })],
        };
        Ok(if self.grant_ended.get() { Err(Refusal::GrantEnded) } else { Ok(entries) })
    }

    async fn listen(
        &self,
        _principal: &Principal,
        _stream: Stream,
        _opens: bool,
    ) -> Result<Result<Vec<Value>, NotHeard>, Fault> {
        let heard = self.heard.borrow_mut().pop_front();
        let ended = NotHeard::Refused(Refusal::GrantEnded);
        Ok(heard.map(|name| vec![json!({ "name": name })]).ok_or(ended))
    }

    async fn call(
        &self,
        _principal: &Principal,
        name: &str,
        arguments: &Map<String, Value>,
        input: &Input,
        notifier: &Notifier,
    ) -> Result<Answer<ToolResult>, Fault> {
        assert_ne!(name, "defective");
        for (progress, message) in self.reports.take() {
            notifier.progress(progress, None, message);
            self.context.platform.clock.sleep(Duration::from_secs(1)).await;
        }
        self.brought.borrow_mut().push((input.memory.clone(), input.answers.clone().into()));
        self.next(name, arguments.clone())
    }

    async fn read(&self, _principal: &Principal, uri: &str, _notifier: &Notifier) -> Result<Answer<ReadResult>, Fault> {
        Ok(self.next(uri, Map::new())?.map(|_| ReadResult::of(contents(uri))))
    }

    async fn prompt(
        &self,
        _principal: &Principal,
        name: &str,
        arguments: &BTreeMap<String, String>,
        _input: &Input,
    ) -> Result<Answer<PromptResult>, Fault> {
        let arguments = arguments.iter().map(|(name, text)| (name.clone(), text.as_str().into()));
        let message = |content| PromptMessage { role: Role::User, content };
        Ok(self.next(name, arguments.collect())?.map(|_| PromptResult {
            description: None,
            messages: vec![
                message(ContentBlock::text("Review it.")),
                message(ContentBlock::Resource { resource: contents("test://one") }),
            ],
        }))
    }

    async fn complete(
        &self,
        _principal: &Principal,
        request: &CompletionRequest<'_>,
        _notifier: &Notifier,
    ) -> Result<CompletionAnswer, Fault> {
        *self.completing.borrow_mut() = format!("{request:?}");
        Ok(self.completes.borrow().clone())
    }

    async fn record_answer(&self, _principal: &Principal, _leads_to: Destination, id: &str) -> Result<(), Fault> {
        self.answered.borrow_mut().push(id.to_owned());
        Ok(())
    }

    async fn put_response(&self, _principal: &Principal, id: &str, posted: ClientResponse) -> Result<(), Fault> {
        self.kept.borrow_mut().push((id.to_owned(), posted));
        Ok(())
    }

    async fn take_response(&self, _principal: &Principal, _id: &str) -> Result<Option<ClientResponse>, Fault> {
        Ok(self.responses.borrow_mut().pop_front().flatten())
    }

    /// Something becomes of a link in as many seconds as the script says that it is pending.
    async fn hold(&self, _principal: &Principal, _leads_to: Destination, _id: &str) -> Result<(), Fault> {
        for _ in 0..20 {
            let mut script = self.elicited.borrow_mut();
            if script.front().is_some_and(|next| *next != LinkStatus::Pending) {
                break;
            }
            script.pop_front();
            drop(self.context.platform.clock.sleep(Duration::from_secs(1)));
        }
        Ok(())
    }

    async fn link_status(
        &self,
        _principal: &Principal,
        _leads_to: Destination,
        _id: &str,
    ) -> Result<LinkStatus, Fault> {
        self.polls.set(self.polls.get() + 1);
        let mut script = self.elicited.borrow_mut();
        let next = script.front().copied().unwrap_or(LinkStatus::Pending);
        if script.len() > 1 {
            script.pop_front();
        }
        Ok(next)
    }
}

/// A request under construction.
#[derive(Clone)]
struct Sending {
    method: Method,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
struct Payload {
    status: u16,
    headers: Vec<(String, String)>,
    text: String,
}

/// A POST of that text by alice's editor, without any header of MCP.
fn post(body: impl Into<Vec<u8>>) -> Sending {
    Sending { method: Method::Post, headers: Vec::new(), body: body.into() }
        .with("authorization", "Bearer alice/editor")
        .with("content-type", "application/json")
        .with("accept", "application/json, text/event-stream")
}

/// A well-formed modern request without client capabilities.
fn modern(method: &str, params: Value) -> Sending {
    modern_with(json!({}), method, params)
}

fn modern_with(capabilities: Value, method: &str, mut params: Value) -> Sending {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "t", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": capabilities,
    });
    let sending = post(json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }).to_string())
        .with("mcp-protocol-version", "2026-07-28")
        .with("mcp-method", method);
    match params["name"].as_str().or(params["uri"].as_str()) {
        Some(name) => sending.with("mcp-name", name),
        None => sending,
    }
}

/// A legacy request with a version header.
fn legacy(method: &str, params: Value) -> Sending {
    post(json!({ "jsonrpc": "2.0", "id": 2, "method": method, "params": params }).to_string())
        .with("mcp-protocol-version", "2025-11-25")
}

impl Sending {
    fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(have, _)| have != name);
        self
    }

    fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    /// The token of another user or client: `<user>/<client>`.
    fn of(self, who: &str) -> Self {
        self.with("authorization", &format!("Bearer {who}"))
    }

    fn request(self) -> Request {
        Request {
            method: self.method,
            path: "/mcp".into(),
            query: String::new(),
            headers: self.headers,
            body: Body::Bytes(self.body),
        }
    }

    fn to(self, world: &Rc<World>) -> Payload {
        exchange(world, self.request())
    }

    /// To a world that nothing is asked of.
    fn answer(self) -> Payload {
        self.to(&World::new())
    }
}

fn exchange(world: &Rc<World>, request: Request) -> Payload {
    let endpoint = Endpoint { context: world.context.clone(), backend: Rc::clone(world) };
    let response = block_on(super::serve(endpoint, request));
    let body = match response.body {
        Content::Whole(body) => body,
        Content::Stream(pieces) => block_on(pieces.concat()),
    };
    Payload {
        status: response.status,
        headers: response.headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect(),
        text: String::from_utf8(body).unwrap(),
    }
}

/// The messages of a stream of events.
fn events(stream: &str) -> Vec<Value> {
    stream
        .split_terminator("\n\n")
        .map(|event| serde_json::from_str(event.strip_prefix("event: message\ndata: ").unwrap()).unwrap())
        .collect()
}

impl Payload {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The HTTP status and the JSON-RPC code.
    fn error(&self) -> (u16, i64) {
        (self.status, self.json()["error"]["code"].as_i64().unwrap_or_default())
    }

    fn result(&self) -> Value {
        let json = self.json();
        assert_eq!((self.status, json.get("error")), (200, None), "{}", self.text);
        json["result"].clone()
    }

    /// The text of a tool's result, and whether it is an error.
    fn told(&self) -> (String, bool) {
        let result = self.result();
        (result["content"][0]["text"].as_str().unwrap().to_owned(), result["isError"] == true)
    }
}
