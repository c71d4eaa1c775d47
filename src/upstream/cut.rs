//! Long texts in parts: where a part ends, and the words that say what was left out. Pure.

use super::tokens::Meter;
use crate::{catalog::arguments::ArgumentProblem, crypto::digest};

/// How much of a text is read from a provider at all, in bytes.
pub const READ_LIMIT: usize = 4_000_000;

/// How long a part is at most, in bytes: white space and rules cost hardly any tokens.
const LONGEST_PART: usize = 60_000;
/// How much of the text before an offset its check covers, in bytes.
const CHECKED: usize = 1_024;

/// A part of a text, in bytes from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    pub start: usize,
    pub end: usize,
}

/// The part that begins at `start`: as much as costs no more than so many tokens between its fences, ending at a line end
/// where one is near and never within a character.
pub fn part(text: &[u8], start: usize, budget: usize) -> Part {
    let start = start.min(text.len());
    let rest = text.get(start..).unwrap_or_default();
    let mut meter = FencedMeter::default();
    let mut length = 0;
    let mut line_end = 0;
    for (character, bytes) in characters(rest) {
        meter.read(character);
        if length > 0 && (meter.tokens() > budget || length + bytes > LONGEST_PART) {
            let length = if line_end >= length / 2 { line_end } else { length };
            return Part { start, end: start + length.max(1) };
        }
        length += bytes;
        if character == '\n' {
            line_end = length;
        }
    }
    Part { start, end: text.len() }
}

/// The characters of a text as they are shown, each with how many bytes it takes of it.
fn characters(text: &[u8]) -> impl Iterator<Item = (char, usize)> {
    text.utf8_chunks().flat_map(|chunk| {
        let invalid = Some(chunk.invalid()).filter(|bytes| !bytes.is_empty());
        let valid = chunk.valid().chars().map(|character| (character, character.len_utf8()));
        valid.chain(invalid.map(|bytes| (char::REPLACEMENT_CHARACTER, bytes.len())))
    })
}

/// Reads a text that will stand between fences, which are longer than any run of backticks in it.
#[derive(Default)]
struct FencedMeter {
    meter: Meter,
    /// The fences, as long as they have to be so far.
    fence: Meter,
    run: usize,
    longest: usize,
}

impl FencedMeter {
    fn read(&mut self, character: char) {
        self.meter.read(character);
        self.run = if character == '`' { self.run + 1 } else { 0 };
        if self.run > self.longest {
            self.longest = self.run;
            self.fence.read(character);
        }
    }

    const fn tokens(&self) -> usize {
        self.meter.tokens() + 2 * self.fence.tokens()
    }
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
    use crate::upstream::tokens;

    #[test]
    fn a_part_ends_at_a_line_end() {
        assert_eq!(part(b"one\ntwo\nthree\n", 0, 4), Part { start: 0, end: 8 });
    }

    #[test]
    fn a_line_longer_than_the_budget_is_cut_between_characters() {
        assert_eq!(part("日本é".as_bytes(), 0, 4), Part { start: 0, end: 6 });
    }

    #[test]
    fn a_part_that_would_end_within_a_line_ends_before_it() {
        let text = "words of one line\n".repeat(9);
        let end = part(text.as_bytes(), 0, 24).end;
        assert!(end > 0 && end < text.len() && text[..end].ends_with('\n'), "{end}");
    }

    #[test]
    fn a_part_has_one_character_whatever_it_costs() {
        assert_eq!(part("日本".as_bytes(), 0, 0), Part { start: 0, end: 3 });
    }

    #[test]
    fn bytes_that_are_no_text_cost_as_much_as_what_is_shown_for_them() {
        let shown = char::REPLACEMENT_CHARACTER;
        let end = part(&[0xff; 100], 0, 8).end;
        assert_eq!(end * shown.len_utf8(), part(shown.to_string().repeat(100).as_bytes(), 0, 8).end);
    }

    #[test]
    fn what_fits_is_whole() {
        assert_eq!(part(b"abc", 0, 2), Part { start: 0, end: 3 });
    }

    #[test]
    fn a_text_of_backticks_leaves_room_for_its_fences() {
        let text = "`".repeat(10_000);
        let part = part(text.as_bytes(), 0, 900);
        let mut fenced = String::new();
        crate::untrusted::push_fenced(&mut fenced, &text[..part.end]);
        assert!((800..=905).contains(&tokens::estimate(&fenced)), "{}", tokens::estimate(&fenced));
    }

    #[test]
    fn what_costs_hardly_any_tokens_is_cut_by_its_length() {
        assert_eq!(part("-".repeat(100_000).as_bytes(), 0, 8_000).end, LONGEST_PART);
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
                prop_assert!(part.end > start);
                let shown = std::str::from_utf8(&bytes[part.start..part.end]).unwrap();
                prop_assert!(tokens::estimate(shown) <= budget);
                joined.push_str(std::str::from_utf8(&bytes[part.start..part.end]).unwrap());
                start = part.end;
            }
            prop_assert_eq!(joined, text);
        }

        #[test]
        fn bytes_that_are_no_text_are_cut_too(bytes in prop::collection::vec(any::<u8>(), 1..200), budget in 4_usize..40) {
            let part = part(&bytes, 0, budget);
            prop_assert!(part.end > 0 && part.end <= bytes.len());
        }
    }
}
