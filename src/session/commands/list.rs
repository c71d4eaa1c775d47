//! Charges a list. What is listed the Worker decides by itself.

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Somebody asks for a list.
#[derive(Serialize, Deserialize)]
pub struct List {
    pub grant: GrantId,
}

impl Command for List {
    type Reply = Result<(), Refusal>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        session.charge(subject, &self.grant, session.platform.clock.now()).await
    }
}
