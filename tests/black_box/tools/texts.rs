//! Diffs and files: their own text, or a sentence on what is missing.

use serde_json::{Value, json};

use super::{DEVELOPER, all_parts, backend, cells, cursor, fenced, rows};

fn diff(arguments: Value) -> String {
    DEVELOPER.done("bitbucket_get_pull_request_diff", backend(arguments))
}

fn file(arguments: Value) -> String {
    DEVELOPER.done("bitbucket_get_file", backend(arguments))
}

fn joined(parts: &[String]) -> String {
    parts.iter().map(|part| fenced(part)).collect()
}

/// A pull request's diff as Git has it, without what only Git needs of it: no file here is a binary one.
fn unified_diff(pull_request: u32) -> String {
    let of_git = DEVELOPER.bitbucket(&format!("/repositories/acme/backend/pullrequests/{pull_request}/diff")).body;
    assert!(of_git.starts_with("diff --git") && of_git.contains("\nindex "), "{of_git}");
    let is_for_git = |line: &&str| line.starts_with("diff --git ") || line.starts_with("index ");
    of_git.split_inclusive('\n').filter(|line| !is_for_git(line)).collect()
}

#[test]
fn a_diff_is_the_unified_diff_that_git_says() {
    assert_eq!(fenced(&diff(json!({ "pull_request": 1 }))), unified_diff(1));
}

#[test]
fn a_diff_that_fits_says_nothing_of_parts() {
    let text = diff(json!({ "pull_request": 1 }));
    assert!(cursor(&text).is_none() && !text.contains("Shown:"), "{text}");
}

#[test]
fn the_first_line_of_a_long_diff_says_what_was_left_out_and_so_does_the_last() {
    let text = diff(json!({ "pull_request": 2 }));
    assert!(text.len() < 40_000, "{} bytes", text.len());
    let first = text.lines().next().unwrap_or_default();
    assert!(first.starts_with("CUT: bytes 0 to ") && cursor(first).is_some(), "{first}");
    assert!(first.ends_with(", or limit it to one file with `path`."), "{first}");
    assert_eq!(text.lines().last(), Some(first));
}

#[test]
fn the_parts_of_a_long_diff_join_to_the_whole_of_it() {
    let parts = all_parts(&DEVELOPER, "bitbucket_get_pull_request_diff", &backend(json!({ "pull_request": 2 })));
    let expected = unified_diff(2);
    assert!(expected.len() > 350_000, "{} bytes", expected.len());
    // Not assert_eq: nobody reads 400 kB twice.
    assert!(joined(&parts) == expected, "{} of {} bytes", joined(&parts).len(), expected.len());
}

#[test]
fn a_diff_can_be_limited_to_one_file() {
    let text = diff(json!({ "pull_request": 2, "path": "generated/prices_07.sql" }));
    assert_eq!(fenced(&text).matches("\n+++ b/").count(), 1);
    assert!(fenced(&text).contains("+++ b/generated/prices_07.sql"), "{text}");
}

#[test]
fn a_file_is_its_own_text_whatever_backticks_it_holds() {
    let expected = DEVELOPER.bitbucket("/repositories/acme/backend/src/main/README.md").body;
    assert!(expected.contains("```sh"));
    assert_eq!(fenced(&file(json!({ "path": "README.md" }))), expected);
}

#[test]
fn a_file_is_read_at_a_tag_a_branch_and_a_commit() {
    assert!(file(json!({ "path": "README.md", "ref": "v1.0.0" })).contains("recieves"));
    assert!(file(json!({ "path": "README.md", "ref": "main" })).contains("receives"));
    let tag = DEVELOPER.bitbucket("/repositories/acme/backend/refs/tags/v1.0.0").json();
    let hash = tag["target"]["hash"].as_str().expect("a hash").to_owned();
    assert!(file(json!({ "path": "README.md", "ref": hash })).contains("recieves"));
}

#[test]
fn a_branch_may_have_a_slash() {
    let text = file(json!({ "path": "src/server/retry.rs", "ref": "fix/retry-backoff" }));
    assert!(text.contains("jitter()"), "{text}");
}

#[test]
fn a_path_may_be_in_any_script() {
    let text = file(json!({ "path": "docs/naïve-café-日本語.md" }));
    assert!(fenced(&text).contains("Grüße aus München. Здравствуйте. 你好，世界。 🦀"), "{text}");
}

#[test]
fn the_joiners_of_an_emoji_are_not_counted_as_characters_that_nobody_sees() {
    let text = file(json!({ "path": "docs/naïve-café-日本語.md" }));
    assert!(text.contains("👨\u{200d}👩\u{200d}👧\u{200d}👦") && !text.contains("not visible"), "{text}");
}

#[test]
fn a_binary_file_is_told_by_size_and_type() {
    let text = file(json!({ "path": "assets/logo.png" }));
    assert!(text.contains("is a binary file of 16,016 bytes (image/png)"), "{text}");
    assert!(!text.contains("IHDR"), "{text}");
}

#[test]
fn a_page_of_html_is_a_file_like_any_other() {
    let arguments = json!({ "workspace": "acme", "repository": "website", "path": "public/index.html" });
    let text = DEVELOPER.done("bitbucket_get_file", arguments);
    assert_eq!(fenced(&text), "<!doctype html>\n<title>Acme</title>\n<h1>Acme</h1>\n");
}

#[test]
fn a_directory_is_listed() {
    let text = file(json!({ "path": "src/server" }));
    assert_eq!(cells(&text, "path"), ["src/server/handler.rs", "src/server/health.rs", "src/server/mod.rs"]);
    assert_eq!(cells(&text, "type"), ["commit_file"; 3]);
}

#[test]
fn the_top_directory_is_listed() {
    let text = file(json!({ "path": "/" }));
    let paths: Vec<_> = rows(&text).iter().map(|row| row[0]).collect();
    for path in ["README.md", "src", "docs", ".gitignore"] {
        assert!(paths.contains(&path), "{path} in {text}");
    }
}

#[test]
fn the_parts_of_a_long_file_join_to_the_file() {
    let parts = all_parts(&DEVELOPER, "bitbucket_get_file", &backend(json!({ "path": "docs/reference.txt" })));
    let expected = DEVELOPER.bitbucket("/repositories/acme/backend/src/main/docs/reference.txt").body;
    assert!(parts.len() > 3 && joined(&parts) == expected, "{} parts", parts.len());
}

#[test]
fn a_path_cannot_leave_the_repository() {
    for path in ["../website/README.md", "src/../../../website", "/../.."] {
        let text = DEVELOPER.refused("bitbucket_get_file", backend(json!({ "path": path })));
        assert!(text.contains("`path` must be"), "{path}: {text}");
    }
}

#[test]
fn a_file_that_is_not_there_leads_to_the_directory() {
    let text = DEVELOPER.refused("bitbucket_get_file", backend(json!({ "path": "nowhere.txt" })));
    assert!(text.contains("does not exist, or your account may not see it"), "{text}");
    assert!(text.contains("Path `/`"), "{text}");
}
