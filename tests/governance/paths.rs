//! Access policies on the files of a repository: a path is closed in whatever way it is spelt, and nothing shows what is.

use postern_tests::{client::Client, person::Person};
use serde_json::{Value, json};

use super::{access_policy::keep, ran, turn, until};

const FILE: &str = "bitbucket_get_file";

fn file(path: &str) -> Value {
    json!({"workspace": "acme", "repository": "backend", "path": path})
}

/// The files below `src/server` of `acme/backend`.
fn server() -> Value {
    json!([{"site": "bitbucket", "workspace": "acme", "repository": "backend", "path": "src/server/**"}])
}

#[test]
fn a_rule_on_a_path_closes_its_files_in_every_spelling_and_leaves_the_others_open() {
    let _turn = turn();
    let client = Client::with_scope(&Person::connected(), "read write admin");
    let is_open = |path: &str| ran(&client.call(FILE, file(path)));
    assert!(is_open("src/server/mod.rs"));
    let _kept = keep(&json!({"rules": [{"name": "server", "resources": server(), "then": "block"}]}));
    until("the rule", || !is_open("src/server/mod.rs"));
    for path in [
        "/src/server/mod.rs",
        "./src/server/mod.rs",
        "src/server",
        "src/server/",
        "SRC/server/mod.rs",
        "src%2Fserver/mod.rs",
    ] {
        let refused = client.call(FILE, file(path)).text();
        assert!(refused.contains("rule \u{201c}server\u{201d}"), "{path}: {refused}");
    }
    for path in ["src/../src/server/mod.rs", "src//server/mod.rs", "src/./server/mod.rs", "src\\server\\mod.rs"] {
        assert!(client.call(FILE, file(path)).text().contains("must be a path"), "{path}");
    }
    assert!(is_open("src/main.rs") && is_open("README.md"));
    let uri = json!({"uri": "bitbucket://acme/backend/src/HEAD/src/server/mod.rs"});
    assert!(!client.modern("resources/read", uri).json()["result"]["contents"].is_array());
    let commit = |paths: &[&str]| {
        let files: Vec<_> = paths.iter().map(|path| json!({"path": path, "text": "x"})).collect();
        // Postern reads the parent before it sends anything, and this one is none.
        client.call(
            "bitbucket_commit_files",
            json!({"workspace": "acme", "repository": "backend", "branch": "tests",
            "parent": "0a1b2c3d", "message": "x", "files": files}),
        )
    };
    assert!(
        ran(&commit(&["src/main.rs"]))
            && !ran(&commit(&["src/main.rs", "src/server/new.rs"]))
            && !ran(&commit(&["src"]))
    );
    let diff = |path: Option<&str>| {
        let mut given = json!({"workspace": "acme", "repository": "backend", "of": "#1"});
        path.into_iter().for_each(|path| given["path"] = path.into());
        client.call("bitbucket_get_diff", given)
    };
    assert!(!ran(&diff(None)) && !ran(&diff(Some("src"))) && ran(&diff(Some("README.md"))));
}

#[test]
fn lists_and_searches_show_no_file_that_a_rule_closes_nor_how_many_there_are() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let lists = [
        (FILE, file("src")),
        ("bitbucket_list_files", json!({"workspace": "acme", "repository": "backend"})),
        ("bitbucket_list_pull_request_files", json!({"workspace": "acme", "repository": "backend", "pull_request": 1})),
    ];
    let shown = |(tool, given): &(&str, Value)| client.call(tool, given.clone());
    let before: Vec<_> = lists.iter().map(|list| shown(list).text()).collect();
    for text in &before {
        assert!(text.contains("src/server"), "{text}");
    }
    let _kept = keep(&json!({"rules": [{"name": "server", "resources": server(), "then": "block"}]}));
    until("the rule", || !shown(&lists[1]).text().contains("src/server"));
    for list in &lists {
        let answer = shown(list);
        assert!(ran(&answer) && !answer.text().contains("src/server"), "{}", answer.text());
    }
    assert!(shown(&lists[0]).text().contains("src/main.rs"));
    assert!(client.call("bitbucket_list_repositories", json!({"workspace": "acme"})).text().contains("backend"));
}

#[test]
fn a_profile_on_a_path_grants_its_files_alone() {
    let _turn = turn();
    let client = Client::of(&Person::connected());
    let _kept = keep(&json!({"toolsets": [{"name": "All"}], "profiles": [{"name": "server", "subjects": ["everyone"],
        "toolsets": ["All"], "resources": server()}]}));
    until("the profile", || !ran(&client.call(FILE, file("README.md"))));
    let refused = client.call(FILE, file("README.md")).text();
    assert!(refused.contains("on these alone: acme/backend path src/server/**"), "{refused}");
    assert!(ran(&client.call(FILE, file("src/server/mod.rs"))) && ran(&client.call(FILE, file("src/server"))));
    let listed = client.call("bitbucket_list_files", json!({"workspace": "acme", "repository": "backend"})).text();
    assert!(
        listed.contains("src/server/mod.rs") && !listed.contains("README") && !listed.contains("main.rs"),
        "{listed}"
    );
}
