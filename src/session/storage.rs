//! An object's own tables, made once, and what it reads of them when it wakes up: all in one statement, since most calls
//! of a quiet person find the object asleep.

use std::collections::HashMap;

use serde::Deserialize;

use crate::{
    connections::granted_sites::Granted,
    governance::taint::Taint,
    identifiers::{GrantId, Subject},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, sql},
        json,
        object::ObjectStorage,
    },
    providers::Site,
};

/// The tables that a waking object reads. Others are made where they are first written.
const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS ended_grants (id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS ends (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS disabled (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS live_grants (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, until INTEGER NOT NULL)
        WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS buckets (id TEXT PRIMARY KEY, level INTEGER NOT NULL, at INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS credentials (provider TEXT PRIMARY KEY, version INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, sealed TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS credential_grants (provider TEXT PRIMARY KEY, granted TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS owner (user_id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS admissions (id TEXT PRIMARY KEY, client_id TEXT NOT NULL, at INTEGER NOT NULL,
        calls INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS idempotency_keys (id TEXT PRIMARY KEY, call TEXT NOT NULL, began INTEGER NOT NULL,
        ending TEXT) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS brief_locks (name TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS taints (grant_id TEXT PRIMARY KEY, until INTEGER NOT NULL, taint TEXT NOT NULL)
        WITHOUT ROWID;
";

/// Everything at once: the numbers of each kind of row share two columns. A Durable Object's SQLite joins five queries at
/// the most.
const READ: &str = "
    SELECT 'end' AS kind, (SELECT json_group_object(name, until) FROM brief_locks) AS id, (SELECT at FROM ends) AS first,
        (SELECT at FROM disabled) AS second, (SELECT json_group_array(json_array(grant_id, json(taint))) FROM taints) AS sealed,
        NULL AS granted
    UNION ALL SELECT 'grant', id, created_at, until, NULL, NULL FROM live_grants
    UNION ALL SELECT 'bucket', id, level, at, NULL, NULL FROM buckets
    UNION ALL SELECT 'credential', provider, version, expires_at, sealed,
        (SELECT granted FROM credential_grants WHERE credential_grants.provider = credentials.provider) FROM credentials
    UNION ALL SELECT 'owner', user_id, (SELECT MIN(at) FROM admissions), (SELECT MIN(began) FROM idempotency_keys),
        NULL, NULL FROM owner";

/// What an object remembers over its sleep.
#[derive(Debug, Default)]
pub struct Remembered {
    /// The subject's end.
    pub end: Option<Timestamp>,
    /// Since when the person is disabled.
    pub disabled: Option<Timestamp>,
    /// Until when what is locked, by the client's id.
    pub locks: HashMap<String, Timestamp>,
    /// What taints each grant, with its id.
    pub taints: Vec<(String, Taint)>,
    pub grants: Vec<LiveGrant>,
    pub buckets: Vec<Bucket>,
    pub credentials: Vec<Credential>,
    /// Whose object this is, where it has something for the audit log, or had.
    pub owner: Option<Subject>,
    /// Since when calls that were let run wait to be handed on.
    pub admitted_at: Option<Timestamp>,
    /// When the oldest call under an idempotency key began.
    pub oldest_key: Option<Timestamp>,
}

/// A grant that the record said was live, and until when that is believed.
#[derive(Debug)]
pub struct LiveGrant {
    pub id: GrantId,
    pub created_at: Timestamp,
    pub until: Timestamp,
}

/// How full a token bucket was at a moment.
#[derive(Debug)]
pub struct Bucket {
    pub id: String,
    pub level: i64,
    pub at: Timestamp,
}

/// An access token as the record has it: sealed.
#[derive(Debug)]
pub struct Credential {
    /// The site of its account, or the one that stands for all sites of its consent.
    pub site: String,
    pub version: i64,
    pub expires_at: Timestamp,
    pub sealed: String,
    /// What it was granted for; `None` where an earlier release remembered it.
    pub granted: Option<Granted>,
}

impl Credential {
    pub fn is_of(&self, site: Site) -> bool {
        Site::parse(&self.site) == Some(site)
    }
}

#[derive(Deserialize)]
struct Row {
    kind: Kind,
    id: String,
    first: Option<i64>,
    second: Option<i64>,
    sealed: Option<String>,
    granted: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    End,
    Grant,
    Bucket,
    Credential,
    Owner,
}

/// Reads what the object remembers. Makes its tables where one is missing: in a new object, and after a release that
/// has more of them.
///
/// # Errors
/// Where the storage refuses.
pub fn wake(storage: &dyn ObjectStorage) -> Result<Remembered, Fault> {
    let rows = match storage.run(sql(READ)) {
        Ok(rows) => rows,
        Err(_) => create_and_read(storage)?,
    };
    let mut remembered = Remembered::default();
    for Row { kind, id, first, second, sealed, granted } in rows.all()? {
        match kind {
            Kind::End => {
                remembered.end = first.map(Timestamp);
                remembered.disabled = second.map(Timestamp);
                remembered.locks = json::from_str(&id).unwrap_or_default();
                // Nobody runs as if they had read nothing because what they read cannot be told.
                let taints = json::from_str(sealed.as_deref().unwrap_or("[]"));
                remembered.taints = taints.map_err(|error| Fault::new("taint", error))?;
            }
            Kind::Grant => remembered.grants.push(LiveGrant {
                id: GrantId::new(id),
                created_at: Timestamp(first.unwrap_or_default()),
                until: Timestamp(second.unwrap_or_default()),
            }),
            Kind::Bucket => remembered.buckets.push(Bucket {
                id,
                level: first.unwrap_or_default(),
                at: Timestamp(second.unwrap_or_default()),
            }),
            Kind::Credential => remembered.credentials.push(Credential {
                site: id,
                version: first.unwrap_or_default(),
                expires_at: Timestamp(second.unwrap_or_default()),
                sealed: sealed.unwrap_or_default(),
                granted: granted.and_then(|granted| json::from_str(&granted).ok()),
            }),
            Kind::Owner => {
                remembered.owner = Some(Subject::from(id));
                remembered.admitted_at = first.map(Timestamp);
                remembered.oldest_key = second.map(Timestamp);
            }
        }
    }
    Ok(remembered)
}

fn create_and_read(storage: &dyn ObjectStorage) -> Result<Rows, Fault> {
    storage.run_script(TABLES)?;
    storage.run(sql(READ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::native::database::Sqlite;

    #[test]
    fn a_new_object_remembers_nothing_and_has_its_tables() {
        let storage = Sqlite::empty();
        let remembered = wake(&storage).unwrap();
        assert!(remembered.end.is_none() && remembered.grants.is_empty() && remembered.credentials.is_empty());
        assert!(ObjectStorage::run(&storage, sql(READ)).is_ok());
    }

    #[test]
    fn an_object_of_an_earlier_release_keeps_what_it_remembers() {
        let storage = Sqlite::empty();
        storage
            .run_script("CREATE TABLE ends (id INTEGER PRIMARY KEY, at INTEGER); INSERT INTO ends VALUES (1, 7)")
            .unwrap();
        assert_eq!(wake(&storage).unwrap().end, Some(Timestamp(7)));
    }
}
