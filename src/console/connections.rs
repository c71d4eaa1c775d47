//! A person's own accounts at the providers: connect, look, disconnect.

use maud::{Markup, html};

use super::{
    access, consent,
    page::{self, Problem},
    text::{Tone, badge, moment},
};
use crate::{
    authorization::clients,
    catalog,
    connections::{
        accounts::{self, Account},
        attempt::{self, Connector, Finished, Occasion},
        elicitation,
    },
    context::Context,
    identity::{browser::Browser, deprovisioning},
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
    providers::BITBUCKET,
    session,
};

const CONNECT: &str = "/connect/bitbucket";
const DISCONNECT: &str = "/connections/bitbucket/disconnect";

/// `GET /connections`.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let accounts = accounts::list(&*context.platform.database, &browser.person.id).await?;
        let ended = request.query().get("ended").map(str::to_owned);
        let content = overview(context, &browser, &accounts, ended.as_deref());
        Ok(page::page(context, Some(&browser), "Connections", &content))
    })
    .await
}

fn overview(context: &Context, browser: &Browser, accounts: &[Account], ended: Option<&str>) -> Markup {
    let bitbucket = accounts.iter().find(|account| account.provider == BITBUCKET.id);
    let ended = ended.filter(|_| bitbucket.is_none());
    html! {
        h1 { "Connections" }
        p.lead { "The accounts your AI clients work with, through Postern, as you." }
        div.cards {
            section.card {
                h2 { "Bitbucket " (state(bitbucket)) }
                @match bitbucket {
                    Some(account) => {
                        dl.facts {
                            dt { "Account" } dd { strong { (account.account_name) } }
                            dt { "Granted" } dd { (scopes(account.scopes.split_whitespace())) }
                            dt { "Since" } dd { (moment(account.created_at)) }
                        }
                        @if is_broken(account) {
                            p.note.warning {
                                "Bitbucket no longer accepts this connection. Reconnect, and your AI clients go on."
                            }
                        }
                        div.actions {
                            (connect_form(context, browser, "Reconnect", is_broken(account), None))
                            form method="post" action=(DISCONNECT) {
                                (page::form_fields(context, browser, DISCONNECT))
                                button.danger type="submit" { "Disconnect" }
                            }
                        }
                    }
                    None => {
                        @match ended {
                            Some("everywhere") => p.note { "Disconnected. Bitbucket has ended the access, too." },
                            Some("here") => p.note.warning {
                                "Disconnected: no AI client reaches Bitbucket through Postern any more, and the access that \
                                 was kept here is destroyed. Bitbucket did not confirm that it has ended it: to make sure, \
                                 remove Postern under App authorizations in your settings at Bitbucket."
                            },
                            _ => {},
                        }
                        p { "Not connected. Your AI clients cannot see your repositories until you do this once." }
                        div.actions { (connect_form(context, browser, "Connect Bitbucket", true, None)) }
                    }
                }
            }
            section.card {
                h2 { "Confluence " (badge(Tone::Plain, "Shared")) }
                p { "Read through your organisation's own account. There is nothing to connect." }
            }
        }
    }
}

/// A badge that says how a connection stands.
pub(super) fn state(account: Option<&Account>) -> Markup {
    match account {
        Some(account) if is_broken(account) => badge(Tone::Bad, "Broken"),
        Some(_) => badge(Tone::Good, "Connected"),
        None => badge(Tone::Waiting, "Not connected"),
    }
}

pub(super) fn is_broken(account: &Account) -> bool {
    account.state != "connected"
}

fn scopes<'a>(names: impl Iterator<Item = &'a str>) -> Markup {
    html! { ul.chips { @for name in names { li { code { (name) } } } } }
}

fn connect_form(context: &Context, browser: &Browser, label: &str, primary: bool, elicitation: Option<&str>) -> Markup {
    html! {
        form method="post" action=(CONNECT) {
            (page::form_fields(context, browser, CONNECT))
            @if let Some(id) = elicitation { input type="hidden" name="e" value=(id); }
            button.primary[primary] type="submit" { (label) }
        }
    }
}

/// `GET /connect/bitbucket?e=`: asks before anything happens. With `e`, on behalf of the client that gave out the
/// link, and for its one person.
pub(super) async fn confirm(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let query = request.query();
        let elicitation = query.get("e");
        let client = match (elicitation, query.repeats("e")) {
            (None, false) => None,
            (id, _) => match asking_client(context, &browser, id.unwrap_or_default()).await? {
                Ok(client) => Some(client),
                Err(problem) => return Ok(page::problem(context, Some(&browser), &problem)),
            },
        };
        let content = confirmation(context, &browser, client.as_deref(), elicitation);
        Ok(page::page(context, Some(&browser), "Connect Bitbucket", &content))
    })
    .await
}

/// The name of the client that a link came from, if the link is this person's.
async fn asking_client(
    context: &Context,
    browser: &Browser,
    id: &str,
) -> Result<Result<String, Problem<'static>>, Fault> {
    let Some(link) = elicitation::find(context, id).await? else { return Ok(Err(LINK_ENDED)) };
    if link.user_id != browser.person.id {
        let fields = [("opened_by", browser.person.id.as_str().into()), ("made_for", link.user_id.as_str().into())];
        context.log(Level::Warning, "connect link opened by another person", &fields);
        return Ok(Err(ANOTHER_PERSONS_LINK));
    }
    let client = clients::find(context, &link.client_id).await?;
    Ok(Ok(client.map_or_else(|| "An AI client".to_owned(), |client| client.name.clone())))
}

fn confirmation(context: &Context, browser: &Browser, client: Option<&str>, elicitation: Option<&str>) -> Markup {
    html! {
        section.card.narrow {
            h1 { "Connect your Bitbucket account" }
            @if let Some(client) = client {
                p { strong { (client) } " needs it to go on with what you asked." }
            }
            dl.facts {
                dt { "You are" } dd { (browser.person.name) " (" (browser.person.username) ")" }
                dt { "Connects to" } dd { strong.host { (consumer_host(context)) } }
                dt { "Its tools need" } dd { (scopes(needed_scopes().into_iter())) }
            }
            p.note {
                "Bitbucket will ask whether you allow it. The access is kept here, sealed, and used for your own calls \
                 only: no AI client ever gets it."
            }
            div.actions {
                (connect_form(context, browser, "Continue to Bitbucket", true, elicitation))
                a.button href="/connections" { "Not now" }
            }
        }
    }
}

/// What the tools of the catalogue need of Bitbucket.
fn needed_scopes() -> Vec<&'static str> {
    let calls = catalog::ALL.iter().filter_map(|operation| operation.call.as_ref());
    let bitbucket = calls.filter(|call| call.provider == &BITBUCKET);
    let mut names: Vec<&str> = bitbucket.flat_map(|call| call.scopes.classic).copied().collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Where the consent is given.
fn consumer_host(context: &Context) -> String {
    let consumer = context.settings.site(&BITBUCKET).ok().and_then(|site| site.consumer.as_ref());
    let url = consumer.and_then(|consumer| url::Url::parse(&consumer.url).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// `POST /connect/bitbucket`.
pub(super) async fn connect(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        if let Some(id) = form.get("e")
            && let Err(problem) = asking_client(context, &browser, id).await?
        {
            return Ok(page::problem(context, Some(&browser), &problem));
        }
        let occasion = form.get("e").map_or(Occasion::Page, Occasion::Link);
        let begun = attempt::begin(context, &connector(&browser), &BITBUCKET, occasion).await?;
        Ok(page::leave(context, &browser, &begun.location, "Bitbucket").with("set-cookie", begun.cookie))
    })
    .await
}

/// Takes the browser to Bitbucket in the middle of something else, and back to it.
pub(super) async fn detour(context: &Context, browser: &Browser, onward: &str) -> Result<Response, Fault> {
    let begun = attempt::begin(context, &connector(browser), &BITBUCKET, Occasion::Detour(onward)).await?;
    Ok(page::leave(context, browser, &begun.location, "Bitbucket").with("set-cookie", begun.cookie))
}

/// `GET /callback/bitbucket`: back from Bitbucket, and where the way there was a detour, back on the way.
pub(super) async fn callback(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::signed_in(context, request, async |browser| {
        let (finished, onward) = attempt::finish(context, &connector(&browser), &BITBUCKET, request).await?;
        let stopped = match &finished {
            Finished::Connected { .. } => {
                session::forget_credential(context, &browser.person.id, &BITBUCKET).await?;
                None
            }
            Finished::Refused => Some(NOT_GRANTED),
            Finished::Foreign => Some(FOREIGN_ATTEMPT),
            Finished::ProviderFailed => Some(PROVIDER_FAILED),
        };
        if let Some(onward) = onward {
            return consent::go_on(context, &browser, &onward, stopped.as_ref()).await;
        }
        let problem = match (finished, stopped) {
            (Finished::Connected { account }, _) => {
                return Ok(page::page(context, Some(&browser), "Bitbucket is connected", &connected(&account)));
            }
            (_, problem) => problem.unwrap_or(FOREIGN_ATTEMPT),
        };
        // Whoever waits for the link is told that nothing came of it.
        session::wake_holds(context, &browser.person.id).await?;
        let again = html! { a.button.primary href=(CONNECT) { "Connect Bitbucket" } };
        Ok(page::problem_with(context, Some(&browser), &problem, &again))
    })
    .await
}

fn connected(account: &str) -> Markup {
    html! {
        section.card.narrow {
            h1 { "Bitbucket is connected" }
            p { "Your AI clients now work with Bitbucket as " strong { (account) } "." }
            p { "You can close this page and go back to your AI client. If it did not wait, ask it again." }
            p.actions { a.button href="/connections" { "See your connections" } }
        }
    }
}

/// `POST /connections/bitbucket/disconnect`.
pub(super) async fn disconnect(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, _| {
        let ended_there = deprovisioning::disconnect(context, &browser.person.id, &BITBUCKET).await?;
        Ok(page::see_other(if ended_there { "/connections?ended=everywhere" } else { "/connections?ended=here" }))
    })
    .await
}

const fn connector(browser: &Browser) -> Connector<'_> {
    Connector {
        user: &browser.person.id,
        session_hash: browser.session_hash.as_str(),
        ended_before: browser.ended_before,
    }
}

const LINK_ENDED: Problem<'_> = Problem {
    status: 404,
    title: "This link has ended",
    explanation: "A link from an AI client works for ten minutes, and this one is over or was never given out.",
    next_step: "Ask your AI client again for a new one, or connect under Connections.",
};
const ANOTHER_PERSONS_LINK: Problem<'_> = Problem {
    status: 403,
    title: "This link is not for you",
    explanation: "It was made for another person. Had you gone on, that person's AI client would have worked with your \
                  account. Nothing was connected.",
    next_step: "Do not use links that others send you. To connect your own account, go to Connections.",
};
const NOT_GRANTED: Problem<'_> = Problem {
    status: 200,
    title: "Bitbucket was not connected",
    explanation: "The access was not granted at Bitbucket, so nothing changed here.",
    next_step: "Connect again if you did not mean to refuse.",
};
const FOREIGN_ATTEMPT: Problem<'_> = Problem {
    status: 400,
    title: "Bitbucket was not connected",
    explanation: "This attempt was started in another browser or by another person, took longer than ten minutes, or is \
                  already over.",
    next_step: "Start again, and finish in the same browser.",
};
const PROVIDER_FAILED: Problem<'_> = Problem {
    status: 502,
    title: "Bitbucket was not connected",
    explanation: "Bitbucket did not answer as it should.",
    next_step: "Try again in a moment. If it stays like this, tell your administrator the request id below.",
};
