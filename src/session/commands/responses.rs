//! A client responds to a request of ours: the isolate that it reaches is not the one that waits.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    identifiers::Subject,
    platform::Fault,
    session::{object::Session, responses},
};

/// A client has responded to a request of ours: keep it for who waits.
#[derive(Serialize, Deserialize)]
pub struct PutResponse {
    pub id: String,
    pub response: String,
}

impl Command for PutResponse {
    type Reply = ();

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<(), Fault> {
        responses::put(session.storage.as_ref(), &self.id, &self.response, session.platform.clock.now())
    }
}

/// Has the client responded to that request?
#[derive(Serialize, Deserialize)]
pub struct TakeResponse {
    pub id: String,
}

impl Command for TakeResponse {
    type Reply = Option<String>;

    async fn handle(self, session: &Session, _subject: &Subject) -> Result<Option<String>, Fault> {
        responses::take(session.storage.as_ref(), &self.id)
    }
}
