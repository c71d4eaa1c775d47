//! Our OAuth 2.1 authorization server and the check of its bearer tokens. Each line below may import the ones under it.

pub mod client_authentication;
pub mod clients;
pub mod endpoints;
pub mod grant_types;
pub mod grants;
pub mod limits;
pub mod principal;
pub mod tokens;

mod authentications;
mod live_keys;
pub mod sweep;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
