//! Revocation: the end of a grant, or of everything made until a moment. Each command is done when no call that was
//! leased before can begin any more.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::{GrantId, Subject},
    platform::{Fault, clock::Timestamp},
    session::{
        endings::{self, Ending},
        object::Session,
        responses,
    },
};

/// The grant is worth nothing from now on.
#[derive(Serialize, Deserialize)]
pub struct EndGrant {
    pub grant: GrantId,
    /// What is to be on record of it. A service's grant is on no record.
    #[serde(default)]
    pub ending: Option<Ending>,
}

impl Command for EndGrant {
    type Reply = ();

    async fn handle(self, session: &Session, subject: &Subject) -> Result<(), Fault> {
        session.grants.end(session.storage.as_ref(), &self.grant)?;
        if let Some((user, ending)) = subject.person().zip(self.ending) {
            endings::note(session.storage.as_ref(), user, &self.grant, &ending)?;
            session.set_alarm(subject).await?;
        }
        session.holds.wake();
        session.wait_for_leases().await;
        Ok(())
    }
}

/// No grant that was made at or before `at` is worth anything: those made later are. For people, who may come back.
#[derive(Serialize, Deserialize)]
pub struct EndBefore {
    pub at: Timestamp,
}

impl Command for EndBefore {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.grants.end_before(session.storage.as_ref(), self.at)?;
        responses::delete_all(session.storage.as_ref())?;
        session.credentials.forget_all()?;
        session.holds.wake();
        session.wait_for_leases().await;
        Ok(())
    }
}

/// The subject is gone for good, and no grant of theirs is worth anything from now on. For services alone, whose ids
/// are never given again.
#[derive(Serialize, Deserialize)]
pub struct EndEverything {}

impl Command for EndEverything {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.grants.end_all(session.storage.as_ref())?;
        session.wait_for_leases().await;
        Ok(())
    }
}
