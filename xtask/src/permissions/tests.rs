//! Files as the agents' documentation has them, and what they come to.

use super::{agent_file::Verdict, catalogue::Class, *};
use serde_json::json;

const PAGE: &str = include_str!("../../../docs/tools.md");
const GET: &str = "bitbucket_get_repository";
const COMMENT: &str = "bitbucket_add_pull_request_comment";
const MERGE: &str = "bitbucket_merge_pull_request";

fn tools() -> Vec<Tool> {
    catalogue::parse(PAGE).expect("tools")
}

fn agent(form: Form) -> Agent {
    let (subjects, clients) = (vec!["person:dana".to_owned()], vec!["editor".to_owned()]);
    Agent { form, subjects, clients, server: "postern".to_owned() }
}

/// The rules of a file, and what they do not say.
fn imported(form: Form, text: &str) -> (Vec<Value>, String) {
    let (rules, left) = import(text, &agent(form), "dana's", &tools()).expect("rules");
    let document: toml::Table = rules.parse().expect("TOML");
    let rules = serde_json::to_value(document).expect("JSON");
    (rules["rules"].as_array().cloned().unwrap_or_default(), left.join("\n"))
}

fn rule(verdict: &str, tools: &Value, then: &str) -> Value {
    let mut rule = json!({ "name": format!("dana's: {verdict}"), "subjects": ["person:dana"], "clients": ["editor"] });
    if !tools.is_null() {
        rule["tools"] = tools.clone();
    }
    rule["then"] = json!(then);
    rule
}

/// What becomes of some tools by a file that was exported, read as the agent reads it.
fn exported(form: Form, policy: &Value) -> (AgentFile, String) {
    let (file, left) = export(policy, &agent(form), &tools()).expect("a file");
    (form.read(&file, "postern").expect("a file"), left.join("\n"))
}

fn verdict(form: Form, file: &AgentFile, tool: &str) -> Option<Verdict> {
    file.decisive(&form.full_name("postern", tool)).map(|entry| entry.verdict)
}

const FORMS: [Form; 3] = [Form::ClaudeCode, Form::Opencode, Form::Cursor];

#[test]
fn the_page_of_the_tools_names_each_with_its_class_and_place() {
    let tools = tools();
    let found = |name: &str| tools.iter().find(|tool| tool.name == name).cloned().expect("a tool");
    assert_eq!(tools.len(), PAGE.matches("\n### `").count());
    assert_eq!(
        (found(GET).class, found(COMMENT).class, found(MERGE).class),
        (Class::Read, Class::Write, Class::Destructive)
    );
    assert_eq!((found(GET).provider.as_deref(), found("whoami").provider), (Some("bitbucket"), None));
    assert!(found(COMMENT).area.is_some());
}

#[test]
fn the_lists_of_claude_code_come_to_a_rule_each_and_the_strictest_counts() {
    let settings = json!({ "permissions": {
        "defaultMode": "default",
        "allow": ["Bash(npm run test:*)", "Read(~/.zshrc)", format!("mcp__postern__{GET}"), format!("mcp__postern__{MERGE}"),
            "mcp__github", "mcp__*"],
        "ask": [format!("mcp__postern__{COMMENT}"), format!("mcp__postern__{GET}(acme)")],
        "deny": ["WebFetch", format!("mcp__postern__{MERGE}"), "mcp__postern__no_such_tool"],
    }});
    let (rules, left) = imported(Form::ClaudeCode, &settings.to_string());
    let named = |name: &str| json!({ "names": [name] });
    assert_eq!(
        rules,
        [
            rule("deny", &named(MERGE), "block"),
            rule("ask", &named(COMMENT), "approve"),
            rule("allow", &named(GET), "allow"),
        ]
    );
    for part in [
        "about other tools than those of the server postern: 5",
        "(acme): rules of the policy are not on single arguments",
        "no_such_tool: Postern has no such tool",
        "the mode default",
        "they get no rule",
        "an approver",
    ] {
        assert!(left.contains(part), "{part}: {left}");
    }
}

#[test]
fn a_whole_server_is_every_tool_of_it_and_a_gate_the_tools_of_its_class() {
    let settings = json!({ "permissions": {
        "allow": ["mcp__postern"], "ask": ["mcp__postern__postern_write"], "deny": ["mcp__postern__postern_delete"],
    }});
    let (rules, left) = imported(Form::ClaudeCode, &settings.to_string());
    let classes = |name: &str| json!({ "classes": [name] });
    assert_eq!(
        rules,
        [
            rule("deny", &classes("destructive"), "block"),
            rule("ask", &classes("write"), "approve"),
            rule("allow", &classes("read"), "allow"),
        ]
    );
    assert!(!left.contains("no rule"), "{left}");
    let (rules, _) = imported(Form::ClaudeCode, r#"{"permissions": {"deny": ["mcp__*"]}}"#);
    assert_eq!(rules, [rule("deny", &Value::Null, "block")]);
}

#[test]
fn the_last_pattern_of_opencode_that_fits_counts_and_those_of_the_old_form_come_first() {
    let config = format!(
        r#"{{
            "$schema": "https://opencode.ai/config.json", // as its documentation begins
            "tools": {{ "postern_{MERGE}": true, "write": false }},
            "permission": {{
                "*": "ask",
                "bash": {{ "*": "ask", "git *": "allow" }},
                "postern_*": "deny",
                "postern_bitbucket_get_*": "allow",
                "postern_{COMMENT}": "ask",
            }},
            "agent": {{ "review": {{ "permission": {{ "postern_*": "allow" }} }} }},
        }}"#
    );
    let (rules, left) = imported(Form::Opencode, &config);
    let thens: Vec<_> = rules.iter().map(|rule| rule["then"].as_str().expect("an effect")).collect();
    assert_eq!(thens, ["block", "approve", "allow"]);
    assert_eq!(rules[1]["tools"], json!({ "names": [COMMENT] }));
    let allowed = rules[2]["tools"]["names"].as_array().expect("names");
    assert!(
        allowed.contains(&json!(GET))
            && allowed.iter().all(|name| name.as_str().expect("a name").starts_with("bitbucket_get_"))
    );
    assert_eq!(rules[0]["tools"]["classes"], json!(["destructive"]));
    for part in ["agent.review", "postern_bitbucket_get_*: the", "not those that come later"] {
        assert!(left.contains(part), "{part}: {left}");
    }
    assert_eq!(imported(Form::Opencode, r#"{"permission": "ask"}"#).0, [rule("ask", &Value::Null, "approve")]);
    assert_eq!(imported(Form::Opencode, r#"{"tools": {"postern*": false}}"#).0, [rule("deny", &Value::Null, "block")]);
}

#[test]
fn the_lists_of_cursor_are_read_in_both_of_its_files() {
    let cli = json!({ "permissions": {
        "allow": ["Shell(git)", "Read(src/**)", format!("Mcp(postern:{GET})"), "Mcp(github:*)"], "deny": ["Mcp(*:bitbucket_merge_*)"],
    }});
    let (rules, left) = imported(Form::Cursor, &cli.to_string());
    assert_eq!(rules.first(), Some(&rule("deny", &json!({ "names": [MERGE] }), "block")));
    assert_eq!(rules.last(), Some(&rule("allow", &json!({ "names": [GET] }), "allow")));
    assert!(left.contains("about no MCP server: 2") && left.contains("Cursor asks"), "{left}");
    let (rules, _) = imported(Form::Cursor, r#"{"mcpAllowlist": ["postern:*"], "terminalAllowlist": ["git"]}"#);
    assert_eq!(rules, [rule("allow", &Value::Null, "allow")]);
}

#[test]
fn what_is_no_file_of_the_form_is_refused() {
    for form in FORMS {
        assert!(import("{}", &agent(form), "x", &tools()).is_err(), "{form:?}");
        assert!(import("permissions: []", &agent(form), "x", &tools()).is_err(), "{form:?}");
    }
}

#[test]
fn a_file_that_names_nothing_of_postern_comes_to_no_rule() {
    let (rules, left) = imported(Form::ClaudeCode, r#"{"permissions": {"allow": ["Bash(ls)", "mcp__postern2__x"]}}"#);
    assert!(rules.is_empty() && left.contains("they get no rule"), "{left}");
}

fn policy() -> Value {
    json!({
        "toolsets": [{ "name": "Most", "tools": { "classes": ["read", "write"] } }, { "name": "All" }],
        "profiles": [
            { "name": "everybody", "subjects": ["everyone"], "toolsets": ["Most"] },
            { "name": "others", "subjects": ["group:/others"], "toolsets": ["All"] },
        ],
        "rules": [
            { "name": "only watched", "then": "block", "observe": true },
            { "name": "of others", "subjects": ["person:erin"], "then": "block" },
            { "name": "main", "tools": { "names": [GET] }, "then": "block",
              "resources": [{ "site": "bitbucket", "workspace": "acme", "branch": "main" }] },
            { "name": "comments", "subjects": ["person:dana"], "tools": { "names": [COMMENT] }, "then": "approve", "approvers": 2 },
            { "name": "reading", "tools": { "classes": ["read"], "providers": ["bitbucket"] }, "then": "allow" },
        ],
    })
}

#[test]
fn a_policy_is_exported_as_what_its_first_rule_on_every_call_of_a_tool_says() {
    for form in FORMS {
        let (file, left) = exported(form, &policy());
        let asked = (form != Form::Cursor).then_some(Verdict::Ask);
        assert_eq!(verdict(form, &file, GET), Some(Verdict::Allow), "{form:?}");
        assert_eq!(verdict(form, &file, COMMENT), asked, "{form:?}");
        assert_eq!(verdict(form, &file, MERGE), Some(Verdict::Deny), "nobody grants it: {form:?}");
        assert_eq!(verdict(form, &file, "bitbucket_create_branch"), None, "no rule is about it: {form:?}");
        assert_eq!(verdict(form, &file, "postern_write"), asked, "{form:?}");
        assert_eq!(verdict(form, &file, "postern_delete"), Some(Verdict::Deny), "{form:?}");
        assert!(left.contains("the rule main, which is on resources") && !left.contains("erin"), "{left}");
    }
}

#[test]
fn what_is_exported_and_imported_again_comes_to_the_same_verdicts() {
    for form in [Form::ClaudeCode, Form::Opencode] {
        let (file, _) = export(&policy(), &agent(form), &tools()).expect("a file");
        let (rules, _) = import(&file.to_string(), &agent(form), "again", &tools()).expect("rules");
        let again = serde_json::to_value(rules.parse::<toml::Table>().expect("TOML")).expect("JSON");
        let (first, second) = (exported(form, &policy()).0, exported(form, &again).0);
        for tool in tools() {
            // Through a gate an agent cannot tell its tools apart: what no rule is about is asked for there with the others.
            let before =
                first.verdict(&form.full_name("postern", &tool.name), &form.full_name("postern", tool.class.gate()));
            assert_eq!(verdict(form, &second, &tool.name), before, "{form:?}: {}", tool.name);
        }
    }
}
