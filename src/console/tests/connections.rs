//! Accounts upstream, and the links that ask for them.

use std::rc::Rc;

use super::register_client;
use crate::{
    connections::elicitation::hash,
    console::testing::{context, open, run, submit},
    context::Context,
    platform::{
        database::sql,
        native::memory::{ScriptedHttp, json_answer},
    },
};

fn connect(context: &Context, state: &str) {
    let connection = sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
             expires_at, version, state, created_at, updated_at)
         VALUES ('dana', 'bitbucket', '{1}', 'dana-bb', 'account pullrequest', 'v2.', 0, 1, ?1, 0, 0)");
    run(context, connection.bind(state));
}

fn link(context: &Context, person: &str) {
    register_client(context);
    let elicitation = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
         VALUES (?1, ?2, 'client', 'bitbucket', 'pending', 9000000000000)");
    run(context, elicitation.bind(hash(context.settings.authenticator(), "link")).bind(person));
}

#[test]
fn connections_show_how_they_stand() {
    let context = context();
    assert!(open(&context, Some("dana"), "/connections").html.contains("Not connected"));
    connect(&context, "connected");
    assert!(open(&context, Some("dana"), "/connections").html.contains("dana-bb"));
    run(&context, sql("UPDATE connections SET state = 'broken'"));
    assert!(open(&context, Some("dana"), "/connections").html.contains("Broken"));
}

#[test]
fn connecting_sends_the_browser_to_bitbucket_bound_by_a_cookie() {
    let shown = submit(&context(), "dana", "/connections", "/connect/bitbucket", "");
    assert!(shown.header("refresh").unwrap().starts_with("0; url=https://bitbucket.org/site/oauth2/authorize?"));
    assert!(shown.header("set-cookie").unwrap().starts_with("__Host-postern_connect_"));
}

#[test]
fn a_link_names_the_client_that_gave_it_out() {
    let context = context();
    link(&context, "dana");
    let shown = open(&context, Some("dana"), "/connect/bitbucket?e=link");
    assert_eq!(shown.status, 200);
    assert!(shown.html.contains("Editor &lt;b&gt;"));
    let next = submit(&context, "dana", "/connect/bitbucket?e=link", "/connect/bitbucket", "e=link");
    assert!(next.header("refresh").is_some());
}

#[test]
fn another_persons_link_is_refused_on_the_page_and_in_the_form() {
    let context = context();
    link(&context, "ada");
    let shown = open(&context, Some("dana"), "/connect/bitbucket?e=link");
    assert_eq!(shown.status, 403);
    assert!(shown.form_token("/connect/bitbucket").is_none());
    let forced = submit(&context, "dana", "/connections", "/connect/bitbucket", "e=link");
    assert_eq!((forced.status, forced.header("refresh")), (403, None));
    assert!(run(&context, sql("SELECT * FROM connection_attempts")).rows.is_empty());
}

#[test]
fn a_link_that_ended_says_so() {
    assert_eq!(open(&context(), Some("dana"), "/connect/bitbucket?e=ended").status, 404);
    assert_eq!(open(&context(), Some("dana"), "/connect/bitbucket?e=one&e=two").status, 404);
}

#[test]
fn a_callback_that_nobody_started_connects_nothing() {
    let context = context();
    assert_eq!(open(&context, Some("dana"), "/callback/bitbucket?code=c&state=s").status, 400);
    assert!(run(&context, sql("SELECT * FROM connections")).rows.is_empty());
}

#[test]
fn disconnecting_removes_the_account_and_says_whether_the_provider_ended_it() {
    for (status, ended, words) in [(200, "everywhere", "has ended the access, too"), (404, "here", "did not confirm")] {
        let mut context = context();
        let http = ScriptedHttp::new(move |_| json_answer(status, &serde_json::json!({})));
        context.platform.http = Rc::new(http.clone());
        connect(&context, "connected");
        let sealed = context
            .settings
            .sealer(crate::crypto::seal::Purpose::Tokens)
            .seal("token", "connections/dana/bitbucket/access_token")
            .unwrap();
        run(&context, sql("UPDATE connections SET access_token = ?1").bind(sealed));
        let shown = submit(&context, "dana", "/connections", "/connections/bitbucket/disconnect", "");
        let told = format!("/connections?bitbucket={ended}");
        assert_eq!((shown.status, shown.header("location")), (303, Some(told.as_str())));
        assert!(run(&context, sql("SELECT * FROM connections")).rows.is_empty());
        assert_eq!(http.sent.borrow()[0].url, "https://bitbucket.org/site/oauth2/revoke");
        assert!(open(&context, Some("dana"), &told).html.contains(words));
    }
}

#[test]
fn what_cannot_be_opened_is_not_said_to_be_ended_at_the_provider() {
    let context = context();
    connect(&context, "connected");
    let shown = submit(&context, "dana", "/connections", "/connections/bitbucket/disconnect", "");
    assert_eq!(shown.header("location"), Some("/connections?bitbucket=here"));
}
