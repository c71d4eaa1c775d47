//! Notices: webhooks that are told of what needs people. What there is to tell is read off the audit log, so that nothing is
//! told that is not on record, nothing is left out where a receiver is down for a while, and nobody waits for one.
//!
//! [`message`] says what is told, and [`signature`] proves that it is ours; both are pure. [`endpoints`] keeps where it goes,
//! [`delivery`] sends.

pub mod delivery;
pub mod endpoints;
pub mod message;
mod signature;
