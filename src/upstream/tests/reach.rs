//! What an answer may show where Postern is limited to some workspaces and spaces.

use super::*;

fn page(space: Value) -> Run {
    call_limited(Wanted::Text, "confluence_get_page", json!({"page": "98305"}), move |request| {
        if request.url.ends_with("/wiki/api/v2/spaces/1") {
            return json_answer(200, &json!({"id": "1", "key": "ENG"}));
        }
        if request.url.contains("/wiki/api/v2/spaces/") {
            return json_answer(200, &json!({"id": "2", "key": "HR"}));
        }
        let body = json!({"storage": {"value": "<p>secret</p>"}});
        json_answer(200, &json!({"id": "98305", "title": "Pay", "spaceId": space, "body": body}))
    })
}

#[test]
fn a_page_is_shown_where_its_space_may_be_reached() {
    let run = page(json!("1"));
    assert_eq!(run.sent.len(), 4, "the page and its space, then the page, and the space's key");
    assert!(run.text().contains("secret"));
}

#[test]
fn a_page_of_another_space_or_of_none_is_not_shown() {
    for space in [json!("2"), json!(null), json!("../pages/1"), json!("1; 2")] {
        let sentence = page(space).sentence();
        assert!(sentence.starts_with("Refused: this is in a Confluence space"), "{sentence}");
        assert!(sentence.contains("ENG") && !sentence.contains("HR") && !sentence.contains("secret"), "{sentence}");
    }
}

fn workspaces(_: &OutboundRequest) -> Answered {
    let row = |slug: &str| json!({"workspace": {"slug": slug, "uuid": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}"}});
    json_answer(200, &json!({"size": 3, "values": [row("other"), row("acme"), row("acme2")]}))
}

#[test]
fn a_list_leaves_out_what_may_not_be_reached_and_says_so() {
    let text = call_limited(Wanted::Text, "bitbucket_list_workspaces", json!({}), workspaces).text();
    assert!(text.contains("\nacme\t") && !text.contains("other") && !text.contains("acme2"), "{text}");
    assert!(
        text.contains(": 1 row, no more. ")
            && text.contains(" Rows that Postern is not set up for here are left out.\n")
    );
    let spaces = call_limited(Wanted::Text, "confluence_list_spaces", json!({}), |_| {
        json_answer(200, &json!({"results": [{"key": "HR", "name": "ENG"}, {"key": "eng", "name": "x"}]}))
    });
    let text = spaces.text();
    assert!(text.contains("\neng\tx") && !text.contains("HR"), "{text}");
}

#[test]
fn what_is_offered_while_somebody_types_leaves_it_out_too() {
    let run = call_limited(Wanted::Column("workspace"), "bitbucket_list_workspaces", json!({}), workspaces);
    assert_eq!(run.text(), "acme");
}

/// What is asked of Confluence where everything lies in this space.
fn in_space(key: &'static str) -> impl Fn(&OutboundRequest) -> Answered + 'static {
    move |_| json_answer(200, &json!({"id": "7", "spaceId": "2", "pageId": "98305", "key": key, "space": {"key": key}}))
}

#[test]
fn nothing_is_sent_about_what_lies_outside_but_the_question_where_it_lies() {
    for operation in crate::catalog::all() {
        let Some(Bounds::Places(located)) = operation.call.as_ref().map(|call| &call.bounds) else { continue };
        let given = Value::Object(arguments::examples(operation, true));
        let run = call_limited(Wanted::Text, operation.name, given, in_space("HR"));
        assert!(matches!(run.result, Err(Failure::OutOfReach(_))), "{}: {:?}", operation.name, run.result);
        assert!(run.sent.iter().all(|sent| sent.method == Method::Get), "{}", operation.name);
        let most = 4 * located.len();
        assert!((2..=most).contains(&run.sent.len()) || operation.name.contains("template"), "{}", operation.name);
    }
}

#[test]
fn a_write_needs_all_that_it_names_to_lie_within() {
    let given = json!({"page": "98305", "target": "98401"});
    let run = call_limited(Wanted::Text, "confluence_move_page", given, |request| {
        let space = if request.url.contains("/pages/98305") { "1" } else { "2" };
        if request.url.contains("/spaces/") {
            let key = if request.url.ends_with("/1") { "ENG" } else { "HR" };
            return json_answer(200, &json!({ "key": key }));
        }
        json_answer(200, &json!({"id": "x", "spaceId": space}))
    });
    assert!(run.sent.iter().all(|sent| sent.method == Method::Get) && run.sent.len() == 4);
    assert!(run.sentence().contains("Postern is not set up for"));
}

#[test]
fn a_reply_lies_where_the_comment_lies_that_it_answers() {
    let run = call_limited(Wanted::Text, "confluence_delete_comment", json!({"comment": "3"}), |request| {
        let path = request.url.split("/wiki").nth(1).unwrap();
        match path {
            "/api/v2/footer-comments/3" if request.method == Method::Delete => json_answer(204, &json!({})),
            "/api/v2/footer-comments/3" => json_answer(200, &json!({"id": "3", "parentCommentId": "2"})),
            "/api/v2/footer-comments/2" => json_answer(200, &json!({"id": "2", "pageId": "1"})),
            "/api/v2/spaces/9" => json_answer(200, &json!({"key": "ENG"})),
            path if path.starts_with("/api/v2/pages/1?") => json_answer(200, &json!({"spaceId": "9"})),
            other => panic!("{other}"),
        }
    });
    assert_eq!(run.sent.len(), 6);
    assert_eq!(run.text(), "Done: deleted comment 3.");
}

#[test]
fn comments_that_answer_each_other_in_a_circle_lie_nowhere() {
    let run = call_limited(Wanted::Text, "confluence_get_comment", json!({"comment": "3"}), |_| {
        json_answer(200, &json!({"id": "3", "parentCommentId": "3"}))
    });
    assert!(matches!(run.result, Err(Failure::OutOfReach(_))) && run.sent.len() < 10);
}

#[test]
fn where_nothing_is_limited_nobody_asks_where_it_lies() {
    let given = json!({"page": "98305", "target": "98401"});
    let run = call("confluence_move_page", given, |_| json_answer(200, &json!({"pageId": "98305"})));
    assert_eq!(run.sent.len(), 1);
    assert_eq!(run.text(), "Done: moved page 98305: append 98401.");
}
