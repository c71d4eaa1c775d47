//! Which keys are live and what still depends on the previous ones, on record for whoever replaces one: `cargo xtask rotate`.

use serde::Deserialize;

use super::authentications;
use crate::{
    audit::{self, Kind},
    connections::sealed_columns,
    context::Context,
    crypto::key::KeyPair,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
};

/// Puts the live keys on record, and of the previous ones what of the record would be lost with them.
///
/// # Errors
/// Where the record failed.
pub async fn record(context: &Context) -> Result<(), Fault> {
    let (database, now) = (context.platform.database.as_ref(), context.platform.clock.now());
    let mut statements = Vec::new();
    for key in ids(&context.settings.sealing_keys) {
        let sealed = if key.is_current { 0 } else { sealed_columns::count(database, key.id).await? };
        statements.push(live("sealing", key, sealed, now));
    }
    for key in ids(&context.settings.signing_keys) {
        let rows = if key.is_current { 0 } else { authentications::count(database, key.id).await? };
        statements.push(live("signing", key, rows, now));
    }
    statements.push(sql("DELETE FROM keys WHERE checked_at < ?1").bind(now));
    let recorded = sql("SELECT purpose, id FROM keys ORDER BY purpose, is_current DESC, id");
    let before = database.run(recorded.clone()).await?.all::<Recorded>()?;
    statements.push(recorded);
    let after = database.batch(statements).await?.pop().unwrap_or_default().all::<Recorded>()?;
    let events = ["sealing", "signing"].into_iter().filter_map(|purpose| {
        let (before, after) = (of_purpose(&before, purpose), of_purpose(&after, purpose));
        // What is found at first has replaced nothing.
        let is_rotated = !before.is_empty() && before != after;
        is_rotated.then(|| audit::event(context, Kind::KeysRotated).target(purpose).changing(&before, &after))
    });
    audit::record_all(context, events.collect()).await;
    Ok(())
}

#[derive(Deserialize)]
struct Recorded {
    purpose: String,
    id: String,
}

/// The ids of the keys for that purpose, the current one first.
fn of_purpose(keys: &[Recorded], purpose: &str) -> String {
    let ids = keys.iter().filter(|key| key.purpose == purpose).map(|key| key.id.as_str());
    ids.collect::<Vec<_>>().join(" ")
}

/// Puts one key on record, on which so many sealed values depend. On a signing key grants depend: each on that of the
/// oldest refresh token that it accepts. One that is not known counts as the previous key's.
fn live(purpose: &'static str, key: Live<'_>, sealed: i64, now: Timestamp) -> Statement {
    sql("INSERT INTO keys (purpose, id, is_current, since, dependents, checked_at)
        SELECT ?1, ?2, ?3, ?4, ?5 + COUNT(*), ?4 FROM grants
            WHERE ?1 = 'signing' AND NOT ?3 AND signing_key IN (?2, 'unknown')
                AND revoked_at IS NULL AND expires_at > ?4
        ON CONFLICT (purpose, id) DO UPDATE SET checked_at = excluded.checked_at,
            dependents = excluded.dependents, is_current = excluded.is_current,
            since = CASE is_current WHEN excluded.is_current THEN since ELSE excluded.since END")
    .bind(purpose)
    .bind(key.id)
    .bind(key.is_current)
    .bind(now)
    .bind(sealed)
}

struct Live<'a> {
    id: &'a str,
    is_current: bool,
}

fn ids(keys: &KeyPair) -> impl Iterator<Item = Live<'_>> {
    let current = Live { id: keys.current.id(), is_current: true };
    let previous = keys.previous.as_ref().map(|key| Live { id: key.id(), is_current: false });
    std::iter::once(current).chain(previous)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;

    use super::authentications;
    use super::*;
    use crate::{
        authorization::testing::{House, text},
        crypto::key::Key,
        settings,
    };

    /// Purpose, whether current, and dependents of every key on record.
    fn on_record(house: &House) -> Vec<(String, bool, i64)> {
        let authenticator = house.context.settings.authenticator();
        block_on(authentications::sweep(house.context.platform.database.as_ref(), authenticator)).unwrap();
        block_on(record(&house.context)).unwrap();
        let rows = house.run(sql("SELECT purpose, is_current, dependents FROM keys ORDER BY purpose, is_current"));
        let key = |row: &serde_json::Value| {
            (text(row, "purpose"), row["is_current"] == 1, row["dependents"].as_i64().unwrap())
        };
        rows.iter().map(key).collect()
    }

    fn replace_signing_key(house: &mut House) {
        let mut settings = settings::for_tests();
        let old = std::mem::replace(&mut settings.signing_keys.current, Key::for_tests(9));
        settings.signing_keys.previous = Some(old);
        house.context.settings = Rc::new(settings);
    }

    #[test]
    fn a_grant_depends_on_the_key_of_the_oldest_refresh_token_it_accepts() {
        let mut house = House::default();
        let (client, first) = house.refreshable();
        assert_eq!(on_record(&house), [("sealing".into(), true, 0), ("signing".into(), true, 0)]);
        replace_signing_key(&mut house);
        let dependents = |house: &House| on_record(house).into_iter().skip(1).map(|key| key.2).collect::<Vec<_>>();
        assert_eq!(dependents(&house), [1, 0]);
        let second = text(&crate::authorization::testing::json_of(&house.refresh(&client, &first)), "refresh_token");
        assert_eq!(dependents(&house), [1, 0], "its answer may be lost");
        let third = text(&crate::authorization::testing::json_of(&house.refresh(&client, &second)), "refresh_token");
        assert_eq!(dependents(&house), [1, 0], "another window may still come with the first");
        house.wait(30 * 60 + 1);
        house.refresh(&client, &third);
        assert_eq!(dependents(&house), [0, 0]);
    }

    #[test]
    fn a_grant_that_is_over_depends_on_nothing() {
        let mut house = House::default();
        house.refreshable();
        replace_signing_key(&mut house);
        house.run(sql("UPDATE grants SET revoked_at = 1"));
        assert_eq!(on_record(&house)[1], ("signing".into(), false, 0));
    }

    #[test]
    fn a_key_is_known_since_it_took_its_present_part() {
        let mut house = House::default();
        on_record(&house);
        house.wait(60);
        on_record(&house);
        assert_eq!(house.number("SELECT MAX(checked_at - since) AS n FROM keys"), 60_000);
        replace_signing_key(&mut house);
        on_record(&house);
        assert_eq!(house.number("SELECT MAX(checked_at - since) AS n FROM keys WHERE purpose = 'signing'"), 0);
    }

    #[test]
    fn a_key_that_is_gone_is_forgotten() {
        let mut house = House::default();
        on_record(&house);
        house.wait(1);
        let mut settings = settings::for_tests();
        settings.signing_keys.current = Key::for_tests(9);
        house.context.settings = Rc::new(settings);
        assert_eq!(on_record(&house).len(), 2);
    }
}
