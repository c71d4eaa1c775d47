//! One call of a tool on its way: decided on, admitted, sent and settled.

mod keyed;
mod settled;

pub use settled::Settled;

use futures::future::join;

use super::Origin;

use crate::{
    audit::{self, Call, Event, Outcome, Phase},
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::{
        arguments::Arguments,
        operation::{Budget, Operation, Scopes},
    },
    connections::{elicitation, shared_credential::SharedCredential, vault::CredentialError},
    context::Context,
    governance::{
        decision::{Decision, Denial, Verdict, decide},
        facts::Facts,
        organisation_decisions,
        policy::PolicySnapshot,
        snapshot_cache,
    },
    mcp::{
        messages::answer::{Answer, ConnectionNeeded},
        methods::{listing::caller, whoami},
        transport::notifier::Notifier,
    },
    platform::{Fault, clock::Timestamp, log::Level},
    providers::{AccountKind, Accounts, Choice, Demanded, OwnAccount, Site},
    session::{
        self,
        commands::{Admit, Admitted, Charge, Credential, DeclareBroken, NotAdmitted, Refusal, Renew},
        idempotency::{Ending, KeyedCall},
        lease_cache::{self, LeaseKey, Use},
    },
    tools::Tool,
    upstream::{self, Ask, Failure, Wanted},
};

/// Why a token was not enough, for the audit.
const SCOPE_TOO_SMALL: &str = "the access token's scope is too small";

/// Why what was granted was not enough, for the audit.
const CREDENTIAL_LACKS_SCOPE: &str = "the credential lacks a scope";

/// One call on its way.
pub struct ToolCall<'a> {
    origin: Origin<'a>,
    context: &'a Context,
    principal: &'a Principal,
    tool: &'a Tool,
    /// What stands behind the tool.
    operation: &'static Operation,
    arguments: &'a Arguments,
    wanted: Wanted,
    /// The facts that it is decided on.
    facts: Facts<'a>,
    /// The call as the audit has it, before and after.
    call: Call,
    /// Which of the request's events are this call's.
    part: String,
    /// The same call under its idempotency key, where it changes something and has one.
    keyed: Option<KeyedCall>,
    /// How long its answer may be beside those of others.
    share: Option<Budget>,
    /// How many calls follow at once that need the same account: the hop brings a lease for them.
    ahead: u32,
}

/// What a call is sent with, or what stops it before.
pub type Admission = Result<Use, Answer<upstream::Answer>>;

impl<'a> ToolCall<'a> {
    pub fn new(
        origin: Origin<'a>,
        tool: &'a Tool,
        operation: &'static Operation,
        arguments: &'a Arguments,
        wanted: Wanted,
    ) -> Self {
        let Origin { context, principal, .. } = origin;
        let facts = Facts::of_call(&context.settings, caller(principal, tool), tool, arguments);
        let call = Call {
            request_id: context.request_id.clone(),
            client_id: principal.client.clone(),
            tool: tool.name.to_string(),
            target: arguments.target().to_owned(),
            arguments_digest: arguments.digest(),
        };
        let part = audit::next_part();
        let key = origin.key.filter(|_| tool.writes());
        let keyed = key.map(|key| KeyedCall::new(&call.client_id, key, &call.tool, &call.arguments_digest));
        Self {
            origin,
            context,
            principal,
            tool,
            operation,
            arguments,
            wanted,
            facts,
            call,
            part,
            keyed,
            share: None,
            ahead: 0,
        }
    }

    /// The same call, with so many to follow at once.
    pub const fn ahead_of(mut self, calls: u32) -> Self {
        self.ahead = calls;
        self
    }

    /// The same call, whose answer shares its length with others.
    pub const fn sharing(mut self, share: Budget) -> Self {
        self.share = Some(share);
        self
    }

    /// The site at which it works in an account of the person's own.
    pub fn account(&self) -> Option<Site> {
        self.lease_key().account
    }

    /// Runs it to its end.
    pub async fn run(&self, notifier: &Notifier) -> Result<Answer<upstream::Answer>, Fault> {
        match self.admit().await? {
            Ok(admitted) => match self.lacking_scopes(&admitted) {
                Some(sentence) => {
                    self.settle_unsent(&admitted, Outcome::Denied, CREDENTIAL_LACKS_SCOPE).await;
                    Ok(Answer::Failed(sentence))
                }
                None => Ok(self.send_and_settle(admitted, notifier).await?.map(|settled| settled.answer)),
            },
            Err(answer) => Ok(answer),
        }
    }

    /// Decides on the call, and has it admitted: by a lease, or by the one hop before the upstream request. The policy
    /// of a read that is not known to be in force is asked for beside that hop, not before it.
    pub async fn admit(&self) -> Result<Admission, Fault> {
        let known = if self.is_decided_first() {
            Some(snapshot_cache::current(self.context).await?)
        } else {
            snapshot_cache::in_force(self.context)
        };
        if let Some(policy) = &known {
            let decision = self.decide(policy);
            match decision.verdict {
                Verdict::Allowed => {}
                Verdict::ScopeTooSmall => {
                    self.record_refusal(SCOPE_TOO_SMALL);
                    return Ok(Err(self.scope_too_small()));
                }
                Verdict::Denied(denial) => return self.refuse(decision, denial).await.map(Err),
            }
            if !self.records_intent()
                && let Some(leased) = self.lease_key().try_use(self.now())
            {
                return Ok(Ok(leased));
            }
        }
        let (_, admission) =
            join(snapshot_cache::current(self.context), self.request_admission(known.as_deref())).await;
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
        let decision = self.decide(&policy);
        Ok(match decision.verdict {
            // Nobody knew yet, when the hop was made, that the organisation has no account there.
            Verdict::Allowed if admitted.credential.is_none() && self.lacks_account(&policy) => {
                self.settle_unsent(&admitted, Outcome::Denied, "no account is connected").await;
                return self.without_credential(CredentialError::NotConnected).await.map(Err);
            }
            Verdict::Allowed => Ok(admitted),
            Verdict::ScopeTooSmall => {
                self.settle_unsent(&admitted, Outcome::Denied, SCOPE_TOO_SMALL).await;
                Err(self.scope_too_small())
            }
            Verdict::Denied(denial) => {
                self.settle_unsent(&admitted, Outcome::Denied, denial.reason()).await;
                Err(self.denied(decision, denial))
            }
        })
    }

    /// Whether the policy lets it run, as far as that is known here.
    pub fn is_allowed(&self) -> bool {
        snapshot_cache::last_known().is_some_and(|policy| self.decide(&policy).verdict == Verdict::Allowed)
    }

    fn decide(&self, policy: &PolicySnapshot) -> Decision {
        decide(policy, &self.facts)
    }

    /// Whether it is on record before it is sent: then each call makes a hop of its own.
    fn records_intent(&self) -> bool {
        self.tool.writes() || self.context.settings.audit_reads_strictly
    }

    /// Whether the hop waits for the decision. What is recorded first does: nothing may be on record as started that was
    /// not allowed. So does what is likely to be refused, which should cost its object no more than a charge.
    fn is_decided_first(&self) -> bool {
        let is_allowed = |policy: &PolicySnapshot| self.decide(policy).verdict == Verdict::Allowed;
        let is_personal = self.facts.tool.sites.iter().any(|(_, kind)| *kind == AccountKind::Personal);
        let is_service_without_account = is_personal && self.principal.subject.person().is_none();
        self.records_intent()
            || is_service_without_account
            || !self.facts.caller.scope_suffices
            || snapshot_cache::last_known().is_some_and(|policy| !is_allowed(&policy))
    }

    fn lease_key(&self) -> LeaseKey<'a> {
        let Principal { subject, grant, .. } = self.principal;
        // A service has no accounts.
        LeaseKey { subject, grant, account: self.facts.tool.account.filter(|_| subject.person().is_some()) }
    }

    /// Whose accounts it may work in, by that policy; or, where none is known yet, may perhaps.
    fn accounts(&self, policy: Option<&PolicySnapshot>) -> Accounts {
        let Some(&(site, kind)) = self.facts.tool.sites.first() else { return Accounts::default() };
        let perhaps = Accounts { kind: kind.with_organisation(), organisation_writes: false };
        policy.map_or(perhaps, |policy| policy.accounts(site, kind))
    }

    /// Whether a caller who has connected no account cannot make it.
    fn lacks_account(&self, policy: &PolicySnapshot) -> bool {
        let choice = self.accounts(Some(policy)).choose(self.tool.writes(), OwnAccount::NotConnected);
        self.arguments.site().is_some() && choice == Choice::Connect
    }

    /// The hop. `known` is the policy in force, where that is known before.
    async fn request_admission(&self, known: Option<&PolicySnapshot>) -> Result<Admission, Fault> {
        lease_cache::forget_ended(self.context);
        let (key, now) = (self.lease_key(), self.now());
        let intent = self.records_intent().then(|| Box::new(self.event(Phase::Intent)));
        let intent_at = intent.as_ref().map(|intent| intent.at);
        let request = if intent.is_some() { None } else { key.request(now, self.ahead) };
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
            keyed: self.keyed.clone(),
        };
        match session::turn(self.context, key.subject, command).await? {
            Ok(Admitted { credential, lease, admission }) => {
                if let Some(lease) = lease {
                    key.store(lease, credential.as_ref(), admission.as_deref(), now);
                    lease_cache::forget_after_term(self.context);
                }
                Ok(Ok(Use { credential, admission, intent_at }))
            }
            Err(NotAdmitted::Refused(refusal)) => Ok(Err(self.refused(refusal))),
            Err(NotAdmitted::NoCredential(error)) => self.without_credential(error).await.map(Err),
            Err(NotAdmitted::Repeats(repeat)) => self.repeated(repeat).await.map(Err),
            Err(NotAdmitted::AuditUnavailable) => Ok(Err(Answer::Failed(format!(
                "Not run: nothing may be changed while the audit cannot be written, `{}` neither. Next: try again in a minute; \
                 if it persists, give your administrator the request id {}.",
                self.tool.name, self.context.request_id
            )))),
        }
    }

    /// What to say where the scopes of the credential cannot suffice, which the provider would refuse: nothing is sent then.
    fn lacking_scopes(&self, admitted: &Use) -> Option<String> {
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
    async fn refuse(&self, decision: Decision, denial: Denial) -> Result<Answer<upstream::Answer>, Fault> {
        let command = Charge { grant: self.principal.grant.clone() };
        Ok(match session::turn(self.context, &self.principal.subject, command).await? {
            Ok(()) => {
                self.record_refusal(denial.reason());
                self.denied(decision, denial)
            }
            Err(refusal) => self.refused(refusal),
        })
    }

    fn denied(&self, decision: Decision, denial: Denial) -> Answer<upstream::Answer> {
        let facts = serde_json::to_value(&self.facts).unwrap_or_default();
        let fields = [("ground", decision.to_string().into()), ("facts", facts)];
        self.context.log(Level::Info, "a call was denied", &fields);
        Answer::Failed(denial.sentence(&self.tool.name))
    }

    const fn scope_too_small(&self) -> Answer<upstream::Answer> {
        Answer::InsufficientScope(Scope::of(self.tool.class))
    }

    fn refused(&self, refusal: Refusal) -> Answer<upstream::Answer> {
        self.record_refusal(refusal.reason());
        super::not_charged(self.tool, refusal)
    }

    /// Sends it, and puts on record how it ended.
    pub async fn send_and_settle(&self, admitted: Use, notifier: &Notifier) -> Result<Answer<Settled<'a>>, Fault> {
        let started = self.now();
        let Use { credential, admission, intent_at } = admitted;
        let writes = self.tool.writes();
        let sent = if writes {
            // Once it is sent nobody can call it back, so it is better known how it ended.
            self.send(credential, notifier).await
        } else {
            notifier.unless_cancelled(self.send(credential, notifier)).await.unwrap_or(Ok(Sent::Cancelled))
        };
        let (outcome, reason, status) = match &sent {
            Ok(Sent::Answered(settled)) => (Outcome::Succeeded, None, settled.answer.status),
            Ok(Sent::Refused(failure)) => {
                let unknown = failure.outcome_is_unknown();
                (if unknown { Outcome::Unknown } else { Outcome::Failed }, Some(failure.reason()), failure.status())
            }
            Ok(Sent::NoCredential(CredentialError::Unavailable)) => {
                (Outcome::Failed, Some("the token endpoint did not answer".into()), None)
            }
            Ok(Sent::NoCredential(_)) => {
                (Outcome::Failed, Some("the account has to be connected again".into()), Some(401))
            }
            Ok(Sent::Cancelled) => (Outcome::Cancelled, Some("the client closed the connection".into()), None),
            Err(_) => (Outcome::Failed, Some("internal error".to_owned()), None),
        };
        let ended = Event {
            upstream_status: status.map(i64::from),
            admission,
            intent_at,
            ..self.outcome(started, outcome, reason.as_deref().unwrap_or_default())
        };
        if self.records_intent() {
            audit::record_after_response(self.context, ended);
        } else {
            audit::gather(self.context, ended);
        }
        let sentence = |failure: &Failure| failure.sentence(self.operation, self.arguments);
        self.end_keyed(match &sent {
            Ok(Sent::Answered(settled)) => Some(Ending::Done(settled.answer.text.clone())),
            Ok(Sent::Refused(failure)) if failure.outcome_is_unknown() => Some(Ending::Unknown(sentence(failure))),
            _ => None,
        })
        .await;
        match sent? {
            Sent::Answered(settled) => Ok(Answer::Complete(settled)),
            Sent::Refused(failure) => {
                let sentence = sentence(&failure);
                let is_missing = matches!(failure, Failure::NotFound { .. });
                Ok(if is_missing { Answer::Missing(sentence) } else { Answer::Failed(sentence) })
            }
            Sent::NoCredential(error) => Ok(self.without_credential(error).await?.map(Settled::words)),
            Sent::Cancelled => Ok(Answer::Failed("The call was cancelled.".to_owned())),
        }
    }

    fn event(&self, phase: Phase) -> Event {
        let Principal { subject, grant, .. } = self.principal;
        let event = Event::call(subject, self.call.clone(), phase, self.part.clone(), self.now()).grant(grant);
        event.because(&self.origin.because(""))
    }

    fn outcome(&self, started: Timestamp, outcome: Outcome, reason: &str) -> Event {
        let duration = i64::try_from(self.now().since(started).as_millis()).unwrap_or(i64::MAX);
        let ended = self.event(Phase::Outcome).ending(outcome).because(&self.origin.because(reason));
        Event { duration_milliseconds: Some(duration), ..ended }
    }

    /// Records that it was admitted and not sent.
    async fn settle_unsent(&self, admitted: &Use, outcome: Outcome, reason: &str) {
        self.end_keyed(None).await;
        let ended = self.outcome(self.now(), outcome, reason);
        let Use { admission, intent_at, .. } = admitted;
        audit::gather(self.context, Event { admission: admission.clone(), intent_at: *intent_at, ..ended });
    }

    /// Records that it was not admitted. What repeats is counted.
    fn record_refusal(&self, reason: &str) {
        audit::gather(
            self.context,
            self.event(Phase::Outcome).ending(Outcome::Denied).because(&self.origin.because(reason)),
        );
    }

    /// Sends the request, with a renewed credential where the provider refuses the first.
    async fn send(&self, credential: Option<Credential>, notifier: &Notifier) -> Result<Sent<'a>, Fault> {
        let Some(site) = self.arguments.site() else {
            let text = whoami::answer(self.context, self.principal).await?;
            let answer = upstream::Answer { text, goes_on: false, status: None, quota: None };
            return Ok(Sent::Answered(Settled::words(answer)));
        };
        let Some(credential) = credential else { return self.send_for_organisation(site, notifier).await };
        let mut credential = credential;
        for last in [false, true] {
            match self.exchange(&self.own_credential(site, &credential)?, notifier).await {
                Ok(settled) => return Ok(Sent::Answered(settled)),
                Err(Failure::Unauthorized) if !last => {}
                Err(Failure::Unauthorized) => break,
                Err(failure) => return Ok(Sent::Refused(failure)),
            }
            lease_cache::forget(&self.principal.grant);
            let renew = Renew { site, version: credential.version };
            match session::turn(self.context, &self.principal.subject, renew).await? {
                Ok(renewed) => credential = renewed,
                Err(error) => return Ok(Sent::NoCredential(error)),
            }
        }
        let broken = DeclareBroken { site, version: credential.version };
        session::turn(self.context, &self.principal.subject, broken).await?;
        Ok(Sent::NoCredential(CredentialError::Broken))
    }

    /// Sends it with the credential of the organisation's account; where the provider refuses that, and an administrator has
    /// entered another meanwhile, once more with that.
    async fn send_for_organisation(&self, site: Site, notifier: &Notifier) -> Result<Sent<'a>, Fault> {
        let mut credential = self.organisation_credential(site).await?;
        let mut result = self.exchange(&credential.1, notifier).await;
        if matches!(result, Err(Failure::Unauthorized)) {
            snapshot_cache::forget();
            let renewed = self.organisation_credential(site).await?;
            if renewed.0 != credential.0 {
                credential = renewed;
                result = self.exchange(&credential.1, notifier).await;
            }
        }
        if let (Err(Failure::Unauthorized), Some(sealed)) = (&result, credential.0) {
            self.note_refused(site, sealed);
        }
        Ok(result.map_or_else(Sent::Refused, Sent::Answered))
    }

    /// Notes for administrators, after the response, that the provider refuses the organisation's credential.
    fn note_refused(&self, site: Site, sealed: String) {
        let is_known = |policy: &PolicySnapshot| {
            policy.organisation_account(site).is_some_and(|account| account.refused_at.is_some())
        };
        if snapshot_cache::last_known().is_some_and(|policy| is_known(&policy)) {
            return;
        }
        let context = self.context.clone();
        self.context.platform.caller.finish_without(Box::pin(async move {
            if let Err(fault) = organisation_decisions::note_refused(&context, site, &sealed).await {
                context.log(Level::Error, "refusal not noted", &[("detail", fault.to_string().into())]);
            }
        }));
    }

    /// The credential of the organisation's account: the one that an administrator entered, sealed and open, or else that of
    /// the settings.
    async fn organisation_credential(&self, site: Site) -> Result<(Option<String>, upstream::Credential), Fault> {
        let settings = &self.context.settings;
        let policy = snapshot_cache::current(self.context).await?;
        if self.lacks_account(&policy) {
            return Err(Fault::new("session", "no credential for a tool that needs one"));
        }
        if let Some(sealed) = policy.organisation_account(site).and_then(|account| account.credential.clone()) {
            let credential = SharedCredential::open(settings, site, &sealed)
                .ok_or_else(|| Fault::new("credential", "the organisation's does not open with a live key"))?;
            return Ok((Some(sealed), credential.at(site)));
        }
        let account = settings.sites.get(site)?.organisation.as_ref();
        let account = account.ok_or_else(|| Fault::new("session", "the organisation has no account there"))?;
        Ok((None, upstream::Credential::basic(site, account.user.clone(), account.api_token.clone())))
    }

    /// The person's own credential, for where the API of the site lies for it. A token that is for several sites goes to
    /// their common API alone, never to the host of one.
    fn own_credential(&self, site: Site, credential: &Credential) -> Result<upstream::Credential, Fault> {
        let bearer = upstream::Credential::bearer(site, credential.access_token());
        let resources = site.provider.oauth.as_ref().and_then(|dialect| dialect.resources.as_ref());
        let Some(resources) = resources else { return Ok(bearer) };
        let consumer = self.context.settings.sites.get(site)?.consumer.as_ref();
        let base_url = consumer.zip(credential.resource.as_ref());
        let base_url = base_url.and_then(|(consumer, id)| consumer.resource_url(resources, id.as_str()));
        base_url
            .map(|base_url| bearer.below(base_url))
            .ok_or_else(|| Fault::new("credential", format!("nothing says where {site} lies for a person's own token")))
    }

    async fn exchange(&self, credential: &upstream::Credential, notifier: &Notifier) -> Result<Settled<'a>, Failure> {
        let Self { context, principal, operation, arguments, wanted, .. } = *self;
        let (subject, filter) = (&principal.subject, &context.settings.reach);
        let progress = &|message: &str| notifier.report(message);
        let ask = Ask { context, subject, operation, arguments, wanted, filter, credential, progress };
        let received = upstream::run(ask).await?;
        Ok(Settled { answer: received.answer(self.share)?, received })
    }

    /// The answer where there is no credential to send it with: a link to connect the account, where that would help.
    async fn without_credential(&self, error: CredentialError) -> Result<Answer<upstream::Answer>, Fault> {
        let Some(site) = self.arguments.site() else {
            return Err(Fault::new("session", "a connection for a tool that needs none"));
        };
        let title = site.title();
        if error == CredentialError::Unavailable {
            return Ok(Answer::Failed(format!(
                "Not run: {0} did not renew Postern's access to your account just now. Next: try again in a minute; if it \
                 persists, connect {0} again at {1}/connections.",
                title, self.context.settings.public_url
            )));
        }
        if self.wanted != Wanted::Text {
            return Ok(Answer::Failed("no account is connected".to_owned()));
        }
        let Some(user) = self.principal.subject.person() else {
            return Ok(Answer::Failed(Denial::NeedsPerson.sentence(&self.tool.name)));
        };
        let client = &self.principal.client;
        let in_words = elicitation::was_missed(self.context, user, client, site).await?;
        let elicitation_id = elicitation::create(self.context, user, client, site).await?;
        let reads = snapshot_cache::last_known().is_some_and(|policy| !self.accounts(Some(&policy)).needs_own(false));
        let message = match error {
            CredentialError::Broken => {
                format!("Postern's connection to your {0} account has ended. Connect {0} again to go on.", title)
            }
            _ if reads && self.tool.writes() => format!(
                "Not run: `{}` changes something, and your organisation's {title} account is for reading alone. Next: connect \
                 your own account.",
                self.tool.name
            ),
            _ => format!("Connect your {0} account to Postern, so that it can act for you in {0}.", title),
        };
        let url = elicitation::url(self.context, site, &elicitation_id);
        Ok(Answer::ConnectionNeeded(ConnectionNeeded { site, elicitation_id, url, message, in_words }))
    }

    fn now(&self) -> Timestamp {
        self.context.platform.clock.now()
    }
}

enum Sent<'a> {
    Answered(Settled<'a>),
    Refused(Failure),
    /// The account's credential was refused, and there is no other.
    NoCredential(CredentialError),
    /// Nobody waits for the answer any more.
    Cancelled,
}

#[cfg(test)]
mod tests;
