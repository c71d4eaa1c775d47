//! Whom an administrator sees among the people, and how access ends and begins again.

use proptest::prelude::*;

use crate::{
    console::testing::{context, open, run, submit},
    context::Context,
    crypto::digest::sha256,
    platform::database::sql,
};

fn count(context: &Context, query: &'static str) -> i64 {
    run(context, sql(query)).rows[0]["n"].as_i64().unwrap()
}

/// Dana, with an AI client and a connection.
fn busy() -> Context {
    let context = context();
    run(
        &context,
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
                created_at, used_at, expires_at)
            VALUES ('grant', 'dana', 'client', 'u', 'read', 'r', 0, 0, 0, 0, 9000000000000)"),
    );
    run(
        &context,
        sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, expires_at,
                version, state, created_at, updated_at)
            VALUES ('dana', 'bitbucket', '{1}', 'dana-bb', 'account', 'v1.', 0, 1, 'connected', 0, 0)"),
    );
    context
}

#[test]
fn a_person_is_shown_with_what_they_have() {
    let context = busy();
    run(&context, sql("UPDATE users SET claimed = '[\"team-a\"]', name = 'D\u{202e}ana' WHERE id = 'dana'"));
    assert!(open(&context, Some("ada"), "/admin/people").html.contains("href=\"/admin/people/dana\""));
    let shown = open(&context, Some("ada"), "/admin/people/dana");
    for fact in ["team-a", "dana-bb", "Dana", "Enabled"] {
        assert!(shown.html.contains(fact), "{fact}");
    }
    assert_eq!(open(&context, Some("ada"), "/admin/people/nobody").status, 404);
}

#[test]
fn people_are_found_by_a_part_of_their_name_and_listed_in_pages() {
    let context = context();
    for number in 0..60 {
        let person = sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
            VALUES (?1, 'issuer', ?1, ?1, ?1, '[]', 0, ?2)");
        run(&context, person.bind(format!("person-{number:02}")).bind(i64::from(number / 4)));
    }
    let found = open(&context, Some("ada"), "/admin/people?search=PERSON-07");
    assert!(found.html.contains("person-07") && !found.html.contains("person-08"));
    let (mut address, mut seen) = ("/admin/people?search=person".to_owned(), 0);
    loop {
        let page = open(&context, Some("ada"), &address);
        seen += page.html.matches("href=\"/admin/people/person-").count();
        let Some((_, next)) = page.html.split_once("<a class=\"button\" href=\"/admin/people?search=person&amp;after=")
        else {
            break;
        };
        address = format!("/admin/people?search=person&after={}", next.split('"').next().unwrap());
    }
    assert_eq!(seen, 60);
}

#[test]
fn ending_everything_takes_browsers_clients_and_connections_and_lets_the_person_begin_anew() {
    let context = busy();
    let shown = submit(&context, "ada", "/admin/people/dana", "/admin/people/end", "person=dana");
    assert_eq!(shown.header("location"), Some("/admin/people/dana?ended=yes"));
    assert!(open(&context, Some("ada"), "/admin/people/dana?ended=yes").html.contains("Everything is over"));
    assert_eq!(open(&context, Some("dana"), "/connections").status, 302);
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM connections"), 0);
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 0);
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM users WHERE disabled_at IS NOT NULL"), 0);
}

#[test]
fn somebody_who_is_disabled_stays_out_until_they_are_enabled() {
    let context = busy();
    submit(&context, "ada", "/admin/people/dana", "/admin/people/disable", "person=dana&reason=left+the+company");
    let shown = open(&context, Some("ada"), "/admin/people/dana");
    assert!(shown.html.contains("left the company") && shown.html.contains("by ada"));
    assert!(open(&context, Some("ada"), "/admin/people?disabled=yes").html.contains("/admin/people/dana"));
    submit(&context, "ada", "/admin/people/dana", "/admin/people/enable", "person=dana");
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM users WHERE disabled_at IS NOT NULL"), 0);
    assert_eq!(open(&context, Some("dana"), "/connections").status, 302, "what has ended stays ended");
}

#[test]
fn nobody_is_disabled_without_a_reason_and_no_administrator_disables_themselves() {
    let context = context();
    let shown = submit(&context, "ada", "/admin/people/dana", "/admin/people/disable", "person=dana&reason=+%E2%80%8B");
    assert_eq!(shown.status, 400);
    assert!(open(&context, Some("ada"), "/admin/people/ada").form_token("/admin/people/disable").is_none());
    let forced = submit(&context, "ada", "/admin/people/dana", "/admin/people/disable", "person=ada&reason=x");
    assert_eq!(forced.status, 400);
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM users WHERE disabled_at IS NOT NULL"), 0);
}

fn sign_in(context: &Context, person: &str, cookie: &str, label: Option<&str>) {
    let session = sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at, label)
         VALUES (?1, ?2, 1, 9000000000000, ?3)");
    run(context, session.bind(sha256(cookie)).bind(person).bind(label));
}

#[test]
fn a_person_sees_their_own_browsers_and_ends_one() {
    let context = context();
    sign_in(&context, "dana", "phone", Some("Safari on iPhone"));
    let shown = open(&context, Some("dana"), "/sessions");
    assert_eq!(shown.html.matches("action=\"/sessions/end\"").count(), 2);
    assert!(shown.html.contains("Safari on iPhone") && shown.html.contains("This one"));
    let ada = sha256(&sha256("ada"));
    submit(&context, "dana", "/sessions", "/sessions/end", &format!("session={ada}"));
    assert_eq!(open(&context, Some("ada"), "/sessions").status, 200, "another person's session");
    submit(&context, "dana", "/sessions", "/sessions/end", &format!("session={}", sha256(&sha256("phone"))));
    assert_eq!(open(&context, Some("phone"), "/sessions").status, 302);
    assert_eq!(open(&context, Some("dana"), "/sessions").status, 200);
}

#[test]
fn signing_out_everywhere_ends_every_browser_of_the_person_and_nobody_elses() {
    let context = context();
    sign_in(&context, "dana", "phone", None);
    submit(&context, "dana", "/sessions", "/sessions/end-all", "");
    for cookie in ["dana", "phone"] {
        assert_eq!(open(&context, Some(cookie), "/sessions").status, 302);
    }
    assert_eq!(open(&context, Some("ada"), "/sessions").status, 200);
}

#[test]
fn a_person_can_end_everything_of_their_own() {
    let context = busy();
    submit(&context, "dana", "/sessions", "/sessions/end-everything", "");
    assert_eq!(open(&context, Some("dana"), "/sessions").status, 302);
    assert_eq!(count(&context, "SELECT COUNT(*) AS n FROM grants WHERE revoked_at IS NULL"), 0);
}

proptest! {
    #[test]
    fn no_query_breaks_the_list_of_people(query in "[ -~]{0,40}") {
        let context = context();
        prop_assert_eq!(open(&context, Some("ada"), &format!("/admin/people?{query}")).status, 200);
    }
}
