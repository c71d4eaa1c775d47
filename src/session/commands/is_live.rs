//! The check of whether a grant is live, which is not charged.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Asks whether the grant is worth something. It is not charged.
#[derive(Serialize, Deserialize)]
pub struct IsLive {
    pub grant: GrantId,
}

impl Command for IsLive {
    type Reply = bool;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<bool, Fault> {
        session.is_live(subject, &self.grant, session.platform.clock.now()).await
    }
}
