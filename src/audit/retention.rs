//! How long events are kept. What is removed is verified first, and a checkpoint says of each chain up to where that was and
//! whether it was whole, so that what is left still verifies.

use serde::Deserialize;
use serde_json::Value;

use super::{
    chain_keys,
    checkpoint::{self, Checkpoint, Mark},
    verification::{Defect, Verification},
};
use crate::{
    crypto::seal::Purpose,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
    },
    settings::Settings,
};

/// How many events one statement deletes: few enough to be done in a moment, indexes and all.
const BATCH: usize = 1_000;

/// How many such statements one sweep runs: 5.7 million events a day.
const BATCHES: usize = 20;

/// Deletes events that are older than the settings say, in batches and in the order in which they were recorded; what is left
/// goes with the next sweep.
///
/// # Errors
/// Where the database could not delete.
pub async fn sweep(database: &dyn Database, settings: &Settings, now: Timestamp) -> Result<(), Fault> {
    for _ in 0..BATCHES {
        let old = oldest(database, now - settings.audit_life).await?;
        let is_last = old.len() < BATCH;
        if !old.is_empty() {
            remove(database, settings, &old, now).await?;
        }
        if is_last {
            break;
        }
    }
    Ok(())
}

/// The oldest events, up to the first that is not as old as that.
async fn oldest(database: &dyn Database, end: Timestamp) -> Result<Vec<Value>, Fault> {
    #[derive(Deserialize)]
    struct Oldest {
        at: Timestamp,
    }
    let oldest = database.run(sql("SELECT at FROM events ORDER BY position LIMIT 1")).await?.first::<Oldest>()?;
    if oldest.is_none_or(|oldest| oldest.at >= end) {
        return Ok(Vec::new());
    }
    let query = "SELECT * FROM (SELECT * FROM events ORDER BY position LIMIT 1000) AS oldest
        WHERE position < COALESCE((SELECT MIN(position) FROM
            (SELECT position, at FROM events ORDER BY position LIMIT 1000) WHERE at >= ?1), 9007199254740991)
        ORDER BY position";
    Ok(database.run(sql(query).bind(end)).await?.rows)
}

/// Deletes these events, and puts in the same transaction on record what they were.
async fn remove(database: &dyn Database, settings: &Settings, old: &[Value], now: Timestamp) -> Result<(), Fault> {
    let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
    let known = checkpoint::all(database, &keys, None).await?.authentic;
    let removed: Vec<Checkpoint> = known.into_iter().filter(|known| known.kind == Mark::Removed).collect();
    let mut verification = Verification::new(&removed, &[]);
    old.iter().filter_map(Value::as_object).for_each(|row| verification.row(&keys, row));
    let verification = verification.end();
    let mut statements = Vec::new();
    for (shard, head) in verification.heads() {
        if removed.iter().any(|removed| removed.shard == shard && removed.head == *head) {
            continue;
        }
        let mut findings = verification.findings.iter();
        let is_whole = !findings.any(|finding| {
            finding.shard == shard && finding.epoch == head.epoch && finding.defect != Defect::BegunAnew
        });
        let checkpoint = Checkpoint::new(shard, head.clone(), Mark::Removed, now);
        statements.push(Checkpoint { is_whole: is_whole.into(), ..checkpoint }.put(&keys));
    }
    statements.push(sql("DELETE FROM events WHERE position <= ?1").bind(verification.position));
    database.batch(statements).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_executor::block_on;
    use serde_json::{Map, json};

    use super::*;
    use crate::{
        audit::{
            chain::{ChainKeys, Head},
            search::{Filter, search},
            store,
        },
        platform::native::database::Sqlite,
        settings,
    };

    fn sweep_until(database: &Sqlite, end: i64) {
        let settings = Settings { audit_life: Duration::from_millis(500), ..settings::for_tests() };
        block_on(sweep(database, &settings, Timestamp(end + 500))).unwrap();
    }

    #[test]
    fn a_sweep_deletes_what_is_old_in_batches_and_nothing_else() {
        let database = Sqlite::migrated();
        let insert = sql("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2510)
            INSERT INTO events (request_id, phase, part, at, kind, outcome, count)
            SELECT 'request-' || i, 'outcome', '', i, 'sign_in', 'succeeded', 1 FROM n");
        block_on(database.batch(vec![insert])).unwrap();
        sweep_until(&database, 2_501);
        let left = block_on(search(&database, &Filter::default())).unwrap().entries;
        let moments: Vec<i64> = left.iter().map(|entry| entry.at.0).collect();
        assert_eq!(moments, (2_501..=2_510).rev().collect::<Vec<_>>());
    }

    /// A chain of ten events, one a millisecond; its last head.
    fn chained() -> (Sqlite, Head) {
        let (database, mut head) = (Sqlite::migrated(), Head::beginning(1));
        let keys = ChainKeys::new(&settings::for_tests().signing_keys);
        let row = |at: i64| {
            let event = json!({ "request_id": format!("request-{at}"), "phase": "outcome", "part": "1", "at": at,
                "kind": "sign_in", "outcome": "succeeded", "count": 1 });
            let Value::Object(mut row) = event else { unreachable!() };
            keys.append("audit/0", &mut head, &mut row);
            row
        };
        let rows: Vec<Map<String, Value>> = (1..=10).map(row).collect();
        assert!(block_on(store::insert(&database, &json!(rows).to_string())).unwrap());
        (database, head)
    }

    /// What a verification finds of what is left.
    fn defects(database: &Sqlite, head: &Head) -> Vec<Defect> {
        let settings = settings::for_tests();
        let keys = ChainKeys::new(&settings.signing_keys);
        let known = block_on(checkpoint::all(database, &keys, None)).unwrap().authentic;
        let mut verification = Verification::new(&known, &[("audit/0".into(), head.clone())]);
        let rows =
            block_on(database.batch(vec![sql("SELECT * FROM events ORDER BY position")])).unwrap().remove(0).rows;
        rows.iter().filter_map(Value::as_object).for_each(|row| verification.row(&keys, row));
        verification.end().findings.iter().map(|finding| finding.defect).collect()
    }

    #[test]
    fn what_is_left_of_a_chain_verifies_after_each_sweep() {
        let (database, head) = chained();
        for end in [4, 8, 20] {
            sweep_until(&database, end);
            assert_eq!(defects(&database, &head), [], "{end}");
        }
    }

    #[test]
    fn what_was_not_whole_when_it_was_removed_is_told_for_ever() {
        let (database, head) = chained();
        let change = sql("UPDATE events SET kind = 'sign_out' WHERE sequence = 2");
        block_on(database.batch(vec![change])).unwrap();
        for end in [4, 8] {
            sweep_until(&database, end);
            assert_eq!(defects(&database, &head), [Defect::RemovedUnverified], "{end}");
        }
    }

    #[test]
    fn an_event_that_was_made_old_takes_no_younger_one_with_it() {
        let (database, _) = chained();
        block_on(database.batch(vec![sql("UPDATE events SET at = 0 WHERE sequence = 9")])).unwrap();
        sweep_until(&database, 4);
        let left = block_on(search(&database, &Filter::default())).unwrap().entries;
        assert_eq!(left.len(), 7);
    }
}
