//! The searchable part of the log: the table `events` of the database.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::platform::{
    Fault,
    database::{Database, sql},
};

/// Events as rows of the table, before they have a place in the chain.
#[derive(Debug, Deserialize)]
pub struct Found {
    /// Those that are not recorded yet, in their order: a JSON array.
    rows: String,
    /// The furthest number of that epoch of the shard that one of the others has; 0 where there is none.
    pub furthest: i64,
}

impl Found {
    /// The rows, each event once.
    ///
    /// # Errors
    /// Where they are not what the database should have made of them.
    pub fn rows(&self) -> Result<Vec<Map<String, Value>>, Fault> {
        let rows: Vec<Map<String, Value>> =
            serde_json::from_str(&self.rows).map_err(|error| Fault::new("audit rows", error))?;
        let mut keys = HashSet::new();
        let key = |row: &Map<String, Value>| ["request_id", "phase", "part"].map(|name| row.get(name).cloned());
        Ok(rows.into_iter().filter(|row| keys.insert(key(row))).collect())
    }
}

const LOOK_UP: &str = "SELECT json_group_array(json(row)) FILTER (WHERE recorded IS NULL) AS rows,
            COALESCE(MAX(CASE WHEN recorded_shard = ?2 AND recorded_epoch = ?3 THEN recorded_sequence END), 0) AS furthest
        FROM (SELECT json_patch(value, json_object('intent_at', NULL, 'person_issuer', users.issuer,
                'person_subject', users.subject, 'person_name', users.username, 'actor_name', actors.username,
                'client_name', COALESCE(value ->> 'client_name', clients.name))) AS row,
            recorded.position AS recorded, recorded.shard AS recorded_shard, recorded.epoch AS recorded_epoch,
            recorded.sequence AS recorded_sequence
        FROM (SELECT key, 1 AS place, value FROM json_each(?1)
            UNION ALL SELECT key, 0, json_remove(
                json_set(value, '$.phase', 'intent', '$.outcome', 'started', '$.at', value ->> 'intent_at'),
                '$.reason', '$.duration_milliseconds', '$.upstream_status', '$.admission')
            FROM json_each(?1) WHERE value ->> 'intent_at' IS NOT NULL)
            LEFT JOIN users ON users.id = value ->> 'person'
            LEFT JOIN users AS actors ON actors.id = value ->> 'actor'
            LEFT JOIN clients ON clients.id = value ->> 'client_id'
            LEFT JOIN events AS recorded ON recorded.request_id = value ->> 'request_id'
                AND recorded.phase = value ->> 'phase' AND recorded.part = value ->> 'part'
        ORDER BY key, place)";

/// Looks up what the database adds to events, given as a JSON array: the intents that outcomes bring along, and who people
/// and clients are at this moment, which is moments after the event. Leaves out those that are recorded already.
///
/// # Errors
/// Where the database cannot be read.
pub async fn look_up(database: &dyn Database, events: &str, shard: &str, epoch: i64) -> Result<Found, Fault> {
    let found = database.run(sql(LOOK_UP).bind(events).bind(shard).bind(epoch)).await?.first()?;
    found.ok_or_else(|| Fault::new("audit rows", "the database told nothing"))
}

const INSERT: &str = "INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_issuer,
            person_subject, person_name, actor, actor_name, client_id, client_name, grant_id, tool, target, resource,
            story, reason, state_before, state_after, arguments_digest, duration_milliseconds, upstream_status,
            admission, shard, epoch, sequence, link, link_key)
        SELECT value ->> 'request_id', value ->> 'phase', value ->> 'part', value ->> 'at', value ->> 'kind',
            value ->> 'outcome', value ->> 'count', value ->> 'person', value ->> 'person_issuer',
            value ->> 'person_subject', value ->> 'person_name', value ->> 'actor', value ->> 'actor_name',
            value ->> 'client_id', value ->> 'client_name', value ->> 'grant_id', value ->> 'tool', value ->> 'target',
            value ->> 'resource', value ->> 'story', value ->> 'reason', value ->> 'state_before', value ->> 'state_after',
            value ->> 'arguments_digest', value ->> 'duration_milliseconds', value ->> 'upstream_status',
            value ->> 'admission', value ->> 'shard', value ->> 'epoch', value ->> 'sequence', value ->> 'link',
            value ->> 'link_key'
        FROM json_each(?1)
        WHERE NOT EXISTS (SELECT 1 FROM json_each(?1) AS mine CROSS JOIN events ON
            events.request_id = mine.value ->> 'request_id' AND events.phase = mine.value ->> 'phase'
                AND events.part = mine.value ->> 'part'
            WHERE events.link IS NOT mine.value ->> 'link')
        ORDER BY key
        ON CONFLICT (request_id, phase, part) DO NOTHING";

/// Records rows, given as a JSON array, in their order: all of them, or none where one of these events has been recorded at
/// another place meanwhile. Rows that are there already, at their places, stay as they are. With it goes when grants were
/// used last, for the lists of their owners; a minute more or less does not matter there.
///
/// # Errors
/// Where the database refuses: then none was recorded.
pub async fn insert(database: &dyn Database, rows: &str) -> Result<bool, Fault> {
    #[derive(Deserialize)]
    struct Missing {
        missing: i64,
    }
    let insert = sql(INSERT).bind(rows);
    let missing = sql("SELECT COUNT(*) AS missing FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM events
        WHERE events.request_id = value ->> 'request_id' AND events.phase = value ->> 'phase'
            AND events.part = value ->> 'part' AND events.link IS value ->> 'link')")
    .bind(rows);
    let used = sql("UPDATE grants SET used_at = used.at
        FROM (SELECT value ->> 'grant_id' AS id, MAX(value ->> 'at') AS at FROM json_each(?1)
            WHERE value ->> 'kind' = 'call' GROUP BY 1) AS used
        WHERE grants.id = used.id AND grants.used_at < used.at - 60000")
    .bind(rows);
    let missing = database.batch(vec![insert, used, missing]).await?.pop().unwrap_or_default().first::<Missing>()?;
    Ok(missing.is_some_and(|missing| missing.missing == 0))
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
    };

    fn event(at: i64) -> Event {
        Event::new(Kind::SignIn, &RequestId::new("request"), Timestamp(at)).of(&UserId::new("alice"))
    }

    fn looked_up(database: &Sqlite, events: &[Event]) -> Found {
        block_on(look_up(database, &json!(events).to_string(), "audit/0", 1)).unwrap()
    }

    fn appended(database: &Sqlite, events: &[Event]) {
        let rows = looked_up(database, events).rows().unwrap();
        assert!(block_on(insert(database, &json!(rows).to_string())).unwrap());
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
            Event::call(&alice, call.clone(), phase, "1".into(), Timestamp(at)).grant(&GrantId::new("grant"))
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
    fn an_event_that_no_column_can_hold_is_refused_and_not_ignored() {
        let database = Sqlite::migrated();
        assert!(block_on(insert(&database, r#"[{"request_id":"request"}]"#)).is_err());
    }

    /// Rows of these events with links and numbers from 1 on in that shard.
    fn linked(shard: &str, events: &[Event]) -> String {
        let row = |(number, event): (usize, &Event)| {
            let mut row = json!(event);
            let (sequence, link) = (number + 1, format!("{shard} {number}"));
            row.as_object_mut().unwrap().extend(
                [("shard", json!(shard)), ("epoch", json!(1)), ("sequence", json!(sequence)), ("link", json!(link))]
                    .map(|(name, value)| (name.to_owned(), value)),
            );
            row
        };
        json!(events.iter().enumerate().map(row).collect::<Vec<_>>()).to_string()
    }

    #[test]
    fn a_batch_that_is_recorded_twice_is_there_once_and_well() {
        let database = Sqlite::migrated();
        let rows = linked("audit/0", &[event(1), event(2)]);
        assert!(block_on(insert(&database, &rows)).unwrap() && block_on(insert(&database, &rows)).unwrap());
        assert_eq!(self::rows(&database).len(), 2);
    }

    #[test]
    fn nothing_of_a_batch_is_recorded_where_one_of_its_events_has_another_place_meanwhile() {
        let database = Sqlite::migrated();
        let [one, two] = [event(1), event(2)];
        assert!(block_on(insert(&database, &linked("audit/1", std::slice::from_ref(&two)))).unwrap());
        assert!(!block_on(insert(&database, &linked("audit/0", &[one, two]))).unwrap());
        assert_eq!(rows(&database).len(), 1);
    }

    #[test]
    fn of_events_that_are_recorded_already_the_furthest_number_is_told() {
        let database = Sqlite::migrated();
        let events = [event(1), event(2), event(3)];
        block_on(insert(&database, &linked("audit/0", &events[..2]))).unwrap();
        let found = looked_up(&database, &events);
        assert_eq!((found.rows().unwrap().len(), found.furthest), (1, 2));
    }

    #[test]
    fn a_row_has_only_the_columns_that_its_event_has() {
        assert!(!looked_up(&Sqlite::migrated(), &[event(1)]).rows.contains("null"));
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
