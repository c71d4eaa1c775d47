//! A task: a call that waits for its approval, and is asked after until it has an answer (MCP's extension
//! `io.modelcontextprotocol/tasks`).

use serde_json::{Map, Value};

use crate::{mcp::messages::answer::LinkNeeded, platform::clock::Timestamp};

/// The name of the extension, among the capabilities of clients and servers.
pub const EXTENSION: &str = "io.modelcontextprotocol/tasks";

/// A task, and how far it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    /// Of the approval that it waits for.
    pub id: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub status: Status,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Status {
    /// Somebody has to decide on the call first.
    Waiting(LinkNeeded),
    /// The call is under way.
    Working,
    /// The call may be made, or was made, under the task's id as its idempotency key: its answer is that of the task.
    Ready { tool: String, arguments: Map<String, Value>, is_made: bool },
    /// The call was not done, for a reason that the model is told.
    NotDone(String),
    /// The call is not made any more.
    Cancelled(&'static str),
}
