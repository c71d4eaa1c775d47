//! A Postern on real SQL, and the steps that tests of this room take with it.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
    task::Poll,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{
    FutureExt,
    future::{LocalBoxFuture, join_all},
};
use futures_executor::block_on;
use serde_json::{Value, json};

use super::endpoints::{
    authorize::{self, Authorize},
    consent::ConsentRequest,
    decision::{self, Choice, Decision},
    registration, token,
};
use crate::{
    context::Context,
    crypto::digest,
    identifiers::{RequestId, UserId},
    identity::{browser::Browser, person::Person},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Database, Rows, Statement, sql},
        fetch::{HttpError, InboundResponse},
        http::{Body, Form, Method, Request, Response},
        limiter::{Limit, Limiter},
        native::{
            self,
            memory::{MemoryCache, ScriptedHttp, TestClock},
        },
        sessions::Sessions,
    },
    session::authentic::CLIENTS,
    settings,
};

pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const REDIRECT: &str = "https://client.example/callback";

/// Session objects that do as they are told, and remember it; or that cannot be reached.
#[derive(Clone, Default)]
pub struct ObedientSessions {
    pub told: Rc<RefCell<Vec<String>>>,
    pub out_of_reach: Rc<Cell<bool>>,
}

impl Sessions for ObedientSessions {
    fn call(&self, _user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        async move {
            if self.out_of_reach.get() {
                return Err(Fault::new("session", "out of reach"));
            }
            let reply = if command.contains("is_live") { r#"{"done":true}"# } else { r#"{"done":null}"# };
            self.told.borrow_mut().push(command);
            Ok(reply.to_owned())
        }
        .boxed_local()
    }
}

/// A record that lets others go first before each of its batches, as often as `pauses` says in turn.
pub struct InterruptedDatabase {
    record: Rc<dyn Database>,
    pauses: RefCell<Vec<u8>>,
}

impl Database for InterruptedDatabase {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        async move {
            let pauses = self.pauses.borrow_mut().pop().unwrap_or(1);
            for _ in 0..pauses {
                let mut waited = false;
                std::future::poll_fn(|context| {
                    if std::mem::replace(&mut waited, true) {
                        return Poll::Ready(());
                    }
                    context.waker().wake_by_ref();
                    Poll::Pending
                })
                .await;
            }
            self.record.batch(statements).await
        }
        .boxed_local()
    }
}

/// Allows all but what is exhausted, and remembers what it was asked for and for whom.
#[derive(Clone, Default)]
pub struct TestLimiter {
    pub exhausted: Rc<Cell<Option<Limit>>>,
    pub asked: Rc<RefCell<Vec<(Limit, String)>>>,
}

impl TestLimiter {
    /// The keys that this limit was asked for.
    pub fn keys(&self, limit: Limit) -> Vec<String> {
        self.asked.borrow().iter().filter(|(asked, _)| *asked == limit).map(|(_, key)| key.clone()).collect()
    }
}

impl Limiter for TestLimiter {
    fn allow<'a>(&'a self, limit: Limit, key: &'a str) -> LocalBoxFuture<'a, bool> {
        self.asked.borrow_mut().push((limit, key.to_owned()));
        let allowed = self.exhausted.get() != Some(limit);
        async move { allowed }.boxed_local()
    }
}

/// Where a client is described.
pub const DOCUMENT: &str = "https://client.example/client.json";

/// The client that is described there, with members replaced.
pub fn document_of(changes: &[(&str, Value)]) -> Value {
    let mut document = json!({
        "client_id": DOCUMENT,
        "client_name": "Client",
        "redirect_uris": [REDIRECT],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
    });
    for (name, value) in changes {
        document[*name] = value.clone();
    }
    document
}

/// An answer of a host, as JSON unless a header says otherwise.
pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> InboundResponse {
    let mut all = vec![("content-type".to_owned(), "application/json".to_owned())];
    for (name, value) in headers {
        all.retain(|(have, _)| have != name);
        all.push(((*name).to_owned(), (*value).to_owned()));
    }
    InboundResponse { status, headers: all, body: body.into(), truncated: false }
}

/// A house whose outbound requests all reach one host, which answers with the same until it is told otherwise.
pub struct DocumentHost {
    pub house: House,
    pub http: ScriptedHttp,
    answer: Rc<RefCell<Result<InboundResponse, HttpError>>>,
}

impl DocumentHost {
    pub fn new(first: InboundResponse) -> Self {
        let answer = Rc::new(RefCell::new(Ok(first)));
        let given = Rc::clone(&answer);
        let http = ScriptedHttp::new(move |_| given.borrow().clone());
        let mut house = House::default();
        house.context.platform.http = Rc::new(http.clone());
        Self { house, http, answer }
    }

    /// One that describes a client.
    pub fn describing(changes: &[(&str, Value)]) -> Self {
        Self::new(answer(200, &[], document_of(changes).to_string()))
    }

    pub fn describes(&self, changes: &[(&str, Value)]) {
        self.answers_with(Ok(answer(200, &[], document_of(changes).to_string())));
    }

    pub fn answers_with(&self, answer: Result<InboundResponse, HttpError>) {
        *self.answer.borrow_mut() = answer;
    }

    pub fn requests(&self) -> usize {
        self.http.sent.borrow().len()
    }

    /// The client as it presents itself to the token endpoint.
    pub fn client(&self) -> Registration {
        Registration { id: DOCUMENT.to_owned(), secret: None }
    }
}

pub struct House {
    pub context: Context,
    pub clock: TestClock,
    pub sessions: ObedientSessions,
    pub limiter: TestLimiter,
    pub cache: MemoryCache,
}

/// The same request as the edge hands it on, from that address.
pub fn from(address: &str, mut request: Request) -> Request {
    request.headers.push(("cf-connecting-ip".into(), address.into()));
    request
}

/// What a client holds of its registration.
#[derive(Clone)]
pub struct Registration {
    pub id: String,
    pub secret: Option<String>,
}

impl Default for House {
    fn default() -> Self {
        let (clock, sessions, limiter) = (TestClock::default(), ObedientSessions::default(), TestLimiter::default());
        let cache = MemoryCache::default();
        let platform = Platform {
            cache: Rc::new(cache.clone()),
            clock: Rc::new(clock.clone()),
            sessions: Rc::new(sessions.clone()),
            limiter: Rc::new(limiter.clone()),
            ..native::platform(ScriptedHttp::unreachable())
        };
        let context =
            Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request") };
        let house = Self { context, clock, sessions, limiter, cache };
        for user in ["alice", "bob"] {
            house.run(
                sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
                    VALUES (?1, 'issuer', ?1, ?1, ?1, '[]', 0, 0)")
                .bind(user),
            );
        }
        house
    }
}

impl House {
    /// Another house like this with settings changed.
    pub fn with_settings(change: impl FnOnce(&mut settings::Settings)) -> Self {
        let mut house = Self::default();
        house.change_settings(change);
        house
    }

    pub fn change_settings(&mut self, change: impl FnOnce(&mut settings::Settings)) {
        let mut settings = settings::for_tests();
        change(&mut settings);
        self.context.settings = Rc::new(settings);
    }

    pub fn run(&self, statement: Statement) -> Vec<Value> {
        block_on(self.context.platform.database.run(statement)).unwrap().rows
    }

    /// From now on requests that run together take turns between their batches.
    pub fn interrupt(&mut self, pauses: Vec<u8>) {
        let record = Rc::clone(&self.context.platform.database);
        self.context.platform.database = Rc::new(InterruptedDatabase { record, pauses: RefCell::new(pauses) });
    }

    /// Sends the same form to `/token` that many times at once.
    pub fn token_at_once(&self, client: &Registration, parameters: &[(&str, &str)], times: usize) -> Vec<Response> {
        let requests: Vec<_> = (0..times).map(|_| post(&with_client(client, parameters))).collect();
        let all = requests.iter().map(|request| token::token(&self.context, request));
        block_on(join_all(all)).into_iter().map(Result::unwrap).collect()
    }

    /// The single number that a query selects as `n`.
    pub fn number(&self, query: &'static str) -> i64 {
        self.run(sql(query))[0]["n"].as_i64().unwrap()
    }

    /// From now on the identity provider's last word on that person never grows old.
    pub fn vouch_for_ever(&self, user: &str) {
        self.run(
            sql("INSERT INTO standings (user_id, refresh_token, kind, state, vouched_at, doubted_at, lost_answer, version)
                 VALUES (?1, 'v2.x.y', 'offline', 'good', 9999999999999, 0, 0, 1)")
            .bind(user),
        );
    }

    pub fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub fn register_with(&self, metadata: &Value) -> Response {
        block_on(registration::register(&self.context, &json_request(metadata))).unwrap()
    }

    /// Registers a client that can refresh.
    pub fn register(&self, method: &str) -> Registration {
        let reply = json_of(&self.register_with(&json!({
            "client_name": "Client",
            "redirect_uris": [REDIRECT, "http://127.0.0.1/callback"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": method,
        })));
        Registration {
            id: reply["client_id"].as_str().unwrap().to_owned(),
            secret: reply["client_secret"].as_str().map(str::to_owned),
        }
    }

    /// Changes clients as Postern itself would.
    pub fn change_clients(&self, statement: Statement) {
        self.run(statement);
        for row in self.run(sql("SELECT * FROM clients")) {
            let values: Vec<Value> = CLIENTS.columns.iter().map(|column| row[*column].clone()).collect();
            let mac = self.context.settings.authenticator().row(&CLIENTS, &values);
            self.run(sql("UPDATE clients SET mac = ?2 WHERE id = ?1").bind(text(&row, "id")).bind(mac));
        }
    }

    /// Enters a client as an administrator does, with `client_secret_post` where it has a secret, else with one key of
    /// the id `1`.
    pub fn enter(&self, grant_types: &str, secret: Option<&str>) -> Registration {
        let id = crate::crypto::random::identifier().unwrap();
        let method = if secret.is_some() { "client_secret_post" } else { "private_key_jwt" };
        let keys = json!([{ "kty": "EC", "crv": "P-256", "kid": "1" }]).to_string();
        let (grant_types, hash) = (json!([grant_types]).to_string(), secret.map(digest::sha256));
        let keys = if secret.is_some() { None } else { Some(keys) };
        let values =
            json!([id, "Service", "pre_registered", "[]", grant_types, method, hash, keys, null, "read write"]);
        let mac = self.context.settings.authenticator().row(&CLIENTS, values.as_array().unwrap());
        self.run(
            sql("INSERT INTO clients (id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method,
                    secret_hash, jwks, scope, metadata, created_at, mac)
                VALUES (?1, 'Service', 'pre_registered', '[]', ?2, ?3, ?4, ?5, 'read write', '{}', 0, ?6)")
            .bind(&id)
            .bind(grant_types)
            .bind(method)
            .bind(hash)
            .bind(keys)
            .bind(mac),
        );
        Registration { id, secret: secret.map(str::to_owned) }
    }

    pub fn authorize(&self, parameters: &[(&str, &str)], browser: Option<&Browser>) -> Authorize {
        block_on(authorize::authorize(&self.context, &get(parameters), browser)).unwrap()
    }

    /// Comes to the consent page with a request for everything.
    pub fn ask(&self, client: &Registration, browser: &Browser) -> ConsentRequest {
        self.ask_for(client, browser, "read write")
    }

    pub fn ask_for(&self, client: &Registration, browser: &Browser, scope: &str) -> ConsentRequest {
        let challenge = digest::sha256(VERIFIER);
        let parameters = authorization_request(&client.id, &challenge);
        let parameters: Vec<_> = parameters.into_iter().chain([("scope", scope)]).collect();
        match self.authorize(&parameters, Some(browser)) {
            Authorize::Consent(request) => *request,
            _ => panic!("no consent page"),
        }
    }

    pub fn decide(&self, browser: &Browser, id: &str, approved: bool) -> Decision {
        self.choose(browser, id, if approved { Choice::Allow { writing: true } } else { Choice::Deny })
    }

    pub fn choose(&self, browser: &Browser, id: &str, choice: Choice) -> Decision {
        block_on(decision::decide(&self.context, browser, id, choice)).unwrap()
    }

    /// A code for everything, to which Alice has consented.
    pub fn code(&self, client: &Registration) -> String {
        self.code_for(client, "read write")
    }

    pub fn code_for(&self, client: &Registration, scope: &str) -> String {
        let browser = browser("alice");
        match self.decide(&browser, &self.ask_for(client, &browser, scope).id, true) {
            Decision::Redirect(url) => query_of(&url)["code"].clone(),
            Decision::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    /// Sends a form to `/token` with the client's id and secret in it.
    pub fn token(&self, client: &Registration, parameters: &[(&str, &str)]) -> Response {
        block_on(token::token(&self.context, &post(&with_client(client, parameters)))).unwrap()
    }

    pub fn redeem(&self, client: &Registration, code: &str) -> Response {
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", VERIFIER),
        ];
        self.token(client, &parameters)
    }

    pub fn refresh(&self, client: &Registration, refresh_token: &str) -> Response {
        self.token(client, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)])
    }

    /// What a client gets that goes through the whole flow.
    pub fn tokens(&self, client: &Registration) -> Value {
        let reply = self.redeem(client, &self.code(client));
        assert_eq!(reply.status, 200, "{}", json_of(&reply));
        json_of(&reply)
    }

    /// A public client and its first refresh token.
    pub fn refreshable(&self) -> (Registration, String) {
        let client = self.register("none");
        let refresh_token = text(&self.tokens(&client), "refresh_token");
        (client, refresh_token)
    }
}

pub fn with_client<'a>(client: &'a Registration, parameters: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![("client_id", client.id.as_str())];
    all.extend(client.secret.as_deref().map(|secret| ("client_secret", secret)));
    all.extend(parameters);
    all
}

pub fn authorization_request<'a>(client: &'a str, challenge: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("response_type", "code"),
        ("client_id", client),
        ("redirect_uri", REDIRECT),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
        ("state", "s 1/ä"),
    ]
}

pub fn browser(user: &str) -> Browser {
    Browser {
        person: Person {
            id: UserId::new(user),
            username: user.to_owned(),
            name: user.to_owned(),
            email: None,
            roles: Vec::new(),
        },
        session_hash: format!("browser of {user}"),
        ended_before: Timestamp(-1),
    }
}

fn encoded(parameters: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish()
}

pub fn get(parameters: &[(&str, &str)]) -> Request {
    Request {
        method: Method::Get,
        path: "/authorize".into(),
        query: encoded(parameters),
        headers: Vec::new(),
        body: Body::Bytes(Vec::new()),
    }
}

pub fn form(parameters: &[(&str, &str)]) -> Form {
    get(parameters).query()
}

pub fn post(parameters: &[(&str, &str)]) -> Request {
    Request {
        method: Method::Post,
        path: "/token".into(),
        query: String::new(),
        headers: vec![("content-type".into(), "application/x-www-form-urlencoded".into())],
        body: Body::Bytes(encoded(parameters).into_bytes()),
    }
}

pub fn json_request(body: &Value) -> Request {
    Request {
        method: Method::Post,
        path: "/register".into(),
        query: String::new(),
        headers: vec![("content-type".into(), "application/json".into())],
        body: Body::Bytes(body.to_string().into_bytes()),
    }
}

/// A JWT of these parts with a signature that [`native::memory::TrustingSignatures`] accepts.
pub fn signed(header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{}", encode(header), encode(claims), URL_SAFE_NO_PAD.encode("valid"))
}

pub fn json_of(response: &Response) -> Value {
    serde_json::from_slice(response.body.whole().unwrap()).unwrap()
}

pub fn header<'a>(response: &'a Response, name: &str) -> Option<&'a str> {
    response.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
}

pub fn text(object: &Value, name: &str) -> String {
    object[name].as_str().unwrap().to_owned()
}

/// The status and OAuth error code of a refusal.
pub fn error_of(response: &Response) -> (u16, String) {
    (response.status, text(&json_of(response), "error"))
}

pub fn query_of(url: &str) -> HashMap<String, String> {
    url::Url::parse(url).unwrap().query_pairs().into_owned().collect()
}
