//! `cargo xtask token`: an access token, got the way an AI client gets one. Nothing is assumed but the MCP URL;
//! everything else is found as the MCP and OAuth specifications say.

use crate::{
    browser::{self, Browser},
    journey::{self, Person},
};
use anyhow::{Context, Result, anyhow, bail, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use ureq::{
    Agent, Body,
    http::{Response, StatusCode, header},
};
use url::Url;

/// Where the code is sent. Nothing listens there: the browser stops when it is told to go there.
const REDIRECT: &str = "http://127.0.0.1:33418/callback";

/// Goes through the whole OAuth flow as this person and returns the access token.
pub fn fetch(mcp: &Url, person: &Person) -> Result<String> {
    Client::register(mcp)?.token(Browser::new(), person)
}

/// An AI client that has registered itself, and may ask people for access.
pub struct Client {
    agent: Agent,
    /// The metadata of the authorization server.
    server: Value,
    id: String,
    resource: String,
    scopes: String,
}

impl Client {
    /// Finds the authorization server of this MCP endpoint and registers a client there.
    pub fn register(mcp: &Url) -> Result<Self> {
        let agent = browser::plain_agent();
        let protected = protected_resource(&agent, mcp)?;
        let server = authorization_server(&agent, text(&protected, "/authorization_servers/0")?)?;
        let id = register(&agent, &server)?;
        let resource = text(&protected, "/resource")?.to_owned();
        Ok(Self { agent, server, id, resource, scopes: scopes(&protected) })
    }

    /// Has this person allow the client access, in that browser, and returns the access token.
    pub fn token(&self, browser: Browser, person: &Person) -> Result<String> {
        let verifier = random()?;
        let state = random()?;
        let mut address = endpoint(&self.server, "authorization_endpoint")?;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier));
        address.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", &self.id),
            ("redirect_uri", REDIRECT),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("state", &state),
            ("resource", &self.resource),
            ("scope", &self.scopes),
        ]);
        let mut browser = browser.landing_at(Url::parse(REDIRECT)?);
        let code = authorize(&mut browser, address, person, &state, text(&self.server, "/issuer")?)?;
        let endpoint = endpoint(&self.server, "token_endpoint")?;
        browser.narrate(format_args!("redeeming the code at {endpoint}"));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
            ("client_id", &self.id),
            ("code_verifier", &verifier),
            ("resource", &self.resource),
        ];
        let answer = read(endpoint.as_str(), self.agent.post(endpoint.as_str()).send_form(form))?;
        text(&answer, "/access_token").map(str::to_owned)
    }
}

/// The metadata that the endpoint's refusal points to (RFC 9728).
fn protected_resource(agent: &Agent, mcp: &Url) -> Result<Value> {
    eprintln!("asking {mcp} without a token");
    let question = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    let request = agent.post(mcp.as_str()).header(header::ACCEPT, "application/json, text/event-stream");
    let refusal = request
        .send_json(question)
        .map_err(|error| anyhow!("{mcp} does not answer ({error}); is `cargo xtask dev` running?"))?;
    ensure!(refusal.status() == StatusCode::UNAUTHORIZED, "{mcp} answered {} instead of 401", refusal.status());
    let challenge = refusal.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
    let address = challenge
        .and_then(|challenge| challenge.split_once("resource_metadata=\""))
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(address, _)| address)
        .with_context(|| format!("the refusal names no resource_metadata: {challenge:?}"))?;
    let metadata = read(address, agent.get(address).call())?;
    ensure!(
        metadata.get("resource").and_then(Value::as_str) == Some(mcp.as_str()),
        "{address} describes {} and not {mcp}",
        metadata.get("resource").unwrap_or(&Value::Null)
    );
    Ok(metadata)
}

/// The authorization server's metadata (RFC 8414): the well-known part goes between host and path.
fn authorization_server(agent: &Agent, issuer: &str) -> Result<Value> {
    let mut address = Url::parse(issuer).with_context(|| format!("the issuer {issuer:?} is not a URL"))?;
    let path = address.path().trim_end_matches('/').to_owned();
    address.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    let metadata = read(address.as_str(), agent.get(address.as_str()).call())?;
    ensure!(metadata.get("issuer").and_then(Value::as_str) == Some(issuer), "{address} is of another issuer");
    let methods = metadata.get("code_challenge_methods_supported").and_then(Value::as_array);
    ensure!(methods.is_some_and(|methods| methods.contains(&json!("S256"))), "{address} does not offer PKCE with S256");
    Ok(metadata)
}

fn register(agent: &Agent, server: &Value) -> Result<String> {
    let address = endpoint(server, "registration_endpoint")?;
    eprintln!("registering a client at {address}");
    let client = json!({
        "client_name": "cargo xtask token",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
    });
    let answer = read(address.as_str(), agent.post(address.as_str()).send_json(client))?;
    text(&answer, "/client_id").map(str::to_owned)
}

/// Signs in and consents; returns the code, after checking that the answer belongs to this request (RFC 9207).
fn authorize(browser: &mut Browser, address: Url, person: &Person, state: &str, issuer: &str) -> Result<String> {
    let mut page = journey::open_signed_in(browser, address, person)?;
    if let Some(form) = journey::form_with_button(&page, "decision", "approve") {
        browser.narrate(format_args!("consenting at {}", page.address()));
        page = browser.submit(&page, &form, Some(("decision", "approve")))?;
    }
    if page.url.origin() != Url::parse(REDIRECT)?.origin() {
        return Err(page.unexpected("a consent page or the way back to the client"));
    }
    let answer = |name: &str| page.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    if let Some(error) = answer("error") {
        bail!("authorization was refused: {error} ({})", answer("error_description").unwrap_or_default());
    }
    ensure!(answer("state").as_deref() == Some(state), "the answer to the authorization request has another state");
    ensure!(answer("iss").as_deref() == Some(issuer), "the answer to the authorization request is of another issuer");
    answer("code").context("the answer to the authorization request has no code")
}

fn scopes(protected: &Value) -> String {
    let scopes = protected.get("scopes_supported").and_then(Value::as_array);
    scopes.into_iter().flatten().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
}

fn endpoint(server: &Value, name: &str) -> Result<Url> {
    Url::parse(text(server, &format!("/{name}"))?).with_context(|| format!("{name} is not a URL"))
}

fn text<'a>(json: &'a Value, pointer: &str) -> Result<&'a str> {
    json.pointer(pointer).and_then(Value::as_str).with_context(|| format!("an answer lacks {pointer}: {json}"))
}

/// The JSON of a good answer, or the error that a bad one names.
fn read(address: &str, answer: Result<Response<Body>, ureq::Error>) -> Result<Value> {
    let mut answer = answer.map_err(|error| anyhow!("{address} does not answer: {error}"))?;
    let status = answer.status();
    let body = answer.body_mut().read_to_string().with_context(|| format!("the answer of {address} broke off"))?;
    ensure!(status.is_success(), "{address} answered {status}: {}", body.trim());
    serde_json::from_str(&body).with_context(|| format!("the answer of {address} is not JSON"))
}

fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
