//! Which of a subject's grants are worth something. Read from the record once a minute for each grant in use, and
//! remembered: every revocation passes through this object.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

use serde::Deserialize;

use super::authentic::{self, GRANTS};
use crate::{
    crypto::authenticator::Authenticator,
    identifiers::{ClientId, GrantId, Subject, UserId},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
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

/// How long the record is believed before it is asked again: a disabled person, or a client that is no longer
/// registered, passes through no object.
const BELIEVED: Duration = Duration::from_secs(60);

/// Where grants are read, and what tells those of ours.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub database: &'a dyn Database,
    pub authenticator: &'a Authenticator,
}

/// When a grant was used last, for its owner's list: told to the record with the next flush, or lost with the object.
pub type LastUses = Vec<(GrantId, Timestamp)>;

/// The grants this object knows.
pub struct Grants {
    /// The subject's end: what was made at or before it is worth nothing, whatever the record said when it was read.
    ended_before: Cell<Timestamp>,
    /// Since when the person is disabled: nothing of theirs is worth anything, whatever the record says.
    disabled_since: Cell<Option<Timestamp>>,
    known: RefCell<HashMap<GrantId, Grant>>,
    used: RefCell<HashMap<GrantId, Timestamp>>,
}

#[derive(Deserialize)]
struct Row {
    created_at: Timestamp,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
    ended_before: Timestamp,
}

#[derive(Deserialize)]
struct End {
    at: Timestamp,
}

impl Grants {
    /// What the storage knows of ended grants. Makes its tables where the object is new.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn woken(storage: &dyn ObjectStorage) -> Result<Self, Fault> {
        storage.run(sql("CREATE TABLE IF NOT EXISTS ended_grants (id TEXT PRIMARY KEY)"))?;
        storage
            .run(sql("CREATE TABLE IF NOT EXISTS ends (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL)"))?;
        storage.run(sql(
            "CREATE TABLE IF NOT EXISTS disabled (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL)",
        ))?;
        let latest = storage.run(sql("SELECT at FROM ends"))?.first::<End>()?;
        let disabled = storage.run(sql("SELECT at FROM disabled"))?.first::<End>()?;
        Ok(Self {
            ended_before: Cell::new(latest.map_or(Timestamp(i64::MIN), |end| end.at)),
            disabled_since: Cell::new(disabled.map(|end| end.at)),
            known: RefCell::default(),
            used: RefCell::default(),
        })
    }

    /// Whether the grant is worth something now.
    ///
    /// # Errors
    /// Where it is not known here and a store cannot be read.
    pub async fn is_live(
        &self,
        storage: &dyn ObjectStorage,
        record: Record<'_>,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if self.disabled_since().is_some() {
            return Ok(false);
        }
        let live_until = |state: &Grant| matches!(state, Grant::Live { until, .. } if *until > now);
        let known = self.known.borrow().get(grant).copied();
        let state = match known {
            Some(state) if state == Grant::Ended || live_until(&state) => state,
            // Unknown, or over as far as is known here: every refresh makes it longer on record.
            _ => {
                let read = Self::read(storage, record, subject, grant, now).await?;
                let mut known = self.known.borrow_mut();
                let state = known.entry(grant.clone()).or_insert_with(|| self.after_the_end(read));
                // It may have been ended while the record was read: an ended one stays ended.
                if *state != Grant::Ended {
                    *state = self.after_the_end(read);
                }
                *state
            }
        };
        // The person may have been disabled while the record was read.
        let live = live_until(&state) && self.disabled_since().is_none();
        if live {
            self.used.borrow_mut().insert(grant.clone(), now);
        }
        Ok(live)
    }

    /// Whether the grant, which was in use a moment ago, was ended since.
    pub fn has_ended(&self, grant: &GrantId) -> bool {
        self.disabled_since().is_some() || self.known.borrow().get(grant) == Some(&Grant::Ended)
    }

    /// What was used since it was asked for last.
    pub fn take_last_uses(&self) -> LastUses {
        self.used.take().into_iter().collect()
    }

    /// Takes back what could not be told to the record, unless it was used again meanwhile.
    pub fn put_back_last_uses(&self, uses: LastUses) {
        let mut used = self.used.borrow_mut();
        for (grant, at) in uses {
            used.entry(grant).or_insert(at);
        }
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
    ) -> Result<Grant, Fault> {
        let ended = storage.run(sql("SELECT id FROM ended_grants WHERE id IN (?1, ?2)").bind(grant).bind(ALL))?;
        if !ended.rows.is_empty() {
            return Ok(Grant::Ended);
        }
        match subject {
            Subject::Person(user) => Self::read_of_person(record, user, grant, now).await,
            Subject::Service(client) => Self::read_of_service(record, client, now).await,
        }
    }

    async fn read_of_person(
        record: Record<'_>,
        user: &UserId,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<Grant, Fault> {
        let query = sql("SELECT grants.id, grants.user_id, grants.client_id, grants.redirect_uri, grants.scope,
                grants.resource, grants.created_at, grants.client_digest, grants.mac, grants.expires_at,
                grants.revoked_at, users.disabled_at, users.ended_before
            FROM grants JOIN users ON users.id = grants.user_id WHERE grants.id = ?1 AND grants.user_id = ?2");
        let rows = record.database.run(query.bind(grant).bind(user)).await?;
        Ok(match record.authenticator.authentic(&GRANTS, rows).first::<Row>()? {
            Some(Row { created_at, expires_at, revoked_at: None, disabled_at: None, ended_before })
                if created_at > ended_before =>
            {
                Grant::Live { created_at, until: expires_at.min(now + BELIEVED) }
            }
            _ => Grant::Ended,
        })
    }

    /// A service's own grant is not on record: it is worth something as long as the client is.
    async fn read_of_service(record: Record<'_>, client: &ClientId, now: Timestamp) -> Result<Grant, Fault> {
        let query = sql("SELECT id, name, origin, redirect_uris, grant_types, token_endpoint_auth_method, secret_hash,
                jwks, jwks_uri, scope, mac
            FROM clients WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        let rows = record.database.run(query.bind(client).bind(now)).await?;
        Ok(if authentic::clients(record.authenticator, rows).rows.is_empty() {
            Grant::Ended
        } else {
            Grant::Live { created_at: now, until: now + BELIEVED }
        })
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

    /// Ends what was made at or before that moment, durably. An end that comes late, after a later one, changes nothing.
    ///
    /// # Errors
    /// Where the storage refuses: then nothing is ended.
    pub fn end_before(&self, storage: &dyn ObjectStorage, at: Timestamp) -> Result<(), Fault> {
        let latest =
            sql("INSERT INTO ends (id, at) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET at = MAX(at, excluded.at)");
        storage.run(latest.bind(at))?;
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
        self.known.borrow_mut().values_mut().for_each(|grant| *grant = Grant::Ended);
        Ok(())
    }

    /// Ends a grant, durably: the record is told after this.
    ///
    /// # Errors
    /// Where the storage refuses: then it is not ended.
    pub fn end(&self, storage: &dyn ObjectStorage, grant: &GrantId) -> Result<(), Fault> {
        storage.run(sql("INSERT OR IGNORE INTO ended_grants (id) VALUES (?1)").bind(grant))?;
        self.known.borrow_mut().insert(grant.clone(), Grant::Ended);
        Ok(())
    }
}
