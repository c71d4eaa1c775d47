//! Long texts in parts: where a part ends, and the words that say what was left out. Pure.

use crate::{catalog::arguments::ArgumentProblem, crypto::digest};

/// How much of a text one answer holds, in bytes.
pub const BUDGET: usize = 60_000;
/// How much of a text is read from a provider at all, in bytes.
pub const READ_LIMIT: usize = 4_000_000;

/// How much of the text before an offset its check covers, in bytes.
const CHECKED: usize = 1_024;

/// A part of a text, in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub start: usize,
    pub end: usize,
}

/// The part that begins at `start`: up to the budget, ending at a line end where one is near and never
/// within a character.
pub fn part(text: &[u8], start: usize, budget: usize) -> Part {
    let start = start.min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let Some(window) = rest.get(..budget).filter(|window| window.len() < rest.len()) else {
        return Part { start, end: text.len() };
    };
    let line_end = window.iter().rposition(|byte| *byte == b'\n').map(|position| position + 1);
    let length = line_end.filter(|length| *length >= budget / 2).unwrap_or_else(|| {
        // A continuation byte belongs to the character before it.
        let within = |length: &usize| rest.get(*length).is_some_and(|byte| byte & 0xc0 == 0x80);
        (0..=budget).rev().take(4).find(|length| !within(length)).filter(|length| *length > 0).unwrap_or(budget)
    });
    Part { start, end: start + length }
}

/// Ties an offset to the text before it.
pub fn check(text: &[u8], offset: usize) -> String {
    let before = text.get(offset.saturating_sub(CHECKED)..offset).unwrap_or_default();
    let mut check = digest::sha256(&String::from_utf8_lossy(before));
    check.truncate(8);
    check
}

/// Where to go on, if the text before is still what it was.
///
/// # Errors
/// [`ArgumentProblem::Changed`] where it is not.
pub fn resume(text: &[u8], offset: usize, expected: &str) -> Result<usize, ArgumentProblem> {
    if offset <= text.len() && check(text, offset) == expected { Ok(offset) } else { Err(ArgumentProblem::Changed) }
}

/// 412300 as `412,300`.
pub fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_part_ends_at_a_line_end() {
        assert_eq!(part(b"one\ntwo\nthree\n", 0, 10), Part { start: 0, end: 8 });
    }

    #[test]
    fn a_line_longer_than_the_budget_is_cut_between_characters() {
        assert_eq!(part("aaaaé".as_bytes(), 0, 5), Part { start: 0, end: 4 });
    }

    #[test]
    fn what_fits_is_whole() {
        assert_eq!(part(b"abc", 0, 3), Part { start: 0, end: 3 });
    }

    #[test]
    fn a_changed_text_is_not_continued() {
        let check = check(b"one\ntwo\nthree", 8);
        assert_eq!(resume(b"one\ntwo\nfour", 8, &check), Ok(8));
        assert_eq!(resume(b"one\ntwi\nthree", 8, &check), Err(ArgumentProblem::Changed));
        assert_eq!(resume(b"one", 8, &check), Err(ArgumentProblem::Changed));
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            (grouped(7), grouped(999), grouped(412_300), grouped(1_000_000)),
            ("7".into(), "999".into(), "412,300".into(), "1,000,000".into())
        );
    }

    proptest! {
        #[test]
        fn the_parts_make_up_the_whole(text in "[a-zé\n日]{0,300}", budget in 4_usize..40) {
            let bytes = text.as_bytes();
            let mut joined = String::new();
            let mut start = 0;
            while start < bytes.len() {
                let part = part(bytes, start, budget);
                prop_assert!(part.end > start && part.end - start <= budget);
                joined.push_str(std::str::from_utf8(&bytes[part.start..part.end]).unwrap());
                start = part.end;
            }
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn bytes_that_are_no_text_are_cut_too(bytes in prop::collection::vec(any::<u8>(), 1..200), budget in 4_usize..40) {
            let part = part(&bytes, 0, budget);
            prop_assert!(part.end > 0 && part.end <= budget.max(bytes.len()));
        }
    }
}
