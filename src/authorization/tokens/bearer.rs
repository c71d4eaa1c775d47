//! The check of access tokens: local, without asking any store.

use serde_json::json;

use super::{
    access_token,
    scope::{Scope, Scopes},
};
use crate::{
    authorization::tokens::principal::Principal,
    platform::{
        clock::Timestamp,
        http::{Request, Response},
    },
    settings::Settings,
};

/// Why a request acts for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BearerFailure {
    /// No `Authorization` header, or one with nothing after `Bearer`.
    Missing,
    /// An `Authorization` header that is not of the scheme `Bearer`, or holds more than one token.
    Malformed,
    /// A token that we did not issue for `/mcp`, or that has expired.
    Invalid,
}

/// Who the request acts for, by its `Authorization` header alone (RFC 6750 §2.1).
///
/// # Errors
/// Why it acts for nobody: answer with [`challenge`].
pub fn check(settings: &Settings, now: Timestamp, request: &Request) -> Result<Principal, BearerFailure> {
    let header = request.header("authorization").filter(|header| !header.is_empty()).ok_or(BearerFailure::Missing)?;
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    let token = token.trim_matches(' ');
    if !scheme.eq_ignore_ascii_case("bearer") || token.contains([' ', ',']) {
        return Err(BearerFailure::Malformed);
    }
    // Clients begin to sign in on 401 alone, so what a configured header says without a token, because its variable is
    // not set (`Bearer `) or not even read (`Bearer ${TOKEN}`), is no reason to refuse them with 400.
    if token.is_empty() {
        return Err(BearerFailure::Missing);
    }
    access_token::read(settings, token, now).ok_or(BearerFailure::Invalid)
}

/// Sends the client to sign in: 401, or 400 for a malformed header (RFC 6750 §3.1). Also the answer where a
/// token's grant was revoked, as [`BearerFailure::Invalid`]. `suffix` is what tells the address apart as a resource
/// (RFC 9728 §3): the query of a view.
pub fn challenge(settings: &Settings, suffix: &str, failure: BearerFailure) -> Response {
    let scope = Scopes::ordinary();
    match failure {
        BearerFailure::Missing => refuse(
            settings,
            suffix,
            401,
            &Challenge { error: None, scope, description: "Send an access token: sign in through your client first" },
        ),
        BearerFailure::Malformed => refuse(
            settings,
            suffix,
            400,
            &Challenge {
                error: Some("invalid_request"),
                scope,
                description: "Send one Authorization header of the form Bearer and one token",
            },
        ),
        BearerFailure::Invalid => refuse(
            settings,
            suffix,
            401,
            &Challenge {
                error: Some("invalid_token"),
                scope,
                description: "The access token is not valid here or has expired or was revoked: refresh it or sign in again",
            },
        ),
    }
}

/// Sends the client to ask for more: 403 that names what it holds and what is needed, because older clients
/// replace their scopes by those of the challenge.
pub fn insufficient_scope(settings: &Settings, suffix: &str, held: &Scopes, needed: Scope) -> Response {
    refuse(
        settings,
        suffix,
        403,
        &Challenge {
            error: Some("insufficient_scope"),
            scope: held.with(needed),
            description: "This tool needs more than the person consented to: sign in again with the wider access",
        },
    )
}

/// The descriptions hold no quotes and nothing that looks like a parameter: clients search the header by pattern.
struct Challenge {
    error: Option<&'static str>,
    scope: Scopes,
    description: &'static str,
}

fn refuse(settings: &Settings, suffix: &str, status: u16, challenge: &Challenge) -> Response {
    let mut header = String::from("Bearer ");
    if let Some(error) = challenge.error {
        header.push_str(&format!("error=\"{error}\", "));
    }
    header.push_str(&format!(
        "resource_metadata=\"{}/.well-known/oauth-protected-resource/mcp{suffix}\", scope=\"{}\"",
        settings.public_url, challenge.scope
    ));
    if challenge.error.is_some() {
        header.push_str(&format!(", error_description=\"{}\"", challenge.description));
    }
    let body = json!({
        "error": challenge.error.unwrap_or("invalid_token"),
        "error_description": challenge.description,
    });
    Response::json(status, &body).with("www-authenticate", header)
}

#[cfg(test)]
mod tests;
