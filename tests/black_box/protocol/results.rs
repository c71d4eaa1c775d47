//! Rows 44–57: results, lists, calls, and listening.

use std::collections::BTreeSet;

use postern_tests::{
    client::{Answer, Client, MODERN, meta},
    person::Person,
};
use serde_json::{Value, json};

use super::{CLIENT, FILE, LISTS, NEEDS_BITBUCKET, UNCONNECTED, VERSION, assert_error, body, events, shows_links};

const INVALID_PARAMS: i64 = -32602;

fn tools(client: &Client) -> Vec<Value> {
    client.modern("tools/list", json!({})).result()["tools"].as_array().expect("a list").clone()
}

/// The results of all lists.
fn lists(client: &Client) -> impl Iterator<Item = Value> {
    LISTS.into_iter().map(|(method, member)| {
        let result = client.modern(method, json!({})).result();
        assert!(result[member].is_array(), "{method}: {result}");
        result
    })
}

#[test]
fn row_44_every_result_has_a_type() {
    let prompt = json!({ "name": "summarise_space", "arguments": { "space": "ENG" } });
    let typed = json!({
        "ref": { "type": "ref/prompt", "name": "summarise_space" }, "argument": { "name": "space", "value": "E" },
    });
    let results = [
        CLIENT.modern("server/discover", json!({})).result(),
        CLIENT.call("whoami", json!({})).result(),
        CLIENT.call("bitbucket_get_repository", json!({})).result(),
        CLIENT.modern("resources/read", json!({ "uri": FILE })).result(),
        CLIENT.modern("prompts/get", prompt).result(),
        CLIENT.modern("completion/complete", typed).result(),
    ];
    for result in results.into_iter().chain(lists(&CLIENT)) {
        assert_eq!(result["resultType"], "complete", "{result}");
    }
}

#[test]
fn row_45_lists_may_be_cached_and_calls_may_not() {
    for list in lists(&CLIENT) {
        assert!(list["ttlMs"].is_u64() && list["cacheScope"].is_string(), "{list}");
    }
    let call = CLIENT.call("whoami", json!({})).result();
    assert_eq!((call.get("ttlMs"), call.get("cacheScope")), (None, None));
}

#[test]
fn row_46_what_depends_on_who_asks_is_private() {
    let file = CLIENT.modern("resources/read", json!({ "uri": FILE })).result();
    for result in lists(&CLIENT).chain([file]) {
        assert_eq!(result["cacheScope"], "private", "{result}");
    }
}

#[test]
fn row_47_a_list_has_one_order() {
    assert!(lists(&CLIENT).eq(lists(&CLIENT)));
}

#[test]
fn row_48_every_tool_has_a_portable_name_a_description_a_schema_and_annotations() {
    let tools = tools(&CLIENT);
    assert!(!tools.is_empty());
    for tool in &tools {
        let name = tool["name"].as_str().expect("a name");
        let is_portable = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        assert!((1..=64).contains(&name.len()) && name.bytes().all(is_portable), "{name}");
        assert!(tool["description"].as_str().is_some_and(|description| !description.trim().is_empty()), "{name}");
        assert_eq!(tool["inputSchema"]["type"], "object", "{name}");
        for hint in ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"] {
            assert!(tool["annotations"][hint].is_boolean(), "{name} {hint}");
        }
    }
    let names: BTreeSet<_> = tools.iter().map(|tool| tool["name"].to_string()).collect();
    assert_eq!(names.len(), tools.len());
}

#[test]
fn row_49_arguments_may_be_left_out() {
    let answer = CLIENT.modern("tools/call", json!({ "name": "whoami" }));
    assert!(!answer.is_error(), "{answer:?}");
}

#[test]
fn row_50_an_unknown_tool_is_an_error_of_the_protocol() {
    assert_error(&CLIENT.call("nope", json!({})), 200, INVALID_PARAMS);
}

#[test]
fn row_51_a_bad_argument_is_an_error_that_the_model_sees() {
    let answer = CLIENT.call("bitbucket_list_repositories", json!({ "workspace": 5 }));
    assert_eq!((answer.status, answer.is_error()), (200, true), "{answer:?}");
    assert!(answer.text().contains("workspace"), "{answer:?}");
}

#[test]
fn row_52_no_tool_promises_structured_content_and_none_gives_it() {
    for tool in tools(&CLIENT) {
        assert_eq!(tool.get("outputSchema"), None, "{tool}");
    }
    assert_eq!(CLIENT.call(NEEDS_BITBUCKET, json!({})).result().get("structuredContent"), None);
}

#[test]
fn row_53_an_unknown_cursor_is_refused() {
    for (method, _) in LISTS {
        assert_error(&CLIENT.modern(method, json!({ "cursor": "zzz" })), 200, INVALID_PARAMS);
    }
}

#[test]
fn row_54_listening_is_acknowledged_first_and_tagged_with_the_id_as_sent() {
    for id in [json!(7), json!("seven")] {
        // Nothing that is there to be told, so the stream ends at once.
        let nothing = json!({ "notifications": { "promptsListChanged": true } });
        let body = body("subscriptions/listen", nothing, meta(MODERN, json!({})));
        let body = body.replace(r#""id":7"#, &format!(r#""id":{id}"#));
        let events = events(&CLIENT.post(&body, &[VERSION, ("Mcp-Method", "subscriptions/listen")]));
        assert_eq!(events[0]["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(events[0]["params"]["notifications"], json!({}));
        assert_eq!(events[0]["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
        assert_eq!(events[1]["result"]["resultType"], "complete");
        assert_eq!(events[1]["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"], id);
    }
}

#[test]
fn row_55_listening_to_nothing_in_particular_is_refused() {
    assert_error(&CLIENT.modern("subscriptions/listen", json!({})), 200, INVALID_PARAMS);
}

#[test]
fn row_56_a_failure_upstream_leaks_nothing() {
    let person = Person::connected();
    let client = Client::of(&person);
    person.instance.fault(&json!({
        "kind": "status", "account": person.username, "path": "/2.0", "times": 10, "status": 500,
        "body": { "error": { "message": "at /opt/app.py: token=hunter2" } },
    }));
    let called = client.call(NEEDS_BITBUCKET, json!({}));
    let read = client.modern("resources/read", json!({ "uri": FILE }));
    assert!(called.is_error() && read.code() != 0, "{called:?} {read:?}");
    for secret in ["hunter2", "/opt/app.py", &person.instance.sandbox_url, "Bearer"] {
        assert!(!called.body.contains(secret) && !read.body.contains(secret), "{called:?} {read:?}");
    }
}

#[test]
fn row_57_errors_of_the_legacy_era_do_not_reach_the_modern_one() {
    let answers: [Answer; 6] = [
        CLIENT.modern("resources/read", json!({ "uri": "x:y" })),
        CLIENT.modern("resources/read", json!({ "uri": format!("{FILE}/no/such") })),
        UNCONNECTED.modern("resources/read", json!({ "uri": FILE })),
        CLIENT.call("nope", json!({})),
        UNCONNECTED.call(NEEDS_BITBUCKET, json!({})),
        UNCONNECTED.modern_with("tools/call", json!({ "name": NEEDS_BITBUCKET }), shows_links()),
    ];
    for answer in answers {
        assert!(![-32002, -32042].contains(&answer.code()), "{answer:?}");
    }
}
