//! Why a call brought no answer, and the sentence that tells a model what to do about it.

mod said;

use said::Said;
use url::Url;

use super::{cut, moment};
use crate::{
    catalog::{
        arguments::{ArgumentProblem, Arguments},
        operation::{Call, Operation, Scopes},
        reach::OutOfReach,
        refusal::Sort,
        uri_template, value,
    },
    platform::{Fault, clock::Timestamp, fetch::InboundResponse},
    providers::{ScopeKind, Site},
    untrusted,
};

/// In seconds: a provider's quota starts anew after an hour at the latest.
pub(super) const LONGEST_WAIT: u64 = 3_600;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The arguments cannot be sent: nothing was.
    Argument(ArgumentProblem),
    /// 401: the credential is refused. Refresh it once, then the person must connect again.
    Unauthorized,
    /// 401 or 403, for the credential's scopes alone: another credential of the same scopes does not help. What the
    /// provider says, and the scopes it names as missing.
    LacksScope { message: String, missing: Vec<String> },
    /// 403. What the provider says, and the scopes it names as missing.
    Forbidden { message: String },
    /// 404: absent, or hidden from this account.
    NotFound { message: String },
    /// Another 4xx: the request itself is at fault.
    Refused { status: u16, message: String },
    /// 409.
    Conflict { message: String },
    /// 410: the provider no longer offers this.
    Gone { message: String },
    /// 429, after how many seconds to try again, and the provider's reason.
    RateLimited { after: Option<u64>, reason: String },
    /// 5xx, for a read also on the second try.
    Unavailable { status: u16 },
    /// No answer within the deadline.
    TimedOut,
    /// No connection, or one that broke.
    Unreachable,
    /// The change was sent and no answer says whether it was made. The status, if there was one.
    UnknownOutcome { status: Option<u16> },
    /// A text was not changed: nothing was written. Why, and what differs, in words that are fit to be shown.
    NotEdited { status: Option<u16>, words: String },
    /// The provider began it and says that it came to nothing; it says why.
    NotDone { message: String },
    /// 202 to a read: the answer is not there yet.
    Preparing,
    /// A redirect to a place that Postern does not go to.
    Misdirected,
    /// A redirect of a change to the provider's own address of it: nothing was changed. Where it is now.
    Moved { to: Url },
    /// An answer that is not of the expected kind; it is not passed on.
    Unreadable { status: u16 },
    /// A JSON answer longer than Postern reads.
    TooLong,
    /// Something outside of the spaces that Postern is limited to; it is not passed on.
    OutOfReach(OutOfReach),
    /// A step before found that the call must not be sent: nothing was. Why, for the audit, and the sentence for the model.
    NotSent { reason: &'static str, sentence: String },
    /// Postern itself failed; already in the log.
    Fault(Fault),
}

impl From<ArgumentProblem> for Failure {
    fn from(problem: ArgumentProblem) -> Self {
        Self::Argument(problem)
    }
}

impl Failure {
    /// The failure that a response of a status other than 2xx and 3xx is.
    pub fn of(response: &InboundResponse, now: Timestamp) -> Self {
        let said = Said::by(response);
        let status = response.status;
        match status {
            401 | 403 if said.is_about_scopes(response) => {
                Self::LacksScope { message: said.message, missing: said.missing }
            }
            401 => Self::Unauthorized,
            // The quota's sentence has been seen with 403 too.
            429 => Self::rate_limited(response, said, now),
            403 if said.message.to_ascii_lowercase().contains("rate limit") => Self::rate_limited(response, said, now),
            403 => Self::Forbidden { message: said.message },
            404 => Self::NotFound { message: said.message },
            409 => Self::Conflict { message: said.message },
            410 => Self::Gone { message: said.message },
            500.. => Self::Unavailable { status },
            _ => Self::Refused { status, message: said.message },
        }
    }

    fn rate_limited(response: &InboundResponse, said: Said, now: Timestamp) -> Self {
        let reason = response.header("ratelimit-reason").map(|reason| untrusted::label(reason, 80));
        Self::RateLimited { after: wait(response, now), reason: reason.unwrap_or(said.message) }
    }

    /// Whether its sentence shows a text that it is about, and not the provider's own words alone.
    pub const fn shows_text(&self) -> bool {
        matches!(self, Self::NotEdited { .. })
    }

    /// The status that the provider answered, where it did.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::Forbidden { .. } | Self::LacksScope { .. } => Some(403),
            Self::Preparing => Some(202),
            Self::NotFound { .. } => Some(404),
            Self::Conflict { .. } => Some(409),
            Self::Gone { .. } => Some(410),
            Self::RateLimited { .. } => Some(429),
            Self::Refused { status, .. } | Self::Unavailable { status } | Self::Unreadable { status } => Some(*status),
            Self::UnknownOutcome { status } | Self::NotEdited { status, .. } => *status,
            Self::Argument(_)
            | Self::NotDone { .. }
            | Self::TimedOut
            | Self::Unreachable
            | Self::Misdirected
            | Self::Moved { .. }
            | Self::TooLong
            | Self::OutOfReach(_)
            | Self::NotSent { .. }
            | Self::Fault(_) => None,
        }
    }

    /// Whether a change was sent and may or may not have been made.
    pub const fn outcome_is_unknown(&self) -> bool {
        matches!(self, Self::UnknownOutcome { .. })
    }

    /// For the audit: what happened, in a few words of ours.
    pub fn reason(&self) -> String {
        let reason = match self {
            Self::Argument(ArgumentProblem::Passage { .. }) => "the passage is not there once",
            Self::Argument(_) => "the cursor does not fit the call",
            Self::Unauthorized => "the provider refuses the credential",
            Self::LacksScope { .. } => "the credential lacks a scope",
            Self::Forbidden { .. } => "the provider forbids it",
            Self::NotFound { .. } => "not found, or hidden from the account",
            Self::Refused { .. } => "the provider refused the request",
            Self::Conflict { .. } => "changed meanwhile",
            Self::Gone { .. } => "no longer offered by the provider",
            Self::RateLimited { .. } => "rate limited by the provider",
            Self::Unavailable { .. } => "the provider is failing",
            Self::TimedOut => "no answer in time",
            Self::Unreachable => "the provider could not be reached",
            Self::UnknownOutcome { .. } => "sent, without an answer that says whether it was done",
            Self::NotEdited { status: Some(409), .. } => "changed meanwhile",
            Self::NotEdited { .. } => "the text was not changed",
            Self::NotDone { .. } => "begun by the provider, and failed there",
            Self::Preparing => "the provider is still preparing the answer",
            Self::Moved { .. } => "not sent on to where it has moved",
            Self::Misdirected => "redirected to an address that is not followed",
            Self::Unreadable { .. } => "an answer of the wrong kind",
            Self::TooLong => "an answer longer than is read",
            Self::OutOfReach(_) => "outside of what Postern is limited to",
            Self::NotSent { reason, .. } => reason,
            Self::Fault(_) => "internal error",
        };
        reason.to_owned()
    }

    /// Why a part of an answer is not shown, on one line.
    pub fn of_part(&self, site: Site) -> String {
        let status = self.status().map(|status| format!(" ({status})")).unwrap_or_default();
        match self {
            Self::LacksScope { missing, .. } if !missing.is_empty() => {
                format!("the connection to {} lacks the scope {}{status}", site.title(), missing.join(", "))
            }
            Self::RateLimited { after: Some(seconds), .. } => format!("{}, for {seconds} s{status}", self.reason()),
            _ => format!("{}{status}", self.reason()),
        }
    }

    /// What happened, why, and the next step, of the request that a call of these arguments makes: for the model, and safe
    /// to show.
    pub fn sentence(&self, operation: &Operation, arguments: &Arguments) -> String {
        let call = arguments.call_of(operation).or(operation.call.as_ref());
        let (Some(call), Some(site)) = (call, arguments.site()) else {
            return Sort::NotRun.because("Postern itself failed.", "try again.");
        };
        let name = site.title();
        match self {
            Self::Argument(problem) => format!("{}: {problem}", Sort::NotRun),
            Self::NotEdited { words, .. } => words.clone(),
            Self::Unauthorized => format!("{}: {}", Sort::Refused, site.with_settings(call.provider.refuses_credential)),
            Self::LacksScope { message, missing } => Sort::Refused.because(
                format!(
                    "{name} says that {} {}{}.",
                    call.provider.lacks_scope,
                    scopes(call, missing),
                    quoted(message)
                ),
                site.with_settings(call.provider.add_scope),
            ),
            Self::Forbidden { message } => Sort::Refused.because(
                format!(
                    "{name} refuses this to your account{}. It takes the scope {} and permission on what is asked for.",
                    quoted(message),
                    scopes(call, &[])
                ),
                "ask an administrator there; repeating the call does not help.",
            ),
            Self::NotFound { message } => Sort::NotFound.because(
                format!(
                    "{name} found nothing here{}. It does not exist, or your account may not see it.",
                    quoted(message)
                ),
                site.with_settings(call.when_missing),
            ),
            Self::Refused { status: 413, .. } => {
                Sort::Refused.because(format!("{name} says this is too large (413)."), "send less.")
            }
            Self::Refused { status: 412, message } => Sort::Refused.because(
                format!("{name} says that this changed meanwhile (412){}.", quoted(message)),
                "read it again, and repeat the call only if it is still right.",
            ),
            Self::Refused { status, message } => Sort::Refused.because(
                format!("{name} refused the request ({status}){}.", quoted(message)),
                "change the arguments and call again.",
            ),
            Self::Conflict { message } => Sort::Refused.because(
                format!("{name} says that this changed meanwhile (409){}.", quoted(message)),
                "read it again, and repeat the call only if it is still right.",
            ),
            Self::Gone { message } => Sort::Refused.because(
                format!("{name} no longer offers this (410){}.", quoted(message)),
                "tell an administrator of Postern; repeating the call does not help.",
            ),
            Self::RateLimited { after, reason } => {
                let when = after.map_or_else(|| "in a few minutes".to_owned(), |seconds| format!("in {seconds} s"));
                Sort::Refused.because(
                    format!("{name} limits how often this account may ask{}.", quoted(reason)),
                    format!("try again {when}; the quota is shared by everything that uses the account."),
                )
            }
            Self::Unavailable { status: 555 } => Sort::Refused.because(
                format!("{name} gave up because this takes too long to compute (555)."),
                "ask for a smaller part of it.",
            ),
            Self::Unavailable { status } => {
                Sort::NotRun.because(format!("{name} is failing at the moment ({status})."), "try again in a minute.")
            }
            Self::TimedOut => Sort::NotRun
                .because(format!("{name} did not answer within 15 s."), "try again, or ask for a smaller part."),
            Self::Unreachable => Sort::NotRun.because(
                format!("{name} could not be reached, or broke off its answer."),
                "try again in a minute.",
            ),
            Self::UnknownOutcome { status } => {
                let what = status.map_or_else(|| "gave no answer".to_owned(), |status| format!("answered {status}"));
                Sort::Unknown.because(
                    format!("{name} {what}, so this may or may not have happened. Do not simply repeat it."),
                    format!("{}.", call.when_unknown.trim_end_matches('.')),
                )
            }
            Self::NotDone { message } => Sort::Refused.because(
                format!("{name} began this, and it failed there{}.", quoted(message)),
                "read what it was about again, and repeat the call only if it is still right.",
            ),
            Self::Preparing => Sort::NotRun
                .because(format!("{name} is still preparing this (202)."), "call again in a few seconds."),
            Self::Moved { to } => moved(operation, call, &name, to),
            Self::Misdirected => Sort::Refused.because(
                format!("{name} pointed to an address that Postern does not follow."),
                "tell an administrator of Postern.",
            ),
            Self::Unreadable { status } => Sort::Refused.because(
                format!(
                    "{name} answered {status} with something other than the data that was asked for; it is not passed on."
                ),
                "try again in a minute.",
            ),
            Self::TooLong if operation.parameter("limit").is_some() => Sort::Refused.because(
                format!("{name}'s answer is longer than Postern reads."),
                "ask for less, by a lower `limit`.",
            ),
            Self::TooLong => Sort::Refused.because(
                format!(
                    "this is longer than Postern reads, {} bytes: it cannot be shown here.",
                    cut::grouped(cut::READ_LIMIT)
                ),
                format!("open it in {name}; repeating the call does not help."),
            ),
            Self::OutOfReach(refusal) => refusal.to_string(),
            Self::NotSent { sentence, .. } => format!("{}: {sentence}", Sort::NotRun),
            Self::Fault(_) => Sort::NotRun.because("Postern itself failed.", "try again."),
        }
    }
}

/// How many seconds the provider asks to wait: `Retry-After`, or `X-RateLimit-Reset`. Either may count seconds down or
/// name a moment.
pub fn wait(response: &InboundResponse, now: Timestamp) -> Option<u64> {
    seconds(response, "retry-after", now).or_else(|| reset(response, now))
}

/// In how many seconds the provider's quota begins anew: `X-RateLimit-Reset`.
pub fn reset(response: &InboundResponse, now: Timestamp) -> Option<u64> {
    seconds(response, "x-ratelimit-reset", now)
}

fn seconds(response: &InboundResponse, name: &str, now: Timestamp) -> Option<u64> {
    let value = response.header(name)?;
    let until = |moment: i64| u64::try_from(moment - now.seconds()).unwrap_or(0);
    let seconds = moment::parse(value).map(|moment| until(moment.timestamp())).or_else(|| value.trim().parse().ok());
    seconds.map(|seconds| seconds.min(LONGEST_WAIT))
}

/// The scopes that the provider names as missing, or else all that the call takes.
fn scopes(call: &Call, missing: &[String]) -> String {
    if !missing.is_empty() {
        return missing.join(", ");
    }
    let Scopes { classic, granular } = call.scopes;
    match call.provider.scopes {
        ScopeKind::Classic if !classic.is_empty() => classic.join(", "),
        ScopeKind::Classic | ScopeKind::Granular => granular.join(", "),
    }
}

/// What to send instead of a call whose target has moved there: nothing was changed.
fn moved(operation: &Operation, call: &Call, name: &str, to: &Url) -> String {
    let path = call.path.split('{').next().and_then(|start| to.path().find(start)).and_then(|at| to.path().get(at..));
    let given: Vec<_> = path
        .and_then(|path| uri_template::parse(call.path, path))
        .into_iter()
        .flatten()
        .filter(|(argument, value)| {
            operation.parameter(argument).is_some_and(|parameter| value::admits(parameter, value))
        })
        .map(|(argument, value)| format!("{argument} `{value}`"))
        .collect();
    let moved = format!("nothing was written, since {name} has moved this.");
    if given.is_empty() {
        return Sort::NotRun.because(moved, "find its new name, and call again with that.");
    }
    Sort::NotRun.because(moved, format!("call again with {}.", given.join(", ")))
}

/// Another's words, kept apart from ours.
fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" (it says: \"{}\")", message.trim_end_matches('.')) }
}

#[cfg(test)]
mod tests;
