//! The tokens that we issue: what they carry, for which resource, how they are checked and how they rotate.

pub mod access_token;
pub mod bearer;
pub mod pkce;
pub mod principal;
pub mod refresh_token;
pub mod resource;
pub mod rotation;
pub mod scope;
mod verification_cache;
