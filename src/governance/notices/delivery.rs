//! Sends notices, each at least once and in the order of the log: an endpoint is told of the next event once it has accepted
//! the one before.

use std::{cell::Cell, time::Duration};

use futures::{FutureExt, future::join_all};

use super::{
    endpoints::{self, Endpoint},
    message, signature,
};
use crate::{
    audit::notable::{self, Notable},
    context::Context,
    platform::{
        Fault,
        clock::Timestamp,
        fetch::{ContentCoding, Limits, OutboundRequest},
        http::Method,
        log::Level,
    },
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
    let database = context.platform.database.as_ref();
    let kinds = message::kinds(&endpoint.contents.topics);
    let found = notable::after(database, endpoint.told, &kinds).await?;
    let is_more = found.events.len() > MOST_AT_ONCE;
    let mut told = endpoint.told;
    for event in found.events.iter().take(MOST_AT_ONCE) {
        if let Err(failure) = send(context, endpoint, event).await {
            // What was accepted before it in this turn is no attempt at it.
            let attempts = if told == endpoint.told { endpoint.attempts + 1 } else { 1 };
            let is_given_up = attempts >= MOST_ATTEMPTS;
            let fields = [("endpoint", endpoint.id.as_str().into()), ("detail", failure.as_str().into())];
            let words = if is_given_up { "a notice was given up" } else { "a notice was not accepted" };
            context.log(Level::Warning, words, &fields);
            let next_at = context.platform.clock.now() + backoff(attempts);
            let (told, attempts) = if is_given_up { (event.position, 0) } else { (told, attempts) };
            let kept = endpoints::told(&endpoint.id, told, attempts, next_at, Some(&failure));
            return database.run(kept).await.map(drop);
        }
        told = event.position;
    }
    let until = if is_more { told } else { found.until };
    let kept = endpoints::told(&endpoint.id, until, 0, Timestamp(0), None);
    database.run(kept).await.map(drop)
}

/// Sends one notice; else why it was not accepted.
async fn send(context: &Context, endpoint: &Endpoint, event: &Notable) -> Result<(), String> {
    let (contents, now) = (&endpoint.contents, context.platform.clock.now());
    let (id, seconds) = (message::id(event), now.seconds());
    let body = message::body(contents.form, event, &context.settings.public_url);
    let signature = signature::sign(contents.live(now), &id, seconds, &body);
    let request = OutboundRequest {
        method: Method::Post,
        url: contents.url.clone(),
        headers: vec![
            ("content-type".into(), "application/json".to_owned()),
            ("webhook-id".into(), id),
            ("webhook-timestamp".into(), seconds.to_string()),
            ("webhook-signature".into(), signature),
        ],
        body: Some(body.into_bytes()),
        limits: LIMITS,
    };
    // A redirect is an answer: nobody is sent elsewhere with it.
    match context.platform.http.send(request).await {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => Err(format!("it answered {}", answer.status)),
        Err(_) => Err("it did not answer".to_owned()),
    }
}

#[cfg(test)]
mod tests;
