//! Copies of the metadata documents of well-known clients, for when a host cannot be asked: some answer 403 to whole data
//! centres, and a machine without a way to the Internet reaches none.
//!
//! A copy serves for the very id that it was seen at, and only while its host says nothing: what the host says counts
//! more. Each was compared on the day given with what that address published; keys are never copied.

use serde_json::{Value, json};

/// A document as it was seen.
pub(super) struct PinnedCopy {
    /// The client_id, and the address of the document.
    pub(super) id: &'static str,
    name: &'static str,
    redirect_uris: &'static [&'static str],
    /// The address of its keys, where it authenticates by `private_key_jwt`.
    jwks_uri: Option<&'static str>,
    /// When it was last seen like that, and where somebody wrote that down.
    #[cfg_attr(not(test), allow(dead_code, reason = "for whoever brings a copy up to date"))]
    seen: (&'static str, &'static str),
    /// How the client connects without its document, word for word, with `{url}` for our MCP address.
    pub(super) way_out: Option<&'static str>,
}

const BY_CLIENT_ID: &str = "Ask an administrator to enter it under Known clients with the redirect URI \
     http://localhost/callback, then run: claude mcp remove postern, and: claude mcp add --transport http --client-id \
     CLIENT_ID postern {url} (with the client id that the administrator gives you).";
const BY_REGISTRATION: &str = "Run: codex mcp login postern --oauth-client-registration dcr (with the name that you gave \
     this server in place of postern).";

pub(super) const ALL: [PinnedCopy; 9] = [
    PinnedCopy {
        id: "https://claude.ai/oauth/claude-code-client-metadata",
        name: "Claude Code",
        redirect_uris: &["http://localhost/callback", "http://127.0.0.1/callback"],
        jwks_uri: None,
        seen: ("2026-10-01", "https://github.com/anthropics/claude-code/issues/84263"),
        way_out: Some(BY_CLIENT_ID),
    },
    PinnedCopy {
        id: "https://claude.ai/oauth/mcp-oauth-client-metadata",
        name: "Claude",
        redirect_uris: &["https://claude.ai/api/mcp/auth_callback"],
        jwks_uri: None,
        seen: ("2026-09-24", "https://claude.com/docs/connectors/building/authentication"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://chatgpt.com/oauth/codex/client.json",
        name: "Codex",
        redirect_uris: &["http://127.0.0.1/callback", "http://localhost/callback"],
        jwks_uri: None,
        seen: ("2026-09-24", "https://github.com/cloudflare/workers-oauth-provider/issues/333"),
        way_out: Some(BY_REGISTRATION),
    },
    PinnedCopy {
        id: "https://chatgpt.com/oauth/client.json",
        name: "ChatGPT",
        redirect_uris: &["https://chatgpt.com/connector_platform_oauth_redirect"],
        jwks_uri: Some("https://chatgpt.com/oauth/jwks.json"),
        seen: ("2026-09-08", "https://developers.openai.com/plugins/build/auth"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://github.com/copilot/cli/client-metadata.json",
        name: "GitHub Copilot CLI",
        redirect_uris: &["http://127.0.0.1:33418/"],
        jwks_uri: None,
        seen: ("2026-09-18", "https://github.com/github/copilot-cli/issues/4901"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://vscode.dev/oauth/client-metadata.json",
        name: "Visual Studio Code",
        redirect_uris: &["http://127.0.0.1:33418/", "https://vscode.dev/redirect"],
        jwks_uri: None,
        seen: ("2026-09-24", "https://code.visualstudio.com/api/extension-guides/ai/mcp"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://zed.dev/oauth/client-metadata.json",
        name: "Zed",
        redirect_uris: &["http://127.0.0.1/callback"],
        jwks_uri: None,
        seen: ("2026-09-24", "https://github.com/zed-industries/zed/blob/main/crates/context_server/src/oauth.rs"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://goose-docs.ai/oauth/client-metadata.json",
        name: "goose",
        redirect_uris: &["http://127.0.0.1/oauth_callback", "http://[::1]/oauth_callback"],
        jwks_uri: None,
        seen: ("2026-07", "https://github.com/block/goose/blob/main/crates/goose/src/oauth/mod.rs"),
        way_out: None,
    },
    PinnedCopy {
        id: "https://opencode.ai/oauth/opencode/client.json",
        name: "opencode",
        redirect_uris: &["http://127.0.0.1/callback", "http://localhost/callback"],
        jwks_uri: None,
        seen: ("2026-09-24", "https://github.com/anomalyco/opencode/pull/47737"),
        way_out: None,
    },
];

/// The copy of the document at that very address.
pub(super) fn find(id: &str) -> Option<&'static PinnedCopy> {
    ALL.iter().find(|pinned| pinned.id == id)
}

impl PinnedCopy {
    /// The document, read by the same rules as one that was fetched.
    pub(super) fn document(&self) -> Value {
        json!({
            "client_id": self.id,
            "client_name": self.name,
            "redirect_uris": self.redirect_uris,
            "token_endpoint_auth_method": if self.jwks_uri.is_some() { "private_key_jwt" } else { "none" },
            "jwks_uri": self.jwks_uri,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_serves_for_the_very_id_that_it_was_seen_at() {
        assert!(find("https://claude.ai/oauth/claude-code-client-metadata").is_some());
        for id in [
            "https://claude.ai/oauth/claude-code-client-metadata/",
            "https://claude.ai/oauth/claude-code-client-metadata?x",
            "https://CLAUDE.ai/oauth/claude-code-client-metadata",
            "https://claude.ai/oauth/other",
        ] {
            assert!(find(id).is_none(), "{id}");
        }
    }

    #[test]
    fn every_copy_says_when_and_where_it_was_seen() {
        for pinned in &ALL {
            let (day, source) = pinned.seen;
            assert!(day.starts_with("2026-") && day.len() >= 7 && source.starts_with("https://"), "{}", pinned.id);
        }
    }
}
