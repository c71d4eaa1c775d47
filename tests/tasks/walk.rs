//! One person and one client, from a pull request that nobody has looked at to a page that is as it was.

use postern_tests::{client::field, person::Person};
use serde_json::{Value, json};

use crate::{of_repository, played::Player, stored};

const PULL_REQUEST: u64 = 8;
const PAGE: &str = "98402";

fn checkout(more: Value) -> Value {
    of_repository("checkout", more)
}

fn of_pull_request(more: Value) -> Value {
    let mut arguments = checkout(more);
    arguments["pull_request"] = PULL_REQUEST.into();
    arguments
}

/// The first line that a diff adds: its file, its number and what it says.
fn first_line_added(text: &str) -> (&str, usize, &str) {
    let path = text.lines().find_map(|line| line.strip_prefix("+++ b/")).expect("a file");
    let (_, hunk) = text.split_once("\n@@ ").expect("a hunk");
    let (_, start) = hunk.split_once('+').expect("where it begins");
    let start: usize = start.split([',', ' ']).next().and_then(|start| start.parse().ok()).expect("a number");
    let kept = hunk.lines().skip(1).filter(|line| !line.starts_with('-'));
    let (place, line) = kept.enumerate().find(|(_, line)| line.starts_with('+')).expect("a line that it adds");
    (path, start + place, line)
}

#[test]
fn a_pull_request_is_read_reviewed_commented_on_and_merged_and_a_section_edited_and_edited_back() {
    let player = Player::new(Person::developer(), "read write admin");
    let mut walk = player.task();
    let person = &player.person;
    let pull_request = || person.bitbucket(&format!("/repositories/acme/checkout/pullrequests/{PULL_REQUEST}")).json();

    let read = walk.call("bitbucket_get_pull_request", of_pull_request(json!({})));
    assert!(read.contains("state: OPEN\n") && read.contains("## diff: whole"), "{read}");
    let head = field(&read, "source").rsplit(' ').next().expect("a commit").to_owned();
    let (path, number, line) = first_line_added(&read);

    let comment = json!({ "text": "Who is asked?", "path": path, "line": number });
    let made = walk.call("bitbucket_add_pull_request_comment", of_pull_request(comment));
    assert!(made.contains(&format!("commented on:\n```\n{line}\n```")), "{made}");
    let of_comment = of_pull_request(
        json!({ "text": "The customer.", "reply_to": field(&made, "comment").parse::<u64>().expect("a number") }),
    );
    walk.call("bitbucket_add_pull_request_comment", of_comment);
    assert_eq!(pull_request()["comment_count"], 2);

    walk.call("bitbucket_review", of_pull_request(json!({ "verdict": "approve", "commit": head })));
    let has_approved = |participant: &Value| {
        participant["user"]["display_name"] == format!("Test user {}", person.username)
            && participant["approved"] == true
    };
    assert!(pull_request()["participants"].as_array().expect("participants").iter().any(has_approved));

    let merged =
        walk.call("bitbucket_merge_pull_request", of_pull_request(json!({ "commit": head, "strategy": "squash" })));
    assert!(merged.contains("state: MERGED"), "{merged}");
    assert_eq!(pull_request()["state"], "MERGED");
    let file = walk.call("bitbucket_get_file", checkout(json!({ "path": path, "ref": "main" })));
    assert!(file.contains(&line[1..]), "{file}");

    let (version, before) = stored(PAGE);
    let read = walk.call("confluence_get_page", json!({ "page": PAGE, "section": "The store is down" }));
    let read: u64 = field(&read, "version").parse().expect("a number");
    let edit = |check: bool| {
        json!({
            "page": PAGE, "version": read, "section": "The store is down", "find": "see the retry policy of Engineering",
            "text": "as the retry policy of Engineering says", "check": check,
        })
    };
    let checked = walk.call("confluence_edit_page", edit(true));
    assert!(checked.contains("-Clients retry by themselves; see the retry policy of Engineering."), "{checked}");
    assert_eq!(stored(PAGE), (version, before.clone()));
    let edited = walk.call("confluence_edit_page", edit(false));
    let after = before.replace("; see the retry policy of Engineering.", "; as the retry policy of Engineering says.");
    assert_eq!(stored(PAGE), (version + 1, after));
    walk.undo(&edited, "postern_write");
    assert_eq!(stored(PAGE), (version + 2, before));
}
