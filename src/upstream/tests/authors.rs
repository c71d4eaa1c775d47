//! Whose texts answers show, as far as providers say it.

use super::*;

/// Whose texts the answer of a call shows.
fn authors(tool: &str, given: Value, answer: impl Fn(&OutboundRequest) -> Answered + 'static) -> Option<Authors> {
    call(tool, given, answer).result.expect("an answer").authors.map(|authors| *authors)
}

fn by(account: &str) -> Value {
    json!({"id": 1, "content": {"raw": "hi"}, "user": {"account_id": account, "display_name": "Ann"}})
}

fn accounts(authors: &Authors) -> Vec<(&str, Standing)> {
    authors.accounts.iter().map(|(account, standing)| (account.as_str(), *standing)).collect()
}

#[test]
fn a_comment_is_of_its_account_and_one_without_an_account_is_anybodys() {
    let list = |comments: Value| {
        authors("bitbucket_list_pull_request_comments", backend(json!({"pull_request": 7})), move |request| {
            assert!(request.url.contains("values.user.account_id"), "{}", request.url);
            json_answer(200, &json!({ "values": comments }))
        })
    };
    let found = list(json!([by("a"), by("b"), by("a")])).expect("authors");
    assert_eq!((accounts(&found), found.anybody), (vec![("a", Standing::Unsaid), ("b", Standing::Unsaid)], false));
    assert!(list(json!([by("a"), {"id": 2, "user": null, "content": {"raw": "hi"}}])).expect("authors").anybody);
    assert_eq!(list(json!([])), None);
}

#[test]
fn confluence_says_whether_a_commenter_is_a_guest() {
    let comment =
        |author: &str| json!({"id": "1", "version": {"authorId": author}, "body": {"storage": {"value": "<p>hi</p>"}}});
    let user = |id: &str, is_external: Value| json!({"accountId": id, "displayName": id, "accountType": "atlassian", "isExternalCollaborator": is_external});
    let found = authors("confluence_list_comments", json!({"page": "98305"}), move |request| {
        if request.url.ends_with("/api/v2/users-bulk") {
            let users = json!([user("a", json!(false)), user("b", json!(true)), user("c", Value::Null)]);
            return json_answer(200, &json!({ "results": users }));
        }
        json_answer(200, &json!({"results": [comment("a"), comment("b"), comment("c")]}))
    });
    let found = found.expect("authors");
    let expected = vec![("a", Standing::Member), ("b", Standing::Guest), ("c", Standing::Unsaid)];
    assert_eq!((accounts(&found), found.anybody), (expected, false));
}

#[test]
fn nobody_is_taken_for_the_author_of_a_commit_a_file_or_a_page() {
    let commit = json!({"values": [{"hash": "1a2b", "message": "fix", "author": {"raw": "Ann <a@b>", "user": by("a")["user"]}}]});
    let found = authors("bitbucket_list_commits", backend(json!({})), move |_| json_answer(200, &commit));
    assert_eq!(found, Some(Authors::anybody()));
    let page = json!({"id": "98305", "title": "Deploy", "version": {"authorId": "a"}, "body": {"storage": {"value": "<p>x</p>"}}});
    let found = authors("confluence_get_page", json!({"page": "98305"}), move |_| json_answer(200, &page));
    assert_eq!(found, Some(Authors::anybody()));
}

#[test]
fn what_the_caller_wrote_with_the_call_is_no_text_of_others() {
    let given = backend(json!({"pull_request": 7, "text": "hi"}));
    assert_eq!(authors("bitbucket_add_pull_request_comment", given, |_| json_answer(201, &by("me"))), None);
}

#[test]
fn the_rows_of_a_list_say_what_they_are_about() {
    let workspaces = json!({"values": [{"workspace": {"slug": "acme"}}, {"workspace": {"slug": "other"}}]});
    let found = authors("bitbucket_list_workspaces", json!({}), move |_| json_answer(200, &workspaces));
    let names: Vec<String> = found.expect("authors").about.into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["acme", "other"]);
}
