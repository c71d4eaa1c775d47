//! `/authorize`: from a client's request to a person's decision (RFC 6749 §4.1).

use std::time::Duration;

use serde::Deserialize;

use super::{
    authorization_code::{self, Consented},
    clients,
    consent::ConsentRequest,
    request::{self, Problem, ReturnAddress, Unproven, Wanted},
    scope::Scopes,
};
use crate::{
    crypto::{random, secret::Secret},
    identifiers::{ClientId, GrantId},
    identity::browser::Browser,
    platform::{
        Fault,
        clock::Timestamp,
        database::sql,
        http::{Request, Response},
    },
    postern::Postern,
};

/// How long a person may think about a consent page.
const REQUEST_LIFE: Duration = Duration::from_secs(10 * 60);

/// What a person is told where nothing can be sent to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub title: &'static str,
    pub explanation: &'static str,
    pub next_step: &'static str,
}

/// What becomes of an authorization request.
pub enum Authorize {
    /// A page for the person, with status 400 and no way to the client.
    Refused(Refusal),
    /// The client is told by this redirect.
    Respond(Response),
    /// The person has to sign in, then come back with the same request.
    SignIn,
    /// The person has to decide.
    Consent(ConsentRequest),
}

/// What becomes of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The browser goes to this URL of the client. It holds the code: not for a log.
    Redirect(String),
    /// A page for the person, with status 400.
    Refused(Refusal),
}

impl From<Unproven> for Refusal {
    fn from(unproven: Unproven) -> Self {
        match unproven {
            Unproven::NoClient => Self {
                title: "This sign-in request is incomplete",
                explanation: "It does not say which AI client it comes from.",
                next_step: "Start the sign-in again from your AI client.",
            },
            Unproven::UnknownClient => Self {
                title: "This AI client is not known here",
                explanation: "It never registered at this server, or its registration expired before anybody used it.",
                next_step: "Remove this server from your AI client and add it again, so that it registers anew.",
            },
            Unproven::NoRedirect => Self {
                title: "This sign-in request is incomplete",
                explanation: "It does not say where to send the answer.",
                next_step: "Start the sign-in again from your AI client. If that does not help, update the client.",
            },
            Unproven::UnregisteredRedirect => Self {
                title: "This sign-in request was stopped",
                explanation: "It asks to send the answer to an address that the AI client did not register.",
                next_step: "If you followed a link, close this page. Otherwise remove this server from your AI \
                            client and add it again.",
            },
        }
    }
}

const UNDECIDABLE: Refusal = Refusal {
    title: "This request is no longer open",
    explanation: "It was decided already, is older than 10 minutes, or was opened by someone else.",
    next_step: "Start the sign-in again from your AI client.",
};

/// `GET /authorize`. Every request asks the person: nothing is remembered.
///
/// # Errors
/// Where the record failed.
pub async fn authorize(postern: &Postern, request: &Request, browser: Option<&Browser>) -> Result<Authorize, Fault> {
    let form = request.query();
    let client = match request::client_id(&form) {
        Ok(id) => clients::find(postern, &ClientId::new(id)).await?.ok_or(Unproven::UnknownClient),
        Err(unproven) => Err(unproven),
    };
    let client = match client {
        Ok(client) => client,
        Err(unproven) => return Ok(Authorize::Refused(unproven.into())),
    };
    let address = match request::return_address(&form, &client) {
        Ok(address) => address,
        Err(unproven) => return Ok(Authorize::Refused(unproven.into())),
    };
    let tell = |problem| {
        Authorize::Respond(
            Response::redirect(address.with_problem(&postern.settings, problem)).with("referrer-policy", "no-referrer"),
        )
    };
    let wanted = match request::wanted(&form, &postern.settings) {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(tell(problem)),
    };
    let Some(browser) = browser else {
        return Ok(if wanted.silent { tell(Problem::LoginRequired) } else { Authorize::SignIn });
    };
    if wanted.silent {
        return Ok(tell(Problem::ConsentRequired));
    }
    let id = remember(postern, browser, &client.id, &address, &wanted).await?;
    Ok(Authorize::Consent(ConsentRequest {
        id,
        client_id: client.id.clone(),
        client_name: client.name.clone(),
        client_registered_at: client.created_at,
        redirect_host: address.redirect.authority().to_owned(),
        redirect_is_loopback: address.redirect.is_loopback(),
        scopes: wanted.scopes,
    }))
}

/// Keeps the request until it is decided in the same browser; its id. Others of the same browser stay open.
async fn remember(
    postern: &Postern,
    browser: &Browser,
    client: &ClientId,
    address: &ReturnAddress,
    wanted: &Wanted,
) -> Result<String, Fault> {
    let id = random::token()?;
    let insert = sql("INSERT INTO authorization_requests (id, user_id, browser_hash, client_id, redirect_uri, state,
            scope, resource, code_challenge, expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
    .bind(&id)
    .bind(&browser.person.id)
    .bind(&browser.session_hash)
    .bind(client)
    .bind(address.redirect.as_str())
    .bind(address.state.clone())
    .bind(wanted.scopes.to_string())
    .bind(postern.settings.resource())
    .bind(&wanted.code_challenge)
    .bind(postern.platform.clock.now() + REQUEST_LIFE);
    postern.platform.database.run(insert).await?;
    Ok(id)
}

#[derive(Deserialize)]
struct Open {
    client_id: ClientId,
    redirect_uri: String,
    state: Option<String>,
    scope: String,
    resource: String,
    code_challenge: String,
}

/// The person's decision on the consent page: once, in the browser that was asked.
///
/// # Errors
/// Where the record failed.
pub async fn decide(postern: &Postern, browser: &Browser, id: &str, approved: bool) -> Result<Decision, Fault> {
    let now = postern.platform.clock.now();
    let Some(open) = take(postern, browser, id, now).await? else {
        return Ok(Decision::Refused(UNDECIDABLE));
    };
    let Some(client) = clients::find(postern, &open.client_id).await? else {
        return Ok(Decision::Refused(Unproven::UnknownClient.into()));
    };
    let Some(redirect) = client.redirect(&open.redirect_uri) else {
        return Ok(Decision::Refused(Unproven::UnregisteredRedirect.into()));
    };
    let address = ReturnAddress { redirect, state: open.state };
    if !approved {
        return Ok(Decision::Redirect(address.with_problem(&postern.settings, Problem::Denied)));
    }
    let consented = Consented {
        user: &browser.person.id,
        client: &client.id,
        redirect_uri: address.redirect.as_str(),
        scopes: &Scopes::parse(&open.scope),
        resource: &open.resource,
        code_challenge: &open.code_challenge,
    };
    let grant = GrantId::new(random::identifier()?);
    let code = Secret::new(random::token()?);
    let mut statements = vec![clients::keep(&client.id, now)];
    statements.extend(authorization_code::record(&consented, &grant, &code, now));
    postern.platform.database.batch(statements).await?;
    Ok(Decision::Redirect(address.with_code(&postern.settings, code.expose())))
}

/// Takes an open request off the record, unless it is another person's or browser's.
async fn take(postern: &Postern, browser: &Browser, id: &str, now: Timestamp) -> Result<Option<Open>, Fault> {
    let delete = sql("DELETE FROM authorization_requests
        WHERE id = ?1 AND browser_hash = ?2 AND user_id = ?3 AND expires_at > ?4
        RETURNING client_id, redirect_uri, state, scope, resource, code_challenge")
    .bind(id)
    .bind(&browser.session_hash)
    .bind(&browser.person.id)
    .bind(now);
    postern.platform.database.run(delete).await?.first()
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
