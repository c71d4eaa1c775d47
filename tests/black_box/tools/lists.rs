//! Lists, to the end.

use serde_json::{Value, json};

use super::{DEVELOPER, all_parts, backend, cells, column, cursor, rows};

/// The values of a list that the sandbox gives in one piece.
fn listed(path: &str, pointer: &str) -> Vec<String> {
    let answer = DEVELOPER.bitbucket(path).json();
    assert!(answer.get("next").is_none(), "not in one piece: {path}");
    let values = answer["values"].as_array().expect("a list").iter();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    values.map(|value| text(value.pointer(pointer).expect("a value"))).collect()
}

fn pull_requests(state: &str) -> Vec<String> {
    let arguments = backend(json!({ "state": state, "limit": 5 }));
    column(&all_parts(&DEVELOPER, "bitbucket_list_pull_requests", &arguments), 0)
}

#[test]
fn whoami_names_the_person_the_scopes_and_the_account() {
    let text = DEVELOPER.done("whoami", json!({}));
    let name = &DEVELOPER.person.username;
    assert!(text.contains(&format!("({name})")), "{text}");
    assert!(text.contains("scopes: read write"), "{text}");
    assert!(text.contains(&format!("bitbucket: connected as {name}")), "{text}");
}

#[test]
fn workspaces_are_listed() {
    let text = DEVELOPER.done("bitbucket_list_workspaces", json!({}));
    assert_eq!(rows(&text).iter().map(|row| (row[0], row[2])).collect::<Vec<_>>(), [("acme", "no")], "{text}");
}

#[test]
fn repositories_are_listed_to_the_end_without_loss_or_repeat() {
    let arguments = json!({ "workspace": "acme", "limit": 10 });
    let parts = all_parts(&DEVELOPER, "bitbucket_list_repositories", &arguments);
    assert_eq!(parts.len(), 3);
    assert_eq!(column(&parts, 0), listed("/repositories/acme?pagelen=100&sort=-updated_on", "/slug"));
}

#[test]
fn a_page_says_how_many_rows_there_are_and_the_last_one_that_it_is() {
    let parts = all_parts(&DEVELOPER, "bitbucket_list_repositories", &json!({ "workspace": "acme", "limit": 20 }));
    assert!(
        parts[0].starts_with("From Bitbucket, acme: 20 rows of 27. CUT: more with the same arguments and cursor `"),
        "{}",
        parts[0]
    );
    assert!(parts[1].starts_with("From Bitbucket, acme: 7 rows of 27, no more. "), "{}", parts[1]);
}

#[test]
fn repositories_are_found_by_a_part_of_their_name() {
    let text = DEVELOPER.done("bitbucket_list_repositories", json!({ "workspace": "acme", "name": "app" }));
    let mut names: Vec<_> = rows(&text).iter().map(|row| row[0]).collect();
    names.sort_unstable();
    assert_eq!(names, ["android-app", "ios-app"]);
}

#[test]
fn a_name_with_quotes_is_a_name_and_no_query() {
    let arguments = json!({ "workspace": "acme", "name": "x\" OR name ~ \"back" });
    let text = DEVELOPER.done("bitbucket_list_repositories", arguments);
    assert!(rows(&text).is_empty() && text.contains("leave `name` out"), "{text}");
}

#[test]
fn a_repository_that_the_account_may_not_see_is_not_listed() {
    let text = DEVELOPER.done("bitbucket_list_repositories", json!({ "workspace": "acme", "name": "secrets" }));
    assert!(!text.contains("secrets\t"), "{text}");
}

#[test]
fn open_pull_requests_are_listed_unless_told_otherwise() {
    let text = DEVELOPER.done("bitbucket_list_pull_requests", backend(json!({})));
    assert_eq!(cells(&text, "state"), vec!["OPEN"; 16], "{text}");
}

#[test]
fn pull_requests_of_each_state_are_listed() {
    for (state, expected) in [("MERGED", ["21", "20"].as_slice()), ("DECLINED", &["18", "17"]), ("SUPERSEDED", &["19"])]
    {
        assert_eq!(pull_requests(state), expected, "{state}");
    }
}

#[test]
fn pull_requests_of_all_states_are_listed_to_the_end_without_loss_or_repeat() {
    let path = "/repositories/acme/backend/pullrequests?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED\
                &sort=-updated_on&pagelen=50";
    let expected = listed(path, "/id");
    assert_eq!((pull_requests("ALL"), expected.len()), (expected, 21));
}

#[test]
fn titles_in_a_list_hold_nothing_hidden() {
    let text = DEVELOPER.done("bitbucket_list_pull_requests", backend(json!({})));
    let row = rows(&text).into_iter().find(|row| row[0] == "5").expect("pull request 5");
    assert_eq!(row[1], "Fix roundinggnp.exe of invoices");
}

#[test]
fn an_empty_list_says_what_to_try() {
    let arguments = json!({ "workspace": "acme", "repository": "website", "state": "MERGED" });
    let text = DEVELOPER.done("bitbucket_list_pull_requests", arguments);
    assert!(text.contains("state ALL"), "{text}");
}

#[test]
fn confluence_is_searched_to_the_end_without_loss_or_repeat() {
    let arguments = json!({ "query": "type = page and title ~ \"Decision\"", "limit": 12 });
    let parts = all_parts(&DEVELOPER, "confluence_search", &arguments);
    let mut found = column(&parts, 0);
    found.sort_unstable();
    let expected: Vec<_> = (98_501..=98_530).map(|id| id.to_string()).collect();
    assert_eq!((parts.len(), found), (3, expected));
}

#[test]
fn a_search_result_names_page_space_and_excerpt() {
    let text = DEVELOPER.done("confluence_search", json!({ "query": "type = page and title ~ \"Retry policy\"" }));
    let row = rows(&text).iter().position(|row| row[0] == "98306").unwrap_or_else(|| panic!("{text}"));
    let cell = |column| cells(&text, column).remove(row);
    assert_eq!((cell("type"), cell("title")), ("page".to_owned(), "Retry policy".to_owned()));
    assert!(cell("space").contains("Engineering") && !cell("excerpt").contains("@@@"), "{text}");
}

#[test]
fn a_search_that_finds_nothing_says_what_to_try() {
    let text = DEVELOPER.done("confluence_search", json!({ "query": "type = page and title ~ \"Nowhere\"" }));
    assert!(text.contains("search for fewer words") && cursor(&text).is_none(), "{text}");
}

#[test]
fn code_is_found_in_the_repositories_that_the_account_may_see() {
    let search = |query: &str| {
        let arguments = json!({ "workspace": "acme", "query": query });
        DEVELOPER.done(
            "postern_read",
            json!({ "calls": [{ "operation": "bitbucket_search_code", "arguments": arguments }] }),
        )
    };
    let found = search("health repo:backend ext:rs");
    assert!(found.contains("src/server/health.rs") && found.contains("pub fn health()"), "{found}");
    assert!(
        search("the repo:secrets").starts_with("Nothing on the main branches matches"),
        "{}",
        search("the repo:secrets")
    );
}
