//! The access policy as administrators make it on pages.

use std::rc::Rc;

use serde_json::Value;

use crate::{
    console::testing::{Shown, context, open, run, submit},
    context::Context,
    platform::{
        database::sql,
        native::memory::{ScriptedHttp, json_answer},
    },
};

const PAGE: &str = "/admin/policy";

fn latest(context: &Context) -> Value {
    let rows = run(context, sql("SELECT document FROM policy_revisions ORDER BY revision DESC LIMIT 1")).rows;
    rows.first().map_or(Value::Null, |row| serde_json::from_str(row["document"].as_str().unwrap()).unwrap())
}

fn grant(context: &Context, fields: &str) -> Shown {
    submit(context, "ada", PAGE, "/admin/policy/grant", fields)
}

fn rule(context: &Context, fields: &str) -> Shown {
    submit(context, "ada", PAGE, "/admin/policy/rule", fields)
}

#[test]
fn the_pages_are_for_administrators() {
    let context = context();
    for page in [PAGE, "/admin/policy/document", "/admin/rights"] {
        assert_eq!(open(&context, Some("dana"), page).status, 403, "{page}");
        assert_eq!(open(&context, Some("ada"), page).status, 200, "{page}");
    }
}

#[test]
fn a_grant_makes_a_profile_and_the_toolset_that_it_needs() {
    let context = context();
    // Nobody has an account there in which the workspace could be looked for.
    assert_eq!(grant(&context, "subjects=everyone&tools=reading&resources=bitbucket+acme%2Fweb-*").status, 303);
    let policy = latest(&context);
    assert_eq!(policy["toolsets"][0]["tools"]["classes"], serde_json::json!(["read"]));
    assert_eq!(policy["profiles"][0]["resources"][0]["repository"], "web-*");
    assert!(open(&context, Some("ada"), PAGE).html.contains("acme/web-*"));
}

/// Where Confluence has the space `ENG` alone, which the organisation's account sees.
fn with_one_space() -> Context {
    let mut context = context();
    context.platform.http = Rc::new(ScriptedHttp::new(|request| {
        let is_there = request.url.ends_with("/api/v2/spaces?keys=ENG");
        json_answer(200, &serde_json::json!({ "results": if is_there { vec![1] } else { vec![] } }))
    }));
    context
}

#[test]
fn a_space_that_nobody_sees_is_said_with_its_place_once_and_the_policy_is_kept() {
    let context = with_one_space();
    let rule = |key: &str| {
        rule(&context, &format!("subjects=everyone&tools=reading&then=block&name={key}&resources=confluence+{key}"))
    };
    assert_eq!(rule("ENG").status, 303);
    let shown = rule("GONE");
    assert!(shown.html.contains("The change was kept."), "{}", shown.html);
    assert!(shown.html.contains("rules[1] (GONE): Confluence does not have the space GONE, or does not show it"));
    assert_eq!(latest(&context)["rules"][1]["resources"][0]["space"], "GONE");
    assert!(rule("GONE2").html.contains("the space GONE2"));
    assert!(!rule("ENG").html.contains("the space GONE"));
}

#[test]
fn what_a_form_names_that_there_is_not_is_said_and_nothing_changes() {
    let context = context();
    for (fields, said) in [
        ("subjects=alice&tools=reading", "is no subject"),
        ("subjects=group:nobody&tools=reading", "nobody who has signed in is in a group"),
        ("subjects=everyone&tools=reading&resources=acme", "names nothing"),
        ("subjects=everyone&tools=&names=bitbucket_fly", "there is no tool `bitbucket_fly`"),
        ("subjects=&tools=reading", "it is for nobody"),
    ] {
        let shown = grant(&context, fields);
        assert_eq!(shown.status, 400, "{fields}");
        assert!(shown.html.contains(said), "{fields}: {}", shown.html);
    }
    assert_eq!(latest(&context), Value::Null);
}

#[test]
fn rules_are_added_moved_observed_and_taken_away() {
    let context = context();
    assert_eq!(rule(&context, "tools=merging&then=approve&name=merges").status, 303);
    assert_eq!(rule(&context, "tools=deleting&then=block&name=deletions&reason=no+deletions").status, 303);
    let act = |act: &str, name: &str| {
        let shown = submit(&context, "ada", PAGE, "/admin/policy/change", &format!("act={act}&name={name}"));
        assert_eq!(shown.status, 303, "{}", shown.html);
    };
    act("rule-up", "deletions");
    act("observe", "merges");
    let policy = latest(&context);
    assert_eq!((&policy["rules"][0]["name"], &policy["rules"][1]["observe"]), (&"deletions".into(), &true.into()));
    act("remove-rule", "deletions");
    assert_eq!(latest(&context)["rules"].as_array().unwrap().len(), 1);
}

#[test]
fn whose_texts_are_trusted_is_kept_and_a_rule_for_tainted_grants_is_proposed_until_there_is_one() {
    let context = context();
    let fields = "trusted=bitbucket+acme&accounts=712020%3Adana%0A712020%3Aeve&minutes=30";
    assert_eq!(submit(&context, "ada", PAGE, "/admin/policy/trust", fields).status, 303);
    let policy = latest(&context);
    assert_eq!(policy["trusted"][0]["workspace"], "acme");
    assert_eq!((&policy["trusted_accounts"][1], &policy["taint_minutes"]), (&"712020:eve".into(), &30.into()));
    let proposal = "Hold every change after text from outside";
    assert!(open(&context, Some("ada"), PAGE).html.contains(proposal));
    assert_eq!(rule(&context, "tools=changing&then=approve&taint=any&name=after+strangers").status, 303);
    assert_eq!(latest(&context)["rules"][0]["taint"], "any");
    assert!(!open(&context, Some("ada"), PAGE).html.contains(proposal));
    assert_eq!(rule(&context, "tools=changing&then=allow&taint=any").status, 400);
}

#[test]
fn of_two_administrators_who_saw_the_same_policy_one_changes_it() {
    let context = context();
    assert_eq!(rule(&context, "tools=merging&then=approve&revision=0").status, 303);
    let shown = rule(&context, "tools=deleting&then=block&revision=0");
    assert_eq!(shown.status, 400);
    assert!(shown.html.contains("somebody else changed the policy meanwhile"));
}

#[test]
fn a_document_is_kept_whole_or_refused_with_every_problem() {
    let context = context();
    let keep = |document: &str| {
        let document: String = url::form_urlencoded::byte_serialize(document.as_bytes()).collect();
        let fields = format!("revision=0&summary=all+of+it&document={document}");
        submit(&context, "ada", "/admin/policy/document", "/admin/policy/document", &fields)
    };
    for (document, said) in [
        ("{", "EOF"),
        (r#"{"rule": []}"#, "unknown field"),
        (r#"{"rules": [{"name": "", "then": "block"}]}"#, "a name has"),
    ] {
        let shown = keep(document);
        assert_eq!(shown.status, 400);
        assert!(shown.html.contains(said), "{}", shown.html);
    }
    assert_eq!(keep(r#"{"rules": [{"name": "none", "then": "block"}]}"#).status, 303);
    assert!(open(&context, Some("ada"), "/admin/policy/document?revision=1").html.contains("all of it"));
}

#[test]
fn a_draft_is_tried_on_the_calls_of_the_last_days_and_not_kept() {
    let context = context();
    run(
        &context,
        sql("INSERT INTO events (person, part, at, request_id, client_id, tool, resource, kind, phase, outcome, count)
             VALUES ('dana', '1', ?1, 'request', 'editor', 'whoami', NULL, 'call', 'outcome', 'succeeded', 4)")
        .bind(context.platform.clock.now()),
    );
    let document = "%7B%22rules%22%3A%5B%7B%22name%22%3A%22none%22%2C%22then%22%3A%22block%22%7D%5D%7D";
    let fields = format!("act=try&revision=0&document={document}");
    let shown = submit(&context, "ada", "/admin/policy/document", "/admin/policy/document", &fields);
    assert_eq!(shown.status, 200, "{}", shown.html);
    assert!(shown.html.contains("Of the latest 4 calls"), "{}", shown.html);
    assert_eq!(latest(&context), Value::Null);
}

#[test]
fn what_somebody_may_do_is_explained_by_the_decision() {
    let context = context();
    let rights = |query: &str| open(&context, Some("ada"), &format!("/admin/rights?{query}")).html;
    assert!(rights("person=nobody&tool=whoami").contains("Nobody who has signed in"));
    assert!(rights("person=dana&tool=whoami").contains("the state of the tool (pending)"));
    assert!(rights("person=dana&tool=bitbucket_fly").contains("There is no tool"));
}

#[test]
fn a_grant_may_have_to_be_asked_for() {
    let context = context();
    let shown = grant(&context, "subjects=everyone&tools=merging&granting=on_approval&minutes=90");
    assert_eq!(shown.status, 303, "{}", shown.html);
    let profile = &latest(&context)["profiles"][0];
    assert_eq!((&profile["granting"], &profile["longest_minutes"]), (&"on_approval".into(), &90.into()));
    let page = open(&context, Some("ada"), PAGE).html;
    assert!(page.contains("for at most 90 minutes once they ask and an approver says yes"), "{page}");
}

#[test]
fn the_page_says_who_may_break_the_glass_and_what_approvers_need() {
    let context = context();
    let document = r#"{"break_glass": {"subjects": ["role:administrator"], "longest_minutes": 30}}"#;
    let encoded: String = url::form_urlencoded::byte_serialize(document.as_bytes()).collect();
    let fields = format!("document={encoded}&summary=a+test&act=keep");
    let kept = submit(&context, "ada", "/admin/policy/document", "/admin/policy/document", &fields);
    assert_eq!(kept.status, 303, "{}", kept.html);
    assert_eq!(rule(&context, "tools=merging&then=approve&fresh=on").status, 303);
    let page = open(&context, Some("ada"), PAGE).html;
    assert!(page.contains("may break the glass, for at most 30 minutes"), "{page}");
    assert!(page.contains("Whoever approves has signed in within 10 minutes."), "{page}");
}
