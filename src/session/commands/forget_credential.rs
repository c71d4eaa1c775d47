//! Invalidates the cached credential of an account that its user connected or disconnected.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{identifiers::Subject, platform::Fault, providers::Site, session::object::Session};

/// Forgets the credential of an account. Done when no call can begin with it any more.
#[derive(Serialize, Deserialize)]
pub struct ForgetCredential {
    #[serde(rename = "provider")]
    pub site: Site,
}

impl Command for ForgetCredential {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        session.credentials.forget(self.site)?;
        session.holds.wake();
        session.wait_for_leases().await;
        Ok(())
    }
}
