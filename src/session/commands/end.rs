//! Revocation: the end of a grant, or of everything made until a moment. Each command is done when no call that was
//! leased before can begin any more.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::{GrantId, Subject},
    platform::{Fault, clock::Timestamp},
    session::{
        endings::{self, Ending},
        object::{Session, person},
        person_endings::{self, PersonEnding},
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

/// Everything of a person ends, and where the end says so, they come back no more for now. Replies with the moment of the
/// end, where it had to be later than the one that was asked for.
#[derive(Serialize, Deserialize)]
pub struct EndPerson {
    pub ending: PersonEnding,
}

impl Command for EndPerson {
    type Reply = Option<Timestamp>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Option<Timestamp>, Fault> {
        let (storage, user) = (session.storage.as_ref(), person(subject)?);
        let at = session.grants.later_than_the_end(self.ending.at);
        let later = (at != self.ending.at).then_some(at);
        let ending = PersonEnding { at, ..self.ending };
        person_endings::note(storage, user, &ending)?;
        if ending.disabling.is_some() {
            session.grants.disable(storage, at)?;
        }
        EndBefore { at }.end(session)?;
        session.set_alarm(subject).await?;
        session.wait_for_leases().await;
        Ok(later)
    }
}

/// The record, the log and the providers were told of that end of the person.
#[derive(Serialize, Deserialize)]
pub struct ForgetEnding {
    pub at: Timestamp,
}

impl Command for ForgetEnding {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        person_endings::forget(session.storage.as_ref(), self.at)
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
        self.end(session)?;
        session.wait_for_leases().await;
        Ok(())
    }
}

impl EndBefore {
    fn end(&self, session: &Session) -> Result<(), Fault> {
        session.grants.end_before(session.storage.as_ref(), self.at)?;
        responses::delete_all(session.storage.as_ref())?;
        session.credentials.forget_all()?;
        session.holds.wake();
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
