//! A person's own accounts at the providers, as they stand, and their end.

use maud::{Markup, html};

use super::{
    access,
    connect::{connect_form, scopes},
    not_found, page,
    text::{Tone, badge, moment},
};
use crate::{
    connections::accounts::{self, Account},
    context::Context,
    governance::{
        organisation_account::{Entry, Health},
        organisation_decisions,
        policy::PolicySnapshot,
        snapshot_cache,
    },
    identity::{browser::Browser, deprovisioning},
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    providers::{AccountKind, Accounts, OAuthDialect, Site},
    upstream::LowQuota,
};

/// `GET /connections`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let accounts = accounts::list(context, &browser.person.id).await?;
        let policy = snapshot_cache::current(context).await?;
        let organisation = organisation_decisions::list(context).await?;
        let content = overview(context, &policy, &browser, &accounts, &organisation, &request.query());
        Ok(page::page(context, Some(&browser), "Connections", &content))
    })
    .await
}

/// The query says of a site where the access has just ended.
fn overview(
    context: &Context,
    policy: &PolicySnapshot,
    browser: &Browser,
    accounts: &[Account],
    organisation: &[Entry],
    query: &Form,
) -> Markup {
    let of = |site: Site| policy.accounts(site, context.settings.sites.accounts(site));
    html! {
        h1 { "Connections" }
        p.lead { "The accounts your AI clients work with, through Postern, as you." }
        div.cards {
            @for site in context.settings.sites.all() {
                section.card {
                    @match dialect(context, site) {
                        Some(dialect) => {
                            @let account = accounts::at(accounts, site);
                            h2 { (site.title()) " " (state(context, account)) }
                            @match account {
                                Some(account) => (connected(context, browser, site, account)),
                                None => {
                                    (ended(site, dialect, query.get(&site.to_string())))
                                    (not_connected(context, browser, site, of(site)))
                                    (organisation_health(context, organisation, site))
                                }
                            }
                        }
                        None if of(site).kind == AccountKind::Missing => {
                            h2 { (site.title()) " " (badge(Tone::Waiting, "Not set up")) }
                            p { "No AI client reaches it yet: an administrator has to enter a credential under Accounts." }
                        }
                        None => {
                            h2 { (site.title()) " " (badge(Tone::Plain, "Shared")) }
                            p {
                                "Your AI clients " (through_organisation(of(site))) ". There is nothing to connect."
                            }
                            (organisation_health(context, organisation, site))
                        }
                    }
                }
            }
            @for (site, account) in accounts.iter().filter_map(|account| Some((account.site()?, account))) {
                @if context.settings.sites.get(site).is_err() { (left_over(context, browser, site, account)) }
            }
        }
    }
}

/// How people connect an account at that site; `None` where they connect none.
pub(super) fn dialect(context: &Context, site: Site) -> Option<&'static OAuthDialect> {
    let is_connected_to = context.settings.sites.get(site).is_ok_and(|settings| settings.consumer.is_some());
    site.provider.oauth.as_ref().filter(|_| is_connected_to)
}

/// An account at a site that the operator has taken out since.
fn left_over(context: &Context, browser: &Browser, site: Site, account: &Account) -> Markup {
    html! {
        section.card {
            h2 { (site.title()) " " (badge(Tone::Bad, "Not set up")) }
            p {
                "Postern is not set up for this site any more, and no AI client reaches it. It still keeps the access to "
                strong { (account.account_name) } ", sealed."
            }
            div.actions { (disconnect_form(context, browser, site)) }
        }
    }
}

fn disconnect_form(context: &Context, browser: &Browser, site: Site) -> Markup {
    let action = format!("{CONNECTIONS}{site}{DISCONNECT}");
    html! {
        form method="post" action=(action) {
            (page::form_fields(context, browser, &action))
            button.danger type="submit" { "Disconnect" }
        }
    }
}

fn connected(context: &Context, browser: &Browser, site: Site, account: &Account) -> Markup {
    let (missing, now) = (account.missing_scopes(site), context.platform.clock.now());
    html! {
        dl.facts {
            dt { "Account" } dd { strong { (account.account_name) } }
            dt { "Granted" } dd { (scopes(account.scopes.split_whitespace())) }
            @if !missing.is_empty() {
                dt { "Not granted" }
                dd {
                    (scopes(missing.into_iter()))
                    div.fine { "Tools that take one of these do not run." }
                }
            }
            dt { "Since" } dd { (moment(account.created_at)) }
        }
        @if account.is_broken() {
            p.note.warning {
                (site.title()) " no longer accepts this connection. Reconnect, and your AI clients go on."
            }
        }
        @if let Some(at) = account.ends_soon(now) {
            p.note.warning {
                (site.title()) " lets this connection end on " (moment(at)) ", since it was not used or is old. Reconnect before, \
                and your AI clients go on."
            }
        }
        (low_quota("your account", site, account.low_quota(now)))
        @if site.shares_consent() && context.settings.sites.are_several(site.provider) {
            p.note { "One consent covers all your sites of " (site.provider.name) ": Disconnect ends it at each of them." }
        }
        div.actions {
            (connect_form(context, browser, site, "Reconnect", account.is_broken(), None))
            (disconnect_form(context, browser, site))
        }
    }
}

/// What AI clients do through the organisation's account, of those that work there.
pub(super) const fn through_organisation(accounts: Accounts) -> &'static str {
    if accounts.organisation_writes {
        "read and change things through your organisation's own account"
    } else {
        "read through your organisation's own account, and change nothing"
    }
}

/// Says where the organisation's account is of no use, or soon will be.
fn organisation_health(context: &Context, organisation: &[Entry], site: Site) -> Markup {
    let now = context.platform.clock.now();
    let Some(entry) = organisation.iter().find(|entry| entry.account.site == site) else { return html! {} };
    let words = match entry.account.health(now) {
        _ if entry.account.credential.is_none() => None,
        Health::Refused(_) | Health::Ended(_) => Some("Your organisation's credential is of no use any more"),
        Health::EndsSoon(_) => Some("Your organisation's credential ends soon"),
        Health::Works => None,
    };
    html! {
        @if let Some(words) = words {
            p.note.warning { (words) ": an administrator has to renew it under Accounts." }
        }
        (low_quota("your organisation's account", site, entry.low_quota(now)))
    }
}

/// Says where little is left of the quota of an account.
pub(super) fn low_quota(whose: &str, site: Site, low: Option<LowQuota>) -> Markup {
    html! {
        @if let Some(low) = low {
            p.note.warning {
                (site.title()) " limits what is asked through " (whose) ", and "
                @match low.left {
                    Some(0) => "nothing is left: calls fail",
                    Some(left) => { "at most " (left) " is left" }
                    None => "little is left",
                }
                " until " (moment(low.until)) "."
            }
        }
    }
}

/// Says where the access to the account has ended, where it just has.
fn ended(site: Site, dialect: &OAuthDialect, ended: Option<&str>) -> Markup {
    let name = site.title();
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
    }
}

fn not_connected(context: &Context, browser: &Browser, site: Site, accounts: Accounts) -> Markup {
    html! {
        @if accounts.kind == AccountKind::Either {
            p { "Not connected. Until you do this once, your AI clients " (through_organisation(accounts)) "." }
        } @else {
            p { "Not connected. Your AI clients cannot see what is yours there until you do this once." }
        }
        div.actions { (connect_form(context, browser, site, &format!("Connect {}", site.title()), true, None)) }
    }
}

/// A badge that says how a connection stands.
pub(super) fn state(context: &Context, account: Option<&Account>) -> Markup {
    let now = context.platform.clock.now();
    match account {
        Some(account) if account.is_broken() => badge(Tone::Bad, "Broken"),
        Some(account) if account.ends_soon(now).is_some() => badge(Tone::Waiting, "Ends soon"),
        Some(account) if account.low_quota(now).is_some() => badge(Tone::Waiting, "Quota low"),
        Some(_) => badge(Tone::Good, "Connected"),
        None => badge(Tone::Waiting, "Not connected"),
    }
}

/// What comes before the site in the address of a form, and after it.
const CONNECTIONS: &str = "/connections/";
const DISCONNECT: &str = "/disconnect";

/// Here and at the provider.
const EVERYWHERE: &str = "everywhere";
/// Here, and nobody knows about the provider.
const HERE: &str = "here";

/// `POST /connections/{site}/disconnect`.
pub(super) async fn disconnect(context: &Context, request: &Request) -> Result<Response, Fault> {
    let name = request.path.strip_prefix(CONNECTIONS).and_then(|rest| rest.strip_suffix(DISCONNECT));
    // What was connected at a site can be disconnected for as long as it is there, whatever became of the site.
    let of_people = |site: &Site| site.provider.oauth.is_some();
    let Some(site) = name.and_then(Site::parse).filter(of_people) else { return not_found(context, request).await };
    access::submitted(context, request, async |browser, _| {
        let ended_there = deprovisioning::disconnect(context, &browser.person.id, site).await?;
        let ended = if ended_there { EVERYWHERE } else { HERE };
        Ok(page::see_other(&format!("/connections?{site}={ended}")))
    })
    .await
}
