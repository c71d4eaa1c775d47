//! Why a request under a grant is not served, whatever it asks for.

use serde::{Deserialize, Serialize};

/// Why a request under a grant is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The grant is worth nothing any more.
    GrantEnded,
    /// Too much was asked for in a short time.
    RateLimited { retry_after_milliseconds: u64 },
}

impl Refusal {
    /// Why, for the audit.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::GrantEnded => "the access has ended",
            Self::RateLimited { .. } => "too many requests in a short time",
        }
    }
}
