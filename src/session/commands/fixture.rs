//! A defect on purpose in the object.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::Subject,
    platform::Fault,
    session::{defect::Defect, object::Session},
};

/// Lets a defect happen in the object.
#[derive(Serialize, Deserialize)]
pub struct Fixture(pub Defect);

impl Command for Fixture {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        self.0.happen(&*session.platform.clock).await;
        Ok(())
    }
}
