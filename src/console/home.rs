//! The front page.

use maud::{Markup, html};

use super::{connections, page};
use crate::{
    authorization::grants,
    catalog::operation::Provider,
    connections::accounts::{self, Account},
    identity::browser::{self, Browser},
    platform::{
        Fault,
        http::{Request, Response},
    },
    postern::Postern,
};

/// `GET /`.
pub(super) async fn home(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    let Some(browser) = browser::current(postern, request).await? else {
        return Ok(page::page(postern, None, "Welcome", &welcome(postern)));
    };
    let accounts = accounts::list(&*postern.platform.database, &browser.person.id).await?;
    let clients = grants::list(postern, &browser.person.id).await?.len();
    Ok(page::page(postern, Some(&browser), "Home", &overview(postern, &browser, &accounts, clients)))
}

fn welcome(postern: &Postern) -> Markup {
    html! {
        section.hero {
            h1 { "The small, watched gate to your code and pages" }
            p.lead {
                "Postern lets AI clients work with your organisation's Bitbucket and Confluence, as you and never beyond \
                 you. Your administrators decide which tools exist, and every call is on record."
            }
            p.actions { a.button.primary href="/sign-in" { "Sign in" } }
        }
        (client_lines(postern))
    }
}

fn overview(postern: &Postern, browser: &Browser, accounts: &[Account], clients: usize) -> Markup {
    let bitbucket = accounts.iter().find(|account| account.provider == Provider::Bitbucket.id());
    html! {
        h1 { "Hello, " (browser.person.name) }
        div.cards {
            section.card {
                h2 { "Bitbucket " (connections::state(bitbucket)) }
                @match bitbucket {
                    Some(account) => p { "Your AI clients work as " strong { (account.account_name) } "." },
                    None => p { "Connect your account once, and your AI clients can see what you can see." },
                }
                p.actions { a.button href="/connections" { "Your connections" } }
            }
            section.card {
                h2 { "AI clients" }
                p {
                    @match clients {
                        0 => "None yet. Add the address below to yours.",
                        1 => "One may act for you.",
                        more => { (more) " may act for you." }
                    }
                }
                p.actions { a.button href="/clients" { "Your AI clients" } }
            }
        }
        (client_lines(postern))
    }
}

/// What to paste where.
fn client_lines(postern: &Postern) -> Markup {
    let address = postern.settings.resource();
    html! {
        section.card {
            h2 { "Connect an AI client" }
            p { "Give it this address. It opens your browser once, for you to sign in and allow it." }
            p.address { code { (address) } }
            dl.lines {
                dt { "Claude Code" }
                dd { code { "claude mcp add --transport http postern " (address) } }
                dt { "VS Code" }
                dd { code { "code --add-mcp '{\"name\":\"postern\",\"type\":\"http\",\"url\":\"" (address) "\"}'" } }
                dt { "Cursor, in ~/.cursor/mcp.json" }
                dd { code { "{\"mcpServers\":{\"postern\":{\"url\":\"" (address) "\"}}}" } }
            }
        }
    }
}
