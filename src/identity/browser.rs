//! A signed-in browser: its session cookie, and CSRF protection, the proof that a form came from a page of ours.

use std::time::Duration;

use futures::future::join;
use serde::Deserialize;
use serde_json::json;

use super::{
    claimed::{Claimed, SESSION_LIFE},
    person::Person,
    standing::{
        Verdict,
        check::{Confirmation, confirm},
    },
};
use crate::{
    context::Context,
    crypto::{
        authenticator::{Authenticator, Table},
        digest,
    },
    governance::attributes::Role,
    identifiers::UserId,
    platform::{
        Fault,
        cap::Cap,
        clock::Timestamp,
        database::{Statement, sql},
        http::{Form, Request, Response},
        log::Level,
    },
    session,
    settings::Settings,
};

/// The cookie that holds the session's token. Its prefix keeps other sites of the same domain from planting one.
pub const SESSION_COOKIE: &str = "__Host-postern_session";

/// A session is somebody's, and ends: neither can be changed.
pub const SESSIONS: Table = Table { name: "browser_sessions", columns: &["token_hash", "user_id", "expires_at"] };

/// Each sign-in makes a row. Who signs in once more is signed out where they signed in longest ago.
const CAP: Cap = Cap::new(
    50,
    "DELETE FROM browser_sessions WHERE rowid IN (
        SELECT rowid FROM browser_sessions WHERE user_id = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
);

/// The browser that sent a request, and who is signed in there.
#[derive(Debug, Clone)]
pub struct Browser {
    pub person: Person,
    /// A keyed hash of the session cookie: names the session without being able to use it.
    pub session_hash: String,
    /// The person's end as the record said it when it let this browser in. What is made for them on the word of this
    /// browser is made only if the record still says so: nobody outlives their end by a request that was under way.
    pub ended_before: Timestamp,
}

#[derive(Deserialize)]
struct Row {
    token_hash: String,
    id: UserId,
    username: String,
    name: String,
    email: Option<String>,
    roles: String,
    roles_at: Option<Timestamp>,
    roles_mac: Option<String>,
    ended_before: Timestamp,
    stopped: i64,
}

/// The browser that sent the request, if somebody who may still sign in is signed in there. While everybody's access is
/// stopped, that is administrators alone. Where the identity provider's last word on them is too old it is asked first,
/// so that roles are never older than that.
///
/// # Errors
/// Where the record cannot be read, or an end of the person that is due could not be carried out.
pub async fn current(context: &Context, request: &Request) -> Result<Option<Browser>, Fault> {
    let Some(browser) = find(context, request).await? else { return Ok(None) };
    let user = &browser.person.id;
    let (confirmed, is_disabled) = join(confirm(context, user), session::is_disabled(context, user)).await;
    if is_disabled? {
        let fields = [("user", json!(user.as_str()))];
        context.log(Level::Warning, "a person was disabled, as their object knows and the record does not", &fields);
        return Ok(None);
    }
    match confirmed? {
        Confirmation { verdict: Verdict::Good | Verdict::Unheard, asked: false } => Ok(Some(browser)),
        Confirmation { .. } => find(context, request).await,
    }
}

async fn find(context: &Context, request: &Request) -> Result<Option<Browser>, Fault> {
    let Some(token) = request.cookie(SESSION_COOKIE) else { return Ok(None) };
    let (authenticator, now) = (context.settings.authenticator(), context.platform.clock.now());
    let [hash, previous] = authenticator.hashes(SESSIONS.name, token);
    let statement = sql("SELECT token_hash, user_id, browser_sessions.expires_at, browser_sessions.mac, users.id,
             username, name, email, roles, roles_at, users.mac AS roles_mac, ended_before,
             (SELECT stopped_at FROM policy) IS NOT NULL AS stopped
         FROM browser_sessions JOIN users ON users.id = user_id
         WHERE token_hash IN (?1, ?2) AND expires_at > ?3 AND disabled_at IS NULL
             AND browser_sessions.created_at > ended_before")
    .bind(hash)
    .bind(previous)
    .bind(now);
    let rows = authenticator.authentic(&SESSIONS, context.platform.database.run(statement).await?);
    let Some(row) = rows.first::<Row>()? else { return Ok(None) };
    let claimed = Claimed::on_record(row.roles, row.roles_at.unwrap_or(Timestamp(0)));
    let roles = claimed.believed(authenticator, &row.id, row.roles_mac.as_deref(), now)?;
    let person = Person { id: row.id, username: row.username, name: row.name, email: row.email, roles };
    let may_enter = row.stopped == 0 || person.is(Role::Administrator);
    Ok(may_enter.then_some(Browser { person, session_hash: row.token_hash, ended_before: row.ended_before }))
}

/// Ends the session of the browser that sent the request and sends it to the front page.
///
/// # Errors
/// Where the record cannot be written: then the browser is still signed in.
pub async fn sign_out(context: &Context, request: &Request) -> Result<Response, Fault> {
    if let Some(ending) = end(context.settings.authenticator(), request) {
        context.platform.database.run(ending).await?;
    }
    let mut response = Response::redirect("/").with("set-cookie", cookie(SESSION_COOKIE, "", Duration::ZERO));
    response.status = 303;
    Ok(response)
}

/// The statement that ends the session of the browser that sent the request.
pub(super) fn end(authenticator: &Authenticator, request: &Request) -> Option<Statement> {
    let [hash, previous] = authenticator.hashes(SESSIONS.name, request.cookie(SESSION_COOKIE)?);
    Some(sql("DELETE FROM browser_sessions WHERE token_hash IN (?1, ?2)").bind(hash).bind(previous))
}

/// Where a session comes from.
#[derive(Debug, Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The browser in a few words.
    pub label: Option<&'a str>,
    /// `sid`: the session at the identity provider (OpenID Connect Back-Channel Logout 1.0 §2.1), where it has one.
    pub provider_session: Option<&'a str>,
    /// `iat` of the ID token, in seconds since the Unix epoch, by the provider's clock.
    pub provider_time: i64,
}

/// The statement that signs a person out of the browsers in which they signed in longest ago, where there are many.
pub fn keep_newest(user: &UserId) -> Statement {
    CAP.keep(user)
}

/// The statement that begins a session, unless the person has been disabled meanwhile.
pub fn begin(
    authenticator: &Authenticator,
    user: &UserId,
    token: &str,
    origin: Origin<'_>,
    now: Timestamp,
) -> Statement {
    let (hash, expires_at) = (authenticator.hash(SESSIONS.name, token), now + SESSION_LIFE);
    let mac = authenticator.row(&SESSIONS, &[json!(hash), json!(user), json!(expires_at)]);
    sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at, mac, label, provider_session,
             provider_time)
         SELECT ?1, id, MAX(?2, ended_before + 1), ?3, ?5, ?6, ?7, ?8 FROM users
         WHERE id = ?4 AND disabled_at IS NULL")
    .bind(hash)
    .bind(now)
    .bind(expires_at)
    .bind(user)
    .bind(mac)
    .bind(origin.label)
    .bind(origin.provider_session)
    .bind(origin.provider_time)
}

/// A cookie for this host alone, out of reach of scripts and of requests that other sites make.
pub(super) fn cookie(name: &str, value: &str, life: Duration) -> String {
    format!("{name}={value}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", life.as_secs())
}

impl Browser {
    /// What a form of ours that is posted to `path` must carry as `form_token`: proves that it was rendered for
    /// this session and this path.
    pub fn form_token(&self, settings: &Settings, path: &str) -> String {
        digest::authenticate(&settings.signing_keys.derive("form token").current, &[&self.session_hash, path])
    }

    /// Whether a posted form is one that we rendered for this session and the request's path, and was sent from a
    /// page of ours as far as the browser tells.
    pub fn accepts(&self, settings: &Settings, request: &Request, form: &Form) -> bool {
        let Some(given) = form.get("form_token") else { return false };
        let keys = settings.signing_keys.derive("form token");
        let is_ours = keys
            .live()
            .any(|key| digest::equal(given, &digest::authenticate(key, &[&self.session_hash, &request.path])));
        is_ours && came_from_our_page(settings, request)
    }
}

/// What the browser tells of where a request came from. Our pages send no referrer, so a form of theirs is
/// posted with `Origin: null`; then only Sec-Fetch-Site can tell it from a stranger's.
fn came_from_our_page(settings: &Settings, request: &Request) -> bool {
    let site = request.header("sec-fetch-site");
    let origin = match request.header("origin") {
        None => true,
        Some("null") => site == Some("same-origin"),
        Some(origin) => origin == settings.public_url,
    };
    origin && matches!(site, None | Some("same-origin" | "none"))
}

#[cfg(test)]
mod tests;
