//! What real AI clients were seen to send: each shape of `shapes/` goes from registration to a tool call. A shape is data,
//! with the public sources that it was taken from; the programs themselves are in the other files here.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicU32, Ordering},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use postern_tests::{
    client::{Answer, Client, MODERN, REDIRECT, VERIFIER, parameter, send},
    instance::{instance, root},
    person::Person,
};
use serde_json::{Value, json};

const FOLDER: &str = "tests/clients/shapes";

/// A test for each shape, named after its file.
macro_rules! shapes {
    ($($name:ident)*) => {
        /// The shapes that have a test.
        const NAMES: &[&str] = &[$(stringify!($name)),*];

        $(mod $name {
            #[test]
            fn goes_from_registration_to_a_tool_call() {
                super::connects(stringify!($name));
            }
        })*
    };
}

shapes! {
    amazon_q chatgpt claude_ai claude_code claude_code_registered codex codex_by_its_document copilot_studio cursor
    cursor_by_its_own_scheme gemini_cli goose kiro librechat lm_studio mcp_remote n8n vs_code vs_code_on_the_web
}

#[test]
fn every_shape_is_tried_and_says_where_it_was_seen() {
    let files: BTreeSet<String> = std::fs::read_dir(root().join(FOLDER))
        .expect("the shapes")
        .map(|entry| entry.expect("a file").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    assert_eq!(files, NAMES.iter().map(|name| (*name).to_owned()).collect());
    for name in NAMES {
        let sources = shape(name)["sources"].as_array().cloned().unwrap_or_default();
        assert!(!sources.is_empty() && sources.iter().all(|source| text(source).starts_with("https://")), "{name}");
    }
}

fn shape(name: &str) -> Value {
    let path = root().join(FOLDER).join(format!("{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a shape")).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A client that was registered as its shape says, and how it proves itself at `/token`.
struct Registered {
    client: Client,
    secret: Option<String>,
    method: String,
}

fn registered(shape: &Value) -> Registered {
    let client = |id: &str| Client {
        origin: instance().url.clone(),
        id: id.to_owned(),
        access_token: String::new(),
        refresh_token: String::new(),
        view: String::new(),
    };
    let Some(registration) = shape.get("registration") else {
        return Registered { client: client(text(&shape["document"])), secret: None, method: "none".into() };
    };
    // As it is, to the byte; each from a network of its own, because registrations are limited by network.
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    let address = format!("2001:db8:5:{:x}::1", COUNTER.fetch_add(1, Ordering::Relaxed));
    let headers = [("content-type", "application/json"), ("cf-connecting-ip", &*address)];
    let answer = send("POST", &format!("{}/register", instance().url), &headers, registration.to_string().as_bytes());
    assert_eq!(answer.status, 201, "{answer:?}");
    let reply = answer.json();
    assert!(reply["grant_types"].as_array().is_some_and(|types| types.contains(&json!("refresh_token"))), "{reply}");
    let method =
        if shape["sends_secret"] == "body" { "client_secret_post" } else { text(&reply["token_endpoint_auth_method"]) };
    Registered {
        client: client(text(&reply["client_id"])),
        secret: reply["client_secret"].as_str().map(str::to_owned),
        method: method.to_owned(),
    }
}

impl Registered {
    fn token(&self, fields: &[(&str, &str)]) -> Value {
        let mut fields = fields.to_vec();
        let mut headers = vec![("content-type", "application/x-www-form-urlencoded")];
        let secret = self.secret.as_deref().unwrap_or_default();
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.client.id)));
        match self.method.as_str() {
            "client_secret_basic" => headers.push(("authorization", &basic)),
            "client_secret_post" => fields.extend([("client_id", &*self.client.id), ("client_secret", secret)]),
            _ => fields.push(("client_id", &self.client.id)),
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = send("POST", &format!("{}/token", instance().url), &headers, body.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

fn connects(name: &str) {
    let shape = shape(name);
    challenged(&shape);
    let mut registered = registered(&shape);
    let redirect = text(&shape["redirect_uri"]).to_owned();
    let state = shape["state"].as_str().unwrap_or("a state");
    let changed = [("redirect_uri", redirect.as_str()), ("scope", text(&shape["scope"])), ("state", state)];
    if shape["looks_first"] == true {
        let url = registered.client.authorization_url(&changed);
        let response = send("GET", url.as_str(), &[("accept", "application/json")], b"");
        assert!((300..400).contains(&response.status), "{response:?}");
    }
    let page = registered.client.authorize(&Person::developer(), &changed, "approve");
    let code = parameter(&page, "code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.body));
    assert_eq!(parameter(&page, "state").as_deref(), Some(state));
    let resource = registered.client.resource();
    let tokens = registered.token(&[
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &redirect),
        ("code_verifier", VERIFIER),
        ("resource", &resource),
    ]);
    assert_eq!(tokens["scope"], "read write", "what nobody needs is not given: {tokens}");
    let tokens =
        registered.token(&[("grant_type", "refresh_token"), ("refresh_token", text(&tokens["refresh_token"]))]);
    registered.client.keep(&tokens);
    let answers = talk(&registered.client, &shape);
    let listed = answers[answers.len() - 2].result();
    let tools = listed["tools"].as_array().expect("tools");
    assert!(tools.iter().any(|tool| tool["name"] == "whoami"), "{listed}");
    let called = answers.last().expect("a call");
    assert!(!called.is_error() && called.text().contains("test-"), "{called:?}");
}

/// The first request of all, without a token: it begins the sign-in.
fn challenged(shape: &Value) {
    let stranger = Client {
        origin: instance().url.clone(),
        id: REDIRECT.into(),
        access_token: String::new(),
        refresh_token: String::new(),
        view: String::new(),
    };
    let body = json!({ "jsonrpc": "2.0", "id": 0, "method": shape["requests"][0]["method"], "params": {} }).to_string();
    let answer = stranger.post(&body, &[("authorization", "")]);
    assert_eq!(answer.status, 401, "{answer:?}");
    assert!(answer.header("www-authenticate").contains("resource_metadata="), "{answer:?}");
}

/// The MCP requests of the shape, one after the other.
fn talk(client: &Client, shape: &Value) -> Vec<Answer> {
    let requests = shape["requests"].as_array().expect("requests");
    let (mut answers, mut version, mut session) = (Vec::new(), String::new(), String::new());
    for (id, request) in (0..).zip(requests) {
        let method = text(&request["method"]);
        let answer = if shape.get("modern").is_some() {
            modern(client, shape, id, request)
        } else {
            let mut body = request.clone();
            body["jsonrpc"] = json!("2.0");
            if !method.starts_with("notifications/") {
                body["id"] = json!(id);
            }
            client.post(&body.to_string(), &[("mcp-protocol-version", &version), ("mcp-session-id", &session)])
        };
        let expected = if method.starts_with("notifications/") { 202 } else { 200 };
        assert_eq!(answer.status, expected, "{method}: {answer:?}");
        if method == "initialize" {
            answer.header("mcp-session-id").clone_into(&mut session);
            assert_eq!(answer.result()["protocolVersion"], request["params"]["protocolVersion"]);
            if shape["without_version_header"] != true {
                text(&request["params"]["protocolVersion"]).clone_into(&mut version);
            }
        }
        answers.push(answer);
    }
    answers
}

/// A request of the era without `initialize`, by the client that the shape names.
fn modern(client: &Client, shape: &Value, id: u32, request: &Value) -> Answer {
    let method = text(&request["method"]);
    let mut params = request.get("params").cloned().unwrap_or_else(|| json!({}));
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientInfo": shape["modern"]["client"],
        "io.modelcontextprotocol/clientCapabilities": shape["modern"]["capabilities"],
    });
    let body = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    let name = text(&request["params"]["name"]);
    client.post(&body.to_string(), &[("mcp-protocol-version", MODERN), ("mcp-method", method), ("mcp-name", name)])
}
