use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::catalog::{all, arguments, find, operation::Step};

const BASE: &str = "https://api.bitbucket.org/2.0";

fn request(tool: &str, given: Json) -> OutboundRequest {
    let operation = find(tool).unwrap();
    let arguments = arguments::validate(operation, given.as_object().unwrap()).unwrap();
    built(operation, &arguments, &Found::new(), None)
}

fn built(operation: &Operation, arguments: &Arguments, found: &Found, page: Option<&str>) -> OutboundRequest {
    build(operation.call.as_ref().unwrap(), Inputs { operation, arguments, found }, BASE, page)
}

#[test]
fn a_list_asks_for_what_it_keeps_and_nothing_else() {
    let url = request("bitbucket_list_workspaces", json!({})).url;
    assert_eq!(
        url,
        "https://api.bitbucket.org/2.0/user/workspaces?pagelen=25\
         &fields=values.workspace.slug,values.workspace.uuid,values.administrator,size,next"
    );
}

#[test]
fn every_state_is_asked_for_by_name() {
    let url = request("bitbucket_list_pull_requests", json!({"workspace": "a", "repository": "b", "state": "ALL"})).url;
    assert!(url.contains("?state=OPEN&state=MERGED&state=DECLINED&state=SUPERSEDED&sort="), "{url}");
}

#[test]
fn a_filter_is_quoted() {
    let url = request("bitbucket_list_repositories", json!({"workspace": "a", "name": "x\" OR \\"})).url;
    assert!(url.contains("q=name%20~%20%22x%5C%22%20OR%20%5C%5C%22&"), "{url}");
}

#[test]
fn a_file_path_keeps_its_slashes_and_nothing_else_does() {
    let url = request(
        "bitbucket_get_file",
        json!({"workspace": "acme", "repository": "backend", "path": "src/a b#?.rs", "ref": "feature/x"}),
    )
    .url;
    assert_eq!(url, format!("{BASE}/repositories/acme/backend/src/feature%2Fx/src/a%20b%23%3F.rs?pagelen=100"));
}

#[test]
fn a_resolved_reference_takes_the_place_of_the_ambiguous_one() {
    let operation = find("bitbucket_get_file").unwrap();
    let given = json!({"workspace": "acme", "repository": "backend", "path": "a.rs", "ref": "feature/x"});
    let arguments = arguments::validate(operation, given.as_object().unwrap()).unwrap();
    let found = vec![("ref", Value::Text("0123abcd".into()))];
    let request = built(operation, &arguments, &found, None);
    assert!(request.url.starts_with("https://api.bitbucket.org/2.0/repositories/acme/backend/src/0123abcd/a.rs?"));
}

#[test]
fn a_cursor_adds_to_the_query() {
    let operation = find("bitbucket_list_workspaces").unwrap();
    let arguments = arguments::validate(operation, &Map::new()).unwrap();
    let request = built(operation, &arguments, &Found::new(), Some("page=2"));
    assert!(request.url.ends_with(",next&page=2"), "{}", request.url);
}

#[test]
fn a_comment_has_no_member_for_what_is_not_given() {
    let given = json!({"workspace": "acme", "repository": "backend", "pull_request": 7, "text": "Fine."});
    let body = request("bitbucket_add_pull_request_comment", given).body.unwrap();
    assert_eq!(serde_json::from_slice::<Json>(&body).unwrap(), json!({"content": {"raw": "Fine."}}));
}

#[test]
fn a_comment_on_a_line_is_inline_on_the_new_side() {
    let given = json!({
        "workspace": "acme", "repository": "backend", "pull_request": 7,
        "text": "Here.", "path": "src/a.rs", "line": "12", "reply_to": 3,
    });
    let operation = find("bitbucket_add_pull_request_comment").unwrap();
    let arguments = arguments::validate(operation, given.as_object().unwrap()).unwrap();
    // The step that checks the line against the diff finds it.
    let found = vec![("to", Value::Integer(12))];
    let request = built(operation, &arguments, &found, None);
    assert_eq!(
        serde_json::from_slice::<Json>(&request.body.unwrap()).unwrap(),
        json!({"content": {"raw": "Here."}, "inline": {"path": "src/a.rs", "to": 12}, "parent": {"id": 3}})
    );
    assert!(
        request.method == Method::Post && request.headers.contains(&("content-type".into(), "application/json".into()))
    );
}

#[test]
fn no_request_carries_a_credential() {
    for operation in all() {
        if operation.call.is_none() {
            continue;
        }
        let arguments = arguments::validate(operation, &arguments::examples(operation, true)).unwrap();
        let request = built(operation, &arguments, &Found::new(), None);
        assert!(request.headers.iter().all(|(name, _)| *name != "authorization"), "{}", operation.name);
    }
}

/// What a step picks from a list is excepted: the argument itself, a place or a name, is never sent.
#[test]
fn an_argument_that_is_a_segment_of_a_path_is_no_step_in_the_tree() {
    let is_picked = |call: &Call, name: &str| {
        call.before.iter().any(|step| matches!(step, Step::Pick(pick) if pick.argument == name))
    };
    for operation in all() {
        for parameter in operation.parameters {
            let segment = format!("/{{{}}}", parameter.name);
            let in_path = |call: &Call| call.path.contains(&segment) && !is_picked(call, parameter.name);
            if !operation.calls().any(in_path) {
                continue;
            }
            for dots in [".", "..", "%2e", "%2E%2e"] {
                let mut given = arguments::examples(operation, true);
                given.insert(parameter.name.into(), dots.into());
                let Ok(arguments) = arguments::validate(operation, &given) else { continue };
                let read = arguments.text(parameter.name).unwrap_or_default();
                assert!(!matches!(&*read, "." | ".."), "{} takes {dots} for its {}", operation.name, parameter.name);
            }
        }
    }
}

#[test]
fn what_a_step_found_is_no_step_in_the_tree() {
    let operation = find("bitbucket_get_pipeline_step").unwrap();
    let arguments = arguments::validate(operation, &arguments::examples(operation, true)).unwrap();
    for dots in [".", ".."] {
        let found = vec![("step", Value::Text(dots.into()))];
        let url = url::Url::parse(&built(operation, &arguments, &found, None).url).unwrap();
        assert!(url.path().ends_with("/steps/%00"), "{url}");
    }
}

proptest! {
    /// Whatever validation accepts leads to the provider's origin and to exactly the template's segments.
    #[test]
    fn accepted_arguments_cannot_change_the_shape_of_a_url(
        text in prop_oneof![".*", "[./%2eE\\\\a]{0,12}", "[a-z]{1,5}(/[a-z.%]{1,5}){0,4}", "\\{?[0-9a-f-]{36}\\}?"],
        number in 1_i64..,
    ) {
        for operation in all() {
            let Some(call) = &operation.call else { continue };
            for parameter in operation.parameters {
                let mut given = arguments::examples(operation, true);
                given.insert(parameter.name.into(), if matches!(parameter.kind, Kind::Integer { .. }) { number.into() } else { text.as_str().into() });
                let Ok(arguments) = arguments::validate(operation, &given) else { continue };
                let url = url::Url::parse(&built(operation, &arguments, &Found::new(), None).url).unwrap();
                prop_assert_eq!(url.origin().ascii_serialization(), "https://api.bitbucket.org");
                prop_assert_eq!(url.fragment(), None);
                let expected: usize = call.path.split('/').skip(1).map(|segment| {
                    let name = segment.trim_matches(['{', '}']);
                    let is_path = operation.parameter(name).is_some_and(|parameter| parameter.kind == Kind::Path);
                    if is_path { arguments.text(name).unwrap_or_default().split('/').count() } else { 1 }
                }).sum();
                prop_assert_eq!(url.path_segments().unwrap().count(), 1 + expected, "{}", url);
            }
        }
    }
}
