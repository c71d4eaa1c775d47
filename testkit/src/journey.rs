//! The ways through Postern's pages that more than one command takes.

use crate::browser::{Browser, Form, Page};
use anyhow::{Result, bail};
use url::Url;

/// Somebody of the demo organisation.
pub struct Person {
    pub username: String,
    pub password: String,
}

impl Person {
    /// A person with the password that all demo accounts have.
    pub fn of_the_demo(username: &str) -> Self {
        Self { username: username.to_owned(), password: "postern".to_owned() }
    }
}

/// Opens an address and signs the person in, should the identity provider ask.
pub fn open_signed_in(browser: &mut Browser, address: Url, person: &Person) -> Result<Page> {
    let page = browser.open(address)?;
    let Some(mut form) = page.forms().into_iter().find(|form| form.has_field("password")) else {
        return Ok(page);
    };
    browser.narrate(format_args!("signing in as {} at {}", person.username, page.address()));
    form.set("username", &person.username);
    form.set("password", &person.password);
    let page = browser.submit(&page, &form, None)?;
    if page.forms().iter().any(|form| form.has_field("password")) {
        bail!("the identity provider does not accept the user name `{}` with that password", person.username);
    }
    Ok(page)
}

/// The first form with this button.
pub fn form_with_button(page: &Page, name: &str, value: &str) -> Option<Form> {
    page.forms().into_iter().find(|form| form.has_button(name, value))
}
