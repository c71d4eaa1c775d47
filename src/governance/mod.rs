//! What may happen: which tools exist, whether a call may run, and the record of what did.

pub mod decision;
pub mod facts;
pub mod policy;
pub mod snapshot_cache;
pub mod stop;
pub mod tool_decisions;
