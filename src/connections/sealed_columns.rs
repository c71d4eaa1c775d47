//! Every column of the record that holds sealed values, and their way from the previous sealing key to the current one:
//! where they are used, and a batch with every sweep, until none is left.

use serde::Deserialize;

use crate::{
    crypto::seal::{Purpose, Sealer, Sealers},
    identifiers::UserId,
    platform::{
        Fault,
        database::{Database, Statement},
        log::{self, Level},
        renewal::{self, Renewal},
    },
    providers::Site,
};

/// The place that a sealed value of somebody's connection is bound to.
pub(super) fn connection_place(user: &UserId, site: Site, column: &str) -> String {
    format!("connections/{user}/{}/{column}", site.token_site())
}

/// How many values of a column one sweep seals anew.
const BATCH: i64 = 100;

/// A column of sealed values.
pub struct Column {
    table: &'static str,
    name: &'static str,
    purpose: Purpose,
    renewal: Renewal,
}

/// What names a row in the place that its values are bound to is an SQL expression.
macro_rules! column {
    ($table:literal, $row:literal, $name:literal, $purpose:ident) => {
        Column {
            table: $table,
            name: $name,
            purpose: Purpose::$purpose,
            renewal: Renewal {
                find: concat!(
                    "SELECT rowid AS number, ",
                    $row,
                    " AS row, ",
                    $name,
                    " AS sealed FROM ",
                    $table,
                    " WHERE substr(",
                    $name,
                    ", 1, 12) = 'v2.' || ?1 || '.' ORDER BY rowid LIMIT ?2"
                ),
                count: concat!(
                    "SELECT COUNT(*) AS count FROM ",
                    $table,
                    " WHERE substr(",
                    $name,
                    ", 1, 12) = 'v2.' || ?1 || '.'"
                ),
                replace: concat!("UPDATE ", $table, " SET ", $name, " = ?3 WHERE rowid = ?1 AND ", $name, " = ?2"),
            },
        }
    };
}

/// Of [`super::vault`].
pub const ACCESS_TOKEN: Column = column!("connections", "user_id || '/' || provider", "access_token", Tokens);
pub const REFRESH_TOKEN: Column = column!("connections", "user_id || '/' || provider", "refresh_token", Tokens);
/// At which sites of one consent an account is used.
pub const SITES: Column = column!("connections", "user_id || '/' || provider", "sites", Tokens);
/// Of the identity provider, which is asked about a person with it.
const STANDING: Column = column!("standings", "user_id", "refresh_token", Tokens);
/// Of [`super::shared_credential`].
const SHARED: Column = column!("organisation_accounts", "site", "credential", Tokens);
/// Of approvals of single calls: their arguments, and what approvers were shown.
const APPROVAL: Column = column!("approvals", "id", "contents", Approvals);
/// Of [`crate::audit::chain_keys`].
const CHAIN_KEY: Column = column!("audit_keys", "id", "sealed", Tokens);

/// Of notices: where they go, and the secrets that sign them.
const NOTICE_ENDPOINT: Column = column!("notice_endpoints", "id", "contents", Tokens);

/// All of them.
const COLUMNS: [Column; 8] =
    [ACCESS_TOKEN, REFRESH_TOKEN, SITES, STANDING, SHARED, APPROVAL, CHAIN_KEY, NOTICE_ENDPOINT];

/// A sealed value of a column.
#[derive(Deserialize)]
pub struct Found {
    pub number: i64,
    /// What names its row in its place.
    pub row: String,
    pub sealed: String,
}

impl Column {
    /// The place that a sealed value of this row is bound to.
    fn place(&self, row: &str) -> String {
        format!("{}/{row}/{}", self.table, self.name)
    }

    /// The statement that seals a value anew; `None` where the current key sealed it, or it does not open.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn renew(&self, sealer: &Sealer, found: &Found) -> Result<Option<Statement>, Fault> {
        if !sealer.is_previous(&found.sealed) {
            return Ok(None);
        }
        let place = self.place(&found.row);
        let Some(plaintext) = sealer.open(&found.sealed, &place) else {
            let fields =
                [("table", self.table.into()), ("column", self.name.into()), ("row", found.row.as_str().into())];
            log::write(Level::Error, "a sealed value does not open", &fields);
            return Ok(None);
        };
        let anew = sealer.seal(plaintext.expose(), &place)?;
        Ok(Some(self.renewal.replace(found.number, &found.sealed, anew)))
    }
}

/// Seals a batch of every column anew that the previous key sealed.
///
/// # Errors
/// Where the record failed: then the next sweep goes on.
pub async fn sweep(database: &dyn Database, sealers: &Sealers) -> Result<(), Fault> {
    for column in &COLUMNS {
        let sealer = sealers.of(column.purpose);
        let Some(previous) = sealer.previous() else { return Ok(()) };
        let renew = |found: Found| column.renew(sealer, &found);
        column.renewal.sweep(database, previous, BATCH, renew).await?;
    }
    Ok(())
}

/// How many values the key of that id has sealed.
///
/// # Errors
/// Where the record failed.
pub async fn count(database: &dyn Database, key: &str) -> Result<i64, Fault> {
    renewal::count(COLUMNS.iter().map(|column| &column.renewal), database, key).await
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        crypto::key::{Key, KeyPair},
        platform::{database::sql, native::database::Sqlite},
    };

    fn sealers(current: u8, previous: Option<u8>) -> Sealers {
        Sealers::new(&KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) })
    }

    fn sealer(current: u8) -> Sealer {
        sealers(current, None).of(Purpose::Tokens).clone()
    }

    /// A record with that many connections, sealed with key 1.
    fn record(connections: i64) -> Sqlite {
        let record = Sqlite::migrated();
        let run = |statement| block_on((&record as &dyn Database).run(statement)).unwrap();
        for number in 0..connections {
            let user = format!("u{number}");
            let seal = |column| sealer(1).seal(column, &format!("connections/{user}/bitbucket/{column}")).unwrap();
            run(sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES (?1, 'i', ?1, ?1, ?1, NULL, '[]', 0, 0, NULL)").bind(&user));
            run(sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                     refresh_token, expires_at, version, state, created_at, updated_at)
                 VALUES (?1, 'bitbucket', 'a', 'a', '', ?2, ?3, 0, 1, 'connected', 0, 0)")
            .bind(&user)
            .bind(seal("access_token"))
            .bind(seal("refresh_token")));
        }
        record
    }

    fn left(record: &Sqlite) -> i64 {
        block_on(count(record, Key::for_tests(1).id())).unwrap()
    }

    #[test]
    fn sweeps_seal_everything_anew_a_batch_at_a_time() {
        let record = record(BATCH + 1);
        assert_eq!(left(&record), 2 * (BATCH + 1));
        block_on(sweep(&record, &sealers(2, Some(1)))).unwrap();
        assert_eq!(left(&record), 2);
        block_on(sweep(&record, &sealers(2, Some(1)))).unwrap();
        assert_eq!(left(&record), 0);
        let rows =
            block_on((&record as &dyn Database).run(sql(COLUMNS[0].renewal.find).bind(Key::for_tests(2).id()).bind(1)));
        let found: Found = rows.unwrap().first().unwrap().unwrap();
        let opened = sealer(2).open(&found.sealed, &COLUMNS[0].place(&found.row)).unwrap();
        assert_eq!(opened.expose(), "access_token");
    }

    #[test]
    fn without_a_previous_key_nothing_is_touched() {
        let record = record(1);
        block_on(sweep(&record, &sealers(2, None))).unwrap();
        assert_eq!(left(&record), 2);
    }

    #[test]
    fn a_value_that_does_not_open_stays_as_it_is_and_keeps_nothing_up() {
        let record = record(2);
        let moved = sql("UPDATE connections SET access_token = refresh_token WHERE user_id = 'u0'");
        block_on((&record as &dyn Database).run(moved)).unwrap();
        block_on(sweep(&record, &sealers(2, Some(1)))).unwrap();
        assert_eq!(left(&record), 1);
    }

    /// Whoever adds a sealed column adds it to the table: the migrations say which those are.
    #[test]
    fn every_column_that_the_migrations_call_sealed_is_walked() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files =
            std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let text: String = files.collect();
        let commented = text.lines().filter(|line| line.contains("-- sealed")).count();
        assert_eq!(commented, COLUMNS.len() + 1, "one more: sign_ins.code_verifier, which is no longer there");
    }
}
