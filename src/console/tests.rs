//! What people can see and do in the console.

use proptest::prelude::*;

use super::{
    page::{self, CONTENT_SECURITY_POLICY},
    testing::{open, post, postern, run, submit},
};
use crate::{crypto::digest::sha256, platform::database::sql, postern::Postern, settings::Misconfigured};

const PAGES: [&str; 5] = ["/", "/connections", "/clients", "/admin/tools", "/admin/audit"];
const FORMS: [&str; 7] = [
    "/sign-out",
    "/authorize/decision",
    "/connect/bitbucket",
    "/connections/bitbucket/disconnect",
    "/clients/revoke",
    "/admin/tools/decide",
    "/admin/tools/approve-pending",
];

fn register_client(postern: &Postern) {
    let client = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata,
             created_at)
         VALUES ('client', 'Editor <b>', '[\"http://127.0.0.1/callback\"]', '[\"authorization_code\"]', 'none', '{}', 0)");
    run(postern, client);
}

fn connect(postern: &Postern, state: &str) {
    let connection = sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
             expires_at, version, state, created_at, updated_at)
         VALUES ('dana', 'bitbucket', '{1}', 'dana-bb', 'account pullrequest', 'v1.', 0, 1, ?1, 0, 0)");
    run(postern, connection.bind(state));
}

fn link(postern: &Postern, person: &str) {
    register_client(postern);
    let elicitation = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
         VALUES (?1, ?2, 'client', 'bitbucket', 'pending', 9000000000000)");
    run(postern, elicitation.bind(sha256("link")).bind(person));
}

fn grant(postern: &Postern) {
    register_client(postern);
    run(
        postern,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, rotated_at,
             created_at, used_at, expires_at)
         VALUES ('grant', 'dana', 'client', 'http://127.0.0.1:9/callback', 'read', 'r', 1, 0, 0, 0, 9000000000000)"),
    );
}

fn authorization_request() -> &'static str {
    "/authorize?response_type=code&client_id=client&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=read\
     &state=s&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256"
}

#[test]
fn every_page_forbids_scripts_frames_caches_and_referrers() {
    let postern = postern();
    for page in PAGES {
        let shown = open(&postern, Some("ada"), page);
        assert_eq!(shown.status, 200, "{page}");
        assert_eq!(shown.header("content-security-policy"), Some(CONTENT_SECURITY_POLICY), "{page}");
        assert_eq!(shown.header("x-frame-options"), Some("DENY"), "{page}");
        assert_eq!(shown.header("referrer-policy"), Some("no-referrer"), "{page}");
        assert_eq!(shown.header("cache-control"), Some("no-store"), "{page}");
        assert_eq!(shown.header("x-content-type-options"), Some("nosniff"), "{page}");
        assert!(!shown.html.contains("<script") && !shown.html.contains(" style="), "{page}");
    }
}

#[test]
fn the_content_security_policy_is_the_strict_one() {
    assert_eq!(
        CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    );
}

#[test]
fn whoever_is_signed_out_signs_in_and_comes_back() {
    let postern = postern();
    for page in PAGES.iter().skip(1).chain(&["/connect/bitbucket"]) {
        let encoded = page.replace('/', "%2F");
        let shown = open(&postern, None, page);
        assert_eq!(shown.header("location"), Some(format!("/sign-in?return_to={encoded}").as_str()));
    }
    let shown = open(&postern, None, "/connect/bitbucket?e=a%2Fb");
    assert_eq!(shown.header("location"), Some("/sign-in?return_to=%2Fconnect%2Fbitbucket%3Fe%3Da%252Fb"));
}

#[test]
fn no_form_counts_without_the_token_of_its_page() {
    let postern = postern();
    for action in FORMS {
        assert_eq!(post(&postern, Some("ada"), action, "").status, 403, "{action}");
        assert_eq!(post(&postern, Some("ada"), action, "form_token=guessed").status, 403, "{action}");
    }
}

#[test]
fn no_form_counts_from_whoever_is_signed_out() {
    let postern = postern();
    for action in FORMS {
        assert_eq!(post(&postern, None, action, "").status, 401, "{action}");
    }
}

#[test]
fn administration_is_for_administrators() {
    let postern = postern();
    for page in ["/admin/tools", "/admin/audit"] {
        assert_eq!(open(&postern, Some("dana"), page).status, 403, "{page}");
    }
    assert!(!open(&postern, Some("dana"), "/").html.contains("/admin/"));
}

#[test]
fn an_administrators_form_does_nothing_for_others() {
    let postern = postern();
    let dana = open(&postern, Some("dana"), "/");
    let session_hash = sha256("dana");
    assert!(dana.form_token("/sign-out").is_some());
    let keys = postern.settings.signing_keys.derive("form token");
    let token = crate::crypto::digest::authenticate(&keys.current, &[&session_hash, "/admin/tools/approve-pending"]);
    let shown = post(&postern, Some("dana"), "/admin/tools/approve-pending", &format!("form_token={token}"));
    assert_eq!(shown.status, 403);
    assert!(run(&postern, sql("SELECT * FROM tools")).rows.is_empty());
}

#[test]
fn names_are_text_and_never_markup() {
    let shown = open(&postern(), Some("dana"), "/");
    assert!(shown.html.contains("Dana &lt;Developer&gt;"));
}

#[test]
fn an_unknown_page_says_so_with_the_request_id() {
    let shown = open(&postern(), Some("dana"), "/nothing/here");
    assert_eq!(shown.status, 404);
    assert!(shown.html.contains("request-1"));
}

#[test]
fn a_misconfigured_postern_names_the_setting() {
    let response = page::misconfigured(&Misconfigured { name: "SEALING_KEY", problem: "is not set" });
    let html = String::from_utf8(response.body).unwrap();
    assert_eq!(response.status, 503);
    assert!(html.contains("<code>SEALING_KEY</code> is not set."));
}

#[test]
fn the_front_page_gives_the_address_for_ai_clients() {
    let shown = open(&postern(), None, "/");
    assert!(shown.html.contains("claude mcp add --transport http postern https://postern.example/mcp"));
    assert!(shown.html.contains("href=\"/sign-in\""));
}

#[test]
fn signing_out_ends_the_session() {
    let postern = postern();
    let shown = submit(&postern, "dana", "/", "/sign-out", "");
    assert_eq!((shown.status, shown.header("location")), (303, Some("/")));
    assert!(open(&postern, Some("dana"), "/clients").header("location").is_some());
}

#[test]
fn an_authorization_request_makes_the_person_sign_in_first() {
    let postern = postern();
    register_client(&postern);
    let shown = open(&postern, None, authorization_request());
    assert!(shown.header("location").unwrap().starts_with("/sign-in?return_to=%2Fauthorize%3Fresponse_type%3Dcode"));
}

#[test]
fn consent_shows_the_client_where_it_is_and_who_is_asked() {
    let postern = postern();
    register_client(&postern);
    let shown = open(&postern, Some("dana"), authorization_request());
    assert_eq!(shown.status, 200);
    for text in ["Editor &lt;b&gt;", "Not verified", "127.0.0.1:9", "program on your own computer", "(dana)"] {
        assert!(shown.html.contains(text), "{text}");
    }
}

#[test]
fn a_decision_takes_the_browser_to_the_client_without_a_redirect_that_the_policy_would_stop() {
    for (decision, answer) in [("approve", "code="), ("deny", "error=access_denied")] {
        let postern = postern();
        register_client(&postern);
        let consent = open(&postern, Some("dana"), authorization_request());
        let request = consent.html.split_once("name=\"request\" value=\"").unwrap().1.split('"').next().unwrap();
        let token = consent.form_token("/authorize/decision").unwrap();
        let body = format!("form_token={token}&request={request}&decision={decision}");
        let shown = post(&postern, Some("dana"), "/authorize/decision", &body);
        let refresh = shown.header("refresh").unwrap();
        assert_eq!(shown.status, 200);
        assert!(refresh.starts_with("0; url=http://127.0.0.1:9/callback?"), "{refresh}");
        assert!(refresh.contains(answer), "{refresh}");
        let again = post(&postern, Some("dana"), "/authorize/decision", &body);
        assert_eq!(again.status, 400, "a decision counts once");
    }
}

#[test]
fn an_authorization_request_without_a_known_client_goes_nowhere() {
    let shown = open(&postern(), Some("dana"), authorization_request());
    assert_eq!((shown.status, shown.header("location"), shown.header("refresh")), (400, None, None));
}

#[test]
fn connections_show_how_they_stand() {
    let postern = postern();
    assert!(open(&postern, Some("dana"), "/connections").html.contains("Not connected"));
    connect(&postern, "connected");
    assert!(open(&postern, Some("dana"), "/connections").html.contains("dana-bb"));
    run(&postern, sql("UPDATE connections SET state = 'broken'"));
    assert!(open(&postern, Some("dana"), "/connections").html.contains("Broken"));
}

#[test]
fn connecting_sends_the_browser_to_bitbucket_bound_by_a_cookie() {
    let shown = submit(&postern(), "dana", "/connections", "/connect/bitbucket", "");
    assert!(shown.header("refresh").unwrap().starts_with("0; url=https://bitbucket.org/site/oauth2/authorize?"));
    assert!(shown.header("set-cookie").unwrap().starts_with("__Host-postern_connect_"));
}

#[test]
fn a_link_names_the_client_that_gave_it_out() {
    let postern = postern();
    link(&postern, "dana");
    let shown = open(&postern, Some("dana"), "/connect/bitbucket?e=link");
    assert_eq!(shown.status, 200);
    assert!(shown.html.contains("Editor &lt;b&gt;"));
    let next = submit(&postern, "dana", "/connect/bitbucket?e=link", "/connect/bitbucket", "e=link");
    assert!(next.header("refresh").is_some());
}

#[test]
fn another_persons_link_is_refused_on_the_page_and_in_the_form() {
    let postern = postern();
    link(&postern, "ada");
    let shown = open(&postern, Some("dana"), "/connect/bitbucket?e=link");
    assert_eq!(shown.status, 403);
    assert!(shown.form_token("/connect/bitbucket").is_none());
    let forced = submit(&postern, "dana", "/connections", "/connect/bitbucket", "e=link");
    assert_eq!((forced.status, forced.header("refresh")), (403, None));
    assert!(run(&postern, sql("SELECT * FROM connection_attempts")).rows.is_empty());
}

#[test]
fn a_link_that_ended_says_so() {
    assert_eq!(open(&postern(), Some("dana"), "/connect/bitbucket?e=ended").status, 404);
    assert_eq!(open(&postern(), Some("dana"), "/connect/bitbucket?e=one&e=two").status, 404);
}

#[test]
fn a_callback_that_nobody_started_connects_nothing() {
    let postern = postern();
    assert_eq!(open(&postern, Some("dana"), "/callback/bitbucket?code=c&state=s").status, 400);
    assert!(run(&postern, sql("SELECT * FROM connections")).rows.is_empty());
}

#[test]
fn disconnecting_removes_the_account() {
    let postern = postern();
    connect(&postern, "connected");
    let shown = submit(&postern, "dana", "/connections", "/connections/bitbucket/disconnect", "");
    assert_eq!((shown.status, shown.header("location")), (303, Some("/connections")));
    assert!(run(&postern, sql("SELECT * FROM connections")).rows.is_empty());
}

#[test]
fn a_person_ends_the_access_of_a_client() {
    let postern = postern();
    grant(&postern);
    assert!(open(&postern, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
    let shown = submit(&postern, "dana", "/clients", "/clients/revoke", "grant=grant");
    assert_eq!(shown.status, 303);
    assert!(!open(&postern, Some("dana"), "/clients").html.contains("127.0.0.1:9"));
}

#[test]
fn nobody_ends_the_access_of_another_persons_client() {
    let postern = postern();
    grant(&postern);
    run(
        &postern,
        sql("INSERT INTO grants SELECT 'hers', 'ada', client_id, redirect_uri, scope, resource, generation,
             rotated_at, created_at, used_at, expires_at, revoked_at, revoked_reason FROM grants"),
    );
    submit(&postern, "dana", "/clients", "/clients/revoke", "grant=hers");
    assert!(open(&postern, Some("ada"), "/clients").html.contains("127.0.0.1:9"));
}

fn state(postern: &Postern, tool: &str) -> Option<serde_json::Value> {
    let rows = run(postern, sql("SELECT state FROM tools WHERE name = ?1").bind(tool)).rows;
    rows.into_iter().next().map(|row| row["state"].clone())
}

#[test]
fn an_administrator_decides_on_one_tool() {
    let postern = postern();
    submit(&postern, "ada", "/admin/tools", "/admin/tools/decide", "tool=whoami&state=approved");
    assert_eq!(state(&postern, "whoami").unwrap(), "approved");
    submit(&postern, "ada", "/admin/tools", "/admin/tools/decide", "tool=whoami&state=disabled");
    assert_eq!(state(&postern, "whoami").unwrap(), "disabled");
}

#[test]
fn a_decision_that_there_is_not_changes_nothing() {
    let postern = postern();
    for fields in ["tool=unknown&state=approved", "tool=whoami&state=pending", "tool=whoami", ""] {
        let shown = submit(&postern, "ada", "/admin/tools", "/admin/tools/decide", fields);
        assert_eq!(shown.status, 400, "{fields}");
    }
    assert_eq!(state(&postern, "whoami"), None);
}

#[test]
fn everything_pending_is_approved_at_once_and_the_disabled_stays() {
    let postern = postern();
    submit(&postern, "ada", "/admin/tools", "/admin/tools/decide", "tool=whoami&state=disabled");
    submit(&postern, "ada", "/admin/tools", "/admin/tools/approve-pending", "");
    assert_eq!(state(&postern, "whoami").unwrap(), "disabled");
    assert_eq!(state(&postern, "bitbucket_list_workspaces").unwrap(), "approved");
    assert!(!open(&postern, Some("ada"), "/admin/tools").html.contains("approve-pending"));
}

fn audit(postern: &Postern, count: i64) {
    for sequence in 1..=count {
        let row = sql("INSERT INTO audit (user_id, sequence, at, request_id, client_id, tool, phase, outcome, target,
                 arguments_digest)
             VALUES ('dana', ?1, ?2, 'r', 'client', 'whoami', 'outcome', ?3, ?4, 'd')");
        let outcome = if sequence % 2 == 0 { "succeeded" } else { "denied" };
        run(postern, row.bind(sequence).bind(1000 * sequence).bind(outcome).bind(format!("target-{sequence}.")));
    }
}

#[test]
fn the_audit_is_filtered() {
    let postern = postern();
    audit(&postern, 4);
    let shown = open(&postern, Some("ada"), "/admin/audit?user=dana&tool=whoami&outcome=denied&before=");
    assert!(shown.html.contains("target-1.") && shown.html.contains("target-3."));
    assert!(!shown.html.contains("target-2."));
    assert!(open(&postern, Some("ada"), "/admin/audit?user=nobody").html.contains("Nothing matches"));
}

#[test]
fn the_audit_is_paged_and_keeps_its_filter() {
    let postern = postern();
    audit(&postern, 250);
    let shown = open(&postern, Some("ada"), "/admin/audit?outcome=denied");
    assert!(shown.html.contains("target-249.") && !shown.html.contains("target-49."));
    assert!(shown.html.contains("href=\"/admin/audit?outcome=denied&amp;before=51000\""));
    let older = open(&postern, Some("ada"), "/admin/audit?outcome=denied&before=51000");
    assert!(older.html.contains("target-49.") && !older.html.contains("Older entries"));
}

proptest! {
    #[test]
    fn no_query_breaks_the_audit(query in "[ -~]{0,40}") {
        let postern = postern();
        prop_assert_eq!(open(&postern, Some("ada"), &format!("/admin/audit?{query}")).status, 200);
    }
}
