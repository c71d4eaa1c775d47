//! A large access policy, as a large organisation would have one: what it costs each call to be decided by it.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use testkit::{
    browser::Browser,
    journey::{self, Person},
};
use url::Url;

const TOOLSETS: usize = 200;
const PROFILES: usize = 1000;
const RULES: usize = 500;

/// Makes it the policy in force, by the form of the console.
pub(super) fn keep(postern: &Url) -> Result<()> {
    const PAGE: &str = "/admin/policy/document";
    let mut browser = Browser::new();
    let page = journey::open_signed_in(&mut browser, postern.join(PAGE)?, &Person::of_the_demo("admin"))?;
    let mut form = page.forms().into_iter().find(|form| form.action == PAGE).context("no form for the policy")?;
    form.set("document", &document().to_string());
    let kept = browser.submit(&page, &form, Some(("act", "keep")))?;
    ensure!(kept.status.is_success(), kept.unexpected("the policy in force"));
    Ok(())
}

/// Everybody may read, each team has more, and each rule fits reads of a repository that is not the one called for: so every
/// call is compared with every rule.
fn document() -> Value {
    let toolsets =
        (0..TOOLSETS).map(|number| json!({"name": format!("toolset {number}"), "tools": {"classes": ["read"]}}));
    let group = |number: usize| format!("/teams/{number}");
    let profiles = (0..PROFILES).map(|number| {
        json!({
            "name": format!("profile {number}"),
            "subjects": [if number == 0 { "everyone".to_owned() } else { format!("group:{}", group(number)) }],
            "toolsets": [format!("toolset {}", number % TOOLSETS)],
        })
    });
    let rules = (0..RULES).map(|number| {
        let repository = format!("another-{number}-*");
        json!({
            "name": format!("rule {number}"),
            "tools": {"classes": ["read"]},
            "resources": [{"site": "bitbucket", "workspace": "acme", "repository": repository}],
            "then": "block",
        })
    });
    json!({
        "groups": (1..PROFILES).map(group).collect::<Vec<_>>(),
        "toolsets": toolsets.collect::<Vec<_>>(),
        "profiles": profiles.collect::<Vec<_>>(),
        "rules": rules.collect::<Vec<_>>(),
    })
}
