//! The administration tokens of the administrator who looks: made here, shown once, taken back.

use maud::{Markup, html};

use crate::{
    console::{
        access,
        page::{self, Problem},
        text::moment,
    },
    context::Context,
    crypto::secret::Secret,
    identity::{
        administration_token::{self, Access, DAYS, Listed},
        browser::Browser,
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
    untrusted,
};

pub const TOKENS: &str = "/admin/tokens";
const REVOKE: &str = "/admin/tokens/revoke";
const TITLE: &str = "Administration tokens";

/// The longest name that is kept.
const LONGEST_NAME: usize = 100;

/// `GET /admin/tokens`.
pub async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::administrator(context, request, async |browser| {
        let tokens = administration_token::list(context, &browser.person.id).await?;
        let may_make = access::has_just_signed_in(context, request, &browser);
        Ok(page::page(context, Some(&browser), TITLE, &content(context, &browser, &tokens, may_make)))
    })
    .await
}

/// `POST /admin/tokens`: makes one for whoever signed in just now; it is on the page that follows, and never again.
pub async fn make(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        if !access::has_just_signed_in(context, request, &browser) {
            return Ok(page::problem_with(context, Some(&browser), &NOT_FRESH, &access::sign_in_anew(TOKENS)));
        }
        let name = untrusted::label(form.get("name").unwrap_or_default(), LONGEST_NAME);
        let access = form.get("access").and_then(|name| Access::ALL.into_iter().find(|one| one.name() == name));
        let days = form.get("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
        let (Some(access), Some(days), false) = (access, days, name.is_empty()) else {
            return Ok(page::problem_with(
                context,
                Some(&browser),
                &INCOMPLETE,
                &html! { a.button href=(TOKENS) { "Back" } },
            ));
        };
        let token = administration_token::issue(context, &browser.person.id, &name, access, days).await?;
        Ok(page::page(context, Some(&browser), TITLE, &made(&name, &token)))
    })
    .await
}

/// `POST /admin/tokens/revoke`.
pub async fn revoke(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted_by_administrator(context, request, async |browser, form| {
        administration_token::revoke(context, &browser.person.id, form.get("token").unwrap_or_default()).await?;
        Ok(page::see_other(TOKENS))
    })
    .await
}

const NOT_FRESH: Problem<'_> = Problem {
    status: 403,
    title: "No token was made",
    explanation: "Whoever makes one has to have signed in just now, and your sign-in was longer ago.",
    next_step: "Sign in anew, then make it at once.",
};

const INCOMPLETE: Problem<'_> = Problem {
    status: 400,
    title: "No token was made",
    explanation: "A token needs a name, what may be done with it, and for how many days, at most 90.",
    next_step: "Go back and fill in all three.",
};

fn made(name: &str, token: &Secret) -> Markup {
    html! {
        section.card.narrow {
            h1 { "The token " (name) }
            p { code { (token.expose()) } }
            p.note.warning {
                strong { "Copy it now. " }
                "It is shown this once. If it is lost, take it back and make another."
            }
            p.actions { a.button.primary href=(TOKENS) { "Done" } }
        }
    }
}

/// `may_make` says whether its reader has signed in just now.
fn content(context: &Context, browser: &Browser, tokens: &[Listed], may_make: bool) -> Markup {
    html! {
        h1 { (TITLE) }
        p.lead {
            "By a token, a program of your organisation uses " code { "/api/v1" } " in your stead: a pipeline that applies the \
             access policy, or a system that collects the log. It is worth something only while you are an administrator."
        }
        section.card {
            h2 { "Your tokens" }
            @if tokens.is_empty() { p { "You have none." } }
            ul.entries { @for token in tokens { (entry(context, browser, token)) } }
        }
        section.card {
            h2 { "Make a token" }
            @if may_make {
                form.entry method="post" action=(TOKENS) {
                    (page::form_fields(context, browser, TOKENS))
                    div {
                        label for="name" { "What it is for" }
                        input id="name" name="name" required maxlength=(LONGEST_NAME) autocomplete="off";
                    }
                    fieldset {
                        legend { "What may be done with it" }
                        @for access in Access::ALL {
                            label.choice {
                                input type="radio" name="access" value=(access.name()) checked[access == Access::Read];
                                span { (in_words(access)) }
                            }
                        }
                    }
                    div {
                        label for="days" { "For how many days" }
                        input id="days" name="days" type="number" required min=(DAYS.start()) max=(DAYS.end()) value="30";
                    }
                    button.primary type="submit" { "Make the token" }
                }
            } @else {
                (access::needs_fresh_sign_in(TOKENS))
            }
        }
    }
}

const fn in_words(access: Access) -> &'static str {
    match access {
        Access::Read => "Read: the access policy and the log",
        Access::Change => "Change: the access policy, too",
    }
}

fn entry(context: &Context, browser: &Browser, token: &Listed) -> Markup {
    html! {
        li {
            h3 { (token.name) }
            p {
                (in_words(token.access)) ". Made " (moment(token.created_at)) ", ends " (moment(token.expires_at))
                @if let Some(at) = token.used_at { ", last used about " (moment(at)) } @else { ", never used" }
                "."
            }
            form.actions method="post" action=(REVOKE) {
                (page::form_fields(context, browser, REVOKE))
                input type="hidden" name="token" value=(token.id);
                button.danger type="submit" aria-label=(format!("Take back: {}", token.name)) { "Take back" }
            }
        }
    }
}
