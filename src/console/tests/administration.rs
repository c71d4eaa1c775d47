//! What administrators alone can see and do.

use proptest::prelude::*;

use crate::{
    catalog::operation::Class,
    console::testing::{Shown, context, open, post, run, submit},
    context::Context,
    crypto::digest,
    platform::database::sql,
    tools,
};

#[test]
fn administration_is_for_administrators() {
    let context = context();
    for page in ["/admin/people", "/admin/people/ada", "/admin/tools", "/admin/clients", "/admin/audit"] {
        assert_eq!(open(&context, Some("dana"), page).status, 403, "{page}");
    }
    assert!(!open(&context, Some("dana"), "/").html.contains("/admin/"));
}

#[test]
fn an_administrators_form_does_nothing_for_others() {
    let context = context();
    let dana = open(&context, Some("dana"), "/");
    let session_hash = context.settings.authenticator().hash("browser_sessions", "dana");
    assert!(dana.form_token("/sign-out").is_some());
    let keys = context.settings.signing_keys.derive("form token");
    let token = digest::authenticate(&keys.current, &[&session_hash, "/admin/tools/decide-many"]);
    let shown = post(&context, Some("dana"), "/admin/tools/decide-many", &format!("form_token={token}"));
    assert_eq!(shown.status, 403);
    assert!(run(&context, sql("SELECT * FROM tools")).rows.is_empty());
}

fn state(context: &Context, tool: &str) -> Option<serde_json::Value> {
    let rows = run(context, sql("SELECT state FROM tools WHERE name = ?1").bind(tool)).rows;
    rows.into_iter().next().map(|row| row["state"].clone())
}

/// What the form of a tool says that its administrator saw.
fn seen(tool: &str) -> String {
    tools::digest_of([&*tools::find(tool).unwrap()])
}

fn approve_whoami(context: &Context, seen: &str) -> Shown {
    submit(context, "ada", "/admin/tools", "/admin/tools/decide", &format!("tool=whoami&state=approved&seen={seen}"))
}

#[test]
fn an_approval_is_of_what_was_seen_or_of_nothing() {
    let context = context();
    for saw in ["", &seen("bitbucket_list_workspaces")] {
        let shown = approve_whoami(&context, saw);
        assert_eq!(shown.status, 409);
        assert!(shown.html.contains("not what you saw"));
    }
    let all = submit(&context, "ada", "/admin/tools", "/admin/tools/decide-many", "state=approved&seen=other");
    assert_eq!(all.status, 409);
    assert!(run(&context, sql("SELECT * FROM tools")).rows.is_empty());
}

#[test]
fn the_page_carries_what_it_shows() {
    let context = context();
    let shown = open(&context, Some("ada"), "/admin/tools").html;
    assert!(shown.contains(&format!("name=\"seen\" value=\"{}\"", seen("whoami"))));
    assert!(shown.contains(&format!("name=\"seen\" value=\"{}\"", tools::digest(&context.settings.sites))));
}

#[test]
fn an_administrator_decides_on_one_tool() {
    let context = context();
    approve_whoami(&context, &seen("whoami"));
    assert_eq!(state(&context, "whoami").unwrap(), "approved");
    submit(&context, "ada", "/admin/tools", "/admin/tools/decide", "tool=whoami&state=disabled");
    assert_eq!(state(&context, "whoami").unwrap(), "disabled");
}

#[test]
fn a_decision_that_there_is_not_changes_nothing() {
    let context = context();
    for fields in ["tool=unknown&state=approved", "tool=whoami&state=gone", "tool=whoami", ""] {
        let shown = submit(&context, "ada", "/admin/tools", "/admin/tools/decide", fields);
        assert_eq!(shown.status, 400, "{fields}");
    }
    assert_eq!(state(&context, "whoami"), None);
}

#[test]
fn the_tools_of_one_area_and_class_are_approved_together_and_no_others() {
    let context = context();
    let tools = tools::all();
    let is_meant =
        |tool: &&tools::Tool| tool.area().is_some_and(|area| area.name == "pull-requests") && tool.class == Class::Read;
    let group: Vec<_> = tools.iter().map(|tool| &**tool).filter(is_meant).collect();
    let fields =
        format!("area=pull-requests&class=read&state=approved&seen={}", tools::digest_of(group.iter().copied()));
    submit(&context, "ada", "/admin/tools", "/admin/tools/decide-many", &fields);
    for tool in tools.iter() {
        let expected = is_meant(&&**tool).then(|| "approved".into());
        assert_eq!(state(&context, &tool.name), expected, "{}", tool.name);
    }
}

#[test]
fn the_list_of_tools_is_narrowed_by_words_and_stays_so_after_a_decision() {
    let context = context();
    let shown = open(&context, Some("ada"), "/admin/tools?words=list+BRANCHES").html;
    assert!(shown.contains("bitbucket_list_branches") && !shown.contains("confluence_get_page"));
    let seen = seen("bitbucket_list_branches");
    let fields = format!("tool=bitbucket_list_branches&state=approved&seen={seen}&words=list+BRANCHES");
    let decided = submit(&context, "ada", "/admin/tools", "/admin/tools/decide", &fields);
    assert_eq!(decided.header("location"), Some("/admin/tools?words=list+BRANCHES"));
}

#[test]
fn everything_pending_is_approved_at_once_and_the_disabled_stays() {
    let context = context();
    submit(&context, "ada", "/admin/tools", "/admin/tools/decide", "tool=whoami&state=disabled");
    let tools = tools::all();
    let others = tools.iter().map(|tool| &**tool).filter(|tool| tool.name != "whoami");
    let fields = format!("state=approved&seen={}", tools::digest_of(others));
    submit(&context, "ada", "/admin/tools", "/admin/tools/decide-many", &fields);
    assert_eq!(state(&context, "whoami").unwrap(), "disabled");
    assert_eq!(state(&context, "bitbucket_list_workspaces").unwrap(), "approved");
    assert!(!open(&context, Some("ada"), "/admin/tools").html.contains("Approve all pending"));
}

#[test]
fn what_the_filter_lists_is_disabled_and_reopened_together_and_nothing_else() {
    let context = context();
    let tools = tools::all();
    let listed: Vec<_> = tools.iter().map(|tool| &**tool).filter(|tool| tool.name.contains("snippet")).collect();
    let seen = tools::digest_of(tools.iter().map(|tool| &**tool).filter(|tool| {
        let text = format!("{} {} {}", tool.name, tool.title, tool.description).to_lowercase();
        text.contains("snippet")
    }));
    for (state, verb) in [("disabled", "Disable"), ("pending", "Reopen")] {
        let page = "/admin/tools?words=snippet";
        assert!(open(&context, Some("ada"), page).html.contains(&format!("{verb} ")), "{state}");
        let fields = format!("words=snippet&state={state}&seen={seen}");
        let decided = submit(&context, "ada", page, "/admin/tools/decide-many", &fields);
        assert_eq!(decided.header("location"), Some(page));
        for tool in &listed {
            assert_eq!(self::state(&context, &tool.name).unwrap(), state, "{}", tool.name);
        }
        assert_eq!(self::state(&context, "whoami"), None);
    }
}

#[test]
fn reads_are_approved_by_themselves_once_an_administrator_says_so() {
    let context = context();
    submit(&context, "ada", "/admin/tools", "/admin/tools/default", "default=approve_reads");
    let page = |tool: &str| open(&context, Some("ada"), &format!("/admin/tools/{tool}")).html;
    assert!(page("whoami").contains("by the default"));
    assert!(page("bitbucket_get_file").contains("Pending"), "code is sensitive");
    assert!(page("bitbucket_create_pull_request").contains("Pending"));
    assert_eq!(state(&context, "whoami"), None);
}

#[test]
fn a_tool_is_classified_as_more_than_the_catalogue_says_and_shown_so() {
    let context = context();
    let page = "/admin/tools/bitbucket_list_workspaces";
    let fields = "tool=bitbucket_list_workspaces&class=write&sensitive=yes";
    submit(&context, "ada", page, "/admin/tools/classify", fields);
    let shown = open(&context, Some("ada"), page).html;
    assert!(shown.contains("Writes") && shown.contains("Sensitive") && shown.contains("raised by an administrator"));
    assert!(open(&context, Some("ada"), "/admin/tools?class=write&words=list_workspaces").html.contains(page));
}

#[test]
fn what_changed_since_a_tool_was_approved_is_shown_where_it_is_known() {
    let context = context();
    approve_whoami(&context, &seen("whoami"));
    let title = tools::find("whoami").unwrap().title.to_string();
    let earlier = tools::find("whoami").unwrap().whole_definition().replace(&title, "Who was I");
    let digest = digest::sha256(&earlier);
    let values = ["whoami", "approved", &digest].map(serde_json::Value::from);
    let mac = context.settings.authenticator().row(&crate::governance::policy::TOOLS, &values);
    let change = sql("UPDATE tools SET definition = ?1, definition_digest = ?2, mac = ?3");
    run(&context, change.bind(earlier).bind(digest).bind(mac));
    for page in ["/admin/tools", "/admin/tools/whoami"] {
        let shown = open(&context, Some("ada"), page).html;
        assert!(shown.contains("before: <code>Who was I</code>"), "{page}");
    }
    run(&context, sql("UPDATE tools SET definition = NULL"));
    assert!(open(&context, Some("ada"), "/admin/tools/whoami").html.contains("what changed is not known"));
}

#[test]
fn a_page_of_a_tool_that_there_is_not_says_so() {
    assert_eq!(open(&context(), Some("ada"), "/admin/tools/no_such_tool").status, 404);
}

fn audit(context: &Context, count: i64) {
    for sequence in 1..=count {
        let row =
            sql("INSERT INTO events (person, part, at, request_id, client_name, tool, kind, phase, outcome, count,
                 target, arguments_digest)
             VALUES ('dana', ?1, ?2, 'r', 'A client', 'whoami', 'call', 'outcome', ?3, 1, ?4, 'd')");
        let outcome = if sequence % 2 == 0 { "succeeded" } else { "denied" };
        run(
            context,
            row.bind(sequence.to_string()).bind(1000 * sequence).bind(outcome).bind(format!("target-{sequence}.")),
        );
    }
}

#[test]
fn the_front_page_tells_administrators_what_waits_what_is_locked_and_what_was_refused() {
    let context = context();
    approve_whoami(&context, &seen("whoami"));
    submit(&context, "ada", "/admin/locks?kind=tool&name=whoami", "/admin/locks", "kind=tool&name=whoami&reason=x");
    let now = context.platform.clock.now().0;
    for (part, at, count) in [("1", now - 1, 3), ("2", now - 60_000, 4), ("3", now - 90_000_000, 50)] {
        let row = sql("INSERT INTO events (person, part, at, request_id, kind, phase, outcome, count)
             VALUES ('dana', ?1, ?2, 'r', 'call', 'outcome', 'denied', ?3)");
        run(&context, row.bind(part).bind(at).bind(count));
    }
    let shown = open(&context, Some("ada"), "/").html;
    for (what, count) in
        [("wait for approval", tools::all().len() - 1), ("Locks in force", 1), ("refused in the last", 7)]
    {
        let (_, after) = shown.split_once(what).expect("a line");
        assert!(after.split_once("<dd>").expect("a value").1.starts_with(&format!("{count}<")), "{what}: {after}");
    }
    assert!(!open(&context, Some("dana"), "/").html.contains("wait for approval"));
}

#[test]
fn the_audit_is_filtered() {
    let context = context();
    audit(&context, 4);
    let shown = open(&context, Some("ada"), "/admin/audit?person=dana&tool=whoami&outcome=denied&after=");
    assert!(shown.html.contains("target-1.") && shown.html.contains("target-3."));
    assert!(!shown.html.contains("target-2."));
    assert!(open(&context, Some("ada"), "/admin/audit?person=nobody").html.contains("Nothing matches"));
}

#[test]
fn the_audit_is_paged_and_keeps_its_filter() {
    let context = context();
    audit(&context, 250);
    let shown = open(&context, Some("ada"), "/admin/audit?outcome=denied");
    assert!(shown.html.contains("target-249.") && !shown.html.contains("target-49."));
    assert!(shown.html.contains("href=\"/admin/audit?outcome=denied&amp;after=51000.51\""));
    let older = open(&context, Some("ada"), "/admin/audit?outcome=denied&after=51000.51");
    assert!(older.html.contains("target-49.") && !older.html.contains("Older entries"));
}

proptest! {
    #[test]
    fn no_query_breaks_the_audit(query in "[ -~]{0,40}") {
        let context = context();
        prop_assert_eq!(open(&context, Some("ada"), &format!("/admin/audit?{query}")).status, 200);
    }
}
