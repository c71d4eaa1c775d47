//! Whether a call may go on: decided on, charged, and admitted by a lease or a hop to its person's object.

use futures::future::join;

use super::{Admission, SCOPE_TOO_SMALL, ToolCall};
use crate::{
    audit::{self, Kind, Outcome, Phase},
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::operation::Scopes,
    connections::vault::CredentialError,
    governance::{
        access_policy::{Access, Effect, Within},
        access_request::ACCESS_PAGE,
        decision::{Decision, Denial, Verdict, decide},
        facts::{Facts, Resource},
        limits::Limits,
        locks::LockKind,
        notices,
        policy::PolicySnapshot,
        snapshot_cache,
        taint::TaintLevel,
    },
    mcp::{messages::answer::Answer, methods::tools::not_charged},
    platform::{Fault, log::Level},
    providers::{AccountKind, Accounts, Choice, Demanded, OwnAccount},
    session::{
        self,
        commands::{Admit, Admitted, Charge, NotAdmitted, Refusal, TaintCheck},
        lease_cache::{self, LeaseKey, Use},
    },
    upstream,
};

/// What a call is admitted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Call,
    /// To read what its approvers have to see. It changes nothing, and begins nothing that is on record.
    Look,
}

impl<'a> ToolCall<'a> {
    /// Decides on the call, and has it admitted; once more where more is known than it was decided on: its grant is tainted
    /// more, or a look-up told what it is about. There are few levels of that, and few look-ups.
    pub async fn admit(&self) -> Result<Admission, Fault> {
        loop {
            let admission = self.admit_as_known().await?;
            if !self.is_decided_anew.take() {
                return Ok(admission);
            }
        }
    }

    /// Decides on the call by how its grant is known to be tainted, and has it admitted: by a lease, or by the one hop before
    /// the upstream request. The policy of a read that is not known to be in force is asked for beside that hop, not before it.
    async fn admit_as_known(&self) -> Result<Admission, Fault> {
        let known = match snapshot_cache::in_force(self.context) {
            None if self.is_decided_first() => Some(snapshot_cache::current(self.context).await?),
            known => known,
        };
        if let Some(policy) = &known {
            let decision = self.decide(policy);
            let lacks_facts = !decision.access.missing_facts.is_empty();
            if lacks_facts && self.records_intent() {
                return self.learn_first(policy).await;
            }
            self.note(&decision);
            match decision.verdict {
                // What it is about is looked up with what it is admitted with.
                _ if lacks_facts => {}
                Verdict::Allowed => {}
                Verdict::ApprovalNeeded(ref rule) => {
                    return self.admit_by_approval(policy, &decision, rule, None).await;
                }
                Verdict::ScopeTooSmall => {
                    self.record_refusal(SCOPE_TOO_SMALL);
                    return Ok(Err(self.scope_too_small(policy)));
                }
                Verdict::Denied(ref denial) => return self.refuse(policy, &decision, denial).await.map(Err),
            }
            let is_decided = !lacks_facts || !policy.names_taint();
            if !self.records_intent()
                && is_decided
                && self.tolerated_taint(policy) == TaintLevel::Elsewhere
                && let Some(leased) = self.lease_key().try_use(self.now())
            {
                return match lacks_facts {
                    true => self.decide_admitted(policy, leased).await,
                    false => Ok(self.keep_within(&decision, leased).await),
                };
            }
        }
        let (_, admission) =
            join(snapshot_cache::current(self.context), self.request_admission(known.as_deref(), Purpose::Call)).await;
        let admitted = match admission? {
            Ok(admitted) => admitted,
            Err(answer) => return Ok(Err(answer)),
        };
        // The hop may have taken long enough for the policy to change meanwhile.
        let policy = match snapshot_cache::current(self.context).await {
            Ok(policy) => policy,
            Err(fault) => {
                self.settle_unsent(&admitted, Outcome::Failed, "the policy could not be read").await;
                return Err(fault);
            }
        };
        self.decide_admitted(&policy, admitted).await
    }

    /// Decides on a call that is admitted already, once it is looked up what its decision depends on.
    async fn decide_admitted(&self, policy: &PolicySnapshot, admitted: Use) -> Result<Admission, Fault> {
        // Nobody knew yet, when the hop was made, that the organisation has no account there.
        let lacks_account = admitted.credential.is_none() && self.lacks_account(policy);
        let mut decision = self.decide(policy);
        while !lacks_account && !decision.access.missing_facts.is_empty() {
            if let Some(answer) = self.learn(&decision, &admitted).await? {
                return Ok(Err(answer));
            }
            decision = self.decide(policy);
        }
        self.note(&decision);
        Ok(match decision.verdict {
            Verdict::Allowed if lacks_account => {
                self.settle_unsent(&admitted, Outcome::Denied, "no account is connected").await;
                return self.without_credential(CredentialError::NotConnected).await.map(Err);
            }
            Verdict::Allowed => self.keep_within(&decision, admitted).await,
            Verdict::ApprovalNeeded(ref rule) => {
                return self.admit_by_approval(policy, &decision, rule, Some(admitted)).await;
            }
            Verdict::ScopeTooSmall => {
                self.settle_unsent(&admitted, Outcome::Denied, SCOPE_TOO_SMALL).await;
                Err(self.scope_too_small(policy))
            }
            Verdict::Denied(ref denial) => {
                self.settle_unsent(&admitted, Outcome::Denied, &denial.reason()).await;
                Err(self.denied(policy, &decision, denial))
            }
        })
    }

    /// Keeps for the log what the rules that it met say.
    fn note(&self, decision: &Decision) {
        self.remarks.replace(decision.remarks());
    }

    /// Has its request and its answer kept within what the decision says; else the answer where they cannot be.
    pub(super) async fn keep_within(&self, decision: &Decision, admitted: Use) -> Admission {
        let Access { within, rule, .. } = &decision.access;
        if let Some(rule) = rule.as_ref().filter(|rule| rule.then == Effect::Alert) {
            let Principal { subject, client, grant, .. } = self.principal;
            let alert = audit::event(self.context, Kind::RuleAlert).of(subject.clone()).client(client).grant(grant);
            let alert = alert.tool(&self.tool.name).target(&self.call.target).because(&format!("rule {}", rule.name));
            audit::gather(self.context, alert);
            notices::delivery::soon(self.context);
        }
        if *within == Within::NONE {
            return Ok(admitted);
        }
        let (reach, resource) = (&self.context.settings.reach, self.known_facts().resource);
        match Limits::of(reach, within, self.operation, self.arguments, resource.as_ref()) {
            Ok(limits) => {
                // It is set once: a call is admitted once.
                let _ = self.limits.set(limits);
                Ok(admitted)
            }
            Err(refusal) => {
                self.settle_unsent(&admitted, Outcome::Denied, "outside of the caller's access profiles").await;
                Err(Answer::Failed(refusal.to_string()))
            }
        }
    }

    /// Whether the policy lets it run, as far as that is known here.
    pub fn is_allowed(&self) -> bool {
        snapshot_cache::last_known().is_some_and(|policy| self.decide(&policy).verdict == Verdict::Allowed)
    }

    pub(super) fn decide(&self, policy: &PolicySnapshot) -> Decision {
        self.decide_where(policy, self.tainted.borrow().level)
    }

    /// Its facts, with what look-ups have told.
    pub(super) fn known_facts(&self) -> Facts<'a> {
        let found = self.found_facts.borrow();
        found.iter().fold(self.facts.clone(), |facts, (fact, names)| facts.with_fact(*fact, names))
    }

    fn decide_where(&self, policy: &PolicySnapshot, level: TaintLevel) -> Decision {
        if level == TaintLevel::Clean && self.found_facts.borrow().is_empty() {
            return decide(policy, &self.facts);
        }
        decide(policy, &self.known_facts().tainted(level))
    }

    /// How far the grant may be tainted for what is decided on the call as far as is known: that and everything between is
    /// decided alike.
    fn tolerated_taint(&self, policy: &PolicySnapshot) -> TaintLevel {
        if !policy.names_taint() {
            return TaintLevel::Elsewhere;
        }
        let (known, decided) = (self.tainted.borrow().level, self.decide(policy));
        let more = TaintLevel::ALL.into_iter().filter(|level| *level > known);
        more.take_while(|level| self.decide_where(policy, *level) == decided).last().unwrap_or(known)
    }

    /// What its object is asked of the taint of its grant; `None` where nothing depends on it. A call that leaves no intent is
    /// decided on once more with the reply.
    fn taint_check(&self, policy: Option<&PolicySnapshot>, leaves_intent: bool) -> Option<TaintCheck> {
        if policy.is_some_and(|policy| !policy.names_taint()) {
            return None;
        }
        let tolerated =
            policy.filter(|_| leaves_intent).map_or(TaintLevel::Elsewhere, |policy| self.tolerated_taint(policy));
        Some(TaintCheck { place: self.facts.resource.as_ref().and_then(Resource::place), tolerated })
    }

    /// Whether it is on record before it is sent: then each call makes a hop of its own.
    pub(super) fn records_intent(&self) -> bool {
        self.tool.writes() || self.context.settings.audit_reads_strictly
    }

    /// Whether the hop waits for the decision. What is recorded first does: nothing may be on record as started that was
    /// not allowed. So does what is likely to be refused, which should cost its object no more than a charge.
    pub(super) fn is_decided_first(&self) -> bool {
        let is_allowed = |policy: &PolicySnapshot| self.decide(policy).verdict == Verdict::Allowed;
        let is_personal = self.facts.tool.sites.iter().any(|(_, kind)| *kind == AccountKind::Personal);
        let is_service_without_account = is_personal && self.principal.subject.person().is_none();
        self.records_intent()
            || is_service_without_account
            || self.facts.caller.permitted < Some(self.tool.class)
            || snapshot_cache::last_known().is_some_and(|policy| !is_allowed(&policy))
    }

    pub(super) fn lease_key(&self) -> LeaseKey<'a> {
        let Principal { subject, grant, .. } = self.principal;
        // A service has no accounts.
        LeaseKey { subject, grant, account: self.facts.tool.account.filter(|_| subject.person().is_some()) }
    }

    /// Whose accounts it may work in, by that policy; or, where none is known yet, may perhaps.
    pub(super) fn accounts(&self, policy: Option<&PolicySnapshot>) -> Accounts {
        let Some(&(site, kind)) = self.facts.tool.sites.first() else { return Accounts::default() };
        let perhaps = Accounts { kind: kind.with_organisation(), organisation_writes: false };
        policy.map_or(perhaps, |policy| policy.accounts(site, kind))
    }

    /// Whether a caller who has connected no account cannot make it.
    pub(super) fn lacks_account(&self, policy: &PolicySnapshot) -> bool {
        let choice = self.accounts(Some(policy)).choose(self.tool.writes(), OwnAccount::NotConnected);
        self.arguments.site().is_some() && choice == Choice::Connect
    }

    /// The hop. `known` is the policy in force, where that is known before.
    pub(super) async fn request_admission(
        &self,
        known: Option<&PolicySnapshot>,
        purpose: Purpose,
    ) -> Result<Admission, Fault> {
        lease_cache::forget_ended(self.context);
        let (key, now) = (self.lease_key(), self.now());
        let is_call = purpose == Purpose::Call;
        let intent =
            (is_call && self.records_intent()).then(|| Box::new(self.in_account(false, self.event(Phase::Intent))));
        let intent_at = intent.as_ref().map(|intent| intent.at);
        let taint = self.taint_check(known, intent.is_some());
        let request = if intent.is_some() || !is_call { None } else { key.request(now, self.ahead) };
        let lease = request.map(|(request, unused)| {
            audit::give_back(self.context, key.subject, unused);
            request
        });
        let Principal { grant, client, .. } = self.principal;
        let accounts = self.accounts(known);
        let command = Admit {
            grant: grant.clone(),
            client: client.clone(),
            writes: self.tool.writes(),
            intent,
            account: key.account,
            accounts: accounts.kind,
            organisation_writes: accounts.organisation_writes,
            lease,
            keyed: self.keyed.clone().filter(|_| is_call),
            taint,
        };
        match session::turn(self.context, key.subject, command).await? {
            Ok(Admitted { credential, lease, admission, tainted }) => {
                self.tainted.replace(tainted);
                if let Some(lease) = lease {
                    key.store(lease, credential.as_ref(), admission.as_deref(), now);
                    lease_cache::forget_after_term(self.context);
                }
                Ok(Ok(Use { credential, admission, intent_at }))
            }
            Err(NotAdmitted::Refused(refusal)) => Ok(Err(self.refused(refusal))),
            Err(NotAdmitted::Locked) => self.locked().await.map(Err),
            Err(NotAdmitted::NoCredential(error)) => self.without_credential(error).await.map(Err),
            Err(NotAdmitted::Repeats(repeat)) => self.repeated(repeat).await.map(Err),
            Err(NotAdmitted::Tainted(tainted)) => {
                self.tainted.replace(tainted);
                Ok(Err(self.again()))
            }
            Err(NotAdmitted::AuditUnavailable) => Ok(Err(Answer::Failed(format!(
                "Not run: nothing may be changed while the audit cannot be written, `{}` neither. Next: try again in a minute; \
                 if it persists, give your administrator the request id {}.",
                self.tool.name, self.context.request_id
            )))),
        }
    }

    /// What to say where the scopes of the credential cannot suffice, which the provider would refuse: nothing is sent then.
    pub(super) fn lacking_scopes(&self, admitted: &Use) -> Option<String> {
        let (site, call) = (self.arguments.site()?, self.arguments.call_of(self.operation)?);
        let policy = snapshot_cache::last_known();
        let (granted, whose) = match &admitted.credential {
            Some(credential) => (credential.scopes.as_str(), "your"),
            None => (policy.as_ref()?.organisation_account(site)?.scopes.as_str(), "the organisation's"),
        };
        let Scopes { classic, granular } = call.scopes;
        let missing = call.provider.missing_scopes(granted, Demanded { classic, granular });
        (!missing.is_empty()).then(|| {
            format!(
                "Not run: {whose} {} connection lacks the scope {}. {} An account is connected at {}/connections.",
                site.title(),
                missing.join(", "),
                site.with_settings(call.provider.add_scope),
                self.context.settings.public_url
            )
        })
    }

    /// The answer where the policy does not let it run, once the object has charged it.
    pub(super) async fn refuse(
        &self,
        policy: &PolicySnapshot,
        decision: &Decision,
        denial: &Denial,
    ) -> Result<Answer<upstream::Answer>, Fault> {
        let command = Charge { grant: self.principal.grant.clone() };
        Ok(match session::turn(self.context, &self.principal.subject, command).await? {
            Ok(()) => {
                self.record_refusal(&denial.reason());
                self.denied(policy, decision, denial)
            }
            Err(refusal) => self.refused(refusal),
        })
    }

    /// The answer where the object stopped it for a lock that the policy known here may not have yet.
    async fn locked(&self) -> Result<Answer<upstream::Answer>, Fault> {
        snapshot_cache::forget();
        let policy = snapshot_cache::current(self.context).await?;
        let decision = self.decide(&policy);
        let denial = match decision.verdict.clone() {
            Verdict::Denied(denial) => denial,
            // Lifted already: the object lets calls run again in a few seconds.
            Verdict::Allowed | Verdict::ScopeTooSmall | Verdict::ApprovalNeeded(_) => Denial::Locked(LockKind::Person),
        };
        self.record_refusal(&denial.reason());
        Ok(self.denied(&policy, &decision, &denial))
    }

    pub(super) fn denied(
        &self,
        policy: &PolicySnapshot,
        decision: &Decision,
        denial: &Denial,
    ) -> Answer<upstream::Answer> {
        let facts = serde_json::to_value(self.known_facts()).unwrap_or_default();
        let fields = [("ground", decision.to_string().into()), ("facts", facts)];
        self.context.log(Level::Info, "a call was denied", &fields);
        let sentence = match (denial, policy.locks.stopping(&self.facts)) {
            (Denial::Locked(_), Some(lock)) => lock.sentence(&self.tool.name),
            _ => {
                let page = format!("{}{ACCESS_PAGE}", self.context.settings.public_url);
                decision.sentence(denial, &self.tool.name, &page)
            }
        };
        Answer::Failed(sentence)
    }

    pub(super) fn scope_too_small(&self, policy: &PolicySnapshot) -> Answer<upstream::Answer> {
        Answer::InsufficientScope(Scope::of(policy.classification(&self.facts.tool).class))
    }

    pub(super) fn refused(&self, refusal: Refusal) -> Answer<upstream::Answer> {
        self.record_refusal(refusal.reason());
        not_charged(self.tool, refusal)
    }
}
