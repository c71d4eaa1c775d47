//! The verification of the log in the stores, in steps: each looks at a bounded number of events, whatever the log's length. What
//! was moved to segments comes first.

use std::{collections::BTreeSet, time::Duration};

use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::{
    chain::ChainKeys,
    chain_keys, checkpoint, checkpoint_bucket, gather,
    segment_store::{self, Found},
    shard,
    verification::{Defect, Verification},
};
use crate::{
    crypto::seal::Purpose,
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Rows, sql},
    },
    settings::Settings,
};

/// How many events one query reads at the most.
const PAGE: i64 = 2_000;

/// How many such queries one step makes.
const PAGES: usize = 10;

/// How far a verification has come, and what it found.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Progress {
    pub verification: Verification,
    pub presence: Presence,
    /// Intents of before that moment should have an outcome.
    settled_before: Timestamp,
    /// The number of the last segment that was looked for, and how many were read.
    segment: i64,
    pub segments: u64,
    pub is_done: bool,
}

/// Whether every call is there: another question than whether what is there is whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// Calls that were let run and of which nobody recorded the end.
    pub unaccounted: i64,
    /// Intents of which nobody knows how their calls ended.
    pub without_outcome: i64,
}

/// Begins: asks the stores of checkpoints and each object of the log how far the chains came.
///
/// # Errors
/// Where a store or an object cannot be asked.
pub async fn begin(platform: &Platform, settings: &Settings) -> Result<Progress, Fault> {
    let database = platform.database.as_ref();
    let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
    let mut known = checkpoint::all(database, &keys, None).await?;
    let mut shards: BTreeSet<String> = (0..settings.audit_shards.max(1)).map(shard::name).collect();
    shards.extend(known.authentic.iter().map(|checkpoint| checkpoint.shard.clone()));
    if let Some(bucket) = &platform.checkpoints {
        for shard in &shards {
            known.extend(checkpoint_bucket::newest(bucket.as_ref(), &keys, shard).await?);
        }
    }
    let heads = try_join_all(shards.iter().map(|shard| gather::head(platform, shard))).await?;
    let heads: Vec<_> = shards.into_iter().zip(heads).collect();
    let mut verification = Verification::new(&known.authentic, &heads);
    verification.forged(known.forged);
    let settle = settings.audit_settle + Duration::from_secs(60);
    let settled_before = platform.clock.now() - settle;
    Ok(Progress {
        verification,
        presence: Presence::default(),
        settled_before,
        segment: 0,
        segments: 0,
        is_done: false,
    })
}

/// Goes on for one step.
///
/// # Errors
/// Where the database cannot be read.
pub async fn go_on(platform: &Platform, settings: &Settings, mut progress: Progress) -> Result<Progress, Fault> {
    let database = platform.database.as_ref();
    let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
    if go_on_in_segments(platform, settings, &keys, &mut progress).await? {
        return Ok(progress);
    }
    for _ in 0..PAGES {
        let after = progress.verification.position;
        let rows = sql("SELECT * FROM events WHERE position > ?1 ORDER BY position LIMIT ?2").bind(after).bind(PAGE);
        let presence = sql("SELECT COALESCE(SUM(CASE WHEN kind = 'unaccounted' THEN count END), 0) AS unaccounted,
                COUNT(CASE WHEN phase = 'intent' AND at < ?3 AND NOT EXISTS (SELECT 1 FROM events AS outcome
                    WHERE outcome.request_id = page.request_id AND outcome.phase = 'outcome'
                        AND outcome.part = page.part) THEN 1 END) AS without_outcome
            FROM (SELECT * FROM events WHERE position > ?1 ORDER BY position LIMIT ?2) AS page")
        .bind(after)
        .bind(PAGE)
        .bind(progress.settled_before);
        let mut results = database.batch(vec![rows, presence]).await?.into_iter();
        let [rows, presence] = [(); 2].map(|()| results.next().unwrap_or_default());
        let presence = presence.first::<Presence>()?.unwrap_or_default();
        progress.presence.unaccounted += presence.unaccounted;
        progress.presence.without_outcome += presence.without_outcome;
        let Rows { rows, .. } = rows;
        for row in rows.iter().filter_map(serde_json::Value::as_object) {
            progress.verification.row(&keys, row);
        }
        if i64::try_from(rows.len()).is_ok_and(|count| count < PAGE) {
            let verification = progress.verification.end();
            return Ok(Progress { verification, is_done: true, ..progress });
        }
    }
    Ok(progress)
}

/// Looks at some segments; tells whether there may be more.
async fn go_on_in_segments(
    platform: &Platform,
    settings: &Settings,
    keys: &ChainKeys,
    progress: &mut Progress,
) -> Result<bool, Fault> {
    let records = segment_store::after(platform.database.as_ref(), keys, progress.segment).await?;
    let Some(last) = records.last else { return Ok(false) };
    let count = records.authentic.len() + records.forged;
    progress.segment = last;
    progress.verification.forged(records.forged);
    let kept_since = platform.clock.now() - settings.segment_life;
    for segment in records.authentic.iter().filter(|segment| segment.moved_at > kept_since) {
        let found = segment_store::fetch(platform.checkpoints.as_deref(), keys, segment).await?;
        let lines = match &found {
            Found::Whole(lines) => Ok(lines.as_str()),
            Found::Missing => Err(Defect::SegmentMissing),
            Found::Changed => Err(Defect::SegmentChanged),
        };
        progress.segments += u64::from(lines.is_ok());
        progress.verification.segment(keys, segment, lines);
    }
    Ok(count == segment_store::PAGE)
}
