//! How a request for a tool, a resource or a prompt ended.

use serde::{Deserialize, Serialize};

use crate::{authorization::tokens::scope::Scope, mcp::messages::input::InputNeeded, providers::Site};

/// How a request ended. `T` is the result of its method.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer<T> {
    Complete(T),
    /// It was not done; the words say why and what to do next. Those of a tool go to the model.
    Failed(String),
    /// What it names does not exist, or the account may not see it; the words say more.
    Missing(String),
    /// There is no such tool, resource or prompt.
    Unknown,
    /// The params make no sense: a JSON-RPC error with these words, not a result.
    Invalid(String),
    /// The token's scopes are too small: 403 with a challenge.
    InsufficientScope(Scope),
    /// The token's grant was revoked: 401 with a challenge.
    GrantEnded,
    /// Something has to happen first at the page that this link leads to.
    LinkNeeded(LinkNeeded),
    /// The client has to be asked first.
    #[cfg_attr(
        not(feature = "conformance"),
        allow(dead_code, reason = "the conformance suite's tools ask, and approvals will")
    )]
    InputNeeded(InputNeeded),
}

impl<T> Answer<T> {
    /// Changes the result and keeps every other end as it is.
    pub fn map<U>(self, give: impl FnOnce(T) -> U) -> Answer<U> {
        match self {
            Self::Complete(result) => Answer::Complete(give(result)),
            Self::Failed(text) => Answer::Failed(text),
            Self::Missing(text) => Answer::Missing(text),
            Self::Unknown => Answer::Unknown,
            Self::Invalid(text) => Answer::Invalid(text),
            Self::InsufficientScope(needed) => Answer::InsufficientScope(needed),
            Self::GrantEnded => Answer::GrantEnded,
            Self::LinkNeeded(needed) => Answer::LinkNeeded(needed),
            Self::InputNeeded(needed) => Answer::InputNeeded(needed),
        }
    }
}

/// What a link leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<Site>", into = "Option<Site>")]
pub enum Destination {
    /// The page at which its one person connects an account at that site.
    Connection(Site),
    /// The page at which somebody else approves the call.
    Approval,
}

impl From<Option<Site>> for Destination {
    fn from(site: Option<Site>) -> Self {
        site.map_or(Self::Approval, Self::Connection)
    }
}

impl From<Destination> for Option<Site> {
    fn from(destination: Destination) -> Self {
        match destination {
            Destination::Connection(site) => Some(site),
            Destination::Approval => None,
        }
    }
}

/// A link to what must happen before the call can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkNeeded {
    pub leads_to: Destination,
    /// Of the link to an account, or of the approval. Opaque; a lookup key that proves nothing.
    pub id: String,
    pub url: String,
    /// Tells the person what is asked of them and why.
    pub message: String,
    /// The client was shown the link before and did not come back with an answer, so that it is told in words, whatever the
    /// client declares.
    pub in_words: bool,
}

impl LinkNeeded {
    /// Whether an account has to be connected.
    pub const fn is_connection(&self) -> bool {
        matches!(self.leads_to, Destination::Connection(_))
    }
}

/// The status of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    Pending,
    /// The call goes on: the account is connected, and this is the one call that the link lets go on; or somebody has
    /// decided on the call, which finds out what.
    Settled,
    /// The person or the provider refused.
    Failed,
    /// The link let a call go on already, or its time is over.
    Ended,
}
