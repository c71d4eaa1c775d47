//! The one form of what is told where a call did not do what it was asked to: what became of it, why, and the next step.

use std::fmt;

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// Nothing was done, and nothing stands against doing it.
    NotRun,
    NotFound,
    /// Somebody does not allow it, or the provider does not do it.
    Refused,
    /// It was sent, and nobody knows whether it was done.
    Unknown,
}

impl fmt::Display for Sort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NotRun => "Not run",
            Self::NotFound => "Not found",
            Self::Refused => "Refused",
            Self::Unknown => "Unknown whether done",
        })
    }
}

impl Sort {
    /// Tells the cause and the next step, each a sentence or two.
    pub fn because(self, cause: impl fmt::Display, next: impl fmt::Display) -> String {
        format!("{self}: {cause} Next: {next}")
    }
}
