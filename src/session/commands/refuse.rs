//! A call that the policy does not let run: it is charged as any other, and leaves a record.

use serde::{Deserialize, Serialize};

use super::{Command, Refusal};
use crate::{
    governance::audit::{Call, Outcome, Phase, Record},
    identifiers::{GrantId, Subject},
    platform::Fault,
    session::object::Session,
};

/// A call that was decided against.
#[derive(Serialize, Deserialize)]
pub struct Refuse {
    pub grant: GrantId,
    pub call: Call,
    /// Why, for the audit.
    pub reason: String,
}

impl Command for Refuse {
    /// What comes before the decision: an ended grant, or a rate that is spent.
    type Reply = Result<(), Refusal>;

    async fn handle(self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let now = session.platform.clock.now();
        let charged = session.charge(subject, &self.grant, now).await?;
        if charged.is_ok() {
            let mut record = Record::new(now, self.call, Phase::Outcome, Outcome::Denied);
            record.reason = Some(self.reason);
            session.put(subject, &[record]).await?;
        }
        Ok(charged)
    }
}
