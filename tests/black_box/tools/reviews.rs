//! Reviewing and deciding: a pull request in one answer, verdicts and merges at a commit, and what takes them back.

use postern_tests::client::{field, written_call};
use serde_json::{Value, json};

use super::{DEVELOPER, Developer, backend};

const COMMENT: &str = "bitbucket_add_pull_request_comment";

fn checkout(more: Value) -> Value {
    let mut arguments = backend(more);
    arguments["repository"] = json!("checkout");
    arguments
}

/// The call that an answer says takes it back.
fn undo(text: &str) -> (String, Value) {
    written_call(text, "Undo: ")
}

/// The commit at the head of a pull request, as its description has it.
fn head(text: &str) -> &str {
    let source = text.lines().find_map(|line| line.strip_prefix("source: ")).expect("a source");
    source.rsplit(' ').next().expect("a hash")
}

#[test]
fn a_small_pull_request_is_reviewed_in_one_call() {
    let text = DEVELOPER.done("bitbucket_get_pull_request", backend(json!({ "pull_request": 1 })));
    for part in [
        "reviewers: Alex Approver (has not answered); Ada Admin (approved, ",
        "## files: ",
        "src/server/retry.rs",
        " open threads\n",
        "`saturating_pow` would be safer here.",
        "## tasks: 1\n",
        "Test the last attempt",
        "## builds: 1\n",
        "SUCCESSFUL\tunit tests",
        "## checks: 2",
        "; in all rows: status PASSED; demands required\n",
        "## diff: whole\n",
        "+++ b/src/server/retry.rs",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("CUT"), "{text}");
}

#[test]
fn a_pull_request_of_41_files_is_reviewed_in_one_call() {
    let text = DEVELOPER.done("bitbucket_get_pull_request", backend(json!({ "pull_request": 2 })));
    assert!(text.starts_with("From Bitbucket. CUT: ") && text.contains("## files: 41\n"), "{text}");
    assert!(text.contains(" files)") && text.contains("FAILED\tlint") && text.contains("14 open threads"), "{text}");
    let cursor = text.split("and cursor `").nth(1).and_then(|rest| rest.split('`').next()).expect("a cursor");
    let rest = backend(json!({ "pull_request": 2, "cursor": cursor }));
    let rest = DEVELOPER.done("bitbucket_get_pull_request_diff", rest);
    assert!(rest.contains("CUT: bytes ") && !rest.contains("CUT: bytes 0 "), "{rest}");
}

#[test]
fn the_parts_of_an_answer_can_be_chosen() {
    let text =
        DEVELOPER.done("bitbucket_get_pull_request", backend(json!({ "pull_request": 1, "parts": "tasks, commits" })));
    assert!(text.contains("## tasks: 1") && text.contains("## commits: ") && !text.contains("## diff"), "{text}");
    let text =
        DEVELOPER.refused("bitbucket_get_pull_request", backend(json!({ "pull_request": 1, "parts": "comment" })));
    assert!(text.contains("Did you mean `comments`?"), "{text}");
}

#[test]
fn a_part_that_fails_says_so_and_spoils_nothing() {
    let developer = Developer::connected();
    let path = "/2.0/repositories/acme/backend/pullrequests/1/mergeability/checks";
    developer.fault(json!({ "kind": "status", "path": path, "status": 404 }));
    let text = developer.done("bitbucket_get_pull_request", backend(json!({ "pull_request": 1 })));
    assert!(text.contains("## checks: not shown: ") && text.contains("(404)"), "{text}");
    assert!(text.contains("## diff: whole"), "{text}");
}

#[test]
fn a_comment_on_a_line_that_the_diff_does_not_have_is_refused_with_those_it_has() {
    let developer = Developer::connected();
    let arguments = json!({ "pull_request": 6, "text": "here", "path": "docs/notes/06.md", "line": 300 });
    let text = developer.refused(COMMENT, backend(arguments));
    assert!(text.starts_with("Not run: ") && text.contains("It has lines 1-"), "{text}");
    assert!(developer.requests("POST").is_empty());
}

#[test]
fn a_comment_on_a_line_echoes_what_is_written_there_and_can_be_undone() {
    let developer = Developer::maintainer();
    let arguments = json!({ "pull_request": 1, "text": "why?", "path": "src/server/retry.rs", "line": 5 });
    let text = developer.done(COMMENT, backend(arguments));
    assert!(text.contains("commented on:\n```\n"), "{text}");
    let (tool, arguments) = undo(&text);
    assert_eq!(tool, "bitbucket_delete_pull_request_comment");
    developer.done(&tool, arguments);
}

#[test]
fn a_merge_at_a_head_that_has_moved_is_refused_with_the_new_one() {
    let developer = Developer::maintainer();
    let text = developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 2, "parts": "files" })));
    let head = head(&text).to_owned();
    let arguments = checkout(json!({ "pull_request": 2, "commit": "0123456789ab" }));
    let text = developer.refused("bitbucket_merge_pull_request", arguments);
    assert!(text.starts_with("Not run: ") && text.contains(&format!("`{head}`")), "{text}");
    assert!(developer.requests("POST").is_empty());
}

#[test]
fn a_merge_is_waited_for() {
    let developer = Developer::maintainer();
    let text = developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 3, "parts": "files" })));
    let head = head(&text).to_owned();
    let arguments = checkout(json!({ "pull_request": 3, "commit": head, "strategy": "squash" }));
    let text = developer.done("bitbucket_merge_pull_request", arguments);
    assert!(text.contains("state: MERGED") && text.contains(&format!("Merged at head {head}")), "{text}");
    let text = developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 3, "parts": "files" })));
    assert!(text.contains("state: MERGED\n"), "{text}");
}

#[test]
fn an_approval_is_undone_by_the_call_that_its_answer_writes_out() {
    let developer = Developer::connected();
    let show =
        || developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 4, "parts": "files" })));
    let commit = head(&show()).to_owned();
    let arguments = checkout(json!({ "pull_request": 4, "verdict": "approve", "commit": commit }));
    let text = developer.done("bitbucket_review", arguments);
    assert!(text.starts_with(&format!("Done: approved acme/checkout#4 at {commit}.")), "{text}");
    let name = format!("Test user {}", developer.person.username);
    assert!(show().contains(&format!("{name} (approved)")), "{}", show());
    let (tool, arguments) = undo(&text);
    developer.done(&tool, arguments);
    assert!(!show().contains(&format!("{name} (approved)")), "{}", show());
}

#[test]
fn a_declined_pull_request_says_why() {
    let developer = Developer::maintainer();
    let arguments = checkout(json!({ "pull_request": 5, "message": "Not now." }));
    assert!(developer.done("bitbucket_decline_pull_request", arguments).contains("state: DECLINED"));
    let text = developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 5, "parts": "files" })));
    assert!(text.contains("reason: Not now.\n"), "{text}");
}

#[test]
fn a_pull_request_is_opened_from_a_new_branch_changed_and_merged() {
    let developer = Developer::maintainer();
    let of = |more: Value| {
        let mut arguments = backend(more);
        arguments["repository"] = json!("billing");
        arguments
    };
    let branch = format!("feature/{}", developer.person.username);
    let made = developer.done("bitbucket_create_branch", of(json!({ "branch": branch, "from": "main" })));
    let files = json!([{ "path": "docs/rounding.md", "text": "Half a cent is rounded to even.\n" }]);
    let commit =
        json!({ "branch": branch, "parent": field(&made, "commit"), "message": "Say how we round", "files": files });
    developer.done("bitbucket_commit_files", of(commit));
    let reviewer = developer.bitbucket("/repositories/acme/backend/pullrequests/1").json()["reviewers"][0].clone();
    let open = of(json!({ "source": branch, "title": "Say how we round", "reviewers": [reviewer["uuid"]] }));
    let opened = developer.done("bitbucket_create_pull_request", open.clone());
    assert!(opened.contains("reviewers: Alex Approver\n"), "{opened}");
    let id: u64 = field(&opened, "pull request").parse().expect("a number");
    let again = developer.refused("bitbucket_create_pull_request", open);
    assert!(again.contains(&format!("pull request {id} from `{branch}` is open already")), "{again}");

    let show = || developer.done("bitbucket_get_pull_request", of(json!({ "pull_request": id, "parts": "files" })));
    let renamed = of(json!({ "pull_request": id, "title": "Round to even" }));
    let renamed = developer.done("bitbucket_update_pull_request", renamed);
    assert!(show().contains("title: Round to even\n") && show().contains("docs/rounding.md"), "{}", show());
    let (tool, arguments) = undo(&renamed);
    developer.done(&tool, arguments);
    assert!(show().contains("title: Say how we round\n"), "{}", show());

    let merge = of(json!({ "pull_request": id, "commit": head(&show()) }));
    assert!(developer.done("bitbucket_merge_pull_request", merge).contains("state: MERGED"));
    let file = developer.done("bitbucket_get_file", of(json!({ "path": "docs/rounding.md" })));
    assert!(file.contains("Half a cent is rounded to even."), "{file}");
}

#[test]
fn threads_and_tasks_are_resolved_and_reopened() {
    let developer = Developer::maintainer();
    let made = developer.done(COMMENT, checkout(json!({ "pull_request": 6, "text": "A question" })));
    let comment: u64 =
        made.lines().find_map(|line| line.strip_prefix("comment: ")).expect("an id").parse().expect("a number");
    let of_comment = checkout(json!({ "pull_request": 6, "comment": comment }));
    let resolved = developer.done("bitbucket_resolve_pull_request_comment", of_comment);
    let show = || {
        developer.done("bitbucket_get_pull_request", checkout(json!({ "pull_request": 6, "parts": "comments,tasks" })))
    };
    assert!(show().contains("## comments: 0 open threads, 1 resolved not shown"), "{}", show());
    let (tool, arguments) = undo(&resolved);
    developer.done(&tool, arguments);
    assert!(show().contains("## comments: 1 open thread\n"), "{}", show());
    let made =
        developer.done("bitbucket_create_pull_request_task", checkout(json!({ "pull_request": 6, "text": "Do it" })));
    assert!(show().contains("Do it"), "{}", show());
    let (tool, arguments) = undo(&made);
    developer.done(&tool, arguments);
    assert!(!show().contains("Do it"), "{}", show());
}

#[test]
fn my_own_pull_requests_are_listed_and_those_of_nobody_refused() {
    let mine = DEVELOPER.done("bitbucket_list_pull_requests", backend(json!({ "who": "author_me" })));
    assert!(mine.starts_with("No pull request"), "{mine}");
    let text = DEVELOPER.refused("bitbucket_list_pull_requests", json!({ "workspace": "acme" }));
    assert!(text.contains("name a `repository`"), "{text}");
}

#[test]
fn a_diff_is_of_a_pull_request_or_between_branches() {
    let of = |of: &str| DEVELOPER.done("bitbucket_get_diff", backend(json!({ "of": of })));
    let diff = of("#1");
    assert!(diff.contains("+++ b/src/server/retry.rs"), "{diff}");
    assert!(of("main..fix/retry-backoff").contains("+++ b/src/server/retry.rs"));
}
