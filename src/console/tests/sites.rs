//! A second site of a provider has its own card, link and end.

use serde_json::json;

use crate::{
    connections::elicitation::hash,
    console::testing::{context, context_with_sites, open, run, submit},
    context::Context,
    platform::database::sql,
};

/// Accounts of dana's at those sites.
fn connect(context: &Context, sites: &[&str]) {
    for site in sites {
        let connection =
            sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                expires_at, version, state, created_at, updated_at)
            VALUES ('dana', ?1, '1', ?2, '', 'sealed', 0, 1, 'connected', 0, 0)");
        run(context, connection.bind(*site).bind(format!("dana at {site}")));
    }
}

#[test]
fn every_site_has_a_card_with_a_button_of_its_own() {
    let shown = open(&context_with_sites(), Some("dana"), "/connections").html;
    for part in ["<h2>Bitbucket (eu) ", "action=\"/connect/bitbucket/eu\"", "action=\"/connect/bitbucket\""] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let one = open(&context(), Some("dana"), "/connections").html;
    assert!(!one.contains("/connect/bitbucket/"), "{one}");
}

#[test]
fn the_page_before_it_names_the_site_and_its_host() {
    let shown = open(&context_with_sites(), Some("dana"), "/connect/bitbucket/eu").html;
    assert!(shown.contains("Connect your Bitbucket (eu) account") && shown.contains("eu.bitbucket.org"), "{shown}");
}

#[test]
fn disconnecting_at_one_site_leaves_the_other() {
    let context = context_with_sites();
    connect(&context, &["bitbucket", "bitbucket/eu"]);
    let shown = submit(&context, "dana", "/connections", "/connections/bitbucket/eu/disconnect", "");
    assert_eq!(shown.header("location"), Some("/connections?bitbucket/eu=here"));
    let left = run(&context, sql("SELECT provider FROM connections")).rows;
    assert_eq!(left, [json!({ "provider": "bitbucket" })]);
    let told = open(&context, Some("dana"), "/connections?bitbucket/eu=here").html;
    assert!(told.contains("dana at bitbucket") && told.contains("no AI client reaches Bitbucket (eu)"), "{told}");
}

#[test]
fn there_is_no_page_of_a_site_that_is_not_set_up() {
    for site in [
        "bitbucket/us",
        "bitbucket/main",
        "bitbucket/EU",
        "bitbucket/..",
        "bitbucket/%65u",
        "confluence/eu",
        "nothing/eu",
    ] {
        for page in [format!("/connect/{site}"), format!("/callback/{site}")] {
            assert_eq!(open(&context_with_sites(), Some("dana"), &page).status, 404, "{page}");
        }
    }
}

#[test]
fn a_link_to_one_site_connects_no_account_at_another() {
    let context = context_with_sites();
    super::register_client(&context);
    let link = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
        VALUES (?1, 'dana', 'client', 'bitbucket/eu', 'pending', 9000000000000)");
    run(&context, link.bind(hash(context.settings.authenticator(), "link")));
    assert_eq!(open(&context, Some("dana"), "/connect/bitbucket/eu?e=link").status, 200);
    assert_eq!(open(&context, Some("dana"), "/connect/bitbucket?e=link").status, 404);
}

#[test]
fn an_account_at_a_site_that_is_not_set_up_any_more_can_be_disconnected() {
    let context = context();
    connect(&context, &["bitbucket/eu", "gone"]);
    assert_eq!(open(&context, Some("dana"), "/").status, 200);
    let shown = open(&context, Some("dana"), "/connections").html;
    assert!(shown.contains("Bitbucket (eu)") && shown.contains("Not set up"), "{shown}");
    submit(&context, "dana", "/connections", "/connections/bitbucket/eu/disconnect", "");
    assert_eq!(run(&context, sql("SELECT provider FROM connections")).rows, [json!({ "provider": "gone" })]);
}
