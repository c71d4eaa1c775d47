//! Access control of pages: who may see one, and which posted forms count (CSRF protection).

use std::time::Duration;

use maud::{Markup, html};

use super::page::{self, Problem};
use crate::{
    context::Context,
    governance::attributes::Role,
    identity::{
        browser::{self, Browser},
        fresh_sign_in, sign_in,
    },
    platform::{
        Fault,
        http::{Form, Request, Response},
    },
};

/// A page for whoever is signed in; others sign in first and come back.
pub(super) async fn signed_in(
    context: &Context,
    request: &Request,
    render: impl AsyncFnOnce(Browser) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match visitor(context, request, false).await? {
        Ok(browser) => render(browser).await,
        Err(response) => Ok(response),
    }
}

/// What a signed-in person's form does, if it is one of our forms, rendered for their session.
pub(super) async fn submitted(
    context: &Context,
    request: &Request,
    act: impl AsyncFnOnce(Browser, Form) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match sender(context, request, false).await? {
        Ok((browser, form)) => act(browser, form).await,
        Err(response) => Ok(response),
    }
}

/// As [`signed_in`], for administrators alone.
pub(super) async fn administrator(
    context: &Context,
    request: &Request,
    render: impl AsyncFnOnce(Browser) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match visitor(context, request, true).await? {
        Ok(browser) => render(browser).await,
        Err(response) => Ok(response),
    }
}

/// As [`submitted`], for administrators alone.
pub(super) async fn submitted_by_administrator(
    context: &Context,
    request: &Request,
    act: impl AsyncFnOnce(Browser, Form) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match sender(context, request, true).await? {
        Ok((browser, form)) => act(browser, form).await,
        Err(response) => Ok(response),
    }
}

/// Who opens a page, or what whoever may not see it is answered. Apart from what is generic, so that it is in the WASM once and not with each page.
async fn visitor(
    context: &Context,
    request: &Request,
    is_for_administrators: bool,
) -> Result<Result<Browser, Response>, Fault> {
    Ok(match browser::current(context, request).await? {
        None => Err(to_sign_in(context, request)),
        Some(browser) => permitted(context, browser, is_for_administrators),
    })
}

/// Who sends a form, and the form; or what is answered where it does not count.
async fn sender(
    context: &Context,
    request: &Request,
    is_for_administrators: bool,
) -> Result<Result<(Browser, Form), Response>, Fault> {
    let Some(browser) = browser::current(context, request).await? else {
        let sign_in = html! { a.button.primary href="/sign-in" { "Sign in" } };
        return Ok(Err(page::problem_with(context, None, &SIGNED_OUT, &sign_in)));
    };
    let form = request.form().filter(|form| browser.accepts(&context.settings, request, form));
    Ok(match form {
        Some(form) => permitted(context, browser, is_for_administrators).map(|browser| (browser, form)),
        None => Err(page::problem(context, Some(&browser), &NOT_OUR_FORM)),
    })
}

fn permitted(context: &Context, browser: Browser, is_for_administrators: bool) -> Result<Browser, Response> {
    if is_for_administrators && !browser.person.is(Role::Administrator) {
        return Err(page::problem(context, Some(&browser), &NOT_AN_ADMINISTRATOR));
    }
    Ok(browser)
}

/// Sends a person to where they sign in, to come back to this request; or says that it is too long for that.
pub(super) fn to_sign_in(context: &Context, request: &Request) -> Response {
    let question = if request.query.is_empty() { "" } else { "?" };
    let here = format!("{}{question}{}", request.path, request.query);
    if !sign_in::can_be_kept(&here) {
        return not_signed_in(context, sign_in::TOO_LONG);
    }
    let encoded: String = url::form_urlencoded::byte_serialize(here.as_bytes()).collect();
    Response::redirect(format!("/sign-in?return_to={encoded}"))
}

/// How long ago somebody signed in just now, at most.
const JUST_NOW: Duration = Duration::from_mins(5);

/// Whether whoever is signed in there signed in just now.
pub(super) fn has_just_signed_in(context: &Context, request: &Request, browser: &Browser) -> bool {
    fresh_sign_in::is_fresh(context, request, browser, JUST_NOW)
}

/// The way to sign in anew, and back to that page of ours.
pub(super) fn sign_in_anew(return_to: &str) -> Markup {
    html! { a.button.primary href=(address_of_fresh_sign_in(return_to, 0)) { "Sign in anew" } }
}

/// What stands in the place of a form that needs it.
pub(super) fn needs_fresh_sign_in(return_to: &str) -> Markup {
    html! {
        p { "It needs a sign-in of just now." }
        p.actions { (sign_in_anew(return_to)) }
    }
}

/// Where a person proves anew who they are, if that was longer ago than so many minutes, to come back to that page of ours.
pub(super) fn address_of_fresh_sign_in(return_to: &str, minutes: u32) -> String {
    let encoded: String = url::form_urlencoded::byte_serialize(return_to.as_bytes()).collect();
    format!("/sign-in?max_age={}&return_to={encoded}", u64::from(minutes) * 60)
}

/// The page that says why somebody could not sign in.
pub(super) fn not_signed_in(context: &Context, problem: sign_in::Problem) -> Response {
    let sign_in::Problem { status, explanation, next_step } = problem;
    let problem = Problem { status, title: "You are not signed in", explanation, next_step };
    page::problem_with(context, None, &problem, &html! { a.button.primary href="/sign-in" { "Sign in" } })
}

const SIGNED_OUT: Problem<'_> = Problem {
    status: 401,
    title: "You are signed out",
    explanation: "Your session ended before you pressed the button, so nothing was done.",
    next_step: "Sign in, then do it again.",
};
const NOT_OUR_FORM: Problem<'_> = Problem {
    status: 403,
    title: "Nothing was done",
    explanation: "This did not come from a page that Postern showed to you in this session. Another site may have sent \
                  it, or you signed in again meanwhile.",
    next_step: "Open the page again and press the button there.",
};
const NOT_AN_ADMINISTRATOR: Problem<'_> = Problem {
    status: 403,
    title: "This page is for administrators",
    explanation: "Your account does not have the administrator's role in your organisation's identity provider.",
    next_step: "Ask whoever manages accounts for the role, then sign out and in again.",
};
