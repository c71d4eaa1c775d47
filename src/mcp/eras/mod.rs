//! The two eras of the protocol: which one a message belongs to, and how each answers.

mod envelope;
pub mod legacy;
pub mod modern;
pub mod routing;
mod session_id;
mod subscriptions;
mod tasks;
