//! What a person decides on the consent page, and what becomes of it: once, and the same again for a form sent twice.

use std::{borrow::Cow, time::Duration};

use serde::Deserialize;

use super::{
    authorize::{REQUESTS, Refusal},
    request::{Problem, ReturnAddress, UnverifiedRequest},
};
use crate::{
    audit::{self, Kind, Outcome},
    authorization::{
        clients::{self, Client, Document},
        grant_types::authorization_code::{self, Consented},
        grants,
        tokens::scope::Scopes,
    },
    context::Context,
    crypto::{digest, random, secret::Secret},
    identifiers::{ClientId, GrantId},
    identity::browser::Browser,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        json,
    },
};

/// For how long the same decision ends where the first did. People click twice and networks are slow, and then the
/// browser shows the second answer only. Half of a code's life, so that the code is still of use at the end of it.
const REPEATABLE: Duration = Duration::from_secs(30);

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Deny,
    /// The client gets what it asked for; without `writing` it may read alone.
    Allow {
        writing: bool,
    },
}

impl Choice {
    const fn recorded(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Allow { writing: true } => "allow",
            Self::Allow { writing: false } => "allow reading",
        }
    }
}

/// What becomes of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The browser goes to this URL of the client. It holds the code: not for a log.
    Redirect(String),
    /// A page for the person, with status 400.
    Refused(Refusal),
}

pub const UNDECIDABLE: Refusal = Refusal {
    code: "invalid_request",
    title: "This request is no longer open",
    explanation: Cow::Borrowed("It was decided already, is older than 10 minutes, or was opened by someone else."),
    next_step: Cow::Borrowed("Start the sign-in again from your AI client."),
};

/// The person has allowed as many clients in as anybody may.
pub const TOO_MANY_GRANTS: Refusal = Refusal {
    code: "access_denied",
    title: "You have allowed too many AI clients",
    explanation: Cow::Borrowed(
        "Nothing was allowed: each sign-in of a client counts, on every machine, until it ends.",
    ),
    next_step: Cow::Borrowed("End those that you no longer use on the page AI clients, then decide again."),
};

/// An authorization request on record, as the consent page showed it.
#[derive(Deserialize)]
struct Recorded {
    client_id: ClientId,
    client_document: Option<String>,
    redirect_uri: String,
    state: Option<String>,
    scope: String,
    resource: String,
    code_challenge: String,
    decision: Option<String>,
    grant_id: Option<GrantId>,
}

/// What to do with a decision, by what the request has come to.
#[derive(Debug, PartialEq, Eq)]
enum Next<'a> {
    Decide,
    /// It was decided just so: its grant, where there is one.
    Repeat(Option<&'a GrantId>),
    /// It was decided in another way.
    Closed,
}

impl Recorded {
    fn next(&self, choice: Choice) -> Next<'_> {
        match self.decision.as_deref() {
            None => Next::Decide,
            Some(before) if before == choice.recorded() => Next::Repeat(self.grant_id.as_ref()),
            Some(_) => Next::Closed,
        }
    }
}

/// The person's decision on the consent page, in the browser that was asked. It is taken once; the same decision again,
/// within moments, ends at the client with the same code.
///
/// # Errors
/// Where the record failed.
pub async fn decide(context: &Context, browser: &Browser, id: &str, choice: Choice) -> Result<Decision, Fault> {
    // Where a decision is taken that another request takes at the same time, the second look finds it taken.
    for _ in 0..2 {
        let now = context.platform.clock.now();
        let Some(recorded) = find(context, browser, id, now).await? else { break };
        let client = match shown(context, &recorded, now).await? {
            Ok(client) => client,
            Err(refused) => return Ok(Decision::Refused(refused.into())),
        };
        let Some(redirect) = client.redirect(&recorded.redirect_uri) else {
            return Ok(Decision::Refused(UnverifiedRequest::UnregisteredRedirect.into()));
        };
        let address = ReturnAddress { redirect, state: recorded.state.clone() };
        let grant = match recorded.next(choice) {
            Next::Decide if choice != Choice::Deny && !grants::have_room(context, &browser.person.id).await? => {
                return Ok(Decision::Refused(TOO_MANY_GRANTS));
            }
            Next::Decide => match take(context, browser, id, choice, &recorded, &client, now).await? {
                Some(grant) => grant,
                None => continue,
            },
            Next::Repeat(grant) => grant.cloned(),
            Next::Closed => break,
        };
        return Ok(Decision::Redirect(match grant {
            Some(grant) => address.with_code(&context.settings, code(context, id, &grant).expose()),
            None => address.with_problem(&context.settings, Problem::Denied),
        }));
    }
    Ok(Decision::Refused(UNDECIDABLE))
}

/// Keeps an open request open for as long as the person may take for a detour on the way to their decision; whether it
/// is still open in this browser.
///
/// # Errors
/// Where the record failed.
pub async fn hold(context: &Context, browser: &Browser, id: &str, detour: Duration) -> Result<bool, Fault> {
    let now = context.platform.clock.now();
    let hold = sql("UPDATE authorization_requests SET expires_at = MAX(expires_at, ?5)
        WHERE id = ?1 AND browser_hash = ?2 AND user_id = ?3 AND expires_at > ?4 AND decision IS NULL RETURNING id")
    .bind(id)
    .bind(&browser.session_hash)
    .bind(&browser.person.id)
    .bind(now)
    .bind(now + detour);
    Ok(!context.platform.database.run(hold).await?.rows.is_empty())
}

/// Puts a decision on record, with the grant and the code that it makes where it makes any: the grant, or `None` for a
/// denial. The outer `None` says that nothing was decided, because another request was faster or the person's access
/// ended meanwhile.
async fn take(
    context: &Context,
    browser: &Browser,
    id: &str,
    choice: Choice,
    recorded: &Recorded,
    client: &Client,
    now: Timestamp,
) -> Result<Option<Option<GrantId>>, Fault> {
    let database = &context.platform.database;
    let of_this =
        |kind| audit::event(context, kind).of(&browser.person.id).client(&client.id).client_name(&client.name);
    let consent = of_this(Kind::Consent);
    let Choice::Allow { writing } = choice else {
        let denied = database.run(close(id, choice, None, now)).await?;
        if denied.rows.is_empty() {
            return Ok(None);
        }
        let event = consent.ending(Outcome::Denied).because("the person said no");
        audit::record(context, event.changing("", &recorded.scope)).await;
        return Ok(Some(None));
    };
    let asked = Scopes::parse(&recorded.scope);
    let grant = GrantId::new(random::identifier()?);
    let consented = Consented {
        request: id,
        user: &browser.person.id,
        ended_before: browser.ended_before,
        client,
        redirect_uri: &recorded.redirect_uri,
        scopes: &if writing { asked } else { asked.without_writing() },
        resource: &recorded.resource,
        code_challenge: &recorded.code_challenge,
    };
    let authenticator = context.settings.authenticator();
    let mut statements =
        authorization_code::record(authenticator, &consented, &grant, &code(context, id, &grant), now).to_vec();
    statements.extend([close(id, choice, Some(&grant), now), clients::keep(authenticator, client, now)]);
    statements.extend(grants::forget_oldest(&browser.person.id, now));
    let granted = database.batch(statements).await?.into_iter().next().unwrap_or_default();
    if granted.rows.is_empty() {
        return Ok(None);
    }
    let scope = consented.scopes.to_string();
    let made = of_this(Kind::GrantMade).grant(&grant).changing("", &scope);
    audit::record_all(context, vec![consent.grant(&grant).changing("", &scope), made]).await;
    Ok(Some(Some(grant)))
}

/// The statement that takes an open request's decision: with a grant, if that was made.
fn close(id: &str, choice: Choice, grant: Option<&GrantId>, now: Timestamp) -> Statement {
    sql("UPDATE authorization_requests SET decision = ?2, grant_id = ?3, expires_at = ?4
        WHERE id = ?1 AND decision IS NULL AND (?3 IS NULL OR EXISTS (SELECT 1 FROM grants WHERE id = ?3))
        RETURNING id")
    .bind(id)
    .bind(choice.recorded())
    .bind(grant)
    .bind(now + REPEATABLE)
}

/// The code of a grant: derived, so that the same decision gives the same and no code is kept anywhere.
fn code(context: &Context, request: &str, grant: &GrantId) -> Secret {
    let key = context.settings.signing_keys.current.derive("authorization code");
    Secret::new(digest::authenticate(&key, &[request, grant.as_str()]))
}

/// The client that the person was shown: by the document of that moment, where it has one.
async fn shown(
    context: &Context,
    recorded: &Recorded,
    now: Timestamp,
) -> Result<Result<Client, UnverifiedRequest>, Fault> {
    let Some(document) = &recorded.client_document else {
        return Ok(clients::find(context, &recorded.client_id).await?.ok_or(UnverifiedRequest::UnknownClient));
    };
    let document: Document = json::from_str(document).map_err(|error| Fault::new("client", error))?;
    let client = document.client(recorded.client_id.as_str(), &context.settings.private_use_redirects, now);
    Ok(client.map_err(|error| UnverifiedRequest::Document { error, way_out: None }))
}

/// The request of that id, unless it is over, or another person's or browser's.
async fn find(context: &Context, browser: &Browser, id: &str, now: Timestamp) -> Result<Option<Recorded>, Fault> {
    let query =
        sql("SELECT id, user_id, browser_hash, client_id, client_document, redirect_uri, state, scope, resource,
            code_challenge, mac, decision, grant_id
        FROM authorization_requests WHERE id = ?1 AND browser_hash = ?2 AND user_id = ?3 AND expires_at > ?4")
        .bind(id)
        .bind(&browser.session_hash)
        .bind(&browser.person.id)
        .bind(now);
    let rows = context.platform.database.run(query).await?;
    context.settings.authenticator().authentic(&REQUESTS, rows).first()
}

#[cfg(test)]
mod tests;
