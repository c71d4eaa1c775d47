//! Checkpoints in a bucket, where one is bound: a place that whoever can write to the database does not reach, and from which,
//! with a lock on the bucket, nobody takes anything away.

use super::{
    chain::ChainKeys,
    checkpoint::{Checkpoint, Checkpoints},
};
use crate::platform::{Fault, bucket::Bucket, json};

/// More than any epoch or sequence.
const GREATEST: i64 = 9_999_999_999_999_999;

/// How many epochs of a shard are looked for.
const EPOCHS: usize = 100;

fn folder(shard: &str) -> String {
    format!("checkpoints/{shard}/")
}

/// The folder of an epoch. Names come in alphabetical order, and the newest epoch is to come first.
fn epoch_folder(shard: &str, epoch: i64) -> String {
    format!("{}{:016}/", folder(shard), GREATEST - epoch)
}

/// Puts a checkpoint there.
///
/// # Errors
/// Where the bucket refuses.
pub async fn put(bucket: &dyn Bucket, keys: &ChainKeys, checkpoint: &Checkpoint) -> Result<(), Fault> {
    let folder = epoch_folder(&checkpoint.shard, checkpoint.head.epoch);
    let name = format!("{folder}{:016}.json", GREATEST - checkpoint.head.sequence);
    bucket.put(name, checkpoint.authenticated(keys).to_string()).await
}

/// The newest checkpoint of each epoch of a shard.
///
/// # Errors
/// Where the bucket cannot be read.
pub async fn newest(bucket: &dyn Bucket, keys: &ChainKeys, shard: &str) -> Result<Checkpoints, Fault> {
    let (folder, mut after, mut found) = (folder(shard), String::new(), Checkpoints::default());
    for _ in 0..EPOCHS {
        let Some((name, text)) = bucket.first(folder.clone(), after).await? else { break };
        let row = json::from_str(&text).unwrap_or_default();
        found.add(Checkpoint::read(keys, &row));
        // A tilde comes after every digit: on to the next epoch.
        let epoch = name.rsplit_once('/').map_or(name.as_str(), |(epoch, _)| epoch);
        after = format!("{epoch}/~");
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        audit::{chain::Head, checkpoint::Mark},
        crypto::key::{Key, KeyPair},
        platform::{clock::Timestamp, native::memory::MemoryBucket},
    };

    #[test]
    fn of_each_epoch_the_newest_checkpoint_is_found() {
        let (bucket, keys) =
            (MemoryBucket::default(), ChainKeys::new(&KeyPair { current: Key::for_tests(1), previous: None }));
        for (shard, epoch, sequence) in [(3, 7, 9), (3, 7, 10), (3, 8, 2), (31, 7, 99), (3, 10, 1)] {
            let head = Head { epoch, sequence, link: String::new() };
            let checkpoint = Checkpoint::new(&format!("audit/{shard}"), head, Mark::Reached, Timestamp(1));
            block_on(put(&bucket, &keys, &checkpoint)).unwrap();
        }
        let found = block_on(newest(&bucket, &keys, "audit/3")).unwrap();
        let heads: Vec<_> = found.authentic.iter().map(|found| (found.head.epoch, found.head.sequence)).collect();
        assert_eq!((heads.as_slice(), found.forged), ([(10, 1), (8, 2), (7, 10)].as_slice(), 0));
    }
}
