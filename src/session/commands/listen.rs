//! A heartbeat of a stream that tells of changes: is it one of those that may stay open?

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::{object::Session, streams::Stream},
    tools,
};

/// The heartbeat of a stream, sent every few seconds.
#[derive(Serialize, Deserialize)]
pub struct Listen {
    pub grant: GrantId,
    pub stream: Stream,
    /// The stream opens with this, which is charged; the words after it are not.
    pub opens: bool,
    /// The digest of the tools of the Worker that serves the stream, which may be of an earlier deployment.
    pub tools: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotHeard {
    Refused(Refusal),
    /// The stream is to end: there are too many, or it is of a program that is no longer deployed.
    ListenAnew,
}

impl Command for Listen {
    type Reply = Result<(), NotHeard>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let now = session.platform.clock.now();
        if self.opens {
            if let Err(refusal) = session.charge(subject, &self.grant, now).await? {
                return Ok(Err(NotHeard::Refused(refusal)));
            }
        } else if !session.is_live(subject, &self.grant, now).await? {
            return Ok(Err(NotHeard::Refused(Refusal::GrantEnded)));
        }
        let stays = self.tools == tools::digest(&session.settings.sites) && session.streams.hear(self.stream, now);
        Ok(if stays { Ok(()) } else { Err(NotHeard::ListenAnew) })
    }
}
