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
        series::{Offer, Series},
    },
    identifiers::{ClientId, Subject, UserId},
    identity::browser,
};

/// With a merge that a client of that person wants to make.
fn asked_by(requester: &str, approvers: u8) -> (Context, Entry) {
    asked(requester, approvers, None)
}

/// With one beside which approvers may let through what is like it, for at most an hour.
fn offered_to(approvers: u8) -> (Context, Entry) {
    asked("dana", approvers, Some(Offer { resource: "acme/<b>backend</b>".to_owned(), longest_minutes: 60 }))
}

fn asked(requester: &str, approvers: u8, offer: Option<Offer>) -> (Context, Entry) {
    let context = context_with_approvers();
    register_client(&context);
    let subject = Subject::Person(UserId::new(requester));
    let call = ApprovableCall { subject, client: ClientId::new("client"), digest: "digest".into() };
    let rule = ApprovalRule {
        name: "protected".into(),
        sentence: "Merges <b> are looked at.".into(),
        approvers,
        fresh_sign_in_minutes: None,
        longest_minutes: offer.as_ref().map(|offer| offer.longest_minutes),
    };
    let series = offer.as_ref().map(|_| Series::offered("merges".to_owned()));
    let contents = Contents {
        sentence: rule.sentence.clone(),
        arguments: vec![("pull_request".into(), "7".into())],
        preview: Some("a diff <script>".into()),
        fresh_sign_in_minutes: rule.fresh_sign_in_minutes,
        offer,
        call: None,
        read_before: vec!["public/site#3 <b>, Bitbucket".into()],
    };
    let asked = Asked {
        approval: Approval::asked(call, Some("1a2b3c".into()), approvers, context.platform.clock.now())
            .offering(series.unwrap_or_default()),
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

/// For how many minutes what is like the call is let through, if it is.
fn series(context: &Context) -> Option<u32> {
    block_on(record::in_series(context, Some("merges"))).unwrap().first().map(|entry| entry.approval.series.minutes)
}

/// Approves a call, and calls like it.
fn approve_like(context: &Context, person: &str, entry: &Entry, minutes: u32) -> Shown {
    let fields = format!("approval={}&decision=approve_like&minutes={minutes}", entry.id);
    submit(context, person, &format!("/approvals/{}", entry.id), "/approvals/decide", &fields)
}

fn end(context: &Context, person: &str, entry: &Entry) -> Shown {
    submit(context, person, "/approvals", "/approvals/end", &format!("approval={}", entry.id))
}

#[test]
fn an_approver_lets_calls_like_it_through_for_no_longer_than_the_rule_says_and_any_approver_or_administrator_ends_it() {
    for ends in ["bob", "carol", "ada"] {
        let (context, entry) = offered_to(1);
        let shown = page(&context, "bob", &entry).html;
        let warning = "Each of those calls has arguments, and is of a state, that you have not seen.";
        assert!(shown.contains(warning) && shown.contains("acme/&lt;b&gt;backend"), "{shown}");
        assert_eq!(approve_like(&context, "bob", &entry, 5000).status, 303);
        assert_eq!(series(&context), Some(60));
        assert!(page(&context, "dana", &entry).html.contains("Calls like it until"));
        assert!(!open(&context, Some("dana"), "/approvals").html.contains("End it now"));
        assert!(open(&context, Some(ends), "/approvals").html.contains("End it now"));
        assert_eq!(end(&context, ends, &entry).status, 303);
        assert_eq!(series(&context), None);
    }
}

#[test]
fn whoever_is_neither_approver_nor_administrator_ends_nothing_even_with_a_form() {
    let (context, entry) = offered_to(1);
    approve_like(&context, "bob", &entry, 30);
    let browser = block_on(browser::current(&context, &signed_in("dana"))).unwrap().unwrap();
    let token = browser.form_token(&context.settings, "/approvals/end");
    let body = format!("form_token={token}&approval={}", entry.id);
    assert_eq!(post(&context, Some("dana"), "/approvals/end", &body).status, 403);
    assert_eq!(series(&context), Some(30));
}

#[test]
fn both_approvers_have_to_let_calls_like_it_through_where_two_have_to_approve() {
    let (context, entry) = offered_to(2);
    approve_like(&context, "bob", &entry, 30);
    assert_eq!(series(&context), None);
    let shown = page(&context, "carol", &entry).html;
    assert!(
        shown.contains("for 30 minutes, once another approver agrees") && shown.contains("Approve calls like it"),
        "{shown}"
    );
    approve_like(&context, "carol", &entry, 30);
    assert_eq!(series(&context), Some(30));

    let (context, entry) = offered_to(2);
    decide(&context, "bob", &entry, "approve", "");
    assert!(!page(&context, "carol", &entry).html.contains("Approve calls like it"));
    approve_like(&context, "carol", &entry, 30);
    assert_eq!((state(&context, &entry), series(&context)), (State::Approved, None));
}

#[test]
fn a_form_for_calls_like_it_approves_one_where_the_rule_offers_no_more() {
    let (context, entry) = asked_by("dana", 1);
    assert!(!page(&context, "bob", &entry).html.contains("Approve calls like it"));
    approve_like(&context, "bob", &entry, 30);
    assert_eq!(state(&context, &entry), State::Approved);
    assert_eq!(block_on(record::in_series(&context, None)).unwrap(), []);
}
