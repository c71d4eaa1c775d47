//! A Durable Object's SQLite.

use futures::{FutureExt, future::LocalBoxFuture};
use worker::{ScheduledTime, SqlStorageValue, State, Storage};

use super::fault;
use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{Rows, Statement, Value},
    object::ObjectStorage,
};

pub struct DurableStorage {
    sql: worker::SqlStorage,
    storage: Storage,
}

impl DurableStorage {
    pub fn new(state: &State) -> Self {
        Self { sql: state.storage().sql(), storage: state.storage() }
    }
}

impl ObjectStorage for DurableStorage {
    fn run(&self, statement: Statement) -> Result<Rows, Fault> {
        let parameters = statement
            .parameters
            .into_iter()
            .map(|value| match value {
                Value::Null => SqlStorageValue::Null,
                Value::Integer(number) => SqlStorageValue::Integer(number),
                Value::Text(text) => SqlStorageValue::String(text),
            })
            .collect::<Vec<_>>();
        let cursor = self.sql.exec(statement.sql, Some(parameters)).map_err(|error| fault("session storage", error))?;
        let rows = cursor.to_array().map_err(|error| fault("session storage", error))?;
        Ok(Rows { rows, changes: cursor.rows_written() as u64, size: None })
    }

    fn run_script(&self, script: &'static str) -> Result<(), Fault> {
        self.sql.exec(script, None).map(drop).map_err(|error| fault("session storage", error))
    }

    fn wake_at(&self, moment: Timestamp) -> LocalBoxFuture<'_, Result<(), Fault>> {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are exact in a double")]
        let date = js_sys::Date::new(&(moment.0 as f64).into());
        async move { self.storage.set_alarm(ScheduledTime::new(date)).await.map_err(|error| fault("alarm", error)) }
            .boxed_local()
    }
}
