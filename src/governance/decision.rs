//! The one decision on whether a tool may run. Listing and calling both ask it, so they cannot disagree.

use serde::{Deserialize, Serialize};

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
}

impl Denial {
    /// For the audit.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::ToolPending => "the tool awaits approval",
            Self::ToolDisabled => "the tool is disabled",
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
        }
    }
}

/// Decides on a tool from what was decided of its definition.
pub const fn decide(state: State) -> Verdict {
    match state {
        State::Approved => Verdict::Allowed,
        State::Pending => Verdict::Denied(Denial::ToolPending),
        State::Disabled => Verdict::Denied(Denial::ToolDisabled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_approved_tool_may_run() {
        let allowed: Vec<State> = [State::Pending, State::Approved, State::Disabled]
            .into_iter()
            .filter(|state| decide(*state) == Verdict::Allowed)
            .collect();
        assert_eq!(allowed, [State::Approved]);
    }
}
