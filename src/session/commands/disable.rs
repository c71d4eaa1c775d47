//! A person whom an administrator disabled, until one enables them. The object keeps it, because whoever can write to the
//! record does not reach it.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::Subject,
    platform::{Fault, clock::Timestamp},
    session::{object::Session, person_endings},
};

/// Grants that are made from now on count again. Not while the record is yet to be told that the person is disabled: it
/// would hear of that afterwards.
#[derive(Serialize, Deserialize)]
pub struct Enable {}

impl Command for Enable {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        let storage = session.storage.as_ref();
        if person_endings::is_disabling(storage)? {
            return Err(Fault::new("session", "the person is being disabled at this moment"));
        }
        session.grants.enable(storage)
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
