//! How each AI client is connected, down to its own way of signing in: nothing opens by itself in most of them.

use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{Markup, html};
use serde_json::json;
use url::form_urlencoded::byte_serialize;

use super::page;
use crate::{
    context::Context,
    identity::browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
};

/// One client, and what its person does one after the other.
struct Guide {
    /// As its makers write it.
    client: &'static str,
    steps: &'static [Step],
}

/// In texts `{url}` stands for the address of `/mcp`.
enum Step {
    /// A line for a terminal, and when to run it.
    Run(&'static str, &'static str),
    /// A line to type into the client itself.
    Type(&'static str, &'static str),
    /// What a file has to hold.
    Write { file: &'static str, text: &'static str },
    /// A link by which the client adds the address itself, where it is installed.
    Click { label: &'static str, link: fn(&str) -> String },
    /// What to do in the client's windows.
    Do(&'static str),
}

use Step::{Click, Do, Run, Type, Write};

const ADD: &str = "Add it";
const SIGN_IN: &str = "Sign in";

const GUIDES: &[Guide] = &[
    Guide {
        client: "Claude Code",
        steps: &[
            Run(ADD, "claude mcp add --scope user --transport http postern {url}"),
            Run(SIGN_IN, "claude mcp login postern"),
            Do("Inside Claude Code, /mcp does the same: choose postern, then Authenticate."),
        ],
    },
    Guide {
        client: "Codex",
        steps: &[
            Run("Add it; your browser opens for you to sign in", "codex mcp add postern --url {url}"),
            Run("Sign in again, should that ever be needed", "codex mcp login postern"),
        ],
    },
    Guide {
        client: "Cursor",
        steps: &[
            Click { label: "Add to Cursor", link: cursor_link },
            Write { file: "~/.cursor/mcp.json", text: r#"{"mcpServers":{"postern":{"url":"{url}"}}}"# },
            Do("Sign in: open Cursor's settings, then MCP, and choose Connect beside postern."),
        ],
    },
    Guide {
        client: "VS Code",
        steps: &[
            Click { label: "Add to VS Code", link: vs_code_link },
            Run("Or add it by", r#"code --add-mcp '{"name":"postern","type":"http","url":"{url}"}'"#),
            Do(
                "Sign in: run MCP: List Servers from the command palette, choose postern, then Start Server, and allow it.",
            ),
        ],
    },
    Guide {
        client: "Gemini CLI",
        steps: &[
            Run(ADD, "gemini mcp add -s user -t http postern {url}"),
            Type("Sign in, inside Gemini CLI", "/mcp auth postern"),
        ],
    },
    Guide {
        client: "Copilot CLI",
        steps: &[
            Run(ADD, "copilot mcp add --transport http postern {url}"),
            Type("Sign in, inside Copilot CLI", "/mcp auth postern"),
        ],
    },
    Guide {
        client: "opencode",
        steps: &[Run(ADD, "opencode mcp add postern --url {url}"), Run(SIGN_IN, "opencode mcp auth postern")],
    },
    Guide {
        client: "Qwen Code",
        steps: &[
            Run(ADD, "qwen mcp add -t http postern {url}"),
            Do("Sign in: inside Qwen Code type /mcp, choose postern, then Authenticate."),
        ],
    },
    Guide {
        client: "Cline",
        steps: &[
            Write {
                file: "cline_mcp_settings.json",
                text: r#"{"mcpServers":{"postern":{"type":"streamableHttp","url":"{url}"}}}"#,
            },
            Do(
                "Sign in: in the extension choose Authenticate beside postern; on the command line run cline mcp, then Authorize OAuth.",
            ),
        ],
    },
    Guide {
        client: "mcporter",
        steps: &[Run(ADD, "mcporter config add postern {url}"), Run(SIGN_IN, "mcporter auth postern")],
    },
    Guide {
        client: "Claude, ChatGPT and other web apps",
        steps: &[Do("Add a custom connector in their settings, with the address above, and choose Connect.")],
    },
    Guide {
        client: "Programs that only start a command",
        steps: &[Run("Have them start this; your browser opens for you to sign in", "npx mcp-remote {url}")],
    },
    Guide {
        client: "A whole team",
        steps: &[
            Write {
                file: ".mcp.json, in the repository",
                text: r#"{"mcpServers":{"postern":{"type":"http","url":"{url}"}}}"#,
            },
            Do(
                "Everybody who works there with a client that reads this file is offered Postern, and signs in as above.",
            ),
        ],
    },
];

fn cursor_link(url: &str) -> String {
    let config = STANDARD.encode(json!({ "url": url }).to_string());
    format!("cursor://anysphere.cursor-deeplink/mcp/install?name=postern&config={}", encoded(&config))
}

fn vs_code_link(url: &str) -> String {
    format!("vscode:mcp/install?{}", encoded(&json!({ "name": "postern", "type": "http", "url": url }).to_string()))
}

/// Percent-encoded throughout. Nothing that is encoded here has spaces, which forms write in another way.
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

/// `GET /connect-a-client`: for everybody, since a client has to be there before anybody signs in.
///
/// # Errors
/// Where the session could not be looked up.
pub(super) async fn show(context: &Context, request: &Request) -> Result<Response, Fault> {
    let browser = browser::current(context, request).await?;
    let url = context.settings.resource();
    let content = html! {
        h1 { "Connect an AI client" }
        p.lead {
            "Give your client the address of Postern, then sign in from the client: it opens your browser once, for you \
             to sign in and allow it."
        }
        p.address { code { (url) } }
        section.guides aria-label="Clients" {
            @for (number, guide) in GUIDES.iter().enumerate() { (details(guide, &url, number == 0)) }
        }
    };
    Ok(page::page_with_copying(context, browser.as_ref(), "Connect a client", &content))
}

fn details(guide: &Guide, url: &str, is_open: bool) -> Markup {
    html! {
        details.card name="client" open[is_open] {
            summary { h2 { (guide.client) } }
            dl.lines {
                @for step in guide.steps { (step_of(step, url)) }
            }
        }
    }
}

fn step_of(step: &Step, url: &str) -> Markup {
    let line = |when: &str, text: &str| html! { dt { (when) } dd { code { (text.replace("{url}", url)) } } };
    match step {
        Run(when, command) => line(&format!("{when}, in a terminal"), command),
        Type(when, text) => line(when, text),
        Write { file, text } => line(&format!("Put into {file}"), text),
        Click { label, link } => html! { dd { a.button.primary href=(link(url)) { (label) } } },
        Do(what) => html! { dd { (what) } },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::testing::{context, open};

    const README: &str = include_str!("../../README.md");
    /// Where `cargo xtask dev` runs it.
    const DEVELOPERS_URL: &str = "http://127.0.0.1:8750/mcp";

    fn lines(step: &Step) -> Option<&'static str> {
        match step {
            Run(_, text) | Type(_, text) | Write { text, .. } => Some(*text),
            Click { .. } | Do(_) => None,
        }
    }

    #[test]
    fn the_page_is_for_everybody_and_names_the_address() {
        let shown = open(&context(), None, "/connect-a-client");
        assert_eq!(shown.status, 200);
        assert!(
            shown.html.contains("claude mcp add --scope user --transport http postern https://postern.example/mcp")
        );
    }

    #[test]
    fn every_client_is_told_how_to_sign_in_or_signs_in_by_itself() {
        for guide in GUIDES {
            let words: Vec<&str> = guide
                .steps
                .iter()
                .flat_map(|step| match step {
                    Run(when, text) | Type(when, text) => vec![*when, *text],
                    Do(text) => vec![*text],
                    Write { .. } | Click { .. } => Vec::new(),
                })
                .collect();
            assert!(
                words.iter().any(|text| text.to_lowercase().contains("sign") || text.contains("Connect")),
                "{}",
                guide.client
            );
        }
    }

    #[test]
    fn the_readme_says_the_same() {
        for guide in GUIDES {
            for text in guide.steps.iter().filter_map(lines) {
                let line = text.replace("{url}", DEVELOPERS_URL);
                assert!(README.contains(&line), "{}: {line}", guide.client);
            }
        }
    }

    #[test]
    fn links_are_as_the_clients_read_them() {
        let url = "https://postern.example/mcp";
        assert_eq!(
            cursor_link(url),
            "cursor://anysphere.cursor-deeplink/mcp/install?name=postern&\
             config=eyJ1cmwiOiJodHRwczovL3Bvc3Rlcm4uZXhhbXBsZS9tY3AifQ%3D%3D"
        );
        assert_eq!(
            vs_code_link(url),
            "vscode:mcp/install?%7B%22name%22%3A%22postern%22%2C%22type%22%3A%22http%22%2C\
             %22url%22%3A%22https%3A%2F%2Fpostern.example%2Fmcp%22%7D"
        );
    }

    #[test]
    fn only_this_page_may_run_a_script_and_only_ours() {
        let shown = open(&context(), None, "/connect-a-client");
        let policy = shown.header("content-security-policy").unwrap();
        assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(shown.html.matches("<script").count(), 1);
        assert!(shown.html.contains("<script src=\"/assets/copy.js?v="));
    }
}
