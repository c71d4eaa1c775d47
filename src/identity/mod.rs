//! Who the person is: sign-in through the identity provider, roles from its claims, the browser session.

pub mod administration_token;
pub mod backchannel_logout;
pub mod browser;
pub mod browser_sessions;
pub mod claimed;
pub mod deprovisioning;
pub mod discovery;
pub mod fresh_sign_in;
pub mod id_token;
pub mod key_set;
pub mod logout;
pub mod people;
pub mod person;
mod profile;
pub mod roles;
pub mod sign_in;
mod sign_in_cookie;
pub mod standing;
mod token_endpoint;
mod user_agent;
mod userinfo;

#[cfg(test)]
mod testing;

use crate::platform::expiry::Expiry;

pub const EXPIRED: &[Expiry] = &[
    Expiry::at_once("DELETE FROM administration_tokens WHERE expires_at <= ?1"),
    Expiry::at_once("DELETE FROM browser_sessions WHERE expires_at <= ?1"),
    Expiry::at_once("DELETE FROM used_logout_tokens WHERE expires_at <= ?1"),
];
