//! What administrators alone can see and do.

use proptest::prelude::*;

use crate::{
    catalog,
    console::testing::{Shown, open, post, postern, run, submit},
    crypto::digest,
    governance::tools,
    platform::database::sql,
    postern::Postern,
};

#[test]
fn administration_is_for_administrators() {
    let postern = postern();
    for page in ["/admin/people", "/admin/people/ada", "/admin/tools", "/admin/clients", "/admin/audit"] {
        assert_eq!(open(&postern, Some("dana"), page).status, 403, "{page}");
    }
    assert!(!open(&postern, Some("dana"), "/").html.contains("/admin/"));
}

#[test]
fn an_administrators_form_does_nothing_for_others() {
    let postern = postern();
    let dana = open(&postern, Some("dana"), "/");
    let session_hash = postern.settings.authenticator().hash("browser_sessions", "dana");
    assert!(dana.form_token("/sign-out").is_some());
    let keys = postern.settings.signing_keys.derive("form token");
    let token = digest::authenticate(&keys.current, &[&session_hash, "/admin/tools/approve-pending"]);
    let shown = post(&postern, Some("dana"), "/admin/tools/approve-pending", &format!("form_token={token}"));
    assert_eq!(shown.status, 403);
    assert!(run(&postern, sql("SELECT * FROM tools")).rows.is_empty());
}

fn state(postern: &Postern, tool: &str) -> Option<serde_json::Value> {
    let rows = run(postern, sql("SELECT state FROM tools WHERE name = ?1").bind(tool)).rows;
    rows.into_iter().next().map(|row| row["state"].clone())
}

/// What the form of a tool says that its administrator saw.
fn seen(tool: &str) -> String {
    tools::seen([catalog::find(tool).unwrap()])
}

fn approve_whoami(postern: &Postern, seen: &str) -> Shown {
    submit(postern, "ada", "/admin/tools", "/admin/tools/decide", &format!("tool=whoami&state=approved&seen={seen}"))
}

#[test]
fn an_approval_is_of_what_was_seen_or_of_nothing() {
    let postern = postern();
    for saw in ["", &seen("bitbucket_list_workspaces")] {
        let shown = approve_whoami(&postern, saw);
        assert_eq!(shown.status, 409);
        assert!(shown.html.contains("not what you saw"));
    }
    let all = submit(&postern, "ada", "/admin/tools", "/admin/tools/approve-pending", "seen=other");
    assert_eq!(all.status, 409);
    assert!(run(&postern, sql("SELECT * FROM tools")).rows.is_empty());
}

#[test]
fn the_page_carries_what_it_shows() {
    let postern = postern();
    let shown = open(&postern, Some("ada"), "/admin/tools").html;
    assert!(shown.contains(&format!("name=\"seen\" value=\"{}\"", seen("whoami"))));
    assert!(shown.contains(&format!("name=\"seen\" value=\"{}\"", tools::seen(catalog::ALL.iter().copied()))));
}

#[test]
fn an_administrator_decides_on_one_tool() {
    let postern = postern();
    approve_whoami(&postern, &seen("whoami"));
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
    let others = catalog::ALL.iter().copied().filter(|operation| operation.name != "whoami");
    let fields = format!("seen={}", tools::seen(others));
    submit(&postern, "ada", "/admin/tools", "/admin/tools/approve-pending", &fields);
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
    let shown = open(&postern, Some("ada"), "/admin/audit?user=dana&tool=whoami&outcome=denied&after=");
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
    assert!(shown.html.contains("href=\"/admin/audit?outcome=denied&amp;after=51000.51.dana\""));
    let older = open(&postern, Some("ada"), "/admin/audit?outcome=denied&after=51000.51.dana");
    assert!(older.html.contains("target-49.") && !older.html.contains("Older entries"));
}

proptest! {
    #[test]
    fn no_query_breaks_the_audit(query in "[ -~]{0,40}") {
        let postern = postern();
        prop_assert_eq!(open(&postern, Some("ada"), &format!("/admin/audit?{query}")).status, 200);
    }
}
