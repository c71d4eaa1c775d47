//! The pages of administrators.

pub mod accounts;
pub mod audit;
pub mod clients;
mod filter;
pub mod locks;
pub mod notices;
pub mod people;
pub mod person;
pub mod policy;
pub(super) mod reason;
pub mod tokens;
pub mod tools;
