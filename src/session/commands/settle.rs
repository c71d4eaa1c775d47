//! After calls: how they ended.

use serde::{Deserialize, Serialize};

use super::Command;
use crate::{
    governance::audit::{Call, Outcome, Phase, Record},
    identifiers::Subject,
    platform::{Fault, clock::Timestamp},
    session::object::Session,
};

/// Puts on record how admitted calls ended.
#[derive(Serialize, Deserialize)]
pub struct Settle(pub Vec<Settlement>);

/// How an admitted call ended.
#[derive(Serialize, Deserialize)]
pub struct Settlement {
    pub at: Timestamp,
    pub call: Call,
    pub outcome: Outcome,
    pub reason: Option<String>,
    pub duration_milliseconds: i64,
    pub upstream_status: Option<u16>,
}

impl Command for Settle {
    type Reply = ();

    async fn handle(self, session: &Session, subject: &Subject) -> Result<(), Fault> {
        let records = self.0.into_iter().map(|settled| Record {
            at: settled.at,
            call: settled.call,
            phase: Phase::Outcome,
            outcome: settled.outcome,
            reason: settled.reason,
            duration_milliseconds: Some(settled.duration_milliseconds),
            upstream_status: settled.upstream_status.map(i64::from),
        });
        session.put(subject, &records.collect::<Vec<_>>()).await
    }
}
