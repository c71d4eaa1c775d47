//! Proof that what a store gives back is what we put there. Whoever can write to the record or to the cache, and holds
//! no key of ours, can break what is there, but neither make up nor re-point it.
//!
//! Two things are needed for that. A credential is kept as a keyed hash, so that nobody can put the hash of one of their
//! own. And a row that admits something carries an authentication over every column that decides what and whom, so that
//! none of them can be changed, and no row be put together from others.

use serde_json::Value;

use super::{
    digest,
    key::{Key, KeyPair},
};
use crate::platform::{
    database::{self, Rows},
    log::{self, Level},
};

/// A table whose rows are authenticated, in their column `mac`.
#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    /// What the authentication is over, in this order: the row's key, and whatever decides what it admits.
    pub columns: &'static [&'static str],
}

/// The keys of one operator's key.
struct Live {
    id: String,
    credentials: Key,
    rows: Key,
    cached: Key,
}

impl Live {
    fn new(key: &Key) -> Self {
        Self {
            id: key.id().to_owned(),
            credentials: key.derive("hash of a credential"),
            rows: key.derive("row of the record"),
            cached: key.derive("value of the cache"),
        }
    }

    fn row(&self, table: &Table, values: &[Value]) -> String {
        let values = Value::from(values.to_vec()).to_string();
        format!("{}.{}", self.id, digest::authenticate(&self.rows, &[table.name, &values]))
    }
}

/// Authenticates with the current signing key; accepts either.
pub struct Authenticator {
    current: Live,
    previous: Option<Live>,
}

impl Authenticator {
    pub fn new(signing_keys: &KeyPair) -> Self {
        Self { current: Live::new(&signing_keys.current), previous: signing_keys.previous.as_ref().map(Live::new) }
    }

    fn live(&self) -> impl Iterator<Item = &Live> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// How a credential is kept. `kind` says what it is one of, as the table that keeps it.
    pub fn hash(&self, kind: &str, credential: &str) -> String {
        digest::authenticate(&self.current.credentials, &[kind, credential])
    }

    /// What a credential may be kept as: by the current key, and by the previous one, which is the current one where
    /// there is no other. To look it up: `IN (?1, ?2)`.
    pub fn hashes(&self, kind: &str, credential: &str) -> [String; 2] {
        let previous = self.previous.as_ref().unwrap_or(&self.current);
        [self.hash(kind, credential), digest::authenticate(&previous.credentials, &[kind, credential])]
    }

    /// The authentication of a row that has these values in the columns of its table: `<key id>.<HMAC-SHA-256>`.
    pub fn row(&self, table: &Table, values: &[Value]) -> String {
        self.current.row(table, values)
    }

    /// Whether a row that has these values in the columns of its table is one that we wrote.
    pub fn is_row(&self, table: &Table, values: &[Value], mac: Option<&str>) -> bool {
        mac.is_some_and(|mac| self.live().any(|key| digest::equal(&key.row(table, values), mac)))
    }

    /// Whether a row, an object of column name to value, is one that we wrote.
    pub fn is_authentic(&self, table: &Table, row: &Value) -> bool {
        self.is_row(table, &values(table, row), row.get("mac").and_then(Value::as_str))
    }

    /// Those of the rows that are authentic. Others are as if they were not there; the log says that they are.
    #[must_use]
    pub fn authentic(&self, table: &Table, rows: Rows) -> Rows {
        self.authentic_or(table, rows, |_| false)
    }

    /// The same, with those that need no authentication because nobody gains by them.
    #[must_use]
    pub fn authentic_or(&self, table: &Table, mut rows: Rows, harmless: impl Fn(&Value) -> bool) -> Rows {
        rows.rows.retain(|row| {
            let is_ours = harmless(row) || self.is_authentic(table, row);
            if !is_ours {
                let key = table.columns.first().and_then(|column| row.get(column)).cloned().unwrap_or_default();
                let fields = [("table", table.name.into()), ("row", key)];
                log::write(Level::Error, "a row of the record is not authentic", &fields);
            }
            is_ours
        });
        rows
    }

    /// The authentication of a row by the current key, where it is authentic; to bring it from the previous one.
    pub fn renewed(&self, table: &Table, row: &Value) -> Option<String> {
        self.is_authentic(table, row).then(|| self.row(table, &values(table, row)))
    }

    /// The id of the previous key, while there is one.
    pub fn previous(&self) -> Option<&str> {
        self.previous.as_ref().map(|key| key.id.as_str())
    }

    /// The authentication of a value that is cached at `key`.
    pub fn cached(&self, key: &str, value: &str) -> String {
        digest::authenticate(&self.current.cached, &[key, value])
    }

    /// Whether a value was cached at `key` with that authentication.
    pub fn is_cached(&self, key: &str, value: &str, given: &str) -> bool {
        self.live().any(|live| digest::equal(&digest::authenticate(&live.cached, &[key, value]), given))
    }
}

/// The values that the authentication of a row is over.
fn values(table: &Table, row: &Value) -> Vec<Value> {
    table.columns.iter().map(|column| row.get(column).map(database::exact).unwrap_or_default()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TABLE: Table = Table { name: "grants", columns: &["id", "user_id", "created_at"] };

    fn authenticator(current: u8, previous: Option<u8>) -> Authenticator {
        Authenticator::new(&KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) })
    }

    fn row() -> Value {
        let mac = authenticator(1, None).row(&TABLE, &[json!("g"), json!("u"), json!(5)]);
        json!({ "id": "g", "user_id": "u", "created_at": 5, "mac": mac, "used_at": 7 })
    }

    fn changed(column: &str, value: Value) -> Value {
        let mut row = row();
        row[column] = value;
        row
    }

    #[test]
    fn a_row_is_authentic_as_long_as_nothing_that_matters_is_changed() {
        let authenticator = authenticator(1, None);
        assert!(authenticator.is_authentic(&TABLE, &row()));
        assert!(authenticator.is_authentic(&TABLE, &changed("used_at", json!(8))));
        assert!(authenticator.is_authentic(&TABLE, &changed("created_at", json!(5.0))));
        for (column, value) in [
            ("id", json!("h")),
            ("user_id", json!("v")),
            ("user_id", Value::Null),
            ("created_at", json!(6)),
            ("created_at", json!("5")),
            ("mac", json!("")),
            ("mac", Value::Null),
        ] {
            assert!(!authenticator.is_authentic(&TABLE, &changed(column, value.clone())), "{column} = {value}");
        }
    }

    #[test]
    fn a_row_without_authentication_is_none() {
        assert!(!authenticator(1, None).is_authentic(&TABLE, &json!({ "id": "g", "user_id": "u", "created_at": 5 })));
    }

    #[test]
    fn a_row_of_another_table_is_none() {
        let other = Table { name: "codes", columns: TABLE.columns };
        assert!(!authenticator(1, None).is_authentic(&other, &row()));
    }

    #[test]
    fn where_a_value_ends_matters() {
        let authenticator = authenticator(1, None);
        let one = authenticator.row(&TABLE, &[json!("a\",\"b"), json!("c")]);
        assert_ne!(one, authenticator.row(&TABLE, &[json!("a"), json!("b\",\"c")]));
    }

    #[test]
    fn what_the_previous_key_authenticated_is_accepted_and_renewed() {
        let (rotated, forgotten) = (authenticator(2, Some(1)), authenticator(2, None));
        assert!(rotated.is_authentic(&TABLE, &row()) && !forgotten.is_authentic(&TABLE, &row()));
        let renewed = rotated.renewed(&TABLE, &row()).unwrap();
        assert!(forgotten.is_authentic(&TABLE, &changed("mac", renewed.into())));
        assert_eq!(rotated.renewed(&TABLE, &changed("user_id", json!("v"))), None, "a forgery is not made good");
    }

    #[test]
    fn a_credential_is_found_by_either_key_and_as_its_own_kind_alone() {
        let kept = authenticator(1, None).hash("session", "token");
        assert!(authenticator(2, Some(1)).hashes("session", "token").contains(&kept));
        assert!(!authenticator(2, None).hashes("session", "token").contains(&kept));
        assert!(!authenticator(1, None).hashes("code", "token").contains(&kept));
        assert_ne!(kept, digest::sha256("token"));
    }

    #[test]
    fn a_cached_value_belongs_to_its_key() {
        let mac = authenticator(1, None).cached("key", "value");
        assert!(authenticator(2, Some(1)).is_cached("key", "value", &mac));
        assert!(!authenticator(1, None).is_cached("other", "value", &mac));
        assert!(!authenticator(1, None).is_cached("key", "other", &mac));
    }
}
