//! How long an answer may be.

use super::Kind;

/// How long an answer may be, in estimated tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Budget(usize);

impl Budget {
    /// Room for what a cut answer has to say in any case, and for a row.
    pub const LEAST: Self = Self(1_000);
    pub const DEFAULT: Self = Self(6_000);
    /// Hosts shorten by themselves what is longer than 10,000 tokens, some of them in the middle and without a word.
    pub const MOST: Self = Self(8_500);

    /// The numbers that a call may choose.
    pub const CHOICE: Kind = Kind::Integer { least: 1_000, most: 8_500 };

    /// So many tokens, or the nearest number that is allowed.
    pub const fn of(tokens: usize) -> Self {
        match tokens {
            ..1_000 => Self::LEAST,
            8_501.. => Self::MOST,
            _ => Self(tokens),
        }
    }

    /// What each of so many answers may have, where they are sent as one with a heading for each.
    pub const fn share(answers: usize) -> Self {
        const HEADING: usize = 50;
        let of_all = Self::MOST.0.saturating_sub(HEADING * answers);
        match of_all.checked_div(answers) {
            Some(tokens) => Self(tokens),
            None => Self::MOST,
        }
    }

    pub const fn tokens(self) -> usize {
        self.0
    }
}
