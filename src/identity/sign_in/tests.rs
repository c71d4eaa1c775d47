use std::{cell::RefCell, rc::Rc};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    identifiers::RequestId,
    identity::{sign_in_cookie::LIFE, testing::Objects},
    platform::{
        database::sql,
        fetch::{HttpError, InboundResponse, OutboundRequest},
        http::{Body, Method},
        native::{
            self,
            memory::{ScriptedHttp, TestClock, json_answer},
        },
    },
    settings,
};

const ISSUER: &str = "https://identity.example/realms/acme";

/// A provider whose ID token says what a test wants it to.
struct World {
    context: Context,
    http: ScriptedHttp,
    clock: TestClock,
    claims: Rc<RefCell<Value>>,
}

fn with_cookies(path: &str, query: &str, cookies: &str) -> Request {
    Request {
        method: Method::Get,
        path: path.into(),
        query: query.into(),
        headers: vec![("cookie".into(), cookies.into())],
        body: Body::Bytes(Vec::new()),
    }
}

fn world() -> World {
    let clock = TestClock::default();
    let claims = Rc::new(RefCell::new(json!({
        "iss": ISSUER, "sub": "7", "aud": "given", "exp": 1_767_225_900, "iat": 1_767_225_600,
        "preferred_username": "dana", "name": "Dana Developer", "email": "dana@acme.example",
        "realm_access": {"roles": ["postern-approver"]},
    })));
    let http = ScriptedHttp::new({
        let (claims, redeemed) = (claims.clone(), RefCell::new(Vec::new()));
        move |request| provide(request, &claims.borrow(), &mut redeemed.borrow_mut())
    });
    let mut platform = native::platform(http.clone());
    platform.clock = Rc::new(clock.clone());
    platform.sessions = Rc::new(Objects::default());
    let settings = Rc::new(settings::for_tests());
    World { context: Context { settings, platform, request_id: RequestId::new("request") }, http, clock, claims }
}

/// Redeems each code once.
fn provide(
    request: &OutboundRequest,
    claims: &Value,
    redeemed: &mut Vec<Option<Vec<u8>>>,
) -> Result<InboundResponse, HttpError> {
    match request.url.as_str() {
        "https://identity.example/token" if redeemed.contains(&request.body) => {
            json_answer(400, &json!({"error": "invalid_grant"}))
        }
        "https://identity.example/token" => {
            redeemed.push(request.body.clone());
            let encode = |text: String| URL_SAFE_NO_PAD.encode(text);
            let header = encode(json!({"alg": "RS256", "kid": "1"}).to_string());
            let id_token = format!("{header}.{}.{}", encode(claims.to_string()), encode("valid".into()));
            json_answer(200, &json!({"id_token": id_token, "access_token": "unused", "token_type": "Bearer"}))
        }
        "https://identity.example/keys" => json_answer(200, &json!({"keys": [{"kty": "RSA", "kid": "1"}]})),
        _ => json_answer(
            200,
            &json!({
                "issuer": ISSUER,
                "authorization_endpoint": "https://identity.example/auth?tenant=acme",
                "token_endpoint": "https://identity.example/token",
                "jwks_uri": "https://identity.example/keys",
            }),
        ),
    }
}

fn headers<'a>(response: &'a Response, name: &'a str) -> impl Iterator<Item = &'a str> {
    response.headers.iter().filter(move |(have, _)| have == name).map(|(_, value)| value.as_str())
}

/// A browser that was sent to the provider.
struct Started {
    location: url::Url,
    cookie: String,
}

impl Started {
    fn parameter(&self, name: &str) -> String {
        self.location.query_pairs().find(|(have, _)| have == name).unwrap().1.into_owned()
    }
}

impl World {
    fn begin(&self, return_to: &str, cookies: &str) -> Response {
        let request = with_cookies("/sign-in", "", cookies);
        match block_on(begin(&self.context, &request, return_to, None)).unwrap() {
            Step::Proceed(response) => response,
            Step::Failed(problem) => panic!("{problem:?}"),
        }
    }

    fn start(&self, return_to: &str) -> Started {
        self.started(self.begin(return_to, ""))
    }

    /// Of a sign-in that has to be that fresh.
    fn start_fresh(&self, max_age: u32) -> Started {
        let request = with_cookies("/sign-in", "", "");
        match block_on(begin(&self.context, &request, "/approvals/a1", Some(max_age))).unwrap() {
            Step::Proceed(response) => self.started(response),
            Step::Failed(problem) => panic!("{problem:?}"),
        }
    }

    fn started(&self, response: Response) -> Started {
        let location = url::Url::parse(headers(&response, "location").next().unwrap()).unwrap();
        let cookies = headers(&response, "set-cookie").map(|cookie| cookie.split(';').next().unwrap());
        let cookie = cookies.collect::<Vec<_>>().join("; ");
        let started = Started { location, cookie };
        self.claims.borrow_mut()["nonce"] = started.parameter("nonce").into();
        started
    }

    fn finish(&self, started: &Started) -> Result<Response, Problem> {
        self.finish_with(&format!("code=code&state={}", started.parameter("state")), &started.cookie)
    }

    fn finish_with(&self, query: &str, cookie: &str) -> Result<Response, Problem> {
        let request = with_cookies(CALLBACK_PATH, query, cookie);
        match block_on(callback(&self.context, &request)).unwrap() {
            Step::Proceed(response) => Ok(response),
            Step::Failed(problem) => Err(problem),
        }
    }

    fn problem(&self, started: &Started) -> Problem {
        self.finish(started).err().unwrap()
    }

    fn rows(&self, statement: &'static str) -> Vec<Value> {
        block_on(self.context.platform.database.run(sql(statement))).unwrap().rows
    }
}

fn session(response: &Response) -> String {
    let cookie = headers(response, "set-cookie").find(|cookie| cookie.starts_with(SESSION_COOKIE)).unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn the_browser_is_sent_to_the_provider_with_everything_that_binds_its_answer() {
    let started = world().start("/");
    assert!(started.location.as_str().starts_with("https://identity.example/auth?tenant=acme&response_type=code"));
    assert_eq!(started.parameter("redirect_uri"), "https://postern.example/callback/identity");
    assert_eq!(started.parameter("scope"), "openid profile email");
    assert_eq!(started.parameter("code_challenge_method"), "S256");
    assert_eq!(started.parameter("state").len(), 43);
    assert_ne!(started.parameter("state"), started.parameter("nonce"));
}

#[test]
fn the_cookies_are_for_this_host_and_out_of_reach_of_scripts() {
    let world = world();
    let response = world.begin("/", "");
    let cookie = headers(&response, "set-cookie").next().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-postern_sign_in_"));
    assert!(cookie.ends_with("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax"));
    let response = world.finish(&world.start("/")).ok().unwrap();
    let cookie = headers(&response, "set-cookie").next().unwrap();
    assert!(cookie.starts_with("__Host-postern_session="));
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; Secure; HttpOnly; SameSite=Lax"));
}

#[test]
fn somebody_who_signs_in_in_very_many_browsers_is_signed_out_of_the_oldest() {
    let world = world();
    world.finish(&world.start("/")).ok().unwrap();
    let first = world.rows("SELECT token_hash FROM browser_sessions")[0]["token_hash"].clone();
    for _ in 0..50 {
        world.finish(&world.start("/")).ok().unwrap();
    }
    let left = world.rows("SELECT token_hash FROM browser_sessions");
    assert_eq!(left.len(), 50);
    assert!(left.iter().all(|row| row["token_hash"] != first));
}

#[test]
fn nothing_is_recorded_before_somebody_has_signed_in() {
    let world = world();
    world.begin("/", "");
    let rows = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM browser_sessions) AS n";
    assert_eq!(world.rows(rows)[0]["n"], 0);
    assert!(world.rows("SELECT name FROM sqlite_master WHERE name = 'sign_ins'").is_empty());
}

#[test]
fn the_cookie_can_neither_be_read_nor_moved_to_another_state() {
    let world = world();
    let (one, other) = (world.start("/somewhere"), world.start("/elsewhere"));
    let sealed = one.cookie.split_once('=').unwrap().1;
    assert!(sealed.starts_with("v2.") && !sealed.contains(&one.parameter("nonce")) && !sealed.contains("somewhere"));
    let moved = format!("{}={sealed}", other.cookie.split_once('=').unwrap().0);
    let query = format!("code=code&state={}", other.parameter("state"));
    assert_eq!(world.finish_with(&query, &moved).err(), Some(NOT_THIS_BROWSER));
}

/// The longest request that is kept.
fn longest() -> String {
    format!("/authorize?state={}", "a".repeat(LONGEST_RETURN - "/authorize?state=".len()))
}

#[test]
fn a_cookie_is_never_larger_than_browsers_keep() {
    let response = world().begin(&longest(), "");
    for cookie in headers(&response, "set-cookie") {
        assert!(cookie.len() < 4096, "{}", cookie.len());
    }
}

#[test]
fn a_long_request_comes_back_whole_and_leaves_no_cookie() {
    let world = world();
    let started = world.start(&longest());
    let response = world.finish(&started).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some(longest().as_str()));
    let forgotten = headers(&response, "set-cookie").filter(|cookie| cookie.contains("Max-Age=0")).count();
    assert_eq!(forgotten, started.cookie.split("; ").count());
}

#[test]
fn a_long_request_of_which_a_cookie_is_missing_or_exchanged_is_of_no_use() {
    let world = world();
    let (one, other) = (world.start(&longest()), world.start(&longest()));
    let query = format!("code=code&state={}", one.parameter("state"));
    let (first, rest) = one.cookie.split_once("; ").unwrap();
    assert_eq!(world.finish_with(&query, first).err(), Some(NOT_THIS_BROWSER));
    let name = |cookie: &str| cookie.split_once('=').unwrap().0.to_owned();
    let value = |cookie: &str| cookie.split_once('=').unwrap().1.to_owned();
    let exchanged = rest.split("; ").zip(other.cookie.split("; ").skip(1));
    let exchanged: Vec<_> = exchanged.map(|(mine, theirs)| format!("{}={}", name(mine), value(theirs))).collect();
    let exchanged = format!("{first}; {}", exchanged.join("; "));
    assert_eq!(world.finish_with(&query, &exchanged).err(), Some(NOT_THIS_BROWSER));
}

#[test]
fn a_request_that_cannot_be_kept_is_refused_in_words() {
    let request = with_cookies("/sign-in", "", "");
    match block_on(begin(&world().context, &request, &format!("{}a", longest()), None)).unwrap() {
        Step::Failed(problem) => assert_eq!(problem, TOO_LONG),
        Step::Proceed(_) => panic!("it is not kept"),
    }
}

/// The cookies of a browser that begins that many sign-ins, a second apart.
fn cookies_of(world: &World, sign_ins: usize) -> Vec<String> {
    cookies_of_to(world, sign_ins, "/")
}

#[test]
fn the_cookies_of_long_requests_stay_within_what_servers_take() {
    let world = world();
    for sign_ins in 1..5 {
        let kept: usize = cookies_of_to(&world, sign_ins, &longest()).iter().map(String::len).sum();
        assert!(kept < 17 * 1024, "{kept}");
    }
}

fn cookies_of_to(world: &World, sign_ins: usize, return_to: &str) -> Vec<String> {
    let mut kept = Vec::<String>::new();
    for _ in 0..sign_ins {
        let response = world.begin(return_to, &kept.join("; "));
        for cookie in headers(&response, "set-cookie").map(|cookie| cookie.split(';').next().unwrap()) {
            let (name, value) = cookie.split_once('=').unwrap();
            kept.retain(|have| !have.starts_with(&format!("{name}=")));
            kept.extend((!value.is_empty()).then(|| cookie.to_owned()));
        }
        world.clock.advance(std::time::Duration::from_secs(1));
    }
    kept
}

#[test]
fn a_browser_keeps_its_five_latest_sign_ins() {
    let world = world();
    let four = cookies_of(&world, 4);
    assert_eq!(four.len(), 4);
    assert_eq!(cookies_of(&world, 9).len(), 5);
    let response = world.begin("/", &[four.clone(), cookies_of(&world, 1)].concat().join("; "));
    let forgotten = headers(&response, "set-cookie").find(|cookie| cookie.contains("Max-Age=0")).unwrap();
    assert!(forgotten.starts_with(four[0].split_once('=').unwrap().0), "the oldest");
}

#[test]
fn what_is_over_makes_room_first() {
    let world = world();
    let over = cookies_of(&world, 2);
    world.clock.advance(LIFE);
    let response = world.begin("/", &format!("{}; __Host-postern_sign_in_x=forged", over.join("; ")));
    assert_eq!(headers(&response, "set-cookie").filter(|cookie| cookie.contains("Max-Age=0")).count(), 3);
}

#[test]
fn a_person_comes_back_signed_in_to_where_they_wanted_to_go() {
    let world = world();
    let response = world.finish(&world.start("/authorize?client_id=a%20b")).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some("/authorize?client_id=a%20b"));
    let request = Request {
        method: Method::Get,
        path: "/".into(),
        query: String::new(),
        headers: vec![("cookie".into(), session(&response))],
        body: Body::Bytes(Vec::new()),
    };
    let browser = block_on(browser::current(&world.context, &request)).unwrap().unwrap();
    assert_eq!((browser.person.username.as_str(), browser.person.name.as_str()), ("dana", "Dana Developer"));
    assert_eq!(browser.person.roles, [crate::governance::attributes::Role::Approver]);
}

#[test]
fn the_code_is_exchanged_with_the_verifier_of_the_challenge_and_encoded_credentials() {
    let mut world = world();
    let mut settings = settings::for_tests();
    settings.identity.client_secret = Secret::new("a:b c");
    world.context.settings = Rc::new(settings);
    let started = world.start("/");
    world.finish(&started).ok().unwrap();
    let sent = world.http.sent.borrow();
    let exchange = sent.iter().find(|request| request.url == "https://identity.example/token").unwrap();
    let credentials = STANDARD.encode("given:a%3Ab+c");
    assert!(exchange.headers.contains(&("authorization".into(), format!("Basic {credentials}"))));
    let body = url::form_urlencoded::parse(exchange.body.as_deref().unwrap()).into_owned().collect::<Vec<_>>();
    let verifier = &body.iter().find(|(name, _)| name == "code_verifier").unwrap().1;
    assert_eq!(digest::sha256(verifier), started.parameter("code_challenge"));
}

#[test]
fn a_sign_in_is_used_once() {
    let world = world();
    let started = world.start("/");
    let response = world.finish(&started).ok().unwrap();
    let forgotten = headers(&response, "set-cookie").find(|cookie| cookie.contains("Max-Age=0")).unwrap();
    assert!(forgotten.starts_with(started.cookie.split_once('=').unwrap().0), "the browser forgets it");
    assert_eq!(world.problem(&started), NOT_THIS_BROWSER, "the provider redeems a code once");
    assert_eq!(world.rows("SELECT * FROM browser_sessions").len(), 1);
}

#[test]
fn a_sign_in_of_another_browser_is_refused_and_stays_usable_in_its_own() {
    let world = world();
    let started = world.start("/");
    let query = format!("code=code&state={}", started.parameter("state"));
    assert_eq!(world.finish_with(&query, "").err(), Some(NOT_THIS_BROWSER));
    let name = started.cookie.split_once('=').unwrap().0;
    assert_eq!(world.finish_with(&query, &format!("{name}=another")).err(), Some(NOT_THIS_BROWSER));
    assert!(world.finish(&started).is_ok());
}

#[test]
fn two_tabs_sign_in_at_once() {
    let world = world();
    let (one, other) = (world.start("/one"), world.start("/other"));
    let cookies = format!("{}; {}", one.cookie, other.cookie);
    world.claims.borrow_mut()["nonce"] = one.parameter("nonce").into();
    assert!(world.finish_with(&format!("code=code&state={}", one.parameter("state")), &cookies).is_ok());
    world.claims.borrow_mut()["nonce"] = other.parameter("nonce").into();
    assert!(world.finish_with(&format!("code=other&state={}", other.parameter("state")), &cookies).is_ok());
}

#[test]
fn a_sign_in_expires_after_ten_minutes() {
    let world = world();
    let started = world.start("/");
    world.clock.advance(LIFE);
    assert_eq!(world.problem(&started), NOT_THIS_BROWSER);
}

#[test]
fn a_callback_without_a_state_is_refused() {
    assert_eq!(world().finish_with("code=code", "").err(), Some(NOT_THIS_BROWSER));
}

#[test]
fn an_answer_of_another_issuer_is_refused_before_the_code_is_sent_anywhere() {
    let world = world();
    let started = world.start("/");
    let query = format!("code=code&iss=https%3A%2F%2Fevil.example&state={}", started.parameter("state"));
    assert_eq!(world.finish_with(&query, &started.cookie).err(), Some(NOT_TRUSTED));
    assert!(!world.http.sent.borrow().iter().any(|request| request.url.ends_with("/token")));
}

#[test]
fn a_provider_that_always_sends_iss_must_send_it() {
    let provider = Provider {
        issuer: ISSUER.into(),
        authorization_endpoint: String::new(),
        token_endpoint: String::new(),
        jwks_uri: String::new(),
        userinfo_endpoint: None,
        authorization_response_iss_parameter_supported: true,
        scopes_supported: Vec::new(),
    };
    let request = |query: &str| Request {
        method: Method::Get,
        path: String::new(),
        query: query.into(),
        headers: Vec::new(),
        body: Body::Bytes(Vec::new()),
    };
    assert!(read_answer(&request("code=code").query(), &provider).is_err());
    assert!(read_answer(&request(&format!("code=code&iss={ISSUER}")).query(), &provider).is_ok());
}

#[test]
fn a_refusal_of_the_provider_is_told_as_one() {
    let world = world();
    let started = world.start("/");
    let query = format!("error=access_denied&state={}", started.parameter("state"));
    assert_eq!(world.finish_with(&query, &started.cookie).err(), Some(REFUSED));
}

#[test]
fn the_id_token_of_another_sign_in_is_refused() {
    let world = world();
    let started = world.start("/");
    world.claims.borrow_mut()["nonce"] = "another".into();
    assert_eq!(world.problem(&started), NOT_TRUSTED);
}

#[test]
fn a_person_is_known_again_by_issuer_and_subject_and_takes_on_new_claims() {
    let world = world();
    world.finish(&world.start("/")).ok().unwrap();
    let before = world.rows("SELECT id FROM users");
    world.claims.borrow_mut()["name"] = "Dana Renamed".into();
    world.claims.borrow_mut()["realm_access"] = json!({});
    world.finish(&world.start("/")).ok().unwrap();
    assert_eq!(world.rows("SELECT id FROM users"), before);
    assert_eq!(world.rows("SELECT name, roles FROM users"), [json!({"name": "Dana Renamed", "roles": "[]"})]);
}

#[test]
fn a_disabled_person_is_refused_and_gets_no_session() {
    let world = world();
    world.finish(&world.start("/")).ok().unwrap();
    world.rows("DELETE FROM browser_sessions");
    world.rows("UPDATE users SET disabled_at = 1");
    assert_eq!(world.problem(&world.start("/")), DISABLED);
    assert!(world.rows("SELECT * FROM browser_sessions").is_empty());
}

#[test]
fn a_disabled_person_whom_somebody_enabled_on_record_alone_does_not_sign_in() {
    let mut world = world();
    let objects = Objects::default();
    world.context.platform.sessions = Rc::new(objects.clone());
    world.finish(&world.start("/")).ok().unwrap();
    objects.disabled.set(true);
    assert_eq!(world.problem(&world.start("/")), DISABLED);
}

#[test]
fn while_everything_is_stopped_administrators_alone_sign_in() {
    let world = world();
    world.finish(&world.start("/")).ok().unwrap();
    world.rows("UPDATE policy SET stopped_at = 1");
    assert_eq!(world.problem(&world.start("/")), STOPPED);
    world.claims.borrow_mut()["realm_access"] = json!({"roles": ["postern-administrator"]});
    world.finish(&world.start("/")).ok().unwrap();
}

#[test]
fn signing_in_again_replaces_the_browsers_session() {
    let world = world();
    let first = session(&world.finish(&world.start("/")).ok().unwrap());
    let started = world.start("/");
    let query = format!("code=code&state={}", started.parameter("state"));
    let second = world.finish_with(&query, &format!("{first}; {}", started.cookie)).ok().unwrap();
    assert_ne!(session(&second), first);
    assert_eq!(world.rows("SELECT * FROM browser_sessions").len(), 1);
}

#[test]
fn only_a_keyed_hash_of_a_session_is_stored() {
    let world = world();
    let session = session(&world.finish(&world.start("/")).ok().unwrap());
    let token = session.split_once('=').unwrap().1;
    let row = world.rows("SELECT * FROM browser_sessions")[0].to_string();
    assert!(!row.contains(token) && !row.contains(&digest::sha256(token)), "anybody can make that of a token");
    assert!(row.contains(&world.context.settings.authenticator().hash("browser_sessions", token)));
}

#[test]
fn a_provider_out_of_reach_is_told_before_the_person_is_sent_away() {
    let mut world = world();
    world.context.platform = native::platform(ScriptedHttp::unreachable());
    let begun = block_on(begin(&world.context, &with_cookies("/sign-in", "", ""), "/", None)).unwrap();
    assert!(matches!(begun, Step::Failed(NO_PROVIDER)));
}

#[test]
fn a_person_is_never_sent_elsewhere_afterwards() {
    for elsewhere in
        ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "", "evil", "/é"]
    {
        let world = world();
        let response = world.finish(&world.start(elsewhere)).ok().unwrap();
        assert_eq!(headers(&response, "location").next(), Some("/"), "{elsewhere}");
    }
}

/// The same world, whose provider offers offline access and answers with that refresh token.
fn world_with_offline_access(refresh_token: &'static str, granted: &'static str) -> World {
    let mut world = world();
    let claims = world.claims.clone();
    let http = ScriptedHttp::new(move |request| {
        let answer = provide(request, &claims.borrow(), &mut Vec::new())?;
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        if request.url.ends_with("/token") {
            body["refresh_token"] = refresh_token.into();
            body["scope"] = granted.into();
        } else {
            body["scopes_supported"] = json!(["openid", "offline_access"]);
        }
        json_answer(200, &body)
    });
    world.context.platform.http = Rc::new(http.clone());
    world.http = http;
    world
}

/// The sign-in that goes on at the provider after the first step.
fn second_step(world: &World, response: &Response) -> Started {
    let location = url::Url::parse(headers(response, "location").next().unwrap()).unwrap();
    let begun = |cookie: &&str| cookie.starts_with("__Host-postern_sign_in_") && !cookie.contains("Max-Age=0");
    let cookie = headers(response, "set-cookie").find(begun).unwrap().split(';').next().unwrap().to_owned();
    let started = Started { location, cookie };
    world.claims.borrow_mut()["nonce"] = started.parameter("nonce").into();
    started
}

fn kinds(world: &World) -> Vec<Value> {
    world.rows("SELECT kind, state FROM standings")
}

#[test]
fn offline_access_is_asked_for_in_a_second_silent_step_once_the_person_is_signed_in() {
    let world = world_with_offline_access("token", "openid offline_access");
    let response = world.finish(&world.start("/clients")).ok().unwrap();
    assert!(session(&response).len() > 40, "whatever becomes of it");
    assert_eq!(kinds(&world), [json!({"kind": "ordinary", "state": "good"})]);
    let second = second_step(&world, &response);
    assert_eq!(second.parameter("scope"), "openid profile email offline_access");
    assert_eq!(second.parameter("prompt"), "none");
    let response = world.finish(&second).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some("/clients"));
    assert_eq!(kinds(&world), [json!({"kind": "offline", "state": "good"})]);
}

#[test]
fn a_client_that_may_not_have_offline_access_signs_people_in_all_the_same() {
    let world = world_with_offline_access("token", "openid");
    for error in ["invalid_scope", "login_required", "access_denied"] {
        let second = second_step(&world, &world.finish(&world.start("/clients")).ok().unwrap());
        let query = format!("error={error}&state={}", second.parameter("state"));
        let response = world.finish_with(&query, &second.cookie).ok().unwrap();
        assert_eq!(headers(&response, "location").next(), Some("/clients"));
        assert_eq!(kinds(&world), [json!({"kind": "ordinary", "state": "good"})]);
    }
    let second = second_step(&world, &world.finish(&world.start("/clients")).ok().unwrap());
    assert!(world.finish(&second).is_ok(), "the scope that was granted does not hold it");
    assert_eq!(kinds(&world), [json!({"kind": "ordinary", "state": "good"})]);
}

#[test]
fn a_provider_that_has_to_ask_the_person_may_do_so_once() {
    let world = world_with_offline_access("token", "offline_access");
    let second = second_step(&world, &world.finish(&world.start("/clients")).ok().unwrap());
    let query = format!("error=consent_required&state={}", second.parameter("state"));
    let third = second_step(&world, &world.finish_with(&query, &second.cookie).ok().unwrap());
    assert!(third.location.query_pairs().all(|(name, _)| name != "prompt"));
    let query = format!("error=consent_required&state={}", third.parameter("state"));
    let response = world.finish_with(&query, &third.cookie).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some("/clients"));
}

#[test]
fn the_second_step_of_another_person_gives_the_first_nothing() {
    let world = world_with_offline_access("token", "offline_access");
    let second = second_step(&world, &world.finish(&world.start("/clients")).ok().unwrap());
    world.claims.borrow_mut()["sub"] = "somebody else".into();
    let response = world.finish(&second).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some("/clients"));
    assert_eq!(kinds(&world), [json!({"kind": "ordinary", "state": "good"})]);
}

#[test]
fn the_session_remembers_which_session_at_the_provider_it_came_with() {
    let world = world();
    world.claims.borrow_mut()["sid"] = "session-1".into();
    world.finish(&world.start("/")).ok().unwrap();
    let row = json!({"provider_session": "session-1", "provider_time": 1_767_225_600});
    assert_eq!(world.rows("SELECT provider_session, provider_time FROM browser_sessions"), [row]);
}

#[test]
fn a_sign_in_without_a_refresh_token_leaves_nobody_to_ask() {
    let (before, plain) = (world_with_offline_access("token", "openid"), world());
    before.finish(&before.start("/")).ok().unwrap();
    let mut context = before.context.clone();
    context.platform.http = plain.context.platform.http.clone();
    let world = World { context, ..plain };
    world.finish(&world.start("/")).ok().unwrap();
    assert!(kinds(&world).is_empty());
}

proptest! {
    #[test]
    fn whatever_counts_as_our_path_stays_at_our_origin(text in "[/\\\\.@:?#a-z\t\n%]{0,12}") {
        if is_our_path(&text) {
            let ours = url::Url::parse("https://postern.example").unwrap();
            prop_assert_eq!(ours.join(&text).unwrap().origin(), ours.origin());
        }
    }
}

#[test]
fn a_person_from_before_ids_were_made_of_subjects_keeps_their_row_and_their_audit() {
    let world = world();
    world.finish(&world.start("/")).ok().unwrap();
    world.rows("DELETE FROM browser_sessions");
    world.rows("UPDATE users SET id = 'of before', disabled_at = 1");
    assert!(world.finish(&world.start("/")).is_err(), "still disabled");
    world.rows("UPDATE users SET disabled_at = NULL");
    assert!(world.finish(&world.start("/")).is_ok());
    let rows = world.rows("SELECT issuer, subject, id, former_id FROM users");
    let text = |name: &str| rows[0][name].as_str().unwrap();
    assert_eq!((rows.len(), text("former_id")), (1, "of before"));
    assert_eq!(text("id"), person::user_id(text("issuer"), text("subject")).as_str());
}

/// The seconds since the Unix epoch at which the tests' clock stands.
fn now(world: &World) -> i64 {
    world.context.platform.clock.now().seconds()
}

/// Whether the browser that came back is that of somebody who proved within a minute who they are.
fn is_fresh(world: &World, response: &Response) -> bool {
    let cookies = headers(response, "set-cookie").map(|cookie| cookie.split(';').next().unwrap());
    let request = with_cookies("/", "", &cookies.collect::<Vec<_>>().join("; "));
    let browser = block_on(browser::current(&world.context, &request)).unwrap().unwrap();
    fresh_sign_in::is_fresh(&world.context, &request, &browser, Duration::from_mins(1))
}

#[test]
fn a_fresh_sign_in_is_asked_for_by_max_age_and_where_nothing_older_counts_by_prompt_too() {
    let started = world().start_fresh(300);
    assert_eq!(started.parameter("max_age"), "300");
    assert!(!started.location.as_str().contains("prompt="));
    let started = world().start_fresh(0);
    assert_eq!((started.parameter("max_age"), started.parameter("prompt")), ("0".into(), "login".into()));
}

#[test]
fn a_fresh_sign_in_needs_the_providers_word_on_when_the_person_proved_who_they_are() {
    let world = world();
    let started = world.start_fresh(300);
    assert_eq!(world.problem(&started), NOT_FRESH, "the provider says nothing of it");
    let started = world.start_fresh(300);
    world.claims.borrow_mut()["auth_time"] = (now(&world) - 600).into();
    assert_eq!(world.problem(&started), NOT_FRESH, "too long ago");
    let started = world.start_fresh(300);
    world.claims.borrow_mut()["auth_time"] = (now(&world) - 200).into();
    let response = world.finish(&started).ok().unwrap();
    assert_eq!(headers(&response, "location").next(), Some("/approvals/a1"));
    assert!(!is_fresh(&world, &response), "but it was no minute ago");
}

#[test]
fn a_sign_in_is_fresh_for_a_while_and_for_its_own_session_alone() {
    let world = world();
    world.claims.borrow_mut()["auth_time"] = now(&world).into();
    let response = world.finish(&world.start_fresh(0)).ok().unwrap();
    assert!(is_fresh(&world, &response));
    let mut cookies = headers(&response, "set-cookie").map(|cookie| cookie.split(';').next().unwrap().to_owned());
    let proof = cookies.find(|cookie| cookie.contains("authenticated")).unwrap();
    world.claims.borrow_mut().as_object_mut().unwrap().remove("auth_time");
    let other = world.finish(&world.start("/")).ok().unwrap();
    assert!(!is_fresh(&world, &other.with("set-cookie", proof)), "another session's proof");
    world.clock.advance(Duration::from_mins(5));
    assert!(!is_fresh(&world, &response));
}
