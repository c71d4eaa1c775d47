//! The end of everything of a person is one act in several places, as that of a single grant is ([`super::endings`]): the
//! object, which refuses every call from that moment; the record, which takes away what was made for the person until
//! then; the log; and the providers, which get the tokens of the person's accounts back. The object notes the end first.
//! Whoever asked for it then does the rest and has the note removed; where the note stays, because they died in between,
//! the object does the rest with its next alarm. Done twice, it has happened once: the moment of an end is later than
//! whatever the record has of the person, and an end does nothing there that has one as late already.

use serde::{Deserialize, Serialize};

use super::grants::Grants;
use crate::{
    audit::{Event, Kind, delivery::Delivery, hand_on},
    connections::revocation::{self, Removed},
    identifiers::{ClientId, GrantId, RequestId, UserId},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Database, sql},
        json,
        object::ObjectStorage,
    },
    settings::Settings,
};

/// Why a person may not come back for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disabling {
    /// The id of a person, or what did it in their stead.
    pub by: String,
    /// In words for those who read the list of people.
    pub reason: String,
}

/// How everything of a person ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PersonEnding {
    pub at: Timestamp,
    pub reason: String,
    /// The request that asked for it: names the events.
    pub request_id: RequestId,
    pub disabling: Option<Disabling>,
    /// The accounts that the person had, for where nobody lives to see them leave the record.
    pub accounts: Vec<Removed>,
}

/// What the record says once it has the end.
pub struct Ended {
    /// What was made for the person at or before this moment is over.
    pub before: Timestamp,
    accounts: Vec<Removed>,
    events: Vec<Event>,
}

impl PersonEnding {
    /// An end of that person now; `None` where nobody is on record by that id.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn new(
        database: &dyn Database,
        user: &UserId,
        request_id: &RequestId,
        reason: &str,
        disabling: Option<Disabling>,
        now: Timestamp,
    ) -> Result<Option<Self>, Fault> {
        #[derive(Deserialize)]
        struct Moment {
            at: Timestamp,
        }
        // Clocks differ, and a moment that is not later than all of these would leave some of them alive.
        let moment = sql("SELECT MAX(?2, ended_before + 1,
                COALESCE((SELECT MAX(created_at) FROM grants WHERE user_id = ?1), 0),
                COALESCE((SELECT MAX(created_at) FROM browser_sessions WHERE user_id = ?1), 0)) AS at
            FROM users WHERE id = ?1");
        let statements = vec![moment.bind(user).bind(now), revocation::of_person(user)];
        let mut results = database.batch(statements).await?.into_iter();
        let Some(Moment { at }) = results.next().unwrap_or_default().first()? else { return Ok(None) };
        let accounts = results.next().unwrap_or_default().all()?;
        Ok(Some(Self { at, reason: reason.to_owned(), request_id: request_id.clone(), disabling, accounts }))
    }

    /// Has the record take away what was made for the person until now, unless it has an end as late already.
    ///
    /// # Errors
    /// Where the record failed: then nothing was taken away, and to try again is right.
    pub async fn record(&self, database: &dyn Database, user: &UserId) -> Result<Ended, Fault> {
        #[derive(Deserialize)]
        struct Before {
            ended_before: Timestamp,
        }
        let mut statements = vec![revocation::remove_all(user, self.at)];
        let under_way = [
            sql("DELETE FROM authorization_requests
                WHERE user_id = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            sql("DELETE FROM elicitations
                WHERE user_id = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            sql("DELETE FROM connection_attempts
                WHERE user_id = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            sql("DELETE FROM approvals
                WHERE subject = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            // Whoever comes back does not come back to what they had for a time: every isolate hears of it.
            sql("UPDATE policy SET version = version + 1
                WHERE EXISTS (SELECT 1 FROM access_requests WHERE person = ?1)
                    AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            sql("DELETE FROM access_requests
                WHERE person = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
            sql("DELETE FROM standings
                WHERE user_id = ?1 AND (SELECT ended_before FROM users WHERE id = ?1) < ?2"),
        ];
        statements.extend(under_way.map(|one| one.bind(user).bind(self.at)));
        if let Some(Disabling { by, reason }) = &self.disabling {
            let disable = sql("UPDATE users SET disabled_at = COALESCE(disabled_at, ?2), disabled_by = ?3,
                    disabled_reason = ?4 WHERE id = ?1");
            statements.push(disable.bind(user).bind(self.at).bind(by.as_str()).bind(reason.as_str()));
        }
        let end = sql("UPDATE users SET ended_before = MAX(?2,
                COALESCE((SELECT MAX(created_at) FROM grants WHERE user_id = ?1), 0),
                COALESCE((SELECT MAX(created_at) FROM browser_sessions WHERE user_id = ?1), 0))
            WHERE id = ?1 AND ended_before < ?2");
        // What is made after an end has a later moment, so that these may be told twice without asking.
        let browsers = sql("DELETE FROM browser_sessions
            WHERE user_id = ?1 AND created_at <= (SELECT ended_before FROM users WHERE id = ?1)");
        let grants = [
            sql("UPDATE grants SET revoked_at = ?2, revoked_reason = ?3 WHERE user_id = ?1 AND revoked_at IS NULL
                AND created_at <= (SELECT ended_before FROM users WHERE id = ?1)"),
            sql("SELECT id, client_id, client_name FROM grants
                WHERE user_id = ?1 AND revoked_at = ?2 AND revoked_reason = ?3"),
        ];
        let grants = grants.map(|one| one.bind(user).bind(self.at).bind(self.reason.as_str()));
        let before = sql("SELECT ended_before FROM users WHERE id = ?1").bind(user);
        statements
            .extend([end.bind(user).bind(self.at), browsers.bind(user)].into_iter().chain(grants).chain([before]));
        let mut results = database.batch(statements).await?;
        let before = results.pop().unwrap_or_default().first::<Before>()?;
        let grants = results.pop().unwrap_or_default().all::<Grant>()?;
        let removed = results.into_iter().next().unwrap_or_default().all::<Removed>()?;
        let accounts = if removed.is_empty() { self.accounts.clone() } else { removed };
        let events = self.events(user, &grants, &accounts);
        Ok(Ended { before: before.map_or(self.at, |before| before.ended_before), accounts, events })
    }

    /// The events of the end: whoever makes them, they are the same.
    fn events(&self, user: &UserId, grants: &[Grant], accounts: &[Removed]) -> Vec<Event> {
        let event = |kind, part: String| {
            let event = Event::new(kind, &self.request_id, self.at).of(user).because(&self.reason);
            Event { part, ..event }
        };
        let of_grants = grants.iter().map(|grant| {
            let ended = event(Kind::GrantEnded, format!("end of {}", grant.id)).grant(&grant.id);
            ended.client(&grant.client_id).client_name(grant.client_name.as_deref().unwrap_or_default())
        });
        let of_accounts = accounts.iter().map(|account| {
            let site = account.site();
            event(Kind::ConnectionRemoved, format!("end of the account at {site}")).target(site)
        });
        let of_person = event(Kind::AccessEnded, format!("end of everything at {}", self.at.0));
        of_grants.chain(of_accounts).chain([of_person]).collect()
    }
}

#[derive(Deserialize)]
struct Grant {
    id: GrantId,
    client_id: ClientId,
    client_name: Option<String>,
}

impl Ended {
    /// Tells the log, durably, and then the providers, as far as they take their tokens back.
    ///
    /// # Errors
    /// Where the log failed: then it is to be told later.
    pub async fn tell(&self, platform: &Platform, settings: &Settings, user: &UserId) -> Result<(), Fault> {
        let delivery = Delivery { events: self.events.clone(), ..Delivery::default() };
        hand_on(platform, settings.audit_shards, &user.into(), delivery).await?;
        revocation::revoke_removed(platform, settings, user, &self.accounts).await;
        Ok(())
    }
}

/// Few people are ended, so the table is made with the first end.
fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let table = "CREATE TABLE IF NOT EXISTS person_endings (at INTEGER PRIMARY KEY, user_id TEXT NOT NULL,
        ending TEXT NOT NULL)";
    storage.run(sql(table)).map(drop)
}

/// Notes an end of which the others are to be told.
///
/// # Errors
/// Where the storage refuses.
pub fn note(storage: &dyn ObjectStorage, user: &UserId, ending: &PersonEnding) -> Result<(), Fault> {
    create(storage)?;
    let text = serde_json::to_string(ending).map_err(|error| Fault::new("end of a person", error))?;
    let insert = sql("INSERT INTO person_endings (at, user_id, ending) VALUES (?1, ?2, ?3)");
    storage.run(insert.bind(ending.at).bind(user).bind(text)).map(drop)
}

/// Removes the note of an end of which everybody was told.
///
/// # Errors
/// Where the storage refuses.
pub fn forget(storage: &dyn ObjectStorage, at: Timestamp) -> Result<(), Fault> {
    create(storage)?;
    storage.run(sql("DELETE FROM person_endings WHERE at = ?1").bind(at)).map(drop)
}

#[derive(Deserialize)]
struct Noted {
    user_id: UserId,
    ending: String,
}

/// The ends that are noted, the earliest first.
///
/// # Errors
/// Where the storage refuses.
fn noted(storage: &dyn ObjectStorage) -> Result<Vec<(UserId, PersonEnding)>, Fault> {
    create(storage)?;
    let read = |Noted { user_id, ending }| {
        let ending = json::from_str(&ending).map_err(|error| Fault::new("end of a person", error))?;
        Ok((user_id, ending))
    };
    let rows = storage.run(sql("SELECT user_id, ending FROM person_endings ORDER BY at"))?;
    rows.all::<Noted>()?.into_iter().map(read).collect()
}

/// Whether the record is still to be told that the person is disabled.
///
/// # Errors
/// Where the storage refuses.
pub fn is_disabling(storage: &dyn ObjectStorage) -> Result<bool, Fault> {
    Ok(noted(storage)?.iter().any(|(_, ending)| ending.disabling.is_some()))
}

/// Tells everybody of every end that is noted.
///
/// # Errors
/// Where the record or the log failed: then what is left is to be told later.
pub async fn tell(
    storage: &dyn ObjectStorage,
    platform: &Platform,
    settings: &Settings,
    grants: &Grants,
) -> Result<(), Fault> {
    for (user, ending) in noted(storage)? {
        let ended = ending.record(platform.database.as_ref(), &user).await?;
        grants.end_before(storage, ended.before)?;
        ended.tell(platform, settings, &user).await?;
        forget(storage, ending.at)?;
    }
    Ok(())
}
