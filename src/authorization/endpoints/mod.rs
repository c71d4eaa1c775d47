//! The authorization server's endpoints, one file each, and what the person decides between two of them.

pub mod authorize;
pub mod consent;
pub mod cross_origin;
pub mod decision;
pub mod introspect;
pub mod metadata;
pub mod pre_registration;
pub mod registration;
mod request;
pub mod revoke;
pub mod token;
