//! What this object has for the audit log: intents of calls, and how many calls it let run without one. Durable with the
//! turn that let them run, and handed on to the `AuditLog` object of its subject.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

use serde::Deserialize;
use serde_json::json;

use super::storage::Remembered;
use crate::{
    audit::{
        Event,
        delivery::{Admission, Delivery},
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
};

/// How many intents are handed on at once at the most.
const BATCH: i64 = 500;

/// How long an intent waits for others of its moment. It is durable already, and no call waits for this.
const GATHER: Duration = Duration::from_millis(200);

/// How long what could not be handed on waits for its next try.
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
    /// The table of intents is there: it is made with the first one that a woken object takes.
    has_intents: Cell<bool>,
    open: RefCell<HashMap<ClientId, OpenAdmission>>,
    alarm: Alarm,
}

impl Outbox {
    /// That of an object that wakes up. Calls are missed when nobody has heard of them for `settle`.
    pub fn woken(remembered: &Remembered, settle: Duration, now: Timestamp) -> Self {
        let window = settle / 2;
        let alarm_at = remembered.admitted_at.map(|at| at + window).filter(|at| *at > now);
        Self {
            window,
            owner: RefCell::new(remembered.owner.clone()),
            has_intents: Cell::new(false),
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
        self.create_intents(storage)?;
        let intent = serde_json::to_string(intent).map_err(|error| Fault::new("audit intent", error))?;
        storage.run(sql("INSERT INTO outbox (record) VALUES (?1)").bind(intent))?;
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

    /// The table is called and shaped as it was before intents were events.
    fn create_intents(&self, storage: &dyn ObjectStorage) -> Result<(), Fault> {
        if !self.has_intents.get() {
            storage.run(sql(
                "CREATE TABLE IF NOT EXISTS outbox (sequence INTEGER PRIMARY KEY AUTOINCREMENT, record TEXT NOT NULL)",
            ))?;
            self.has_intents.set(true);
        }
        Ok(())
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

    /// Asks for another alarm, after what waits could not be handed on.
    pub async fn try_again(&self, storage: &dyn ObjectStorage, now: Timestamp) {
        let Some(subject) = self.owner.borrow().clone() else { return };
        if let Err(fault) = self.wake_by(storage, &subject, now + RETRY).await {
            log::write(Level::Error, "alarm not set", &[("detail", json!(fault.to_string()))]);
        }
    }

    /// Hands on every intent, the oldest first, and the counts of calls whose time is over. What the log has is deleted
    /// here: a crash between the two repeats it, and the log knows what it has.
    ///
    /// # Errors
    /// Where the storage or the log fails: then nothing is lost, and it is to be tried again.
    pub async fn hand_on(&self, storage: &dyn ObjectStorage, platform: &Platform, shards: u32) -> Result<(), Fault> {
        let Some(subject) = self.owner.borrow().clone() else { return Ok(()) };
        let began_by = platform.clock.now() - self.window;
        // To those that are handed on now no calls are added while this waits for the log.
        self.open.borrow_mut().retain(|_, open| open.at > began_by);
        self.create_intents(storage)?;
        let mut admissions = waiting_admissions(storage, &subject, began_by)?;
        loop {
            let (events, last) = oldest_intents(storage, &subject)?;
            if events.is_empty() && admissions.is_empty() {
                break;
            }
            let delivery = Delivery { events, admissions: std::mem::take(&mut admissions), ..Delivery::default() };
            hand_on(platform, shards, &subject, &delivery).await?;
            storage.run(sql("DELETE FROM outbox WHERE sequence <= ?1").bind(last))?;
            let ids: Vec<&str> = delivery.admissions.iter().map(|admission| admission.id.as_str()).collect();
            let ids = serde_json::to_string(&ids).map_err(|error| Fault::new("audit admission", error))?;
            storage.run(sql("DELETE FROM admissions WHERE id IN (SELECT value FROM json_each(?1))").bind(ids))?;
        }
        match oldest_admission(storage)? {
            Some(at) => self.wake_by(storage, &subject, at + self.window).await,
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

/// The oldest intents, and the number of the last. An intent of an earlier release is completed with what its row did not
/// say: its key is the one under which that release would have recorded it.
fn oldest_intents(storage: &dyn ObjectStorage, subject: &Subject) -> Result<(Vec<Event>, i64), Fault> {
    #[derive(Deserialize)]
    struct Oldest {
        /// A JSON array.
        records: String,
        last: Option<i64>,
    }
    let oldest = "SELECT json_group_array(json_patch(json_object('kind', 'call', 'count', 1, 'person', ?2,
            'part', ?2 || ' ' || sequence), record)) AS records, max(sequence) AS last
        FROM (SELECT sequence, record FROM outbox ORDER BY sequence LIMIT ?1)";
    let oldest = storage.run(sql(oldest).bind(BATCH).bind(subject))?.first::<Oldest>()?;
    let Some(Oldest { records, last: Some(last) }) = oldest else { return Ok((Vec::new(), 0)) };
    let events = serde_json::from_str(&records).map_err(|error| Fault::new("audit intent", error))?;
    Ok((events, last))
}
