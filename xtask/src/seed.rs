//! The demo organisation's first decision: its administrator approves every tool. Done as an administrator does it,
//! in the console, since only the Worker knows the digest of the definition that is approved.

use anyhow::Result;
use testkit::{
    browser::Browser,
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
    let Some(form) = journey::form_with_button(&page, "decision", "approve") else {
        return Ok(false);
    };
    let page = browser.submit(&page, &form, Some(("decision", "approve")))?;
    if !page.status.is_success() || journey::form_with_button(&page, "decision", "approve").is_some() {
        return Err(page.unexpected("a list of tools of which none waits"));
    }
    Ok(true)
}
