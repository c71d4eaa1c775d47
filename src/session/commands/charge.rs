//! Charges a request that leaves nothing else to the object: a list, or a call that was decided against.

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Somebody asks for something under that grant.
#[derive(Serialize, Deserialize)]
pub struct Charge {
    pub grant: GrantId,
}

impl Command for Charge {
    type Reply = Result<(), Refusal>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        session.charge(subject, &self.grant, session.platform.clock.now()).await
    }
}
