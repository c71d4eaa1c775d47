//! Sends notices, each at least once and in the order of the log: an endpoint is told of the next event once it has accepted
//! the one before.

mod events;

use std::{cell::Cell, time::Duration};

use futures::{FutureExt, future::join_all};

use super::{
    endpoints::{self, Contents, Endpoint},
    message::{self, Form},
    signature,
};
use crate::{
    audit::notable::{self, Notable},
    context::Context,
    crypto::random,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        fetch::{ContentCoding, Limits, OutboundRequest},
        http::Method,
        log::Level,
    },
    untrusted,
};

/// What a receiver may cost.
const LIMITS: Limits = Limits { deadline: Duration::from_secs(5), bytes: 1024, coding: ContentCoding::Refused };

/// How long whoever sends has an endpoint to itself: longer than its notices of one turn take.
const HELD_FOR: Duration = Duration::from_secs(25);

/// How many notices an endpoint is sent in one turn.
const MOST_AT_ONCE: usize = 4;

/// After how many attempts a notice is given up, about a day, so that a later one gets there.
const MOST_ATTEMPTS: u32 = 16;

/// How long an event takes to the record, of which notices are made.
const ON_RECORD_AFTER: Duration = Duration::from_secs(4);

/// How long after an attempt in vain the next one is made.
fn backoff(attempts: u32) -> Duration {
    let minutes = 1_u64.checked_shl(attempts.saturating_sub(1)).unwrap_or(u64::MAX);
    Duration::from_secs(60 * minutes.min(120))
}

thread_local! {
    /// When this isolate looks next, if it is about to.
    static LOOKS_AT: Cell<Option<Timestamp>> = const { Cell::new(None) };
}

/// Has notices sent of what has just happened, once it is on record. What comes later, or is sent in vain, is sent by the cron
/// trigger.
pub fn soon(context: &Context) {
    let now = context.platform.clock.now();
    if LOOKS_AT.get().is_some_and(|at| now < at) {
        return;
    }
    LOOKS_AT.set(Some(now + ON_RECORD_AFTER));
    let looking = context.clone();
    let work = async move {
        let context = looking;
        context.platform.clock.sleep(ON_RECORD_AFTER).await;
        if let Err(fault) = sweep(&context).await {
            context.log(Level::Error, "notices not sent", &[("detail", fault.to_string().into())]);
        }
    };
    context.platform.caller.finish_without(work.boxed_local());
}

/// Tells each endpoint of what it has not been told of yet.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn sweep(context: &Context) -> Result<(), Fault> {
    let claimed = endpoints::claim(context, HELD_FOR).await?;
    join_all(claimed.iter().map(|endpoint| tell(context, endpoint))).await.into_iter().collect()
}

async fn tell(context: &Context, endpoint: &Endpoint) -> Result<(), Fault> {
    if endpoint.contents.form == Form::Ocsf {
        return events::tell(context, endpoint).await;
    }
    let database = context.platform.database.as_ref();
    let kinds = message::kinds(&endpoint.contents.topics);
    let found = notable::after(database, endpoint.told, &kinds).await?;
    let is_more = found.events.len() > MOST_AT_ONCE;
    let mut told = endpoint.told;
    for event in found.events.iter().take(MOST_AT_ONCE) {
        if let Err(failure) = accepted(send(context, &endpoint.contents, event).await) {
            // What was accepted before it in this turn is no attempt at it.
            let attempts = if told == endpoint.told { endpoint.attempts + 1 } else { 1 };
            let is_given_up = attempts >= MOST_ATTEMPTS;
            let (told, attempts) = if is_given_up { (event.position, 0) } else { (told, attempts) };
            let words = if is_given_up { "a notice was given up" } else { "a notice was not accepted" };
            return failed(context, endpoint, told, attempts, (words, &failure)).await;
        }
        told = event.position;
    }
    let until = if is_more { told } else { found.until };
    let kept = endpoints::told(&endpoint.id, until, 0, Timestamp(0), None);
    database.run(kept).await.map(drop)
}

/// Keeps up to where an endpoint was told, and when it is tried again.
async fn failed(
    context: &Context,
    endpoint: &Endpoint,
    told: i64,
    attempts: u32,
    (words, failure): (&str, &str),
) -> Result<(), Fault> {
    context.log(Level::Warning, words, &[("endpoint", endpoint.id.as_str().into()), ("detail", failure.into())]);
    let next_at = context.platform.clock.now() + backoff(attempts.max(1));
    let kept = endpoints::told(&endpoint.id, told, attempts, next_at, Some(failure));
    context.platform.database.run(kept).await.map(drop)
}

/// What a receiver answered: the status and the beginning of the text, or nothing.
type Answer = Option<(u16, String)>;

/// Whether that says that it has what it was sent; else why not.
fn accepted(answer: Answer) -> Result<(), String> {
    match answer {
        // A redirect is an answer: nobody is sent elsewhere with it.
        Some((200..300, _)) => Ok(()),
        Some((status, _)) => Err(format!("it answered {status}")),
        None => Err("it did not answer".to_owned()),
    }
}

async fn send(context: &Context, contents: &Contents, event: &Notable) -> Answer {
    let body = message::body(contents.form, event, &context.settings.public_url);
    post(context, contents, message::id(event), "application/json", body).await
}

/// Sends an endpoint something that did not happen, so that an administrator sees what it answers: says that, or nothing where
/// there is none of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn test(context: &Context, by: &UserId, id: &str) -> Result<Option<String>, Fault> {
    let found = endpoints::list(context).await?.into_iter().find(|endpoint| endpoint.id == id);
    let Some(Endpoint { contents, .. }) = found else { return Ok(None) };
    let event = message::test(&random::identifier()?, context.platform.clock.now());
    let answer = match send(context, &contents, &event).await {
        None => "It did not answer.".to_owned(),
        Some((status, text)) if text.is_empty() => format!("It answered {status}."),
        Some((status, text)) => format!("It answered {status}: {}", untrusted::label(&text, 200)),
    };
    endpoints::record(context, by, &contents.host(), "", &format!("a test was sent. {answer}")).await;
    Ok(Some(answer))
}

async fn post(context: &Context, contents: &Contents, id: String, media_type: &str, body: String) -> Answer {
    let now = context.platform.clock.now();
    let seconds = now.seconds();
    let signature = signature::sign(contents.live(now), &id, seconds, &body);
    let request = OutboundRequest {
        method: Method::Post,
        url: contents.url.clone(),
        headers: vec![
            ("content-type".into(), media_type.to_owned()),
            ("webhook-id".into(), id),
            ("webhook-timestamp".into(), seconds.to_string()),
            ("webhook-signature".into(), signature),
        ],
        body: Some(body.into_bytes()),
        limits: LIMITS,
    };
    let answer = context.platform.http.send(request).await.ok()?;
    Some((answer.status, String::from_utf8_lossy(&answer.body).into_owned()))
}

#[cfg(test)]
mod tests;
