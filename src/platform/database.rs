//! SQL in, rows out: the record (D1), and the row types that a Durable Object's own SQLite shares with it.

mod row;

use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

use super::{Fault, clock::Timestamp};

/// A value bound to a statement's `?1`, `?2`, …
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null,
    /// Exact up to 2^53, which covers milliseconds and counters: D1 binds numbers as doubles.
    Integer(i64),
    Text(String),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}
impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}
impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(flag.into())
    }
}
impl From<Timestamp> for Value {
    fn from(moment: Timestamp) -> Self {
        Self::Integer(moment.0)
    }
}
impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(option: Option<T>) -> Self {
        option.map_or(Self::Null, Into::into)
    }
}

/// A value of a row as it is stored: D1 gives whole numbers as doubles, which may come as such.
pub fn exact(value: &serde_json::Value) -> serde_json::Value {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers below 2^53")]
        serde_json::Value::Number(number) if number.is_f64() => (number.as_f64().unwrap_or_default() as i64).into(),
        other => other.clone(),
    }
}

/// One SQL statement and its parameters. The SQL is always a literal of ours: values are bound, never spliced.
#[derive(Debug, Clone)]
pub struct Statement {
    pub sql: &'static str,
    pub parameters: Vec<Value>,
}

/// Starts a statement: `sql("SELECT … WHERE id = ?1").bind(&id)`.
pub const fn sql(sql: &'static str) -> Statement {
    Statement { sql, parameters: Vec::new() }
}

impl Statement {
    /// Binds the next parameter.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.parameters.push(value.into());
        self
    }
}

/// What one statement returned.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    /// Each row as an object of column name to value.
    pub rows: Vec<serde_json::Value>,
    /// How many rows an INSERT, UPDATE or DELETE changed.
    pub changes: u64,
    /// How many bytes the whole database holds after it, where that is told.
    pub size: Option<u64>,
}

impl Rows {
    /// Every row as a `T`.
    ///
    /// # Errors
    /// Where a row does not have the shape of `T`.
    pub fn all<T: DeserializeOwned>(self) -> Result<Vec<T>, Fault> {
        let mut all = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            all.push(row::read(row)?);
        }
        Ok(all)
    }

    /// Every row as an `A` and a `B`, each of which takes its own columns. As `#[serde(flatten)]` would, in much less code.
    ///
    /// # Errors
    /// Where a row does not have the shapes of both.
    pub fn pairs<A: DeserializeOwned, B: DeserializeOwned>(self) -> Result<Vec<(A, B)>, Fault> {
        Ok(self.clone().all()?.into_iter().zip(self.all()?).collect())
    }

    /// The first row as a `T`, if there is one.
    ///
    /// # Errors
    /// Where the row does not have the shape of `T`.
    pub fn first<T: DeserializeOwned>(self) -> Result<Option<T>, Fault> {
        self.rows.into_iter().next().map(row::read).transpose()
    }
}

/// The record: D1 in production, SQLite in tests.
pub trait Database {
    /// Runs the statements in order in one transaction: all of them take effect or none.
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>>;
}

impl dyn Database + '_ {
    /// Runs one statement.
    ///
    /// # Errors
    /// Where the database could not run it.
    pub async fn run(&self, statement: Statement) -> Result<Rows, Fault> {
        let mut results = self.batch(vec![statement]).await?;
        results.pop().ok_or_else(|| Fault::new("database", "a statement returned no result"))
    }
}
