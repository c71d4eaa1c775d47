//! The consent page: every client, every time.

use maud::{Markup, html};
use serde_json::Map;

use super::{
    access,
    page::{self, Problem},
    text::{Tone, badge, moment},
};
use crate::{
    authorization::{
        authorize::{self, Authorize, Decision, Onward, Refusal},
        clients::Origin,
        consent::ConsentRequest,
        limits,
        redirect::{Destination, Registered},
    },
    identity::browser::{self, Browser},
    platform::{
        Fault,
        http::{Request, Response},
    },
    postern::Postern,
};

const DECISION: &str = "/authorize/decision";

/// `GET /authorize`: the authorization endpoint (RFC 6749 §3.1).
pub(super) async fn authorize(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    if !limits::may_ask(postern, request, "authorize").await {
        return Ok(too_many(postern, request));
    }
    let browser = browser::current(postern, request).await?;
    Ok(match (authorize::authorize(postern, request, browser.as_ref()).await?, &browser) {
        (Authorize::Refused(refusal), _) if is_program(request) => refused_to_a_program(postern, &refusal),
        (Authorize::Refused(refusal), browser) => refused(postern, browser.as_ref(), &refusal),
        (Authorize::Respond(response), _) => response,
        (Authorize::Onward(onward), browser) => onward_page(postern, browser.as_ref(), &onward),
        (Authorize::Consent(consent), Some(browser)) => {
            page::page(postern, Some(browser), "Allow an AI client", &content(postern, browser, &consent))
        }
        (Authorize::SignIn | Authorize::Consent(_), _) => Response::redirect(access::sign_in_address(request)),
    })
}

/// `POST /authorize/decision`.
pub(super) async fn decide(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    access::submitted(postern, request, async |browser, form| {
        let approved = match form.get("decision") {
            Some("approve") => true,
            Some("deny") => false,
            _ => return Ok(page::problem(postern, Some(&browser), &NO_DECISION)),
        };
        let id = form.get("request").unwrap_or_default();
        Ok(match authorize::decide(postern, &browser, id, approved).await? {
            Decision::Redirect(location) => page::leave(postern, &browser, &location, "your AI client"),
            Decision::Refused(refusal) => refused(postern, Some(&browser), &refusal),
        })
    })
    .await
}

fn too_many(postern: &Postern, request: &Request) -> Response {
    const TOO_MANY: Problem<'_> = Problem {
        status: 429,
        title: "Too many sign-in requests",
        explanation: "More of them came from your network within a minute than Postern answers.",
        next_step: "Wait a minute, then start the sign-in again from your AI client.",
    };
    if is_program(request) {
        limits::too_many(TOO_MANY.explanation)
    } else {
        page::problem(postern, None, &TOO_MANY).with("retry-after", "60")
    }
}

/// Whether JSON is a better answer to this request than a page.
fn is_program(request: &Request) -> bool {
    request.wants("application/json") > request.wants("text/html")
}

/// The same refusal in the form that programs read: some look before they send a person. Where a client is unknown, it
/// also says where to register.
fn refused_to_a_program(postern: &Postern, refusal: &Refusal) -> Response {
    let mut body = Map::new();
    body.insert("error".into(), refusal.code.into());
    body.insert("error_description".into(), format!("{} {}", refusal.explanation, refusal.next_step).into());
    if refusal.code == "invalid_client" {
        body.insert("registration_endpoint".into(), format!("{}/register", postern.settings.public_url).into());
    }
    Response::json(400, &body)
}

/// A person chooses whether to go to an address that only a stranger vouches for.
fn onward_page(postern: &Postern, browser: Option<&Browser>, onward: &Onward) -> Response {
    let Onward { client_name, authority, location, problem } = onward;
    let mut response = page::page(
        postern,
        browser,
        "This sign-in cannot go on",
        &html! {
            section.card.narrow {
                h1 { "This sign-in cannot go on" }
                p { "The AI client " strong { (client_name) } " asked for something that it cannot have: " (problem) "." }
                p {
                    strong { "What you can do: " }
                    "Go back to it, if you came from there and know " strong.host { (authority) } ". Nobody here vouches for \
                     that address. If you followed a link, close this page."
                }
                p.actions { a.button href=(location) rel="noreferrer" { "Go to " (authority) } }
            }
        },
    );
    response.status = 400;
    response
}

fn refused(postern: &Postern, browser: Option<&Browser>, refusal: &Refusal) -> Response {
    let Refusal { title, explanation, next_step, .. } = refusal;
    page::problem(postern, browser, &Problem { status: 400, title, explanation, next_step })
}

const NO_DECISION: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was decided",
    explanation: "The form came without a decision.",
    next_step: "Go back and press one of the two buttons.",
};

fn content(postern: &Postern, browser: &Browser, consent: &ConsentRequest) -> Markup {
    let ConsentRequest { client, redirect, .. } = consent;
    html! {
        section.card.narrow {
            h1 { "Allow this AI client to act for you?" }
            div.subject {
                p.name { (client.name) }
                p { (vouched_for(&client.origin)) }
            }
            dl.facts {
                dt { "Your answer goes to" }
                dd { strong.host { (redirect.authority()) } }
                @if let Origin::MetadataDocument { host, .. } = &client.origin {
                    dt { "Vouched for by" }
                    dd { strong.host { (host) } }
                }
                dt { "Client id" }
                dd { code { (client.id) } }
                @if client.origin == Origin::SelfRegistered {
                    dt { "Registered" }
                    dd { (moment(client.created_at)) }
                }
                dt { "You are" }
                dd { (browser.person.name) " (" (browser.person.username) ")" }
            }
            (warning(redirect))
            h2 { "It will be able to" }
            ul.scopes {
                @for scope in consent.scopes.iter() { li { (scope.in_words()) } }
            }
            p.fine {
                "Within what you may do yourself, with the tools your administrators approved. It never sees your \
                 passwords or tokens. You can end this under " a href="/clients" { "AI clients" } " whenever you like."
            }
            form.actions method="post" action=(DECISION) {
                (page::form_fields(postern, browser, DECISION))
                input type="hidden" name="request" value=(consent.id);
                button.primary type="submit" name="decision" value="approve" { "Allow" }
                button type="submit" name="decision" value="deny" { "Deny" }
            }
        }
    }
}

/// What stands behind the client's name.
fn vouched_for(origin: &Origin) -> Markup {
    match origin {
        Origin::SelfRegistered | Origin::MetadataDocument { .. } => {
            html! { (badge(Tone::Waiting, "Not verified")) " The client gave itself this name." }
        }
        Origin::PreRegistered => html! { (badge(Tone::Good, "Known here")) " An administrator of yours entered it." },
    }
}

/// What a person should look at before the answer goes there.
fn warning(redirect: &Registered) -> Markup {
    match redirect.destination() {
        Destination::Web => html! {
            p.note {
                strong { "Check the address. " }
                "Allow it only if you know " strong { (redirect.authority()) } " and came here from there."
            }
        },
        Destination::Loopback => html! {
            p.note.warning {
                strong { "This is a program on your own computer. " }
                "Any program there can use this name. Allow it only if you have just started to connect an AI client \
                 yourself."
            }
        },
        Destination::PrivateUse => html! {
            p.note.warning {
                strong { "This opens a program on your own computer. " }
                "Whichever program there takes " strong { (redirect.authority()) } " links gets the answer. Allow it only \
                 if you have just started to connect that program yourself."
            }
        },
    }
}
