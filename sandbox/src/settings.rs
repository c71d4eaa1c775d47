//! What can be set about a sandbox before it starts.

use std::path::PathBuf;
use std::time::Duration;

/// An OAuth consumer, as an administrator registers it in a Bitbucket workspace.
#[derive(Clone, Debug)]
pub struct Consumer {
    /// The consumer's key, sent as `client_id`.
    pub key: String,
    /// The consumer's secret.
    pub secret: String,
    /// A `redirect_uri` must begin with this.
    pub callback: String,
    /// The ticked permissions: what every token of this consumer is granted.
    pub scopes: Vec<String>,
}

impl Consumer {
    fn new(key: &str, secret: &str, scopes: &[&str]) -> Self {
        Self {
            key: key.to_owned(),
            secret: secret.to_owned(),
            callback: Settings::DEFAULT_CALLBACK.to_owned(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        }
    }
}

/// How a sandbox behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where tokens, comments and the git repositories survive a restart; a temporary folder,
    /// deleted at the end, when there is none.
    pub state: Option<PathBuf>,
    /// The registered OAuth consumers.
    pub consumers: Vec<Consumer>,
    /// `expires_in` of access tokens.
    pub access_token_lifetime: Duration,
    /// How long an authorization code may be redeemed.
    pub code_lifetime: Duration,
    /// How long a used refresh token goes on working. Zero makes it strictly single-use.
    pub refresh_leeway: Duration,
    /// What the title of every page ends in, so that the pages of two sandboxes can be told apart; nothing where empty.
    pub confluence_site: String,
    /// The e-mail address of Confluence's Basic credential.
    pub confluence_email: String,
    /// The API token of Confluence's Basic credential.
    pub confluence_token: String,
}

impl Settings {
    /// The callback of a Worker under `cargo xtask dev`.
    pub const DEFAULT_CALLBACK: &str = "http://127.0.0.1:8750/callback/bitbucket";
}

impl Default for Settings {
    fn default() -> Self {
        let usual = ["account", "repository", "pullrequest"];
        Self {
            state: None,
            consumers: vec![
                Consumer::new("postern-sandbox", "sandbox-consumer-secret", &usual),
                Consumer::new("readonly-sandbox", "readonly-secret", &usual),
                // For what a consumer with too few permissions meets.
                Consumer::new("account-sandbox", "account-secret", &["account"]),
            ],
            access_token_lifetime: Duration::from_secs(7200),
            code_lifetime: Duration::from_secs(60),
            refresh_leeway: Duration::ZERO,
            confluence_site: String::new(),
            confluence_email: "postern@example.com".to_owned(),
            confluence_token: "sandbox-confluence-token".to_owned(),
        }
    }
}
