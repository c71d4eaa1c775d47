//! Accounts at the providers: people's own, with the OAuth dance, the vault that keeps the tokens, the refresh; and the
//! credential of the organisation's.

pub mod accounts;
pub mod attempt;
pub mod credential_test;
pub mod elicitation;
pub mod granted_sites;
pub mod oauth;
pub mod revocation;
pub mod sealed_columns;
pub mod shared_credential;
pub mod vault;

use crate::platform::expiry::{DAY, Expiry};

pub const EXPIRED: &[Expiry] = &[
    Expiry::at_once("DELETE FROM connection_attempts WHERE expires_at <= ?1"),
    Expiry::after(DAY, "DELETE FROM elicitations WHERE expires_at <= ?1"),
];
