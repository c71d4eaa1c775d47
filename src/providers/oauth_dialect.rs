//! What differs between providers in how they speak OAuth (RFC 6749).

use std::time::Duration;

/// A provider's way to give tokens for an account, and to say whose they are.
#[derive(Debug)]
pub struct OAuthDialect {
    /// The authorization endpoint, below the consumer's URL.
    pub authorize: &'static str,
    /// What its authorization requests carry beside OAuth's own parameters.
    pub parameters: &'static [(&'static str, &'static str)],
    /// The scopes that are requested beside those of the catalogue; `None` where the provider fixes them on the consumer.
    pub requested: Option<&'static [&'static str]>,
    /// The token endpoint, below the consumer's URL.
    pub token: &'static str,
    /// How requests to the token endpoint are written.
    pub token_request: TokenRequest,
    /// The revocation endpoint (RFC 7009), below the consumer's URL, where there is one.
    pub revoke: Option<&'static str>,
    /// How long an access token is taken to live where the answer does not say.
    pub lifetime: Duration,
    /// How long a refresh token is good for where nobody uses it.
    pub unused_life: Duration,
    /// How long a consent is good for, however often its tokens are renewed; `None` where nothing ends it.
    pub longest_life: Option<Duration>,
    /// Where one consent covers several sites: how the provider says which, and where their APIs lie.
    pub resources: Option<Resources>,
    /// Where the provider says whose token it is, below the consumer's API where that has one, else below the site's.
    pub account: &'static str,
    /// The member of that answer that never changes.
    pub account_id: &'static str,
    /// The members of that answer that name the account to people: the first that is there.
    pub account_names: &'static [&'static str],
    /// How people end Postern's access there themselves, to go on `To make sure,`.
    pub to_end_access: &'static str,
}

/// How a request to a token endpoint is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRequest {
    /// A form, with the client's credential in the header `Authorization` (RFC 6749 §2.3.1).
    Form,
    /// A JSON object, with the client's credential in it.
    Json,
}

/// The sites of one consent, which share a pair of tokens and an API.
#[derive(Debug)]
pub struct Resources {
    /// Where the provider lists them, below the consumer's API.
    pub list: &'static str,
    /// Where the API of one lies, below the consumer's API: `{id}` stands for the site's id there.
    pub base: &'static str,
    /// Where a site says its id to everybody, below its own host, and the member of that answer which holds it.
    pub site_id: (&'static str, &'static str),
}

impl Resources {
    /// Where the API of the site with that id lies, below the consumer's API.
    pub fn address(&self, api_url: &str, id: &str) -> String {
        format!("{api_url}/{}", self.base.replace("{id}", id))
    }

    /// The id of the site whose API lies at this address below the consumer's API, where it is one of these.
    pub fn id_in<'a>(&self, api_url: &str, address: &'a str) -> Option<&'a str> {
        let (before, after) = self.base.split_once("{id}")?;
        address.strip_prefix(api_url)?.strip_prefix('/')?.strip_prefix(before)?.strip_suffix(after)
    }
}
