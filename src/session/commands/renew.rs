//! Renewal of a credential that a provider refused (401), or the end of its connection.

use serde::{Deserialize, Serialize};

use super::{Command, Credential};
use crate::{
    connections::vault::CredentialError,
    identifiers::Subject,
    platform::Fault,
    providers::Site,
    session::object::{Session, person},
};

/// The provider refused the credential of that version: get a better one.
#[derive(Serialize, Deserialize)]
pub struct Renew {
    #[serde(rename = "provider")]
    pub site: Site,
    pub version: i64,
}

impl Command for Renew {
    type Reply = Result<Credential, CredentialError>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let renewed = session.credential(person(subject)?, self.site, Some(self.version), None).await;
        Ok(renewed.and_then(|token| Credential::at(self.site, &token)))
    }
}

/// The provider refused a renewed credential too: the user has to connect again.
#[derive(Serialize, Deserialize)]
pub struct DeclareBroken {
    #[serde(rename = "provider")]
    pub site: Site,
    pub version: i64,
}

impl Command for DeclareBroken {
    type Reply = ();

    async fn handle(self, session: &Session, subject: &Subject) -> Result<(), Fault> {
        session.vault(person(subject)?, self.site).declare_refused(self.version).await;
        session.credentials.forget(self.site)
    }
}
