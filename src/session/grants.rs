//! Which of a subject's grants are live (revocation check). Read from the record once for each access token's life, and
//! remembered, over the object's sleep too: every revocation passes through this object.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

use serde::Deserialize;

use super::{
    authentic::{self, GRANTS},
    storage::{LiveGrant, Remembered},
};
use crate::{
    crypto::authenticator::Authenticator,
    identifiers::{ClientId, GrantId, Subject, UserId},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, Rows, Statement, sql},
        object::ObjectStorage,
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Grant {
    Live { created_at: Timestamp, until: Timestamp },
    Ended,
}

/// Among the ended grants: whatever there is and will be. No grant has this id.
const ALL: &str = "*";

/// Where grants are read, and what tells those of ours.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub database: &'a dyn Database,
    pub authenticator: &'a Authenticator,
    /// How long it is believed before it is asked again. Whatever ends is noted in this object too; this is for what an
    /// object that lost its storage, or a record that was put back, would get wrong.
    pub believed: Duration,
}

/// The grants this object knows.
pub struct Grants {
    /// The subject's end: what was made at or before it is worth nothing, whatever the record said when it was read.
    ended_before: Cell<Timestamp>,
    /// Since when the person is disabled: nothing of theirs is worth anything, whatever the record says.
    disabled_since: Cell<Option<Timestamp>>,
    known: RefCell<HashMap<GrantId, Grant>>,
}

#[derive(Deserialize)]
struct Row {
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
    ended_before: Timestamp,
}

/// When a grant is checked, and until when it has to be known.
#[derive(Clone, Copy)]
pub struct Moments {
    pub now: Timestamp,
    pub needed: Timestamp,
}

impl Moments {
    /// For what happens now.
    pub const fn only(now: Timestamp) -> Self {
        Self { now, needed: now }
    }
}

/// Whether a grant is worth something, and what was read beside it, where the record was asked.
pub struct Checked {
    pub is_live: bool,
    pub beside: Option<Rows>,
}

impl Grants {
    /// The grants that the object remembers.
    pub fn woken(remembered: &Remembered) -> Self {
        let grants = Self {
            ended_before: Cell::new(remembered.end.unwrap_or(Timestamp(i64::MIN))),
            disabled_since: Cell::new(remembered.disabled),
            known: RefCell::default(),
        };
        let live = remembered.grants.iter().map(|LiveGrant { id, created_at, until }| {
            (id.clone(), grants.after_the_end(Grant::Live { created_at: *created_at, until: *until }))
        });
        let known = live.collect();
        Self { known: RefCell::new(known), ..grants }
    }

    /// Whether the grant is worth something now. The record is asked unless it is known until `needed`; then the statement
    /// `beside` is run in the same round trip.
    ///
    /// # Errors
    /// Where it is not known here and a store cannot be read.
    pub async fn check(
        &self,
        storage: &dyn ObjectStorage,
        record: Record<'_>,
        subject: &Subject,
        grant: &GrantId,
        Moments { now, needed }: Moments,
        beside: Option<Statement>,
    ) -> Result<Checked, Fault> {
        if self.disabled_since().is_some() {
            return Ok(Checked { is_live: false, beside: None });
        }
        let is_live_at = |state: &Grant, at| matches!(state, Grant::Live { until, .. } if *until > at);
        let known = self.known.borrow().get(grant).copied();
        let (state, beside) = match known {
            Some(state) if state == Grant::Ended || is_live_at(&state, needed) => (state, None),
            // Unknown, or over as far as is known here: every refresh makes it longer on record.
            _ => {
                let (read, beside) = Self::read(storage, record, subject, grant, now, beside).await?;
                let state = self.learn(grant, read);
                self.remember(storage, grant, state, now)?;
                (state, beside)
            }
        };
        // The person may have been disabled while the record was read.
        let is_live = is_live_at(&state, now) && self.disabled_since().is_none();
        Ok(Checked { is_live, beside })
    }

    /// Takes in what the record said. A grant may have been ended while that was read: an ended one stays ended.
    fn learn(&self, grant: &GrantId, read: Grant) -> Grant {
        let mut known = self.known.borrow_mut();
        let state = known.entry(grant.clone()).or_insert_with(|| self.after_the_end(read));
        if *state != Grant::Ended {
            *state = self.after_the_end(read);
        }
        *state
    }

    /// Keeps over the object's sleep that a grant is live, for as long as the record is believed.
    fn remember(
        &self,
        storage: &dyn ObjectStorage,
        grant: &GrantId,
        state: Grant,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let Grant::Live { created_at, until } = state else { return Ok(()) };
        if self.known.borrow().len() > 1 {
            storage.run(sql("DELETE FROM live_grants WHERE until <= ?1").bind(now))?;
        }
        let put = sql("INSERT OR REPLACE INTO live_grants (id, created_at, until) VALUES (?1, ?2, ?3)");
        storage.run(put.bind(grant).bind(created_at).bind(until)).map(drop)
    }

    /// Whether the grant, which was in use a moment ago, was ended since then.
    pub fn has_ended(&self, grant: &GrantId) -> bool {
        self.disabled_since().is_some() || self.known.borrow().get(grant) == Some(&Grant::Ended)
    }

    fn after_the_end(&self, grant: Grant) -> Grant {
        match grant {
            Grant::Live { created_at, .. } if created_at <= self.ended_before.get() => Grant::Ended,
            other => other,
        }
    }

    async fn read(
        storage: &dyn ObjectStorage,
        record: Record<'_>,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
        beside: Option<Statement>,
    ) -> Result<(Grant, Option<Rows>), Fault> {
        let ended = storage.run(sql("SELECT id FROM ended_grants WHERE id IN (?1, ?2)").bind(grant).bind(ALL))?;
        if !ended.rows.is_empty() {
            return Ok((Grant::Ended, None));
        }
        let query = match subject {
            Subject::Person(user) => query_of_person(user, grant),
            Subject::Service(client) => query_of_service(client, now),
        };
        let has_beside = beside.is_some();
        let mut results = record.database.batch([query].into_iter().chain(beside).collect()).await?.into_iter();
        let rows = results.next().unwrap_or_default();
        let grant = match subject {
            Subject::Person(_) => grant_of_person(record, rows, now)?,
            Subject::Service(_) => grant_of_service(record, rows, now),
        };
        Ok((grant, if has_beside { results.next() } else { None }))
    }

    pub fn disabled_since(&self) -> Option<Timestamp> {
        self.disabled_since.get()
    }

    /// Makes every grant of a person worthless until they are enabled, durably.
    ///
    /// # Errors
    /// Where the storage refuses: then they are not disabled here.
    pub fn disable(&self, storage: &dyn ObjectStorage, at: Timestamp) -> Result<(), Fault> {
        storage.run(sql("INSERT OR REPLACE INTO disabled (id, at) VALUES (1, ?1)").bind(at))?;
        self.disabled_since.set(Some(at));
        Ok(())
    }

    /// Lets a person come back who was disabled.
    ///
    /// # Errors
    /// Where the storage refuses: then they are still disabled.
    pub fn enable(&self, storage: &dyn ObjectStorage) -> Result<(), Fault> {
        storage.run(sql("DELETE FROM disabled"))?;
        self.disabled_since.set(None);
        Ok(())
    }

    /// That moment, or the first one after the subject's end, where it is not later than that.
    pub fn later_than_the_end(&self, moment: Timestamp) -> Timestamp {
        moment.max(self.ended_before.get() + Duration::from_millis(1))
    }

    /// Ends what was made at or before that moment, durably. An end that comes late, after a later one, changes
    /// nothing.
    ///
    /// # Errors
    /// Where the storage refuses: then nothing is ended.
    pub fn end_before(&self, storage: &dyn ObjectStorage, at: Timestamp) -> Result<(), Fault> {
        let latest =
            sql("INSERT INTO ends (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = MAX(at, excluded.at)");
        storage.run(latest.bind(at))?;
        storage.run(sql("DELETE FROM live_grants WHERE created_at <= ?1").bind(at))?;
        self.ended_before.set(self.ended_before.get().max(at));
        self.known.borrow_mut().values_mut().for_each(|grant| *grant = self.after_the_end(*grant));
        Ok(())
    }

    /// Ends every grant of a subject that never comes back, durably, those too that are not known here.
    ///
    /// # Errors
    /// Where the storage refuses: then none is ended.
    pub fn end_all(&self, storage: &dyn ObjectStorage) -> Result<(), Fault> {
        storage.run(sql("INSERT OR IGNORE INTO ended_grants (id) VALUES (?1)").bind(ALL))?;
        storage.run(sql("DELETE FROM live_grants"))?;
        // One that is being read is among them.
        self.ended_before.set(Timestamp(i64::MAX));
        self.known.borrow_mut().values_mut().for_each(|grant| *grant = Grant::Ended);
        Ok(())
    }

    /// Ends a grant, durably: the record is told after this.
    ///
    /// # Errors
    /// Where the storage refuses: then it is not ended.
    pub fn end(&self, storage: &dyn ObjectStorage, grant: &GrantId) -> Result<(), Fault> {
        storage.run(sql("INSERT OR IGNORE INTO ended_grants (id) VALUES (?1)").bind(grant))?;
        storage.run(sql("DELETE FROM live_grants WHERE id = ?1").bind(grant))?;
        self.known.borrow_mut().insert(grant.clone(), Grant::Ended);
        Ok(())
    }
}

fn query_of_person(user: &UserId, grant: &GrantId) -> Statement {
    let query = sql("SELECT grants.id, grants.user_id, grants.client_id, grants.redirect_uri, grants.scope,
            grants.resource, grants.created_at, grants.client_digest, grants.mac, grants.expires_at,
            grants.revoked_at, users.disabled_at, users.ended_before
        FROM grants JOIN users ON users.id = grants.user_id WHERE grants.id = ?1 AND grants.user_id = ?2");
    query.bind(grant).bind(user)
}

fn grant_of_person(record: Record<'_>, rows: Rows, now: Timestamp) -> Result<Grant, Fault> {
    Ok(match record.authenticator.authentic(&GRANTS, rows).first::<Row>()? {
        Some(Row { created_at, expires_at, revoked_at: None, disabled_at: None, ended_before })
            if created_at > ended_before =>
        {
            Grant::Live { created_at, until: expires_at.min(now + record.believed) }
        }
        _ => Grant::Ended,
    })
}

fn query_of_service(client: &ClientId, now: Timestamp) -> Statement {
    let query = sql("SELECT id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, secret_hash,
            jwks, jwks_uri, scope, mac
        FROM clients WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
    query.bind(client).bind(now)
}

/// A service's own grant is not on record: it is worth something as long as the client is.
fn grant_of_service(record: Record<'_>, rows: Rows, now: Timestamp) -> Grant {
    if authentic::clients(record.authenticator, rows).rows.is_empty() {
        Grant::Ended
    } else {
        Grant::Live { created_at: now, until: now + record.believed }
    }
}
