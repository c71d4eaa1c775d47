//! A person whom an administrator disables, until one enables them. The object keeps it, because whoever can write to the
//! record does not reach it.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::Subject,
    platform::{Fault, clock::Timestamp},
    session::object::Session,
};

/// No grant of the person is worth anything, whenever it was made, until [`Enable`].
#[derive(Serialize, Deserialize)]
pub struct Disable {
    pub at: Timestamp,
}

impl Command for Disable {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.grants.disable(session.storage.as_ref(), self.at)
    }
}

/// Grants that are made from now on count again.
#[derive(Serialize, Deserialize)]
pub struct Enable {}

impl Command for Enable {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.grants.enable(session.storage.as_ref())
    }
}

/// Asks since when the person is disabled, if they are.
#[derive(Serialize, Deserialize)]
pub struct DisabledSince {}

impl Command for DisabledSince {
    type Reply = Option<Timestamp>;

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<Option<Timestamp>, Fault> {
        Ok(session.grants.disabled_since())
    }
}
