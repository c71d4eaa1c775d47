//! A reading of text from outside, which is about to go out.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    governance::taint::Place,
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::{Session, bucket_of},
};

/// Taints the grant for that long. Once it is done, every call that is admitted is seen to come after it.
#[derive(Serialize, Deserialize)]
pub struct NoteReading {
    pub grant: GrantId,
    pub place: Place,
    pub life: Duration,
}

impl Command for NoteReading {
    type Reply = ();

    async fn handle(self, session: &Session, subject: &Subject) -> Result<(), Fault> {
        let (grant, now) = (bucket_of(subject, &self.grant), session.platform.clock.now());
        session.taints.note(session.storage.as_ref(), grant, self.place, self.life, now)
    }
}
