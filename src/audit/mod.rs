//! The audit log: what happened, who did it, and how it ended.
//!
//! An event is made where it happens ([`event`]). The isolate gathers events over all the people it serves ([`gather`])
//! and appends them to one of a few `AuditLog` objects ([`log`]), where they are durable when the append returns. The
//! object moves them on to the database in batches ([`store`]), where administrators search them ([`search`]). On the way each
//! gets a number and a link to its predecessor ([`chain`]); checkpoints say how far that came ([`checkpoint`]),
//! and by both a log is verified ([`verification`], and [`verification_steps`] over the stores), or single events of it
//! ([`proof`]).

mod admissions;
pub mod alike_calls;
pub mod carry_over;
pub mod chain;
pub mod chain_keys;
pub mod checkpoint;
mod checkpoint_bucket;
pub mod controls;
pub mod delivery;
pub mod event;
pub mod export;
pub mod feed;
pub mod gather;
pub mod kind;
mod ledger;
pub mod log;
mod narrative;
pub mod notable;
mod ocsf;
pub mod proof;
mod repeats;
pub mod retention;
mod row;
pub mod search;
pub mod segment;
pub mod segment_store;
mod shard;
pub mod statistics;
pub mod store;
pub mod story;
#[cfg(test)]
pub mod testing;
pub mod verification;
pub mod verification_steps;
pub mod zip;

pub use event::{Call, Event, Phase, next_part};
pub use gather::{event, gather, give_back, hand_on, record, record_after_response, record_all};
pub use kind::{Kind, Outcome};
