//! Long polling: holds a request that waits for a link, and lets it go on.

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    connections::elicitation,
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Holds a request until something has become of a link, or for a while; not at all where that is so already.
#[derive(Serialize, Deserialize)]
pub struct Hold {
    pub grant: GrantId,
    pub elicitation: String,
}

impl Command for Hold {
    type Reply = Result<(), Refusal>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let (platform, clock) = (&session.platform, session.platform.clock.as_ref());
        let charged = session.charge(subject, &self.grant, clock.now()).await?;
        if charged.is_err() {
            return Ok(charged);
        }
        // Before the record is read, so that nothing is missed which happens in between.
        let Some(place) = session.holds.enter() else { return Ok(Ok(())) };
        let (database, authenticator) = (platform.database.as_ref(), session.settings.authenticator());
        if elicitation::is_pending(database, authenticator, &self.elicitation, clock.now()).await? {
            place.wait(clock).await;
        }
        Ok(Ok(()))
    }
}

/// Something has become of a link: whoever is held is to look again.
#[derive(Serialize, Deserialize)]
pub struct WakeHolds {}

impl Command for WakeHolds {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.holds.wake();
        Ok(())
    }
}
