//! An AI client, down to the bytes it sends.

use std::collections::BTreeMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use testkit::browser::{Browser, Page, plain_agent};
use ureq::http::{Method, Request};
use url::Url;

use crate::person::Person;

/// The protocol revision of the modern era.
pub const MODERN: &str = "2026-07-28";
/// A code verifier of RFC 7636's length.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// Where codes are sent; nothing listens there.
pub const REDIRECT: &str = "http://127.0.0.1:33418/callback";

/// An answer, whole.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The code of a JSON-RPC error, 0 where there is none.
    pub fn code(&self) -> i64 {
        self.json()["error"]["code"].as_i64().unwrap_or_default()
    }

    pub fn result(&self) -> Value {
        let answer = self.json();
        assert!(answer.get("result").is_some(), "no result: {self:?}");
        answer["result"].clone()
    }

    /// The text of a tool's result.
    pub fn text(&self) -> String {
        self.result()["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {self:?}")).to_owned()
    }

    pub fn is_error(&self) -> bool {
        self.result()["isError"] == json!(true)
    }
}

/// Sends one request as it is and gives the answer as it is.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).expect("a method")).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(body.to_vec()).expect("a request");
    let agent = plain_agent();
    let result = match method {
        "GET" | "DELETE" | "HEAD" | "OPTIONS" if body.is_empty() => agent.run(request.map(|_| ())),
        _ => agent.run(request),
    };
    let mut response = result.unwrap_or_else(|error| panic!("{method} {url}: {error}"));
    let mut headers = BTreeMap::<String, String>::new();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert(value.into());
    }
    let status = response.status().as_u16();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_vec().expect("a body");
    // What is no text, such as an archive, is looked at elsewhere.
    Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// Sends a form.
pub fn post_form(url: &str, fields: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    send("POST", url, &[("content-type", "application/x-www-form-urlencoded")], body.as_bytes())
}

/// Registers a public client on loopback, with members of its metadata replaced (`null` leaves one out).
pub fn register(origin: &str, changed: Value) -> Answer {
    let mut metadata = json!({
        "client_name": "black box",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changed.as_object().expect("members") {
        metadata[name] = value.clone();
    }
    metadata.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    // Registrations are limited by network: each test client is somewhere else.
    let address = format!("2001:db8:0:{}::1", unique());
    let headers = [("content-type", "application/json"), ("cf-connecting-ip", address.as_str())];
    send("POST", &format!("{origin}/register"), &headers, metadata.to_string().as_bytes())
}

/// A registered client and, after consent, its tokens.
pub struct Client {
    pub origin: String,
    pub id: String,
    pub access_token: String,
    pub refresh_token: String,
    /// The query of the address that it was given: of a view.
    pub view: String,
}

impl Client {
    /// The same client at the address of a view, such as `?tools=gates`.
    #[must_use]
    pub fn at(&self, view: &str) -> Self {
        Self {
            origin: self.origin.clone(),
            id: self.id.clone(),
            access_token: self.access_token.clone(),
            refresh_token: self.refresh_token.clone(),
            view: view.to_owned(),
        }
    }

    /// Registers a client that nobody has consented to yet.
    pub fn registered(origin: &str) -> Self {
        Self::registered_as(origin, json!({}))
    }

    /// The same with other metadata: members replaced, `null` leaves one out.
    pub fn registered_as(origin: &str, changed: Value) -> Self {
        let answer = register(origin, changed);
        assert_eq!(answer.status, 201, "{answer:?}");
        let id = answer.json()["client_id"].as_str().expect("a client_id").to_owned();
        let view = String::new();
        Self { origin: origin.to_owned(), id, access_token: String::new(), refresh_token: String::new(), view }
    }

    /// A client to which that person has consented with all scopes.
    pub fn of(person: &Person<'_>) -> Self {
        Self::with_scope(person, "read write")
    }

    pub fn with_scope(person: &Person<'_>, scope: &str) -> Self {
        let mut client = Self::registered(&person.instance.url);
        let code = client.consented(person, &[("scope", scope)]);
        let tokens = client.redeem(&code, &[]);
        assert_eq!(tokens.status, 200, "{tokens:?}");
        client.keep(&tokens.json());
        client
    }

    /// The same client where that person has consented to it once more.
    pub fn on_another_machine(&self, person: &Person<'_>) -> Self {
        let mut other = Self { access_token: String::new(), refresh_token: String::new(), ..self.at(&self.view) };
        let tokens = other.redeem(&other.consented(person, &[]), &[]);
        assert_eq!(tokens.status, 200, "{tokens:?}");
        other.keep(&tokens.json());
        other
    }

    pub fn keep(&mut self, tokens: &Value) {
        self.access_token = tokens["access_token"].as_str().expect("an access token").to_owned();
        self.refresh_token = tokens["refresh_token"].as_str().unwrap_or_default().to_owned();
    }

    /// The address that it was given, which is the resource that it asks for tokens of.
    pub fn resource(&self) -> String {
        format!("{}/mcp{}", self.origin, self.view)
    }

    /// The authorization request, with parameters replaced (`""` leaves one out).
    pub fn authorization_url(&self, changed: &[(&str, &str)]) -> Url {
        let challenge = sha256(VERIFIER);
        let resource = self.resource();
        let mut parameters: Vec<(&str, &str)> = vec![
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", "a state"),
            ("resource", &resource),
            ("scope", "read write"),
        ];
        for change in changed {
            parameters.retain(|(name, _)| name != &change.0);
            parameters.push(*change);
        }
        parameters.retain(|(_, value)| !value.is_empty());
        Url::parse_with_params(&format!("{}/authorize", self.origin), parameters).expect("a URL")
    }

    /// Goes to the authorization endpoint signed in as the person and decides; the page it ends at.
    pub fn authorize(&self, person: &Person<'_>, changed: &[(&str, &str)], decision: &str) -> Page {
        let redirect = changed.iter().find(|(name, _)| *name == "redirect_uri").map_or(REDIRECT, |(_, uri)| *uri);
        let mut browser = Browser::new().landing_at(Url::parse(redirect).expect("a URL"));
        let page = testkit::journey::open_signed_in(&mut browser, self.authorization_url(changed), &person.account())
            .expect("a page");
        match testkit::journey::form_with_button(&page, "decision", decision) {
            Some(form) => browser.submit(&page, &form, Some(("decision", decision))).expect("decided"),
            None => page,
        }
    }

    /// The code of a consent.
    pub fn consented(&self, person: &Person<'_>, changed: &[(&str, &str)]) -> String {
        let page = self.authorize(person, changed, "approve");
        parameter(&page, "code").unwrap_or_else(|| panic!("no code at {}: {}", page.url, page.body))
    }

    pub fn redeem(&self, code: &str, changed: &[(&str, &str)]) -> Answer {
        let resource = self.resource();
        self.token(
            &[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", REDIRECT),
                ("client_id", &self.id),
                ("code_verifier", VERIFIER),
                ("resource", &resource),
            ],
            changed,
        )
    }

    pub fn refresh(&self, refresh_token: &str, changed: &[(&str, &str)]) -> Answer {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token), ("client_id", &self.id)];
        self.token(&fields, changed)
    }

    fn token(&self, fields: &[(&str, &str)], changed: &[(&str, &str)]) -> Answer {
        let mut fields = fields.to_vec();
        for change in changed {
            fields.retain(|(name, _)| name != &change.0);
            fields.push(*change);
        }
        fields.retain(|(_, value)| !value.is_empty());
        post_form(&format!("{}/token", self.origin), &fields)
    }

    /// Posts a body to the MCP endpoint with the usual headers and these.
    pub fn post(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        let bearer = format!("Bearer {}", self.access_token);
        let mut all: Vec<(&str, &str)> = vec![
            ("authorization", &bearer),
            ("content-type", "application/json"),
            ("accept", "application/json, text/event-stream"),
        ];
        for header in headers {
            all.retain(|(name, _)| !name.eq_ignore_ascii_case(header.0));
            all.push(*header);
        }
        all.retain(|(_, value)| !value.is_empty());
        send("POST", &self.resource(), &all, body.as_bytes())
    }

    /// Every operation that may run, each by itself, whether it is listed elsewhere or not: all pages of the list.
    pub fn every_tool(&self) -> Vec<Value> {
        let client = self.at("?tools=all");
        let (mut tools, mut next) = (Vec::new(), None);
        loop {
            let parameters = next.map_or(json!({}), |cursor: Value| json!({ "cursor": cursor }));
            let page = client.modern("tools/list", parameters).result();
            tools.extend(page["tools"].as_array().expect("a list").iter().cloned());
            next = page.get("nextCursor").cloned();
            if next.is_none() {
                return tools;
            }
        }
    }

    /// A request of the modern era, complete and right.
    pub fn modern(&self, method: &str, parameters: Value) -> Answer {
        self.modern_with(method, parameters, json!({}))
    }

    /// The same from a client with these capabilities.
    pub fn modern_with(&self, method: &str, parameters: Value, capabilities: Value) -> Answer {
        let mut params = parameters.as_object().cloned().unwrap_or_default();
        let names = ["name", "uri", "taskId"];
        let name = names.iter().find_map(|name| params.get(*name)).and_then(Value::as_str).map(str::to_owned);
        params.insert("_meta".into(), meta(MODERN, capabilities));
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params });
        let mut headers = vec![("mcp-protocol-version", MODERN), ("mcp-method", method)];
        headers.extend(name.as_deref().map(|name| ("mcp-name", name)));
        self.post(&body.to_string(), &headers)
    }

    /// Calls a tool in the modern era.
    pub fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.modern("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// A request of the era of `initialize`.
    pub fn legacy(&self, method: &str, parameters: Value) -> Answer {
        let body = json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": parameters });
        self.post(&body.to_string(), &[("mcp-protocol-version", "2025-11-25")])
    }

    pub fn initialize(&self, version: &str, capabilities: Value) -> Answer {
        let params = json!({ "protocolVersion": version, "capabilities": capabilities, "clientInfo": { "name": "x", "version": "1" } });
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params });
        self.post(&body.to_string(), &[])
    }
}

/// The `_meta` of a modern request.
pub fn meta(version: &str, capabilities: Value) -> Value {
    let mut meta = Map::new();
    meta.insert("io.modelcontextprotocol/protocolVersion".into(), version.into());
    meta.insert("io.modelcontextprotocol/clientInfo".into(), json!({ "name": "black box", "version": "1" }));
    meta.insert("io.modelcontextprotocol/clientCapabilities".into(), capabilities);
    Value::Object(meta)
}

/// What a text says of a field that begins one of its lines: `version: 7`.
pub fn field<'t>(text: &'t str, name: &str) -> &'t str {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    line.unwrap_or_else(|| panic!("no {name}: {text}"))
}

/// The call that a text writes out behind a word that begins a line, such as `Undo: `.
pub fn written_call(text: &str, word: &str) -> (String, Value) {
    let line = text.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_else(|| panic!("no {word}: {text}"));
    let (tool, arguments) = line.split_once(' ').expect("arguments");
    (tool.to_owned(), serde_json::from_str(arguments).expect("JSON"))
}

/// A parameter of the address that a page stands at.
pub fn parameter(page: &Page, name: &str) -> Option<String> {
    page.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// Unpadded base64url of SHA-256.
pub fn sha256(text: impl AsRef<str>) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_ref()))
}

pub(crate) fn unique() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    COUNTER.fetch_add(1, Ordering::Relaxed).to_string()
}
