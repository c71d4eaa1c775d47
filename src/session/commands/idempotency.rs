//! Calls under idempotency keys: their ends, and whoever sends one again while the first is under way.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::Subject,
    platform::Fault,
    session::{
        holds::HOLD,
        idempotency::{Ending, KeyedCall, Repeat},
        object::Session,
    },
};

/// A call under a key has ended; without an ending, it changed nothing.
#[derive(Serialize, Deserialize)]
pub struct EndKeyed {
    pub keyed: KeyedCall,
    pub ending: Option<Ending>,
}

impl Command for EndKeyed {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.keys.end(session.storage.as_ref(), &self.keyed, self.ending.as_ref())?;
        session.holds.wake();
        Ok(())
    }
}

/// Waits for the end of the first call under a key, for as long as a request is held. The reply is what became of it by
/// then: nothing where it changed nothing.
#[derive(Serialize, Deserialize)]
pub struct AwaitKeyed {
    pub keyed: KeyedCall,
}

impl Command for AwaitKeyed {
    type Reply = Option<Repeat>;

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<Self::Reply, Fault> {
        let clock = session.platform.clock.as_ref();
        let since = clock.now();
        loop {
            let now = clock.now();
            let repeat = session.keys.look(session.storage.as_ref(), &self.keyed, now)?;
            if repeat != Some(Repeat::Running) || now.since(since) >= HOLD {
                return Ok(repeat);
            }
            let Some(place) = session.holds.enter() else { return Ok(repeat) };
            place.wait(clock).await;
        }
    }
}
