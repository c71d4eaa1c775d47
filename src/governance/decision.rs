//! The one decision on whether a tool may run. Listing and calling both ask it, so they cannot disagree.

use serde::{Deserialize, Serialize};

use crate::{catalog::operation::Provider, identifiers::Subject};

/// What an administrator decided of a tool's definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody has decided on this definition yet: it may not run.
    Pending,
    Approved,
    Disabled,
}

impl State {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Disabled => "disabled",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Approved, Self::Disabled].into_iter().find(|state| state.name() == name)
    }
}

/// Whether a call may run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Allowed,
    Denied(Denial),
}

/// Why a call may not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    ToolPending,
    ToolDisabled,
    /// The tool works in the account of a person, and a service has none.
    NeedsPerson,
    /// An administrator has stopped everybody's access.
    Stopped,
}

impl Denial {
    /// For the audit.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ToolPending => "the tool awaits approval",
            Self::ToolDisabled => "the tool is disabled",
            Self::NeedsPerson => "the tool needs a person, and a service called it",
            Self::Stopped => "an administrator has stopped all access",
        }
    }

    /// For the model: what, why, and who can do something about it.
    pub fn sentence(self, tool: &str) -> String {
        match self {
            Self::ToolPending => format!(
                "`{tool}` did not run: it is new or has changed, and no administrator of Postern has approved it yet. \
                 Ask an administrator to approve it under Tools in the console; do not retry before."
            ),
            Self::ToolDisabled => format!(
                "`{tool}` did not run: an administrator of Postern has disabled it. \
                 Ask an administrator if you need it; retrying will not help."
            ),
            Self::Stopped => format!(
                "`{tool}` did not run: an administrator of Postern has stopped all access for now. Nothing is wrong with \
                 you or your client; ask an administrator when it goes on. Retrying before will not help."
            ),
            Self::NeedsPerson => format!(
                "`{tool}` did not run: it works in the account of a person, and this client acts for itself alone \
                 (client_credentials). Call it with the token of a client that a person has signed in to."
            ),
        }
    }
}

/// Decides on a tool from what was decided of its definition, who calls, and the provider where it needs an account
/// of the caller's own.
pub const fn decide(state: State, subject: &Subject, account: Option<Provider>) -> Verdict {
    match (state, subject, account) {
        (State::Pending, ..) => Verdict::Denied(Denial::ToolPending),
        (State::Disabled, ..) => Verdict::Denied(Denial::ToolDisabled),
        (State::Approved, Subject::Service(_), Some(_)) => Verdict::Denied(Denial::NeedsPerson),
        (State::Approved, ..) => Verdict::Allowed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identifiers::{ClientId, UserId};

    fn person() -> Subject {
        Subject::Person(UserId::new("alice"))
    }

    fn service() -> Subject {
        Subject::Service(ClientId::new("pipeline"))
    }

    #[test]
    fn only_an_approved_tool_may_run() {
        for subject in [person(), service()] {
            let allowed: Vec<State> = [State::Pending, State::Approved, State::Disabled]
                .into_iter()
                .filter(|state| decide(*state, &subject, None) == Verdict::Allowed)
                .collect();
            assert_eq!(allowed, [State::Approved]);
        }
    }

    #[test]
    fn what_works_in_a_persons_account_needs_a_person() {
        let account = Some(Provider::Bitbucket);
        assert_eq!(decide(State::Approved, &person(), account), Verdict::Allowed);
        assert_eq!(decide(State::Approved, &service(), account), Verdict::Denied(Denial::NeedsPerson));
    }
}
