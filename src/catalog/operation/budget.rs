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

    /// So many tokens, where several answers are sent as one. Each has room for what it says in any case.
    pub fn share(tokens: usize) -> Self {
        Self(tokens.clamp(400, Self::MOST.0))
    }

    /// How many tokens so many answers have together that are sent as one, with a heading for each.
    pub const fn of_parts(answers: usize) -> usize {
        const HEADING: usize = 50;
        Self::MOST.0.saturating_sub(HEADING * answers)
    }

    pub const fn tokens(self) -> usize {
        self.0
    }
}

/// Divides so many tokens among answers of which each needs so many. What one leaves over goes to those that need more, in
/// equal shares (max-min fairness).
pub fn allot(needs: &[usize], tokens: usize) -> Vec<usize> {
    let mut smallest_first: Vec<_> = needs.iter().copied().enumerate().collect();
    smallest_first.sort_by_key(|(_, need)| *need);
    let (mut left, mut waiting) = (tokens, needs.len());
    let mut allotted: Vec<_> = smallest_first
        .into_iter()
        .map(|(at, need)| {
            let share = left.checked_div(waiting).unwrap_or_default().min(need);
            (left, waiting) = (left - share, waiting - 1);
            (at, share)
        })
        .collect();
    allotted.sort_by_key(|(at, _)| *at);
    allotted.into_iter().map(|(_, share)| share).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn answers_that_are_sent_as_one_have_room_for_a_row_each_and_fit_into_it() {
        for answers in 1..=10 {
            let share = Budget::of_parts(answers) / answers;
            assert!(share >= 750 && (share + 50) * answers <= Budget::MOST.tokens());
        }
    }

    proptest! {
        #[test]
        fn what_one_answer_leaves_over_goes_to_those_that_need_more(
            needs in prop::collection::vec(0..9_000_usize, 1..10),
            tokens in 0..9_000_usize,
        ) {
            let allotted = allot(&needs, tokens);
            let share = tokens / needs.len();
            prop_assert_eq!(allotted.len(), needs.len());
            prop_assert!(needs.iter().zip(&allotted).all(|(need, got)| got <= need && *got >= share.min(*need)));
            let (used, lacks) = (allotted.iter().sum::<usize>(), allotted != needs);
            prop_assert!(used <= tokens && (!lacks || tokens - used < needs.len()), "{used} of {tokens}: {allotted:?}");
            // Whoever lacks some has as much as anybody, but for what cannot be divided.
            let most = allotted.iter().max().copied().unwrap_or_default();
            prop_assert!(needs.iter().zip(&allotted).all(|(need, got)| got == need || got + 1 >= most));
        }
    }
}
