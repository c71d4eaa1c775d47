//! Every table of authenticated rows that outlive a rotation of the signing key, and their way from the previous key to
//! the current one: a batch with every sweep, until none is left. The others end by themselves before the previous key
//! does: browser sessions, authorization requests, codes.

use serde::Deserialize;

use crate::{
    crypto::authenticator::{Authenticator, Table},
    governance::{
        access_request::record::ACCESS_REQUESTS, locks::LOCKS, organisation_account::ORGANISATION_ACCOUNTS,
        policy::TOOLS, policy_revision::POLICY_REVISIONS, tool_policy::POLICY_SETTINGS,
    },
    platform::{
        Fault,
        database::Database,
        json,
        renewal::{self, Renewal},
    },
    session::authentic::{CLIENTS, GRANTS},
};

/// How many rows of a table one sweep authenticates anew.
const BATCH: i64 = 200;

struct Authenticated {
    table: &'static Table,
    mac: Renewal,
}

macro_rules! authenticated {
    ($table:expr, $name:literal, $live:literal) => {
        Authenticated {
            table: &$table,
            mac: Renewal {
                find: concat!(
                    "SELECT rowid AS number, * FROM ",
                    $name,
                    " WHERE substr(mac, 1, 9) = ?1 || '.' ORDER BY rowid LIMIT ?2"
                ),
                count: concat!("SELECT COUNT(*) AS count FROM ", $name, " WHERE substr(mac, 1, 9) = ?1 || '.'", $live),
                replace: concat!("UPDATE ", $name, " SET mac = ?3 WHERE rowid = ?1 AND mac = ?2"),
            },
        }
    };
}

const ALL: [Authenticated; 8] = [
    authenticated!(GRANTS, "grants", " AND revoked_at IS NULL"),
    authenticated!(CLIENTS, "clients", ""),
    authenticated!(TOOLS, "tools", ""),
    authenticated!(ORGANISATION_ACCOUNTS, "organisation_accounts", ""),
    authenticated!(POLICY_REVISIONS, "policy_revisions", ""),
    authenticated!(LOCKS, "locks", ""),
    authenticated!(POLICY_SETTINGS, "policy_settings", ""),
    authenticated!(ACCESS_REQUESTS, "access_requests", " AND state IN ('pending', 'granted')"),
];

#[derive(Deserialize)]
struct Found {
    number: i64,
    mac: String,
}

/// Authenticates a batch of every table anew that the previous key authenticated.
///
/// # Errors
/// Where the record failed: then the next sweep goes on.
pub async fn sweep(database: &dyn Database, authenticator: &Authenticator) -> Result<(), Fault> {
    let Some(previous) = authenticator.previous() else { return Ok(()) };
    for Authenticated { table, mac } in &ALL {
        let renew = |row: serde_json::Value| {
            let Some(anew) = authenticator.renewed(table, &row) else { return Ok(None) };
            let found: Found = json::from_value(row).map_err(|error| Fault::new("row", error))?;
            Ok(Some(mac.replace(found.number, &found.mac, anew)))
        };
        mac.sweep(database, previous, BATCH, renew).await?;
    }
    Ok(())
}

/// How many rows the key of that id has authenticated.
///
/// # Errors
/// Where the record failed.
pub async fn count(database: &dyn Database, key: &str) -> Result<i64, Fault> {
    renewal::count(ALL.iter().map(|authenticated| &authenticated.mac), database, key).await
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;

    use super::*;
    use crate::{
        authorization::testing::{House, error_of},
        crypto::key::Key,
        platform::database::sql,
        settings::{self, Settings},
    };

    fn rotate(house: &mut House, previous: Option<Key>) {
        let mut settings =
            Settings { signing_keys: house.context.settings.signing_keys.clone(), ..settings::for_tests() };
        settings.signing_keys.current = Key::for_tests(9);
        settings.signing_keys.previous = previous;
        house.context.settings = Rc::new(settings);
    }

    fn left(house: &House) -> i64 {
        let old = settings::for_tests().signing_keys.current;
        block_on(count(house.context.platform.database.as_ref(), old.id())).unwrap()
    }

    fn swept(house: &House) {
        block_on(sweep(house.context.platform.database.as_ref(), house.context.settings.authenticator())).unwrap();
    }

    #[test]
    fn what_the_previous_key_authenticated_lives_on_under_the_current_one() {
        let mut house = House::default();
        let service = house.enter("client_credentials", Some("secret"));
        house.refreshable();
        assert_eq!(left(&house), 2);
        let old = house.context.settings.signing_keys.current.clone();
        rotate(&mut house, Some(old));
        swept(&house);
        assert_eq!(left(&house), 0);
        rotate(&mut house, None);
        assert_eq!(house.token(&service, &[("grant_type", "client_credentials")]).status, 200);
    }

    #[test]
    fn a_forgery_is_not_made_good() {
        let mut house = House::default();
        let service = house.enter("client_credentials", Some("secret"));
        house.run(sql("UPDATE clients SET scope = 'read write admin'"));
        let old = house.context.settings.signing_keys.current.clone();
        rotate(&mut house, Some(old));
        swept(&house);
        let reply = house.token(&service, &[("grant_type", "client_credentials")]);
        assert_eq!(error_of(&reply), (401, "invalid_client".into()));
    }
}
