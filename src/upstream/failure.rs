//! Why a call brought no answer, and the sentence that tells a model what to do about it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::{
    catalog::{
        arguments::ArgumentProblem,
        operation::{Operation, Provider},
    },
    platform::{Fault, fetch::InboundResponse},
    untrusted,
};

/// In characters, of what a provider says about an error.
const LONGEST_MESSAGE: usize = 400;
/// Error bodies longer than this are not looked at.
const LONGEST_BODY: usize = 64 * 1024;
/// In seconds: a provider's quota starts anew after an hour at the latest.
const LONGEST_WAIT: u64 = 3_600;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub enum Failure {
    /// The arguments cannot be sent: nothing was.
    Argument(ArgumentProblem),
    /// 401: the credential is refused. Refresh it once, then the person must connect again.
    Unauthorized,
    /// 403. What the provider says, and the scopes it names as missing.
    Forbidden { message: String, missing: Vec<String> },
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
    /// A redirect to a place that Postern does not go to.
    Misdirected,
    /// An answer that is not of the expected kind; it is not passed on.
    Unreadable { status: u16 },
    /// A JSON answer longer than Postern reads.
    TooLong,
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
    pub fn of(response: &InboundResponse) -> Self {
        let said = Said::by(response);
        let status = response.status;
        match status {
            401 => Self::Unauthorized,
            // The quota's sentence has been seen with 403 too.
            429 => Self::rate_limited(response, said),
            403 if said.message.to_ascii_lowercase().contains("rate limit") => Self::rate_limited(response, said),
            403 => Self::Forbidden { message: said.message, missing: said.missing },
            404 => Self::NotFound { message: said.message },
            409 => Self::Conflict { message: said.message },
            410 => Self::Gone { message: said.message },
            500.. => Self::Unavailable { status },
            _ => Self::Refused { status, message: said.message },
        }
    }

    fn rate_limited(response: &InboundResponse, said: Said) -> Self {
        let reason = response.header("ratelimit-reason").map(|reason| untrusted::label(reason, 80));
        Self::RateLimited { after: wait(response), reason: reason.unwrap_or(said.message) }
    }

    /// The status that the provider answered, where it did.
    pub const fn status(&self) -> Option<u16> {
        match self {
            Self::Unauthorized => Some(401),
            Self::Forbidden { .. } => Some(403),
            Self::NotFound { .. } => Some(404),
            Self::Conflict { .. } => Some(409),
            Self::Gone { .. } => Some(410),
            Self::RateLimited { .. } => Some(429),
            Self::Refused { status, .. } | Self::Unavailable { status } | Self::Unreadable { status } => Some(*status),
            Self::UnknownOutcome { status } => *status,
            Self::Argument(_)
            | Self::TimedOut
            | Self::Unreachable
            | Self::Misdirected
            | Self::TooLong
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
            Self::Argument(_) => "the cursor does not fit the call",
            Self::Unauthorized => "the provider refuses the credential",
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
            Self::Misdirected => "redirected to an address that is not followed",
            Self::Unreadable { .. } => "an answer of the wrong kind",
            Self::TooLong => "an answer longer than is read",
            Self::Fault(_) => "internal error",
        };
        reason.to_owned()
    }

    /// What happened, why, and the next step: for the model, and safe to show.
    pub fn sentence(&self, operation: &Operation) -> String {
        let Some(call) = &operation.call else { return "Postern itself failed. Try again.".to_owned() };
        let name = call.provider.name();
        match self {
            Self::Argument(problem) => problem.to_string(),
            Self::Unauthorized => match call.provider {
                Provider::Bitbucket => {
                    "Bitbucket no longer accepts your connection. Connect your account again in Postern's console, then \
                     repeat the call."
                        .to_owned()
                }
                Provider::Confluence => {
                    "Confluence refuses the organisation's account. An administrator has to renew its API token \
                     (CONFLUENCE_API_TOKEN); repeating the call does not help."
                        .to_owned()
                }
            },
            Self::Forbidden { message, missing } => {
                let scopes = if !missing.is_empty() {
                    missing.join(", ")
                } else if call.scopes.classic.is_empty() {
                    call.scopes.granular.join(", ")
                } else {
                    call.scopes.classic.join(", ")
                };
                format!(
                    "{name} refuses this to your account{}. It takes the scope {scopes} and permission on what is asked \
                     for: ask an administrator there. Repeating the call does not help.",
                    quoted(message)
                )
            }
            Self::NotFound { message } => format!(
                "{name} found nothing here{}. Either it does not exist, or your account may not see it. {}",
                quoted(message),
                call.when_missing
            ),
            Self::Refused { status: 413, .. } => format!("{name} says this is too large (413). Send less."),
            Self::Refused { status, message } => {
                format!("{name} refused the request ({status}){}. Change the arguments and call again.", quoted(message))
            }
            Self::Conflict { message } => format!(
                "{name} says that this changed meanwhile (409){}. Read it again, and repeat the call only if it is still right.",
                quoted(message)
            ),
            Self::Gone { message } => format!(
                "{name} no longer offers this (410){}. Repeating the call does not help: tell an administrator of Postern.",
                quoted(message)
            ),
            Self::RateLimited { after, reason } => {
                let when = after.map_or_else(|| "in a few minutes".to_owned(), |seconds| format!("in {seconds} s"));
                format!(
                    "{name} limits how often this account may ask{}. Try again {when}; the quota is shared by everything \
                     that uses the account.",
                    quoted(reason)
                )
            }
            Self::Unavailable { status: 555 } => {
                format!("{name} gave up because this takes too long to compute (555). Ask for a smaller part of it.")
            }
            Self::Unavailable { status } => format!("{name} is failing at the moment ({status}). Try again in a minute."),
            Self::TimedOut => {
                format!("{name} did not answer within 15 s. Try again, or ask for a smaller part.")
            }
            Self::Unreachable => format!("{name} could not be reached, or broke off its answer. Try again in a minute."),
            Self::UnknownOutcome { status } => {
                let what = status.map_or_else(|| "gave no answer".to_owned(), |status| format!("answered {status}"));
                format!(
                    "Unknown outcome: {name} {what}, so this may or may not have happened. Do not simply repeat it: {}.",
                    call.when_unknown
                )
            }
            Self::Misdirected => format!(
                "{name} pointed to an address that Postern does not follow. Tell an administrator of Postern."
            ),
            Self::Unreadable { status } => format!(
                "{name} answered {status} with something other than the data that was asked for; it is not passed on. \
                 Try again in a minute."
            ),
            Self::TooLong => format!("{name}'s answer is longer than Postern reads. Ask for less: a lower `limit`, or one thing."),
            Self::Fault(_) => "Postern itself failed. Try again.".to_owned(),
        }
    }
}

/// How many seconds the provider asks to wait: `Retry-After`, or Bitbucket's `X-RateLimit-Reset`, which
/// counts down.
pub fn wait(response: &InboundResponse) -> Option<u64> {
    let seconds = |name| response.header(name).and_then(|value| value.trim().parse::<u64>().ok());
    seconds("retry-after").or_else(|| seconds("x-ratelimit-reset")).map(|seconds| seconds.min(LONGEST_WAIT))
}

/// Another's words, kept apart from ours.
fn quoted(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(" (it says: \"{}\")", message.trim_end_matches('.')) }
}

/// What a provider says about an error: cleaned, shortened, and only if it says so in JSON. Bitbucket's HTML
/// pages carry the caller's profile and a token.
#[derive(Default)]
struct Said {
    message: String,
    missing: Vec<String>,
}

impl Said {
    fn by(response: &InboundResponse) -> Self {
        let is_json = response.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
        if !is_json || response.body.len() > LONGEST_BODY {
            return Self::default();
        }
        let Ok(body) = serde_json::from_slice::<Value>(&response.body) else { return Self::default() };
        let error = body.get("error").unwrap_or(&body);
        let first = body.pointer("/errors/0").unwrap_or(error);
        let mut message = String::new();
        let texts = [
            Some(error),
            error.get("message"),
            error.get("detail"),
            body.get("error_description"),
            first.get("title"),
            first.get("detail"),
        ];
        for text in texts.into_iter().flatten().filter_map(Value::as_str) {
            // Confluence v1 puts the name of a Java class before its words.
            let text =
                text.split_once("Exception: ").filter(|(class, _)| !class.contains(' ')).map_or(text, |(_, text)| text);
            let text = untrusted::label(text, LONGEST_MESSAGE);
            if !text.is_empty() && !message.contains(&text) {
                // Writing to a String cannot fail.
                let _ = write!(message, "{}{text}", if message.is_empty() { "" } else { "; " });
            }
        }
        for (field, problem) in error.get("fields").and_then(Value::as_object).into_iter().flatten() {
            let problem = problem.as_array().and_then(|problems| problems.first()).unwrap_or(problem);
            let _ = write!(
                message,
                "; {}: {}",
                untrusted::label(field, 60),
                untrusted::label(problem.as_str().unwrap_or("not accepted"), LONGEST_MESSAGE)
            );
        }
        let names = |pointer: &str| -> Vec<String> {
            let names = error.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).take(8).map(|name| untrusted::label(name, 60)).collect()
        };
        let granted = names("/detail/granted");
        let missing = names("/detail/required").into_iter().filter(|name| !granted.contains(name)).collect();
        Self { message: untrusted::label(&message, LONGEST_MESSAGE), missing }
    }
}

#[cfg(test)]
mod tests;
