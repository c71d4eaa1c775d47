//! Connecting an account: the page before it, the way to the provider, and the way back.

use maud::{Markup, html};

use super::{
    access, consent, not_found,
    page::{self, Problem},
};
use crate::{
    authorization::clients,
    catalog,
    connections::{
        attempt::{self, Connector, Finished, Occasion},
        elicitation,
    },
    context::Context,
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
        log::Level,
    },
    providers::Site,
    session,
};

/// The site that a part of an address names, where people connect accounts of their own.
pub(super) fn site_named(context: &Context, name: Option<&str>) -> Option<Site> {
    let site = name.and_then(Site::parse)?;
    let is_connected_to = context.settings.sites.get(site).is_ok_and(|settings| settings.consumer.is_some());
    is_connected_to.then_some(site)
}

/// The site that is all of an address but its first segment.
fn site_of(context: &Context, request: &Request) -> Option<Site> {
    site_named(context, request.path.trim_start_matches('/').split_once('/').map(|(_, name)| name))
}

fn address(site: Site) -> String {
    format!("/connect/{site}")
}

pub(super) fn scopes<'a>(names: impl Iterator<Item = &'a str>) -> Markup {
    html! { ul.chips { @for name in names { li { code { (name) } } } } }
}

pub(super) fn connect_form(
    context: &Context,
    browser: &Browser,
    site: Site,
    label: &str,
    primary: bool,
    elicitation: Option<&str>,
) -> Markup {
    let action = address(site);
    html! {
        form method="post" action=(action) {
            (page::form_fields(context, browser, &action))
            @if let Some(id) = elicitation { input type="hidden" name="e" value=(id); }
            button.primary[primary] type="submit" { (label) }
        }
    }
}

/// `GET /connect/{site}?e=`: asks before anything happens. With `e`, on behalf of the client that gave out the
/// link, and for its one person.
pub(super) async fn confirm(context: &Context, request: &Request) -> Result<Response, Fault> {
    let Some(site) = site_of(context, request) else { return not_found(context, request).await };
    access::signed_in(context, request, async |browser| {
        let query = request.query();
        let elicitation = query.get("e");
        let client = match (elicitation, query.repeats("e")) {
            (None, false) => None,
            (id, _) => match asking_client(context, &browser, site, id.unwrap_or_default()).await? {
                Ok(client) => Some(client),
                Err(problem) => return Ok(page::problem(context, Some(&browser), &problem)),
            },
        };
        let content = confirmation(context, &browser, site, client.as_deref(), elicitation);
        Ok(page::page(context, Some(&browser), &format!("Connect {}", site.title()), &content))
    })
    .await
}

/// The name of the client that a link came from, if the link is this person's and leads to this site.
async fn asking_client(
    context: &Context,
    browser: &Browser,
    site: Site,
    id: &str,
) -> Result<Result<String, Problem<'static>>, Fault> {
    let found = elicitation::find(context, id).await?;
    let Some(link) = found.filter(|link| Site::parse(&link.site) == Some(site)) else { return Ok(Err(LINK_ENDED)) };
    if link.user_id != browser.person.id {
        let fields = [("opened_by", browser.person.id.as_str().into()), ("made_for", link.user_id.as_str().into())];
        context.log(Level::Warning, "connect link opened by another person", &fields);
        return Ok(Err(ANOTHER_PERSONS_LINK));
    }
    let client = clients::find(context, &link.client_id).await?;
    Ok(Ok(client.map_or_else(|| "An AI client".to_owned(), |client| client.name.clone())))
}

fn confirmation(
    context: &Context,
    browser: &Browser,
    site: Site,
    client: Option<&str>,
    elicitation: Option<&str>,
) -> Markup {
    let name = site.title();
    html! {
        section.card.narrow {
            h1 { "Connect your " (name) " account" }
            @if let Some(client) = client {
                p { strong { (client) } " needs it to go on with what you asked." }
            }
            dl.facts {
                dt { "You are" } dd { (browser.person.name) " (" (browser.person.username) ")" }
                dt { "Connects to" } dd { strong.host { (consumer_host(context, site)) } }
                dt { "Its tools need" } dd { (scopes(catalog::needed_scopes(site.provider).into_iter())) }
            }
            p.note {
                (name) " will ask whether you allow it. The access is kept here, sealed, and used for your own calls \
                 only: no AI client ever gets it."
            }
            div.actions {
                (connect_form(context, browser, site, &format!("Continue to {name}"), true, elicitation))
                a.button href="/connections" { "Not now" }
            }
        }
    }
}

/// Where the consent is given.
fn consumer_host(context: &Context, site: Site) -> String {
    let consumer = context.settings.sites.get(site).ok().and_then(|settings| settings.consumer.as_ref());
    let url = consumer.and_then(|consumer| url::Url::parse(&consumer.url).ok());
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

/// `POST /connect/{site}`.
pub(super) async fn connect(context: &Context, request: &Request) -> Result<Response, Fault> {
    let Some(site) = site_of(context, request) else { return not_found(context, request).await };
    access::submitted(context, request, async |browser, form| {
        if let Some(id) = form.get("e")
            && let Err(problem) = asking_client(context, &browser, site, id).await?
        {
            return Ok(page::problem(context, Some(&browser), &problem));
        }
        begin(context, &browser, site, form.get("e").map_or(Occasion::Page, Occasion::Link)).await
    })
    .await
}

/// Takes the browser to the provider in the middle of something else, and back to it.
pub(super) async fn detour(context: &Context, browser: &Browser, site: Site, onward: &str) -> Result<Response, Fault> {
    begin(context, browser, site, Occasion::Detour(onward)).await
}

async fn begin(context: &Context, browser: &Browser, site: Site, occasion: Occasion<'_>) -> Result<Response, Fault> {
    let begun = attempt::begin(context, &connector(browser), site, occasion).await?;
    Ok(page::leave(context, browser, &begun.location, &site.title()).with("set-cookie", begun.cookie))
}

/// `GET /callback/{site}`: back from the provider, and where the way there was a detour, back on the way.
pub(super) async fn callback(context: &Context, request: &Request) -> Result<Response, Fault> {
    let Some(site) = site_of(context, request) else { return not_found(context, request).await };
    access::signed_in(context, request, async |browser| {
        let (finished, onward) = attempt::finish(context, &connector(&browser), site, request).await?;
        let title = site.title();
        if !finished.connected_sites(site).is_empty() {
            session::forget_credential(context, &browser.person.id, site).await?;
        }
        let outcome = Stopped::unless_connected(finished, site);
        if let Some(onward) = onward {
            let problem = outcome.as_ref().err().map(Stopped::problem);
            return consent::go_on(context, &browser, &onward, problem.as_ref()).await;
        }
        match outcome {
            Ok((account, also)) => {
                let heading = format!("{title} is connected");
                Ok(page::page(context, Some(&browser), &heading, &connected(&title, &account, &also)))
            }
            Err(stopped) => {
                // Whoever waits for the link is told that nothing came of it.
                session::wake_holds(context, &(&browser.person.id).into()).await?;
                let again = html! { a.button.primary href=(address(site)) { "Connect " (title) } };
                Ok(page::problem_with(context, Some(&browser), &stopped.problem(), &again))
            }
        }
    })
    .await
}

/// `also` are the other sites that the same consent covers.
fn connected(provider: &str, account: &str, also: &[Site]) -> Markup {
    html! {
        section.card.narrow {
            h1 { (provider) " is connected" }
            p { "Your AI clients now work with " (provider) " as " strong { (account) } "." }
            @if !also.is_empty() { p { "The same consent covers " strong { (titles(also)) } "." } }
            p { "You can close this page and go back to your AI client. If it did not wait, ask it again." }
            p.actions { a.button href="/connections" { "See your connections" } }
        }
    }
}

fn titles(sites: &[Site]) -> String {
    sites.iter().map(Site::title).collect::<Vec<_>>().join(", ")
}

const fn connector(browser: &Browser) -> Connector<'_> {
    Connector {
        user: &browser.person.id,
        session_hash: browser.session_hash.as_str(),
        ended_before: browser.ended_before,
    }
}

/// An attempt that connected nothing, in words.
struct Stopped {
    status: u16,
    title: String,
    explanation: String,
    next_step: &'static str,
}

impl Stopped {
    /// The name of the account, with the other sites that it is connected at, or what stopped the attempt for that site.
    fn unless_connected(finished: Finished, site: Site) -> Result<(String, Vec<Site>), Self> {
        let provider = site.title();
        let (status, explanation, next_step) = match finished {
            Finished::Connected { account, also } => return Ok((account, also)),
            Finished::OtherSites { connected, unknown, .. } => (
                200,
                other_sites(site, &connected, &unknown),
                "Connect again, and choose that site on the provider's page. If it is not offered there, you have no access \
                 to it: ask its administrator. If it should be another site, ask an administrator of Postern to set it up.",
            ),
            Finished::Refused => (
                200,
                format!("The access was not granted at {provider}, so nothing changed here."),
                "Connect again if you did not mean to refuse.",
            ),
            Finished::Foreign => (
                400,
                "This attempt was started in another browser or by another person, took longer than ten minutes, or is \
                 already over."
                    .to_owned(),
                "Start again, and finish in the same browser.",
            ),
            Finished::ProviderFailed => (
                502,
                format!("{provider} did not answer as it should."),
                "Try again in a moment. If it stays like this, tell your administrator the request id below.",
            ),
        };
        Err(Self { status, title: format!("{provider} was not connected"), explanation, next_step })
    }

    fn problem(&self) -> Problem<'_> {
        let Self { status, title, explanation, next_step } = self;
        Problem { status: *status, title, explanation, next_step }
    }
}

/// What was granted in place of access to that site.
fn other_sites(site: Site, connected: &[Site], unknown: &[String]) -> String {
    let mut text = format!("You did not grant access to the site that Postern knows as {}.", site.title());
    if !connected.is_empty() {
        text.push_str(&format!(" What you granted is connected: {}.", titles(connected)));
    }
    if !unknown.is_empty() {
        text.push_str(&format!(" Postern is not set up for {}, and keeps no access to it.", unknown.join(", ")));
    }
    text
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
