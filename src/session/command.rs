//! What a Session object is told and what it replies, as they cross to it.

use serde::{Deserialize, Serialize};

use super::{lease::Lease, streams::Stream};
use crate::{
    catalog::operation::Provider,
    crypto::secret::Secret,
    governance::{
        audit::{Call, Outcome},
        decision::{Denial, Verdict},
    },
    identifiers::{GrantId, Subject},
    platform::clock::Timestamp,
};

/// One turn of one subject's object.
#[derive(Serialize, Deserialize)]
pub struct Turn {
    pub subject: Subject,
    pub command: Command,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Before a call: may it run, and with which credential?
    Admit(Admission),
    /// After calls: how they ended.
    Settle(Vec<Settlement>),
    /// What is decided of these tools.
    Permitted { grant: GrantId, tools: Vec<Tool> },
    /// The same, for a stream that tells of changes. Its first question is charged.
    Listen { grant: GrantId, tools: Vec<Tool>, stream: Stream, opens: bool },
    /// Reply when something has become of that link, or after a while.
    Hold { grant: GrantId, elicitation: String },
    /// Something has become of a link: whoever is held is to look again.
    WakeHolds,
    /// The provider refused the credential of that version: get a better one.
    Renew { provider: Provider, version: i64 },
    /// The provider refused a renewed credential too: the user has to connect again.
    DeclareBroken { provider: Provider, version: i64 },
    /// The user connected or disconnected an account: forget its credential.
    ForgetCredential { provider: Provider },
    /// Whether the grant is worth something.
    IsLive { grant: GrantId },
    /// The grant is worth nothing from now on.
    EndGrant { grant: GrantId },
    /// No grant that was made at or before `at` is worth anything: those made later are. For people, who may come back.
    EndBefore { at: Timestamp },
    /// The subject is gone for good, and no grant of theirs is worth anything from now on. For services alone, whose ids
    /// are never given again.
    EndEverything,
    /// A client has responded to a request of ours: keep it for who waits.
    PutResponse { id: String, response: String },
    /// Has the client responded to that request?
    TakeResponse { id: String },
    #[cfg(feature = "conformance")]
    Fixture(super::defect::Defect),
}

/// A tool to decide on.
#[derive(Serialize, Deserialize)]
pub struct Tool {
    pub name: String,
    pub definition_digest: String,
    /// It needs the person's own account there.
    pub account: Option<Provider>,
}

/// A call that wants to run.
#[derive(Serialize, Deserialize)]
pub struct Admission {
    pub grant: GrantId,
    pub call: Call,
    pub definition_digest: String,
    /// It changes something: its intent must be on record before it is sent.
    pub writes: bool,
    /// It needs the person's own account there.
    pub account: Option<Provider>,
    /// That it asks for a lease as well: how many calls of the one before were not used, which are the bucket's again.
    pub unused: Option<u32>,
}

/// How an admitted call ended.
#[derive(Serialize, Deserialize)]
pub struct Settlement {
    pub at: Timestamp,
    pub call: Call,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub duration_milliseconds: i64,
    pub upstream_status: Option<u16>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// The call may run, and with a lease others after it.
    Admitted {
        credential: Option<Credential>,
        lease: Option<Lease>,
    },
    Denied(Denial),
    RateLimited {
        retry_after_milliseconds: u64,
    },
    GrantEnded,
    /// The user has no working account there.
    NotConnected {
        was_connected: bool,
    },
    /// The credential could not be renewed for now: the provider did not answer.
    ProviderUnavailable,
    /// The intent of a write could not be put on record.
    AuditUnavailable,
    Permitted(Vec<Verdict>),
    /// The stream is to end: there are too many, or it is of a program that is no longer deployed.
    ListenAnew,
    Renewed(Credential),
    Response(Option<String>),
    Done,
    /// The object could not do it; why is in its log.
    Failed,
    /// A defect ended the turn; why is in the log.
    Panicked,
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
