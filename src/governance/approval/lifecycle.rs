//! The life of an approval, from the call that it is asked for to the one call that it lets through: pending → approved |
//! denied | withdrawn, approved → used | drifted, used → done | failed, and each ends by itself. Beside that it may begin a series. Pure:
//! whoever keeps an approval replaces it by the next one only where it still is what was decided on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::series::Series;
use crate::{
    identifiers::{ClientId, Subject, UserId},
    platform::clock::Timestamp,
};

/// How long approvers have for their decision.
pub const PENDING_FOR: Duration = Duration::from_hours(24);

/// How long an approved call may be made.
pub const APPROVED_FOR: Duration = Duration::from_hours(1);

/// How long a denial is the answer to the same call. After that it may be asked for anew.
pub const DENIED_FOR: Duration = Duration::from_hours(1);

/// How long the same call is taken for a retry of the one that was made.
pub const USED_FOR: Duration = Duration::from_mins(15);

/// The state of an approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Approvers have not decided yet.
    Pending,
    /// The call may be made, once.
    Approved,
    Denied,
    /// The call was let through, and nothing says yet how it ended. After a crash nothing ever does.
    Used,
    /// The call was let through, and its provider answered that it was done.
    Done,
    /// The call was let through, and changed nothing.
    Failed,
    /// What the call is bound to had moved when the call was to be made.
    Drifted,
    /// Whoever asked for it does not want it any more.
    Withdrawn,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Denied => "denied",
            Self::Used => "used",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Drifted => "drifted",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// The one call that an approval is of. A call of other arguments, by another client or of a tool that was defined anew is
/// another call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovableCall {
    pub subject: Subject,
    pub client: ClientId,
    /// Of the tool with its definition, and of the arguments with their site.
    pub digest: String,
}

/// An approval, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    pub call: ApprovableCall,
    /// What the call is bound to beside its arguments, as it was when the approval was asked for: the head commit of a pull
    /// request. `None` where the arguments say it all.
    pub observed: Option<String>,
    /// How many people have to approve.
    pub approvers: u8,
    pub state: State,
    /// Who has approved so far.
    pub approved_by: Vec<UserId>,
    /// When the state ends by itself.
    pub ends_at: Timestamp,
    /// What is let through beside the call.
    pub series: Series,
}

/// What a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Approve,
    Deny,
}

/// Why a person cannot decide on a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CannotDecide {
    /// Nobody decides on their own call.
    OwnCall,
    NotAnApprover,
    /// They have approved it already, and another person has to.
    ApprovedAlready,
    /// It is decided, or its time is over.
    NotPending,
}

/// What becomes of a call that needs approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnCall {
    /// There is no approval of it: one is asked for.
    Ask,
    Wait,
    /// It may be made if what it is bound to has not moved.
    Compare,
    Denied,
    /// It was made already.
    Done,
    /// It was let through, and nobody knows how it ended.
    Unknown,
}

/// What becomes of an approved call, now that it is known what it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnUse {
    /// It is made once the approval was replaced by this one.
    Use(Approval),
    /// It is not made: the approval is replaced by this one, and another is asked for.
    Drifted(Approval),
    /// It cannot be used any more.
    NotApproved,
}

impl Approval {
    /// One that is asked for now.
    pub fn asked(call: ApprovableCall, observed: Option<String>, approvers: u8, now: Timestamp) -> Self {
        let (state, ends_at) = (State::Pending, now + PENDING_FOR);
        let (approvers, approved_by, series) = (approvers.max(1), Vec::new(), Series::default());
        Self { call, observed, approvers, state, approved_by, ends_at, series }
    }

    /// The same, where approvers may let through what is like it.
    #[must_use]
    pub fn offering(self, series: Series) -> Self {
        Self { series, ..self }
    }

    pub fn is_over(&self, now: Timestamp) -> bool {
        now >= self.ends_at
    }

    /// Whether approvers can decide on it.
    pub fn is_pending(&self, now: Timestamp) -> bool {
        self.state == State::Pending && !self.is_over(now)
    }

    /// Whether that person can decide on it.
    ///
    /// # Errors
    /// Why they cannot.
    pub fn check(&self, by: &UserId, is_approver: bool, now: Timestamp) -> Result<(), CannotDecide> {
        if self.call.subject.person() == Some(by) {
            return Err(CannotDecide::OwnCall);
        }
        if !is_approver {
            return Err(CannotDecide::NotAnApprover);
        }
        if !self.is_pending(now) {
            return Err(CannotDecide::NotPending);
        }
        if self.approved_by.contains(by) {
            return Err(CannotDecide::ApprovedAlready);
        }
        Ok(())
    }

    /// The approval after a person's decision. One denial is enough; of approvals there must be as many as the rule asks for.
    ///
    /// # Errors
    /// Why that person cannot decide.
    pub fn decide(&self, by: &UserId, is_approver: bool, choice: Choice, now: Timestamp) -> Result<Self, CannotDecide> {
        self.check(by, is_approver, now)?;
        if choice == Choice::Deny {
            return Ok(Self { state: State::Denied, ends_at: now + DENIED_FOR, ..self.clone() });
        }
        let mut next = Self { series: Series::default(), ..self.clone() };
        next.approved_by.push(by.clone());
        if next.approved_by.len() >= usize::from(self.approvers) {
            next.state = State::Approved;
            next.ends_at = now + APPROVED_FOR;
        }
        Ok(next)
    }

    /// The approval after a person approved the call and whatever is like it, for so long.
    ///
    /// # Errors
    /// Why that person cannot decide.
    pub fn approve_series(
        &self,
        by: &UserId,
        is_approver: bool,
        minutes: u32,
        now: Timestamp,
    ) -> Result<Self, CannotDecide> {
        let next = self.decide(by, is_approver, Choice::Approve, now)?;
        let series = self.series.clone().agreed(minutes);
        Ok(Self { series: if next.state == State::Approved { series.begun(now) } else { series }, ..next })
    }

    /// The approval once whoever asked for it takes that back; `None` where somebody has decided, or its time is over.
    pub fn withdrawn(&self, now: Timestamp) -> Option<Self> {
        self.is_pending(now).then(|| Self { state: State::Withdrawn, ends_at: now, ..self.clone() })
    }

    /// Decides on the use for a call whose bound state is `observed` now.
    pub fn on_use(&self, observed: Option<&str>, now: Timestamp) -> OnUse {
        if self.state != State::Approved || self.is_over(now) {
            return OnUse::NotApproved;
        }
        if self.observed.as_deref() != observed {
            return OnUse::Drifted(Self { state: State::Drifted, ends_at: now, ..self.clone() });
        }
        OnUse::Use(Self { state: State::Used, ends_at: now + USED_FOR, ..self.clone() })
    }

    /// The approval once somebody ended what it lets through beside its call; `None` where it lets nothing through.
    pub fn series_ended(&self, now: Timestamp) -> Option<Self> {
        self.series.is_in_force(now).then(|| Self { series: Series::default(), ..self.clone() })
    }

    /// The approval once it is known how its call ended; `None` where it let none through.
    pub fn ended(&self, is_done: bool) -> Option<Self> {
        let state = if is_done { State::Done } else { State::Failed };
        (self.state == State::Used).then(|| Self { state, ..self.clone() })
    }
}

/// Decides on a call that needs approval, by the latest approval of it.
pub fn on_call(latest: Option<&Approval>, now: Timestamp) -> OnCall {
    match latest.filter(|approval| !approval.is_over(now)).map(|approval| approval.state) {
        None | Some(State::Drifted | State::Failed | State::Withdrawn) => OnCall::Ask,
        Some(State::Pending) => OnCall::Wait,
        Some(State::Approved) => OnCall::Compare,
        Some(State::Denied) => OnCall::Denied,
        Some(State::Used) => OnCall::Unknown,
        Some(State::Done) => OnCall::Done,
    }
}

#[cfg(test)]
mod tests;
