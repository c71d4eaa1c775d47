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

/// The part that ends at `end`: as many lines as cost no more than so many tokens between their fences, or the end of a line
/// that alone costs more. Never within a character.
pub fn part_before(text: &[u8], end: usize, budget: usize) -> Part {
    let end = end.min(text.len());
    let text = text.get(..end).unwrap_or_default();
    let fits = |start: usize| part(text, start, budget).end == end;
    let beginning = character_start(text, end.saturating_sub(LONGEST_PART));
    if fits(beginning) {
        return Part { start: line_start(text, beginning), end };
    }
    // The later a part begins the less it costs, so the first beginning that fits is found by halves.
    let (mut too_early, mut start) = (beginning, character_start(text, end.saturating_sub(1)));
    while too_early < start {
        let middle = character_start(text, usize::midpoint(too_early, start));
        if middle <= too_early {
            break;
        }
        if fits(middle) { start = middle } else { too_early = middle }
    }
    Part { start: line_start(text, start), end }
}

/// The next start of a line from here on, where it leaves at least half of the text.
fn line_start(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let is_start = from == 0 || text.get(from - 1) == Some(&b'\n');
    let next = rest.iter().position(|byte| *byte == b'\n').map(|line_end| line_end + 1);
    next.filter(|next| !is_start && *next <= rest.len() / 2).map_or(from, |next| from + next)
}

/// The start of the character that this byte belongs to.
fn character_start(text: &[u8], at: usize) -> usize {
    let is_within = |at: &usize| text.get(*at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (at.saturating_sub(3)..=at).rev().find(|at| !is_within(at)).unwrap_or(at)
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
    fn a_part_before_an_end_begins_at_a_line() {
        assert_eq!(part_before(b"one\ntwo\nthree\n", 14, 5), Part { start: 4, end: 14 });
    }

    #[test]
    fn a_part_of_one_long_line_is_its_end() {
        let text = "words of one line ".repeat(99);
        let part = part_before(text.as_bytes(), text.len(), 50);
        assert!(part.start > 0 && part.end == text.len() && part.end - part.start > 100, "{part:?}");
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
        fn the_parts_from_the_end_make_up_the_whole(text in "[a-zé\n日`]{0,300}", budget in 8_usize..40) {
            let mut joined = String::new();
            let mut end = text.len();
            while end > 0 {
                let part = part_before(text.as_bytes(), end, budget);
                prop_assert!(part.start < end && part.end == end);
                let shown = &text[part.start..part.end];
                prop_assert!(tokens::estimate(shown) <= budget);
                joined.insert_str(0, shown);
                end = part.start;
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
