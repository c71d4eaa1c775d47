//! How a request for a tool, a resource or a prompt ended.

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
    /// A person has to connect an account first, by opening this link.
    ConnectionNeeded(ConnectionNeeded),
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
            Self::ConnectionNeeded(needed) => Answer::ConnectionNeeded(needed),
            Self::InputNeeded(needed) => Answer::InputNeeded(needed),
        }
    }
}

/// A link that one person must open before the call can go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionNeeded {
    /// At which the account is.
    pub site: Site,
    /// Opaque; a lookup key that proves nothing.
    pub elicitation_id: String,
    pub url: String,
    /// Tells the person what is asked of them and why.
    pub message: String,
    /// The client never answered to the last link, so that this one is told in words, whatever it declares.
    pub in_words: bool,
}

/// The status of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStatus {
    Pending,
    /// The account is connected, and this is the one call that the link lets go on.
    Connected,
    /// The person or the provider refused.
    Failed,
    /// The link let a call go on already, or its time is over.
    Ended,
}
