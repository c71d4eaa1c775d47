//! A lock on the person, the service, or one AI client of the person's, which an administrator has just put on record.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::{ClientId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Stops calls until every isolate knows of the lock. Done when no call that was leased before can begin any more.
#[derive(Serialize, Deserialize)]
pub struct Lock {
    /// The client whose calls are stopped; `None` for all calls.
    pub client: Option<ClientId>,
}

impl Command for Lock {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        let now = session.platform.clock.now();
        session.locks.lock(session.storage.as_ref(), self.client.as_ref(), now)?;
        session.wait_for_leases().await;
        Ok(())
    }
}
