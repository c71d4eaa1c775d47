//! Long polling: holds a request that waits for a link or an approval, and lets it go on.

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    connections::elicitation,
    governance::approval::record,
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
        let platform = &session.platform;
        let (database, authenticator) = (platform.database.as_ref(), session.settings.authenticator());
        let is_pending = elicitation::is_pending(database, authenticator, &self.elicitation, platform.clock.now());
        hold(session, subject, &self.grant, is_pending).await
    }
}

/// Holds a request until somebody has decided on its call, or for a while; not at all where that is so already.
#[derive(Serialize, Deserialize)]
pub struct HoldForApproval {
    pub grant: GrantId,
    pub approval: String,
}

impl Command for HoldForApproval {
    type Reply = Result<(), Refusal>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let platform = &session.platform;
        let is_pending = record::is_pending(platform.database.as_ref(), &self.approval, platform.clock.now());
        hold(session, subject, &self.grant, is_pending).await
    }
}

async fn hold(
    session: &Session,
    subject: &Subject,
    grant: &GrantId,
    is_pending: impl Future<Output = Result<bool, Fault>>,
) -> Result<Result<(), Refusal>, Fault> {
    let clock = session.platform.clock.as_ref();
    let charged = session.charge(subject, grant, clock.now()).await?;
    if charged.is_err() {
        return Ok(charged);
    }
    // Before the record is read, so that nothing is missed which happens in between.
    let Some(place) = session.holds.enter() else { return Ok(Ok(())) };
    if is_pending.await? {
        place.wait(clock).await;
    }
    Ok(Ok(()))
}

/// Something has become of a link or an approval: whoever is held is to look again.
#[derive(Serialize, Deserialize)]
pub struct WakeHolds {}

impl Command for WakeHolds {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.holds.wake();
        Ok(())
    }
}
