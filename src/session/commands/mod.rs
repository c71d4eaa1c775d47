//! What a Session object can be told, a file for each command: what crosses to the object, what comes back, and what
//! the object does.

mod admit;
mod charge;
mod disable;
mod end;
#[cfg(feature = "conformance")]
mod fixture;
mod forget_credential;
mod hold;
mod idempotency;
mod is_live;
mod listen;
mod lock;
mod note_reading;
mod prepare;
mod renew;
mod responses;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::json;

#[cfg(feature = "conformance")]
pub use self::fixture::Fixture;
pub use self::{
    admit::{Admit, Admitted, NotAdmitted, TaintCheck},
    charge::Charge,
    disable::{DisabledSince, Enable},
    end::{EndBefore, EndEverything, EndGrant, EndPerson, ForgetEnding},
    forget_credential::ForgetCredential,
    hold::{Hold, HoldForApproval, WakeHolds},
    idempotency::{AwaitKeyed, EndKeyed},
    is_live::IsLive,
    listen::{Listen, NotHeard},
    lock::Lock,
    note_reading::NoteReading,
    prepare::Prepare,
    renew::{DeclareBroken, Renew},
    responses::{PutResponse, TakeResponse},
};
use super::object::Session;
pub use super::refusal::Refusal;
use crate::{
    connections::{
        granted_sites::ResourceId,
        vault::{AccessToken, CredentialError},
    },
    crypto::secret::Secret,
    identifiers::Subject,
    platform::{
        Fault, json,
        log::{self, Level},
        panic,
    },
    providers::Site,
};

/// One command of a Session object.
pub trait Command: Into<AnyCommand> {
    type Reply: Serialize + DeserializeOwned;

    /// Does what the command says, in the object.
    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault>;
}

/// One turn of one subject's object, as it crosses to it.
#[derive(Serialize, Deserialize)]
pub struct Turn {
    pub subject: Subject,
    pub command: AnyCommand,
}

/// The reply that a turn sends back.
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
    /// Serializes the reply, as it crosses back.
    pub fn encode(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Takes one turn of an object: a [`Turn`] as JSON in, a [`Reply`] as JSON out. A fault or a panic goes to the log; the
/// caller is told of it.
pub async fn turn(session: &Session, turn: &str) -> String {
    let Turn { subject, command } = match json::from_str(turn) {
        Ok(turn) => turn,
        Err(error) => {
            log::write(Level::Error, "turn not read", &[("detail", json!(error.to_string()))]);
            return Reply::<()>::Failed.encode();
        }
    };
    let (fault, reply) = match panic::contain(command.dispatch(session, &subject)).await {
        Ok(Ok(reply)) => return reply,
        Ok(Err(fault)) => (fault, Reply::<()>::Failed),
        Err(fault) => {
            session.recover();
            (fault, Reply::Panicked)
        }
    };
    let fields = [("subject", json!(subject.to_string())), ("detail", json!(fault.to_string()))];
    log::write(Level::Error, "turn failed", &fields);
    reply.encode()
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
            async fn dispatch(self, session: &Session, subject: &Subject) -> Result<String, Fault> {
                Ok(match self {
                    $($(#[$attribute])* Self::$name(command) => {
                        Reply::Done(command.handle(session, subject).await?).encode()
                    })*
                })
            }
        }
    };
}

commands! {
    Admit,
    Charge,
    Listen,
    Hold,
    HoldForApproval,
    WakeHolds,
    AwaitKeyed,
    EndKeyed,
    Renew,
    DeclareBroken,
    ForgetCredential,
    IsLive,
    Lock,
    NoteReading,
    Prepare,
    EndGrant,
    EndPerson,
    ForgetEnding,
    EndBefore,
    EndEverything,
    Enable,
    DisabledSince,
    PutResponse,
    TakeResponse,
    #[cfg(feature = "conformance")]
    Fixture,
}

/// An upstream access token on its way from the object to the Worker that sends it. Never leaves Postern but
/// to its provider.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credential {
    access_token: String,
    /// The version of the stored pair, which tells a refused credential from its successor.
    pub version: i64,
    /// The site's id at its provider, where the token is for several.
    #[serde(default)]
    pub resource: Option<ResourceId>,
    /// The scopes that were granted, separated by spaces; empty where the provider did not say.
    #[serde(default)]
    pub scopes: String,
}

impl Credential {
    /// The token as it is used at that site.
    ///
    /// # Errors
    /// Where it is not for that site.
    pub fn at(site: Site, token: &AccessToken) -> Result<Self, CredentialError> {
        let resource = token.resource_at(site)?;
        let (access_token, scopes) = (token.token.expose().to_owned(), token.granted.scopes.clone());
        Ok(Self { access_token, version: token.version, resource, scopes })
    }

    #[cfg(test)]
    pub fn new(access_token: &Secret, version: i64) -> Self {
        Self { access_token: access_token.expose().to_owned(), version, resource: None, scopes: String::new() }
    }

    pub fn access_token(&self) -> Secret {
        Secret::new(&self.access_token)
    }
}
