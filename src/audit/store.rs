//! The searchable part of the log: the table `events` of the database.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::row::{self, Row};
use crate::platform::{
    Fault,
    database::{Database, sql},
    json,
};

/// What the database adds to rows before they have a place in the chain.
#[derive(Debug, Deserialize)]
pub struct Found {
    /// Of each row, in their order, whether it is recorded already (0 or 1), then [`row::NAMES`]: a JSON array of
    /// arrays.
    facts: String,
    /// The furthest number of that epoch of the shard that one of the recorded ones has; 0 where there is none.
    pub furthest: i64,
}

impl Found {
    /// The rows that are not recorded yet, with the names of people and clients.
    ///
    /// # Errors
    /// Where the database told something else than it was to.
    pub fn unrecorded(&self, rows: Vec<Row>) -> Result<Vec<Row>, Fault> {
        let facts: Vec<Value> = json::from_str(&self.facts).map_err(|error| Fault::new("audit rows", error))?;
        let unrecorded = rows.into_iter().zip(&facts).filter(|(_, facts)| facts.get(0) == Some(&json!(0)));
        Ok(unrecorded.map(|(row, facts)| row::add_names(row, |place| facts.get(place + 1))).collect())
    }
}

const LOOK_UP: &str = "SELECT json_group_array(json_array(recorded IS NOT NULL, person_issuer, person_subject, person_name,
                actor_name, client_name)) AS facts,
            COALESCE(MAX(CASE WHEN recorded_shard = ?2 AND recorded_epoch = ?3 THEN recorded_sequence END), 0) AS furthest
        FROM (SELECT users.issuer AS person_issuer, users.subject AS person_subject, users.username AS person_name,
                actors.username AS actor_name, clients.name AS client_name, recorded.position AS recorded,
                recorded.shard AS recorded_shard, recorded.epoch AS recorded_epoch, recorded.sequence AS recorded_sequence
            FROM json_each(?1)
            LEFT JOIN users ON users.id = value ->> 3
            LEFT JOIN users AS actors ON actors.id = value ->> 4
            LEFT JOIN clients ON clients.id = value ->> 5
            LEFT JOIN events AS recorded ON recorded.request_id = value ->> 0
                AND recorded.phase = value ->> 1 AND recorded.part = value ->> 2
            ORDER BY key)";

/// Looks up which rows are recorded already, and who people and clients are at this moment, which is moments after the event.
///
/// # Errors
/// Where the database cannot be read.
pub async fn look_up(database: &dyn Database, rows: &[Row], shard: &str, epoch: i64) -> Result<Found, Fault> {
    let references = row::text(rows.iter().map(row::references));
    let found = database.run(sql(LOOK_UP).bind(references).bind(shard).bind(epoch)).await?.first()?;
    found.ok_or_else(|| Fault::new("audit rows", "the database told nothing"))
}

/// The values come in the order of [`row::COLUMNS`]. SQLite reads the whole text once: what `json_each` tells as `value` would be
/// written as a text for each row and read again for each column, which takes four times as long.
const INSERT: &str = "WITH rows (key, value) AS MATERIALIZED
            (SELECT key, jsonb_extract(?1, '$[' || key || ']') FROM json_each(?1))
        INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_issuer,
            person_subject, person_name, actor, actor_name, client_id, client_name, grant_id, tool, target, resource,
            story, reason, state_before, state_after, arguments_digest, duration_milliseconds, upstream_status,
            admission, shard, epoch, sequence, link, link_key, account)
        SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
            value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
            value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20, value ->> 21, value ->> 22, value ->> 23,
            value ->> 24, value ->> 25, value ->> 26, value ->> 27, value ->> 28, value ->> 29, value ->> 30, value ->> 31,
            value ->> 32
        FROM rows
        WHERE NOT EXISTS (SELECT 1 FROM json_each(?2) AS mine CROSS JOIN events ON
            events.request_id = mine.value ->> 0 AND events.phase = mine.value ->> 1 AND events.part = mine.value ->> 2
            WHERE events.link IS NOT mine.value ->> 3)
        ORDER BY key
        ON CONFLICT (request_id, phase, part) DO NOTHING";

/// Records rows, whose `values` are as [`row::values`] writes them, in their order: all of them, or none where one of these
/// events has been recorded at another place meanwhile. Rows that are there already, at their places, stay as they are. With
/// it goes when grants were used last, for the lists of their owners; a minute more or less does not matter there.
///
/// # Errors
/// Where the database refuses: then none was recorded.
pub async fn insert(database: &dyn Database, rows: &[Row], values: &str) -> Result<bool, Fault> {
    #[derive(Deserialize)]
    struct Missing {
        missing: i64,
    }
    let links = row::text(rows.iter().map(row::link));
    let insert = sql(INSERT).bind(values).bind(&links);
    let missing = sql("SELECT COUNT(*) AS missing FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM events
        WHERE events.request_id = value ->> 0 AND events.phase = value ->> 1
            AND events.part = value ->> 2 AND events.link IS value ->> 3)")
    .bind(links);
    let used = sql("UPDATE grants SET used_at = used.value FROM json_each(?1) AS used
        WHERE grants.id = used.key AND grants.used_at < used.value - 60000")
    .bind(json!(last_uses(rows)).to_string());
    let missing = database.batch(vec![insert, used, missing]).await?.pop().unwrap_or_default().first::<Missing>()?;
    Ok(missing.is_some_and(|missing| missing.missing == 0))
}

/// When calls by each grant were recorded last, in milliseconds since 1970.
fn last_uses(rows: &[Row]) -> BTreeMap<&str, i64> {
    let mut uses = BTreeMap::new();
    for row in rows.iter().filter(|row| row.get("kind").is_some_and(|kind| kind == "call")) {
        if let (Some(Value::String(grant)), Some(at)) = (row.get("grant_id"), row.get("at").and_then(Value::as_i64)) {
            let last: &mut i64 = uses.entry(grant.as_str()).or_default();
            *last = at.max(*last);
        }
    }
    uses
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::{
        audit::{
            event::{Call, Event, Phase},
            kind::{Kind, Outcome},
            search::{self, Filter},
        },
        identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
        platform::{clock::Timestamp, native::database::Sqlite},
        providers::{CONFLUENCE, Site},
    };

    fn event(at: i64) -> Event {
        Event::new(Kind::SignIn, &RequestId::new("request"), Timestamp(at)).of(&UserId::new("alice"))
    }

    /// The rows of events that are not recorded yet, and the furthest number of the others.
    fn looked_up(database: &Sqlite, events: &[Event]) -> (Vec<Row>, i64) {
        let rows = row::read(&json!(events).to_string()).unwrap();
        let found = block_on(look_up(database, &rows, "audit/0", 1)).unwrap();
        (found.unrecorded(rows).unwrap(), found.furthest)
    }

    fn put(database: &Sqlite, rows: &[Row]) -> Result<bool, Fault> {
        block_on(insert(database, rows, &row::values(rows)))
    }

    fn appended(database: &Sqlite, events: &[Event]) {
        let (rows, _) = looked_up(database, events);
        assert!(put(database, &rows).unwrap());
    }

    fn recorded(database: &Sqlite) -> Vec<search::Entry> {
        block_on(search::search(database, &Filter::default())).unwrap().entries
    }

    #[test]
    fn an_event_that_comes_twice_is_recorded_once() {
        let database = Sqlite::migrated();
        let events = [event(1), event(2)];
        appended(&database, &events);
        appended(&database, &[&events[..], &[event(3)]].concat());
        let moments: Vec<i64> = recorded(&database).iter().map(|entry| entry.at.0).collect();
        assert_eq!(moments, [3, 2, 1]);
    }

    /// An intent, and the outcome of its call.
    fn written() -> [Event; 2] {
        let call = Call {
            request_id: RequestId::new("request"),
            client_id: ClientId::new("client"),
            tool: "tool".into(),
            target: "acme/backend#7".into(),
            arguments_digest: "digest".into(),
        };
        let alice = Subject::Person(UserId::new("alice"));
        let event = |phase, at| {
            let event = Event::call(&alice, call.clone(), phase, "1".into(), Timestamp(at));
            event.grant(&GrantId::new("grant")).in_account(false, Site::main(&CONFLUENCE))
        };
        let outcome = Event {
            duration_milliseconds: Some(4),
            upstream_status: Some(502),
            intent_at: Some(Timestamp(5)),
            ..event(Phase::Outcome, 9).ending(Outcome::Unknown).because("no answer")
        };
        [event(Phase::Intent, 5), outcome]
    }

    fn rows(database: &Sqlite) -> Vec<serde_json::Value> {
        block_on(database.batch(vec![sql("SELECT * FROM events ORDER BY position")])).unwrap().remove(0).rows
    }

    #[test]
    fn an_outcome_brings_along_the_very_intent_that_its_call_had() {
        let [whole, outcome_alone] = [Sqlite::migrated(), Sqlite::migrated()];
        appended(&whole, &written());
        appended(&outcome_alone, &written()[1..]);
        assert_eq!(rows(&whole).len(), 2);
        assert_eq!(rows(&whole), rows(&outcome_alone));
    }

    #[test]
    fn an_intent_that_comes_after_its_outcome_is_recorded_once() {
        let database = Sqlite::migrated();
        let [intent, outcome] = written();
        appended(&database, &[outcome]);
        appended(&database, &[intent]);
        assert_eq!(rows(&database).len(), 2);
    }

    #[test]
    fn a_person_and_a_client_are_called_as_they_were_then() {
        let database = Sqlite::migrated();
        let name = |name: &str| {
            let user = sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
                VALUES ('alice', 'issuer', 'subject', ?1, '', '[]', 0, 0)
                ON CONFLICT (id) DO UPDATE SET username = excluded.username");
            block_on(database.batch(vec![user.bind(name)])).unwrap();
        };
        name("alice");
        appended(&database, &[event(1).client(&ClientId::new("client")).client_name("A client")]);
        name("mallory");
        let entry = recorded(&database).remove(0);
        assert_eq!(entry.person_name.as_deref(), Some("alice"));
        assert_eq!(
            (entry.person_issuer.as_deref(), entry.person_subject.as_deref()),
            (Some("issuer"), Some("subject"))
        );
        assert_eq!(entry.client_name.as_deref(), Some("A client"));
    }

    #[test]
    fn every_value_comes_into_its_own_column() {
        let database = Sqlite::migrated();
        let numbers = ["at", "count", "duration_milliseconds", "upstream_status", "epoch", "sequence"];
        let value = |(place, name): (usize, &str)| if numbers.contains(&name) { json!(place) } else { json!(name) };
        let values = row::COLUMNS.into_iter().enumerate().map(|(place, name)| (name.to_owned(), value((place, name))));
        let row: Row = values.collect();
        assert!(put(&database, std::slice::from_ref(&row)).unwrap());
        let mut stored = rows(&database).remove(0);
        stored.as_object_mut().unwrap().remove("position");
        assert_eq!(stored, json!(row));
    }

    #[test]
    fn an_event_that_no_column_can_hold_is_refused_and_not_ignored() {
        let database = Sqlite::migrated();
        assert!(put(&database, &row::read(r#"[{"request_id":"request"}]"#).unwrap()).is_err());
    }

    /// Rows of these events with links and numbers from 1 on in that shard.
    fn linked(shard: &str, events: &[Event]) -> Vec<Row> {
        let row = |(number, event): (usize, &Event)| {
            let mut row = row::read(&json!([event]).to_string()).unwrap().remove(0);
            let (sequence, link) = (number + 1, format!("{shard} {number}"));
            row.extend(
                [("shard", json!(shard)), ("epoch", json!(1)), ("sequence", json!(sequence)), ("link", json!(link))]
                    .map(|(name, value)| (name.to_owned(), value)),
            );
            row
        };
        events.iter().enumerate().map(row).collect()
    }

    #[test]
    fn a_batch_that_is_recorded_twice_is_there_once_and_well() {
        let database = Sqlite::migrated();
        let rows = linked("audit/0", &[event(1), event(2)]);
        assert!(put(&database, &rows).unwrap() && put(&database, &rows).unwrap());
        assert_eq!(self::rows(&database).len(), 2);
    }

    #[test]
    fn nothing_of_a_batch_is_recorded_where_one_of_its_events_has_another_place_meanwhile() {
        let database = Sqlite::migrated();
        let [one, two] = [event(1), event(2)];
        assert!(put(&database, &linked("audit/1", std::slice::from_ref(&two))).unwrap());
        assert!(!put(&database, &linked("audit/0", &[one, two])).unwrap());
        assert_eq!(rows(&database).len(), 1);
    }

    #[test]
    fn of_events_that_are_recorded_already_the_furthest_number_is_told() {
        let database = Sqlite::migrated();
        let events = [event(1), event(2), event(3)];
        put(&database, &linked("audit/0", &events[..2])).unwrap();
        let (rows, furthest) = looked_up(&database, &events);
        assert_eq!((rows.len(), furthest), (1, 2));
    }

    #[test]
    fn a_row_has_only_the_columns_that_its_event_has() {
        let (rows, _) = looked_up(&Sqlite::migrated(), &[event(1)]);
        assert!(!rows[0].values().any(serde_json::Value::is_null), "{rows:?}");
    }

    #[test]
    fn events_are_looked_up_and_compared_by_their_keys() {
        let database = Sqlite::migrated();
        for (text, name) in [(LOOK_UP, "recorded"), (INSERT, "events")] {
            let plan = database.plan(text);
            let search = format!("SEARCH {name} USING");
            let by_key = |step: &String| step.starts_with(&search) && step.contains("events_once (request_id=?");
            assert!(plan.iter().any(by_key), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with(&format!("SCAN {name}"))), "{plan:?}");
        }
    }
}
