//! An administrator's decisions on tools.

use std::collections::HashMap;

use serde::Deserialize;

use super::decision::State;
use crate::{
    catalog::{self, operation::Operation},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
    postern::Postern,
};

/// A tool of the catalogue and what was decided of it.
pub struct Tool {
    pub operation: &'static Operation,
    pub state: State,
    /// The username of who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    state: State,
    definition_digest: String,
    decided_by: Option<String>,
    decided_at: Timestamp,
}

/// Every tool of the catalogue, in its order.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(postern: &Postern) -> Result<Vec<Tool>, Fault> {
    let rows = postern
        .platform
        .database
        .run(sql("SELECT tools.name, state, definition_digest, users.username AS decided_by, decided_at
             FROM tools LEFT JOIN users ON users.id = decided_by"))
        .await?
        .all::<Row>()?;
    let mut rows: HashMap<String, Row> = rows.into_iter().map(|row| (row.name.clone(), row)).collect();
    Ok(catalog::ALL
        .iter()
        .map(|operation| match rows.remove(operation.name) {
            Some(row)
                if row.state == State::Disabled || row.definition_digest == catalog::schema::digest(operation) =>
            {
                let decided = row.decided_by.map(|username| (username, row.decided_at));
                Tool { operation, state: row.state, decided }
            }
            _ => Tool { operation, state: State::Pending, decided: None },
        })
        .collect())
}

/// Decides on the present definition of a tool. Reaches every session within 5 seconds.
///
/// # Errors
/// Where the record cannot be written.
pub async fn decide(postern: &Postern, by: &UserId, operation: &Operation, state: State) -> Result<(), Fault> {
    write(postern, by, &[operation], state).await
}

/// Approves every tool that is pending; tells how many there were.
///
/// # Errors
/// Where the record cannot be written.
pub async fn approve_pending(postern: &Postern, by: &UserId) -> Result<usize, Fault> {
    let tools = list(postern).await?;
    let pending: Vec<&Operation> =
        tools.iter().filter(|tool| tool.state == State::Pending).map(|tool| tool.operation).collect();
    write(postern, by, &pending, State::Approved).await?;
    Ok(pending.len())
}

async fn write(postern: &Postern, by: &UserId, operations: &[&Operation], state: State) -> Result<(), Fault> {
    let now = postern.platform.clock.now();
    let mut statements: Vec<Statement> = operations
        .iter()
        .map(|operation| {
            sql("INSERT INTO tools (name, state, definition_digest, decided_by, decided_at) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (name) DO UPDATE SET state = excluded.state, definition_digest = excluded.definition_digest,
                     decided_by = excluded.decided_by, decided_at = excluded.decided_at")
            .bind(operation.name)
            .bind(state.name())
            .bind(catalog::schema::digest(operation))
            .bind(by)
            .bind(now)
        })
        .collect();
    statements.push(sql("UPDATE policy SET version = version + 1"));
    postern.platform.database.batch(statements).await.map(drop)
}
