//! The way of what was recorded before there were events, in the table `audit`, into the log.

use crate::platform::{
    Fault,
    database::{Database, sql},
};

/// How many rows one run of the housekeeping moves at the most, in statements of a thousand each.
const BATCHES: usize = 20;

/// Moves rows, the oldest first, under the names of today. Those that are left move with the next run.
///
/// # Errors
/// Where the database could not move them: then they are where they were.
pub async fn sweep(database: &dyn Database) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        let copy = sql("INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_issuer,
                person_subject, person_name, client_id, client_name, tool, target, reason, arguments_digest,
                duration_milliseconds, upstream_status)
            SELECT old.request_id, old.phase, old.user_id || ' ' || old.sequence, old.at, 'call', old.outcome, 1,
                COALESCE(users.id, old.user_id), users.issuer, users.subject, users.username, old.client_id, clients.name,
                old.tool, old.target, old.reason, old.arguments_digest, old.duration_milliseconds, old.upstream_status
            FROM (SELECT * FROM audit ORDER BY user_id, sequence LIMIT 1000) AS old
                LEFT JOIN users ON users.id = old.user_id OR users.former_id = old.user_id
                LEFT JOIN clients ON clients.id = old.client_id
            WHERE true ON CONFLICT (request_id, phase, part) DO NOTHING");
        let delete = sql("DELETE FROM audit WHERE (user_id, sequence) IN
            (SELECT user_id, sequence FROM audit ORDER BY user_id, sequence LIMIT 1000)");
        let moved = database.batch(vec![copy, delete]).await?;
        if moved.last().is_none_or(|deleted| deleted.changes < 1000) {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        audit::search::{Filter, search},
        platform::native::database::Sqlite,
    };

    #[test]
    fn every_row_from_before_becomes_an_event_of_its_person_once() {
        let database = Sqlite::migrated();
        let person =
            sql("INSERT INTO users (id, former_id, issuer, subject, username, name, roles, created_at, signed_in_at)
            VALUES ('new-id', 'old-id', 'issuer', 'subject', 'alice', '', '[]', 0, 0)");
        let rows = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
            INSERT INTO audit (user_id, sequence, at, request_id, client_id, tool, phase, outcome, target, arguments_digest)
            SELECT 'old-id', i, i, 'request', 'client', 'whoami', 'outcome', 'succeeded', '', '' FROM n");
        block_on(database.batch(vec![person, rows])).unwrap();
        block_on(sweep(&database)).unwrap();
        block_on(sweep(&database)).unwrap();
        let count = block_on(database.batch(vec![sql("SELECT count(*) AS n FROM events WHERE person = 'new-id'")]));
        assert_eq!(count.unwrap()[0].rows[0]["n"], 1500);
        let newest = block_on(search(&database, &Filter::default())).unwrap().entries.remove(0);
        assert_eq!((newest.at.0, newest.person_name.as_deref()), (1500, Some("alice")));
    }
}
