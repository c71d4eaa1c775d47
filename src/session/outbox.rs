//! What this object has for the audit log: intents of calls, and how many calls it let run without one. Durable with the
//! turn that let them run, and handed on to the `AuditLog` object of its subject. Counts are deleted when that object has
//! them, and intents when the database has them.

mod intents;
mod progress;

use std::{cell::RefCell, collections::HashMap, mem, time::Duration};

use serde::Deserialize;
use serde_json::json;

use self::intents::Intents;
use super::storage::Remembered;
use crate::{
    audit::{
        Event,
        delivery::{Admission, Delivery, Handing},
        hand_on,
    },
    crypto::random,
    identifiers::{ClientId, Subject},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::sql,
        log::{self, Level},
        object::{Alarm, ObjectStorage},
    },
    settings::Settings,
};

/// How long an intent waits for others of its moment. It is durable already, and no call waits for this.
const GATHER: Duration = Duration::from_millis(200);

/// How long after its delay the log has the database's confirmation, as a rule. It is asked for then, before the runtime
/// evicts an object that has nothing to do, which takes ten seconds and would have everything handed on again.
const FLUSH: Duration = Duration::from_secs(3);

/// How long what could not be handed on, or is not confirmed yet, waits for its next try.
pub const RETRY: Duration = Duration::from_secs(10);

/// An admission to which calls are still added.
struct OpenAdmission {
    id: String,
    at: Timestamp,
}

/// The way of one subject's calls into the log.
pub struct Outbox {
    /// For how long calls are added to one admission, and wait to be handed on.
    window: Duration,
    /// Whose object this is, where the storage knows.
    owner: RefCell<Option<Subject>>,
    intents: Intents,
    /// How long after they were handed on the database should have intents.
    confirmed_after: Duration,
    open: RefCell<HashMap<ClientId, OpenAdmission>>,
    alarm: Alarm,
}

impl Outbox {
    /// That of an object that wakes up. Calls are missed when nobody has heard of them for `audit_settle`.
    pub fn woken(remembered: &Remembered, settings: &Settings, now: Timestamp) -> Self {
        let window = settings.audit_settle / 2;
        let alarm_at = remembered.admitted_at.map(|at| at + window).filter(|at| *at > now);
        Self {
            window,
            owner: RefCell::new(remembered.owner.clone()),
            intents: Intents::default(),
            confirmed_after: settings.audit_delay + FLUSH,
            open: RefCell::default(),
            alarm: Alarm::woken(alarm_at),
        }
    }

    /// Asks for the alarm anew with whatever comes next: it has gone off, or a panic may have come in the way of it.
    pub fn forget_alarm(&self) {
        self.alarm.forget();
    }

    /// Takes an intent.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub async fn put_intent(
        &self,
        storage: &dyn ObjectStorage,
        subject: &Subject,
        intent: &Event,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.intents.put(storage, intent)?;
        self.wake_by(storage, subject, now + GATHER).await
    }

    /// Counts calls of a client that were let run, and gives the admission that their outcomes are to name.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub async fn count(
        &self,
        storage: &dyn ObjectStorage,
        subject: &Subject,
        client: &ClientId,
        calls: u32,
        now: Timestamp,
    ) -> Result<String, Fault> {
        let (id, at) = self.open_admission(client, now)?;
        let count = "INSERT INTO admissions (id, client_id, at, calls) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (id) DO UPDATE SET calls = calls + excluded.calls";
        storage.run(sql(count).bind(&id).bind(client).bind(at).bind(i64::from(calls)))?;
        self.wake_by(storage, subject, at + self.window).await?;
        Ok(id)
    }

    fn open_admission(&self, client: &ClientId, now: Timestamp) -> Result<(String, Timestamp), Fault> {
        let mut open = self.open.borrow_mut();
        if let Some(OpenAdmission { id, at }) = open.get(client).filter(|open| now.since(open.at) < self.window) {
            return Ok((id.clone(), *at));
        }
        let id = random::identifier()?;
        open.insert(client.clone(), OpenAdmission { id: id.clone(), at: now });
        Ok((id, now))
    }

    /// Sees to it that an alarm goes off at that moment or before.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub async fn wake_by(
        &self,
        storage: &dyn ObjectStorage,
        subject: &Subject,
        moment: Timestamp,
    ) -> Result<(), Fault> {
        if self.alarm.is_set_by(moment) {
            return Ok(());
        }
        if self.owner.borrow().is_none() {
            storage.run(sql("INSERT OR IGNORE INTO owner (user_id) VALUES (?1)").bind(subject))?;
            *self.owner.borrow_mut() = Some(subject.clone());
        }
        self.alarm.set_by(storage, moment).await
    }

    /// The same for whose object this is, where the storage knows.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub async fn wake_owner_by(&self, storage: &dyn ObjectStorage, moment: Timestamp) -> Result<(), Fault> {
        let owner = self.owner.borrow().clone();
        match owner {
            Some(subject) => self.wake_by(storage, &subject, moment).await,
            None => Ok(()),
        }
    }

    /// Asks for another alarm, after what waits could not be handed on.
    pub async fn try_again(&self, storage: &dyn ObjectStorage, now: Timestamp) {
        if let Err(fault) = self.wake_owner_by(storage, now + RETRY).await {
            log::write(Level::Error, "alarm not set", &[("detail", json!(fault.to_string()))]);
        }
    }

    /// Hands on every intent, the oldest first, and the counts of calls whose time is over, and asks what the database has of
    /// earlier ones. A crash repeats what was handed on, and the log knows what it has.
    ///
    /// # Errors
    /// Where the storage or the log fails: then nothing is lost, and it is to be tried again.
    pub async fn hand_on(&self, storage: &dyn ObjectStorage, platform: &Platform, shards: u32) -> Result<(), Fault> {
        let Some(subject) = self.owner.borrow().clone() else { return Ok(()) };
        let began_by = platform.clock.now() - self.window;
        // To those that are handed on now no calls are added while this waits for the log.
        self.open.borrow_mut().retain(|_, open| open.at > began_by);
        let mut admissions = waiting_admissions(storage, &subject, began_by)?;
        let (mut has_handed_on, mut has_more) = (false, true);
        while has_more {
            let mut batch = self.intents.next(storage, &subject)?;
            let has_intents = !batch.events.is_empty();
            let keeps = has_intents || self.intents.are_unconfirmed();
            if !keeps && admissions.is_empty() {
                break;
            }
            let delivery = Delivery {
                handing: if keeps { self.intents.handing(&batch) } else { Handing::Over },
                events: mem::take(&mut batch.events),
                admissions: admissions.clone(),
                ..Delivery::default()
            };
            let receipt = hand_on(platform, shards, &subject, delivery).await?;
            forget_admissions(storage, &mem::take(&mut admissions))?;
            has_more = match receipt {
                Some(receipt) => self.intents.received(storage, &batch, &receipt)?,
                None if keeps => return Err(Fault::new("audit log", "there is no receipt")),
                None => false,
            };
            has_handed_on |= has_intents;
        }
        let confirmation = if has_handed_on { self.confirmed_after } else { RETRY };
        let confirmation = self.intents.are_unconfirmed().then(|| platform.clock.now() + confirmation);
        let admission = oldest_admission(storage)?.map(|at| at + self.window);
        match confirmation.into_iter().chain(admission).min() {
            Some(moment) => self.wake_by(storage, &subject, moment).await,
            None => Ok(()),
        }
    }
}

/// Since when calls wait to be handed on.
fn oldest_admission(storage: &dyn ObjectStorage) -> Result<Option<Timestamp>, Fault> {
    #[derive(Deserialize)]
    struct Oldest {
        at: Option<Timestamp>,
    }
    let oldest = storage.run(sql("SELECT MIN(at) AS at FROM admissions"))?.first::<Oldest>()?;
    Ok(oldest.and_then(|oldest| oldest.at))
}

/// Those that began at or before that moment.
fn waiting_admissions(
    storage: &dyn ObjectStorage,
    subject: &Subject,
    began_by: Timestamp,
) -> Result<Vec<Admission>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        id: String,
        client_id: ClientId,
        at: Timestamp,
        calls: u32,
    }
    let rows = storage
        .run(sql("SELECT id, client_id, at, calls FROM admissions WHERE at <= ?1").bind(began_by))?
        .all::<Row>()?
        .into_iter();
    let admission =
        |Row { id, client_id, at, calls }: Row| Admission { id, subject: subject.clone(), client_id, at, calls };
    Ok(rows.map(admission).collect())
}

/// Deletes those that the log has.
fn forget_admissions(storage: &dyn ObjectStorage, admissions: &[Admission]) -> Result<(), Fault> {
    if admissions.is_empty() {
        return Ok(());
    }
    let ids: Vec<&str> = admissions.iter().map(|admission| admission.id.as_str()).collect();
    let ids = serde_json::to_string(&ids).map_err(|error| Fault::new("audit admission", error))?;
    storage.run(sql("DELETE FROM admissions WHERE id IN (SELECT value FROM json_each(?1))").bind(ids)).map(drop)
}
