//! The demo organisation's first decision: its administrator approves every tool. Done as an administrator does it,
//! in the console, since only the Worker knows the digest of the definition that is approved.

use anyhow::Result;
use testkit::{
    browser::{Browser, Form, Page},
    journey::{self, Person},
};
use url::Url;

/// Approves every tool that waits; whether there was one.
pub(crate) fn approve_tools(postern: &Url) -> Result<bool> {
    let mut browser = Browser::new();
    let tools = postern.join("/admin/tools")?;
    let page = journey::open_signed_in(&mut browser, tools, &Person::of_the_demo("admin"))?;
    if !page.status.is_success() || page.url.origin() != postern.origin() {
        return Err(page.unexpected("the list of tools"));
    }
    let Some(form) = approving(&page) else {
        return Ok(false);
    };
    let page = browser.submit(&page, &form, Some(APPROVE))?;
    if !page.status.is_success() || approving(&page).is_some() {
        return Err(page.unexpected("a list of tools of which none waits"));
    }
    Ok(true)
}

/// The button that approves.
const APPROVE: (&str, &str) = ("state", "approved");

/// The form that approves every tool of the list which waits.
fn approving(page: &Page) -> Option<Form> {
    let mut forms = page.forms().into_iter();
    forms.find(|form| form.action.contains("decide-many") && form.has_button(APPROVE.0, APPROVE.1))
}
