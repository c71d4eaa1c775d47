//! The keys of links, sealed in the database, so that links outlive the rotation of the signing key that theirs was derived
//! from.

use serde::Deserialize;

use super::chain::ChainKeys;
use crate::{
    crypto::{
        key::{Key, KeyPair},
        seal::Sealer,
    },
    platform::{
        Fault,
        database::{Database, sql},
    },
};

#[derive(Deserialize)]
struct Kept {
    id: String,
    sealed: String,
}

fn place(id: &str) -> String {
    format!("audit_keys/{id}/sealed")
}

/// Every key of links that there was.
///
/// # Errors
/// Where the database cannot be read.
pub async fn all(database: &dyn Database, sealer: &Sealer, signing_keys: &KeyPair) -> Result<ChainKeys, Fault> {
    let kept = database.run(sql("SELECT id, sealed FROM audit_keys ORDER BY id")).await?.all::<Kept>()?;
    // One that does not open is not ours: its events are found to be linked with a key that nobody knows.
    let opened = kept.iter().filter_map(|Kept { id, sealed }| {
        let text = sealer.open(sealed, &place(id))?;
        Key::restore(text.expose(), id)
    });
    Ok(ChainKeys::new(signing_keys).with(opened))
}

/// Keeps the key in use, unless it is kept already.
///
/// # Errors
/// Where the database failed.
pub async fn keep(database: &dyn Database, sealer: &Sealer, signing_keys: &KeyPair) -> Result<(), Fault> {
    let keys = ChainKeys::new(signing_keys);
    let id = keys.current().id();
    let kept = database.run(sql("SELECT id, sealed FROM audit_keys WHERE id = ?1").bind(id)).await?.first::<Kept>()?;
    if kept.is_some_and(|kept| sealer.open(&kept.sealed, &place(id)).is_some()) {
        return Ok(());
    }
    let insert = sql("INSERT INTO audit_keys (id, sealed) VALUES (?1, ?2)
        ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed");
    let sealed = sealer.seal(&keys.current().encoded(), &place(id))?;
    database.run(insert.bind(id).bind(sealed)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{audit::chain::Head, crypto::seal::Purpose, platform::native::database::Sqlite};

    fn pair(seed: u8) -> KeyPair {
        KeyPair { current: Key::for_tests(seed), previous: None }
    }

    /// The link that the key of that seed makes, by what is known beside the key in use.
    fn link(database: &Sqlite, seed: u8, in_use: u8) -> Option<String> {
        let keys = block_on(all(database, &Sealer::new(&pair(7), Purpose::Tokens), &pair(in_use))).unwrap();
        keys.link(Key::for_tests(seed).id(), "audit/0", &Head::beginning(1), "{}")
    }

    #[test]
    fn a_link_is_known_after_the_key_that_it_depends_on_is_gone() {
        let (database, sealer) = (Sqlite::migrated(), Sealer::new(&pair(7), Purpose::Tokens));
        block_on(keep(&database, &sealer, &pair(1))).unwrap();
        assert_eq!(link(&database, 1, 2), link(&database, 1, 1));
        assert_eq!(link(&database, 3, 2), None);
    }

    #[test]
    fn a_key_that_somebody_else_put_there_is_none_and_is_replaced() {
        let (database, sealer) = (Sqlite::migrated(), Sealer::new(&pair(7), Purpose::Tokens));
        let forge = sql("INSERT INTO audit_keys (id, sealed) VALUES (?1, 'forged')").bind(Key::for_tests(1).id());
        block_on(database.batch(vec![forge])).unwrap();
        assert_eq!(link(&database, 1, 2), None);
        block_on(keep(&database, &sealer, &pair(1))).unwrap();
        assert!(link(&database, 1, 2).is_some());
    }
}
