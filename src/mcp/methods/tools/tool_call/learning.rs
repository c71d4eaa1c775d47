//! A call whose decision depends on what its arguments do not say: that is looked up before anything else is sent.

use super::{Admission, ToolCall, admission::Purpose};
use crate::{
    audit::{self, delivery::Unused},
    catalog::lookup,
    crypto::random,
    governance::{decision::Decision, policy::PolicySnapshot},
    mcp::messages::answer::Answer,
    platform::Fault,
    session::lease_cache::Use,
    upstream,
};

impl ToolCall<'_> {
    /// Looks up what the decision on a call depends on whose intent comes after it. Then it is decided on once more.
    pub(super) async fn learn_first(&self, policy: &PolicySnapshot) -> Result<Admission, Fault> {
        let admitted = match self.request_admission(Some(policy), Purpose::Look).await? {
            Ok(admitted) => admitted,
            Err(answer) => return Ok(Err(answer)),
        };
        if let Some(answer) = self.learn(&self.decide(policy), &admitted).await? {
            return Ok(Err(answer));
        }
        if let Some(admission) = admitted.admission {
            let unused = Unused { id: random::identifier()?, admission, calls: 1 };
            audit::give_back(self.context, &self.principal.subject, vec![unused]);
        }
        Ok(Err(self.again()))
    }

    /// Looks up what its decision depends on, with the credential that it would be sent with; else the answer to it, for a
    /// call of which that cannot be told is not sent.
    pub(super) async fn learn(
        &self,
        decision: &Decision,
        admitted: &Use,
    ) -> Result<Option<Answer<upstream::Answer>>, Fault> {
        if let Some(answer) = self.without_scope(admitted).await {
            return Ok(Some(answer));
        }
        let (context, operation, arguments) = (self.context, self.operation, self.arguments);
        for told in &decision.access.untold {
            let (site, lookup) = arguments
                .site()
                .zip(lookup::of(*told, operation, arguments))
                .ok_or_else(|| Fault::new("policy", "a decision depends on what nothing tells"))?;
            let found = self.with_credential(site, admitted.credential.clone(), async |credential| {
                upstream::find(context, operation, arguments, lookup.read, &credential).await
            });
            match found.await? {
                Ok(found) => {
                    let names = found.iter().map(|(_, value)| value.text().into_owned()).collect();
                    self.told.borrow_mut().push((*told, names));
                }
                Err(not_sent) => return self.not_read(admitted, not_sent).await.map(Some),
            }
        }
        Ok(None)
    }

    /// The answer that nobody is given: the call is decided on once more.
    pub(super) fn again<T>(&self) -> Answer<T> {
        self.is_decided_anew.set(true);
        Answer::Failed("Not run: it has to be decided on once more.".to_owned())
    }
}
