//! The life of an access request: pending → granted | denied, granted → ended, and each ends by itself. Pure: whoever keeps a
//! request replaces it by the next one only where it still is what was decided on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    governance::{
        access_policy::RequestableAccess,
        approval::lifecycle::{CannotDecide, Choice},
    },
    identifiers::UserId,
    platform::clock::Timestamp,
};

/// How long approvers have for their decision.
pub const PENDING_FOR: Duration = Duration::from_hours(24);

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Approvers have not decided yet.
    Pending,
    /// The person has the access until the request's end.
    Granted,
    Denied,
    /// It was withdrawn, or the access was taken back before its time.
    Ended,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Granted => "granted",
            Self::Denied => "denied",
            Self::Ended => "ended",
        }
    }
}

/// A request, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessRequest {
    pub person: UserId,
    pub access: RequestableAccess,
    /// For how long the access is asked.
    pub minutes: u32,
    pub state: State,
    /// Who granted, denied or ended it; `None` where nobody has yet, or nobody had to.
    pub decided_by: Option<UserId>,
    /// When the state ends by itself.
    pub ends_at: Timestamp,
}

/// Why somebody cannot end a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotEnd {
    /// It is another person's.
    NotTheirs,
    /// It is over.
    Over,
}

impl AccessRequest {
    /// One that is made now: pending where an approver has to say yes, else granted.
    pub fn new(person: UserId, access: RequestableAccess, minutes: u32, needs_approver: bool, now: Timestamp) -> Self {
        let state = if needs_approver { State::Pending } else { State::Granted };
        let lasts = if needs_approver { PENDING_FOR } else { of_minutes(minutes) };
        Self { person, access, minutes, state, decided_by: None, ends_at: now + lasts }
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at || matches!(self.state, State::Denied | State::Ended)
    }

    /// Whether the person has the access.
    #[cfg(test)]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.state == State::Granted && !self.is_over(now)
    }

    /// Whether that person can decide on it.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn check(&self, by: &UserId, is_approver: bool, now: Timestamp) -> Result<(), CannotDecide> {
        if self.person == *by {
            return Err(CannotDecide::OwnCall);
        }
        if !is_approver {
            return Err(CannotDecide::NotAnApprover);
        }
        if self.state != State::Pending || self.is_over(now) {
            return Err(CannotDecide::NotPending);
        }
        Ok(())
    }

    /// The request after an approver's decision: the minutes are counted from now.
    ///
    /// # Errors
    /// Why that person cannot decide.
    pub fn decide(&self, by: &UserId, is_approver: bool, choice: Choice, now: Timestamp) -> Result<Self, CannotDecide> {
        self.check(by, is_approver, now)?;
        let (state, ends_at) = match choice {
            Choice::Approve => (State::Granted, now + of_minutes(self.minutes)),
            Choice::Deny => (State::Denied, now),
        };
        Ok(Self { state, ends_at, decided_by: Some(by.clone()), ..self.clone() })
    }

    /// The request once its person or an administrator has ended it.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn end(&self, by: &UserId, is_administrator: bool, now: Timestamp) -> Result<Self, CannotEnd> {
        if self.person != *by && !is_administrator {
            return Err(CannotEnd::NotTheirs);
        }
        if self.is_over(now) {
            return Err(CannotEnd::Over);
        }
        Ok(Self { state: State::Ended, ends_at: now, decided_by: Some(by.clone()), ..self.clone() })
    }
}

fn of_minutes(minutes: u32) -> Duration {
    Duration::from_secs(u64::from(minutes) * 60)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);
    const PEOPLE: [&str; 4] = ["dana", "bob", "carol", "ada"];

    fn user(name: &str) -> UserId {
        UserId::new(name)
    }

    fn request(needs_approver: bool) -> AccessRequest {
        AccessRequest::new(user("dana"), RequestableAccess::Profile("deploy".into()), 60, needs_approver, NOW)
    }

    #[test]
    fn access_that_needs_no_approver_is_in_force_at_once_and_ends_by_itself() {
        let request = request(false);
        assert!(request.is_in_force(NOW) && !request.is_in_force(NOW + Duration::from_mins(60)));
    }

    #[test]
    fn access_that_needs_an_approver_is_in_force_from_their_yes_for_its_minutes() {
        let pending = request(true);
        assert!(!pending.is_in_force(NOW));
        let later = NOW + Duration::from_hours(3);
        let granted = pending.decide(&user("bob"), true, Choice::Approve, later).unwrap();
        assert!(granted.is_in_force(later) && !granted.is_in_force(later + Duration::from_mins(60)));
    }

    #[test]
    fn nobody_decides_on_their_own_request_whatever_their_role() {
        for choice in [Choice::Approve, Choice::Deny] {
            assert_eq!(request(true).decide(&user("dana"), true, choice, NOW), Err(CannotDecide::OwnCall));
        }
    }

    #[test]
    fn only_an_approver_decides_and_only_in_time() {
        let decide = |by, is_approver, now| request(true).decide(&user(by), is_approver, Choice::Approve, now);
        assert_eq!(decide("bob", false, NOW), Err(CannotDecide::NotAnApprover));
        assert_eq!(decide("bob", true, NOW + PENDING_FOR), Err(CannotDecide::NotPending));
    }

    #[test]
    fn its_person_and_administrators_end_it_and_nobody_else_does() {
        let granted = request(false);
        assert_eq!(granted.end(&user("bob"), false, NOW), Err(CannotEnd::NotTheirs));
        for (by, is_administrator) in [("dana", false), ("ada", true)] {
            let ended = granted.end(&user(by), is_administrator, NOW).unwrap();
            assert!(!ended.is_in_force(NOW) && ended.end(&user(by), is_administrator, NOW) == Err(CannotEnd::Over));
        }
    }

    #[derive(Debug, Clone)]
    enum Step {
        Decide { by: usize, is_approver: bool, choice: Choice },
        End { by: usize, is_administrator: bool },
        Wait(u64),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        let choice = prop_oneof![3 => Just(Choice::Approve), 1 => Just(Choice::Deny)];
        prop_oneof![
            3 => (0..PEOPLE.len(), any::<bool>(), choice)
                .prop_map(|(by, is_approver, choice)| Step::Decide { by, is_approver, choice }),
            2 => (0..PEOPLE.len(), any::<bool>())
                .prop_map(|(by, is_administrator)| Step::End { by, is_administrator }),
            2 => (0..2000_u64).prop_map(Step::Wait),
        ]
    }

    proptest! {
        #[test]
        fn access_is_in_force_only_on_anothers_word_never_longer_than_asked_and_never_again_once_it_ended(
            steps in prop::collection::vec(any_step(), 0..20)
        ) {
            let (mut request, mut now) = (request(true), NOW);
            let (mut granted_at, mut was_over) = (None, false);
            for step in steps {
                let next = match step {
                    Step::Decide { by, is_approver, choice } => {
                        let next = request.decide(&user(PEOPLE[by]), is_approver, choice, now).ok();
                        if let Some(next) = &next {
                            prop_assert!(is_approver && PEOPLE[by] != "dana");
                            granted_at = next.is_in_force(now).then_some(now);
                        }
                        next
                    }
                    Step::End { by, is_administrator } => {
                        let next = request.end(&user(PEOPLE[by]), is_administrator, now).ok();
                        prop_assert!(next.is_none() || is_administrator || PEOPLE[by] == "dana");
                        next
                    }
                    Step::Wait(minutes) => {
                        now = now + Duration::from_mins(minutes);
                        None
                    }
                };
                request = next.unwrap_or(request);
                let longest = Duration::from_mins(u64::from(request.minutes));
                let is_in_force = request.is_in_force(now);
                prop_assert!(!is_in_force || granted_at.is_some_and(|at| now.since(at) < longest));
                prop_assert!(!(was_over && is_in_force));
                was_over |= request.is_over(now);
            }
        }
    }
}
