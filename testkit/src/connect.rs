//! `cargo xtask connect`: connects a person's account at a provider, through the console and the provider's pages.

use crate::{
    browser::{Browser, Page},
    journey::{self, Person},
};
use anyhow::Result;
use url::Url;

/// Connects the account of this person at the provider; returns the line that says so.
pub fn connect(postern: &Url, provider: &str, person: &Person) -> Result<String> {
    connect_in(&mut Browser::new(), postern, provider, person)
}

/// The same in a browser of the caller's.
pub fn connect_in(browser: &mut Browser, postern: &Url, provider: &str, person: &Person) -> Result<String> {
    let page = journey::open_signed_in(browser, postern.join("/connections")?, person)?;
    let start = page.forms().into_iter().find(|form| leads_to_connecting(&form.action, provider));
    let start = start.ok_or_else(|| page.unexpected(&format!("a page with a button that connects {provider}")))?;
    let button = start.buttons.first().filter(|(name, _)| !name.is_empty()).cloned();
    let button = button.as_ref().map(|(name, value)| (name.as_str(), value.as_str()));
    let page = browser.submit(&page, &start, button)?;
    let end = grant(browser, page, person)?;
    // Not what the last page says but what Postern knows: a refusal is a good page too.
    let connections = browser.open(postern.join("/connections")?)?;
    let is_connected = |action: &str| action.contains("disconnect") && action.contains(provider);
    if end.url.origin() != postern.origin() || !connections.forms().iter().any(|form| is_connected(&form.action)) {
        return Err(end.unexpected("Postern's word that the account is connected"));
    }
    Ok(format!("{} is connected to {provider}", person.username))
}

/// Chooses the person's account on the provider's page, and grants what is asked for.
fn grant(browser: &mut Browser, page: Page, person: &Person) -> Result<Page> {
    let Some(mut form) = journey::form_with_button(&page, "decision", "grant") else {
        return Ok(page); // a provider may remember an earlier grant
    };
    browser.narrate(format_args!("granting at {}", page.address()));
    if form.choices.get("account").is_some_and(|accounts| accounts.contains(&person.username)) {
        form.set("account", &person.username);
    } else if form.has_field("account_name") {
        form.set("account_name", &person.username);
    }
    browser.submit(&page, &form, Some(("decision", "grant")))
}

fn leads_to_connecting(action: &str, provider: &str) -> bool {
    action.contains("connect") && !action.contains("disconnect") && action.contains(provider)
}
