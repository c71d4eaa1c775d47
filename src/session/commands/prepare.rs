//! Preparation for the calls of an access token that was issued just now.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// Has the object read now what calls under the grant would have to wait for.
#[derive(Serialize, Deserialize)]
pub struct Prepare {
    pub grant: GrantId,
}

impl Command for Prepare {
    type Reply = ();

    async fn handle(self, session: &Session, subject: &Subject) -> Result<(), Fault> {
        session.prepare(subject, &self.grant).await
    }
}
