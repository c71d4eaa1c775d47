//! `POST /identity/backchannel-logout`: the identity provider tells that a session there is over (OpenID Connect
//! Back-Channel Logout 1.0 §2.5 to §2.8).
//!
//! The browsers that were signed in with that session are signed out. Whether the person themself is gone the provider
//! does not say, so it is asked at once: see [`super::standing`].

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use super::{
    discovery::{self, ProviderError},
    logout::{self, Claims, Expectations, Logout, LogoutError, Received, Whose},
    standing::{SETTLING, check::confirm},
};
use crate::{
    context::Context,
    crypto::{
        digest,
        jws::{JwsError, Unverified},
    },
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::sql,
        http::{Request, Response},
        limiter::Limit,
        log::Level,
    },
};

/// What the client at the identity provider must have as its back-channel logout URL, under our address.
#[cfg(any(test, feature = "fuzzing"))]
pub const PATH: &str = "/identity/backchannel-logout";

/// The longest logout token that is looked at, in bytes.
const LONGEST_TOKEN: usize = 16 * 1024;

/// Why a request ended no session.
#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("send one logout_token of at most 16 KB as application/x-www-form-urlencoded")]
    NoToken,
    #[error("the logout token {0}")]
    Jws(#[from] JwsError),
    #[error("the logout token is signed with a key that the issuer does not publish")]
    UnknownKey,
    #[error("the logout token: {0}")]
    Claims(#[from] LogoutError),
    #[error("the logout token was used before")]
    Replayed,
    #[error("too many logout tokens that cannot be verified: wait a minute")]
    TooMany,
    #[error("the keys of the identity provider cannot be had")]
    Keys(#[from] ProviderError),
}

/// Takes a logout token: 200 where its sessions are over, whether or not there were any.
///
/// # Errors
/// Where the record failed: then nothing has ended, and the token can be sent again.
pub async fn receive(context: &Context, request: &Request) -> Result<Response, Fault> {
    let logout = match understand(context, request).await {
        Ok(logout) => logout,
        Err(problem) => return Ok(refuse(context, &problem)),
    };
    let Some(users) = carry_out(context, &logout).await? else { return Ok(refuse(context, &Problem::Replayed)) };
    let fields = [("people_to_ask_about", json!(users.len())), ("jti", json!(logout.id))];
    context.log(Level::Info, "a session at the identity provider is over", &fields);
    for user in users {
        let asking = ask(context.clone(), user);
        context.platform.caller.finish_without(Box::pin(asking));
    }
    Ok(Response::empty(200).with("cache-control", "no-store"))
}

/// What the request tells of, once the token is verified to be the provider's. A token that a known key proves costs no
/// more than that; before keys are fetched for any other, the limit is asked.
async fn understand(context: &Context, request: &Request) -> Result<Logout, Problem> {
    let form = request.form().ok_or(Problem::NoToken)?;
    let token = form.get("logout_token").filter(|token| token.len() <= LONGEST_TOKEN).ok_or(Problem::NoToken)?;
    let unverified = Unverified::read(token)?;
    let (id, algorithm) = (unverified.key_id(), unverified.algorithm);
    let key = match discovery::cached_key(context, id, algorithm).await {
        Some(key) => key,
        None if !may_ask(context, request).await => return Err(Problem::TooMany),
        None => {
            let provider = discovery::provider(context).await?;
            discovery::key(context, &provider, id, algorithm).await?.ok_or(Problem::UnknownKey)?
        }
    };
    let verified = unverified.verify::<Claims>(context.platform.signatures.as_ref(), &key).await?;
    let received = Received {
        kind: unverified.kind().map(str::to_owned),
        claims: verified.claims,
        expires_at: verified.expires_at,
        issued_at: verified.issued_at,
    };
    let identity = &context.settings.identity;
    let expected = Expectations { issuer: &identity.issuer, client_id: &identity.client_id };
    Ok(logout::check(&received, expected, context.platform.clock.now())?)
}

/// Whether keys may be looked for on behalf of whoever sends this. A sender whose network nobody knows is not counted.
async fn may_ask(context: &Context, request: &Request) -> bool {
    match request.sender().network() {
        Some(network) => context.platform.limiter.allow(Limit::Requests, &format!("logout:{network}")).await,
        None => true,
    }
}

#[derive(Deserialize)]
struct Doubted {
    user_id: UserId,
}

/// Ends the sessions of a logout, and the provider's earlier words on their people with them; whom to ask it about.
/// `None` where the token was used before, and nothing has changed.
///
/// A session that was begun after the logout stays, however late the token comes: both moments are the provider's.
async fn carry_out(context: &Context, logout: &Logout) -> Result<Option<Vec<UserId>>, Fault> {
    let (sid, subject) = match &logout.whose {
        Whose::Session { sid, subject } => (Some(sid.as_str()), subject.as_deref()),
        Whose::Person { subject } => (None, Some(subject.as_str())),
    };
    let issuer = &context.settings.identity.issuer;
    let id = digest::sha256(&json!([issuer, logout.id]).to_string());
    let request = context.request_id.as_str();
    let accepted_until = Timestamp(0) + Duration::from_secs(u64::try_from(logout.accepted_until).unwrap_or_default());
    let use_up = sql("INSERT INTO used_logout_tokens (id_hash, request_id, expires_at) VALUES (?1, ?2, ?3)
        ON CONFLICT DO NOTHING")
    .bind(&id)
    .bind(request)
    .bind(accepted_until);
    let doubt = sql("UPDATE standings SET doubted_at = MAX(doubted_at, ?6)
        WHERE EXISTS (SELECT 1 FROM used_logout_tokens WHERE id_hash = ?1 AND request_id = ?2)
            AND user_id IN (SELECT id FROM users WHERE issuer = ?3 AND (subject = ?4 OR (?4 IS NULL
                AND id IN (SELECT user_id FROM browser_sessions WHERE provider_session = ?5))))
        RETURNING user_id")
    .bind(&id)
    .bind(request)
    .bind(issuer)
    .bind(subject)
    .bind(sid)
    .bind(context.platform.clock.now() + SETTLING);
    let end = sql("DELETE FROM browser_sessions
        WHERE EXISTS (SELECT 1 FROM used_logout_tokens WHERE id_hash = ?1 AND request_id = ?2)
            AND user_id IN (SELECT id FROM users WHERE issuer = ?3 AND (?4 IS NULL OR subject = ?4))
            AND (?5 IS NULL OR provider_session = ?5) AND COALESCE(provider_time, 0) <= ?6")
    .bind(&id)
    .bind(request)
    .bind(issuer)
    .bind(subject)
    .bind(sid)
    .bind(logout.issued_at);
    let mut results = context.platform.database.batch(vec![use_up, doubt, end]).await?.into_iter();
    if results.next().unwrap_or_default().changes == 0 {
        return Ok(None);
    }
    let doubted = results.next().unwrap_or_default().all::<Doubted>()?;
    Ok(Some(doubted.into_iter().map(|doubted| doubted.user_id).collect()))
}

/// Asks the provider about a person once it has carried out itself what it told. Where this is cut short, the next
/// refresh of a client of theirs asks.
async fn ask(context: Context, user: UserId) {
    context.platform.clock.sleep(SETTLING + Duration::from_millis(1)).await;
    if let Err(fault) = confirm(&context, &user).await {
        let fields = [("user", json!(user.as_str())), ("detail", json!(fault.to_string()))];
        context.log(Level::Error, "a person could not be asked about after a logout", &fields);
    }
}

/// The answer to a request that ends nothing (§2.8).
fn refuse(context: &Context, problem: &Problem) -> Response {
    context.log(Level::Warning, "logout token refused", &[("reason", json!(problem.to_string()))]);
    let status = if matches!(problem, Problem::TooMany) { 429 } else { 400 };
    let description = match problem {
        // What the runtime says of a fetch is for the log.
        Problem::Keys(_) => "the keys of the identity provider cannot be had at the moment: send it again".to_owned(),
        problem => problem.to_string(),
    };
    let response = Response::json(status, &json!({ "error": "invalid_request", "error_description": description }));
    if status == 429 { response.with("retry-after", "60") } else { response }
}

#[cfg(test)]
mod tests;
