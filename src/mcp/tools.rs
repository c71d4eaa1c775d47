//! `tools/list` and `tools/call`, the same in every protocol era.

use serde_json::{Map, Value};

use crate::{
    authorization::{bearer::Principal, scope::Scope},
    platform::Fault,
    postern::Postern,
};

/// Who calls, and what their client can do about a question of ours.
pub struct Caller<'a> {
    pub principal: &'a Principal,
    /// The client declared `elicitation.url`: it can show a person a link.
    pub url_elicitation: bool,
}

/// How a tool call ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// A result for the model. `is_error` where the call did not do what it was asked to.
    Complete { text: String, is_error: bool },
    /// No such tool: a JSON-RPC error, not a result.
    UnknownTool,
    /// The token's scopes are too small: 403 with a challenge.
    InsufficientScope(Scope),
    /// The token's grant was revoked: 401 with a challenge.
    GrantEnded,
    /// A person has to connect an account first, by opening this link.
    ConnectionNeeded(ConnectionNeeded),
}

/// A link that one person must open before the call can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionNeeded {
    /// Opaque; a lookup key that proves nothing.
    pub elicitation_id: String,
    pub url: String,
    /// For the person: what is asked of them and why.
    pub message: String,
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Elicited {
    Pending,
    Connected,
    /// Refused at the provider, or the link's time is over.
    Failed,
}

/// The definitions of the tools this principal may call, in catalogue order: each the JSON object of
/// `tools/list`, without `_meta`.
///
/// # Errors
/// Where the policy could not be read.
pub async fn list(postern: &Postern, principal: &Principal) -> Result<Vec<Value>, Fault> {
    let _ = (postern, principal);
    Ok(Vec::new())
}

/// Calls a tool.
///
/// # Errors
/// Where Postern itself failed; the caller is told no more than the request id.
pub async fn call(
    postern: &Postern,
    caller: &Caller<'_>,
    name: &str,
    arguments: Map<String, Value>,
) -> Result<Answer, Fault> {
    let _ = (postern, caller, name, arguments);
    Ok(Answer::UnknownTool)
}

/// What became of the link that an earlier call handed to this principal.
///
/// # Errors
/// Where the record could not be read.
pub async fn elicited(postern: &Postern, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault> {
    let _ = (postern, principal, elicitation_id);
    Ok(Elicited::Pending)
}
