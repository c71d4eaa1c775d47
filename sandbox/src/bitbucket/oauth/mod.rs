//! The OAuth endpoints of `bitbucket.org`: no PKCE, scopes fixed on the consumer, rotating refresh
//! tokens.

pub(crate) mod authorize;
pub(crate) mod token;
