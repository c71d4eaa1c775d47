//! How long events are kept.

use std::time::Duration;

use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{Database, sql},
};

/// How many events one statement deletes: few enough to be done in a moment, indexes and all.
const BATCH: u64 = 1_000;

/// How many such statements one sweep runs: 5.7 million events a day.
const BATCHES: usize = 20;

/// Deletes events that are older than that, in batches; what is left goes with the next sweep.
///
/// # Errors
/// Where the database could not delete.
pub async fn sweep(database: &dyn Database, kept: Duration, now: Timestamp) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        let oldest = "DELETE FROM events WHERE position IN
            (SELECT position FROM events WHERE at < ?1 ORDER BY at LIMIT 1000)";
        if database.run(sql(oldest).bind(now - kept)).await?.changes < BATCH {
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
    fn a_sweep_deletes_what_is_old_in_batches_and_nothing_else() {
        let database = Sqlite::migrated();
        let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2510)
            INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
            SELECT 'request-' || i, 'outcome', '', i, 'sign_in', 'succeeded', 1 FROM n");
        block_on(database.batch(vec![insert])).unwrap();
        block_on(sweep(&database, Duration::from_millis(500), Timestamp(3_001))).unwrap();
        let left = block_on(search(&database, &Filter::default())).unwrap().entries;
        let moments: Vec<i64> = left.iter().map(|entry| entry.at.0).collect();
        assert_eq!(moments, (2_501..=2_510).rev().collect::<Vec<_>>());
    }
}
