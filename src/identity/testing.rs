//! An identity provider that is written down, and a Postern beside it, for the tests of this room.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::{FutureExt, future::LocalBoxFuture};
use futures_executor::block_on;
use serde_json::{Value, json};

use crate::{
    context::Context,
    identifiers::{RequestId, UserId},
    platform::{
        Fault,
        caller::Caller,
        database::{Statement, sql},
        fetch::{HttpError, InboundResponse, OutboundRequest},
        limiter::{self, Limiter},
        native::{
            self,
            memory::{Patient, ScriptedHttp, TestClock, json_answer},
        },
        sessions::Sessions,
    },
    settings,
};

pub const ISSUER: &str = "https://identity.example/realms/acme";

/// A JWT whose signature is good, as far as native tests verify one.
pub fn signed(kind: Option<&str>, claims: &Value) -> String {
    let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
    let mut header = json!({"alg": "RS256", "kid": "1"});
    if let Some(kind) = kind {
        header["typ"] = kind.into();
    }
    format!("{}.{}.{}", encode(header.to_string()), encode(claims.to_string()), URL_SAFE_NO_PAD.encode("valid"))
}

/// Session objects that do as they are told, or cannot be reached.
#[derive(Clone, Default)]
pub struct Objects {
    pub told: Rc<RefCell<Vec<String>>>,
    pub out_of_reach: Rc<Cell<bool>>,
    /// What they know of every person, whatever the record says.
    pub disabled: Rc<Cell<bool>>,
}

impl Sessions for Objects {
    fn call(&self, _user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        async move {
            if self.out_of_reach.get() {
                return Err(Fault::new("session", "out of reach"));
            }
            if command.contains("disabled_since") {
                return Ok(if self.disabled.get() { r#"{"done":1}"# } else { r#"{"done":null}"# }.to_owned());
            }
            self.told.borrow_mut().push(command);
            Ok(r#"{"done":null}"#.to_owned())
        }
        .boxed_local()
    }
}

/// Allows or does not, and remembers that it was asked.
#[derive(Clone, Default)]
pub struct Limit {
    pub exhausted: Rc<Cell<bool>>,
    pub asked: Rc<Cell<usize>>,
}

impl Limiter for Limit {
    fn allow<'a>(&'a self, _limit: limiter::Limit, _key: &'a str) -> LocalBoxFuture<'a, bool> {
        self.asked.set(self.asked.get() + 1);
        let allowed = !self.exhausted.get();
        async move { allowed }.boxed_local()
    }
}

/// Keeps what is to go on after the response, for a test to do when it likes.
#[derive(Clone, Default)]
pub struct Later(Rc<RefCell<Vec<LocalBoxFuture<'static, ()>>>>);

impl Later {
    pub fn happen(&self) {
        for work in self.0.take() {
            block_on(work);
        }
    }
}

impl Caller for Later {
    fn gone(&self) -> LocalBoxFuture<'static, ()> {
        Patient.gone()
    }

    fn finish_without(&self, work: LocalBoxFuture<'static, ()>) {
        self.0.borrow_mut().push(work);
    }
}

type Answer = dyn Fn(&OutboundRequest) -> Result<InboundResponse, HttpError>;

/// A Postern whose provider's token endpoint answers as a test says.
pub struct Scene {
    pub context: Context,
    pub clock: TestClock,
    pub http: ScriptedHttp,
    pub objects: Objects,
    pub limit: Limit,
    pub later: Later,
    tokens: Rc<RefCell<Box<Answer>>>,
    userinfo: Rc<RefCell<Value>>,
}

impl Default for Scene {
    fn default() -> Self {
        let tokens: Rc<RefCell<Box<Answer>>> =
            Rc::new(RefCell::new(Box::new(|_| Err(HttpError::Connection("no test has said what to answer".into())))));
        let userinfo = Rc::new(RefCell::new(Value::Null));
        let http = ScriptedHttp::new({
            let (tokens, userinfo) = (Rc::clone(&tokens), Rc::clone(&userinfo));
            move |request| match request.url.as_str() {
                "https://identity.example/userinfo" => json_answer(200, &userinfo.borrow()),
                "https://identity.example/token" => (tokens.borrow())(request),
                "https://identity.example/keys" => json_answer(200, &json!({"keys": [{"kty": "RSA", "kid": "1"}]})),
                url if url.starts_with(ISSUER) => json_answer(
                    200,
                    &json!({
                        "issuer": ISSUER,
                        "authorization_endpoint": "https://identity.example/auth",
                        "token_endpoint": "https://identity.example/token",
                        "jwks_uri": "https://identity.example/keys",
                        "userinfo_endpoint": "https://identity.example/userinfo",
                    }),
                ),
                url => Err(HttpError::Connection(format!("unexpected request to {url}"))),
            }
        });
        let (clock, objects) = (TestClock::default(), Objects::default());
        let (limit, later) = (Limit::default(), Later::default());
        let mut platform = native::platform(http.clone());
        platform.clock = Rc::new(clock.clone());
        platform.sessions = Rc::new(objects.clone());
        platform.limiter = Rc::new(limit.clone());
        platform.caller = Rc::new(later.clone());
        let settings = Rc::new(settings::for_tests());
        let context = Context { settings, platform, request_id: RequestId::new("request") };
        Self { context, clock, http, objects, limit, later, tokens, userinfo }
    }
}

impl Scene {
    /// From now on the token endpoint answers so.
    pub fn answer_with(&self, answer: impl Fn(&OutboundRequest) -> Result<InboundResponse, HttpError> + 'static) {
        *self.tokens.borrow_mut() = Box::new(answer);
    }

    /// From now on it refuses so.
    pub fn refuse_with(&self, status: u16, error: &'static str) {
        self.answer_with(move |_| json_answer(status, &json!({"error": error})));
    }

    /// From now on it gives that refresh token and an ID token with these claims.
    pub fn vouch(&self, refresh_token: &'static str, claims: Value) {
        self.answer_with(move |_| {
            let tokens = json!({"id_token": signed(None, &claims), "refresh_token": refresh_token});
            json_answer(200, &tokens)
        });
    }

    /// From now on it gives tokens without an ID token, and the userinfo endpoint says this.
    pub fn vouch_by_userinfo(&self, claims: Value) {
        *self.userinfo.borrow_mut() = claims;
        self.answer_with(|_| json_answer(200, &json!({"access_token": "for userinfo"})));
    }

    /// The refresh tokens that the provider was shown, in order.
    pub fn shown(&self) -> Vec<String> {
        let sent = self.http.sent.borrow();
        let forms = sent.iter().filter(|request| request.url.ends_with("/token"));
        let token = |request: &OutboundRequest| {
            url::form_urlencoded::parse(request.body.as_deref()?)
                .find(|(name, _)| name == "refresh_token")
                .map(|(_, token)| token.into_owned())
        };
        forms.filter_map(token).collect()
    }

    pub fn run(&self, statement: Statement) -> Vec<Value> {
        block_on(self.context.platform.database.run(statement)).unwrap().rows
    }

    pub fn rows(&self, statement: &'static str) -> Vec<Value> {
        self.run(sql(statement))
    }

    /// A person who is known to the provider by their name.
    pub fn person(&self, name: &str) -> UserId {
        self.run(
            sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
                 VALUES (?1, ?2, ?1, ?1, ?1, '[]', 0, 0)")
            .bind(name)
            .bind(ISSUER),
        );
        UserId::new(name)
    }
}

/// What an ID token says of that person, with more claims.
pub fn claims_of(subject: &str, more: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "sub": subject, "aud": "given", "exp": 1_900_000_000, "iat": 1_767_225_600,
        "preferred_username": subject, "name": subject,
    });
    for (name, value) in more.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}
