//! What becomes of an answer that shows texts of others: it is marked with whence they come, what looks suspicious in it is
//! reported, and where it may be from outside its grant is tainted, before it goes out.

use super::ToolCall;
use crate::{
    audit::{self, Kind},
    authorization::principal::Principal,
    governance::{facts::Resource, policy::PolicySnapshot, provenance, snapshot_cache},
    platform::{Fault, log::Level},
    session::{self, commands::NoteReading},
    upstream::{self, suspicious},
};

impl ToolCall<'_> {
    /// Marks an answer.
    ///
    /// # Errors
    /// Where its grant could not be tainted: then it is not to go out.
    pub(super) async fn mark(&self, answer: &mut upstream::Answer) -> Result<(), Fault> {
        let (Some(authors), Some(resource)) = (answer.authors.take(), &self.facts.resource) else { return Ok(()) };
        let policy = match snapshot_cache::last_known() {
            Some(policy) => policy,
            None => snapshot_cache::current(self.context).await?,
        };
        let mut provenance = provenance::judge(policy.access_policy(), resource, &authors);
        provenance.suspicious = suspicious::find(&answer.text);
        if !provenance.suspicious.is_empty() {
            self.report(&provenance);
            // Whoever wrote it, it is not what the organisation would have an assistant read.
            provenance.outside = true;
        }
        let is_outside = provenance.outside;
        answer.provenance = Some(Box::new(provenance));
        if is_outside && policy.names_taint() { self.taint(&policy).await } else { Ok(()) }
    }

    /// Puts on record what looks suspicious in an answer.
    fn report(&self, provenance: &upstream::Provenance) {
        let Principal { subject, client, grant, .. } = self.principal;
        let alert = audit::event(self.context, Kind::SuspiciousText).of(subject.clone()).client(client).grant(grant);
        let alert = alert.tool(&self.tool.name).target(&provenance.target);
        audit::gather(self.context, alert.because(&provenance.suspicious.join(", ")));
    }

    /// Taints the grant by what this call read.
    async fn taint(&self, policy: &PolicySnapshot) -> Result<(), Fault> {
        let Some(place) = self.facts.resource.as_ref().and_then(Resource::place) else { return Ok(()) };
        let Principal { subject, grant, .. } = self.principal;
        let life = policy.access_policy().taint_life();
        session::turn(self.context, subject, NoteReading { grant: grant.clone(), place, life }).await
    }

    /// Marks the answer of a call that may have changed something: then it says so, whatever becomes of the rest of it.
    pub(super) async fn mark_settled(&self, answer: &mut upstream::Answer) -> Result<(), Fault> {
        match self.mark(answer).await {
            Err(fault) if self.tool.writes() => {
                self.context.log(Level::Error, "an answer was not shown", &[("fault", fault.to_string().into())]);
                answer.text = format!(
                    "Done: `{}` was answered. What was answered is not shown, since Postern could not note who read it.",
                    self.tool.name
                );
                answer.provenance = None;
                Ok(())
            }
            marked => marked,
        }
    }
}
