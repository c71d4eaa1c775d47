//! What the Worker is told under `cargo xtask dev`, and what the person who started it is told.

use crate::workspace::Workspace;
use anyhow::{Context, Result, anyhow};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::{fs::OpenOptions, io::Write, os::unix::fs::OpenOptionsExt};

/// Settings that name the sandbox where wrangler.toml names the world. The secrets in it open nothing else.
pub(crate) const FILE: &str = ".dev/settings";
/// Keys made here once, so that what they sealed stays readable from run to run.
pub(crate) const SECRETS: &str = ".dev/secrets";

const SETTINGS: &str = "\
OIDC_CLIENT_SECRET=sandbox-oidc-secret
BITBUCKET_API_URL=http://127.0.0.1:8790/2.0
BITBUCKET_OAUTH_URL=http://127.0.0.1:8790/site/oauth2
BITBUCKET_CLIENT_ID=postern-sandbox
BITBUCKET_CLIENT_SECRET=sandbox-consumer-secret
CONFLUENCE_API_URL=http://127.0.0.1:8790/wiki
CONFLUENCE_OAUTH_URL=http://127.0.0.1:8790
CONFLUENCE_OAUTH_API_URL=http://127.0.0.1:8790
CONFLUENCE_CLIENT_ID=postern-sandbox-app
CONFLUENCE_CLIENT_SECRET=sandbox-app-secret
CONFLUENCE_EMAIL=postern@example.com
CONFLUENCE_API_TOKEN=sandbox-confluence-token
";

/// The issuers that people may sign in at: the sandbox's, and the realm of a real Keycloak.
pub(crate) const SANDBOX: &str = "http://127.0.0.1:8791";
pub(crate) const KEYCLOAK: &str = "http://127.0.0.1:8791/realms/acme";

/// What is printed once everything answers.
pub(crate) const INSTRUCTIONS: &str = r#"
Postern is running. Ctrl-C ends it; what it knows is kept in .dev/ (--fresh starts over).

  MCP       http://127.0.0.1:8750/mcp
  Console   http://127.0.0.1:8750/
  Accounts  developer, approver, admin; the password of each is `postern`
  Logs      .dev/logs/

Add it to your AI client, and sign in from there. Claude Code, for one:

  claude mcp add --scope user --transport http postern http://127.0.0.1:8750/mcp
  claude mcp login postern

Each other client: http://127.0.0.1:8750/connect-a-client

Reading Confluence needs nothing more. To change a page there in your own name, connect your account once, and watch the page:

  Connect   http://127.0.0.1:8750/connect/confluence
  Page      http://127.0.0.1:8790/wiki/spaces/ENG/pages/98306

The Worker's log follows.

"#;

/// Writes the settings; makes the keys if there are none yet.
pub(crate) fn write(workspace: &Workspace, issuer: &str) -> Result<()> {
    write_private(workspace, FILE, &format!("OIDC_ISSUER={issuer}\n{SETTINGS}"))?;
    if !workspace.path(SECRETS).exists() {
        write_private(workspace, SECRETS, &format!("SIGNING_KEY={}\nSEALING_KEY={}\n", key()?, key()?))?;
    }
    Ok(())
}

/// A new random key, as the Worker is given them.
pub(crate) fn key() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    Ok(STANDARD.encode(bytes))
}

/// Writes a file that only this user may read.
pub(crate) fn write_private(workspace: &Workspace, file: &str, text: &str) -> Result<()> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(true).mode(0o600).open(workspace.path(file));
    opened
        .and_then(|mut opened| opened.write_all(text.as_bytes()))
        .with_context(|| format!("{file} could not be written"))
}
