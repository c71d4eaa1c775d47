//! What a Session object can be told, a file for each command: what crosses to the object, what comes back, and what the
//! object does.

mod admit;
mod disable;
mod end;
mod forget_credential;
mod hold;
mod is_live;
mod list;
mod listen;
mod refuse;
mod renew;
mod responses;
mod settle;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub use self::{
    admit::{Admit, Admitted, NotAdmitted},
    disable::{Disable, DisabledSince, Enable},
    end::{EndBefore, EndEverything, EndGrant},
    forget_credential::ForgetCredential,
    hold::{Hold, WakeHolds},
    is_live::IsLive,
    list::List,
    listen::{Listen, NotHeard},
    refuse::Refuse,
    renew::{DeclareBroken, Renew},
    responses::{PutResponse, TakeResponse},
    settle::{Settle, Settlement},
};
#[cfg(feature = "conformance")]
pub use super::defect::Fixture;
use super::object::Session;
use crate::{crypto::secret::Secret, identifiers::Subject, platform::Fault};

/// One command of a Session object.
pub trait Command: Into<AnyCommand> {
    type Reply: Serialize + DeserializeOwned;

    /// What the object does.
    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault>;
}

/// One turn of one subject's object, as it crosses to it.
#[derive(Serialize, Deserialize)]
pub struct Turn {
    pub subject: Subject,
    pub command: AnyCommand,
}

/// What comes back of a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply<R> {
    Done(R),
    /// The object could not do it; why is in its log.
    Failed,
    /// A defect ended the turn; why is in the log.
    Panicked,
}

impl<R: Serialize> Reply<R> {
    /// As it crosses back.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

macro_rules! commands {
    ($($(#[$attribute:meta])* $name:ident,)*) => {
        /// Every command there is.
        #[derive(Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum AnyCommand {
            $($(#[$attribute])* $name($name),)*
        }

        $($(#[$attribute])*
        impl From<$name> for AnyCommand {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        })*

        impl AnyCommand {
            /// Has the object do it, for the reply as it crosses back.
            pub async fn dispatch(self, session: &Session, subject: &Subject) -> String {
                match self {
                    $($(#[$attribute])* Self::$name(command) => session.take(subject, command).await.encode(),)*
                }
            }
        }
    };
}

commands! {
    Admit,
    Refuse,
    Settle,
    List,
    Listen,
    Hold,
    WakeHolds,
    Renew,
    DeclareBroken,
    ForgetCredential,
    IsLive,
    EndGrant,
    EndBefore,
    EndEverything,
    Disable,
    Enable,
    DisabledSince,
    PutResponse,
    TakeResponse,
    #[cfg(feature = "conformance")]
    Fixture,
}

/// Why a request under a grant is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The grant is worth nothing any more.
    GrantEnded,
    /// Too much was asked for in a short time.
    RateLimited { retry_after_milliseconds: u64 },
}

/// An upstream access token on its way from the object to the Worker that sends it. Never leaves Postern but
/// to its provider.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credential {
    access_token: String,
    /// Of the stored pair, to tell a refused credential from its successor.
    pub version: i64,
}

impl Credential {
    pub fn new(access_token: &Secret, version: i64) -> Self {
        Self { access_token: access_token.expose().to_owned(), version }
    }

    pub fn access_token(&self) -> Secret {
        Secret::new(&self.access_token)
    }
}
