//! Signing in through the identity provider: OpenID Connect's authorization code flow with PKCE, a nonce, and a
//! state that belongs to one browser.
//!
//! Nothing is recorded until the person has signed in. That a sign-in happens once rests on the provider, which
//! redeems a code once and for this verifier alone, and whose ID token bears this nonce.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;

use super::{
    browser::{self, SESSION_COOKIE, SESSION_LIFE},
    discovery::{self, LIMITS, Provider},
    id_token::{self, Expectations, IdClaims},
    person::Role,
    roles,
    sign_in_cookie::{self, LIFE, LONGEST_RETURN, SignIn},
    user_agent,
};
use crate::{
    crypto::{digest, random, seal::Purpose, secret::Secret},
    identifiers::UserId,
    platform::{
        Fault,
        database::sql,
        fetch::OutboundRequest,
        http::{Form, Method, Request, Response},
        log::Level,
    },
    postern::Postern,
};

/// What a step of signing in comes to.
pub enum Step {
    /// The response that takes the person on.
    Proceed(Response),
    /// The sign-in ends here.
    Failed(Problem),
}

/// Why a sign-in failed, in words for the person. The log knows more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Problem {
    pub status: u16,
    pub explanation: &'static str,
    pub next_step: &'static str,
}

const NO_PROVIDER: Problem = Problem {
    status: 502,
    explanation: "The identity provider could not be reached, or did not answer as it should.",
    next_step: "Try again in a moment. If it stays like this, tell your administrator the request id below.",
};
const NOT_THIS_BROWSER: Problem = Problem {
    status: 400,
    explanation: "This sign-in was started in another browser, took longer than ten minutes, or is already over.",
    next_step: "Start again, and finish in the same browser.",
};
const REFUSED: Problem = Problem {
    status: 403,
    explanation: "The identity provider did not sign you in.",
    next_step: "Start again if you cancelled by mistake; otherwise ask your administrator for access.",
};
const NOT_TRUSTED: Problem = Problem {
    status: 502,
    explanation: "What the identity provider answered could not be verified, so you were not signed in.",
    next_step: "Start again. If it happens twice, tell your administrator the request id below.",
};
const DISABLED: Problem = Problem {
    status: 403,
    explanation: "Your account here has been disabled.",
    next_step: "Ask your administrator if you think it should not be.",
};

const STOPPED: Problem = Problem {
    status: 403,
    explanation: "An administrator has stopped everybody's access for now.",
    next_step: "Ask an administrator when it goes on. Your AI clients will work again without anything to do.",
};

/// Where the identity provider sends the browser back to: what its client must have registered.
pub const CALLBACK_PATH: &str = "/callback/identity";

/// Sends the browser to the identity provider, to come back to `return_to` afterwards: a path of ours, or else
/// the front page.
///
/// # Errors
/// Where there is no randomness.
pub async fn begin(postern: &Postern, request: &Request, return_to: &str) -> Result<Step, Fault> {
    let provider = match discovery::provider(postern).await {
        Ok(provider) => provider,
        Err(error) => return Ok(fail(postern, NO_PROVIDER, &error)),
    };
    let (state, nonce, verifier) = (random::token()?, random::token()?, random::token()?);
    let (settings, now) = (&postern.settings, postern.platform.clock.now());
    let mut location = url::Url::parse(&provider.authorization_endpoint)
        .map_err(|error| Fault::new("authorization_endpoint", error))?;
    location.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &settings.identity.client_id),
        ("redirect_uri", &callback_url(postern)),
        ("scope", "openid profile email"),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &digest::sha256(&verifier)),
        ("code_challenge_method", "S256"),
    ]);
    let return_to = if is_our_path(return_to) { return_to } else { "/" }.to_owned();
    let sign_in = SignIn { nonce, code_verifier: verifier, return_to, expires_at: now + LIFE };
    let sealer = settings.sealer(Purpose::SignIn);
    let response = Response::redirect(location).with("set-cookie", sign_in_cookie::keep(sealer, &state, &sign_in)?);
    let room = sign_in_cookie::make_room(sealer, request, now);
    Ok(Step::Proceed(room.fold(response, |response, cookie| response.with("set-cookie", cookie))))
}

/// Takes the browser back from the identity provider and signs the person in with a new session.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn callback(postern: &Postern, request: &Request) -> Result<Step, Fault> {
    let answer = request.query();
    let Some(state) = answer.get("state") else {
        return Ok(fail(postern, NOT_THIS_BROWSER, &"the callback has no state"));
    };
    let (sealer, now) = (postern.settings.sealer(Purpose::SignIn), postern.platform.clock.now());
    let Some(sign_in) = sign_in_cookie::find(sealer, request, state, now) else {
        return Ok(fail(postern, NOT_THIS_BROWSER, &"the browser brings no sign-in of this state"));
    };
    match identify(postern, &answer, &sign_in.nonce, &Secret::new(sign_in.code_verifier)).await {
        Ok(claims) => establish(postern, request, &claims, state, sign_in.return_to).await,
        Err((problem, reason)) => Ok(fail(postern, problem, &reason)),
    }
}

/// Who signed in, as the answer of the provider says once it is proven; or the problem and its reason for the log.
async fn identify(
    postern: &Postern,
    answer: &Form,
    nonce: &str,
    verifier: &Secret,
) -> Result<IdClaims, (Problem, String)> {
    let provider = discovery::provider(postern).await.map_err(|error| (NO_PROVIDER, error.to_string()))?;
    let code = read_answer(answer, &provider)?;
    let token = exchange(postern, &provider, code, verifier).await?;
    let identity = &postern.settings.identity;
    let expectations = Expectations { issuer: &identity.issuer, client_id: &identity.client_id, nonce };
    let claims = id_token::verify(postern, &provider, token.expose(), expectations).await;
    claims.map_err(|error| (NOT_TRUSTED, error.to_string()))
}

/// The code of an authorization response that is this provider's own (RFC 9207 §2.4).
fn read_answer<'a>(answer: &'a Form, provider: &Provider) -> Result<&'a str, (Problem, String)> {
    let issuer = answer.get("iss");
    if issuer.is_some_and(|issuer| issuer != provider.issuer) || answer.repeats("iss") {
        return Err((NOT_TRUSTED, "iss of the callback is another issuer".into()));
    }
    if issuer.is_none() && provider.authorization_response_iss_parameter_supported {
        return Err((NOT_TRUSTED, "the callback has no iss, though the provider always sends it".into()));
    }
    if let Some(error) = answer.get("error") {
        return Err((REFUSED, format!("the provider answered {:?}", shortened(error))));
    }
    answer.get("code").ok_or_else(|| (NOT_TRUSTED, "the callback has no code".into()))
}

/// Exchanges the code for an ID token, by client_secret_basic (RFC 6749 §2.3.1). Bodies never reach the log.
async fn exchange(
    postern: &Postern,
    provider: &Provider,
    code: &str,
    verifier: &Secret,
) -> Result<Secret, (Problem, String)> {
    #[derive(Deserialize)]
    struct Tokens {
        id_token: String,
    }
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let identity = &postern.settings.identity;
    let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(&identity.client_id), encode(identity.client_secret.expose()));
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &callback_url(postern))
        .append_pair("code_verifier", verifier.expose())
        .finish();
    let request = OutboundRequest {
        method: Method::Post,
        url: provider.token_endpoint.clone(),
        headers: vec![
            ("accept", "application/json".to_owned()),
            ("content-type", "application/x-www-form-urlencoded".to_owned()),
            ("authorization", format!("Basic {}", STANDARD.encode(credentials))),
        ],
        body: Some(body.into_bytes()),
        limits: LIMITS,
    };
    let answer = postern.platform.http.send(request).await;
    let answer = answer.map_err(|error| (NO_PROVIDER, format!("the token endpoint: {error}")))?;
    if answer.status != 200 {
        let refusal = serde_json::from_slice::<Refusal>(&answer.body).map(|refusal| refusal.error);
        let error = refusal.as_deref().map_or(Cow::Borrowed("no OAuth error"), shortened);
        // The code was redeemed before, or has expired: RFC 6749 §5.2.
        let problem = if error == "invalid_grant" { NOT_THIS_BROWSER } else { NO_PROVIDER };
        return Err((problem, format!("the token endpoint answered with status {} and {error:?}", answer.status)));
    }
    // The parser's own words may quote the body.
    let tokens = serde_json::from_slice::<Tokens>(&answer.body);
    let token = tokens.map(|tokens| Secret::new(tokens.id_token));
    token.map_err(|_| (NO_PROVIDER, "the token endpoint gave no ID token".to_owned()))
}

#[derive(Deserialize)]
struct Known {
    disabled_at: Option<i64>,
}

/// Records the person and replaces whatever session the browser had by a new one.
async fn establish(
    postern: &Postern,
    request: &Request,
    claims: &IdClaims,
    state: &str,
    return_to: String,
) -> Result<Step, Fault> {
    let now = postern.platform.clock.now();
    let roles = roles::roles(&claims.others, &postern.settings.identity);
    let username = claims.text("preferred_username").or_else(|| claims.text("email")).unwrap_or(&claims.subject);
    let person = sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at,
            claimed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
         ON CONFLICT (issuer, subject) DO UPDATE SET username = excluded.username, name = excluded.name,
             email = excluded.email, roles = excluded.roles, claimed = excluded.claimed,
             signed_in_at = excluded.signed_in_at
         RETURNING disabled_at")
    .bind(&UserId::new(random::identifier()?))
    .bind(&claims.issuer)
    .bind(&claims.subject)
    .bind(username)
    .bind(claims.text("name").unwrap_or(username))
    .bind(claims.text("email"))
    .bind(serde_json::to_string(&roles).map_err(|error| Fault::new("users.roles", error))?)
    .bind(now)
    .bind(serde_json::json!(roles::claimed(&claims.others, &postern.settings.identity)).to_string());
    let token = random::token()?;
    let label = request.header("user-agent").and_then(user_agent::label);
    let begin = browser::begin(&claims.issuer, &claims.subject, &token, label.as_deref(), now);
    let mut statements = vec![person, begin, sql("SELECT 1 FROM policy WHERE stopped_at IS NOT NULL")];
    statements.extend(browser::end(request));
    let mut written = postern.platform.database.batch(statements).await?.into_iter();
    let (written, stop) = (written.next().unwrap_or_default(), written.nth(1).unwrap_or_default());
    if !stop.rows.is_empty() && !roles.contains(&Role::Administrator) {
        return Ok(fail(postern, STOPPED, &"everybody's access is stopped"));
    }
    if written.first::<Known>()?.is_none_or(|known| known.disabled_at.is_some()) {
        return Ok(fail(postern, DISABLED, &"the person is disabled"));
    }
    Ok(Step::Proceed(
        Response::redirect(return_to)
            .with("set-cookie", browser::cookie(SESSION_COOKIE, &token, SESSION_LIFE))
            .with("set-cookie", sign_in_cookie::forget(state)),
    ))
}

fn fail(postern: &Postern, problem: Problem, reason: &impl std::fmt::Display) -> Step {
    postern.log(Level::Warning, "sign-in failed", &[("reason", reason.to_string().into())]);
    Step::Failed(problem)
}

fn callback_url(postern: &Postern) -> String {
    format!("{}{CALLBACK_PATH}", postern.settings.public_url)
}

fn shortened(text: &str) -> Cow<'_, str> {
    text.chars().take(100).collect()
}

/// Whether a browser that is sent to `text` stays with us: a path, of visible ASCII without a backslash, that is
/// not the start of another host.
fn is_our_path(text: &str) -> bool {
    text.len() <= LONGEST_RETURN
        && text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
#[path = "sign_in_tests.rs"]
mod tests;
