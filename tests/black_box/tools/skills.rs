//! The prompts as skills (SEP-2640): listed, got by their URIs, and read as what was listed.

use serde_json::{Value, json};

use super::DEVELOPER;

const EXTENSION: &str = "io.modelcontextprotocol/skills";

fn skills() -> Vec<Value> {
    let result = DEVELOPER.client.modern("skills/list", json!({})).result();
    assert_eq!((&result["resultType"], &result["cacheScope"]), (&json!("complete"), &json!("private")));
    result["skills"].as_array().expect("skills").clone()
}

#[test]
fn skills_are_declared_and_are_neither_tools_nor_listed_resources() {
    let discovered = DEVELOPER.client.modern("server/discover", json!({})).result();
    assert_eq!(discovered["capabilities"]["extensions"][EXTENSION], json!({}));
    let list = |method: &str| DEVELOPER.client.modern(method, json!({})).result().to_string();
    for method in ["tools/list", "resources/list", "resources/templates/list"] {
        assert!(!list(method).contains("skill:"), "{method}");
    }
    let initialized = DEVELOPER.client.initialize("2025-11-25", json!({})).result();
    assert_eq!(initialized["capabilities"].get("extensions"), None);
}

#[test]
fn each_skill_is_the_file_that_its_entry_describes() {
    let skills = skills();
    assert_eq!(skills.len(), 3);
    for entry in skills {
        let uri = entry["uri"].as_str().expect("a URI");
        let got = DEVELOPER.client.modern("skills/get", json!({ "uri": uri })).result();
        assert_eq!(got["skill"], entry);
        let contents = DEVELOPER.client.modern("resources/read", json!({ "uri": uri })).result()["contents"][0].clone();
        let text = contents["text"].as_str().expect("text");
        assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("text/markdown")));
        assert_eq!(entry["resources"].as_array().map(Vec::len), Some(1));
        assert_eq!(entry["resources"][0]["size"], json!(text.len()));
        let name = entry["frontmatter"]["name"].as_str().expect("a name");
        assert!(text.starts_with(&format!("---\nname: {name}\n")), "{text}");
    }
}

#[test]
fn what_is_no_skill_is_an_invalid_uri() {
    for uri in ["skill://no-such/SKILL.md", "bitbucket://acme/backend/src/HEAD/README.md"] {
        assert_eq!(DEVELOPER.client.modern("skills/get", json!({ "uri": uri })).code(), -32602, "{uri}");
    }
    let unread = DEVELOPER.client.modern("resources/read", json!({ "uri": "skill://no-such/SKILL.md" }));
    assert_eq!(unread.code(), -32602);
}
