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
    assert_eq!(run.sent.len(), 2);
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
