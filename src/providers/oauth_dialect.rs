//! What differs between providers in how they speak OAuth (RFC 6749).

use std::time::Duration;

/// A provider's way to give tokens for an account, and to say whose they are.
#[derive(Debug)]
pub struct OAuthDialect {
    /// The authorization endpoint, below the consumer's URL.
    pub authorize: &'static str,
    /// The token endpoint, below the consumer's URL.
    pub token: &'static str,
    /// The revocation endpoint (RFC 7009), below the consumer's URL, where there is one.
    pub revoke: Option<&'static str>,
    /// How long an access token is taken to live where the answer does not say.
    pub lifetime: Duration,
    /// Where the provider says whose token it is, below its base URL.
    pub account: &'static str,
    /// The member of that answer that never changes.
    pub account_id: &'static str,
    /// The members of that answer that name the account to people: the first that is there.
    pub account_names: &'static [&'static str],
    /// How people end Postern's access there themselves, to go on `To make sure,`.
    pub to_end_access: &'static str,
}
