//! Fresh sign-ins: for some acts it is not enough that somebody signed in here hours ago. When a person last proved to the
//! identity provider who they are (`auth_time`, OpenID Connect Core 1.0 §2) is sealed into a cookie for the one browser
//! session that followed. No record has it, so that nobody gains by writing there.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    browser::{self, Browser},
    claimed::SESSION_LIFE,
    id_token::IdClaims,
};
use crate::{
    context::Context,
    crypto::{
        seal::{Purpose, Sealers},
        ticket::{Ticket, TicketState},
    },
    platform::{Fault, clock::Timestamp, http::Request},
};

const COOKIE: &str = "__Host-postern_authenticated";

/// How far the provider's clock and ours may be apart.
const SKEW: Duration = Duration::from_mins(1);

/// What the cookie says.
#[derive(Serialize, Deserialize)]
struct Authenticated {
    at: Timestamp,
}

impl TicketState for Authenticated {
    const PURPOSE: Purpose = Purpose::SignIn;
}

/// Where the cookie of that session is sealed: it opens for no other.
fn place(session_hash: &str) -> String {
    format!("authenticated/{session_hash}")
}

/// When the person proved who they are, as far as the provider says it.
pub(super) fn authenticated_at(claims: &IdClaims, now: Timestamp) -> Option<Timestamp> {
    let seconds = claims.others.get("auth_time")?.as_i64()?;
    // By the provider's clock, which may be ahead of ours.
    Some(Timestamp(seconds.saturating_mul(1000)).min(now))
}

/// The cookie that says so for the session of that hash.
pub(super) fn cookie(sealers: &Sealers, session_hash: &str, at: Timestamp, now: Timestamp) -> Result<String, Fault> {
    let ticket = Ticket { state: Authenticated { at }, expires_at: now + SESSION_LIFE };
    Ok(browser::cookie(COOKIE, &ticket.seal(sealers, &place(session_hash))?, SESSION_LIFE))
}

/// Whether the person proved who they are within that time before now.
pub(super) fn is_within(at: Timestamp, within: Duration, now: Timestamp) -> bool {
    now.since(at) <= within + SKEW
}

/// Whether whoever is signed in there proved who they are within that time.
pub fn is_fresh(context: &Context, request: &Request, browser: &Browser, within: Duration) -> bool {
    let now = context.platform.clock.now();
    let opened = request.cookie(COOKIE).and_then(|sealed| {
        Ticket::<Authenticated>::open(context.settings.sealers(), sealed, &place(&browser.session_hash), now).ok()
    });
    opened.is_some_and(|ticket| is_within(ticket.state.at, within, now))
}
