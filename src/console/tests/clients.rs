//! AI clients: consent, and the end of it.

use super::register_client;
use crate::{
    console::testing::{Shown, context, open, post, run, submit},
    context::Context,
    platform::database::sql,
    tools,
};

fn grant(context: &Context) {
    register_client(context);
    run(
        context,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
             created_at, used_at, expires_at)
         VALUES ('grant', 'dana', 'client', 'http://127.0.0.1:9/callback', 'read', 'r', 1, 0, 0, 0, 9000000000000)"),
    );
}

fn authorization_request() -> &'static str {
    "/authorize?response_type=code&client_id=client&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=read\
     &state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
}

#[test]
fn an_authorization_request_makes_the_person_sign_in_first() {
    let context = context();
    register_client(&context);
    let shown = open(&context, None, authorization_request());
    assert!(shown.header("location").unwrap().starts_with("/sign-in?return_to=%2Fauthorize%3Fresponse_type%3Dcode"));
}

#[test]
fn an_authorization_request_too_long_to_survive_signing_in_says_so() {
    let context = context();
    register_client(&context);
    let long = |length| format!("{}&more={}", authorization_request(), "x".repeat(length));
    assert!(open(&context, None, &long(8_500)).header("location").is_some());
    let shown = open(&context, None, &long(9_300));
    assert_eq!((shown.status, shown.header("location")), (400, None));
    assert!(shown.html.contains("too long to be kept"), "{}", shown.html);
    assert_eq!(open(&context, Some("dana"), &long(12_000)).status, 200, "whoever is signed in needs nothing kept");
}

#[test]
fn consent_shows_the_client_where_it_is_and_who_is_asked() {
    let context = context();
    register_client(&context);
    let shown = open(&context, Some("dana"), authorization_request());
    assert_eq!(shown.status, 200);
    for text in ["Editor &lt;b&gt;", "Not verified", "127.0.0.1:9", "program on your own computer", "(dana)"] {
        assert!(shown.html.contains(text), "{text}");
    }
}

/// Posts that decision on a consent page, with fields beside it.
fn decide(context: &Context, consent: &Shown, fields: &str) -> Shown {
    let request = consent.html.split_once("name=\"request\" value=\"").unwrap().1.split('"').next().unwrap();
    let token = consent.form_token("/authorize/decision").unwrap();
    post(context, Some("dana"), "/authorize/decision", &format!("form_token={token}&request={request}&{fields}"))
}

#[test]
fn a_decision_takes_the_browser_to_the_client_without_a_redirect_that_the_policy_would_stop() {
    for (decision, answer) in [("approve", "code="), ("deny", "error=access_denied")] {
        let context = context();
        register_client(&context);
        let consent = open(&context, Some("dana"), authorization_request());
        let shown = decide(&context, &consent, &format!("decision={decision}"));
        let refresh = shown.header("refresh").unwrap();
        assert_eq!(shown.status, 200);
        assert!(refresh.starts_with("0; url=http://127.0.0.1:9/callback?"), "{refresh}");
        assert!(refresh.contains(answer), "{refresh}");
        let again = decide(&context, &consent, &format!("decision={decision}"));
        assert_eq!(again.header("refresh"), Some(refresh), "a form that is sent twice ends where it ended first");
    }
}

fn approve_all_tools(context: &Context) {
    let fields = format!("state=approved&seen={}", tools::digest(&context.settings.sites));
    submit(context, "ada", "/admin/tools", "/admin/tools/decide-many", &fields);
}

fn write_request() -> String {
    authorization_request().replace("scope=read", "scope=read+write")
}

#[test]
fn consent_says_what_the_approved_tools_do_and_as_whom() {
    let context = context();
    register_client(&context);
    assert!(open(&context, Some("dana"), &write_request()).html.contains("none does now"));
    approve_all_tools(&context);
    let shown = open(&context, Some("dana"), &write_request()).html;
    for text in [
        "Read in Bitbucket what you can read: workspaces",
        "Read in Confluence, through your organisation&#39;s account, also where you yourself cannot: ",
        "Change in Bitbucket, in your name: ",
        "comment on pull requests",
    ] {
        assert!(shown.contains(text) || shown.contains(&text.replace("&#39;", "'")), "{text}");
    }
}

#[test]
fn a_person_who_unticks_writing_lets_the_client_read_alone() {
    for (asked, box_ticked, given) in
        [("read+write", "&write=yes", "read write"), ("read+write", "", "read"), ("read", "&write=yes", "read")]
    {
        let context = context();
        register_client(&context);
        let consent =
            open(&context, Some("dana"), &authorization_request().replace("scope=read", &format!("scope={asked}")));
        assert_eq!(consent.html.contains("name=\"write\""), asked != "read");
        decide(&context, &consent, &format!("decision=approve{box_ticked}"));
        let granted = run(&context, sql("SELECT scope FROM grants")).rows;
        assert_eq!(granted, [serde_json::json!({ "scope": given })], "{asked}{box_ticked}");
    }
}

#[test]
fn a_person_without_bitbucket_may_connect_it_on_the_way() {
    let context = context();
    register_client(&context);
    let offers = || open(&context, Some("dana"), &write_request()).html.contains("Allow and connect Bitbucket");
    assert!(!offers(), "no tool needs it yet");
    approve_all_tools(&context);
    assert!(offers());
    run(
        &context,
        sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, expires_at,
                 version, state, created_at, updated_at)
             VALUES ('dana', 'bitbucket', '{1}', 'dana-bb', '', 'v1.', 0, 1, 'connected', 0, 0)"),
    );
    assert!(!offers(), "it is connected");
}

#[test]
fn connecting_on_the_way_decides_when_the_person_comes_back_and_also_where_that_failed() {
    let context = context();
    register_client(&context);
    approve_all_tools(&context);
    let consent = open(&context, Some("dana"), &write_request());
    let left = decide(&context, &consent, "decision=approve_and_connect_bitbucket&write=yes");
    let location = left.header("refresh").unwrap().split_once("url=").unwrap().1;
    assert!(location.starts_with("https://bitbucket.org/site/oauth2/authorize?"), "{location}");
    assert!(run(&context, sql("SELECT id FROM grants")).rows.is_empty(), "nothing is decided yet");
    let state = location.split_once("state=").unwrap().1.split('&').next().unwrap();
    let cookie = left.header("set-cookie").unwrap().split(';').next().unwrap();
    let session = format!("dana; {cookie}");
    let back = open(&context, Some(&session), &format!("/callback/bitbucket?error=access_denied&state={state}"));
    assert!(back.html.contains("Bitbucket was not connected") && back.html.contains("it is let in"), "{}", back.html);
    assert!(back.header("refresh").unwrap().starts_with("10; url=http://127.0.0.1:9/callback?code="));
    let granted = run(&context, sql("SELECT scope FROM grants")).rows;
    assert_eq!(granted, [serde_json::json!({ "scope": "read write" })]);
}

#[test]
fn a_decision_that_is_no_longer_open_makes_nobody_connect_anything() {
    let context = context();
    register_client(&context);
    let consent = open(&context, Some("dana"), authorization_request());
    decide(&context, &consent, "decision=deny");
    let shown = decide(&context, &consent, "decision=approve_and_connect_bitbucket");
    assert_eq!((shown.status, shown.header("refresh")), (400, None));
}

#[test]
fn an_authorization_request_without_a_known_client_goes_nowhere() {
    let shown = open(&context(), Some("dana"), authorization_request());
    assert_eq!((shown.status, shown.header("location"), shown.header("refresh")), (400, None, None));
}

#[test]
fn a_person_ends_the_access_of_a_client() {
    let context = context();
    grant(&context);
    assert!(open(&context, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
    let shown = submit(&context, "dana", "/clients", "/clients/revoke", "grant=grant");
    assert_eq!(shown.status, 303);
    assert!(!open(&context, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
}

#[test]
fn nobody_ends_the_access_of_another_persons_client() {
    let context = context();
    grant(&context);
    run(
        &context,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
                 created_at, used_at, expires_at)
             SELECT 'hers', 'ada', client_id, redirect_uri, scope, resource, generation, refreshed_at, created_at,
                 used_at, expires_at FROM grants"),
    );
    submit(&context, "dana", "/clients", "/clients/revoke", "grant=hers");
    assert!(open(&context, Some("ada"), "/clients").html.contains("127.0.0.1:9"));
}

#[test]
fn a_person_sees_when_and_why_an_access_ended_without_their_doing() {
    let context = context();
    grant(&context);
    run(&context, sql("UPDATE grants SET revoked_at = 1767225905000, revoked_reason = 'refresh token replayed'"));
    let shown = open(&context, Some("dana"), "/clients").html;
    for text in ["Ended in the last 30 days", "2026-01-01 00:05 UTC", "An outdated refresh token was used"] {
        assert!(shown.contains(text), "{text}");
    }
    assert!(!open(&context, Some("ada"), "/clients").html.contains("Ended in the last"));
}

#[test]
fn what_a_person_ended_by_themselves_needs_no_explanation() {
    let context = context();
    grant(&context);
    submit(&context, "dana", "/clients", "/clients/revoke", "grant=grant");
    assert!(!open(&context, Some("dana"), "/clients").html.contains("Ended in the last"));
}
