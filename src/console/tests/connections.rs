//! Accounts upstream, and the links that ask for them.

use std::{rc::Rc, time::Duration};

use futures_executor::block_on;

use super::register_client;
use crate::{
    connections::{accounts, elicitation::hash},
    console::testing::{context, open, run, submit},
    context::Context,
    governance::organisation_decisions,
    identifiers::UserId,
    platform::{
        database::sql,
        native::memory::{ScriptedHttp, json_answer},
    },
    providers::{BITBUCKET, CONFLUENCE, Site},
    upstream::LowQuota,
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
fn a_connection_that_nobody_used_for_months_is_told_to_end_before_it_does() {
    let context = context();
    connect(&context, "connected");
    let day = |days: i64| context.platform.clock.now().0 - days * 24 * 60 * 60 * 1000;
    let unused = |days| {
        let statement = sql("UPDATE connections SET refresh_token = 'v2.', created_at = ?1, updated_at = ?1");
        run(&context, statement.bind(day(days)));
        (open(&context, Some("dana"), "/connections").html, open(&context, Some("ada"), "/admin/accounts").html)
    };
    let (theirs, administrators) = unused(70);
    assert!(theirs.contains(">Connected<") && !theirs.contains("lets this connection end on"), "{theirs}");
    assert!(administrators.contains("1 connected<"), "{administrators}");
    let (theirs, administrators) = unused(80);
    assert!(theirs.contains("Ends soon") && theirs.contains("Bitbucket lets this connection end on"), "{theirs}");
    assert!(administrators.contains("1 connected, 1 end soon"), "{administrators}");
    run(&context, sql("UPDATE connections SET state = 'broken'"));
    let theirs = open(&context, Some("dana"), "/connections").html;
    assert!(theirs.contains("Broken") && !theirs.contains("lets this connection end on"), "{theirs}");
    let administrators = open(&context, Some("ada"), "/admin/accounts").html;
    assert!(administrators.contains("1 connected, 1 to be connected again"), "{administrators}");
}

#[test]
fn a_quota_of_which_little_is_left_is_shown_until_it_begins_anew() {
    let context = context();
    connect(&context, "connected");
    let now = context.platform.clock.now();
    let note = |left, until| {
        let low = LowQuota { left, until };
        let database = &*context.platform.database;
        block_on(accounts::note_quota(database, &UserId::new("dana"), Site::main(&BITBUCKET), low)).unwrap();
        block_on(organisation_decisions::note_quota(&context, Site::main(&CONFLUENCE), low)).unwrap();
        open(&context, Some("dana"), "/connections").html
    };
    let later = now + Duration::from_hours(1);
    let theirs = note(Some(12), later);
    assert!(theirs.contains("Bitbucket limits what is asked through your account, and at most 12 is left"), "{theirs}");
    assert!(theirs.contains("Confluence limits what is asked through your organisation"), "{theirs}");
    let administrators = open(&context, Some("ada"), "/admin/accounts").html;
    assert!(administrators.contains("1 with a low quota") && administrators.contains("through it, and at most 12"));
    assert!(note(Some(0), later).contains("nothing is left: calls fail until"));
    assert!(!note(Some(0), now).contains("limits what is asked"));
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
