//! What an administrator locks, and how it goes on.

use proptest::prelude::*;

use crate::{
    console::testing::{context, context_with_sites, open, run, submit},
    context::Context,
    governance::locks::LockKind,
    platform::database::sql,
};

/// Locks by the form that the page of that target shows.
fn lock(context: &Context, kind: &str, name: &str) -> u16 {
    let page = format!("/admin/locks?kind={kind}&name={name}");
    submit(context, "ada", &page, "/admin/locks", &format!("kind={kind}&name={name}&reason=a+leak")).status
}

fn locked(context: &Context) -> Vec<(String, String)> {
    let text = |row: &serde_json::Value, column: &str| row[column].as_str().unwrap().to_owned();
    let rows = run(context, sql("SELECT kind, name FROM locks")).rows;
    rows.iter().map(|row| (text(row, "kind"), text(row, "name"))).collect()
}

#[test]
fn each_kind_is_locked_by_its_name_shown_with_the_reason_and_lifted() {
    for (kind, name, label) in [
        ("organisation", "", "All access"),
        ("provider", "confluence", "Confluence"),
        ("site", "bitbucket/eu", "Bitbucket (eu)"),
        ("tool", "whoami", "whoami"),
        ("person", "dana", "Dana &lt;Developer&gt;"),
        ("client", "https://client.example/", "https://client.example/"),
    ] {
        let context = context_with_sites();
        assert_eq!(lock(&context, kind, name), 303, "{kind}");
        assert_eq!(locked(&context), [(kind.to_owned(), name.to_owned())]);
        let shown = open(&context, Some("ada"), "/admin/locks").html;
        assert!(shown.contains(label) && shown.contains("a leak") && shown.contains("by ada"), "{kind}: {shown}");
        submit(&context, "ada", "/admin/locks", "/admin/locks/lift", &format!("kind={kind}&name={name}"));
        assert!(locked(&context).is_empty(), "{kind}");
    }
}

#[test]
fn a_person_is_locked_by_their_user_name_too() {
    let context = context();
    run(&context, sql("UPDATE users SET username = 'd.developer' WHERE id = 'dana'"));
    assert_eq!(lock(&context, "person", "d.developer"), 303);
    assert_eq!(locked(&context), [("person".to_owned(), "dana".to_owned())]);
}

#[test]
fn what_there_is_not_cannot_be_locked() {
    let context = context();
    for kind in LockKind::ALL.map(LockKind::name) {
        let shown = open(&context, Some("ada"), &format!("/admin/locks?kind={kind}&name=+"));
        let can_be = shown.form_token("/admin/locks").is_some();
        assert_eq!(can_be, kind == "organisation", "{kind}");
        assert_eq!(shown.html.contains("There is nothing of that name"), kind != "organisation", "{kind}");
    }
}

#[test]
fn nothing_is_locked_without_a_reason() {
    let context = context();
    let page = "/admin/locks?kind=tool&name=whoami";
    let shown = submit(&context, "ada", page, "/admin/locks", "kind=tool&name=whoami&reason=+");
    assert_eq!((shown.status, locked(&context).is_empty()), (400, true));
}

#[test]
fn a_locked_person_signs_in_and_reads_why_nothing_runs() {
    let context = context();
    lock(&context, "person", "dana");
    assert_eq!(open(&context, Some("dana"), "/connections").status, 200);
    let home = open(&context, Some("dana"), "/").html;
    assert!(home.contains("locked") && home.contains("a leak"), "{home}");
    assert!(open(&context, Some("ada"), "/admin/people/dana").html.contains("a leak"));
}

#[test]
fn while_all_access_is_locked_administrators_alone_come_in_and_afterwards_everybody_goes_on() {
    let context = context();
    lock(&context, "organisation", "");
    assert_eq!(open(&context, Some("dana"), "/connections").status, 302);
    submit(&context, "ada", "/admin/locks", "/admin/locks/lift", "kind=organisation&name=");
    assert_eq!(open(&context, Some("dana"), "/connections").status, 200);
}

#[test]
fn the_pages_of_people_tools_and_clients_lead_to_the_form_that_locks() {
    let context = context();
    for (page, link) in [
        ("/admin/people", "/admin/locks?kind=organisation&amp;name="),
        ("/admin/people/dana", "/admin/locks?kind=person&amp;name=dana"),
        ("/admin/tools/whoami", "/admin/locks?kind=tool&amp;name=whoami"),
    ] {
        assert!(open(&context, Some("ada"), page).html.contains(link), "{page}");
    }
}

proptest! {
    #[test]
    fn no_query_breaks_the_page(query in "(kind=(tool|site|client|person|provider)&name=)?[ -~]{0,40}") {
        prop_assert_eq!(open(&context(), Some("ada"), &format!("/admin/locks?{query}")).status, 200);
    }
}
