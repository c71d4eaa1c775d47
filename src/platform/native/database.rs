//! SQLite as the record and as an object's storage, with the real SQL.

use std::cell::{Cell, RefCell};

use futures::{FutureExt, future::LocalBoxFuture};
use rusqlite::{Connection, limits::Limit, types::ValueRef};
use serde_json::{Map, Value as Json};

use crate::platform::{
    Fault,
    clock::Timestamp,
    database::{Database, Rows, Statement, Value},
    object::ObjectStorage,
};

/// How many queries the runtime's SQLite joins by UNION, of an object and of D1.
const MOST_QUERIES_JOINED: i32 = 5;

pub struct Sqlite {
    connection: RefCell<Connection>,
    /// When an object asked to be woken.
    pub alarm: Cell<Option<Timestamp>>,
}

impl Sqlite {
    /// An empty one, as a new Durable Object has.
    pub fn empty() -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.set_limit(Limit::SQLITE_LIMIT_COMPOUND_SELECT, MOST_QUERIES_JOINED).unwrap();
        Self { connection: RefCell::new(connection), alarm: Cell::new(None) }
    }

    /// How many rows were written so far.
    pub fn changes(&self) -> u64 {
        self.connection.borrow().total_changes()
    }

    /// How SQLite would run a statement, step by step.
    pub fn plan(&self, statement: &str) -> Vec<String> {
        let connection = self.connection.borrow();
        let mut explained = connection.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        let mut steps = explained.raw_query();
        let mut details = Vec::new();
        while let Some(step) = steps.next().unwrap() {
            details.push(step.get("detail").unwrap());
        }
        details
    }

    /// With every file of `migrations/` applied.
    pub fn migrated() -> Self {
        let sqlite = Self::empty();
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            files.filter(|file| file.extension().is_some_and(|extension| extension == "sql")).collect();
        files.sort();
        for file in files {
            sqlite.connection.borrow().execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
        }
        sqlite
    }
}

fn run(connection: &Connection, statement: &Statement) -> Result<Rows, Fault> {
    let fault = |error: rusqlite::Error| Fault::new("database", error);
    let mut prepared = connection.prepare(statement.sql).map_err(fault)?;
    let names: Vec<String> = prepared.column_names().into_iter().map(str::to_owned).collect();
    let parameters = rusqlite::params_from_iter(statement.parameters.iter().map(|value| match value {
        Value::Null => rusqlite::types::Value::Null,
        Value::Integer(number) => rusqlite::types::Value::Integer(*number),
        Value::Text(text) => rusqlite::types::Value::Text(text.clone()),
    }));
    let before = connection.total_changes();
    let mut cursor = prepared.query(parameters).map_err(fault)?;
    let mut rows = Vec::new();
    while let Some(row) = cursor.next().map_err(fault)? {
        let mut object = Map::new();
        for (index, name) in names.iter().enumerate() {
            let value = match row.get_ref(index).map_err(fault)? {
                ValueRef::Null | ValueRef::Blob(_) => Json::Null,
                ValueRef::Integer(number) => number.into(),
                ValueRef::Real(number) => number.into(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned().into(),
            };
            object.insert(name.clone(), value);
        }
        rows.push(Json::Object(object));
    }
    drop(cursor);
    Ok(Rows { rows, changes: connection.total_changes() - before, size: None })
}

impl Database for Sqlite {
    fn batch(&self, statements: Vec<Statement>) -> LocalBoxFuture<'_, Result<Vec<Rows>, Fault>> {
        async move {
            let mut connection = self.connection.borrow_mut();
            let transaction = connection.transaction().map_err(|error| Fault::new("database", error))?;
            let results =
                statements.iter().map(|statement| run(&transaction, statement)).collect::<Result<Vec<_>, _>>()?;
            transaction.commit().map_err(|error| Fault::new("database", error))?;
            Ok(results)
        }
        .boxed_local()
    }
}

impl ObjectStorage for Sqlite {
    fn run(&self, statement: Statement) -> Result<Rows, Fault> {
        run(&self.connection.borrow(), &statement)
    }

    fn run_script(&self, script: &'static str) -> Result<(), Fault> {
        self.connection.borrow().execute_batch(script).map_err(|error| Fault::new("database", error))
    }

    fn wake_at(&self, moment: Timestamp) -> LocalBoxFuture<'_, Result<(), Fault>> {
        self.alarm.set(Some(moment));
        async { Ok(()) }.boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use crate::platform::native::generated_files::assert_current;

    use super::*;

    /// What SQLite knows of every table and index, tables by name and each with its indexes.
    fn schema() -> String {
        let sqlite = Sqlite::migrated();
        let query = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            ORDER BY tbl_name, type = 'index', name";
        let connection = sqlite.connection.borrow();
        let mut prepared = connection.prepare(query).unwrap();
        let statements = prepared.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let head =
            "-- What all of migrations/ together yield. Written by `cargo xtask generate`; never applied.\n".to_owned();
        statements.fold(head, |text, statement| format!("{text}\n{};\n", statement.unwrap()))
    }

    #[test]
    fn the_schema_on_file_is_up_to_date() {
        assert_current("docs/schema.sql", &schema());
    }
}
