//! Our OAuth 2.1 authorization server and the bearer check of its tokens.

pub mod bearer;
pub mod consent;
pub mod scope;
