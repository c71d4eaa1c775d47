//! The searchable part of the log: the table `events` of the database.

use crate::platform::{
    Fault,
    database::{Database, sql},
};

/// Records events, given as a JSON array, in their order. One that is there already stays as it is. Who people and clients
/// are is taken from their own rows at this moment, which is moments after the event. With it goes when grants were used
/// last, for the lists of their owners; a minute more or less does not matter there.
///
/// # Errors
/// Where the database refuses: then none was recorded. Where it does not, all are.
pub async fn append(database: &dyn Database, events: &str) -> Result<(), Fault> {
    let insert = sql("INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_issuer,
            person_subject, person_name, actor, actor_name, client_id, client_name, grant_id, tool, target, resource,
            reason, state_before, state_after, arguments_digest, duration_milliseconds, upstream_status, admission)
        SELECT value ->> 'request_id', value ->> 'phase', value ->> 'part', value ->> 'at', value ->> 'kind',
            value ->> 'outcome', value ->> 'count', value ->> 'person', users.issuer, users.subject,
            users.username, value ->> 'actor', actors.username, value ->> 'client_id',
            COALESCE(value ->> 'client_name', clients.name), value ->> 'grant_id', value ->> 'tool', value ->> 'target',
            value ->> 'resource', value ->> 'reason', value ->> 'state_before', value ->> 'state_after',
            value ->> 'arguments_digest', value ->> 'duration_milliseconds', value ->> 'upstream_status',
            value ->> 'admission'
        FROM (SELECT key, 1 AS place, value FROM json_each(?1)
            UNION ALL SELECT key, 0, json_remove(
                json_set(value, '$.phase', 'intent', '$.outcome', 'started', '$.at', value ->> 'intent_at'),
                '$.reason', '$.duration_milliseconds', '$.upstream_status', '$.admission')
            FROM json_each(?1) WHERE value ->> 'intent_at' IS NOT NULL)
            LEFT JOIN users ON users.id = value ->> 'person'
            LEFT JOIN users AS actors ON actors.id = value ->> 'actor'
            LEFT JOIN clients ON clients.id = value ->> 'client_id'
        WHERE true ORDER BY key, place
        ON CONFLICT (request_id, phase, part) DO NOTHING")
    .bind(events);
    let used = sql("UPDATE grants SET used_at = used.at
        FROM (SELECT value ->> 'grant_id' AS id, MAX(value ->> 'at') AS at FROM json_each(?1)
            WHERE value ->> 'kind' = 'call' GROUP BY 1) AS used
        WHERE grants.id = used.id AND grants.used_at < used.at - 60000")
    .bind(events);
    database.batch(vec![insert, used]).await.map(drop)
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

    fn appended(database: &Sqlite, events: &[Event]) {
        block_on(append(database, &json!(events).to_string())).unwrap();
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
        assert!(block_on(append(&database, r#"[{"request_id":"request"}]"#)).is_err());
    }
}
