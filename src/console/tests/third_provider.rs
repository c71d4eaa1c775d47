//! What a third provider takes is its own file, its settings and its operations: no page knows of it.

use std::rc::Rc;

use serde_json::json;

use crate::{
    connections::elicitation::hash,
    console::testing::{context, open, run, submit},
    context::Context,
    platform::{
        database::sql,
        native::memory::{ScriptedHttp, json_answer},
    },
};

/// With a Tracker that gives tokens and knows whose they are.
fn with_tracker() -> (Context, ScriptedHttp) {
    let mut context = context();
    let http = ScriptedHttp::new(|request| match request.url.as_str() {
        "https://tracker.example/oauth/token" => {
            json_answer(200, &json!({"access_token": "a", "refresh_token": "r", "token_type": "bearer"}))
        }
        "https://tracker.example/api/me" => json_answer(200, &json!({"id": "17", "login": "dana-t"})),
        _ => json_answer(404, &json!({})),
    });
    context.platform.http = Rc::new(http.clone());
    (context, http)
}

/// Connects dana's account on its page, for what is shown at the end.
fn connect(context: &Context) -> String {
    let left = submit(context, "dana", "/connections", "/connect/tracker", "");
    let location = left.header("refresh").unwrap().split_once("url=").unwrap().1;
    assert!(location.starts_with("https://tracker.example/oauth/authorize?"), "{location}");
    assert!(location.contains("callback%2Ftracker"), "{location}");
    let state = location.split_once("state=").unwrap().1.split('&').next().unwrap();
    let cookie = left.header("set-cookie").unwrap().split(';').next().unwrap();
    let session = format!("dana; {cookie}");
    open(context, Some(&session), &format!("/callback/tracker?code=c&state={state}")).html
}

#[test]
fn its_card_says_through_which_account_clients_read_until_one_is_connected() {
    let shown = open(&context(), Some("dana"), "/connections").html;
    assert!(
        shown.contains("Connect Tracker") && shown.contains("read through your organisation's own account"),
        "{shown}"
    );
}

#[test]
fn an_account_is_connected_at_its_own_endpoints_and_shown() {
    let (context, _) = with_tracker();
    assert!(connect(&context).contains("Tracker is connected"));
    let shown = open(&context, Some("dana"), "/connections").html;
    assert!(shown.contains("dana-t") && !shown.contains("Connect Tracker"), "{shown}");
    let kept = run(&context, sql("SELECT user_id, provider, account_id FROM connections")).rows;
    assert_eq!(kept, [json!({"user_id": "dana", "provider": "tracker", "account_id": "17"})]);
}

#[test]
fn disconnecting_says_how_to_end_the_access_at_a_provider_that_cannot_be_told_to() {
    let (context, _) = with_tracker();
    connect(&context);
    let shown = submit(&context, "dana", "/connections", "/connections/tracker/disconnect", "");
    assert_eq!(shown.header("location"), Some("/connections?tracker=here"));
    let told = open(&context, Some("dana"), "/connections?tracker=here").html;
    assert!(told.contains("remove Postern from the applications of your account at Tracker"), "{told}");
}

#[test]
fn a_link_to_one_provider_connects_no_account_at_another() {
    let (context, http) = with_tracker();
    super::register_client(&context);
    let link = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
        VALUES (?1, 'dana', 'client', 'bitbucket', 'pending', 9000000000000)");
    run(&context, link.bind(hash(context.settings.authenticator(), "link")));
    assert_eq!(open(&context, Some("dana"), "/connect/bitbucket?e=link").status, 200);
    assert_eq!(open(&context, Some("dana"), "/connect/tracker?e=link").status, 404);
    assert!(http.sent.borrow().is_empty());
}

#[test]
fn there_is_no_page_for_accounts_where_people_have_none() {
    for provider in ["confluence", "identity", "nothing"] {
        assert_eq!(open(&context(), Some("dana"), &format!("/connect/{provider}")).status, 404, "{provider}");
    }
}
