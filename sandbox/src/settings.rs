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

/// An OAuth 2.0 (3LO) app, as its owner has it in Atlassian's developer console.
#[derive(Clone, Debug)]
pub struct App {
    /// What it is called by in requests.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
    /// The callback URLs, of which a request has to name one exactly.
    pub callbacks: Vec<String>,
    /// The scopes that were added to it; `None`: whichever are requested.
    pub scopes: Option<Vec<String>>,
}

/// How a sandbox behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where tokens, comments and the git repositories survive a restart; a temporary folder,
    /// deleted at the end, when there is none.
    pub state: Option<PathBuf>,
    /// The registered OAuth consumers.
    pub consumers: Vec<Consumer>,
    /// The app at Atlassian.
    pub app: App,
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
    /// Tokens that are good beside those: at Confluence as API tokens of the same account, at Bitbucket as access tokens of
    /// the workspace, which are nobody's.
    pub shared_tokens: Vec<String>,
    /// API tokens with scopes, of the same account: the site refuses them, and the gateway to it does not.
    pub scoped_tokens: Vec<String>,
    /// What is answered from the providers' own documents; nothing where there are none.
    pub samples: Option<Samples>,
}

/// Answers that are made up from the providers' OpenAPI documents.
#[derive(Clone, Debug)]
pub struct Samples {
    /// The folder of the documents.
    pub documents: PathBuf,
    /// They take the place of all answers, not only of those that the sandbox has no route for.
    pub everywhere: bool,
}

impl Settings {
    /// The callback of a Worker under `cargo xtask dev`.
    pub const DEFAULT_CALLBACK: &str = "http://127.0.0.1:8750/callback/bitbucket";
    /// The same for the app at Atlassian.
    pub const DEFAULT_APP_CALLBACK: &str = "http://127.0.0.1:8750/callback/confluence";
}

impl Default for Settings {
    fn default() -> Self {
        let usual = ["account", "repository", "pullrequest"];
        let writing = ["repository:write", "pullrequest:write", "pipeline:write", "pipeline:variable"];
        let writing: Vec<_> = usual.into_iter().chain(writing).collect();
        Self {
            state: None,
            consumers: vec![
                Consumer::new("postern-sandbox", "sandbox-consumer-secret", &writing),
                Consumer::new("readonly-sandbox", "readonly-secret", &usual),
                // For what a consumer with too few permissions meets.
                Consumer::new("account-sandbox", "account-secret", &["account"]),
            ],
            app: App {
                client_id: "postern-sandbox-app".to_owned(),
                client_secret: "sandbox-app-secret".to_owned(),
                callbacks: vec![Self::DEFAULT_APP_CALLBACK.to_owned()],
                scopes: None,
            },
            access_token_lifetime: Duration::from_secs(7200),
            code_lifetime: Duration::from_secs(60),
            refresh_leeway: Duration::ZERO,
            confluence_site: String::new(),
            confluence_email: "postern@example.com".to_owned(),
            confluence_token: "sandbox-confluence-token".to_owned(),
            samples: None,
            shared_tokens: Vec::new(),
            scoped_tokens: Vec::new(),
        }
    }
}
