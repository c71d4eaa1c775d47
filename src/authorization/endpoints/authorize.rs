//! `/authorize`: from a client's request to the person who has to decide (RFC 6749 §4.1).

use std::{borrow::Cow, time::Duration};

use serde_json::json;

use super::{
    consent::ConsentRequest,
    request::{self, Problem, ReturnAddress, UnverifiedRequest, Wanted},
};
use crate::{
    authorization::clients::{self, Client, Document, DocumentError, Origin, Verdict, redirect::Destination},
    context::Context,
    crypto::{authenticator::Table, random},
    identifiers::ClientId,
    identity::browser::Browser,
    platform::{
        Fault,
        cap::Cap,
        database::sql,
        http::{Form, Request, Response},
    },
};

/// What a person is asked, and who is: all of it is what they were shown.
pub const REQUESTS: Table = Table {
    name: "authorization_requests",
    columns: &[
        "id",
        "user_id",
        "browser_hash",
        "client_id",
        "client_document",
        "redirect_uri",
        "state",
        "scope",
        "resource",
        "code_challenge",
    ],
};

/// How long a person may think about a consent page.
const REQUEST_LIFE: Duration = Duration::from_secs(10 * 60);

/// A visit makes a row, before anything is decided.
const CAP: Cap = Cap::new(
    20,
    "DELETE FROM authorization_requests WHERE rowid IN (
        SELECT rowid FROM authorization_requests WHERE user_id = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
);

/// What a person is told where nothing can be sent to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The error code for a program that has no page to show.
    pub code: &'static str,
    pub title: &'static str,
    pub explanation: Cow<'static, str>,
    pub next_step: Cow<'static, str>,
}

/// A way to the client that the person has to choose, because only a stranger vouches for where it leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onward {
    pub client_name: String,
    /// The host that it leads to.
    pub authority: String,
    /// The whole address, with what the client is told.
    pub location: String,
    pub problem: Problem,
}

/// What becomes of an authorization request.
pub enum Authorize {
    /// A page for the person, with status 400 and no way to the client.
    Refused(Refusal),
    /// The client is told by this redirect.
    Respond(Response),
    /// The client is told if the person goes there.
    Onward(Onward),
    /// The person has to sign in, then come back with the same request.
    SignIn,
    /// The person has to decide.
    Consent(Box<ConsentRequest>),
}

impl From<UnverifiedRequest> for Refusal {
    fn from(refused: UnverifiedRequest) -> Self {
        let code = refused.code();
        let (title, explanation, next_step): (_, Cow<'static, str>, Cow<'static, str>) = match refused {
            UnverifiedRequest::NoClient => (
                "This sign-in request is incomplete",
                "It does not say which AI client it comes from.".into(),
                "Start the sign-in again from your AI client.".into(),
            ),
            UnverifiedRequest::UnknownClient => (
                "This AI client is not known here",
                "It never registered at this server, or its registration expired before anybody used it.".into(),
                "Remove this server from your AI client and add it again, so that it registers anew.".into(),
            ),
            UnverifiedRequest::KnownClientsOnly => (
                "Your organisation lets in only AI clients that it knows",
                "This one introduced itself, and no administrator of this server has entered it.".into(),
                "Ask an administrator of this server to enter it under Known clients, and give your AI client the client id \
                 that you get from them. If you followed a link, close this page."
                    .into(),
            ),
            UnverifiedRequest::Document { error, way_out } => (
                "This AI client cannot be recognised",
                format!("It says that it is described at an address, but that description is of no use: {error}.")
                    .into(),
                document_next_step(&error, way_out).into(),
            ),
            UnverifiedRequest::NoRedirect => (
                "This sign-in request is incomplete",
                "It does not say where to send the answer.".into(),
                "Start the sign-in again from your AI client. If that does not help, update the client.".into(),
            ),
            UnverifiedRequest::UnregisteredRedirect => (
                "This sign-in request was stopped",
                "It asks to send the answer to an address that the AI client did not register.".into(),
                "If you followed a link, close this page. Otherwise remove this server from your AI client and add it \
                 again."
                    .into(),
            ),
            UnverifiedRequest::PrivateUseRedirect(beginning) => (
                "This AI client needs your operator's permission",
                format!(
                    "It wants the answer opened by the program that takes {beginning} links on your computer, and your \
                     organisation has not allowed that."
                )
                .into(),
                "Ask whoever operates this server to add that beginning to its setting PRIVATE_USE_REDIRECTS. If you \
                 followed a link, close this page."
                    .into(),
            ),
        };
        Self { code, title, explanation, next_step }
    }
}

/// What helps a person whose client has a document of no use.
fn document_next_step(error: &DocumentError, way_out: Option<String>) -> String {
    let again = match error.verdict() {
        Verdict::Unheard => "Try again in a few minutes from your AI client.",
        Verdict::NoClient | Verdict::Unacceptable => "If you followed a link, close this page.",
    };
    let otherwise = way_out.unwrap_or_else(|| {
        "Ask an administrator of this server to enter your AI client under Known clients, and give the client the client id \
         that you get from them."
            .to_owned()
    });
    format!("{again} To connect without that description: {otherwise}")
}

/// `GET /authorize`. Every request asks the person: nothing is remembered.
///
/// # Errors
/// Where the record failed.
pub async fn authorize(context: &Context, request: &Request, browser: Option<&Browser>) -> Result<Authorize, Fault> {
    let form = request.query();
    let (client, document) = match asking(context, request, &form).await? {
        Ok(found) => found,
        Err(refused) => return Ok(Authorize::Refused(refused.into())),
    };
    let address = match request::return_address(&form, &client, &context.settings) {
        Ok(address) => address,
        Err(refused) => return Ok(Authorize::Refused(refused.into())),
    };
    let tell = |problem| told(context, &client, &address, problem);
    let wanted = match request::wanted(&form, &client, &context.settings) {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(tell(problem)),
    };
    let Some(browser) = browser else {
        return Ok(if wanted.silent { tell(Problem::LoginRequired) } else { Authorize::SignIn });
    };
    if wanted.silent {
        return Ok(tell(Problem::ConsentRequired));
    }
    let id = remember(context, browser, &client.id, document.as_ref(), &address, &wanted).await?;
    let consent = ConsentRequest { id, client, redirect: address.redirect, scopes: wanted.scopes };
    Ok(Authorize::Consent(Box::new(consent)))
}

/// How a client is told of a problem before a person has decided anything. The browser follows no address that only a
/// stranger vouches for, or any link to us would lead wherever its maker likes (RFC 9700 §4.11.2); what lies on the person's
/// own computer, and what an administrator entered, it goes to at once.
fn told(context: &Context, client: &Client, address: &ReturnAddress, problem: Problem) -> Authorize {
    let location = address.with_problem(&context.settings, problem);
    if client.origin != Origin::PreRegistered && address.redirect.destination() == Destination::Web {
        let authority = address.redirect.authority().to_owned();
        return Authorize::Onward(Onward { client_name: client.name.clone(), authority, location, problem });
    }
    Authorize::Respond(Response::redirect(location).with("referrer-policy", "no-referrer"))
}

/// The client that asks, as it is now, and the document that says so where there is one.
async fn asking(
    context: &Context,
    request: &Request,
    form: &Form,
) -> Result<Result<(Client, Option<Document>), UnverifiedRequest>, Fault> {
    let id = match request::client_id(form) {
        Ok(id) => id,
        Err(refused) => return Ok(Err(refused)),
    };
    let settings = &context.settings;
    if clients::is_document_address(id) {
        if settings.known_clients_only {
            return Ok(Err(UnverifiedRequest::KnownClientsOnly));
        }
        let found = clients::described(context, id, &request.sender()).await?;
        return Ok(
            found.map_err(|error| UnverifiedRequest::Document { error, way_out: clients::way_out(id, settings) })
        );
    }
    Ok(match clients::find(context, &ClientId::new(id)).await? {
        Some(client) if !client.origin.is_admitted(settings) => Err(UnverifiedRequest::KnownClientsOnly),
        Some(client) => Ok((client, None)),
        None => Err(UnverifiedRequest::UnknownClient),
    })
}

/// Keeps the request until it is decided in the same browser; its id. Others of the same person stay open, up to [`CAP`].
async fn remember(
    context: &Context,
    browser: &Browser,
    client: &ClientId,
    document: Option<&Document>,
    address: &ReturnAddress,
    wanted: &Wanted,
) -> Result<String, Fault> {
    let document = document.map(serde_json::to_string).transpose().map_err(|error| Fault::new("client", error))?;
    let id = random::token()?;
    let expires_at = context.platform.clock.now() + REQUEST_LIFE;
    let mac = context.settings.authenticator().row(
        &REQUESTS,
        &[
            json!(id),
            json!(browser.person.id),
            json!(browser.session_hash),
            json!(client),
            json!(document),
            json!(address.redirect.as_str()),
            json!(address.state),
            json!(wanted.scopes.to_string()),
            json!(context.settings.resource()),
            json!(wanted.code_challenge),
        ],
    );
    let insert = sql("INSERT INTO authorization_requests (id, user_id, browser_hash, client_id, client_document,
            redirect_uri, state, scope, resource, code_challenge, expires_at, mac)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")
    .bind(&id)
    .bind(&browser.person.id)
    .bind(&browser.session_hash)
    .bind(client)
    .bind(document)
    .bind(address.redirect.as_str())
    .bind(address.state.clone())
    .bind(wanted.scopes.to_string())
    .bind(context.settings.resource())
    .bind(&wanted.code_challenge)
    .bind(expires_at)
    .bind(mac);
    context.platform.database.batch(vec![insert, CAP.keep(&browser.person.id)]).await?;
    Ok(id)
}

#[cfg(test)]
mod tests;
