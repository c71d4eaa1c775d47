//! Ten tasks that people give to a model, on the demo organisation's data, and what they may cost in all. Of reviews there
//! are two, of a small pull request and of a large one.

use std::fmt::Write as _;

use postern_tests::{client::field, instance::instance, person::Person};
use serde_json::{Value, json};

use crate::{
    of_repository,
    played::{Cost, Player, Task},
    stored,
};

/// Of all tasks together.
const CALLS: usize = 16;
const TOKENS: usize = 12_000;

type Play = fn(&mut Task<'_>);

/// In the words of whoever gives it, and how it is played, to the proof that it is done.
const TASKS: [(&str, Play); 11] = [
    ("Review backend#1, which is small", review_a_small_pull_request),
    ("Review backend#2, which changes 41 files", review_a_large_pull_request),
    ("Who approved backend#1, and who has yet to?", say_who_approved),
    ("Who changed the README of backend, and why?", say_what_changed_in_a_file),
    ("Find the page about retries, and sum it up", find_a_page),
    ("Comment on the line of backend#1 that adds jitter", comment_on_a_line),
    ("Why does the newest failed build of backend fail?", say_why_a_build_failed),
    ("Which pull requests of backend wait for my review?", list_what_waits_for_me),
    ("What is on fix/retry-backoff that main does not have?", compare_branches),
    ("What did the team of backend do since 7 September?", say_what_a_team_did),
    ("Add an exception to the retry policy", change_a_section),
];

fn backend(more: Value) -> Value {
    of_repository("backend", more)
}

fn assert_says(text: &str, all: &[&str]) {
    let missing: Vec<_> = all.iter().filter(|words| !text.contains(**words)).collect();
    assert!(missing.is_empty(), "no {missing:?} in {text}");
}

fn review_a_small_pull_request(task: &mut Task<'_>) {
    let text = task.call("bitbucket_get_pull_request", backend(json!({ "pull_request": 1 })));
    let what_a_review_needs = [
        "reviewers: Alex Approver (has not answered)",
        "Now each attempt waits **twice as long**",
        "removed\t0\t3\tscripts/deploy.sh",
        "2 open threads",
        "Test the last attempt",
        "SUCCESSFUL\tunit tests",
        "; in all rows: status PASSED; demands required\n",
        "+    Duration::from_millis(100 * 2_u64.pow(attempt) + jitter())",
        "## diff: whole",
    ];
    assert_says(&text, &what_a_review_needs);
}

fn review_a_large_pull_request(task: &mut Task<'_>) {
    let text = task.call("bitbucket_get_pull_request", backend(json!({ "pull_request": 2 })));
    let what_a_review_needs = [
        "CUT: diff;",
        "## files: 41",
        "generated/*.sql (40 files)",
        "14 open threads",
        "FAILED\tlint",
        "+00000  GET /v2/",
        "`bitbucket_get_pull_request_diff` with the same arguments and cursor",
    ];
    assert_says(&text, &what_a_review_needs);
}

fn say_who_approved(task: &mut Task<'_>) {
    let text = task.call("bitbucket_get_pull_request", backend(json!({ "pull_request": 1, "parts": "checks" })));
    assert_says(&text, &["reviewers: Alex Approver (has not answered); Ada Admin (approved, 2026-09-11)\n"]);
}

fn say_what_changed_in_a_file(task: &mut Task<'_>) {
    let text = task.call("bitbucket_list_commits", backend(json!({ "path": "README.md" })));
    assert_says(&text, &["Ada Admin\tFix a typo in the README\n", "Dana Developer\tServe orders over HTTP"]);
}

fn find_a_page(task: &mut Task<'_>) {
    let found = task.call("confluence_search", json!({ "query": "retry policy" }));
    let row = found.lines().find(|row| row.contains("\tRetry policy\t")).expect("the page among them");
    let page = row.split('\t').next().expect("an id");
    let text = task.call("confluence_get_page", json!({ "page": page }));
    assert_says(&text, &["**must** wait between attempts", "| 3 | give up | – |", "wait as long as it says."]);
}

fn comment_on_a_line(task: &mut Task<'_>) {
    let path = "src/server/retry.rs";
    let diff = task.call("bitbucket_get_diff", backend(json!({ "of": "#1", "path": path })));
    let (_, added) = diff.split_once("@@ -0,0 +1,6 @@\n").expect("a hunk from the first line on");
    let line = 1 + added.lines().position(|line| line.contains("jitter()")).expect("the line");
    let words = "Does jitter ever make the wait longer than a minute?";
    let arguments = backend(json!({ "pull_request": 1, "text": words, "path": path, "line": line }));
    let made = task.call("bitbucket_add_pull_request_comment", arguments);
    let comment = format!("/repositories/acme/backend/pullrequests/1/comments/{}", field(&made, "comment"));
    let comment = task.player.person.bitbucket(&comment).json();
    assert_eq!(comment["content"]["raw"], words);
    assert_eq!((&comment["inline"]["path"], &comment["inline"]["to"]), (&json!(path), &json!(line)));
}

fn say_why_a_build_failed(task: &mut Task<'_>) {
    let text = task.call("bitbucket_get_build", backend(json!({})));
    assert_says(&text, &["pipeline: 4\n", "2\tTest\tFAILED", "assertion `left == right` failed", "left: 7\n right: 8"]);
}

fn list_what_waits_for_me(task: &mut Task<'_>) {
    let text = task.call("bitbucket_list_pull_requests", backend(json!({ "who": "reviewer_me" })));
    assert_says(&text, &["2\tRegenerate the reference and the price tables\tAlex Approver"]);
}

fn compare_branches(task: &mut Task<'_>) {
    let text = task.call("bitbucket_get_diff", backend(json!({ "of": "main..fix/retry-backoff" })));
    assert_says(
        &text,
        &["deleted file", "+/// Answers one order. The store is asked until it answers.", "+++ b/src/server/retry.rs"],
    );
}

fn say_what_a_team_did(task: &mut Task<'_>) {
    let since = "2026-09-07";
    let calls = [
        json!({ "operation": "bitbucket_list_commits", "arguments": backend(json!({ "since": since })) }),
        json!({ "operation": "bitbucket_list_pull_requests", "arguments": backend(json!({ "state": "ALL", "since": since })) }),
    ];
    let text = task.call("postern_read", json!({ "calls": calls }));
    let done =
        ["2 calls: 2 answered", "Ada Admin\tFix a typo in the README", "21\tCount requests\tAlex Approver\tMERGED"];
    assert_says(&text, &done);
}

fn change_a_section(task: &mut Task<'_>) {
    const PAGE: &str = "98306";
    let (version, before) = stored(PAGE);
    let read = task.call("confluence_get_page", json!({ "page": PAGE, "section": "Exceptions" }));
    let last = read.lines().rfind(|line| line.starts_with("- ")).expect("the last exception");
    let first = read.lines().find(|line| line.starts_with("- ")).expect("the first exception");
    let read: u64 = field(&read, "version").parse().expect("a number");
    let text = format!("{first}\n{last}\n- Health checks: never.");
    let arguments = json!({ "page": PAGE, "version": read, "section": "Exceptions", "text": text });
    task.call("confluence_edit_page", arguments);
    let after = before.replacen("</li></ul>", "</li><li><p>Health checks: never.</p></li></ul>", 1);
    assert_eq!(stored(PAGE), (version + 1, after));
}

#[test]
fn ten_tasks_are_done_in_16_calls_and_12000_tokens() {
    let player = Player::new(Person::new("developer", instance()), "read write");
    let mut table = String::from(" calls  tokens  task\n");
    let mut push =
        |cost: Cost, words: &str| writeln!(table, "{:>6} {:>7}  {words}", cost.calls, cost.tokens).expect("a text");
    let mut all = Cost { calls: 0, tokens: 0 };
    for (words, play) in TASKS {
        let mut task = player.task();
        play(&mut task);
        let cost = task.cost();
        push(cost, words);
        all = Cost { calls: all.calls + cost.calls, tokens: all.tokens + cost.tokens };
    }
    push(all, &format!("all, of {CALLS} calls and {TOKENS} tokens at the most"));
    println!("{table}");
    assert!(all.calls <= CALLS && all.tokens <= TOKENS, "{table}");
}

/// Bitbucket lists the pull requests of a whole workspace by their author alone: who is asked for a review is looked for in
/// each repository, which is Postern's to do.
#[test]
fn what_waits_for_me_in_27_repositories_is_found_in_1_call_and_250_tokens() {
    let player = Player::new(Person::new("developer", instance()), "read write");
    let mut task = player.task();
    let found = task.call("bitbucket_list_pull_requests", json!({ "workspace": "acme", "who": "reviewer_me" }));
    let rows: Vec<_> = found.lines().filter(|line| line.contains('\t')).skip(1).collect();
    let [row] = rows.as_slice() else { panic!("{found}") };
    assert!(row.contains("2\tRegenerate the reference and the price tables\t"), "{found}");
    assert!(
        found.lines().next().is_some_and(|first| first.ends_with("no more.") || first.contains(", no more. ")),
        "{found}"
    );
    let Cost { calls, tokens } = task.cost();
    println!("{calls:>6} {tokens:>7}  Which pull requests of all repositories wait for my review?");
    assert!(calls == 1 && tokens <= 250, "{calls} calls, {tokens} tokens");
}
