//! D1 as the record.

use futures::{FutureExt, future::LocalBoxFuture};
use wasm_bindgen::JsValue;
use worker::{D1Database, D1Result, Env};

use super::fault;
use crate::platform::{
    Fault,
    database::{Database, Rows, Statement, Value},
};

pub(super) struct D1(D1Database);

impl D1 {
    pub(super) fn new(environment: &Env) -> Result<Self, Fault> {
        environment.d1("DB").map(Self).map_err(|error| fault("binding DB", error))
    }

    async fn run_all(&self, statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
        let prepared = statements
            .iter()
            .map(|statement| {
                let parameters: Vec<JsValue> = statement.parameters.iter().map(to_javascript).collect();
                self.0.prepare(statement.sql).bind(&parameters)
            })
            .collect::<worker::Result<Vec<_>>>()
            .map_err(|error| fault("database", error))?;
        let results = self.0.batch(prepared).await.map_err(|error| fault("database", error))?;
        results.iter().map(to_rows).collect()
    }
}

impl Database for D1 {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        self.run_all(statements).boxed_local()
    }
}

/// D1 refuses BigInt, so integers travel as doubles.
#[expect(clippy::cast_precision_loss, reason = "documented at Value::Integer: exact up to 2^53")]
pub(super) fn to_javascript(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        Value::Integer(number) => JsValue::from_f64(*number as f64),
        Value::Text(text) => JsValue::from_str(text),
    }
}

fn to_rows(result: &D1Result) -> Result<Rows, Fault> {
    if let Some(error) = result.error() {
        return Err(fault("database", error));
    }
    let rows = result.results().map_err(|error| fault("database", error))?;
    let meta = result.meta().map_err(|error| fault("database", error))?;
    let (changes, size) = meta.map(|meta| (meta.changes, meta.size_after)).unwrap_or_default();
    Ok(Rows { rows, changes: changes.unwrap_or_default() as u64, size: size.map(|bytes| bytes as u64) })
}
