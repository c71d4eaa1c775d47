//! What people ask of an AI client, played in the running product as a model plays it: with the tools that are listed, and
//! the gates.

mod played;
mod ten;
mod walk;

use serde_json::{Value, json};

/// Arguments that name a repository of the demo organisation.
fn of_repository(repository: &str, more: Value) -> Value {
    let mut arguments = json!({ "workspace": "acme", "repository": repository });
    for (name, value) in more.as_object().expect("arguments") {
        arguments[name] = value.clone();
    }
    arguments
}

/// A page as Confluence has it: its version, and its body in the storage format.
fn stored(page: &str) -> (u64, String) {
    let path = format!("/api/v2/pages/{page}?body-format=storage");
    let page = postern_tests::instance::instance().confluence("GET", &path, "").json();
    let body = page["body"]["storage"]["value"].as_str().expect("a body").to_owned();
    (page["version"]["number"].as_u64().expect("a number"), body)
}
