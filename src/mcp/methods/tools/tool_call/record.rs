//! What the audit is told of a call.

use super::ToolCall;
use crate::{
    audit::{self, Event, Outcome, Phase},
    authorization::principal::Principal,
    platform::clock::Timestamp,
    session::lease_cache::Use,
};

impl<'a> ToolCall<'a> {
    /// A reason for the audit, which also has the approval that the call depends on, the rules that it met, and its gate.
    fn because(&self, reason: &str) -> String {
        let (approval, remarks) = (self.approval.get().map_or("", String::as_str), self.remarks.borrow());
        let parts = [reason, approval, remarks.as_str()].into_iter().filter(|part| !part.is_empty());
        self.origin.because(&parts.collect::<Vec<_>>().join("; "))
    }

    pub(super) fn event(&self, phase: Phase) -> Event {
        let Principal { subject, grant, .. } = self.principal;
        let event = Event::call(subject, self.call.clone(), phase, self.part.clone(), self.now()).grant(grant);
        event.because(&self.because(""))
    }

    /// The same of a call that is admitted to an account: the person's own, or the organisation's.
    pub(super) fn in_account(&self, is_own: bool, event: Event) -> Event {
        match self.arguments.site() {
            Some(site) => event.in_account(is_own, site),
            None => event,
        }
    }

    pub(super) fn outcome(&self, started: Timestamp, outcome: Outcome, reason: &str) -> Event {
        let duration = i64::try_from(self.now().since(started).as_millis()).unwrap_or(i64::MAX);
        let ended = self.event(Phase::Outcome).ending(outcome).because(&self.because(reason));
        Event { duration_milliseconds: Some(duration), ..ended }
    }

    /// Records that it was admitted and not sent.
    pub(super) async fn settle_unsent(&self, admitted: &Use, outcome: Outcome, reason: &str) {
        self.end_keyed(None).await;
        let Use { admission, intent_at, credential } = admitted;
        let ended = self.in_account(credential.is_some(), self.outcome(self.now(), outcome, reason));
        audit::gather(self.context, Event { admission: admission.clone(), intent_at: *intent_at, ..ended });
    }

    /// Records that it was not admitted. What repeats is counted.
    pub(super) fn record_refusal(&self, reason: &str) {
        audit::gather(self.context, self.event(Phase::Outcome).ending(Outcome::Denied).because(&self.because(reason)));
    }
}
