//! Calls that need approval, as requesters and approvers see them.

use futures_executor::block_on;

use super::register_client;
use crate::{
    console::testing::{Shown, context_with_approvers, open, post, signed_in, submit},
    context::Context,
    governance::approval::{
        ApprovalRule, acts,
        lifecycle::{ApprovableCall, Approval, State},
        record::{self, Asked, Contents, Entry},
    },
    identifiers::{ClientId, Subject, UserId},
    identity::browser,
};

/// With a merge that a client of that person wants to make.
fn asked_by(requester: &str, approvers: u8) -> (Context, Entry) {
    let context = context_with_approvers();
    register_client(&context);
    let subject = Subject::Person(UserId::new(requester));
    let call = ApprovableCall { subject, client: ClientId::new("client"), digest: "digest".into() };
    let rule = ApprovalRule {
        name: "protected".into(),
        sentence: "Merges <b> are looked at.".into(),
        approvers,
        fresh_sign_in_minutes: None,
    };
    let contents = Contents {
        sentence: rule.sentence.clone(),
        arguments: vec![("pull_request".into(), "7".into())],
        preview: Some("a diff <script>".into()),
        fresh_sign_in_minutes: rule.fresh_sign_in_minutes,
        read_before: vec!["public/site#3 <b>, Bitbucket".into()],
    };
    let asked = Asked {
        approval: Approval::asked(call, Some("1a2b3c".into()), approvers, context.platform.clock.now()),
        rule: &rule,
        tool: "bitbucket_merge_pull_request",
        target: "acme/backend#7",
        reason: "",
        contents: &contents,
    };
    let entry = block_on(acts::ask(&context, asked)).unwrap();
    (context, entry)
}

fn page(context: &Context, person: &str, entry: &Entry) -> Shown {
    open(context, Some(person), &format!("/approvals/{}", entry.id))
}

fn decide(context: &Context, person: &str, entry: &Entry, decision: &str, reason: &str) -> Shown {
    let fields = format!("approval={}&decision={decision}&reason={reason}", entry.id);
    submit(context, person, &format!("/approvals/{}", entry.id), "/approvals/decide", &fields)
}

fn state(context: &Context, entry: &Entry) -> State {
    block_on(record::find(context, &entry.id)).unwrap().unwrap().approval.state
}

#[test]
fn an_approver_sees_who_asks_for_what_through_which_client_and_why_it_was_stopped() {
    let (context, entry) = asked_by("dana", 1);
    assert!(open(&context, Some("bob"), "/approvals").html.contains(&entry.id));
    let shown = page(&context, "bob", &entry).html;
    for part in [
        "Merge a Bitbucket pull request",
        "Dana &lt;Developer&gt;",
        "Editor &lt;b&gt;",
        "acme/backend#7",
        "protected",
        "Merges &lt;b&gt; are looked at.",
        "1a2b3c",
        "a diff &lt;script&gt;",
        "Read before, from outside",
        "public/site#3 &lt;b&gt;, Bitbucket",
        "Approve once",
        "once within 60 minutes",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn an_approver_approves_and_the_page_says_so() {
    let (context, entry) = asked_by("dana", 1);
    let answer = decide(&context, "bob", &entry, "approve", "");
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*format!("/approvals/{}", entry.id))));
    assert_eq!(state(&context, &entry), State::Approved);
    let shown = page(&context, "bob", &entry).html;
    assert!(shown.contains("Approved") && shown.contains("1 of 1: Bob Approver") && !shown.contains("Approve once"));
}

#[test]
fn a_denial_needs_a_reason_which_the_requester_sees() {
    let (context, entry) = asked_by("dana", 1);
    assert_eq!(decide(&context, "bob", &entry, "deny", "").status, 400);
    assert_eq!(state(&context, &entry), State::Pending);
    assert_eq!(decide(&context, "bob", &entry, "deny", "not+before+the+freeze").status, 303);
    let shown = page(&context, "dana", &entry).html;
    assert!(shown.contains("Denied") && shown.contains("by Bob Approver: not before the freeze"), "{shown}");
}

#[test]
fn a_requester_sees_their_own_call_without_the_preview_and_without_a_button() {
    let (context, entry) = asked_by("dana", 1);
    assert!(open(&context, Some("dana"), "/approvals").html.contains(&entry.id));
    let shown = page(&context, "dana", &entry).html;
    assert!(shown.contains("This is your own call") && !shown.contains("Approve once") && !shown.contains("a diff"));
}

#[test]
fn an_approver_cannot_decide_on_their_own_call_even_with_a_form() {
    let (context, entry) = asked_by("bob", 1);
    let shown = page(&context, "bob", &entry).html;
    assert!(shown.contains("This is your own call") && !shown.contains("Approve once"));
    // A form's token is for its address, whichever call it is about.
    let browser = block_on(browser::current(&context, &signed_in("bob"))).unwrap().unwrap();
    let token = browser.form_token(&context.settings, "/approvals/decide");
    let body = format!("form_token={token}&approval={}&decision=approve", entry.id);
    let answer = post(&context, Some("bob"), "/approvals/decide", &body);
    assert!(answer.status == 403 && answer.html.contains("This is your own call"));
    assert_eq!(state(&context, &entry), State::Pending);
}

#[test]
fn whoever_is_neither_requester_nor_approver_sees_nothing_of_a_call() {
    let (context, entry) = asked_by("dana", 1);
    let shown = page(&context, "ada", &entry);
    assert!(shown.status == 403 && !shown.html.contains("acme/backend"), "{}", shown.html);
    assert!(!open(&context, Some("ada"), "/approvals").html.contains(&entry.id));
}

#[test]
fn where_two_approvers_are_needed_the_first_is_told_that_another_has_to_look() {
    let (context, entry) = asked_by("dana", 2);
    decide(&context, "bob", &entry, "approve", "");
    assert_eq!(state(&context, &entry), State::Pending);
    let shown = page(&context, "bob", &entry).html;
    assert!(shown.contains("waits for another") && !shown.contains("Approve once"));
    decide(&context, "carol", &entry, "approve", "");
    assert_eq!(state(&context, &entry), State::Approved);
}

#[test]
fn an_approval_of_no_such_call_is_a_page_that_says_so() {
    let (context, _) = asked_by("dana", 1);
    assert_eq!(open(&context, Some("bob"), "/approvals/no-such-call").status, 404);
}
