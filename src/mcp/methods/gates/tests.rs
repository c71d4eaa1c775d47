use serde_json::json;

use super::*;
use crate::catalog::operation::Class;

fn refusal(gate: Gate, given: Value) -> String {
    let asked = Asked::read(given.as_object().unwrap()).unwrap();
    asked.tool(gate).err().unwrap()
}

fn write() -> Rc<Tool> {
    tools::all().iter().find(|tool| tool.class == Class::Write).cloned().unwrap()
}

#[test]
fn the_wrong_gate_is_refused_with_the_right_call() {
    let tool = write();
    let told = refusal(Gate::Delete, json!({ "operation": tool.name, "arguments": { "workspace": "acme" } }));
    let next = format!(r#"Next: postern_write {{"operation":"{}","arguments":{{"workspace":"acme"}}}}"#, tool.name);
    assert!(told.ends_with(&next), "{told}");
    assert!(refusal(Gate::Write, json!({ "operation": "whoami" })).contains(r#"Next: postern_read {"calls":["#));
}

#[test]
fn an_operation_that_there_is_not_is_answered_with_those_that_are_near() {
    let told = refusal(Gate::Read, json!({ "operation": "bitbucket_list_branch", "arguments": {} }));
    assert!(told.contains("`bitbucket_list_branches`") && told.contains("Next: postern_find"), "{told}");
    assert!(refusal(Gate::Read, json!({ "operation": "postern_find" })).contains("a tool of its own"));
}

#[test]
fn arguments_that_were_sent_as_a_text_are_read() {
    let given = json!({ "operation": "whoami", "arguments": "{\"workspace\":\"acme\"}" });
    assert_eq!(Asked::read(given.as_object().unwrap()).ok().unwrap().arguments["workspace"], "acme");
}

#[test]
fn what_is_no_call_is_told_the_form() {
    for given in
        [json!({}), json!({ "operation": 7 }), json!({ "operation": "x", "arguments": [1] }), json!({ "tool": "x" })]
    {
        assert!(Asked::read(given.as_object().unwrap()).err().unwrap().contains(r#"{"operation":"#), "{given}");
    }
}
