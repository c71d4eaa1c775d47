//! The consent page: every client, every time.

use std::rc::Rc;

use maud::{Markup, html};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use super::{
    access, connect,
    page::{self, Problem},
    text::{Tone, badge, moment},
};
use crate::{
    authorization::{
        clients::{
            Origin,
            redirect::{Destination, Registered},
        },
        endpoints::{
            authorize::{self, Authorize, Onward, Refusal},
            consent::{self, ConsentRequest, Line},
            decision::{self, Choice, Decision, UNDECIDABLE},
        },
        limits,
        tokens::scope::Scope,
    },
    connections::{accounts, attempt},
    context::Context,
    governance::{
        facts::ToolFacts,
        policy::{PolicySnapshot, State},
        tool_decisions,
    },
    identity::browser::{self, Browser},
    platform::{
        Fault,
        http::{Request, Response},
        json,
    },
    providers::{AccountKind, Site},
    tools::{self, Tool},
};

const DECISION: &str = "/authorize/decision";

/// How the decision begins that lets the client in and connects an account first; the provider's id follows.
const APPROVE_AND_CONNECT: &str = "approve_and_connect_";

/// `GET /authorize`: the authorization endpoint (RFC 6749 §3.1).
pub(super) async fn authorize(context: &Context, request: &Request) -> Result<Response, Fault> {
    if !limits::may_ask(context, request, "authorize").await {
        return Ok(too_many(context, request));
    }
    let browser = browser::current(context, request).await?;
    Ok(match (authorize::authorize(context, request, browser.as_ref()).await?, &browser) {
        (Authorize::Refused(refusal), _) if is_program(request) => refused_to_a_program(context, &refusal),
        (Authorize::Refused(refusal), browser) => refused(context, browser.as_ref(), &refusal),
        (Authorize::Respond(response), _) => response,
        (Authorize::Onward(onward), browser) => onward_page(context, browser.as_ref(), &onward),
        (Authorize::Consent(consent), Some(browser)) => {
            let setting = setting(context, browser).await?;
            page::page(context, Some(browser), "Allow an AI client", &content(context, browser, &consent, &setting))
        }
        (Authorize::SignIn | Authorize::Consent(_), _) => access::to_sign_in(context, request),
    })
}

/// What is so here and now, whichever client asks.
struct Setting {
    policy: PolicySnapshot,
    /// What may run.
    tools: Vec<Rc<Tool>>,
    /// Where some of it needs an account of the person's own, and there is none that works.
    lacking: Vec<Site>,
}

async fn setting(context: &Context, browser: &Browser) -> Result<Setting, Fault> {
    let policy = tool_decisions::on_record(context).await?;
    let is_approved = |tool: &&Rc<Tool>| policy.state(&ToolFacts::of_tool(tool)) == State::Approved;
    let tools: Vec<Rc<Tool>> =
        tools::all().iter().filter(is_approved).map(|tool| policy.tool_policy.classified(tool)).collect();
    let accounts = accounts::list(context, &browser.person.id).await?;
    let sites = &context.settings.sites;
    let works = |site: Site| accounts::at(&accounts, site).is_some_and(|account| !account.is_broken());
    let is_lacking = |site: &Site| {
        let accounts_here = policy.accounts(*site, sites.accounts(*site));
        let needs_own = |tool: &Rc<Tool>| accounts_here.needs_own(tool.writes());
        // Of several sites, one is enough to begin with.
        accounts_here.kind.has_own()
            && tools.iter().filter(|tool| tool.provider == Some(site.provider)).any(needs_own)
            && !sites.of(site.provider).any(works)
    };
    let lacking = sites.all().filter(is_lacking).collect();
    Ok(Setting { policy, tools, lacking })
}

/// A decision that waits for the person to come back from a provider.
#[derive(Serialize, Deserialize)]
struct Detour {
    request: String,
    writing: bool,
}

/// `POST /authorize/decision`. Without its box ticked, or without a box, a client gets reading alone.
pub(super) async fn decide(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, form| {
        let id = form.get("request").unwrap_or_default();
        let writing = form.get("write").is_some();
        let choice = match form.get("decision") {
            Some("approve") => Choice::Allow { writing },
            Some("deny") => Choice::Deny,
            decision => {
                let site = decision.and_then(|decision| decision.strip_prefix(APPROVE_AND_CONNECT));
                let Some(site) = connect::site_named(context, site) else {
                    return Ok(page::problem(context, Some(&browser), &NO_DECISION));
                };
                if !decision::hold(context, &browser, id, attempt::LIFETIME).await? {
                    return Ok(refused(context, Some(&browser), &UNDECIDABLE));
                }
                let onward = serde_json::to_string(&Detour { request: id.to_owned(), writing });
                let onward = onward.map_err(|error| Fault::new("decision", error))?;
                return connect::detour(context, &browser, site, &onward).await;
            }
        };
        Ok(match decision::decide(context, &browser, id, choice).await? {
            Decision::Redirect(location) => page::leave(context, &browser, &location, CLIENT),
            Decision::Refused(refusal) => refused(context, Some(&browser), &refusal),
        })
    })
    .await
}

/// Carries out the decision of somebody who comes back from connecting an account. The client is let in also where
/// something `stopped` the connection; the person is told on the way.
pub(super) async fn go_on(
    context: &Context,
    browser: &Browser,
    onward: &str,
    stopped: Option<&Problem<'_>>,
) -> Result<Response, Fault> {
    let Detour { request, writing } = json::from_str(onward).map_err(|error| Fault::new("decision", error))?;
    Ok(match (decision::decide(context, browser, &request, Choice::Allow { writing }).await?, stopped) {
        (Decision::Redirect(location), None) => page::leave(context, browser, &location, CLIENT),
        (Decision::Redirect(location), Some(problem)) => page::leave_after(
            context,
            browser,
            &location,
            CLIENT,
            &Problem { next_step: LET_IN_ALL_THE_SAME, ..*problem },
        ),
        (Decision::Refused(refusal), _) => refused(context, Some(browser), &refusal),
    })
}

const CLIENT: &str = "your AI client";

const LET_IN_ALL_THE_SAME: &str = "Go on to your AI client: you allowed it, and it is let in. Connect the account later \
                                   under Connections, or when the client asks for it.";

fn too_many(context: &Context, request: &Request) -> Response {
    const TOO_MANY: Problem<'_> = Problem {
        status: 429,
        title: "Too many sign-in requests",
        explanation: "More of them came from your network within a minute than Postern answers.",
        next_step: "Wait a minute, then start the sign-in again from your AI client.",
    };
    if is_program(request) {
        limits::too_many(TOO_MANY.explanation)
    } else {
        page::problem(context, None, &TOO_MANY).with("retry-after", "60")
    }
}

/// Whether JSON is a better answer to this request than a page.
fn is_program(request: &Request) -> bool {
    request.wants("application/json") > request.wants("text/html")
}

/// The same refusal in the form that programs read: some look before they send a person. Where a client is unknown, it
/// also says where to register.
fn refused_to_a_program(context: &Context, refusal: &Refusal) -> Response {
    let mut body = Map::new();
    body.insert("error".into(), refusal.code.into());
    body.insert("error_description".into(), format!("{} {}", refusal.explanation, refusal.next_step).into());
    if refusal.code == "invalid_client" {
        body.insert("registration_endpoint".into(), format!("{}/register", context.settings.public_url).into());
    }
    Response::json(400, &body)
}

/// A person chooses whether to go to an address that only a stranger vouches for.
fn onward_page(context: &Context, browser: Option<&Browser>, onward: &Onward) -> Response {
    let Onward { client_name, authority, location, problem } = onward;
    let mut response = page::page(
        context,
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

fn refused(context: &Context, browser: Option<&Browser>, refusal: &Refusal) -> Response {
    let Refusal { title, explanation, next_step, .. } = refusal;
    page::problem(context, browser, &Problem { status: 400, title, explanation, next_step })
}

const NO_DECISION: Problem<'_> = Problem {
    status: 400,
    title: "Nothing was decided",
    explanation: "The form came without a decision.",
    next_step: "Go back and press one of the buttons.",
};

fn content(context: &Context, browser: &Browser, consent: &ConsentRequest, setting: &Setting) -> Markup {
    let ConsentRequest { client, redirect, .. } = consent;
    let lines = consent::lines(&context.settings, &setting.policy, &consent.scopes, &setting.tools);
    let (reads, changes): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| line.scope == Scope::Read);
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
            form.decision method="post" action=(DECISION) {
                (page::form_fields(context, browser, DECISION))
                input type="hidden" name="request" value=(consent.id);
                h2 { "It will be able to" }
                (list(&reads))
                @for sentence in context.settings.reach.sentences() { p.note { (sentence) } }
                @if !changes.is_empty() {
                    label.choice {
                        input type="checkbox" name="write" value="yes" checked;
                        span { "Let it change things, too. Without this it can only read." }
                    }
                    (list(&changes))
                }
                p.fine {
                    "With the tools that your administrators approved, and with those of the same kind that they approve \
                     later. "
                    @for site in context.settings.sites.all().filter(|site| is_personal(context, setting, *site)) {
                        "In " (site.title()) " it can do no more than you yourself. "
                    }
                    "It never sees your passwords or tokens. You can end this under " a href="/clients" { "AI clients" } " whenever you like."
                }
                @for site in &setting.lacking {
                    p.note {
                        "Your " (site.title()) " account is not connected yet. Connect it on the way, and the client can \
                         begin at once; otherwise it asks you when it first needs it."
                    }
                }
                div.actions {
                    @for site in &setting.lacking {
                        button.primary type="submit" name="decision" value={ (APPROVE_AND_CONNECT) (site) } {
                            "Allow and connect " (site.title())
                        }
                    }
                    button.primary[setting.lacking.is_empty()] type="submit" name="decision" value="approve" { "Allow" }
                    button type="submit" name="decision" value="deny" { "Deny" }
                }
            }
        }
    }
}

/// Whether calls at that site work in nothing but the person's own account.
fn is_personal(context: &Context, setting: &Setting, site: Site) -> bool {
    setting.policy.accounts(site, context.settings.sites.accounts(site)).kind == AccountKind::Personal
}

fn list(lines: &[Line]) -> Markup {
    html! { ul.scopes { @for line in lines { li { (line.text) } } } }
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
