use proptest::prelude::*;

use super::*;

const NOW: Timestamp = Timestamp(1_000_000);

fn user(name: &str) -> UserId {
    UserId::new(name)
}

fn call(arguments: usize) -> ApprovableCall {
    let (subject, client) = (Subject::Person(user("requester")), ClientId::new("editor"));
    ApprovableCall { subject, client, digest: format!("arguments {arguments}") }
}

fn asked(approvers: u8) -> Approval {
    Approval::asked(call(0), Some("head 0".to_owned()), approvers, NOW)
}

fn approved_by(approval: &Approval, name: &str) -> Result<Approval, CannotDecide> {
    approval.decide(&user(name), true, Choice::Approve, NOW)
}

#[test]
fn nobody_decides_on_their_own_call() {
    for choice in [Choice::Approve, Choice::Deny] {
        assert_eq!(asked(1).decide(&user("requester"), true, choice, NOW), Err(CannotDecide::OwnCall));
    }
}

#[test]
fn only_an_approver_decides() {
    assert_eq!(asked(1).decide(&user("bob"), false, Choice::Approve, NOW), Err(CannotDecide::NotAnApprover));
}

#[test]
fn where_two_approvers_are_needed_one_person_does_not_count_twice() {
    let once = approved_by(&asked(2), "bob").unwrap();
    assert_eq!(once.state, State::Pending);
    assert_eq!(approved_by(&once, "bob"), Err(CannotDecide::ApprovedAlready));
    assert_eq!(approved_by(&once, "carol").unwrap().state, State::Approved);
}

#[test]
fn a_denial_by_one_person_is_enough_even_after_an_approval() {
    let once = approved_by(&asked(2), "bob").unwrap();
    let denied = once.decide(&user("carol"), true, Choice::Deny, NOW).unwrap();
    assert_eq!((denied.state, on_call(Some(&denied), NOW)), (State::Denied, OnCall::Denied));
}

#[test]
fn what_was_decided_or_is_over_is_not_decided_again() {
    let approved = approved_by(&asked(1), "bob").unwrap();
    assert_eq!(approved_by(&approved, "carol"), Err(CannotDecide::NotPending));
    let late = asked(1).decide(&user("bob"), true, Choice::Approve, NOW + PENDING_FOR);
    assert_eq!(late, Err(CannotDecide::NotPending));
}

#[test]
fn an_approval_is_good_for_an_hour() {
    let approved = approved_by(&asked(1), "bob").unwrap();
    let last = NOW + APPROVED_FOR - Duration::from_millis(1);
    assert!(matches!(approved.on_use(Some("head 0"), last), OnUse::Use(_)));
    assert_eq!(approved.on_use(Some("head 0"), NOW + APPROVED_FOR), OnUse::NotApproved);
    assert_eq!(on_call(Some(&approved), NOW + APPROVED_FOR), OnCall::Ask);
}

#[test]
fn a_call_whose_bound_state_has_moved_or_is_gone_is_not_made_and_is_asked_for_anew() {
    let approved = approved_by(&asked(1), "bob").unwrap();
    for observed in [Some("head 1"), None] {
        let OnUse::Drifted(drifted) = approved.on_use(observed, NOW) else { panic!("not drifted: {observed:?}") };
        assert_eq!(on_call(Some(&drifted), NOW), OnCall::Ask);
    }
}

#[test]
fn the_same_call_after_its_use_is_taken_for_a_retry_for_a_while_and_its_outcome_is_told_where_it_is_known() {
    let approved = approved_by(&asked(1), "bob").unwrap();
    let OnUse::Use(used) = approved.on_use(Some("head 0"), NOW) else { panic!("not used") };
    assert_eq!(on_call(Some(&used), NOW), OnCall::Unknown);
    assert_eq!(used.on_use(Some("head 0"), NOW), OnUse::NotApproved);
    assert_eq!(on_call(Some(&used), NOW + USED_FOR), OnCall::Ask);
    let done = used.ended(true).unwrap();
    assert_eq!(on_call(Some(&done), NOW), OnCall::Done);
    assert_eq!(on_call(Some(&done), NOW + USED_FOR), OnCall::Ask);
}

#[test]
fn a_call_that_changed_nothing_is_asked_for_anew() {
    let approved = approved_by(&asked(1), "bob").unwrap();
    assert_eq!(approved.ended(false), None, "it was not let through");
    let OnUse::Use(used) = approved.on_use(Some("head 0"), NOW) else { panic!("not used") };
    assert_eq!(on_call(used.ended(false).as_ref(), NOW), OnCall::Ask);
}

#[derive(Debug, Clone)]
enum Step {
    /// A device makes the call with these arguments: it asks, waits, or goes on to use the approval.
    Call {
        device: usize,
        arguments: usize,
    },
    /// The device that had read an approval and the state goes on: it replaces the approval, sends, and notes the outcome.
    Use {
        device: usize,
    },
    /// As `Use`, and it crashes before it sends, or before it notes the outcome.
    UseAndCrash {
        device: usize,
        is_sent: bool,
    },
    Decide {
        by: usize,
        arguments: usize,
        choice: Choice,
    },
    /// What the calls are bound to moves.
    Drift,
    Wait(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let (device, arguments) = (0..2_usize, 0..2_usize);
    let choice = prop_oneof![5 => Just(Choice::Approve), 1 => Just(Choice::Deny)];
    prop_oneof![
        4 => (device.clone(), arguments.clone()).prop_map(|(device, arguments)| Step::Call { device, arguments }),
        4 => device.clone().prop_map(|device| Step::Use { device }),
        1 => (device, any::<bool>()).prop_map(|(device, is_sent)| Step::UseAndCrash { device, is_sent }),
        6 => (0..PEOPLE.len(), arguments, choice)
            .prop_map(|(by, arguments, choice)| Step::Decide { by, arguments, choice }),
        1 => Just(Step::Drift),
        1 => prop_oneof![Just(60), Just(1_800), Just(7_200)].prop_map(Step::Wait),
    ]
}

/// Who presses the buttons: the requester too, and somebody who is no approver.
const PEOPLE: [(&str, bool); 4] = [("bob", true), ("carol", true), ("requester", true), ("dana", false)];

/// An approval on record, and what the test knows of it by itself.
#[derive(Debug, Clone)]
struct Row {
    approval: Approval,
    arguments: usize,
    /// The state that the approvers were shown.
    shown: usize,
    /// Who pressed `approve` while it was pending.
    approvers: Vec<usize>,
    is_denied: bool,
    uses: usize,
    sends: usize,
    /// Whether what became of a use was lost.
    is_unknown: bool,
}

/// What a device holds between its look and its use.
#[derive(Debug, Clone)]
struct Held {
    row: usize,
    read: Approval,
    observed: usize,
}

proptest! {
    #[test]
    fn a_call_is_sent_at_most_once_for_an_approval_of_that_call_and_state_by_as_many_others_as_are_needed(
        approvers in 1..=2_u8,
        steps in prop::collection::vec(any_step(), 1..80),
    ) {
        let (mut now, mut state) = (NOW, 0_usize);
        let mut rows: Vec<Row> = Vec::new();
        let mut held: [Option<Held>; 2] = [None, None];
        let head = |state: usize| format!("head {state}");
        for step in steps {
            match step {
                Step::Wait(seconds) => now = now + Duration::from_secs(seconds),
                Step::Drift => state += 1,
                Step::Call { device, arguments } => {
                    let latest = rows.iter().rposition(|row| row.arguments == arguments);
                    let on_call = on_call(latest.map(|at| &rows[at].approval), now);
                    let live = latest.map(|at| &rows[at]).filter(|row| !row.approval.is_over(now));
                    prop_assert_eq!(on_call == OnCall::Unknown, live.is_some_and(|row| row.is_unknown));
                    match on_call {
                        OnCall::Ask => {
                            let approval = Approval::asked(call(arguments), Some(head(state)), approvers, now);
                            let (shown, approvers) = (state, Vec::new());
                            rows.push(Row { approval, arguments, shown, approvers, is_denied: false, uses: 0, sends: 0, is_unknown: false });
                        }
                        OnCall::Compare => {
                            let row = latest.unwrap();
                            held[device] = Some(Held { row, read: rows[row].approval.clone(), observed: state });
                        }
                        OnCall::Wait | OnCall::Denied | OnCall::Done | OnCall::Unknown => {}
                    }
                }
                Step::Decide { by, arguments, choice } => {
                    let Some(row) = rows.iter_mut().rev().find(|row| row.arguments == arguments) else { continue };
                    let (name, is_approver) = PEOPLE[by];
                    let was_pending = row.approval.is_pending(now);
                    if let Ok(next) = row.approval.decide(&user(name), is_approver, choice, now) {
                        prop_assert!(was_pending && is_approver && name != "requester");
                        match choice {
                            Choice::Approve => row.approvers.push(by),
                            Choice::Deny => row.is_denied = true,
                        }
                        row.approval = next;
                    }
                }
                Step::Use { device } | Step::UseAndCrash { device, .. } => {
                    let Some(Held { row, read, observed }) = held[device].take() else { continue };
                    let row = &mut rows[row];
                    let (next, sends) = match read.on_use(Some(&head(observed)), now) {
                        OnUse::Use(next) => (next, true),
                        OnUse::Drifted(next) => (next, false),
                        OnUse::NotApproved => continue,
                    };
                    // Of two who have read the same, one replaces it.
                    if row.approval != read {
                        continue;
                    }
                    row.approval = next;
                    if sends {
                        row.uses += 1;
                        prop_assert_eq!(observed, row.shown, "another state than the approvers saw");
                        row.sends += usize::from(matches!(step, Step::Use { .. } | Step::UseAndCrash { is_sent: true, .. }));
                        row.is_unknown = matches!(step, Step::UseAndCrash { .. });
                        if !row.is_unknown {
                            row.approval = row.approval.ended(true).expect("it was used");
                        }
                    }
                }
            }
            for row in &rows {
                prop_assert!(row.uses <= 1 && row.sends <= row.uses);
                let mut people = row.approvers.clone();
                people.sort_unstable();
                people.dedup();
                prop_assert!(row.uses == 0 || people.len() >= usize::from(approvers) && !row.is_denied);
                prop_assert!(row.uses == 0 || people.iter().all(|by| PEOPLE[*by].1 && PEOPLE[*by].0 != "requester"));
                prop_assert_eq!(&row.approval.call, &call(row.arguments));
            }
        }
    }
}
