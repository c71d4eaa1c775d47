//! What a call needs so that a sample of an answer lets it go on.

use serde_json::{Map, Value, json};

/// An argument with another value than its example.
pub struct Instead {
    /// Of this operation; of all where empty.
    operation: &'static str,
    argument: &'static str,
    /// `None` leaves it out.
    value: Option<&'static str>,
    /// Whether it is put where the call does not have it.
    always: bool,
}

const fn instead(operation: &'static str, argument: &'static str, value: &'static str) -> Instead {
    Instead { operation, argument, value: Some(value), always: false }
}

const fn always(operation: &'static str, argument: &'static str, value: &'static str) -> Instead {
    Instead { operation, argument, value: Some(value), always: true }
}

const fn left_out(operation: &'static str, argument: &'static str) -> Instead {
    Instead { operation, argument, value: None, always: false }
}

/// The commit of each sample, which calls at a commit must name.
const HEAD: &str = "7f71b5d5c1d2";
const PASSAGE: &str = "A sample of a page.";

const ARGUMENTS: [Instead; 10] = [
    // The sample of a pipeline has one step.
    instead("", "step", "1"),
    instead("bitbucket_merge_pull_request", "commit", HEAD),
    instead("bitbucket_review", "commit", HEAD),
    instead("", "passage", PASSAGE),
    always("confluence_edit_page", "find", PASSAGE),
    always("confluence_edit_page", "text", "Another text."),
    left_out("confluence_edit_page", "section"),
    left_out("confluence_edit_page", "change"),
    // The sample of a file has one line.
    instead("bitbucket_get_file", "lines", "1"),
    // Bitbucket lists those of a whole workspace by their author alone.
    always("bitbucket_list_pull_requests", "repository", "backend"),
];

/// The arguments of a call, with those that fit the samples.
pub fn fitting(operation: &str, arguments: &Map<String, Value>) -> Map<String, Value> {
    let mut arguments = arguments.clone();
    for instead in &ARGUMENTS {
        let is_meant = instead.operation.is_empty() || instead.operation == operation;
        if !is_meant || !(instead.always || arguments.contains_key(instead.argument)) {
            continue;
        }
        match instead.value {
            Some(value) => drop(arguments.insert(instead.argument.to_owned(), value.into())),
            None => drop(arguments.remove(instead.argument)),
        }
    }
    arguments
}

/// What a look-up before the call's own request is answered, where the sample would end the call.
pub fn before(operation: &str, arguments: &Map<String, Value>) -> Option<(&'static str, Value)> {
    match operation {
        // None is open from the same branch.
        "bitbucket_create_pull_request" => {
            Some(("/2.0/repositories/acme/backend/pullrequests", json!({ "values": [], "size": 0 })))
        }
        "bitbucket_add_pull_request_comment" | "bitbucket_stage_pull_request_comment"
            if arguments.contains_key("line") =>
        {
            let added = "+a line\n".repeat(20);
            let diff = format!(
                "diff --git a/src/orders.rs b/src/orders.rs\n--- a/src/orders.rs\n+++ b/src/orders.rs\n@@ -0,0 +1,20 @@\n{added}"
            );
            Some(("/2.0/repositories/acme/backend/pullrequests/7/diff", diff.into()))
        }
        _ => None,
    }
}
