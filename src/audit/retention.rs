//! How long events are kept, and what becomes of them then. They are verified first, and a checkpoint says of each chain up to
//! where that was and whether it was whole, so that what is left still verifies. Where there is a bucket they are moved there, in
//! segments; none is removed before its segment was read back.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    chain::{ChainKeys, Head},
    chain_keys,
    checkpoint::{self, Checkpoint, Mark},
    segment::{Row, Segment, Span},
    segment_store,
    verification::{Defect, Verification},
};
use crate::{
    crypto::seal::Purpose,
    platform::{
        Fault, Platform,
        bucket::Bucket,
        clock::Timestamp,
        database::{Database, sql},
        log::{self, Level},
    },
    settings::Settings,
};

/// How many events one statement deletes, and one segment holds: few enough to be done in a moment, indexes and all.
const BATCH: usize = 1_000;

/// How many such statements one sweep runs: 5.7 million events a day.
const BATCHES: usize = 20;

/// How many numbers are tried for a segment, where there is something in its place that is none.
const TRIES: usize = 10;

/// Moves or deletes events that are older than the settings say, in batches and in the order in which they were recorded; what
/// is left goes with the next sweep.
///
/// # Errors
/// Where the database or the bucket failed.
pub async fn sweep(platform: &Platform, settings: &Settings) -> Result<(), Fault> {
    let (database, now) = (platform.database.as_ref(), platform.clock.now());
    let (bucket, end) = (platform.checkpoints.as_deref(), now - settings.audit_life);
    let bucket = bucket.filter(|_| !settings.segment_life.is_zero());
    if oldest_moment(database).await?.is_none_or(|oldest| oldest >= end) {
        return Ok(());
    }
    let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
    for _ in 0..BATCHES {
        // Before the events are read: whoever moves the same ones meanwhile takes the same number.
        let number = match bucket {
            Some(_) => segment_store::newest(database, &keys).await?,
            None => 0,
        };
        let old = oldest(database, end).await?;
        let is_last = old.len() < BATCH;
        remove(database, bucket, &keys, number, old, now).await?;
        if is_last {
            break;
        }
    }
    Ok(())
}

async fn oldest_moment(database: &dyn Database) -> Result<Option<Timestamp>, Fault> {
    #[derive(Deserialize)]
    struct Oldest {
        at: Timestamp,
    }
    let oldest = database.run(sql("SELECT at FROM events ORDER BY position LIMIT 1")).await?.first::<Oldest>()?;
    Ok(oldest.map(|oldest| oldest.at))
}

/// The oldest events, up to the first that is not as old as that.
async fn oldest(database: &dyn Database, end: Timestamp) -> Result<Vec<Row>, Fault> {
    let query = "SELECT * FROM (SELECT * FROM events ORDER BY position LIMIT 1000) AS oldest
        WHERE position < COALESCE((SELECT MIN(position) FROM
            (SELECT position, at FROM events ORDER BY position LIMIT 1000) WHERE at >= ?1), 9007199254740991)
        ORDER BY position";
    let rows = database.run(sql(query).bind(end)).await?.rows;
    Ok(rows.into_iter().filter_map(|row| if let Value::Object(row) = row { Some(row) } else { None }).collect())
}

/// What rows are of each chain, and whether that part of it is whole, by what was removed before.
fn followed(keys: &ChainKeys, removed: &[Checkpoint], rows: &[Row]) -> Vec<(Span, bool)> {
    let mut verification = Verification::new(removed, &[]);
    rows.iter().for_each(|row| verification.row(keys, row));
    let verification = verification.end();
    let mut spans = Vec::new();
    for (shard, last) in verification.heads() {
        let known = removed.iter().find(|removed| removed.shard == shard && removed.head.epoch == last.epoch);
        let before = known.map_or_else(|| Head::beginning(last.epoch), |known| known.head.clone());
        if before == *last {
            continue;
        }
        let mut findings = verification.findings.iter();
        let is_whole = !findings.any(|finding| {
            finding.shard == shard && finding.epoch == last.epoch && finding.defect != Defect::BegunAnew
        });
        spans.push((Span { shard: shard.to_owned(), before, last: last.clone() }, is_whole));
    }
    spans
}

/// Deletes these events, and puts in the same transaction on record what they were. Where there is a bucket, they are in a
/// segment before, which follows on that number.
async fn remove(
    database: &dyn Database,
    bucket: Option<&dyn Bucket>,
    keys: &ChainKeys,
    number: i64,
    mut rows: Vec<Row>,
    now: Timestamp,
) -> Result<(), Fault> {
    if rows.is_empty() {
        return Ok(());
    }
    let known = checkpoint::all(database, keys, None).await?.authentic;
    let removed: Vec<Checkpoint> = known.into_iter().filter(|known| known.kind == Mark::Removed).collect();
    let mut spans = followed(keys, &removed, &rows);
    let mut statements = Vec::new();
    if let Some(bucket) = bucket {
        let segment: Segment;
        (segment, rows) = move_out(bucket, keys, number, &spans, rows, now).await?;
        statements.push(segment.put(keys));
        spans = followed(keys, &removed, &rows);
    }
    for (Span { shard, last, .. }, is_whole) in spans {
        let checkpoint = Checkpoint::new(&shard, last, Mark::Removed, now);
        statements.push(Checkpoint { is_whole: is_whole.into(), ..checkpoint }.put(keys));
    }
    let names = rows.iter().map(|row| ["position", "request_id", "phase", "part"].map(|name| row.get(name)));
    let delete = sql("DELETE FROM events WHERE position IN (SELECT events.position FROM json_each(?1) AS gone
        CROSS JOIN events ON events.position = gone.value ->> 0 AND events.request_id = gone.value ->> 1
            AND events.phase = gone.value ->> 2 AND events.part = gone.value ->> 3)");
    statements.push(delete.bind(json!(names.collect::<Vec<_>>()).to_string()));
    database.batch(statements).await.map(drop)
}

/// Puts events into a segment; gives the segment that is there then and its events. They are others where somebody moved some at
/// the same time, or did before and came no further.
async fn move_out(
    bucket: &dyn Bucket,
    keys: &ChainKeys,
    number: i64,
    spans: &[(Span, bool)],
    rows: Vec<Row>,
    now: Timestamp,
) -> Result<(Segment, Vec<Row>), Fault> {
    let spans: Vec<Span> = spans.iter().map(|(span, _)| span.clone()).collect();
    for number in (number + 1..).take(TRIES) {
        let segment = Segment::new(number, spans.clone(), &rows, now);
        if let Some(found) = segment_store::put(bucket, keys, &segment, &rows).await? {
            return Ok(found);
        }
        log::write(Level::Error, "in the place of a segment is something else", &[("segment", json!(number))]);
    }
    Err(Fault::new("segment", "no number is free: what the bucket has is not of this Postern"))
}

#[cfg(test)]
mod tests;
