//! A call that a rule sends to approval: it stops here until somebody else has approved it, is compared with what they saw,
//! and goes on once.

use serde_json::{Map, Value, json};

use super::{Admission, CREDENTIAL_LACKS_SCOPE, ToolCall, admission::Purpose, sending::NotSent};
use crate::{
    audit::Outcome,
    catalog::{arguments::Arguments, operation::Operation, preview, refusal::Sort},
    context::Context,
    crypto::digest,
    governance::{
        access_policy::RuleInForce,
        approval::{
            ApprovalRule,
            acts::{self, Used},
            lifecycle::{ApprovableCall, Approval, OnCall, State, USED_FOR, on_call},
            record::{self, Asked, Contents, Entry},
        },
        decision::Decision,
        policy::PolicySnapshot,
    },
    mcp::messages::answer::{Answer, Destination, LinkNeeded},
    platform::{Fault, log::Level},
    session::{
        self,
        commands::{AwaitKeyed, Charge},
        lease_cache::Use,
    },
    upstream::{self, Ask, Wanted},
};

/// For the audit.
const NEEDED: &str = "it needs approval";
const DENIED: &str = "an approver denied it";
const USED: &str = "its approval was used before";
const UNKNOWN: &str = "its approval was used before, and nothing says how the call ended";
const DRIFTED: &str = "what it is bound to has moved since it was approved";

/// For approvers, where an earlier approval of the same call was used.
const UNHEARD: &str = "nothing says whether it was done then";

/// How much of a preview is kept, in characters.
const LONGEST_PREVIEW: usize = 12_000;

type Stopped = Answer<upstream::Answer>;

/// What a call is bound to now, and what shows it to its approvers.
struct Look {
    observed: Option<String>,
    preview: Option<String>,
}

/// What an approval that lets a call through is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Approved {
    Itself,
    /// A call that it is like.
    Alike,
}

impl ToolCall<'_> {
    /// Admits a call that needs approval, where it has one. `admitted` is what it was admitted with before it was known that
    /// it needs any.
    pub(super) async fn admit_by_approval(
        &self,
        policy: &PolicySnapshot,
        decision: &Decision,
        rule: &RuleInForce,
        admitted: Option<Use>,
    ) -> Result<Admission, Fault> {
        let rule = &ApprovalRule::of(rule);
        if admitted.is_none() {
            let command = Charge { grant: self.principal.grant.clone() };
            if let Err(refusal) = session::turn(self.context, &self.principal.subject, command).await? {
                return Ok(Err(self.refused(refusal)));
            }
        }
        if self.wanted != Wanted::Text {
            // Nobody is asked to approve what a client completes while somebody types.
            self.put_off(admitted, NEEDED).await;
            return Ok(Err(Answer::Failed(NEEDED.to_owned())));
        }
        if let Some(answer) = self.repeated_by_key().await? {
            return Ok(Err(answer));
        }
        let latest = record::latest(self.context, &self.approvable()).await?;
        let on_call = on_call(latest.as_ref().map(|entry| &entry.approval), self.now());
        if matches!(on_call, OnCall::Ask | OnCall::Wait)
            && let Some(entry) = self.letting_through(policy, rule).await?
        {
            return self.admit_by(policy, decision, rule, &entry, Approved::Alike, admitted).await;
        }
        match (on_call, latest) {
            // A rule may have come to ask for more people meanwhile: then the call is asked for anew.
            (OnCall::Compare, Some(entry)) if entry.approval.approvers >= rule.approvers => {
                self.admit_by(policy, decision, rule, &entry, Approved::Itself, admitted).await
            }
            (OnCall::Wait, Some(entry)) => {
                let link = self.link(&entry, rule, true);
                self.stop(&entry, admitted, NEEDED, link).await.map(Err)
            }
            (OnCall::Denied, Some(entry)) => {
                let answer = Answer::Failed(denial(&entry));
                self.stop(&entry, admitted, DENIED, answer).await.map(Err)
            }
            (OnCall::Done, Some(entry)) => self.stop(&entry, admitted, USED, self.used()).await.map(Err),
            (OnCall::Unknown, Some(entry)) => self.stop(&entry, admitted, UNKNOWN, self.unknown()).await.map(Err),
            (_, latest) => {
                let admission = match admitted {
                    Some(admitted) => Ok(admitted),
                    None => self.request_admission(Some(policy), Purpose::Look).await?,
                };
                let admitted = match admission {
                    Ok(admitted) => self.keep_within(decision, admitted).await,
                    Err(answer) => Err(answer),
                };
                let is_unheard = latest.is_some_and(|entry| entry.approval.state == State::Used);
                let before = if is_unheard { UNHEARD } else { "" };
                match admitted {
                    Ok(admitted) => self.ask_for_approval(policy, rule, admitted, before, NEEDED).await.map(Err),
                    Err(answer) => Ok(Err(answer)),
                }
            }
        }
    }

    /// The call as an approval is of it.
    fn approvable(&self) -> ApprovableCall {
        let site = self.arguments.site().map(|site| site.to_string());
        let parts = json!([self.tool.name, self.tool.definition_digest(), site, self.call.arguments_digest]);
        ApprovableCall {
            subject: self.principal.subject.clone(),
            client: self.principal.client.clone(),
            digest: digest::sha256(&parts.to_string()),
        }
    }

    /// Lets an approved call go on, where what it is bound to is as its approvers saw it, and no other call was quicker; or one
    /// that is like it, where they let those through.
    async fn admit_by(
        &self,
        policy: &PolicySnapshot,
        decision: &Decision,
        rule: &ApprovalRule,
        entry: &Entry,
        approved: Approved,
        admitted: Option<Use>,
    ) -> Result<Admission, Fault> {
        // It is set once for each call, of which this is the only one.
        let _ = self.approval.set(acts::reference(entry));
        let admission = match admitted.filter(|_| !self.records_intent()) {
            Some(admitted) => Ok(admitted),
            None => self.request_admission(Some(policy), Purpose::Call).await?,
        };
        let admitted = match admission {
            Ok(admitted) => self.keep_within(decision, admitted).await,
            Err(answer) => Err(answer),
        };
        let admitted = match admitted {
            Ok(admitted) => admitted,
            Err(answer) => return Ok(Err(answer)),
        };
        if let Some(answer) = self.without_scope(&admitted).await {
            return Ok(Err(answer));
        }
        if approved == Approved::Alike {
            // Its object has said by now how the grant is tainted.
            return match self.offer(policy, rule) {
                Some(_) => Ok(Ok(admitted)),
                None => self.ask_for_approval(policy, rule, admitted, "", NEEDED).await.map(Err),
            };
        }
        let observed = match self.observe(&admitted).await? {
            Ok(observed) => observed,
            Err(not_sent) => return self.not_read(&admitted, not_sent).await.map(Err),
        };
        let stopped = match acts::use_once(self.context, entry, observed.as_deref()).await {
            Ok(Used::Once(used)) => {
                let _ = self.used_approval.set(used);
                return Ok(Ok(admitted));
            }
            Ok(Used::Drifted) => {
                let moved = acts::moved(&entry.approval, observed.as_deref());
                return self.ask_for_approval(policy, rule, admitted, &moved, DRIFTED).await.map(Err);
            }
            // Another call was quicker, and is under way.
            Ok(Used::NotApproved) => Ok(Err(self.unknown())),
            Err(fault) => Err(fault),
        };
        let (outcome, reason) =
            if stopped.is_ok() { (Outcome::Denied, UNKNOWN) } else { (Outcome::Failed, "internal error") };
        self.settle_unsent(&admitted, outcome, reason).await;
        stopped
    }

    /// Asks for an approval, with what its approvers have to see. `before` is what became of an earlier one of the same call,
    /// and `reason` why the log says that it stopped.
    async fn ask_for_approval(
        &self,
        policy: &PolicySnapshot,
        rule: &ApprovalRule,
        admitted: Use,
        before: &str,
        reason: &str,
    ) -> Result<Stopped, Fault> {
        if let Some(answer) = self.without_scope(&admitted).await {
            return Ok(answer);
        }
        let look = match self.look(&admitted).await? {
            Ok(look) => look,
            Err(not_sent) => return self.not_read(&admitted, not_sent).await,
        };
        let (offer, series) = self.offer(policy, rule).unzip();
        let contents = Contents {
            sentence: rule.sentence.clone(),
            arguments: self.arguments.shown(),
            preview: look.preview.map(|text| text.chars().take(LONGEST_PREVIEW).collect()),
            fresh_sign_in_minutes: rule.fresh_sign_in_minutes,
            offer,
            call: self.arguments.to_json().filter(|call| self.tool.writes() && is_short(call)),
            read_before: self.tainted.borrow().readings.iter().map(|reading| reading.place.to_string()).collect(),
        };
        let asked = Asked {
            approval: Approval::asked(self.approvable(), look.observed, rule.approvers, self.now())
                .offering(series.unwrap_or_default()),
            rule,
            tool: &self.tool.name,
            target: self.arguments.target(),
            reason: before,
            contents: &contents,
        };
        let entry = acts::ask(self.context, asked).await?;
        let link = self.link(&entry, rule, false);
        self.stop(&entry, Some(admitted), reason, link).await
    }

    /// The answer where the scopes of its credential cannot suffice: nobody is asked to approve what would fail.
    pub(super) async fn without_scope(&self, admitted: &Use) -> Option<Stopped> {
        let sentence = self.lacking_scopes(admitted)?;
        self.settle_unsent(admitted, Outcome::Denied, CREDENTIAL_LACKS_SCOPE).await;
        Some(Answer::Failed(sentence))
    }

    /// Records that the call was not made, and answers.
    async fn stop(
        &self,
        entry: &Entry,
        admitted: Option<Use>,
        reason: &str,
        answer: Stopped,
    ) -> Result<Stopped, Fault> {
        // A call that drifted goes by the approval that it had.
        let _ = self.approval.set(acts::reference(entry));
        self.put_off(admitted, reason).await;
        Ok(answer)
    }

    /// Records that the call was not made for now.
    async fn put_off(&self, admitted: Option<Use>, reason: &str) {
        match admitted {
            Some(admitted) => self.settle_unsent(&admitted, Outcome::Denied, reason).await,
            None => self.record_refusal(reason),
        }
    }

    /// What the call is bound to beside its arguments, as its caller's account is told now.
    async fn observe(&self, admitted: &Use) -> Result<Result<Option<String>, NotSent>, Fault> {
        let Some(site) = self.arguments.site() else { return Ok(Ok(None)) };
        let (context, operation, arguments) = (self.context, self.operation, self.arguments);
        self.with_credential(site, admitted.credential.clone(), async |credential| {
            upstream::binding(context, operation, arguments, &credential).await
        })
        .await
    }

    /// What the call is bound to, and what shows it to its approvers. Without a preview it can be decided on all the same.
    async fn look(&self, admitted: &Use) -> Result<Result<Look, NotSent>, Fault> {
        let Some(site) = self.arguments.site() else { return Ok(Ok(Look { observed: None, preview: None })) };
        let (context, operation, arguments) = (self.context, self.operation, self.arguments);
        self.with_credential(site, admitted.credential.clone(), async |credential| {
            // Nobody is asked to approve what its own look-ups would end.
            upstream::look_up(self.ask_of(operation, arguments, &credential)).await?;
            let observed = upstream::binding(context, operation, arguments, &credential).await?;
            Ok(Look { observed, preview: self.preview(&credential).await })
        })
        .await
    }

    /// What shows the approvers what the call is about, within what its caller may see.
    async fn preview(&self, credential: &upstream::Credential) -> Option<String> {
        let (operation, arguments) = preview::of(self.operation, self.arguments)?;
        let arguments = match self.limits.get() {
            Some(limits) => limits.visible.admit(operation, arguments),
            None => self.context.settings.reach.admit(operation, arguments),
        };
        let arguments = arguments.ok()?;
        let received = upstream::run(self.ask_of(operation, &arguments, credential)).await;
        match received.and_then(|received| received.answer(None)) {
            Ok(answer) => Some(answer.text),
            Err(failure) => {
                let fields = [("operation", operation.name.into()), ("reason", failure.reason().into())];
                self.context.log(Level::Warning, "an approval has no preview", &fields);
                None
            }
        }
    }

    fn ask_of<'c>(
        &'c self,
        operation: &'c Operation,
        arguments: &'c Arguments,
        credential: &'c upstream::Credential,
    ) -> Ask<'c, 'c> {
        Ask {
            context: self.context,
            subject: &self.principal.subject,
            operation,
            arguments,
            wanted: Wanted::Text,
            filter: self.filter(),
            credential,
            progress: &|_| {},
        }
    }

    /// The answer where what the call is bound to could not be read.
    pub(super) async fn not_read(&self, admitted: &Use, not_sent: NotSent) -> Result<Stopped, Fault> {
        match not_sent {
            NotSent::Refused(failure) => {
                self.settle_unsent(admitted, Outcome::Failed, &failure.reason()).await;
                Ok(Answer::Failed(failure.sentence(self.operation, self.arguments)))
            }
            NotSent::NoCredential(error) => {
                self.settle_unsent(admitted, Outcome::Failed, "the account has to be connected again").await;
                self.without_credential(error).await
            }
        }
    }

    /// The link to the page on which the call is decided on. In words where its client has been shown it.
    fn link(&self, entry: &Entry, rule: &ApprovalRule, in_words: bool) -> Stopped {
        Answer::LinkNeeded(LinkNeeded { in_words, ..link(self.context, entry, &rule.sentence) })
    }

    fn used(&self) -> Stopped {
        let cause = format!(
            "the approval of this very call of `{}` was used: it was let through once, and is taken for a retry for {} minutes.",
            self.tool.name,
            USED_FOR.as_secs() / 60
        );
        Answer::Failed(Sort::NotRun.because(cause, self.how_to_look()))
    }

    /// The answer to a call whose approval was used, where nothing says how it ended: it may still be under way, or died on it.
    fn unknown(&self) -> Stopped {
        let cause = format!(
            "this very call of `{}` was let through once by its approval, and nothing says how it ended: it is under way, or \
             was done, or was not. Do not simply repeat it.",
            self.tool.name
        );
        Answer::Failed(Sort::Unknown.because(cause, self.how_to_look()))
    }

    /// How whoever calls finds out whether it was done.
    fn how_to_look(&self) -> &'static str {
        match self.arguments.call_of(self.operation).map_or("", |call| call.when_unknown) {
            "" => "look whether it was done before you ask for another approval.",
            next => next,
        }
    }

    /// Notes on its approval how the call ended; `None` where nobody knows.
    pub(super) async fn end_approval(&self, is_done: Option<bool>) {
        let (Some(entry), Some(is_done)) = (self.used_approval.get(), is_done) else { return };
        if let Err(fault) = acts::end(self.context, entry, is_done).await {
            let fields = [("detail", fault.to_string().into())];
            self.context.log(Level::Error, "the outcome of an approved call was not noted", &fields);
        }
    }

    /// The answer to a call that was let through under its idempotency key before.
    pub(super) async fn repeated_by_key(&self) -> Result<Option<Stopped>, Fault> {
        let Some(keyed) = self.keyed.clone() else { return Ok(None) };
        match session::turn(self.context, &self.principal.subject, AwaitKeyed { keyed }).await? {
            Some(repeat) => self.repeated(repeat).await.map(Some),
            None => Ok(None),
        }
    }
}

/// How long a call may be that is kept for a task, as JSON: the row has room for ten times that.
const LONGEST_CALL: usize = 65_536;

fn is_short(call: &Map<String, Value>) -> bool {
    let lengths = call.values().map(|value| value.as_str().map_or_else(|| value.to_string().len(), str::len));
    lengths.sum::<usize>() <= LONGEST_CALL
}

/// The link to the page on which a call is decided on.
pub fn link(context: &Context, entry: &Entry, sentence: &str) -> LinkNeeded {
    let Entry { id, tool, target, rule, reason, .. } = entry;
    let of = if target.is_empty() { String::new() } else { format!(" ({target})") };
    let moved = if reason.is_empty() { String::new() } else { format!(" It was approved before, but {reason}.") };
    LinkNeeded {
        leads_to: Destination::Approval,
        url: format!("{}/approvals/{id}", context.settings.public_url),
        id: id.clone(),
        message: format!(
            "Not run: `{tool}`{of} waits for approval by another person, by the rule \u{201c}{rule}\u{201d}: {sentence}{moved}"
        ),
        in_words: false,
    }
}

/// What whoever calls is told of a denial.
pub fn denial(entry: &Entry) -> String {
    let Entry { tool, reason, .. } = entry;
    let cause = match reason.as_str() {
        "" => format!("an approver denied `{tool}`."),
        reason => format!("an approver denied `{tool}`: {reason}"),
    };
    Sort::Refused.because(cause, "do not send it again; tell the person what the approver said.")
}
