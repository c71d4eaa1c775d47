//! A sign-in under way, sealed into cookies of the browser that began it, so that strangers who begin one leave nothing
//! with us. Each has cookies of its own: several tabs may sign in at once. One is enough for nearly all; a long request of
//! an AI client takes several, because browsers keep no more than 4096 bytes in one.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};

use super::browser;
use crate::{
    crypto::{
        digest,
        seal::{Purpose, Sealers},
        ticket::{Ticket, TicketState},
    },
    identifiers::UserId,
    platform::{Fault, clock::Timestamp, http::Request},
};

/// How long a person may take at the identity provider.
pub const LIFE: Duration = Duration::from_secs(10 * 60);

/// The longest address to come back to, in bytes. It is sent in a query, where it may grow by two thirds, and Cloudflare
/// takes URLs of at most 16 KiB.
pub const LONGEST_RETURN: usize = 9 * 1024;

/// The longest value of a cookie of ours: with its name and attributes it stays below what browsers keep.
const LONGEST_VALUE: usize = 3500;

/// How many sign-ins a browser may have under way, and in how many bytes: all of them travel with each request, and
/// servers in between take a limited header.
const MOST: usize = 5;
const MOST_BYTES: usize = 16 * 1024;

const PREFIX: &str = "__Host-postern_sign_in_";

/// What its browser has to bring back. Holds secrets, so it has no `Debug`.
#[derive(Serialize, Deserialize)]
pub struct SignIn {
    pub nonce: String,
    pub code_verifier: String,
    /// A path of ours.
    pub return_to: String,
    #[serde(default)]
    pub errand: Errand,
}

impl TicketState for SignIn {
    const PURPOSE: Purpose = Purpose::SignIn;
}

/// What the browser was sent to the provider for.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Errand {
    /// To find out who the person is.
    #[default]
    SignIn,
    /// The same, where they may not have proved it longer than so many seconds ago; with 0 they prove it anew.
    FreshSignIn { max_age: u32 },
    /// For the provider's word on this person, who has just signed in, while they are away (`offline_access`). It is
    /// asked without a page first (`prompt=none`), and `visibly` where the provider has something to ask the person.
    OfflineAccess { user: UserId, subject: String, visibly: bool },
}

/// The cookies that keep the sign-in of that state.
///
/// # Errors
/// Where there is no randomness.
pub fn keep(sealers: &Sealers, state: &str, sign_in: SignIn, now: Timestamp) -> Result<Vec<String>, Fault> {
    let name = name(state);
    let sealed = Ticket { state: sign_in, expires_at: now + LIFE }.seal(sealers, &name)?;
    let parts = sealed.as_bytes().chunks(LONGEST_VALUE).enumerate();
    Ok(parts
        .map(|(index, part)| browser::cookie(&part_name(&name, index), &String::from_utf8_lossy(part), LIFE))
        .collect())
}

/// The sign-in of that state, if the browser that sent the request began it and has not taken too long.
pub fn find(sealers: &Sealers, request: &Request, state: &str, now: Timestamp) -> Option<SignIn> {
    let name = name(state);
    Ticket::open(sealers, &value(request, &name), &name, now).ok().map(|ticket| ticket.state)
}

/// The cookies that forget the sign-in of that state.
pub fn forget(request: &Request, state: &str) -> impl Iterator<Item = String> {
    forget_named(request, name(state))
}

/// The cookies that make room for one more of that many bytes: they forget what is over, and the oldest of too many.
pub fn make_room(sealers: &Sealers, request: &Request, more: usize, now: Timestamp) -> impl Iterator<Item = String> {
    let names = request.cookies().map(|(name, _)| name).filter(|name| name.starts_with(PREFIX));
    let names: BTreeSet<&str> = names.map(|name| name.split('.').next().unwrap_or(name)).collect();
    let mut kept: Vec<(Option<Timestamp>, usize, &str)> = names
        .into_iter()
        .map(|name| {
            let sealed = value(request, name);
            let ticket = Ticket::<SignIn>::open(sealers, &sealed, name, now).ok();
            (ticket.map(|ticket| ticket.expires_at), sealed.len(), name)
        })
        .collect();
    kept.sort_unstable();
    let (mut count, mut bytes) = (kept.len() + 1, kept.iter().map(|(_, length, _)| length).sum::<usize>() + more);
    kept.retain(|(expires_at, length, _)| {
        let goes = expires_at.is_none() || count > MOST || bytes > MOST_BYTES;
        if goes {
            count -= 1;
            bytes -= length;
        }
        goes
    });
    kept.into_iter().flat_map(|(_, _, name)| forget_named(request, name.to_owned()).collect::<Vec<_>>())
}

fn forget_named(request: &Request, name: String) -> impl Iterator<Item = String> {
    request
        .cookies()
        .map(|(part, _)| part)
        .filter(move |part| {
            part.strip_prefix(name.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
        .map(|part| browser::cookie(part, "", Duration::ZERO))
}

/// What is sealed in the cookies of that name, the first of which bears it, and each further one a number after it.
fn value(request: &Request, name: &str) -> String {
    (0..).map_while(|index| request.cookie(&part_name(name, index))).collect()
}

fn part_name(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}.{index}") }
}

/// Sealed at this name, which holds the whole hash, a cookie belongs to one state.
fn name(state: &str) -> String {
    format!("{PREFIX}{}", digest::sha256(state))
}
