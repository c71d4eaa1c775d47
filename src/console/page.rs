//! The frame around every page, its headers, and the pages that say what went wrong.

use maud::{DOCTYPE, Markup, html};

use crate::{
    context::Context, governance::attributes::Role, identity::browser::Browser, platform::http::Response,
    settings::Misconfigured,
};

/// What a page may load and do: our own style sheet and images, forms to ourselves, nothing else. Chromium holds
/// the redirects after a form to `form-action` too: whoever has to leave goes by [`leave`].
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
     frame-ancestors 'none'; base-uri 'none'";

/// The same for the one page that runs a script, which is a file of ours: it copies lines, and touches nothing else.
const COPYING_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// Another address with each release, so that no browser dresses new pages in an old style.
const STYLE: &str = concat!("/assets/postern.css?v=", env!("CARGO_PKG_VERSION"));

/// Likewise.
const COPYING: &str = concat!("/assets/copy.js?v=", env!("CARGO_PKG_VERSION"));

/// Something that stops a person: what, why, and what they can do next.
#[derive(Debug, Clone, Copy)]
pub struct Problem<'a> {
    pub status: u16,
    pub title: &'a str,
    pub explanation: &'a str,
    pub next_step: &'a str,
}

/// A page with the navigation of whoever is signed in.
pub fn page(context: &Context, browser: Option<&Browser>, title: &str, content: &Markup) -> Response {
    document(
        200,
        title,
        &html! {
            header.site {
                a.brand href="/" { (mark()) "Postern" }
                @if let Some(browser) = browser {
                    (navigation(browser, title))
                    (who(context, browser))
                }
            }
            main id="content" { (content) }
        },
    )
}

/// As [`page`], with a button beside each line that is there to be copied.
pub fn page_with_copying(context: &Context, browser: Option<&Browser>, title: &str, content: &Markup) -> Response {
    let script = html! { (content) script src=(COPYING) defer {} };
    let mut response = page(context, browser, title, &script);
    for (name, value) in &mut response.headers {
        if name == "content-security-policy" {
            COPYING_POLICY.clone_into(value);
        }
    }
    response
}

/// The page that says what stops a person. It holds the request's id, as the log does.
pub fn problem(context: &Context, browser: Option<&Browser>, problem: &Problem<'_>) -> Response {
    problem_with(context, browser, problem, &html! { a.button href="/" { "Go to the front page" } })
}

/// As [`problem`], with another way on.
pub fn problem_with(context: &Context, browser: Option<&Browser>, problem: &Problem<'_>, way_on: &Markup) -> Response {
    let mut response = page(context, browser, problem.title, &card(context, problem, way_on, ""));
    response.status = problem.status;
    response
}

/// What stops a person, and their ways on. `before_id` is what is said before the request's id.
fn card(context: &Context, problem: &Problem<'_>, way_on: &Markup, before_id: &str) -> Markup {
    html! {
        section.card.narrow {
            h1 { (problem.title) }
            p { (problem.explanation) }
            p { strong { "What you can do: " } (problem.next_step) }
            p.actions { (way_on) }
            p.fine { (before_id) "Request id " code { (context.request_id) } }
        }
    }
}

/// The page for whatever Postern itself could not do. The log says more, under the same request id.
pub fn internal_error(context: &Context) -> Response {
    problem(
        context,
        None,
        &Problem {
            status: 500,
            title: "Something went wrong here",
            explanation: "Postern could not do this. It was not your doing.",
            next_step: "Try again in a moment. If it stays like this, tell your administrator the request id below.",
        },
    )
}

/// The page at another name of this Worker than the one of `PUBLIC_URL`.
pub fn misdirected(context: &Context) -> Response {
    let address = &context.settings.public_url;
    problem_with(
        context,
        None,
        &Problem {
            status: 421,
            title: "This is not the address",
            explanation: "This Postern answers at one address alone, and you came by another name of the same machine.",
            next_step: "Go on at the address below.",
        },
        &html! { a.button href=(address) { (address) } },
    )
}

/// The answer to every request while a setting is missing or wrong. For the operator: it names the setting and
/// nothing of its value.
pub fn misconfigured(problem: &Misconfigured) -> Response {
    document(
        503,
        "Postern is not set up",
        &html! {
            header.site { span.brand { (mark()) "Postern" } }
            main id="content" {
                section.card.narrow {
                    h1 { "Postern is not set up" }
                    p { "The setting " code { (problem.name) } " " (problem.problem) "." }
                    p {
                        strong { "What you can do: " }
                        "If you operate this Postern, set it in " code { "wrangler.toml" } ", or, where it is a secret, with "
                        code { "npx wrangler secret put " (problem.name) } ", and deploy again. Otherwise tell whoever does."
                    }
                    p { "Until then every request is refused." }
                }
            }
        },
    )
}

/// Takes the browser to another site after a form: by the Refresh header (HTML Standard §4.2.5.3), with a link
/// for browsers that stay. A redirect would be held to our `form-action`, and so would every further one of the
/// other site's. `location` may hold a code: it goes into no log.
pub fn leave(context: &Context, browser: &Browser, location: &str, to: &str) -> Response {
    page(
        context,
        Some(browser),
        "One moment",
        &html! {
            section.card.narrow {
                h1 { "Taking you to " (to) }
                p { "If nothing happens, follow the link yourself." }
                p.actions { a.button.primary href=(location) rel="noreferrer" { "Go to " (to) } }
            }
        },
    )
    .with("refresh", format!("0; url={location}"))
}

/// As [`leave`], after the person had time to read what did not work on the way.
pub fn leave_after(context: &Context, browser: &Browser, location: &str, to: &str, problem: &Problem<'_>) -> Response {
    let way_on = html! { a.button.primary href=(location) rel="noreferrer" { "Go on to " (to) } };
    let card = card(context, problem, &way_on, "You go on by yourself in ten seconds. ");
    page(context, Some(browser), problem.title, &card).with("refresh", format!("10; url={location}"))
}

/// Another page of ours, after a form has done its work.
pub fn see_other(path: &str) -> Response {
    let mut response = Response::redirect(path);
    response.status = 303;
    response
}

/// The fields that every form of ours carries for this session.
pub fn form_fields(context: &Context, browser: &Browser, action: &str) -> Markup {
    html! { input type="hidden" name="form_token" value=(browser.form_token(&context.settings, action)); }
}

fn document(status: u16, title: &str, body: &Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " · Postern" }
                link rel="stylesheet" href=(STYLE);
                link rel="icon" href="/assets/postern.svg" type="image/svg+xml";
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (body)
            }
        }
    };
    Response::body(status, "text/html; charset=utf-8", markup.into_string())
        .with("content-security-policy", CONTENT_SECURITY_POLICY)
        .with("x-frame-options", "DENY")
        .with("referrer-policy", "no-referrer")
        .with("cache-control", "no-store")
        .with("x-content-type-options", "nosniff")
}

/// Where the pages lie that are for administrators alone.
pub const ADMINISTRATION: &str = "/admin/";

/// The pages that the navigation leads to, each with its title.
pub const MAIN_PAGES: [(&str, &str); 13] = [
    ("/connections", "Connections"),
    ("/clients", "AI clients"),
    ("/access", "Your access"),
    ("/approvals", "Approvals"),
    ("/sessions", "Sessions"),
    ("/admin/people", "People"),
    ("/admin/tools", "Tools"),
    ("/admin/policy", "Access"),
    ("/admin/locks", "Locks"),
    ("/admin/notices", "Notices"),
    ("/admin/accounts", "Accounts"),
    ("/admin/clients", "Known clients"),
    ("/admin/audit", "Audit"),
];

fn navigation(browser: &Browser, title: &str) -> Markup {
    let is_administrator = browser.person.is(Role::Administrator);
    let is_shown = |(path, _): &&(&str, &str)| is_administrator || !path.starts_with(ADMINISTRATION);
    html! {
        nav aria-label="Main" {
            ul {
                @for (path, label) in MAIN_PAGES.iter().filter(is_shown) {
                    li { a href=(path) aria-current=[(*label == title).then_some("page")] { (label) } }
                }
            }
        }
    }
}

fn who(context: &Context, browser: &Browser) -> Markup {
    html! {
        form.who method="post" action="/sign-out" {
            (form_fields(context, browser, "/sign-out"))
            span { (browser.person.name) }
            button.quiet type="submit" { "Sign out" }
        }
    }
}

/// A gate with its small door.
fn mark() -> Markup {
    html! {
        svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true" {
            path fill="currentColor" fill-rule="evenodd"
                d="M3 4h3v2h3V4h6v2h3V4h3v17h-6v-6a3 3 0 0 0-6 0v6H3z";
        }
    }
}
