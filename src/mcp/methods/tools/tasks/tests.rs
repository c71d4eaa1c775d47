use super::*;
use crate::{
    governance::approval::lifecycle::{ApprovableCall, Choice, OnUse},
    identifiers::{ClientId, Subject, UserId},
};

const ASKED: Timestamp = Timestamp(1_000_000);
const HOUR: Duration = Duration::from_hours(1);

fn asked() -> Approval {
    let (subject, client) = (Subject::Person(UserId::new("requester")), ClientId::new("editor"));
    Approval::asked(ApprovableCall { subject, client, digest: String::new() }, Some("head".into()), 1, ASKED)
}

fn decided(choice: Choice, now: Timestamp) -> Approval {
    asked().decide(&UserId::new("bob"), true, choice, now).expect("a decision")
}

/// What comes next of a task so long after that its approval became as it is, an hour after it was asked for.
fn after(approval: &Approval, later: Duration) -> Next {
    next(approval, ASKED, ASKED + HOUR, ASKED + HOUR + later)
}

const AT_ONCE: Duration = Duration::ZERO;

#[test]
fn a_task_waits_until_somebody_decides_and_is_cancelled_where_nobody_does() {
    assert_eq!(next(&asked(), ASKED, ASKED, ASKED), Next::Wait);
    assert_eq!(next(&asked(), ASKED, ASKED, ASKED + PENDING_FOR), Next::Cancel(NOT_DECIDED));
    let withdrawn = asked().withdrawn(ASKED + HOUR).expect("a withdrawal");
    assert_eq!(after(&withdrawn, AT_ONCE), Next::Cancel(WITHDRAWN));
}

#[test]
fn a_task_that_is_approved_is_called_in_its_hour_and_not_asked_for_anew_after_it() {
    let approved = decided(Choice::Approve, ASKED + HOUR);
    assert_eq!(after(&approved, AT_ONCE), Next::Call);
    assert_eq!(after(&approved, APPROVED_FOR), Next::Cancel(NOT_MADE));
    assert_eq!(approved.withdrawn(ASKED + HOUR), None, "somebody has decided");
}

#[test]
fn a_denial_is_told_for_as_long_as_the_task_is_known() {
    let denied = decided(Choice::Deny, ASKED + HOUR);
    assert_eq!([after(&denied, AT_ONCE), after(&denied, HOUR * 20)], [Next::Deny, Next::Deny]);
}

#[test]
fn a_call_that_was_let_through_is_under_way_then_answered_by_its_key_and_never_made_again() {
    let OnUse::Use(used) = decided(Choice::Approve, ASKED + HOUR).on_use(Some("head"), ASKED + HOUR) else {
        panic!("not used")
    };
    assert_eq!(after(&used, AT_ONCE), Next::Work);
    assert_eq!(after(&used, in_flight::LONGEST), Next::Repeat, "its key says how it ended");
    let done = used.ended(true).expect("an end");
    assert_eq!([after(&done, AT_ONCE), after(&done, HOUR * 22)], [Next::Repeat, Next::Repeat]);
    assert_eq!(after(&used.ended(false).expect("an end"), AT_ONCE), Next::Fail);
}

#[test]
fn where_what_a_call_is_bound_to_had_moved_the_task_is_over() {
    let OnUse::Drifted(drifted) = decided(Choice::Approve, ASKED + HOUR).on_use(Some("moved"), ASKED + HOUR) else {
        panic!("not drifted")
    };
    assert_eq!(after(&drifted, AT_ONCE), Next::Refuse);
}

#[test]
fn every_task_is_forgotten_in_the_end() {
    for approval in [asked(), decided(Choice::Approve, ASKED), decided(Choice::Deny, ASKED)] {
        assert_eq!(next(&approval, ASKED, ASKED, ASKED + LIFE + APPROVED_FOR), Next::Forget);
    }
}
