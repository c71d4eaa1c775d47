use proptest::prelude::*;

use super::*;
use crate::{
    governance::approval::lifecycle::{ApprovableCall, Approval, Choice, State},
    identifiers::{ClientId, Subject, UserId},
};

const NOW: Timestamp = Timestamp(1_000_000);
const HALF_AN_HOUR: Duration = Duration::from_mins(30);

fn user(name: &str) -> UserId {
    UserId::new(name)
}

fn asked(approvers: u8) -> Approval {
    let (subject, client) = (Subject::Person(user("requester")), ClientId::new("editor"));
    let call = ApprovableCall { subject, client, digest: "a comment".to_owned() };
    Approval::asked(call, None, approvers, NOW).offering(Series::offered("comments".to_owned()))
}

fn agreed(approval: &Approval, by: &str, minutes: u32) -> Approval {
    approval.approve_series(&user(by), true, minutes, NOW).expect("a decision")
}

#[test]
fn it_begins_once_as_many_have_agreed_to_it_as_the_rule_asks_for_and_is_as_long_as_the_least_of_them_said() {
    let once = agreed(&asked(2), "bob", 30);
    assert!(!once.series.is_in_force(NOW));
    let both = agreed(&once, "carol", 60);
    assert!(both.series.is_in_force(NOW) && !both.series.is_in_force(NOW + HALF_AN_HOUR));
}

#[test]
fn where_one_of_two_approved_the_call_alone_nothing_else_goes_through() {
    let alone = |approval: &Approval, by| approval.decide(&user(by), true, Choice::Approve, NOW).expect("a decision");
    for both in [agreed(&alone(&asked(2), "bob"), "carol", 30), alone(&agreed(&asked(2), "bob", 30), "carol")] {
        assert_eq!((both.state, both.series.is_in_force(NOW)), (State::Approved, false));
    }
}

#[test]
fn nothing_begins_where_nothing_is_offered_or_somebody_denies() {
    let nothing = asked(1).offering(Series::default());
    assert!(!agreed(&nothing, "bob", 30).series.is_in_force(NOW));
    let once = agreed(&asked(2), "bob", 30);
    let denied = once.decide(&user("carol"), true, Choice::Deny, NOW).expect("a decision");
    assert!(!denied.series.is_in_force(NOW));
}

#[test]
fn the_use_and_the_end_of_its_call_leave_it_as_it_is() {
    let approved = agreed(&asked(1), "bob", 30);
    let crate::governance::approval::lifecycle::OnUse::Use(used) = approved.on_use(None, NOW) else {
        panic!("not used")
    };
    let done = used.ended(true).expect("it was used");
    assert_eq!((&used.series, &done.series), (&approved.series, &approved.series));
}

#[derive(Debug, Clone)]
enum Step {
    /// Somebody decides: on the call alone, or on what is like it for so many minutes.
    Approve {
        by: usize,
        minutes: Option<u32>,
    },
    Deny {
        by: usize,
    },
    /// Somebody ends what is let through.
    End,
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let by = 0..PEOPLE.len();
    prop_oneof![
        6 => (by.clone(), prop::option::weighted(0.8, 1..90_u32)).prop_map(|(by, minutes)| Step::Approve { by, minutes }),
        1 => by.prop_map(|by| Step::Deny { by }),
        1 => Just(Step::End),
        3 => (1..2_400_u64).prop_map(Step::Wait),
    ]
}

/// The requester too, and somebody who is no approver.
const PEOPLE: [(&str, bool); 4] = [("bob", true), ("carol", true), ("requester", true), ("dana", false)];

proptest! {
    #[test]
    fn it_lets_through_only_what_enough_others_agreed_to_each_for_that_long_and_nothing_after_its_end(
        approvers in 1..=2_u8,
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let (mut now, mut approval) = (NOW, asked(approvers));
        // What the test knows by itself: who agreed, to how long, when; whether somebody approved the call alone, or ended it.
        let (mut agreed, mut is_closed) = (Vec::<(usize, u32, Timestamp)>::new(), false);
        for step in steps {
            match step {
                Step::Wait(seconds) => now = now + Duration::from_secs(seconds),
                Step::Approve { by, minutes } => {
                    let (name, is_approver) = PEOPLE[by];
                    let next = match minutes {
                        Some(minutes) => approval.approve_series(&user(name), is_approver, minutes, now),
                        None => approval.decide(&user(name), is_approver, Choice::Approve, now),
                    };
                    let Ok(next) = next else { continue };
                    approval = next;
                    match minutes {
                        Some(minutes) => agreed.push((by, minutes, now)),
                        None => is_closed = true,
                    }
                }
                Step::Deny { by } => {
                    let (name, is_approver) = PEOPLE[by];
                    if let Ok(next) = approval.decide(&user(name), is_approver, Choice::Deny, now) {
                        (approval, is_closed) = (next, true);
                    }
                }
                Step::End => {
                    if let Some(next) = approval.series_ended(now) {
                        (approval, is_closed) = (next, true);
                    }
                }
            }
            let enough = agreed.len() >= usize::from(approvers) && agreed.iter().all(|(by, ..)| *by < 2);
            let began = agreed.last().map_or(now, |(.., at)| *at);
            let is_within = agreed.iter().all(|(_, minutes, _)| now.since(began) < Duration::from_mins(u64::from(*minutes)));
            prop_assert_eq!(approval.series.is_in_force(now), enough && is_within && !is_closed);
        }
    }
}
