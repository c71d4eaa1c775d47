//! Whether single events are as the log took them in: each has a link over itself and the link of its predecessor. That none
//! is missing beside them is another question, which a verification of the whole log answers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    chain::{self, ChainKeys, Head},
    chain_keys,
    checkpoint::{self, Checkpoint, Mark},
    search::Entry,
};
use crate::{
    context::Context,
    crypto::seal::Purpose,
    platform::{
        Fault,
        database::{exact, sql},
        json,
    },
};

/// What the link of an event says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Proof {
    /// The event is as the log took it in, where it took it in.
    Fits,
    /// It has none, as events of earlier releases.
    Unlinked,
    /// The event was changed, or its predecessor's link was, or it was made up.
    Differs,
    /// The event before it is not there, so that nothing can be said of it.
    NoPredecessor,
    /// It was made with a key that nobody knows any more.
    UnknownKey,
}

/// The place of an event that has one.
#[derive(Deserialize)]
struct Place {
    shard: String,
    epoch: i64,
    sequence: i64,
    link: String,
    link_key: String,
    /// The link of the event before.
    predecessor: Option<String>,
}

const LOOK_UP: &str = "SELECT events.*, (SELECT before.link FROM events AS before INDEXED BY events_by_place
            WHERE before.shard = events.shard AND before.epoch = events.epoch
                AND before.sequence = events.sequence - 1) AS predecessor
        FROM json_each(?1) AS wanted CROSS JOIN events ON events.position = wanted.value ORDER BY wanted.key";

/// What links are held against, read once for however many events.
pub struct Prover {
    keys: ChainKeys,
    /// How far retention removed.
    removed: Vec<Checkpoint>,
}

impl Prover {
    /// As the stores have it now.
    ///
    /// # Errors
    /// Where the record cannot be read.
    pub async fn read(context: &Context) -> Result<Self, Fault> {
        let (database, settings) = (context.platform.database.as_ref(), &context.settings);
        let keys = chain_keys::all(database, settings.sealer(Purpose::Tokens), &settings.signing_keys).await?;
        let mut removed = checkpoint::all(database, &keys, None).await?.authentic;
        removed.retain(|checkpoint| checkpoint.kind == Mark::Removed);
        Ok(Self { keys, removed })
    }
}

/// What the links of these events say, in their order. It reads three rows an event.
///
/// # Errors
/// Where the log cannot be read.
pub async fn of(context: &Context, prover: &Prover, entries: &[Entry]) -> Result<Vec<Proof>, Fault> {
    let Prover { keys, removed } = prover;
    let database = context.platform.database.as_ref();
    let positions: Vec<i64> = entries.iter().map(|entry| entry.position).collect();
    let rows = database.run(sql(LOOK_UP).bind(json!(positions).to_string())).await?.rows;
    let proof =
        |row: &Map<String, Value>| Some((exact(row.get("position")?).as_i64()?, of_row(keys, removed, row.clone())));
    let known: BTreeMap<i64, Proof> = rows.iter().filter_map(Value::as_object).filter_map(proof).collect();
    let of = |position: i64| known.get(&position).copied();
    // Of one that retention removed meanwhile nothing can be said either.
    Ok(positions.into_iter().map(|position| of(position).unwrap_or(Proof::NoPredecessor)).collect())
}

fn of_row(keys: &ChainKeys, removed: &[Checkpoint], mut row: Map<String, Value>) -> Proof {
    let place = row.iter().map(|(name, value)| (name.clone(), exact(value))).collect();
    row.remove("predecessor");
    if row.get("link").is_none_or(Value::is_null) {
        return Proof::Unlinked;
    }
    let Ok(Place { shard, epoch, sequence, link, link_key, predecessor }) = json::from_value(Value::Object(place))
    else {
        return Proof::Differs;
    };
    let at_its_end =
        |known: &&Checkpoint| known.shard == shard && known.head.epoch == epoch && known.head.sequence == sequence - 1;
    let predecessor = match (predecessor, sequence) {
        (_, 1) => Some(String::new()),
        (Some(link), _) => Some(link),
        (None, _) => removed.iter().find(at_its_end).map(|known| known.head.link.clone()),
    };
    let Some(predecessor) = predecessor else { return Proof::NoPredecessor };
    let head = Head { epoch, sequence: sequence - 1, link: predecessor };
    match keys.link(&link_key, &shard, &head, &chain::canonical(&row)) {
        Some(expected) if expected == link => Proof::Fits,
        Some(_) => Proof::Differs,
        None => Proof::UnknownKey,
    }
}

#[cfg(test)]
mod tests;
