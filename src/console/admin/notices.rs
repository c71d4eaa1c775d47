//! Where notices go: webhooks that administrators enter, with what each is told of.

use maud::{Markup, html};

use super::reason::back;
use crate::{
    audit::feed::{self, Lag},
    authorization::clients::public_url::PublicUrl,
    console::{
        access,
        page::{self, Problem},
        text::{Tone, badge, moment},
    },
    context::Context,
    crypto::secret::Secret,
    governance::notices::{
        delivery,
        endpoints::{self, BOTH_SIGN_FOR, Endpoint},
        message::{Form as NoticeForm, TOPICS},
    },
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Request, Response},
    },
};

const NOTICES: &str = "/admin/notices";
const TEST: &str = "/admin/notices/test";
const ROTATE: &str = "/admin/notices/rotate";
const REMOVE: &str = "/admin/notices/remove";
const TITLE: &str = "Notices";

/// `GET /admin/notices`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| shown(context, &browser, &html! {}).await).await
}

/// `POST /admin/notices`: enters a webhook, and shows its secret this once.
pub async fn enter(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let refuse = |problem: &Problem<'_>| Ok(page::problem_with(context, Some(&browser), problem, &back(NOTICES)));
        let text = form.get("url").unwrap_or_default().trim();
        // Services show theirs with a port or capitals, which mean nothing.
        let url = url::Url::parse(text).map_or_else(|_| text.to_owned(), String::from);
        if let Err(problem) = PublicUrl::parse(&url) {
            let explanation = format!("The address {problem}.");
            return refuse(&Problem { explanation: &explanation, ..NOT_ENTERED });
        }
        let named = |name: &str| NoticeForm::ALL.into_iter().find(|(form, _)| form.name() == name);
        let Some((of_form, _)) = form.get("form").and_then(named) else { return refuse(&NOT_ENTERED) };
        let is_chosen = |name: &str| form.all("topic").any(|chosen| chosen == name);
        let topics: Vec<String> =
            TOPICS.iter().filter(|topic| is_chosen(topic.name)).map(|topic| topic.name.to_owned()).collect();
        if topics.is_empty() && of_form != NoticeForm::Ocsf {
            return refuse(&NOT_ENTERED);
        }
        match endpoints::enter(context, &browser.person.id, &url, of_form, topics).await? {
            Some(secret) => shown(context, &browser, &shown_once(&secret)).await,
            None => refuse(&Problem { explanation: "There are ten already.", ..NOT_ENTERED }),
        }
    })
    .await
}

/// What becomes of a webhook. One function does it, so that it is in the WASM once.
#[derive(Clone, Copy)]
enum Change {
    Rotate,
    Test,
    Remove,
}

/// `POST /admin/notices/rotate`: replaces a webhook's secret, and shows the new one this once.
pub async fn rotate(context: &Context, request: &Request) -> Result<Response, Fault> {
    change(context, request, Change::Rotate).await
}

/// `POST /admin/notices/test`: sends a webhook something that did not happen, and shows what it answered.
pub async fn test(context: &Context, request: &Request) -> Result<Response, Fault> {
    change(context, request, Change::Test).await
}

/// `POST /admin/notices/remove`.
pub async fn remove(context: &Context, request: &Request) -> Result<Response, Fault> {
    change(context, request, Change::Remove).await
}

async fn change(context: &Context, request: &Request, change: Change) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let (by, id) = (&browser.person.id, form.get("endpoint").unwrap_or_default());
        let news = match change {
            Change::Rotate => endpoints::rotate(context, by, id).await?.as_ref().map(shown_once),
            Change::Test => delivery::test(context, by, id).await?.map(|answer| {
                html! { section.card role="status" { h2 { "A test was sent" } p { (answer) } } }
            }),
            Change::Remove => {
                endpoints::remove(context, by, id).await?;
                return Ok(page::see_other(NOTICES));
            }
        };
        shown(context, &browser, &news.unwrap_or_default()).await
    })
    .await
}

const NOT_ENTERED: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was entered",
    explanation: "A webhook needs an address, a form and something that it is told of.",
    next_step: "Go back and fill in the form.",
};

/// The page, with what has just become of a webhook.
async fn shown(context: &Context, browser: &Browser, news: &Markup) -> Result<Response, Fault> {
    let mut endpoints = Vec::new();
    for endpoint in endpoints::list(context).await? {
        let lag = match endpoint.contents.form {
            NoticeForm::Ocsf => Some(feed::lag(context.platform.database.as_ref(), endpoint.told).await?),
            _ => None,
        };
        endpoints.push((endpoint, lag));
    }
    Ok(page::page(context, Some(browser), TITLE, &content(context, browser, &endpoints, news)))
}

fn shown_once(secret: &Secret) -> Markup {
    html! {
        section.card role="status" {
            h2 { "Its secret, which is shown this once" }
            p.address { code { (secret.expose()) } }
            p.fine {
                "Every notice is signed with it, as Standard Webhooks has it (webhook-id, webhook-timestamp, \
                 webhook-signature). Receivers keep the ids that they have seen."
            }
        }
    }
}

fn content(context: &Context, browser: &Browser, endpoints: &[(Endpoint, Option<Lag>)], news: &Markup) -> Markup {
    html! {
        h1 { (TITLE) }
        p.lead {
            "Webhooks are told of what needs people, as it comes to the audit log: each at least once, in order, and again \
             where they did not answer. Links in them need a sign-in."
        }
        (news)
        @if endpoints.is_empty() {
            section.card { p { "Nobody is told of anything yet." } }
        } @else {
            ul.entries { @for (endpoint, lag) in endpoints { li { (entry(context, browser, endpoint, lag.as_ref())) } } }
        }
        (form(context, browser))
    }
}

fn entry(context: &Context, browser: &Browser, endpoint: &Endpoint, lag: Option<&Lag>) -> Markup {
    let contents = &endpoint.contents;
    let told = TOPICS.iter().filter(|topic| contents.topics.iter().any(|name| name == topic.name));
    let told: Vec<_> = told.map(|topic| topic.words).collect();
    let host = contents.host();
    let button = |action: &str, label: &str, takes_away: bool| {
        html! {
            form method="post" action=(action) {
                (page::form_fields(context, browser, action))
                input type="hidden" name="endpoint" value=(endpoint.id);
                button.danger[takes_away] type="submit" aria-label=(format!("{label}: {host}")) { (label) }
            }
        }
    };
    html! {
        h3 {
            (host) " "
            @match &endpoint.failure {
                Some(failure) => (badge(Tone::Bad, failure)),
                None => (badge(Tone::Good, contents.form.name())),
            }
        }
        p {
            @match lag {
                None => { (told.join("; ")) "." }
                Some(Lag { since: None, .. }) => "Every event. It has all of them.",
                Some(Lag { events, since: Some(since) }) => {
                    "Every event. It is behind by " @if *events > 1000 { "more than 1000" } @else { (events) }
                    ", the earliest of " (moment(*since)) "."
                }
            }
            @if endpoint.attempts > 0 { " The next notice was sent " (endpoint.attempts) " times in vain." }
        }
        div.actions {
            (button(TEST, "Send a test", false)) (button(ROTATE, "Replace the secret", false)) (button(REMOVE, "Take away", true)) }
    }
}

fn form(context: &Context, browser: &Browser) -> Markup {
    let hours = BOTH_SIGN_FOR.as_secs() / 3600;
    html! {
        section.card {
            h2 { "Tell somebody else" }
            form.entry method="post" action=(NOTICES) {
                (page::form_fields(context, browser, NOTICES))
                div {
                    label for="url" { "Address of the webhook: https, on the public Internet" }
                    input id="url" name="url" type="url" required autocomplete="off" spellcheck="false";
                }
                fieldset {
                    legend { "In which form?" }
                    @for (index, (of_form, words)) in NoticeForm::ALL.into_iter().enumerate() {
                        label.choice {
                            input type="radio" name="form" value=(of_form.name()) required checked[index == 0];
                            span { (words) }
                        }
                    }
                }
                fieldset {
                    legend { "Of what?" }
                    @for topic in &TOPICS {
                        label.choice {
                            input type="checkbox" name="topic" value=(topic.name) checked;
                            span { (topic.words) }
                        }
                    }
                }
                button.primary type="submit" { "Enter it" }
            }
            p.fine { "A secret that is replaced goes on signing beside the new one for " (hours) " hours." }
        }
    }
}
