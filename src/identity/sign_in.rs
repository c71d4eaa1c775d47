//! Signing in through the identity provider: OpenID Connect's authorization code flow with PKCE, a nonce, and a
//! state that belongs to one browser.
//!
//! Nothing is recorded until the person has signed in. That a sign-in happens once rests on the provider, which
//! redeems a code once and for this verifier alone, and whose ID token bears this nonce.

use std::time::Duration;

use serde::Deserialize;

use super::{
    browser::{self, Origin, SESSION_COOKIE},
    claimed::SESSION_LIFE,
    discovery::{self, OFFLINE_ACCESS, Provider},
    fresh_sign_in,
    id_token::{self, Expectations, IdClaims},
    person,
    profile::Profile,
    sign_in_cookie::{self, Errand, LONGEST_RETURN, SignIn},
    standing::{
        TokenKind,
        record::{self, Given},
    },
    token_endpoint::{self, TokenError, shortened},
    user_agent,
};
use crate::{
    audit::{self, Event, Kind, Outcome},
    context::Context,
    crypto::{digest, random, seal::Purpose, secret::Secret},
    governance::attributes::Role,
    identifiers::UserId,
    platform::{
        Fault,
        database::sql,
        http::{Form, Request, Response},
        log::Level,
    },
    session,
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
const NOT_FRESH: Problem = Problem {
    status: 403,
    explanation: "What you wanted to do needs a fresh sign-in, and the identity provider did not say that you had signed in \
                  anew.",
    next_step: "Start again. If it happens twice, ask your administrator whether the identity provider gives `auth_time`.",
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
pub const TOO_LONG: Problem = Problem {
    status: 400,
    explanation: "You have to sign in first, and the request that brought you here is too long to be kept meanwhile.",
    next_step: "Sign in with the button below, then start again from your AI client: whoever is signed in needs nothing \
                to be kept.",
};

/// Where the identity provider sends the browser back to: what its client must have registered.
pub const CALLBACK_PATH: &str = "/callback/identity";

/// What a sign-in asks for.
const SCOPE: &str = "openid profile email";

/// Whether a request to that path of ours, with its query, can be kept while the person signs in.
pub const fn can_be_kept(return_to: &str) -> bool {
    return_to.len() <= LONGEST_RETURN
}

/// Sends the browser to the identity provider, to come back to `return_to` afterwards: a path of ours, or else
/// the front page. What cannot be kept is refused. With a `max_age` the person may not have proved longer than so many
/// seconds ago who they are.
///
/// # Errors
/// Where there is no randomness.
pub async fn begin(context: &Context, request: &Request, return_to: &str, max_age: Option<u32>) -> Result<Step, Fault> {
    if !can_be_kept(return_to) {
        return Ok(fail(context, TOO_LONG, &"the address to come back to is too long"));
    }
    let provider = match discovery::provider(context).await {
        Ok(provider) => provider,
        Err(error) => return Ok(fail(context, NO_PROVIDER, &error)),
    };
    let return_to = if is_our_path(return_to) { return_to } else { "/" };
    let errand = max_age.map_or(Errand::SignIn, |max_age| Errand::FreshSignIn { max_age });
    let response = send_to_provider(context, &provider, errand, return_to)?;
    let sealers = context.settings.sealers();
    let cookies = response.headers.iter().filter(|(name, _)| name == "set-cookie");
    let bytes = cookies.map(|(_, cookie)| cookie.len()).sum();
    let room = sign_in_cookie::make_room(sealers, request, bytes, context.platform.clock.now());
    Ok(Step::Proceed(with_cookies(response, room)))
}

/// The response that sends the browser to the provider for that errand.
fn send_to_provider(
    context: &Context,
    provider: &Provider,
    errand: Errand,
    return_to: &str,
) -> Result<Response, Fault> {
    let (state, nonce, verifier) = (random::token()?, random::token()?, random::token()?);
    let mut location = url::Url::parse(&provider.authorization_endpoint)
        .map_err(|error| Fault::new("authorization_endpoint", error))?;
    let (scope, prompt) = match &errand {
        Errand::SignIn => (SCOPE.to_owned(), None),
        Errand::FreshSignIn { max_age } => (SCOPE.to_owned(), (*max_age == 0).then_some("login")),
        Errand::OfflineAccess { visibly, .. } => (format!("{SCOPE} {OFFLINE_ACCESS}"), (!visibly).then_some("none")),
    };
    location.query_pairs_mut().extend_pairs([
        ("response_type", "code"),
        ("client_id", &context.settings.identity.client_id),
        ("redirect_uri", &callback_url(context)),
        ("scope", &scope),
        ("state", &state),
        ("nonce", &nonce),
        ("code_challenge", &digest::sha256(&verifier)),
        ("code_challenge_method", "S256"),
    ]);
    location.query_pairs_mut().extend_pairs(prompt.map(|prompt| ("prompt", prompt)));
    if let Errand::FreshSignIn { max_age } = errand {
        location.query_pairs_mut().append_pair("max_age", &max_age.to_string());
    }
    let sign_in = SignIn { nonce, code_verifier: verifier, return_to: return_to.to_owned(), errand };
    let cookies = sign_in_cookie::keep(context.settings.sealers(), &state, sign_in, context.platform.clock.now())?;
    Ok(with_cookies(Response::redirect(location), cookies))
}

/// Takes the browser back from the identity provider and signs the person in with a new session.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn callback(context: &Context, request: &Request) -> Result<Step, Fault> {
    let answer = request.query();
    let Some(state) = answer.get("state") else {
        return Ok(fail(context, NOT_THIS_BROWSER, &"the callback has no state"));
    };
    let (sealers, now) = (context.settings.sealers(), context.platform.clock.now());
    let Some(sign_in) = sign_in_cookie::find(sealers, request, state, now) else {
        return Ok(fail(context, NOT_THIS_BROWSER, &"the browser brings no sign-in of this state"));
    };
    let identified = identify(context, &answer, &sign_in.nonce, &Secret::new(sign_in.code_verifier)).await;
    let response = match (sign_in.errand, identified) {
        (Errand::SignIn, Ok(identified)) => establish(context, request, identified, &sign_in.return_to).await?,
        (Errand::FreshSignIn { max_age }, Ok(identified)) => {
            let within = Duration::from_secs(u64::from(max_age));
            let at = fresh_sign_in::authenticated_at(&identified.claims, now);
            if !at.is_some_and(|at| fresh_sign_in::is_within(at, within, now)) {
                return Ok(fail(context, NOT_FRESH, &"auth_time is missing, or longer ago than max_age"));
            }
            establish(context, request, identified, &sign_in.return_to).await?
        }
        (Errand::SignIn | Errand::FreshSignIn { .. }, Err((problem, reason))) => {
            return Ok(fail(context, problem, &reason));
        }
        (Errand::OfflineAccess { user, subject, .. }, Ok(identified)) => {
            keep_offline_access(context, &user, &subject, identified).await?;
            Ok(Response::redirect(sign_in.return_to))
        }
        (Errand::OfflineAccess { user, subject, visibly }, Err((_, reason))) => {
            let wants_person =
                answer.get("error").is_some_and(|error| matches!(error, "consent_required" | "interaction_required"));
            let asking = Errand::OfflineAccess { user, subject, visibly: true };
            match discovery::provider(context).await {
                Ok(provider) if wants_person && !visibly => {
                    Ok(send_to_provider(context, &provider, asking, &sign_in.return_to)?)
                }
                _ => {
                    // They have signed in all the same, and their standing rests on the session at the provider.
                    context.log(
                        Level::Warning,
                        "no offline access at the identity provider",
                        &[("reason", reason.into())],
                    );
                    Ok(Response::redirect(sign_in.return_to))
                }
            }
        }
    };
    Ok(match response {
        Ok(response) => Step::Proceed(with_cookies(response, sign_in_cookie::forget(request, state))),
        Err((problem, reason)) => fail(context, problem, &reason),
    })
}

/// Who came back from the provider, and the refresh token that it gave.
struct Identified {
    provider: Provider,
    claims: IdClaims,
    refresh_token: Option<Secret>,
    /// What was granted, where it is not what was asked for.
    scope: Option<String>,
}

/// Who signed in, as the answer of the provider says once it is proven; or the problem and its reason for the log.
async fn identify(
    context: &Context,
    answer: &Form,
    nonce: &str,
    verifier: &Secret,
) -> Result<Identified, (Problem, String)> {
    let provider = discovery::provider(context).await.map_err(|error| (NO_PROVIDER, error.to_string()))?;
    let code = read_answer(answer, &provider)?;
    let redeemed = token_endpoint::redeem(context, &provider, code, &callback_url(context), verifier).await;
    let tokens = redeemed.map_err(|error| match error {
        // The code was redeemed before, or has expired: RFC 6749 §5.2.
        TokenError::InvalidGrant(_) => (NOT_THIS_BROWSER, error.to_string()),
        TokenError::NeedsPerson(_) | TokenError::Unavailable(_) => (NO_PROVIDER, error.to_string()),
    })?;
    let token = tokens.id_token.ok_or_else(|| (NO_PROVIDER, "the token endpoint gave no ID token".to_owned()))?;
    let identity = &context.settings.identity;
    let expectations = Expectations { issuer: &identity.issuer, client_id: &identity.client_id, nonce: Some(nonce) };
    let claims = id_token::verify(context, &provider, token.expose(), expectations).await;
    let claims = claims.map_err(|error| (NOT_TRUSTED, error.to_string()))?;
    Ok(Identified { provider, claims, refresh_token: tokens.refresh_token, scope: tokens.scope })
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

#[derive(Deserialize)]
struct Known {
    id: UserId,
    disabled_at: Option<i64>,
}

/// Records the person and replaces whatever session the browser had by a new one. Where the provider offers it, the
/// browser goes on there for offline access: a second, silent step, because a client that may not have it is refused
/// whatever else it asks for, and because Keycloak tells of the logout of a session only where the session began with
/// an ordinary sign-in.
async fn establish(
    context: &Context,
    request: &Request,
    identified: Identified,
    return_to: &str,
) -> Result<Result<Response, (Problem, String)>, Fault> {
    let Identified { provider, claims, refresh_token, .. } = identified;
    let now = context.platform.clock.now();
    let person = Profile::of(&claims.subject, &claims.others, &context.settings.identity);
    let user = person::user_id(&claims.issuer, &claims.subject);
    let authenticator = context.settings.authenticator();
    let token = random::token()?;
    let authenticated = match fresh_sign_in::authenticated_at(&claims, now) {
        Some(at) => {
            let hash = authenticator.hash(browser::SESSIONS.name, &token);
            Some(fresh_sign_in::cookie(context.settings.sealers(), &hash, at, now)?)
        }
        None => None,
    };
    let label = request.header("user-agent").and_then(user_agent::label);
    let origin =
        Origin { label: label.as_deref(), provider_session: claims.text("sid"), provider_time: claims.issued_at };
    let mut statements = vec![
        person::take_id(&user, &claims.issuer, &claims.subject),
        person.sign_in(authenticator, &claims, now),
        browser::begin(authenticator, &user, &token, origin, now),
        sql("SELECT 1 FROM policy WHERE stopped_at IS NOT NULL"),
    ];
    statements.extend(browser::end(authenticator, request));
    statements.push(browser::keep_newest(&user));
    let mut written = context.platform.database.batch(statements).await?.into_iter().skip(1);
    let (written, stop) = (written.next().unwrap_or_default(), written.nth(1).unwrap_or_default());
    if !stop.rows.is_empty() && !person.is(Role::Administrator) {
        audit::gather(context, refused(context, STOPPED).of(&user));
        return Ok(Err((STOPPED, "everybody's access is stopped".to_owned())));
    }
    let Some(Known { id: user, disabled_at: None }) = written.first::<Known>()? else {
        audit::gather(context, refused(context, DISABLED).of(&user));
        return Ok(Err((DISABLED, "the person is disabled".to_owned())));
    };
    if session::is_disabled(context, &user).await? {
        audit::gather(context, refused(context, DISABLED).of(&user));
        return Ok(Err((DISABLED, "the person is disabled, though not on record any more".to_owned())));
    }
    audit::record(context, audit::event(context, Kind::SignIn).of(&user)).await;
    let given = refresh_token.map(|token| Given { token, kind: TokenKind::Ordinary });
    let begin = record::begin(context.settings.sealer(Purpose::Tokens), &user, given.as_ref(), now)?;
    context.platform.database.run(begin).await?;
    let response = if provider.offers_offline_access() {
        let errand = Errand::OfflineAccess { user, subject: claims.subject, visibly: false };
        send_to_provider(context, &provider, errand, return_to)?
    } else {
        Response::redirect(return_to)
    };
    let response = with_cookies(response, authenticated);
    Ok(Ok(response.with("set-cookie", browser::cookie(SESSION_COOKIE, &token, SESSION_LIFE))))
}

/// Keeps the refresh token of the second step, if it is of the person who signed in in the first.
async fn keep_offline_access(
    context: &Context,
    user: &UserId,
    subject: &str,
    identified: Identified,
) -> Result<(), Fault> {
    let Identified { claims, refresh_token, scope, .. } = identified;
    let granted = scope.is_none_or(|scope| scope.split(' ').any(|scope| scope == OFFLINE_ACCESS));
    match refresh_token {
        Some(token) if granted && claims.subject == subject => {
            let given = Given { token, kind: TokenKind::Offline };
            let now = context.platform.clock.now();
            let begin = record::begin(context.settings.sealer(Purpose::Tokens), user, Some(&given), now)?;
            context.platform.database.run(begin).await.map(drop)
        }
        _ => {
            let reason = if claims.subject == subject { "it was not granted" } else { "another person came back" };
            context.log(Level::Warning, "no offline access at the identity provider", &[("reason", reason.into())]);
            Ok(())
        }
    }
}

fn with_cookies(response: Response, cookies: impl IntoIterator<Item = String>) -> Response {
    cookies.into_iter().fold(response, |response, cookie| response.with("set-cookie", cookie))
}

fn fail(context: &Context, problem: Problem, reason: &impl std::fmt::Display) -> Step {
    context.log(Level::Warning, "sign-in failed", &[("reason", reason.to_string().into())]);
    // Whose sign-in these are is known where they are decided on, and recorded there.
    if ![STOPPED, DISABLED].contains(&problem) {
        audit::gather(context, refused(context, problem));
    }
    Step::Failed(problem)
}

fn refused(context: &Context, problem: Problem) -> Event {
    audit::event(context, Kind::SignIn).ending(Outcome::Denied).because(problem.explanation)
}

fn callback_url(context: &Context) -> String {
    format!("{}{CALLBACK_PATH}", context.settings.public_url)
}

/// Whether a browser that is sent to `text` stays with us: a path, of visible ASCII without a backslash, that is
/// not the start of another host.
fn is_our_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests;
