//! Governance: which tools are approved, whether a call may run (authorization), and the record of those that did.

pub mod attributes;
pub mod decision;
pub mod facts;
pub mod policy;
pub mod snapshot_cache;
pub mod stop;
pub mod tool_decisions;
