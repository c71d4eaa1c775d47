//! People's accounts at the providers: the OAuth dance, the vault that keeps the tokens, the refresh.

pub mod accounts;
pub mod attempt;
pub mod bitbucket;
pub mod elicitation;
pub mod revocation;
pub mod sealed;
pub mod vault;
