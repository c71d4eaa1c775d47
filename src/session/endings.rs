//! The end of a grant is one act in two places: the object, which refuses every call under it from that moment, and the
//! record, which its owner's page and refreshes go by. The object notes the end first. Whoever asked for it then tells the
//! record, and the object does the same with its next alarm, in case they died in between: told twice, the record has
//! it once.

use serde::{Deserialize, Serialize};

use crate::{
    audit::{Event, Kind, delivery::Delivery, hand_on},
    identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Database, sql},
        json,
        object::ObjectStorage,
    },
};

/// How a person's grant ended, as the record has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    pub at: Timestamp,
    pub reason: String,
    /// The request that asked for it: names the event.
    pub request_id: RequestId,
}

impl Ending {
    /// Has the record say so, unless it has another end of that grant already; the event of it.
    ///
    /// # Errors
    /// Where the record failed: then try again.
    pub async fn record(
        &self,
        database: &dyn Database,
        user: &UserId,
        grant: &GrantId,
    ) -> Result<Option<Event>, Fault> {
        #[derive(Deserialize)]
        struct Ended {
            client_id: ClientId,
            client_name: Option<String>,
        }
        let end = sql("UPDATE grants SET revoked_at = ?3, revoked_reason = ?4
            WHERE id = ?1 AND user_id = ?2 AND revoked_at IS NULL");
        let ended = sql("SELECT client_id, client_name FROM grants
            WHERE id = ?1 AND user_id = ?2 AND revoked_at = ?3 AND revoked_reason = ?4");
        let statements = [end, ended].map(|one| one.bind(grant).bind(user).bind(self.at).bind(self.reason.as_str()));
        let Some(ended) = database.batch(statements.to_vec()).await?.pop().unwrap_or_default().first::<Ended>()? else {
            return Ok(None);
        };
        let event = Event::new(Kind::GrantEnded, &self.request_id, self.at).of(user).grant(grant);
        let event = event.client(&ended.client_id).client_name(ended.client_name.as_deref().unwrap_or_default());
        // Whoever makes it, it is the same event.
        Ok(Some(Event { part: format!("end of {grant}"), ..event.because(&self.reason) }))
    }
}

/// Few grants are ended, so the table is made with the first.
fn create(storage: &dyn ObjectStorage) -> Result<(), Fault> {
    let table = "CREATE TABLE IF NOT EXISTS endings (grant_id TEXT PRIMARY KEY, user_id TEXT NOT NULL,
        ending TEXT NOT NULL)";
    storage.run(sql(table)).map(drop)
}

/// Notes that the record is to be told.
///
/// # Errors
/// Where the storage refuses.
pub fn note(storage: &dyn ObjectStorage, user: &UserId, grant: &GrantId, ending: &Ending) -> Result<(), Fault> {
    create(storage)?;
    let text = serde_json::to_string(ending).map_err(|error| Fault::new("end of a grant", error))?;
    let insert = sql("INSERT OR IGNORE INTO endings (grant_id, user_id, ending) VALUES (?1, ?2, ?3)");
    storage.run(insert.bind(grant).bind(user).bind(text)).map(drop)
}

/// Tells the record and the log of every end that is noted.
///
/// # Errors
/// Where the record or the log failed: then what is left is to be told later.
pub async fn tell(storage: &dyn ObjectStorage, platform: &Platform, shards: u32) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Noted {
        grant_id: GrantId,
        user_id: UserId,
        ending: String,
    }
    create(storage)?;
    for Noted { grant_id, user_id, ending } in storage.run(sql("SELECT * FROM endings"))?.all::<Noted>()? {
        let ending: Ending = json::from_str(&ending).map_err(|error| Fault::new("end of a grant", error))?;
        if let Some(event) = ending.record(platform.database.as_ref(), &user_id, &grant_id).await? {
            let delivery = Delivery { events: vec![event], ..Delivery::default() };
            hand_on(platform, shards, &Subject::Person(user_id), delivery).await?;
        }
        storage.run(sql("DELETE FROM endings WHERE grant_id = ?1").bind(&grant_id))?;
    }
    Ok(())
}
