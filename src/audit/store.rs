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
        FROM json_each(?1)
            LEFT JOIN users ON users.id = value ->> 'person'
            LEFT JOIN users AS actors ON actors.id = value ->> 'actor'
            LEFT JOIN clients ON clients.id = value ->> 'client_id'
        WHERE true ORDER BY json_each.key
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
            event::Event,
            kind::Kind,
            search::{self, Filter},
        },
        identifiers::{ClientId, RequestId, UserId},
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
