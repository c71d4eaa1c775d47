//! A Postern with people signed in, for the console's tests.

use std::rc::Rc;

use futures::{FutureExt, StreamExt, future::LocalBoxFuture};
use futures_executor::block_on;

use crate::{
    context::Context,
    governance::attributes::Role,
    identifiers::{RequestId, UserId},
    identity::{browser, claimed::Claimed},
    platform::{
        Fault,
        database::{Rows, Statement, sql},
        http::{Body, Content, Method, Request, Response},
        native::{self, memory::ScriptedHttp},
        sessions::Sessions,
    },
    session::commands::Reply,
    settings::{self, Settings},
};

/// Objects that do whatever they are told.
struct Obedient;

impl Sessions for Obedient {
    fn call(&self, _user: &str, _command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        async { Ok(serde_json::to_string(&Reply::Done(())).unwrap()) }.boxed_local()
    }
}

/// With `dana`, who is nobody special, and `ada`, an administrator. Each is signed in where the session cookie is
/// their name.
pub fn context() -> Context {
    context_of(settings::for_tests())
}

/// The same with a second site of Bitbucket, `bitbucket/eu`.
pub fn context_with_sites() -> Context {
    context_of(settings::with_sites(&[("BITBUCKET_SITES", "eu")]))
}

/// With `bob` and `carol` besides, who are approvers.
pub fn context_with_approvers() -> Context {
    let context = context();
    add(&context, "bob", "Bob Approver", &[Role::Approver]);
    add(&context, "carol", "Carol Approver", &[Role::Approver]);
    context
}

/// The same with those settings.
pub fn context_of(settings: Settings) -> Context {
    let mut platform = native::platform(ScriptedHttp::unreachable());
    platform.sessions = Rc::new(Obedient);
    let context = Context { settings: Rc::new(settings), platform, request_id: RequestId::new("request-1") };
    add(&context, "dana", "Dana <Developer>", &[]);
    add(&context, "ada", "Ada Admin", &[Role::Administrator]);
    context
}

/// Adds somebody who is signed in.
fn add(context: &Context, id: &str, name: &str, roles: &[Role]) {
    let (authenticator, now, user) = (context.settings.authenticator(), context.platform.clock.now(), UserId::new(id));
    let claimed = Claimed::new(&roles.to_vec(), now);
    let person = sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at,
             roles_at, mac)
         VALUES (?1, 'issuer', ?1, ?1, ?2, ?3, 0, 0, ?4, ?5)")
    .bind(id)
    .bind(name)
    .bind(&claimed.json)
    .bind(claimed.at)
    .bind(claimed.mac(authenticator, &user));
    run(context, person);
    run(context, browser::begin(authenticator, &user, id, browser::Origin::default(), now));
}

pub fn run(context: &Context, statement: Statement) -> Rows {
    block_on(context.platform.database.run(statement)).unwrap()
}

/// What a browser shows.
pub struct Shown {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub html: String,
}

impl Shown {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The `form_token` of the page's form with that action.
    pub fn form_token(&self, action: &str) -> Option<&str> {
        let form = self.html.split_once(&format!("method=\"post\" action=\"{action}\""))?.1;
        form.split_once("name=\"form_token\" value=\"")?.1.split('"').next()
    }
}

fn ask(context: &Context, request: Request) -> Shown {
    let Response { status, headers, body } = block_on(crate::routes::respond(context, request));
    let headers = headers.into_iter().map(|(name, value)| (name.into_owned(), value)).collect();
    let body = match body {
        Content::Whole(bytes) => bytes,
        Content::Stream(pieces) => block_on(pieces.concat()),
    };
    Shown { status, headers, html: String::from_utf8(body).unwrap() }
}

fn request(method: Method, target: &str, session: Option<&str>, body: Option<&str>) -> Request {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = vec![("accept".to_owned(), "text/html".to_owned())];
    if let Some(session) = session {
        headers.push(("cookie".to_owned(), format!("__Host-postern_session={session}")));
    }
    if body.is_some() {
        headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    }
    let body = Body::Bytes(body.unwrap_or_default().as_bytes().to_vec());
    Request { method, path: path.to_owned(), query: query.to_owned(), headers, body }
}

/// A request of whoever is signed in.
pub fn signed_in(session: &str) -> Request {
    request(Method::Get, "/", Some(session), None)
}

/// Opens a page.
pub fn open(context: &Context, session: Option<&str>, target: &str) -> Shown {
    ask(context, request(Method::Get, target, session, None))
}

/// Posts a form as it stands.
pub fn post(context: &Context, session: Option<&str>, path: &str, body: &str) -> Shown {
    ask(context, request(Method::Post, path, session, Some(body)))
}

/// Sends what a program sends to the API, with that token.
pub fn call(
    context: &Context,
    method: Method,
    target: &str,
    token: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Shown {
    let mut request = request(method, target, None, None);
    request.headers = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    request.headers.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    request.body = Body::Bytes(body.as_bytes().to_vec());
    ask(context, request)
}

/// Posts a form that the page at `page` offers.
pub fn submit(context: &Context, session: &str, page: &str, action: &str, fields: &str) -> Shown {
    let shown = open(context, Some(session), page);
    let token = shown.form_token(action).unwrap_or_else(|| panic!("{page} has no form to {action}"));
    post(context, Some(session), action, &format!("form_token={token}&{fields}"))
}
