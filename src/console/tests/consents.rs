//! The pages of a provider whose consents cover several sites.

use serde_json::json;

use crate::{
    console::testing::{context_of, open, run, submit},
    context::Context,
    crypto::seal::Purpose,
    platform::database::sql,
    settings,
};

/// A Confluence of two sites with an app at Atlassian; dana's consent covers these.
fn context(sites: &serde_json::Value) -> Context {
    let context = context_of(settings::with_sites(&[
        ("CONFLUENCE_SITES", "eu"),
        ("CONFLUENCE_CLIENT_ID", "app"),
        ("CONFLUENCE_CLIENT_SECRET", "app-secret"),
    ]));
    let connection = sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
             expires_at, version, state, created_at, updated_at, sites)
         VALUES ('dana', 'confluence', '1', 'Dana D.', 'read:page:confluence', 'sealed', 9000000000000, 1, 'connected', 0, 0, ?1)");
    let sealer = context.settings.sealer(Purpose::Tokens);
    let sealed = sealer.seal(&sites.to_string(), "connections/dana/confluence/sites").unwrap();
    run(&context, connection.bind(sealed));
    context
}

fn both() -> serde_json::Value {
    json!([{ "site": "confluence", "id": "1" }, { "site": "confluence/eu", "id": "2", "lost": true }])
}

#[test]
fn each_site_says_for_itself_how_it_stands() {
    let shown = open(&context(&both()), Some("dana"), "/connections").html;
    let card = |title: &str| {
        let after = shown.split(&format!("<h2>{title} ")).nth(1).unwrap_or_else(|| panic!("{title}: {shown}"));
        after.split("</section>").next().unwrap().to_owned()
    };
    assert!(card("Confluence").contains("Connected") && card("Confluence").contains("Dana D."));
    assert!(card("Confluence (eu)").contains("Broken"));
}

#[test]
fn sites_that_were_not_sealed_here_are_not_told_apart_before_the_provider_is_asked() {
    let context = context(&both());
    run(&context, sql("UPDATE connections SET sites = '[]'"));
    let shown = open(&context, Some("dana"), "/connections").html;
    assert_eq!(shown.matches("Dana D.").count(), 2, "{shown}");
}

#[test]
fn what_the_consent_does_not_cover_is_not_connected() {
    let shown = open(&context(&json!([{ "site": "confluence", "id": "1" }])), Some("dana"), "/connections").html;
    let europe = shown.split("<h2>Confluence (eu) ").nth(1).unwrap();
    assert!(europe.contains("Not connected") && europe.contains("read through your organisation"), "{europe}");
}

#[test]
fn scopes_that_were_not_granted_are_named() {
    let shown = open(&context(&both()), Some("dana"), "/connections").html;
    let note = shown.split("Not granted").nth(1).unwrap_or_else(|| panic!("{shown}"));
    let note = note.split("</dd>").next().unwrap();
    assert!(note.contains("read:space:confluence") && !note.contains("read:page:confluence"), "{note}");
}

#[test]
fn whoever_disconnects_is_told_that_it_ends_everywhere_and_it_does() {
    let context = context(&both());
    let shown = open(&context, Some("dana"), "/connections").html;
    assert!(shown.contains("Disconnect ends it at each of them"), "{shown}");
    submit(&context, "dana", "/connections", "/connections/confluence/eu/disconnect", "");
    assert!(run(&context, sql("SELECT provider FROM connections")).rows.is_empty());
}

#[test]
fn a_site_that_is_no_longer_set_up_can_still_be_disconnected() {
    let shown = open(&context(&json!([{ "site": "confluence/us", "id": "3" }])), Some("dana"), "/connections").html;
    assert!(shown.contains("action=\"/connections/confluence/us/disconnect\""), "{shown}");
}

#[test]
fn the_page_before_consent_names_the_host_and_the_scopes() {
    let shown = open(&context(&both()), Some("dana"), "/connect/confluence/eu").html;
    for part in ["Connect your Confluence (eu) account", "auth.atlassian.com", "read:page:confluence"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}
