//! Branches, tags, commits and files of a repository, changed and looked at.

use serde_json::{Value, json};

use super::{DEVELOPER, Developer, rows};

fn website(more: Value) -> Value {
    let mut arguments = json!({ "workspace": "acme", "repository": "website" });
    for (name, value) in more.as_object().expect("arguments") {
        arguments[name] = value.clone();
    }
    arguments
}

/// The hash at the head of a branch, as an answer shows it.
fn head(developer: &Developer, branch: &str) -> String {
    let text = developer.done("bitbucket_get_branch", website(json!({ "branch": branch })));
    let line = text.lines().find_map(|line| line.strip_prefix("commit: "));
    line.expect("a commit").to_owned()
}

#[test]
fn a_branch_is_made_committed_to_compared_and_deleted() {
    let developer = Developer::maintainer();
    let branch = format!("feature/{}", developer.person.username);
    developer.done("bitbucket_create_branch", website(json!({ "branch": branch, "from": "main" })));
    let parent = head(&developer, &branch);
    assert_eq!(parent, head(&developer, "main"));
    let files = json!([
        { "path": "docs/message", "text": "one\r\ntwo\nthree\n" },
        { "path": "bin/run.sh", "text": "#!/bin/sh\n", "executable": true },
    ]);
    let commit = json!({ "branch": branch, "parent": parent, "message": "Add two files", "files": files });
    let text = developer.done("bitbucket_commit_files", website(commit));
    assert!(text.starts_with(&format!("Done: committed to {branch} of acme/website")), "{text}");

    let between = website(json!({ "ref": format!("main..{branch}") }));
    let commits = developer.done("bitbucket_list_commits", between);
    assert_eq!(rows(&commits).iter().map(|row| row[3]).collect::<Vec<_>>(), ["Add two files"], "{commits}");
    let compared = developer.done("bitbucket_compare", website(json!({ "base": "main", "head": branch })));
    let files: Vec<_> = rows(&compared).iter().map(|row| (row[0].to_owned(), row[1].to_owned())).collect();
    let added = |path: &str| ("added".to_owned(), path.to_owned());
    assert_eq!(files, [added("bin/run.sh"), added("docs/message")], "{compared}");
    let lines = website(json!({ "path": "docs/message", "ref": branch, "lines": "2-3" }));
    let text = developer.done("bitbucket_get_file", lines);
    assert!(text.contains("```\ntwo\nthree\n```") && !text.contains("\none"), "{text}");

    developer.done("bitbucket_delete_branch", website(json!({ "branch": branch })));
    let gone = developer.refused("bitbucket_get_branch", website(json!({ "branch": branch })));
    assert!(gone.contains("bitbucket_list_branches"), "{gone}");
}

#[test]
fn a_commit_is_refused_where_the_branch_has_moved_on() {
    let developer = Developer::maintainer();
    let branch = format!("moved/{}", developer.person.username);
    developer.done("bitbucket_create_branch", website(json!({ "branch": branch, "from": "main" })));
    let parent = head(&developer, &branch);
    let commit = |path: &str| {
        let files = json!([{ "path": path, "text": "x" }]);
        website(json!({ "branch": branch, "parent": parent, "message": "Add it", "files": files }))
    };
    developer.done("bitbucket_commit_files", commit("a.txt"));
    let refused = developer.refused("bitbucket_commit_files", commit("b.txt"));
    assert!(refused.contains("moved on"), "{refused}");
    developer.done("bitbucket_delete_branch", website(json!({ "branch": branch })));
}

#[test]
fn a_tag_is_made_shown_and_deleted() {
    let developer = Developer::maintainer();
    let tag = format!("v1-{}", developer.person.username);
    let commit = head(&developer, "main");
    developer.done("bitbucket_create_tag", website(json!({ "tag": tag, "commit": commit })));
    let text = developer.done("bitbucket_list_tags", website(json!({ "name": tag })));
    assert_eq!(rows(&text).iter().map(|row| (row[0], row[1])).collect::<Vec<_>>(), [(&*tag, &*commit)], "{text}");
    developer.done("bitbucket_delete_tag", website(json!({ "tag": tag })));
}

#[test]
fn commits_since_a_day_are_listed_and_no_older_ones() {
    let count = |since: &str| {
        let arguments = json!({ "workspace": "acme", "repository": "backend", "since": since });
        rows(&DEVELOPER.done("bitbucket_list_commits", arguments)).len()
    };
    assert!(count("2000-01-01") > 0);
    assert_eq!(count("2100-01-01"), 0);
}
