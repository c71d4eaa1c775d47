//! The log as another system collects it, a batch at a time, in the order in which the database took events in. An event that
//! comes late comes last there, so no cursor passes one by. What was collected already may come again, and nothing is left
//! out: at least once.

use serde::Deserialize;

use super::search::{Entry, Position};
use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{Database, sql},
};

/// How many events one batch has at the most, and how many where nobody says.
pub const MOST: i64 = 1_000;
pub const USUAL: i64 = 500;

/// Before the position of any event: the least whole number that D1 takes as it is.
const BEFORE_ALL: i64 = -(1 << 53);

/// The next events, the first of them first.
pub struct Batch {
    pub entries: Vec<Entry>,
    /// The cursor of the batch after it. Where there is no event yet there is none.
    pub next: Option<Position>,
}

/// What the log has at a cursor.
#[derive(Default, Deserialize)]
struct Found {
    /// The moment of the event at its position, if there is one.
    at: Option<Timestamp>,
    /// The first position of all.
    first: Option<i64>,
}

/// The position after which to go on. Where the event at the cursor is another one by now, positions have begun anew, as
/// they do once retention has removed everything: then all is told again.
fn start(cursor: Option<Position>, found: &Found) -> i64 {
    let Some(Position { at, position }) = cursor else { return BEFORE_ALL };
    let is_known = found.at == Some(at);
    let is_removed = found.at.is_none() && found.first.is_some_and(|first| first > position);
    if is_known || is_removed { position } else { BEFORE_ALL }
}

/// So many events after that cursor. It reads a row an event, and a few.
///
/// # Errors
/// Where the log cannot be read.
pub async fn read(database: &dyn Database, cursor: Option<Position>, limit: i64) -> Result<Batch, Fault> {
    let look =
        sql("SELECT (SELECT at FROM events WHERE position = ?1) AS at, (SELECT MIN(position) FROM events) AS first");
    let look = look.bind(cursor.map_or(BEFORE_ALL, |cursor| cursor.position));
    let found = database.run(look).await?.first::<Found>()?.unwrap_or_default();
    let query = sql("SELECT * FROM events WHERE position > ?1 ORDER BY position LIMIT ?2");
    let query = query.bind(start(cursor, &found)).bind(limit.clamp(1, MOST));
    let entries = database.run(query).await?.all::<Entry>()?;
    let next = entries.last().map(|last| Position { at: last.at, position: last.position }).or(cursor);
    Ok(Batch { entries, next })
}

/// So many events after that position, for whoever is sent them. Where there are none as far as that, positions have begun
/// anew, and all is told again.
///
/// # Errors
/// Where the log cannot be read.
pub async fn after(database: &dyn Database, position: i64, limit: i64) -> Result<Vec<Entry>, Fault> {
    let query = "SELECT * FROM events
        WHERE position > CASE WHEN ?1 > (SELECT MAX(position) FROM events) THEN -9007199254740992 ELSE ?1 END
        ORDER BY position LIMIT ?2";
    database.run(sql(query).bind(position).bind(limit)).await?.all()
}

/// How far somebody is behind the log.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Lag {
    /// How many events they were not told of; a thousand and one where it is more than a thousand.
    pub events: i64,
    /// The moment of the earliest of them.
    pub since: Option<Timestamp>,
}

/// How far whoever was told of everything up to that position is behind.
///
/// # Errors
/// Where the log cannot be read.
pub async fn lag(database: &dyn Database, position: i64) -> Result<Lag, Fault> {
    let query = "SELECT COUNT(*) AS events, MIN(at) AS since
        FROM (SELECT at FROM events WHERE position > ?1 ORDER BY position LIMIT 1001)";
    Ok(database.run(sql(query).bind(position)).await?.first()?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use proptest::prelude::*;

    use super::*;
    use crate::platform::native::database::Sqlite;

    fn run(database: &Sqlite, statement: &'static str, value: i64) {
        block_on(database.batch(vec![sql(statement).bind(value)])).unwrap();
    }

    fn add(database: &Sqlite, at: i64) {
        let insert = "INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
            SELECT 'request-' || ?1, 'outcome', (SELECT COUNT(*) FROM events), ?1, 'sign_in', 'succeeded', 1";
        run(database, insert, at);
    }

    /// The moments of all that a collector gets from there on, and where it is then.
    fn collected(database: &Sqlite, mut cursor: Option<Position>, limit: i64) -> (Vec<i64>, Option<Position>) {
        let mut moments = Vec::new();
        loop {
            let batch = block_on(read(database, cursor, limit)).unwrap();
            cursor = batch.next;
            if batch.entries.is_empty() {
                return (moments, cursor);
            }
            moments.extend(batch.entries.iter().map(|entry| entry.at.0));
        }
    }

    #[test]
    fn an_event_of_before_that_comes_late_is_not_passed_by() {
        let database = Sqlite::migrated();
        [10, 20].into_iter().for_each(|at| add(&database, at));
        let (first, cursor) = collected(&database, None, 1);
        add(&database, 5);
        assert_eq!((first, collected(&database, cursor, 1).0), (vec![10, 20], vec![5]));
    }

    #[test]
    fn what_retention_removed_is_no_reason_to_begin_again() {
        let database = Sqlite::migrated();
        [10, 20, 30].into_iter().for_each(|at| add(&database, at));
        let cursor = block_on(read(&database, None, 1)).unwrap().next;
        run(&database, "DELETE FROM events WHERE at <= ?1", 10);
        assert_eq!(collected(&database, cursor, 9).0, [20, 30]);
    }

    #[test]
    fn where_positions_began_anew_all_is_told_again() {
        let database = Sqlite::migrated();
        [10, 20].into_iter().for_each(|at| add(&database, at));
        let (_, cursor) = collected(&database, None, 9);
        run(&database, "DELETE FROM events WHERE at <= ?1", 99);
        [30, 40, 50].into_iter().for_each(|at| add(&database, at));
        assert_eq!(collected(&database, cursor, 9).0, [30, 40, 50]);
    }

    #[test]
    fn whoever_is_sent_events_is_told_all_again_where_positions_began_anew() {
        let database = Sqlite::migrated();
        [10, 20, 30].into_iter().for_each(|at| add(&database, at));
        let told = |position| -> Vec<i64> {
            block_on(after(&database, position, 9)).unwrap().iter().map(|entry| entry.at.0).collect()
        };
        assert_eq!((told(2), told(3), told(99)), (vec![30], vec![], vec![10, 20, 30]));
        assert_eq!(block_on(lag(&database, 1)).unwrap(), Lag { events: 2, since: Some(Timestamp(20)) });
        assert_eq!(block_on(lag(&database, 3)).unwrap(), Lag::default());
    }

    proptest! {
        #[test]
        fn whatever_comes_between_pulls_every_event_is_collected(
            pulls in prop::collection::vec((prop::collection::vec(0_i64..50, 0..4), 1_i64..4), 0..12),
        ) {
            let database = Sqlite::migrated();
            let (mut made, mut told, mut cursor) = (Vec::new(), Vec::new(), None);
            for (events, limit) in pulls {
                for at in events {
                    add(&database, at);
                    made.push(at);
                }
                let batch = block_on(read(&database, cursor, limit)).unwrap();
                told.extend(batch.entries.iter().map(|entry| entry.at.0));
                cursor = batch.next;
            }
            told.extend(collected(&database, cursor, 3).0);
            prop_assert_eq!(told, made);
        }
    }
}
