//! The grant types of the token endpoint (RFC 6749 §1.3, RFC 7523, ID-JAG), one file each.

pub mod authorization_code;
pub mod client_credentials;
pub mod id_jag;
pub mod refresh;
