//! The browsers that a person is signed in with.

use maud::{Markup, html};

use super::{
    access, page,
    text::{Tone, badge, moment},
};
use crate::{
    audit::{self, Kind},
    context::Context,
    identity::{
        browser::Browser,
        browser_sessions::{self, BrowserSession},
        deprovisioning,
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
};

const SESSIONS: &str = "/sessions";
const END: &str = "/sessions/end";
const END_ALL: &str = "/sessions/end-all";
const END_EVERYTHING: &str = "/sessions/end-everything";

/// `GET /sessions`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let all = browser_sessions::list(context, &browser).await?;
        Ok(page::page(context, Some(&browser), "Sessions", &content(context, &browser, &all)))
    })
    .await
}

/// `POST /sessions/end`: one browser.
pub(super) async fn end(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        audit::gather(context, audit::event(context, Kind::SignOut).of(&browser.person.id).because("of one browser"));
        browser_sessions::end(context, &browser, form.get("session").unwrap_or_default()).await?;
        Ok(page::see_other(SESSIONS))
    })
    .await
}

/// `POST /sessions/end-all`: every browser, this one too.
pub(super) async fn end_all(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, _| {
        audit::gather(context, audit::event(context, Kind::SignOut).of(&browser.person.id).because("of every browser"));
        browser_sessions::end_all(context, &browser).await?;
        Ok(page::see_other("/"))
    })
    .await
}

/// `POST /sessions/end-everything`: browsers, AI clients and connections.
pub(super) async fn end_everything(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, _| {
        deprovisioning::end_person(context, &browser.person.id, "ended by the person").await?;
        Ok(page::see_other("/"))
    })
    .await
}

fn content(context: &Context, browser: &Browser, all: &[BrowserSession]) -> Markup {
    html! {
        h1 { "Sessions" }
        p.lead { "The browsers you are signed in with. End those you do not know or do not use." }
        div.table tabindex="0" role="region" aria-labelledby="sessions-caption" {
            table {
                caption id="sessions-caption" { "Browsers are called as they call themselves." }
                thead {
                    tr {
                        th scope="col" { "Browser" }
                        th scope="col" { "Signed in" }
                        th scope="col" { "Ends by itself" }
                        th scope="col" { "Session" }
                    }
                }
                tbody { @for session in all { (row(context, browser, session)) } }
            }
        }
        div.cards {
            section.card {
                h2 { "Sign out everywhere" }
                p { "Ends all of these, this one too. Your AI clients go on: they are under AI clients." }
                (form(context, browser, END_ALL, "Sign out everywhere"))
            }
            section.card {
                h2 { "End everything" }
                p {
                    "If a device is lost or you suspect somebody: signs you out everywhere, ends all your AI clients and \
                     destroys your connections. You can begin anew at once."
                }
                (form(context, browser, END_EVERYTHING, "End everything of mine"))
            }
        }
    }
}

fn form(context: &Context, browser: &Browser, action: &str, label: &str) -> Markup {
    html! {
        form method="post" action=(action) {
            (page::form_fields(context, browser, action))
            div.actions { button.danger type="submit" { (label) } }
        }
    }
}

fn row(context: &Context, browser: &Browser, session: &BrowserSession) -> Markup {
    let name = session.label.as_deref().unwrap_or("A browser");
    // A person's browsers are often of one name: by this at least theirs is told from the others.
    let this_one = if session.is_this_one { " (this one)" } else { "" };
    html! {
        tr {
            th scope="row" { (name) @if session.is_this_one { " " (badge(Tone::Good, "This one")) } }
            td { (moment(session.since)) }
            td { (moment(session.until)) }
            td {
                form method="post" action=(END) {
                    (page::form_fields(context, browser, END))
                    input type="hidden" name="session" value=(session.id);
                    button.danger type="submit" aria-label=(format!("Sign out {name}{this_one}")) { "Sign out" }
                }
            }
        }
    }
}
