//! A person's own accounts at the providers, as they stand, and their end.

use maud::{Markup, html};

use super::{
    access,
    connect::{connect_form, provider_of, scopes},
    not_found, page,
    text::{Tone, badge, moment},
};
use crate::{
    connections::accounts::{self, Account},
    context::Context,
    identity::{browser::Browser, deprovisioning},
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    providers::{self, AccountKind, OAuthDialect, Provider},
};

/// `GET /connections`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let accounts = accounts::list(&*context.platform.database, &browser.person.id).await?;
        let content = overview(context, &browser, &accounts, &request.query());
        Ok(page::page(context, Some(&browser), "Connections", &content))
    })
    .await
}

/// The query says of a provider where the access has just ended.
fn overview(context: &Context, browser: &Browser, accounts: &[Account], query: &Form) -> Markup {
    html! {
        h1 { "Connections" }
        p.lead { "The accounts your AI clients work with, through Postern, as you." }
        div.cards {
            @for provider in providers::ALL {
                section.card {
                    @match &provider.oauth {
                        Some(dialect) => {
                            @let account = accounts::at(accounts, provider);
                            h2 { (provider.name) " " (state(account)) }
                            @match account {
                                Some(account) => (connected(context, browser, provider, account)),
                                None => (not_connected(context, browser, provider, dialect, query.get(provider.id))),
                            }
                        }
                        None => {
                            h2 { (provider.name) " " (badge(Tone::Plain, "Shared")) }
                            p { "Read through your organisation's own account. There is nothing to connect." }
                        }
                    }
                }
            }
        }
    }
}

fn connected(context: &Context, browser: &Browser, provider: &'static Provider, account: &Account) -> Markup {
    let disconnect = disconnect_address(provider);
    html! {
        dl.facts {
            dt { "Account" } dd { strong { (account.account_name) } }
            dt { "Granted" } dd { (scopes(account.scopes.split_whitespace())) }
            dt { "Since" } dd { (moment(account.created_at)) }
        }
        @if account.is_broken() {
            p.note.warning {
                (provider.name) " no longer accepts this connection. Reconnect, and your AI clients go on."
            }
        }
        div.actions {
            (connect_form(context, browser, provider, "Reconnect", account.is_broken(), None))
            form method="post" action=(disconnect) {
                (page::form_fields(context, browser, &disconnect))
                button.danger type="submit" { "Disconnect" }
            }
        }
    }
}

/// `ended` says where the access to the account has ended, where it just has.
fn not_connected(
    context: &Context,
    browser: &Browser,
    provider: &'static Provider,
    dialect: &OAuthDialect,
    ended: Option<&str>,
) -> Markup {
    let name = provider.name;
    html! {
        @match ended {
            Some(EVERYWHERE) => p.note { "Disconnected. " (name) " has ended the access, too." },
            Some(HERE) => p.note.warning {
                "Disconnected: no AI client reaches " (name) " through Postern any more, and the access that was kept \
                 here is destroyed. " (name) " did not confirm that it has ended it: to make sure, \
                 " (dialect.to_end_access) "."
            },
            _ => {},
        }
        @if context.settings.accounts(provider) == AccountKind::Either {
            p {
                "Not connected. Until you do this once, your AI clients read through your organisation's own account, and \
                 change nothing."
            }
        } @else {
            p { "Not connected. Your AI clients cannot see what is yours there until you do this once." }
        }
        div.actions { (connect_form(context, browser, provider, &format!("Connect {name}"), true, None)) }
    }
}

/// A badge that says how a connection stands.
pub(super) fn state(account: Option<&Account>) -> Markup {
    match account {
        Some(account) if account.is_broken() => badge(Tone::Bad, "Broken"),
        Some(_) => badge(Tone::Good, "Connected"),
        None => badge(Tone::Waiting, "Not connected"),
    }
}

fn disconnect_address(provider: &Provider) -> String {
    format!("/connections/{}/disconnect", provider.id)
}

/// Here and at the provider.
const EVERYWHERE: &str = "everywhere";
/// Here, and nobody knows about the provider.
const HERE: &str = "here";

/// `POST /connections/{provider}/disconnect`.
pub(super) async fn disconnect(context: &Context, request: &Request) -> Result<Response, Fault> {
    let Some(provider) = provider_of(request) else { return not_found(context, request).await };
    access::submitted(context, request, async |browser, _| {
        let ended_there = deprovisioning::disconnect(context, &browser.person.id, provider).await?;
        let ended = if ended_there { EVERYWHERE } else { HERE };
        Ok(page::see_other(&format!("/connections?{}={ended}", provider.id)))
    })
    .await
}
