//! Edits of pages: what is outside of the edited place stays byte for byte, as the sandbox has it. A page for each test.

use postern_tests::instance::instance;
use serde_json::{Value, json};

use super::{DEVELOPER, fenced};

const EDIT: &str = "confluence_edit_page";
const UPDATE: &str = "confluence_update_page";

const TOC: &str = "<ac:structured-macro ac:name=\"toc\" ac:macro-id=\"5f1c\"><ac:parameter ac:name=\"maxLevel\">2</ac:parameter></ac:structured-macro>";
const OWNER: &str = "<p local-id=\"c7\">Ask <ac:link><ri:user ri:account-id=\"557058:dana\" ri:local-id=\"9\"/></ac:link>; <ac:inline-comment-marker ac:ref=\"41e2\">nobody else</ac:inline-comment-marker> knows&nbsp;it.</p>";

/// A runbook with what Markdown cannot say.
fn runbook(steps: &str) -> String {
    format!(
        "<ac:layout><ac:layout-section ac:type=\"single\"><ac:layout-cell>{TOC}<h2>Owner</h2>{OWNER}<h2>Steps</h2>{steps}\
         <h2>After</h2><p>Tell the &ldquo;team&rdquo;.</p></ac:layout-cell></ac:layout-section></ac:layout>"
    )
}

fn confluence(method: &str, page: &str, body: &Value) -> Value {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = instance().confluence(method, &format!("/api/v2/pages/{page}?body-format=storage"), &body);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The version of a page and its body.
fn stored(page: &str) -> (u64, String) {
    let page = confluence("GET", page, &Value::Null);
    let body = page["body"]["storage"]["value"].as_str().expect("a body").to_owned();
    (page["version"]["number"].as_u64().expect("a number"), body)
}

/// What somebody else writes in Confluence; the version that it becomes.
fn somebody_writes(page: &str, storage: &str) -> u64 {
    let current = confluence("GET", page, &Value::Null);
    let number = current["version"]["number"].as_u64().expect("a number") + 1;
    let body = json!({
        "id": page, "status": "current", "title": current["title"], "version": { "number": number },
        "body": { "representation": "storage", "value": storage },
    });
    confluence("PUT", page, &body);
    number
}

#[test]
fn a_section_is_read_checked_edited_and_edited_back() {
    const PAGE: &str = "98521";
    let before = runbook("<ol start=\"1\"><li><p>Stop.</p></li><li><p>Wait.</p></li></ol>");
    let version = somebody_writes(PAGE, &before);
    let read = DEVELOPER.done("confluence_get_page", json!({ "page": PAGE }));
    assert!(read.contains(&format!("version: {version}\n")) && read.contains("1. Stop.\n2. Wait.\n"), "{read}");
    let mut arguments = json!({
        "page": PAGE, "version": version, "section": "Steps", "text": "1. Stop.\n2. Wait **long**.\n3. Start.", "check": true,
    });
    let checked = DEVELOPER.done(EDIT, arguments.clone());
    assert!(checked.starts_with("Checked, nothing is written"), "{checked}");
    assert!(fenced(&checked).contains("-2. Wait.\n+2. Wait **long**.\n+3. Start.\n"), "{checked}");
    assert_eq!(stored(PAGE), (version, before.clone()));
    arguments["check"] = json!(false);
    let done = DEVELOPER.done(EDIT, arguments);
    assert!(done.contains(&format!("version: {}\n", version + 1)), "{done}");
    let steps =
        "<ol start=\"1\"><li><p>Stop.</p></li><li><p>Wait <strong>long</strong>.</p></li><li><p>Start.</p></li></ol>";
    assert_eq!(stored(PAGE), (version + 1, runbook(steps)));
    let back = json!({ "page": PAGE, "version": version + 1, "section": "Steps", "text": "1. Stop.\n2. Wait." });
    DEVELOPER.done(EDIT, back);
    assert_eq!(stored(PAGE), (version + 2, before));
}

#[test]
fn macros_mentions_and_anchors_survive_a_change_of_their_paragraph() {
    const PAGE: &str = "98522";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    let text = "Always ask @[user: 557058:dana]; nobody else knows it.";
    DEVELOPER.done(EDIT, json!({ "page": PAGE, "version": version, "section": "Owner", "text": text }));
    let expected = runbook("<p>None.</p>").replace("Ask <ac", "Always ask <ac").replace("knows&nbsp;it", "knows it");
    assert_eq!(stored(PAGE).1, expected);
}

#[test]
fn a_passage_changes_alone() {
    const PAGE: &str = "98523";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    DEVELOPER.done(EDIT, json!({ "page": PAGE, "version": version, "find": "knows it", "text": "*has* it" }));
    assert_eq!(stored(PAGE).1, runbook("<p>None.</p>").replace("knows&nbsp;it", "<em>has</em>&nbsp;it"));
    let refused = DEVELOPER.refused(EDIT, json!({ "page": PAGE, "version": version + 1, "find": "e", "text": "x" }));
    assert!(refused.starts_with("Not written: `find` is there ") && refused.contains("times"), "{refused}");
}

#[test]
fn a_loss_is_refused_by_name_and_happens_where_it_is_meant() {
    const PAGE: &str = "98524";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    let mut arguments = json!({ "page": PAGE, "version": version, "section": "Owner", "text": "Ask anybody." });
    let refused = DEVELOPER.refused(EDIT, arguments.clone());
    assert!(refused.contains("would lose anchors `41e2` 1 → 0, mentions 1 → 0"), "{refused}");
    assert_eq!(stored(PAGE), (version, runbook("<p>None.</p>")));
    arguments["losing"] = json!("anchors, mentions");
    DEVELOPER.done(EDIT, arguments);
    assert_eq!(stored(PAGE).1, runbook("<p>None.</p>").replace(OWNER, "<p local-id=\"c7\">Ask anybody.</p>"));
}

#[test]
fn an_edit_at_an_older_version_is_refused_with_what_changed_since() {
    const PAGE: &str = "98525";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    somebody_writes(PAGE, &runbook("<p>One.</p>"));
    let refused =
        DEVELOPER.refused(EDIT, json!({ "page": PAGE, "version": version, "section": "Steps", "text": "Two." }));
    assert!(refused.contains(&format!("is at version {}, not {version}", version + 1)), "{refused}");
    assert!(fenced(&refused).contains("-None.\n+One.\n"), "{refused}");
    assert_eq!(stored(PAGE).1, runbook("<p>One.</p>"));
}

#[test]
fn a_conflict_at_the_write_comes_back_with_both_differences() {
    const PAGE: &str = "98526";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    instance().fault(&json!({
        "kind": "status", "account": "confluence", "method": "PUT", "path": format!("/wiki/api/v2/pages/{PAGE}"),
        "status": 409, "body": { "errors": [{ "status": 409, "code": "CONFLICT", "title": "Version conflict" }] },
    }));
    let refused =
        DEVELOPER.refused(EDIT, json!({ "page": PAGE, "version": version, "section": "Steps", "text": "Two." }));
    assert!(refused.contains("changed while you wrote (409)") && refused.contains("Theirs, version"), "{refused}");
    assert!(refused.contains("-None.\n+Two.\n"), "{refused}");
}

#[test]
fn a_page_that_is_rewritten_keeps_its_layout_and_whatever_reads_the_same() {
    const PAGE: &str = "98527";
    let version = somebody_writes(PAGE, &runbook("<p>None.</p>"));
    let read = DEVELOPER.done("confluence_get_page", json!({ "page": PAGE }));
    let text = fenced(&read).replace("None.", "Two.");
    let text = text.trim_end().trim_end_matches('`');
    DEVELOPER.done(UPDATE, json!({ "page": PAGE, "version": version, "text": text }));
    assert_eq!(stored(PAGE), (version + 1, runbook("<p>Two.</p>")));
}
