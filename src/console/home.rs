//! The front page.

use std::{rc::Rc, time::Duration};

use maud::{Markup, html};

use super::{CONNECT_A_CLIENT, connections, page};
use crate::{
    audit::search,
    authorization::grants,
    connections::accounts::{self, Account},
    context::Context,
    governance::{
        attributes::Role,
        facts::ToolFacts,
        locks::{Lock, LockKind},
        policy::{PolicySnapshot, State},
        snapshot_cache,
    },
    identity::browser::{self, Browser},
    platform::{
        Fault,
        http::{Request, Response},
    },
    providers::{self, AccountKind, Provider},
    tools::{self, Tool},
    untrusted,
};

/// `GET /`.
pub(super) async fn home(context: &Context, request: &Request) -> Result<Response, Fault> {
    let policy = snapshot_cache::current(context).await?;
    let Some(browser) = browser::current(context, request).await? else {
        return Ok(page::page(context, None, "Welcome", &welcome(context, &policy)));
    };
    let accounts = accounts::list(context, &browser.person.id).await?;
    let clients = grants::list(context, &browser.person.id).await?.len();
    let administration = if browser.person.is(Role::Administrator) {
        Some(administration(&policy, refused_lately(context).await?))
    } else {
        None
    };
    let content = html! {
        (overview(context, &policy, &browser, &accounts, clients))
        @if let Some(administration) = administration { (administration) }
        (address(context))
    };
    Ok(page::page(context, Some(&browser), "Home", &content))
}

fn welcome(context: &Context, policy: &PolicySnapshot) -> Markup {
    html! {
        section.hero {
            h1 { "The small, watched gate to your code and pages" }
            p.lead {
                "Postern lets AI clients work for you: " (whereabouts(context, policy)) ". Your administrators decide which tools exist, \
                 and every call is on record."
            }
            p.actions { a.button.primary href="/sign-in" { "Sign in" } }
        }
        (address(context))
    }
}

/// At which providers AI clients work, and as whom.
fn whereabouts(context: &Context, policy: &PolicySnapshot) -> String {
    let phrase = |provider: &&'static Provider| {
        let accounts = policy.accounts_of(&context.settings.sites, provider);
        let as_whom = match accounts.kind {
            AccountKind::Personal => "as you and never beyond you",
            AccountKind::Organisation => "through your organisation's account",
            AccountKind::Missing => "once an administrator has set up an account there",
            AccountKind::Either if accounts.organisation_writes => {
                "as you, and before you connect an account through your organisation's"
            }
            AccountKind::Either => "as you, and before you connect an account through your organisation's, to read",
        };
        format!("in {} {as_whom}", context.settings.sites.title(provider))
    };
    providers::ALL.iter().map(phrase).collect::<Vec<_>>().join(", ")
}

fn overview(
    context: &Context,
    policy: &PolicySnapshot,
    browser: &Browser,
    accounts: &[Account],
    clients: usize,
) -> Markup {
    html! {
        h1 { "Hello, " (browser.person.name) }
        @if let Some(lock) = lock_on(policy, browser) {
            p.note.warning role="status" {
                strong { "No call of your AI clients runs for now" }
                ": an administrator has locked " (lock.target.kind.in_words())
                @if let Some(reason) = &lock.reason { " (" (untrusted::label(reason, 300)) ")" }
                ". Nothing has ended, and it goes on once they lift the lock."
            }
        }
        div.cards {
            @for site in context.settings.sites.all().filter(|site| connections::dialect(context, *site).is_some()) {
                @let account = accounts::at(accounts, site);
                section.card {
                    h2 { (site.title()) " " (connections::state(context, account)) }
                    @match account {
                        Some(account) => p { "Your AI clients work as " strong { (account.account_name) } "." },
                        None => {
                            @let here = policy.accounts(site, context.settings.sites.accounts(site));
                            @if here.kind == AccountKind::Either {
                                p { "Your AI clients " (connections::through_organisation(here)) "." }
                            }
                            p { "Connect your account once, and your AI clients can see what you can see." }
                        }
                    }
                    p.actions { a.button href="/connections" { "Your connections" } }
                }
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
    }
}

/// How many calls were refused within the last day.
async fn refused_lately(context: &Context) -> Result<i64, Fault> {
    let since = context.platform.clock.now() - Duration::from_hours(24);
    search::refused_calls(&*context.platform.database, since).await
}

/// What waits for administrators, and what they may want to look at.
fn administration(policy: &PolicySnapshot, refused: i64) -> Markup {
    let is_pending = |tool: &&Rc<Tool>| policy.state(&ToolFacts::of_tool(tool)) == State::Pending;
    let (pending, locks) = (tools::all().iter().filter(is_pending).count(), policy.locks.count());
    html! {
        section.card {
            h2 { "Administration" }
            dl.facts {
                dt { a href="/admin/tools?list_state=pending" { "Tools that wait for approval" } } dd { (pending) }
                dt { a href="/admin/locks" { "Locks in force" } } dd { (locks) }
                dt { a href="/admin/audit?kind=call&outcome=denied" { "Calls refused in the last 24 hours" } } dd { (refused) }
            }
        }
    }
}

/// The lock that stops every call of theirs.
fn lock_on<'a>(policy: &'a PolicySnapshot, browser: &Browser) -> Option<&'a Lock> {
    let of_all = policy.locks.on(LockKind::Organisation, "");
    of_all.or_else(|| policy.locks.on(LockKind::Person, browser.person.id.as_str()))
}

/// The address, and where to read on.
fn address(context: &Context) -> Markup {
    html! {
        section.card {
            h2 { "Connect an AI client" }
            p { "Give it this address, then sign in from the client. Each has its own way." }
            p.address { code { (context.settings.resource()) } }
            p.actions { a.button href=(CONNECT_A_CLIENT) { "How it goes in your client" } }
        }
    }
}
