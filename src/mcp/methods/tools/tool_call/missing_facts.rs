//! A call whose decision depends on what its arguments do not say: that is looked up before anything else is sent.

use std::{cell::RefCell, collections::HashMap};

use super::{Admission, ToolCall, admission::Purpose};
use crate::{
    audit::{self, delivery::Unused},
    catalog::lookup::{self, MissingFact},
    crypto::random,
    governance::{decision::Decision, facts::UNKNOWN, policy::PolicySnapshot},
    mcp::messages::answer::Answer,
    platform::{Fault, clock::Timestamp},
    session::lease_cache::Use,
    untrusted,
    upstream::{self, WantedPlaces, Whereabouts},
};

/// Of what a look-up told, in characters. A branch is no longer than Git lets it be.
const LONGEST_NAME: usize = 300;

/// How much of a look-up is remembered, in bytes.
const LONGEST_FINDING: usize = 4_000;

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

/// What is known of a thing, as a decision has it.
fn named(fact: MissingFact, thing: &Whereabouts) -> String {
    let names = match fact {
        MissingFact::Tree => &thing.tree,
        MissingFact::Labels => &thing.labels,
        _ => return thing.space.clone().unwrap_or_default(),
    };
    let names: Vec<_> = names.iter().map(|name| name.as_deref().unwrap_or(UNKNOWN)).collect();
    names.join(" ")
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
        let mut of_content = Vec::new();
        for fact in &decision.access.missing_facts {
            if let Some(names) = recall(self.finding_key(*fact).as_ref(), self.now()) {
                self.found_facts.borrow_mut().push((*fact, names));
                continue;
            }
            if fact.is_of_content() {
                of_content.push(*fact);
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
                    self.add_fact(*fact, names);
                }
                Err(not_sent) => return self.not_read(admitted, not_sent).await.map(Some),
            }
        }
        if of_content.is_empty() { Ok(None) } else { self.learn_whereabouts(&of_content, admitted).await }
    }

    /// Looks up where everything lies that it names, as far as its decision depends on that.
    async fn learn_whereabouts(
        &self,
        facts: &[MissingFact],
        admitted: &Use,
    ) -> Result<Option<Answer<upstream::Answer>>, Fault> {
        let (context, operation, arguments) = (self.context, self.operation, self.arguments);
        let Some(site) = arguments.site() else { return Err(Fault::new("policy", "a page of no site")) };
        let wanted = WantedPlaces {
            space: facts.contains(&MissingFact::Space),
            tree: facts.contains(&MissingFact::Tree),
            labels: facts.contains(&MissingFact::Labels),
        };
        let found = self.with_credential(site, admitted.credential.clone(), async |credential| {
            upstream::locate(context, operation, arguments, wanted, &credential).await
        });
        let things = match found.await? {
            Ok(things) => things,
            Err(not_sent) => return self.not_read(admitted, not_sent).await.map(Some),
        };
        for fact in facts {
            let names = things.iter().map(|thing| named(*fact, thing)).collect();
            self.add_fact(*fact, names);
        }
        Ok(None)
    }

    /// Decides by that from here on.
    fn add_fact(&self, fact: MissingFact, names: Vec<String>) {
        let length: usize = names.iter().map(String::len).sum();
        if let Some(key) = self.finding_key(fact).filter(|_| length <= LONGEST_FINDING) {
            let finding = Finding { until: self.now() + fact.lasts(), names: names.clone() };
            FINDINGS.with_borrow_mut(|all| keep(all, key, finding, self.now()));
        }
        self.found_facts.borrow_mut().push((fact, names));
    }

    /// By what it is remembered what a look-up told of the repository or the pages of a call: for its person alone, since
    /// others may not see it. `None` where it is always asked, as for a call that changes a page, which may have been moved.
    fn finding_key(&self, fact: MissingFact) -> Option<String> {
        let resource = self.facts.resource.as_ref().filter(|_| !fact.lasts().is_zero())?;
        let site = resource.site?;
        let name = if fact.is_of_content() {
            let located = lookup::located(self.operation, self.arguments).iter();
            let named = located.filter_map(|located| Some((located.argument, self.arguments.text(located.argument)?)));
            let named: Vec<_> = named.map(|(argument, id)| format!("{argument}={id}")).collect();
            Some(named.join(" ")).filter(|_| !self.tool.writes())?
        } else {
            format!("{}/{}", resource.workspace.as_ref()?, resource.repository.as_ref()?).to_ascii_lowercase()
        };
        Some(format!("{fact:?} {site} {} {name}", self.principal.subject))
    }

    /// The answer that nobody is given: the call is decided on once more.
    pub(super) fn again<T>(&self) -> Answer<T> {
        self.is_decided_anew.set(true);
        Answer::Failed("Not run: it has to be decided on once more.".to_owned())
    }
}
