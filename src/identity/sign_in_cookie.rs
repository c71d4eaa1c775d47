//! A sign-in under way, sealed into a cookie of the browser that began it, so that strangers who begin one leave
//! nothing with us. Each has a cookie of its own: several tabs may sign in at once.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::browser;
use crate::{
    crypto::{digest, seal::Sealer},
    identifiers::UserId,
    platform::{Fault, clock::Timestamp, http::Request},
};

/// How long a person may take at the identity provider.
pub const LIFE: Duration = Duration::from_secs(10 * 60);

/// The longest address to come back to, in bytes: with it a cookie stays below the 4096 that browsers keep.
pub const LONGEST_RETURN: usize = 2560;

/// How many sign-ins a browser may have under way.
const MOST: usize = 5;

const PREFIX: &str = "__Host-postern_sign_in_";

/// What its browser has to bring back. Holds secrets, so it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub struct SignIn {
    pub nonce: String,
    pub code_verifier: String,
    /// A path of ours.
    pub return_to: String,
    pub expires_at: Timestamp,
    #[serde(default)]
    pub errand: Errand,
}

/// What the browser was sent to the provider for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To find out who the person is.
    #[default]
    SignIn,
    /// For the provider's word on this person, who has just signed in, while they are away (`offline_access`). It is
    /// asked without a page first (`prompt=none`), and `visibly` where the provider has something to ask the person.
    OfflineAccess { user: UserId, subject: String, visibly: bool },
}

/// The cookie that keeps the sign-in of that state.
///
/// # Errors
/// Where there is no randomness.
pub fn keep(sealer: &Sealer, state: &str, sign_in: &SignIn) -> Result<String, Fault> {
    let name = name(state);
    let json = serde_json::to_string(sign_in).map_err(|error| Fault::new("sign-in", error))?;
    Ok(browser::cookie(&name, &sealer.seal(&json, &name)?, LIFE))
}

/// The sign-in of that state, if the browser that sent the request began it and has not taken too long.
pub fn find(sealer: &Sealer, request: &Request, state: &str, now: Timestamp) -> Option<SignIn> {
    let name = name(state);
    open(sealer, &name, request.cookie(&name)?, now)
}

/// The cookie that forgets the sign-in of that state.
pub fn forget(state: &str) -> String {
    browser::cookie(&name(state), "", Duration::ZERO)
}

/// The cookies that make room for one more: they forget what is over, and the oldest of too many.
pub fn make_room(sealer: &Sealer, request: &Request, now: Timestamp) -> impl Iterator<Item = String> {
    let mut kept: Vec<(Option<Timestamp>, &str)> = request
        .cookies()
        .filter(|(name, _)| name.starts_with(PREFIX))
        .map(|(name, sealed)| (open(sealer, name, sealed, now).map(|sign_in| sign_in.expires_at), name))
        .collect();
    kept.sort_unstable();
    let over = kept.iter().filter(|(expires_at, _)| expires_at.is_none()).count();
    let surplus = over.max(kept.len().saturating_sub(MOST - 1));
    kept.truncate(surplus);
    kept.into_iter().map(|(_, name)| browser::cookie(name, "", Duration::ZERO))
}

fn open(sealer: &Sealer, name: &str, sealed: &str, now: Timestamp) -> Option<SignIn> {
    let sign_in: SignIn = serde_json::from_str(sealer.open(sealed, name)?.expose()).ok()?;
    (sign_in.expires_at > now).then_some(sign_in)
}

/// Sealed at this name, which holds the whole hash, a cookie belongs to one state.
fn name(state: &str) -> String {
    format!("{PREFIX}{}", digest::sha256(state))
}
