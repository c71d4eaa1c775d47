//! What the fuzz targets of `fuzz/` call: each takes any bytes, and panics where a promise is broken. Never part of
//! the Worker.

use std::rc::Rc;

use futures::{FutureExt, future::LocalBoxFuture};
use serde_json::{Map, Value};

use crate::{
    authorization::{
        clients::{
            self,
            redirect::{Destination, Registered},
        },
        principal::Principal,
        tokens::{
            access_token,
            bearer::{self, BearerFailure},
            scope::{Scope, Scopes},
        },
    },
    catalog::{self, arguments::validate},
    context::Context,
    crypto::{
        jws::Unverified,
        ticket::{Ticket, TicketError, TicketState},
    },
    governance::taint::Tainted,
    governance::{policy::PolicySnapshot, snapshot_cache},
    identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
    identity::{
        backchannel_logout,
        logout::{self, Claims, Expectations, Received},
    },
    mcp::request_state::State,
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Database, Rows, Statement},
        fetch::InboundResponse,
        http::{Body, Content, Method, Request, Response},
        native::memory::{
            Appended, MemoryCache, NoSessions, Patient, ScriptedHttp, TestClock, TrustingSignatures, Unlimited,
        },
        sender::Sender,
        sessions::Sessions,
    },
    routes,
    session::commands::{Admitted, AnyCommand, NotAdmitted, Reply, Turn},
    settings::{self, Settings, private_use::PrivateUse},
    upstream::{cursor, editing, fuzz_assertions, markdown},
};

/// A record that is empty and takes everything.
struct Empty;

impl Database for Empty {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        let answers = statements.iter().map(|_| Rows { rows: Vec::new(), changes: 1, size: None }).collect();
        async { Ok(answers) }.boxed_local()
    }
}

/// Objects that permit everything.
struct Permissive;

impl Sessions for Permissive {
    fn call(&self, user: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        let Ok(Turn { command, .. }) = serde_json::from_str(&command) else { return NoSessions.call(user, command) };
        let reply = match command {
            AnyCommand::Admit(_) => Reply::Done(Ok::<_, NotAdmitted>(Admitted {
                credential: None,
                lease: None,
                admission: None,
                tainted: Tainted::default(),
            }))
            .encode(),
            AnyCommand::Charge(_) | AnyCommand::Listen(_) | AnyCommand::Hold(_) => {
                Reply::Done(Ok::<_, ()>(())).encode()
            }
            AnyCommand::IsLive(_) => Reply::Done(true).encode(),
            _ => Reply::Done(()).encode(),
        };
        async move { Ok(reply) }.boxed_local()
    }
}

const PUBLIC_URL: &str = "https://postern.example";

fn context(http: ScriptedHttp) -> Context {
    thread_local! {
        static SETTINGS: Rc<Settings> = Rc::new(settings::for_tests());
    }
    let platform = Platform {
        caller: Rc::new(Patient),
        database: Rc::new(Empty),
        cache: Rc::new(MemoryCache::default()),
        http: Rc::new(http),
        clock: Rc::new(TestClock::default()),
        limiter: Rc::new(Unlimited),
        sessions: Rc::new(Permissive),
        audit_logs: Rc::new(Appended::default()),
        checkpoints: None,
        signatures: Rc::new(TrustingSignatures),
    };
    snapshot_cache::believe(PolicySnapshot::approving_all(), platform.clock.now());
    Context { settings: SETTINGS.with(Rc::clone), platform, request_id: RequestId::new("request") }
}

fn principal() -> Principal {
    Principal {
        subject: Subject::Person(UserId::new("alice")),
        client: ClientId::new("client"),
        grant: GrantId::new("grant"),
        scopes: Scopes::offered(),
        attributes: Rc::default(),
    }
}

fn access_token(context: &Context) -> String {
    let issued = access_token::issue(&context.settings, &principal(), context.platform.clock.now());
    issued.map(|token| token.expose().to_owned()).unwrap_or_default()
}

/// Everything is in memory, so nothing has to be waited for.
fn block_on<T>(future: impl Future<Output = T>) -> T {
    match future.now_or_never() {
        Some(outcome) => outcome,
        None => unreachable!("something waits"),
    }
}

/// Headers, one a line, an empty line, and the rest.
fn headers_and_rest(input: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let (mut headers, mut rest) = (Vec::new(), input);
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = rest.split_at(end);
        rest = after.get(1..).unwrap_or_default();
        let Some((name, value)) = std::str::from_utf8(line).ok().and_then(|line| line.split_once(':')) else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    (headers, rest)
}

fn ask(context: &Context, path: &str, headers: Vec<(String, String)>, body: &[u8]) -> Response {
    let (path, query) = (path.to_owned(), String::new());
    let request = Request { method: Method::Post, path, query, headers, body: Body::Bytes(body.to_vec()) };
    block_on(routes::respond(context, request))
}

/// A response that may be sent as it is: of one of these statuses, with headers that HTTP can carry.
fn check(response: &Response, statuses: &[u16]) {
    assert!(statuses.contains(&response.status), "{}", response.status);
    for (name, value) in &response.headers {
        assert!(value.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{name}: {value}");
    }
}

/// A JSON-RPC body and the headers that travel with it: every outcome has a defined status, and a body of JSON.
pub fn json_rpc(input: &[u8]) {
    let context = context(ScriptedHttp::unreachable());
    let (mut headers, body) = headers_and_rest(input);
    if !headers.iter().any(|(name, _)| name == "authorization") {
        headers.push(("authorization".to_owned(), format!("Bearer {}", access_token(&context))));
    }
    let response = ask(&context, "/mcp", headers, body);
    check(&response, &[200, 202, 400, 401, 403, 404, 405, 413, 415]);
    let is_json = response.headers.iter().any(|(name, value)| name == "content-type" && value == "application/json");
    if let (true, Content::Whole(body)) = (is_json, &response.body) {
        assert!(serde_json::from_slice::<Value>(body).is_ok(), "not JSON");
    }
}

/// A redirect URI: one that is accepted has an authority to show, permits itself, and can carry an answer.
pub fn redirect_uri(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (registered, presented) = text.split_once('\n').unwrap_or((text, text));
    let private_use = PrivateUse::parse("cursor://anysphere.cursor-mcp").unwrap_or_default();
    let Ok(accepted) = Registered::parse(registered, &private_use) else { return };
    assert!(!accepted.authority().is_empty());
    assert_eq!(accepted.permit(registered).as_ref(), Some(&accepted));
    if let Some(permitted) = accepted.permit(presented) {
        assert!(registered == presented || accepted.destination() == Destination::Loopback, "{registered} {presented}");
        assert_eq!(permitted.destination(), accepted.destination());
    }
    let leaving = accepted.with(&[("code", "a b&c"), ("state", "é")]);
    assert!(leaving.starts_with(registered) && url::Url::parse(&leaving).is_ok());
    assert!(leaving.bytes().all(|byte| byte.is_ascii_graphic()));
}

/// Client metadata, registered and as a document at its own address.
pub fn client_metadata(input: &[u8]) {
    const ADDRESS: &str = "https://client.example/metadata";
    let (headers, body) = headers_and_rest(input);
    let document = body.to_vec();
    let context = context(ScriptedHttp::new(move |_| {
        Ok(InboundResponse { status: 200, headers: headers.clone(), body: document.clone(), truncated: false })
    }));
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    check(&ask(&context, "/register", headers, body), &[201, 400, 413]);
    if let Ok((client, document)) = block_on(clients::find_document(&context, ADDRESS, &Sender::Unknown)) {
        let private_use = &context.settings.private_use_redirects;
        let again = document.client(ADDRESS, private_use, context.platform.clock.now());
        assert!(again.is_ok_and(|again| again.redirect_uris == client.redirect_uris));
        assert!(!client.redirect_uris.is_empty());
    }
}

/// Tokens that strangers wrote: none of them is one of ours.
pub fn jwt(input: &[u8]) {
    let context = context(ScriptedHttp::unreachable());
    let text = String::from_utf8_lossy(input).into_owned();
    if let Ok(token) = Unverified::read(&text) {
        let _ = (token.key_id(), token.kind(), token.unverified_claims::<Map<String, Value>>());
        let _ = block_on(token.verify::<Map<String, Value>>(&TrustingSignatures, &Value::Null));
    }
    let now = context.platform.clock.now();
    assert_eq!(access_token::read(&context.settings, &text, now), None);
    let response = ask(&context, "/mcp", vec![("authorization".to_owned(), format!("Bearer {text}"))], b"{}");
    check(&response, &[400, 401]);
}

/// A logout token: as strangers send one, and with any claims as if the identity provider had signed it.
pub fn logout_token(input: &[u8]) {
    let context = context(ScriptedHttp::unreachable());
    let text = String::from_utf8_lossy(input).into_owned();
    let body = url::form_urlencoded::Serializer::new(String::new()).append_pair("logout_token", &text).finish();
    let form = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
    check(&ask(&context, backchannel_logout::PATH, form, body.as_bytes()), &[400]);

    let (Ok(claims), Ok(times)) = (serde_json::from_slice::<Claims>(input), serde_json::from_slice::<Value>(input))
    else {
        return;
    };
    let number = |name: &str| times.get(name).and_then(Value::as_i64);
    let (Some(expires_at), issued_at) = (number("exp"), number("iat")) else { return };
    let received = Received { kind: None, claims, expires_at, issued_at };
    let expected = Expectations { issuer: "https://identity.example", client_id: "postern" };
    let now = context.platform.clock.now();
    if let Ok(logout) = logout::check(&received, expected, now) {
        assert!(
            times.get("nonce").is_none() && times.get("iss").is_some_and(|issuer| issuer == "https://identity.example")
        );
        assert!(logout.accepted_until > now.seconds());
        let later = Timestamp(logout.accepted_until.saturating_mul(1000));
        assert!(logout::check(&received, expected, later).is_err());
    }
}

/// A requestState: as a client makes one up, and with any content under our own seal.
pub fn request_state(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let context = context(ScriptedHttp::unreachable());
    let (sealers, now) = (context.settings.sealers(), context.platform.clock.now());
    let open = |sealed: &str, place: &str| Ticket::<State>::open(sealers, sealed, place, now);
    assert_eq!(open(text, "place"), Err(TicketError::NotOurs));
    let Ok(sealed) = sealers.of(State::PURPOSE).seal(text, "place") else { return };
    assert_eq!(open(&sealed, "elsewhere"), Err(TicketError::NotOurs));
    if let Ok(ticket) = open(&sealed, "place") {
        assert!(now < ticket.expires_at);
        let again = ticket.seal(sealers, "place").ok().and_then(|again| open(&again, "place").ok());
        assert_eq!(again.as_ref(), Some(&ticket));
    }
}

/// A cursor: as a client makes one up, and for any link to a next page that a provider gives.
pub fn cursor(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let context = context(ScriptedHttp::unreachable());
    let keys = &context.settings.signing_keys;
    let Some(operation) = catalog::find("confluence_search") else { return };
    let given = Map::from_iter([("query".to_owned(), Value::from("type = page"))]);
    let Ok(arguments) = validate(operation, &given) else { return };
    let subject = principal().subject;
    assert!(cursor::open(keys, &subject, operation, &arguments, text).is_err());
    let base = "https://provider.example/wiki";
    let Some(page) = cursor::next_page(text, base, &["cursor"]) else { return };
    let position = cursor::Position::Page { query: page, skip: 0 };
    let sealed = cursor::seal(keys, &subject, operation, &arguments, &position);
    assert_eq!(cursor::open(keys, &subject, operation, &arguments, &sealed), Ok(position));
    assert!(cursor::open(keys, &Subject::Person(UserId::new("bob")), operation, &arguments, &sealed).is_err());
}

/// A page in Confluence's storage format: it takes no more steps and makes no more Markdown than its length permits.
pub fn storage(input: &[u8]) {
    markdown::check_costs(&String::from_utf8_lossy(input));
}

/// A challenge, from an `Authorization` header and the scopes that a token holds: its quoted strings end where they
/// should, and it names where to go.
pub fn www_authenticate(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let context = context(ScriptedHttp::unreachable());
    let header = vec![("authorization".to_owned(), text.clone().into_owned())];
    let held = Scopes::parse(&text);
    let mut challenges = vec![ask(&context, "/mcp", header, b"{}")];
    for failure in [BearerFailure::Missing, BearerFailure::Malformed, BearerFailure::Invalid] {
        challenges.push(bearer::challenge(&context.settings, "", failure));
    }
    for needed in Scope::ALL {
        challenges.push(bearer::insufficient_scope(&context.settings, "", &held, needed));
    }
    for response in challenges {
        check(&response, &[400, 401, 403]);
        let found = response.headers.iter().find(|(name, _)| name == "www-authenticate");
        let challenge = found.map(|(_, value)| value.as_str()).unwrap_or_default();
        let parameters = challenge.strip_prefix("Bearer ").unwrap_or_default();
        for parameter in parameters.split(", ") {
            let value = parameter.split_once('=').map(|(_, value)| value).unwrap_or_default();
            let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            assert!(inside.is_some_and(|inside| !inside.contains(['"', '\\'])), "{challenge}");
        }
        let metadata = format!("resource_metadata=\"{PUBLIC_URL}/.well-known/oauth-protected-resource/mcp\"");
        assert!(challenge.contains(&metadata), "{challenge}");
    }
}

/// A diff or a file, after the budget of a part: cut into parts that make it up.
pub fn text(input: &[u8]) {
    fuzz_assertions::text(input);
}

/// A provider's JSON: as many rows and columns as there are.
pub fn projection(input: &[u8]) {
    fuzz_assertions::answer(input);
}

/// A page in Confluence's storage format with an edit of it: lines for the section, the passage and the action, the new text
/// up to a line of dashes, and the page. It is refused, or the page is well-formed afterwards and has only what it was told.
pub fn page_edit(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(4, '\n');
    let [section, find, action, rest] = std::array::from_fn(|_| lines.next().unwrap_or_default());
    let (new, page) = rest.split_once("\n---\n").unwrap_or((rest, ""));
    let named = |text: &str| !text.is_empty();
    let losing: Vec<&str> = if action.contains('!') { editing::SORTS.to_vec() } else { Vec::new() };
    let edit = editing::Edit {
        section: Some(section).filter(|text| named(text)),
        find: Some(find).filter(|text| named(text)),
        action: editing::Action::named(action.trim_end_matches('!')).unwrap_or_default(),
        text: Some(new),
        losing: &losing,
    };
    editing::check_edit(page, &edit);
}
