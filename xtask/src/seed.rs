//! The demo organisation's first decision: its administrator approves every tool. Done as an administrator does it,
//! in the console, since only the Worker knows the digest of the definition that is approved.

use anyhow::{Result, bail, ensure};
use url::Url;
use xtask::{
    browser::{Browser, Form},
    journey::{self, Person},
};

/// More tools than there will be: a page on which approving changes nothing must not keep us here forever.
const MOST: usize = 2000;

/// Approves every tool that the console offers to approve; returns how many.
pub(crate) fn approve_tools(postern: &Url) -> Result<usize> {
    let mut browser = Browser::new();
    let tools = postern.join("/admin/tools")?;
    let mut page = journey::open_signed_in(&mut browser, tools.clone(), &Person::of_the_demo("admin"))?;
    if !page.status.is_success() {
        return Err(page.unexpected("the list of tools"));
    }
    for approved in 0..MOST {
        let Some((form, button)) = page.forms().into_iter().find_map(approval) else {
            ensure!(approved > 0, "{} offers no tool to approve", page.address());
            return Ok(approved);
        };
        let answer = browser.submit(&page, &form, Some((&button.0, &button.1)))?;
        if !answer.status.is_success() {
            return Err(answer.unexpected("the list of tools"));
        }
        page = browser.open(tools.clone())?;
    }
    bail!("the console still offers tools to approve after {MOST} approvals")
}

/// A form that approves something, with the button that does.
fn approval(form: Form) -> Option<(Form, (String, String))> {
    let button = form.buttons.iter().find(|(_, value)| value == "approve" || value == "approved").cloned()?;
    Some((form, button))
}
