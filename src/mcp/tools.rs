//! `tools/call`, the same in every protocol era: the way of one call.

use serde_json::{Map, Value};

use super::{
    answer::{Answer, ConnectionNeeded, Elicited},
    notifier::Notifier,
    whoami,
};
use crate::{
    authorization::{principal::Principal, tokens::scope::Scope},
    catalog::{
        self,
        arguments::{Arguments, validate},
        completion::Listing,
        operation::Operation,
    },
    connections::elicitation,
    context::Context,
    governance::{
        audit::{Call, Outcome},
        decision::Denial,
    },
    platform::Fault,
    session::{
        self,
        command::{Admission, Command, Credential, Reply, Settlement},
        held::{self, Access},
        in_flight,
    },
    upstream::{self, Failure, Wanted},
};

/// Calls a tool.
///
/// # Errors
/// Where Postern itself failed; the caller is told no more than the request id.
pub async fn call(
    context: &Context,
    principal: &Principal,
    name: &str,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<String>, Fault> {
    match catalog::find(name) {
        Some(operation) => run(context, principal, operation, arguments, notifier).await,
        None => Ok(Answer::Unknown),
    }
}

/// Runs an operation, for the text of its answer.
///
/// # Errors
/// As [`call`].
pub async fn run(
    context: &Context,
    principal: &Principal,
    operation: &'static Operation,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<String>, Fault> {
    Ok(pass(context, principal, operation, arguments, Wanted::Text, notifier).await?.map(|answer| answer.text))
}

/// Lists the values of a column. Without an account of their own nobody is asked to connect one.
///
/// # Errors
/// As [`call`].
pub async fn list_column(
    context: &Context,
    principal: &Principal,
    listing: &Listing,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let Listing { operation, arguments, column } = listing;
    pass(context, principal, operation, arguments, Wanted::Column(column), notifier).await
}

/// The one way of a call, whatever it is for.
async fn pass(
    context: &Context,
    principal: &Principal,
    operation: &'static Operation,
    arguments: &Map<String, Value>,
    wanted: Wanted,
    notifier: &Notifier,
) -> Result<Answer<upstream::Answer>, Fault> {
    let needed = Scope::of(operation.class);
    if !principal.scopes.permit(needed) {
        return Ok(Answer::InsufficientScope(needed));
    }
    let arguments = match validate(operation, arguments) {
        Ok(arguments) => arguments,
        Err(problem) => return Ok(Answer::Failed(problem.to_string())),
    };
    let arguments = match context.settings.reach.admit(operation, arguments) {
        Ok(arguments) => arguments,
        Err(refusal) => return Ok(Answer::Failed(refusal.to_string())),
    };
    let (bytes, clock) = (upstream::most_bytes(operation), &*context.platform.clock);
    let Some(_in_flight) = in_flight::enter(&principal.subject, bytes, clock).await else {
        return Ok(Answer::Failed(format!(
            "`{}` did not run: too many calls of yours are under way at once (at most {}, and fewer that read long \
             texts). Wait for some of them to end, then call it again.",
            operation.name,
            in_flight::MOST_CALLS
        )));
    };
    let call = Call {
        request_id: context.request_id.clone(),
        client_id: principal.client.clone(),
        tool: operation.name.to_owned(),
        target: arguments.target().to_owned(),
        arguments_digest: arguments.digest(),
    };
    let run = Run { context, principal, operation, arguments: &arguments, wanted, call };
    let credential = match run.admit().await? {
        Admitted::Yes(credential) => credential,
        Admitted::No(answer) => return Ok(answer),
    };
    run.send_and_settle(credential, notifier).await
}

/// What became of the link that an earlier call handed to this principal. It is told once that an account was
/// connected, so that a call which is sent twice runs once.
///
/// # Errors
/// Where the record could not be read or written.
pub async fn elicited(context: &Context, principal: &Principal, elicitation_id: &str) -> Result<Elicited, Fault> {
    let found = elicitation::find(context, elicitation_id).await?;
    let own =
        found.filter(|found| principal.subject.person() == Some(&found.user_id) && found.client_id == principal.client);
    Ok(match own.map(|found| found.status) {
        Some(elicitation::Status::Pending) => Elicited::Pending,
        Some(elicitation::Status::Connected) if elicitation::spend(context, elicitation_id).await? => {
            Elicited::Connected
        }
        Some(elicitation::Status::Failed) => Elicited::Failed,
        Some(elicitation::Status::Connected) | None => Elicited::Ended,
    })
}

enum Admitted {
    Yes(Option<Credential>),
    No(Answer<upstream::Answer>),
}

/// One call on its way.
struct Run<'a> {
    context: &'a Context,
    principal: &'a Principal,
    operation: &'static Operation,
    arguments: &'a Arguments,
    wanted: Wanted,
    /// As the audit has it, before and after.
    call: Call,
}

impl Run<'_> {
    /// The one hop before the upstream request, unless a lease spares it.
    async fn admit(&self) -> Result<Admitted, Fault> {
        let Principal { subject, grant, .. } = self.principal;
        let access = Access { subject, grant, tool: self.operation.name };
        let now = self.context.platform.clock.now();
        if let Some(leased) = access.take(now) {
            return Ok(Admitted::Yes(leased.credential));
        }
        let writes = self.operation.writes();
        let admission = Admission {
            grant: grant.clone(),
            call: self.call.clone(),
            definition_digest: catalog::schema::digest(self.operation),
            writes,
            account: self.operation.personal_account(),
            // Calls that write are decided on one by one: their intent has to be on record first.
            unused: if writes { None } else { access.ask(now) },
        };
        let refused = |text: String| Ok(Admitted::No(Answer::Failed(text)));
        match session::turn(self.context, subject, Command::Admit(admission)).await? {
            Reply::Admitted { credential, lease } => {
                if let Some(lease) = lease {
                    access.keep(lease, credential.as_ref(), now);
                    held::forget_after_term(&self.context.platform, subject);
                }
                Ok(Admitted::Yes(credential))
            }
            Reply::GrantEnded => Ok(Admitted::No(Answer::GrantEnded)),
            Reply::NotConnected { was_connected } => self.connection_needed(was_connected).await.map(Admitted::No),
            Reply::Denied(denial) => refused(denial.sentence(self.operation.name)),
            Reply::RateLimited { retry_after_milliseconds } => refused(format!(
                "`{}` did not run: you have made too many calls in a short time. Wait {} s, then call it again.",
                self.operation.name,
                retry_after_milliseconds.div_ceil(1000)
            )),
            Reply::AuditUnavailable => refused(format!(
                "`{}` did not run: nothing may be changed while the audit cannot be written. Try again in a minute; \
                 if it persists, give your administrator the request id {}.",
                self.operation.name, self.context.request_id
            )),
            reply => self.unexpected(&reply).map(Admitted::No),
        }
    }

    async fn send_and_settle(
        &self,
        credential: Option<Credential>,
        notifier: &Notifier,
    ) -> Result<Answer<upstream::Answer>, Fault> {
        let started = self.context.platform.clock.now();
        let writes = self.operation.writes();
        let sent = if writes {
            // Once it is sent nobody can call it back, so it is better known how it ended.
            self.send(credential).await
        } else {
            notifier.unless_cancelled(self.send(credential)).await.unwrap_or(Ok(Sent::Cancelled))
        };
        let (outcome, reason, status) = match &sent {
            Ok(Sent::Answered(answer)) => (Outcome::Succeeded, None, answer.status),
            Ok(Sent::Refused(failure)) => {
                let unknown = failure.outcome_is_unknown();
                (if unknown { Outcome::Unknown } else { Outcome::Failed }, Some(failure.reason()), failure.status())
            }
            Ok(Sent::Disconnected) => {
                (Outcome::Failed, Some("the account has to be connected again".into()), Some(401))
            }
            Ok(Sent::Cancelled) => (Outcome::Cancelled, Some("the client closed the connection".into()), None),
            Ok(Sent::Unreachable) => (Outcome::Failed, Some("the token endpoint did not answer".into()), None),
            Err(_) => (Outcome::Failed, Some("internal error".to_owned()), None),
        };
        let now = self.context.platform.clock.now();
        let settlement = Settlement {
            at: now,
            call: self.call.clone(),
            outcome,
            reason,
            duration_milliseconds: i64::try_from(now.since(started).as_millis()).unwrap_or(i64::MAX),
            upstream_status: status,
        };
        session::outcomes::settle(self.context, &self.principal.subject, settlement, writes);
        match sent? {
            Sent::Answered(answer) => Ok(Answer::Complete(answer)),
            Sent::Refused(failure) => {
                let sentence = failure.sentence(self.operation);
                let is_missing = matches!(failure, Failure::NotFound { .. });
                Ok(if is_missing { Answer::Missing(sentence) } else { Answer::Failed(sentence) })
            }
            Sent::Disconnected => self.connection_needed(true).await,
            Sent::Unreachable => self.unexpected(&Reply::ProviderUnavailable),
            Sent::Cancelled => Ok(Answer::Failed("The call was cancelled.".to_owned())),
        }
    }

    /// Sends the request, with a renewed credential where the provider refuses the first.
    async fn send(&self, credential: Option<Credential>) -> Result<Sent, Fault> {
        let Some(provider) = self.operation.provider() else {
            let text = whoami::answer(self.context, self.principal).await?;
            return Ok(Sent::Answered(upstream::Answer { text, goes_on: false, status: None }));
        };
        let Some(credential) = credential else {
            let confluence = &self.context.settings.confluence;
            let shared =
                upstream::Credential::Basic { user: confluence.email.clone(), password: confluence.api_token.clone() };
            return Ok(match self.exchange(&shared).await {
                Ok(answer) => Sent::Answered(answer),
                Err(failure) => Sent::Refused(failure),
            });
        };
        let (mut token, mut version) = (credential.access_token(), credential.version);
        for last in [false, true] {
            let bearer = upstream::Credential::Bearer(token);
            match self.exchange(&bearer).await {
                Ok(answer) => return Ok(Sent::Answered(answer)),
                Err(Failure::Unauthorized) if !last => {}
                Err(Failure::Unauthorized) => break,
                Err(failure) => return Ok(Sent::Refused(failure)),
            }
            held::forget(&self.principal.grant);
            match session::turn(self.context, &self.principal.subject, Command::Renew { provider, version }).await? {
                Reply::Renewed(credential) => (token, version) = (credential.access_token(), credential.version),
                Reply::NotConnected { .. } => return Ok(Sent::Disconnected),
                Reply::ProviderUnavailable => return Ok(Sent::Unreachable),
                _ => return Err(Fault::new("session", "an unexpected reply to a renewal")),
            }
        }
        session::turn(self.context, &self.principal.subject, Command::DeclareBroken { provider, version }).await?;
        Ok(Sent::Disconnected)
    }

    async fn exchange(&self, credential: &upstream::Credential) -> Result<upstream::Answer, Failure> {
        let subject = &self.principal.subject;
        upstream::run(self.context, subject, self.operation, self.arguments, self.wanted, credential).await
    }

    async fn connection_needed(&self, was_connected: bool) -> Result<Answer<upstream::Answer>, Fault> {
        let Some(provider) = self.operation.provider() else {
            return Err(Fault::new("session", "a connection for a tool that needs none"));
        };
        if self.wanted != Wanted::Text {
            return Ok(Answer::Failed("no account is connected".to_owned()));
        }
        let Some(user) = self.principal.subject.person() else {
            return Ok(Answer::Failed(Denial::NeedsPerson.sentence(self.operation.name)));
        };
        let client = &self.principal.client;
        let in_words = elicitation::was_missed(self.context, user, client, provider).await?;
        let elicitation_id = elicitation::create(self.context, user, client, provider).await?;
        let message = if was_connected {
            format!("Postern's connection to your {0} account has ended. Connect {0} again to go on.", provider.name())
        } else {
            format!("Connect your {0} account to Postern, so that it can act for you in {0}.", provider.name())
        };
        let url = elicitation::url(self.context, provider, &elicitation_id);
        Ok(Answer::ConnectionNeeded(ConnectionNeeded { elicitation_id, url, message, in_words }))
    }

    fn unexpected(&self, reply: &Reply) -> Result<Answer<upstream::Answer>, Fault> {
        match (reply, self.operation.provider()) {
            (Reply::ProviderUnavailable, Some(provider)) => Ok(Answer::Failed(format!(
                "`{}` did not run: {1} did not renew Postern's access to your account just now. Try again in a minute; \
                 if it persists, connect {1} again at {2}/connections.",
                self.operation.name,
                provider.name(),
                self.context.settings.public_url
            ))),
            _ => Err(Fault::new("session", "an unexpected reply to an admission")),
        }
    }
}

enum Sent {
    Answered(upstream::Answer),
    Refused(Failure),
    /// The account's tokens are worth nothing any more.
    Disconnected,
    /// The token endpoint did not answer.
    Unreachable,
    /// Nobody waits for the answer any more.
    Cancelled,
}
