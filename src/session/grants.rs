//! Which of a subject's grants are worth something. Read from the record once a minute for each grant in use, and
//! remembered: every revocation passes through this object.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use serde::Deserialize;

use crate::{
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
    LiveUntil(Timestamp),
    Ended,
}

/// Among the ended grants: whatever there is and will be. No grant has this id.
const ALL: &str = "*";

/// How long the record is believed before it is asked again: a disabled person, or a client that is no longer
/// registered, passes through no object.
const BELIEVED: Duration = Duration::from_secs(60);

/// When a grant was used last, for its owner's list: told to the record with the next flush, or lost with the object.
pub type LastUses = Vec<(GrantId, Timestamp)>;

/// The grants this object knows.
#[derive(Default)]
pub struct Grants {
    known: RefCell<HashMap<GrantId, Grant>>,
    used: RefCell<HashMap<GrantId, Timestamp>>,
}

#[derive(Deserialize)]
struct Row {
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
}

/// Makes the table of ended grants where the object is new.
///
/// # Errors
/// Where the storage refuses.
pub fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    storage.run(sql("CREATE TABLE IF NOT EXISTS ended_grants (id TEXT PRIMARY KEY)")).map(drop)
}

impl Grants {
    /// Whether the grant is worth something now.
    ///
    /// # Errors
    /// Where it is not known here and a store cannot be read.
    pub async fn is_live(
        &self,
        storage: &dyn ObjectStorage,
        database: &dyn Database,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let live_until = |state: &Grant| matches!(state, Grant::LiveUntil(end) if *end > now);
        let known = self.known.borrow().get(grant).copied();
        let state = match known {
            Some(state) if state == Grant::Ended || live_until(&state) => state,
            // Unknown, or over as far as is known here: every refresh makes it longer on record.
            _ => {
                let read = Self::read(storage, database, subject, grant, now).await?;
                let mut known = self.known.borrow_mut();
                let state = known.entry(grant.clone()).or_insert(read);
                // It may have been ended while the record was read: an ended one stays ended.
                if *state != Grant::Ended {
                    *state = read;
                }
                *state
            }
        };
        let live = live_until(&state);
        if live {
            self.used.borrow_mut().insert(grant.clone(), now);
        }
        Ok(live)
    }

    /// Whether the grant, which was in use a moment ago, was ended since.
    pub fn has_ended(&self, grant: &GrantId) -> bool {
        self.known.borrow().get(grant) == Some(&Grant::Ended)
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

    async fn read(
        storage: &dyn ObjectStorage,
        database: &dyn Database,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<Grant, Fault> {
        let ended = storage.run(sql("SELECT id FROM ended_grants WHERE id IN (?1, ?2)").bind(grant).bind(ALL))?;
        if !ended.rows.is_empty() {
            return Ok(Grant::Ended);
        }
        match subject {
            Subject::Person(user) => Self::read_of_person(database, user, grant, now).await,
            Subject::Service(client) => Self::read_of_service(database, client, now).await,
        }
    }

    async fn read_of_person(
        database: &dyn Database,
        user: &UserId,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<Grant, Fault> {
        let row = database
            .run(
                sql("SELECT grants.expires_at, grants.revoked_at, users.disabled_at FROM grants
                     JOIN users ON users.id = grants.user_id WHERE grants.id = ?1 AND grants.user_id = ?2")
                .bind(grant)
                .bind(user),
            )
            .await?
            .first::<Row>()?;
        Ok(match row {
            Some(Row { expires_at, revoked_at: None, disabled_at: None }) => {
                Grant::LiveUntil(expires_at.min(now + BELIEVED))
            }
            _ => Grant::Ended,
        })
    }

    /// A service's own grant is not on record: it is worth something as long as the client is.
    async fn read_of_service(database: &dyn Database, client: &ClientId, now: Timestamp) -> Result<Grant, Fault> {
        let query = sql("SELECT id FROM clients WHERE id = ?1 AND (expires_at IS NULL OR expires_at > ?2)");
        let rows = database.run(query.bind(client).bind(now)).await?.rows;
        Ok(if rows.is_empty() { Grant::Ended } else { Grant::LiveUntil(now + BELIEVED) })
    }

    /// Ends every grant, durably, those too that are not known here.
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
