//! Our OAuth 2.1 authorization server and the bearer check of its tokens.

pub mod access_token;
mod assertion;
mod authentications;
mod authorization_code;
pub mod authorize;
pub mod bearer;
mod client_assertion;
mod client_authentication;
mod client_credentials;
mod client_metadata;
pub mod clients;
pub mod consent;
mod cross_origin;
pub mod decision;
pub mod grants;
mod id_jag;
pub mod introspect;
pub mod limits;
mod live_keys;
pub mod metadata;
pub mod pre_registration;
mod proven;
pub mod public_url;
pub mod redirect;
mod refresh;
mod refresh_token;
pub mod registration;
mod request;
pub mod revoke;
mod rotation;
pub mod scope;
pub mod sweep;
pub mod token;
mod token_error;

#[cfg(test)]
mod leavers_tests;
#[cfg(test)]
mod standing_tests;
#[cfg(test)]
mod store_integrity_tests;
#[cfg(test)]
mod testing;
