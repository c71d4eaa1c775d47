//! Events on their way to the log: those of one moment travel together, over all the people that this isolate serves,
//! since a hop to an object costs about as much as the rest of a call, and nobody waits for this one.

use std::{
    cell::RefCell,
    collections::{BTreeMap, btree_map::Entry},
    mem,
    time::Duration,
};

use futures::{FutureExt, future::join_all};
use serde_json::json;

use super::{
    chain::Head,
    delivery::{Delivery, Handing, Receipt, Reply, Unused},
    event::Event,
    kind::Kind,
    shard,
};
use crate::{
    context::Context,
    identifiers::Subject,
    platform::{
        Fault, Platform,
        clock::Timestamp,
        json,
        log::{self, Level},
    },
};

/// How long the first event waits for others. An isolate that dies within it loses them.
const GATHER: Duration = Duration::from_millis(200);

/// After this time any request takes over what waits: the one that was to append it may have been ended for its computing
/// time, or have failed.
const OVERDUE: Duration = Duration::from_secs(1);

/// How many events wait at the most, while the log cannot be reached. Later ones are lost, which the log tells.
const MOST: usize = 20_000;

/// What waits in this isolate: plain data, of which nothing belongs to one request.
#[derive(Default)]
struct Waiting {
    shards: BTreeMap<String, Delivery>,
    count: usize,
    /// Since when a request has been going to append it.
    taken_on_at: Option<Timestamp>,
}

impl Waiting {
    /// Adds to what waits, unless there is no room.
    fn add(&mut self, delivery: Delivery) -> bool {
        let count = self.count.saturating_add(delivery.len());
        if count > MOST {
            return false;
        }
        self.count = count;
        match self.shards.entry(delivery.shard.clone()) {
            Entry::Occupied(mut waiting) => waiting.get_mut().extend(delivery),
            Entry::Vacant(free) => drop(free.insert(delivery)),
        }
        true
    }

    /// Whether whoever asks is to append what waits.
    fn take_on(&mut self, now: Timestamp) -> bool {
        let is_taken_on = self.taken_on_at.is_some_and(|since| now.since(since) < OVERDUE);
        let takes_on = self.count > 0 && !is_taken_on;
        if takes_on {
            self.taken_on_at = Some(now);
        }
        takes_on
    }

    fn take_all(&mut self) -> BTreeMap<String, Delivery> {
        self.count = 0;
        self.taken_on_at = None;
        mem::take(&mut self.shards)
    }
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

/// An event of this request that has happened now.
pub fn event(context: &Context, kind: Kind) -> Event {
    Event::new(kind, &context.request_id, context.platform.clock.now())
}

/// Has an event recorded with others of its moment, after the response.
pub fn gather(context: &Context, event: Event) {
    let shard = shard::of_event(&event, context.settings.audit_shards);
    wait(context, Delivery { shard, events: vec![event], ..Delivery::default() });
}

fn wait(context: &Context, delivery: Delivery) {
    keep(delivery);
    take_over(context);
}

fn keep(delivery: Delivery) {
    if !WAITING.with_borrow_mut(|waiting| waiting.add(delivery)) {
        log::write(Level::Error, "an event is lost: too many wait for the audit log", &[]);
    }
}

/// Takes over what waits, where nobody is about to append it.
pub fn take_over(context: &Context) {
    let platform = &context.platform;
    if !WAITING.with_borrow_mut(|waiting| waiting.take_on(platform.clock.now())) {
        return;
    }
    let platform = platform.clone();
    let appending = async move {
        platform.clock.sleep(GATHER).await;
        append_all(&platform).await;
    };
    context.platform.caller.finish_without(appending.boxed_local());
}

/// Appends everything that waits. What cannot be appended waits for the next request.
async fn append_all(platform: &Platform) {
    let all = WAITING.with_borrow_mut(Waiting::take_all);
    join_all(all.into_values().map(|delivery| async move {
        if let Err(fault) = append(platform, &delivery).await {
            log::write(Level::Error, "audit not appended", &[("detail", json!(fault.to_string()))]);
            keep(delivery);
        }
    }))
    .await;
}

/// Appends to the log of a shard; it is durable when this returns.
///
/// # Errors
/// Where the object cannot be reached or failed: then it may be durable or not, and is recorded once if it is appended again.
async fn append(platform: &Platform, delivery: &Delivery) -> Result<Option<Receipt>, Fault> {
    match send(platform, delivery).await? {
        Reply::Appended => Ok(None),
        Reply::Received(receipt) => Ok(Some(receipt)),
        Reply::Head(_) | Reply::Failed => Err(Fault::new("audit log", "the append failed; the object's log says why")),
    }
}

async fn send(platform: &Platform, delivery: &Delivery) -> Result<Reply, Fault> {
    let text = serde_json::to_string(delivery).map_err(|error| Fault::new("audit delivery", error))?;
    let reply = platform.audit_logs.append(&delivery.shard, text).await?;
    json::from_str(&reply).map_err(|error| Fault::new("audit reply", error))
}

/// How far the chain of a shard has come, by its object's own storage.
///
/// # Errors
/// Where the object cannot be reached or failed.
pub async fn head(platform: &Platform, shard: &str) -> Result<Head, Fault> {
    let look = Delivery { shard: shard.to_owned(), handing: Handing::Look, ..Delivery::default() };
    match send(platform, &look).await? {
        Reply::Head(head) => Ok(head),
        Reply::Appended | Reply::Received(_) | Reply::Failed => {
            Err(Fault::new("audit log", "the object did not tell its head; its log says why"))
        }
    }
}

/// Appends what an object hands to the log for one subject. There is a receipt where the object keeps what it hands on.
///
/// # Errors
/// As [`append`].
pub async fn hand_on(
    platform: &Platform,
    shards: u32,
    subject: &Subject,
    delivery: Delivery,
) -> Result<Option<Receipt>, Fault> {
    append(platform, &Delivery { shard: shard::of_person(&subject.to_string(), shards), ..delivery }).await
}

/// Tells, after the response, of calls that were let run and will not be made.
pub fn give_back(context: &Context, subject: &Subject, unused: Vec<Unused>) {
    if !unused.is_empty() {
        let shard = shard::of_person(&subject.to_string(), context.settings.audit_shards);
        wait(context, Delivery { shard, unused, ..Delivery::default() });
    }
}

/// Has an event recorded after the response, and waits for no others.
pub fn record_after_response(context: &Context, event: Event) {
    let recording = context.clone();
    context.platform.caller.finish_without(async move { record(&recording, event).await }.boxed_local());
}

/// Records an event durably before this returns. Where the log cannot be reached the event waits in this isolate, and what
/// it is about goes on: an end of access must not depend on its record.
pub async fn record(context: &Context, event: Event) {
    record_all(context, vec![event]).await;
}

/// The same for several.
pub async fn record_all(context: &Context, events: Vec<Event>) {
    for event in events {
        let shard = shard::of_event(&event, context.settings.audit_shards);
        keep(Delivery { shard, events: vec![event], ..Delivery::default() });
    }
    append_all(&context.platform).await;
}

#[cfg(test)]
mod tests;
