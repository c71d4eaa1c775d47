//! Sends every event of the log in order, many at a time, to an endpoint that collects them (a SIEM): each at least once. Nothing
//! is given up: while the endpoint does not accept, it falls behind the log, as far as this is kept.

use std::time::Duration;

use super::{HELD_FOR, accepted, failed, post};
use crate::{
    audit::feed,
    context::Context,
    governance::notices::endpoints::{self, Endpoint},
    platform::{Fault, clock::Timestamp},
};

/// How many events, and about how many bytes, one request has at the most.
const MOST_EVENTS: i64 = 500;
const MOST_BYTES: usize = 900_000;

/// How many requests one turn makes, and how long it goes on making them: an hour has room for 120,000 events.
const MOST_REQUESTS: usize = 20;
const GOES_ON_FOR: Duration = Duration::from_secs(15);

/// How many events a request has after so many attempts in vain: fewer and fewer, should it be too much, or one of them, that the
/// endpoint does not accept.
fn limit(attempts: u32) -> i64 {
    MOST_EVENTS.checked_shr(attempts).unwrap_or(0).max(1)
}

pub(super) async fn tell(context: &Context, endpoint: &Endpoint) -> Result<(), Fault> {
    let (database, clock) = (context.platform.database.as_ref(), &context.platform.clock);
    let (began, mut told, mut attempts) = (clock.now(), endpoint.told, endpoint.attempts);
    for _ in 0..MOST_REQUESTS {
        let entries = feed::after(database, told, limit(attempts)).await?;
        let (mut body, mut reached) = (String::new(), None);
        for entry in &entries {
            let line = entry.ocsf().to_string();
            if reached.is_some() && body.len() + line.len() > MOST_BYTES {
                break;
            }
            body.push_str(&line);
            body.push('\n');
            reached = Some(entry.position);
        }
        let (Some(first), Some(last)) = (entries.first(), reached) else { break };
        // Of what it holds: it may hold more when it comes again.
        let id = format!("events.{}.{}-{last}", first.at.0, first.position);
        let answer = post(context, &endpoint.contents, id, "application/x-ndjson", body).await;
        if let Err(failure) = accepted(answer) {
            return failed(context, endpoint, told, attempts + 1, ("events were not accepted", &failure)).await;
        }
        (told, attempts) = (last, 0);
        database.run(endpoints::told(&endpoint.id, told, 0, clock.now() + HELD_FOR, None)).await?;
        if clock.now().since(began) > GOES_ON_FOR {
            break;
        }
    }
    database.run(endpoints::told(&endpoint.id, told, 0, Timestamp(0), None)).await.map(drop)
}
