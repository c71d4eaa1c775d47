//! Our OAuth 2.1 authorization server and the check of its bearer tokens.

pub mod client_authentication;
pub mod clients;
pub mod endpoints;
pub mod grant_types;
pub mod grants;
pub mod limits;
pub mod locking;
pub mod tokens;

#[cfg(test)]
pub mod testing;
#[cfg(test)]
mod tests;

pub use tokens::principal;

use crate::platform::expiry::{DAY, Expiry};

/// Rows that refer to others come before them.
pub const EXPIRED: &[Expiry] = &[
    Expiry::at_once("DELETE FROM authorization_requests WHERE expires_at <= ?1"),
    // A second use is noticed for a day.
    Expiry::after(DAY, "DELETE FROM authorization_codes WHERE expires_at <= ?1"),
    Expiry::at_once("DELETE FROM used_assertions WHERE expires_at <= ?1"),
    Expiry::after(DAY.saturating_mul(30), "DELETE FROM grants WHERE expires_at <= ?1"),
    Expiry::after(DAY.saturating_mul(30), "DELETE FROM grants WHERE revoked_at <= ?1"),
    Expiry::at_once("DELETE FROM clients WHERE expires_at <= ?1"),
    // A client with a consent in the past and no grant left.
    Expiry::after(
        DAY.saturating_mul(90),
        "DELETE FROM clients
         WHERE used_at <= ?1 AND origin <> 'pre_registered' AND id NOT IN (SELECT client_id FROM grants)",
    ),
];
