//! One call of a tool on its way: decided on, admitted, sent and settled.

mod admission;
mod approval;
mod keyed;
mod marking;
mod missing_facts;
mod quota;
mod record;
mod sending;
mod series;
mod settled;

pub use approval::{denial, link};
pub use settled::Settled;

use std::cell::{Cell, OnceCell, RefCell};

use super::{Origin, Prepared};
use crate::{
    audit::{self, Call, Event, Outcome},
    authorization::principal::Principal,
    catalog::{
        arguments::Arguments,
        lookup::MissingFact,
        operation::{Budget, Operation},
    },
    connections::vault::CredentialError,
    context::Context,
    governance::{approval::record::Entry, facts::Facts, limits::Limits, taint::Tainted},
    mcp::{messages::answer::Answer, methods::listing::caller, transport::notifier::Notifier},
    platform::{Fault, clock::Timestamp},
    providers::Site,
    session::{
        idempotency::{Ending, KeyedCall},
        lease_cache::Use,
    },
    tools::Tool,
    upstream::{self, Failure, Wanted},
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
    /// What it is kept within, once it is decided on.
    limits: &'a OnceCell<Limits>,
    /// What the log has to say of the rules that it met.
    remarks: RefCell<String>,
    wanted: Wanted,
    /// The facts that it is decided on, but for how its grant is tainted.
    facts: Facts<'a>,
    /// How its grant is tainted, as far as its object has said.
    tainted: RefCell<Tainted>,
    /// What look-ups have told of what it is about.
    found_facts: RefCell<Vec<(MissingFact, Vec<String>)>>,
    /// More is known than it was decided on: of its grant, or of what it is about.
    is_decided_anew: Cell<bool>,
    /// The call as the audit has it, before and after.
    call: Call,
    /// Which of the request's events are this call's.
    part: String,
    /// The same call under its idempotency key, where it changes something and has one.
    keyed: Option<KeyedCall>,
    /// The approval that it depends on, as the audit names it.
    approval: OnceCell<String>,
    /// The approval that it has used up.
    used_approval: OnceCell<Box<Entry>>,
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
        prepared: &'a Prepared,
        wanted: Wanted,
    ) -> Self {
        let Origin { context, principal, .. } = origin;
        let Prepared { arguments, limits } = prepared;
        let caller = caller(principal, context.platform.clock.now());
        let facts = Facts::of_call(&context.settings, caller, tool, arguments).through(origin.via);
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
            limits,
            remarks: RefCell::default(),
            wanted,
            facts,
            tainted: RefCell::default(),
            found_facts: RefCell::default(),
            is_decided_anew: Cell::new(false),
            call,
            part,
            keyed,
            approval: OnceCell::new(),
            used_approval: OnceCell::new(),
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
        if self.origin.only_repeats {
            return Ok(self.repeated_by_key().await?.unwrap_or_else(|| self.forgotten()));
        }
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

    /// Sends it, and puts on record how it ended.
    pub async fn send_and_settle(&self, admitted: Use, notifier: &Notifier) -> Result<Answer<Settled<'a>>, Fault> {
        let started = self.now();
        let Use { credential, admission, intent_at } = admitted;
        let (writes, is_own) = (self.tool.writes(), credential.is_some());
        let sent = if writes {
            // Once it is sent nobody can call it back, so it is better known how it ended.
            self.send(credential, notifier).await
        } else {
            notifier.unless_cancelled(self.send(credential, notifier)).await.unwrap_or(Ok(Sent::Cancelled))
        };
        self.note_quota(is_own, &sent);
        let sent = self.marked(sent).await;
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
            ..self.in_account(is_own, self.outcome(started, outcome, reason.as_deref().unwrap_or_default()))
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
        self.end_approval(match &sent {
            Ok(Sent::Answered(_)) => Some(true),
            Ok(Sent::Refused(failure)) if failure.outcome_is_unknown() => None,
            Ok(Sent::Refused(_) | Sent::NoCredential(_) | Sent::Cancelled) => Some(false),
            Err(_) => None,
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

    /// The same, where its answer is marked with whence it comes.
    async fn marked(&self, sent: Result<Sent<'a>, Fault>) -> Result<Sent<'a>, Fault> {
        match sent? {
            Sent::Answered(mut settled) => {
                if self.share.is_some() {
                    // It may come to be shown whole.
                    settled.lengthen();
                }
                self.mark_settled(&mut settled.answer).await?;
                Ok(Sent::Answered(settled))
            }
            Sent::Refused(failure) if failure.shows_text() => {
                let words = upstream::Answer::words(failure.sentence(self.operation, self.arguments));
                let authors = Some(Box::new(upstream::Authors::anybody()));
                self.mark(&mut upstream::Answer { authors, ..words }).await?;
                Ok(Sent::Refused(failure))
            }
            other => Ok(other),
        }
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
