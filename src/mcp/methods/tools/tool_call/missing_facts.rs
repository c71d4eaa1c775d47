//! A call whose decision depends on what its arguments do not say: that is looked up before anything else is sent.

use std::{cell::RefCell, collections::HashMap};

use super::{Admission, ToolCall, admission::Purpose};
use crate::{
    audit::{self, delivery::Unused},
    catalog::lookup::{self, MissingFact},
    crypto::random,
    governance::{decision::Decision, policy::PolicySnapshot},
    mcp::messages::answer::Answer,
    platform::{Fault, clock::Timestamp},
    session::lease_cache::Use,
    untrusted, upstream,
};

/// Of what a look-up told, in characters. A branch is no longer than Git lets it be.
const LONGEST_NAME: usize = 300;

/// What a look-up told.
struct Finding {
    until: Timestamp,
    names: Vec<String>,
}

/// Of how many repositories an isolate remembers what it was told.
const MOST_FINDINGS: usize = 1_000;

thread_local! {
    /// What look-ups told lately. Plain data: nothing in it belongs to one request.
    static FINDINGS: RefCell<HashMap<String, Finding>> = RefCell::default();
}

fn recall(key: Option<&String>, now: Timestamp) -> Option<Vec<String>> {
    FINDINGS.with_borrow(|all| all.get(key?).filter(|finding| now < finding.until).map(|finding| finding.names.clone()))
}

fn keep(all: &mut HashMap<String, Finding>, key: String, finding: Finding, now: Timestamp) {
    if all.len() >= MOST_FINDINGS {
        all.retain(|_, finding| now < finding.until);
    }
    if all.len() < MOST_FINDINGS {
        all.insert(key, finding);
    }
}

impl ToolCall<'_> {
    /// Looks up what the decision on a call depends on whose intent comes after it. Then it is decided on once more.
    pub(super) async fn learn_first(&self, policy: &PolicySnapshot) -> Result<Admission, Fault> {
        // What was done under its key is answered as it was, whatever its pull request is like by now.
        if let Some(answer) = self.repeated_by_key().await? {
            return Ok(Err(answer));
        }
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
        for fact in &decision.access.missing_facts {
            if let Some(names) = recall(self.finding_key(*fact).as_ref(), self.now()) {
                self.found_facts.borrow_mut().push((*fact, names));
                continue;
            }
            let (site, lookup) = arguments
                .site()
                .zip(lookup::of(*fact, operation, arguments))
                .ok_or_else(|| Fault::new("policy", "a decision depends on what nothing tells"))?;
            let found = self.with_credential(site, admitted.credential.clone(), async |credential| {
                upstream::find(context, operation, arguments, lookup.read, &credential).await
            });
            match found.await? {
                Ok(found) => {
                    let names = found.first().map(|(_, value)| untrusted::label(&value.text(), LONGEST_NAME));
                    let names: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
                    if let Some(key) = self.finding_key(*fact) {
                        let finding = Finding { until: self.now() + fact.lasts(), names: names.clone() };
                        FINDINGS.with_borrow_mut(|all| keep(all, key, finding, self.now()));
                    }
                    self.found_facts.borrow_mut().push((*fact, names));
                }
                Err(not_sent) => return self.not_read(admitted, not_sent).await.map(Some),
            }
        }
        Ok(None)
    }

    /// By what it is remembered what a look-up told of the repository of a call: for its person alone, since others may not
    /// see it. `None` where it is always asked.
    fn finding_key(&self, fact: MissingFact) -> Option<String> {
        let resource = self.facts.resource.as_ref().filter(|_| !fact.lasts().is_zero())?;
        let (site, workspace, repository) =
            (resource.site?, resource.workspace.as_ref()?, resource.repository.as_ref()?);
        let name = format!("{workspace}/{repository}").to_ascii_lowercase();
        Some(format!("{fact:?} {site} {} {name}", self.principal.subject))
    }

    /// The answer that nobody is given: the call is decided on once more.
    pub(super) fn again<T>(&self) -> Answer<T> {
        self.is_decided_anew.set(true);
        Answer::Failed("Not run: it has to be decided on once more.".to_owned())
    }
}
