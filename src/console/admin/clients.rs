//! The AI clients that administrators entered.

use maud::{Markup, html};

use super::locks;
use crate::{
    authorization::{
        clients::{Entry, GrantType, redirect::Registered},
        endpoints::{
            consent::sentence,
            pre_registration::{self, Entered, Refused},
        },
        tokens::scope::Scope,
    },
    console::{
        access, page,
        text::{Tone, badge, moment},
    },
    context::Context,
    crypto::secret::Secret,
    governance::{locks::LockKind, policy::PolicySnapshot, snapshot_cache},
    identifiers::ClientId,
    identity::browser::Browser,
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
    tools,
};

const CLIENTS: &str = "/admin/clients";
const REMOVE: &str = "/admin/clients/remove";
const TITLE: &str = "Known clients";

/// `GET /admin/clients`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        Ok(page::page(context, Some(&browser), TITLE, &content(context, &browser, None).await?))
    })
    .await
}

/// `POST /admin/clients`: enters a client; its secret is on the page that follows, and never again.
pub async fn enter(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        match pre_registration::enter(context, &browser.person.id, &form).await? {
            Ok(entered) => Ok(page::page(context, Some(&browser), TITLE, &welcome(context, &entered))),
            Err(refused) => {
                let content = content(context, &browser, Some((&form, refused))).await?;
                let mut response = page::page(context, Some(&browser), TITLE, &content);
                response.status = 400;
                Ok(response)
            }
        }
    })
    .await
}

/// `POST /admin/clients/remove`. One that is not there any more is as good as removed.
pub async fn remove(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        let id = ClientId::new(form.get("client").unwrap_or_default());
        pre_registration::remove(context, &browser.person.id, &id).await?;
        Ok(page::see_other(CLIENTS))
    })
    .await
}

/// What the administrator has to carry to the client.
fn welcome(context: &Context, entered: &Entered) -> Markup {
    let client = &entered.client;
    html! {
        section.card.narrow {
            h1 { (client.name) " is known here now" }
            dl.facts {
                dt { "Client id" } dd { code { (client.id) } }
                @if let Some(secret) = &entered.secret {
                    dt { "Client secret" } dd { code { (Secret::expose(secret)) } }
                }
                dt { "It proves itself by" } dd { code { (client.authentication.method().name()) } }
                dt { "Issuer" } dd { code { (context.settings.public_url) } }
            }
            @if entered.secret.is_some() {
                p.note.warning {
                    strong { "Copy the secret now. " }
                    "It is shown this once: only a hash of it is kept. If it is lost, remove the client and enter it anew."
                }
            }
            p.actions { a.button.primary href=(CLIENTS) { "Done" } }
        }
    }
}

async fn content(context: &Context, browser: &Browser, problem: Option<(&Form, Refused)>) -> Result<Markup, Fault> {
    let (entries, policy) = (pre_registration::list(context).await?, snapshot_cache::current(context).await?);
    Ok(html! {
        h1 { (TITLE) }
        p.lead {
            "Most AI clients introduce themselves. Enter here those that cannot, and services that act without a person: \
             a name you enter is shown as known on consent pages."
        }
        @if entries.is_empty() {
            section.card { p { "No client has been entered yet." } }
        } @else {
            div.table tabindex="0" role="region" aria-labelledby="known-caption" {
                table {
                    caption id="known-caption" {
                        "Removing one ends at once whatever people let it do, and what it does as itself."
                    }
                    thead {
                        tr {
                            th scope="col" { "Client" }
                            th scope="col" { "Gets access by" }
                            th scope="col" { "Limited to" }
                            th scope="col" { "Entered" }
                            th scope="col" { "Decision" }
                        }
                    }
                    tbody { @for entry in &entries { (row(context, &policy, browser, entry)) } }
                }
            }
        }
        (entry_form(context, &policy, browser, problem))
    })
}

fn row(context: &Context, policy: &PolicySnapshot, browser: &Browser, entry: &Entry) -> Markup {
    let client = &entry.client;
    html! {
        tr {
            th.wide scope="row" {
                (client.name) " " code.fine { (client.id) }
                @for uri in client.redirect_uris.iter().map(Registered::as_str) { div.fine { (uri) } }
            }
            td {
                @for grant_type in client.grant_types.iter().filter_map(|known| in_words(*known)) { div { (grant_type) } }
                div.fine { "proves itself by " (client.authentication.method().name()) }
                @if entry.grants > 0 { div.fine { (entry.grants) " let in" } }
            }
            td {
                ul.chips {
                    @for scope in client.scopes.iter().flat_map(|scopes| scopes.iter()) {
                        li title=(sentence(&context.settings, policy, scope, &tools::all())) { (scope.name()) }
                    }
                }
            }
            td {
                (moment(client.created_at))
                @if let Some(who) = &entry.entered_by { div.fine { "by " (who) } }
            }
            td {
                form.actions method="post" action=(REMOVE) {
                    (page::form_fields(context, browser, REMOVE))
                    input type="hidden" name="client" value=(client.id);
                    button.danger type="submit" aria-label=(format!("Remove {}", client.name)) { "Remove" }
                    (locks::link(LockKind::Client, client.id.as_str(), &client.name))
                }
            }
        }
    }
}

/// The ways to get access that an administrator chooses from; refreshing comes with signing in.
const fn in_words(grant_type: GrantType) -> Option<&'static str> {
    match grant_type {
        GrantType::AuthorizationCode => Some("People sign in and let it in"),
        GrantType::ClientCredentials => Some("As itself, without a person"),
        GrantType::JwtBearer => Some("For people whom your identity provider vouches for (ID-JAG)"),
        GrantType::RefreshToken => None,
    }
}

const METHODS: [(&str, &str); 4] = [
    ("client_secret_basic", "A secret in the Authorization header"),
    ("client_secret_post", "A secret in the body"),
    ("private_key_jwt", "A signature by its own key"),
    ("none", "Nothing: a program on people's computers"),
];

fn entry_form(
    context: &Context,
    policy: &PolicySnapshot,
    browser: &Browser,
    problem: Option<(&Form, Refused)>,
) -> Markup {
    let form = problem.map(|(form, _)| form);
    let given = |name: &str| form.and_then(|form| form.get(name)).unwrap_or_default();
    let is_checked = |name: &str, value: &str, otherwise: bool| {
        form.map_or(otherwise, |form| form.all(name).any(|given| given == value))
    };
    html! {
        section.card {
            h2 { "Enter a client" }
            @if let Some((_, refused)) = problem {
                p.note.warning role="alert" { (badge(Tone::Bad, "Not entered")) " " (refused) }
            }
            form.entry method="post" action=(CLIENTS) {
                (page::form_fields(context, browser, CLIENTS))
                div {
                    label for="name" { "Name, as people know it" }
                    input id="name" name="name" required maxlength="100" value=(given("name"));
                }
                fieldset {
                    legend { "How it gets access" }
                    @for (known, words) in GrantType::ALL.into_iter().filter_map(|known| Some((known, in_words(known)?))) {
                        (choice("checkbox", "grant_type", known.name(), words,
                            is_checked("grant_type", known.name(), known == GrantType::AuthorizationCode)))
                    }
                }
                div {
                    label for="redirect_uris" { "Redirect URIs, one a line, where people sign in" }
                    textarea id="redirect_uris" name="redirect_uris" rows="3" spellcheck="false" { (given("redirect_uris")) }
                }
                fieldset {
                    legend { "How it proves that it is itself" }
                    @for (index, (method, words)) in METHODS.into_iter().enumerate() {
                        (choice("radio", "method", method, words, is_checked("method", method, index == 0)))
                    }
                }
                div {
                    label for="keys" { "Its public keys, where it signs: a JWK set, or the https address of one" }
                    textarea id="keys" name="keys" rows="3" spellcheck="false" { (given("keys")) }
                }
                fieldset {
                    legend { "What it may ask for at most" }
                    @for scope in Scope::ALL {
                        (choice("checkbox", "scope", scope.name(), &sentence(&context.settings, policy, scope, &tools::all()),
                            is_checked("scope", scope.name(), scope == Scope::Read)))
                    }
                }
                button.primary type="submit" { "Enter this client" }
            }
        }
    }
}

fn choice(kind: &str, name: &str, value: &str, words: &str, checked: bool) -> Markup {
    html! {
        label.choice { input type=(kind) name=(name) value=(value) checked[checked]; span { (words) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorization::clients::AuthenticationMethod;

    #[test]
    fn every_way_to_prove_oneself_can_be_chosen() {
        let names = METHODS.map(|(name, _)| name);
        assert!(AuthenticationMethod::ALL.iter().all(|method| names.contains(&method.name())));
        assert_eq!(names.len(), AuthenticationMethod::ALL.len());
    }
}
