//! How many tokens a text will cost a model, estimated in one pass and without a vocabulary. Pure.
//!
//! The charges are fitted to OpenAI's `o200k_base`. English, source code and Markdown come within a few percent of what
//! they cost; what a vocabulary does not know is charged so that it costs little more than estimated. `tests/tokens`
//! counts real tokens and holds the estimate to that.

/// Charges are in hundredths of a token.
const WHOLE: usize = 100;

const WORD: usize = 88;
/// A word that follows another without a gap, as in `camelCase`.
const GLUED: usize = 70;
/// A pair of letters that words seldom have: the vocabulary will not know this word.
const RARE_PAIR: usize = 68;
const RARE_PAIR_OF_CAPITALS: usize = 45;
const MORE_CAPITALS: usize = 30;
/// For each letter of a word from the fifth, and from the tenth.
const LONG_WORD: usize = 16;
const VERY_LONG_WORD: usize = 42;
/// Three digits.
const DIGITS: usize = 100;
/// Digits do not take the space before them along, as words do.
const SPACE_BEFORE_DIGITS: usize = 90;
const PUNCTUATION: usize = 92;
/// A single mark that the word after it takes along.
const PREFIX: usize = 44;
const OTHER_MARK: usize = 64;
const SAME_MARK: usize = 45;
/// The marks that rules and borders are drawn with, of which there are long tokens.
const RULE_MARKS: &str = "#*-./=_+~%!:;";
const SAME_RULE_MARK: usize = 3;
const LINE_END: usize = 87;
const LINE_END_AFTER_PUNCTUATION: usize = 30;
const INDENT: usize = 90;
const BLANK: usize = 90;
const SAME_BLANK: usize = 6;
const OTHER_BLANK: usize = 116;

/// For each letter from `a`, those that often follow it in words.
const COMMON_PAIRS: [&str; 26] = [
    "bcdfgiklmnprstuvwy",
    "aeijloruy",
    "acehiklmoprstuy",
    "adegimoprsuy",
    "abcdefgilmnopqrstvwxy",
    "aefilnortu",
    "aehinorsu",
    "aeiort",
    "abcdefglmnoprstvxz",
    "eosu",
    "eins",
    "abdefilostuy",
    "abceilmnopsu",
    "acdefgiklnoprstuvwy",
    "abcdefgiklmnoprstuvwx",
    "adeiloprstu",
    "u",
    "acdegiklmnoprstuvy",
    "acehiklopqrstuwy",
    "abcefhilmoprstuwy",
    "bcdegilmnprst",
    "aeio",
    "aehinors",
    "apt",
    "nopst",
    "ae",
];

/// [`COMMON_PAIRS`] as sets of bits, the lowest for `a`: every letter of every answer is looked up.
#[expect(clippy::indexing_slicing, reason = "computed when it is compiled, where a wrong index is an error")]
const COMMON: [u32; 26] = {
    let mut sets = [0; 26];
    let mut letter = 0;
    while letter < sets.len() {
        let following = COMMON_PAIRS[letter].as_bytes();
        let mut index = 0;
        while index < following.len() {
            sets[letter] |= 1 << (following[index] - b'a');
            index += 1;
        }
        letter += 1;
    }
    sets
};

/// Characters beyond ASCII, from the first to the last of a range; those of no range cost by their length in UTF-8.
const RANGES: [(char, char, usize); 19] = [
    ('\u{a1}', '\u{ff}', 100),
    ('\u{100}', '\u{17f}', 135),
    ('\u{391}', '\u{3c9}', 100),
    ('\u{410}', '\u{44f}', 85),
    ('\u{5d0}', '\u{5ea}', 75),
    ('\u{621}', '\u{64a}', 85),
    ('\u{900}', '\u{97f}', 130),
    ('\u{980}', '\u{dff}', 175),
    ('\u{e00}', '\u{e5b}', 120),
    ('\u{2010}', '\u{2027}', 130),
    ('\u{2190}', '\u{22ff}', 190),
    ('\u{2500}', '\u{27bf}', 220),
    ('\u{3000}', '\u{303f}', 175),
    ('\u{3041}', '\u{30fa}', 115),
    ('\u{4e00}', '\u{9fff}', 200),
    ('\u{ac00}', '\u{d7a3}', 225),
    ('\u{ff01}', '\u{ff5e}', 150),
    ('\u{fffd}', '\u{fffd}', 100),
    ('\u{1d400}', '\u{1faff}', 285),
];

/// What the character before belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Run {
    #[default]
    Nothing,
    /// A word whose last letter is small.
    Small,
    Capitals,
    Digits,
    Punctuation,
    Blank,
    Other,
}

/// Reads a text and keeps its estimate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Meter {
    hundredths: usize,
    run: Run,
    /// How long the run is, in characters.
    length: usize,
    last: char,
    /// The run before one of white space is punctuation.
    is_after_punctuation: bool,
}

/// The estimate of a whole text.
pub fn estimate(text: &str) -> usize {
    let mut meter = Meter::default();
    text.chars().for_each(|character| meter.read(character));
    meter.tokens()
}

/// How many bytes of a text cost no more than so many tokens.
pub fn fitting(text: &str, budget: usize) -> usize {
    let mut meter = Meter::default();
    let over = text.char_indices().find(|(_, character)| {
        meter.read(*character);
        meter.tokens() > budget
    });
    over.map_or(text.len(), |(index, _)| index)
}

impl Meter {
    /// The estimate of what was read, rounded up.
    pub const fn tokens(&self) -> usize {
        self.hundredths.div_ceil(WHOLE)
    }

    pub fn read(&mut self, character: char) {
        match character {
            'a'..='z' => self.read_small(character),
            'A'..='Z' => self.read_capital(character),
            '0'..='9' => self.read_digit(),
            '!'..='~' => self.read_mark(character),
            '\0'..=' ' | '\u{7f}' => self.read_blank(character),
            _ => {
                self.begin(Run::Other);
                self.hundredths += charge(character);
            }
        }
        self.last = character;
    }

    fn begin(&mut self, run: Run) {
        self.is_after_punctuation = self.run == Run::Punctuation;
        (self.run, self.length) = (run, 1);
    }

    fn begin_word(&mut self, run: Run) {
        if self.run == Run::Punctuation && self.length == 1 {
            self.hundredths = (self.hundredths + PREFIX).saturating_sub(PUNCTUATION);
        }
        self.begin(run);
        self.hundredths += WORD;
    }

    fn read_small(&mut self, letter: char) {
        match (self.run, self.length) {
            (Run::Small, _) | (Run::Capitals, 1) => (self.run, self.length) = (Run::Small, self.length + 1),
            (Run::Capitals, _) => {
                // The last capital begins this word.
                self.hundredths += WORD - MORE_CAPITALS;
                (self.run, self.length) = (Run::Small, 2);
            }
            _ => return self.begin_word(Run::Small),
        }
        self.hundredths += if is_common(self.last, letter) { 0 } else { RARE_PAIR };
        self.hundredths += match self.length {
            ..5 => 0,
            5..10 => LONG_WORD,
            _ => VERY_LONG_WORD,
        };
    }

    fn read_capital(&mut self, letter: char) {
        match self.run {
            Run::Capitals => {
                self.length += 1;
                self.hundredths += MORE_CAPITALS;
                self.hundredths += if is_common(self.last, letter) { 0 } else { RARE_PAIR_OF_CAPITALS };
            }
            Run::Small => {
                self.begin(Run::Capitals);
                self.hundredths += WORD + GLUED;
            }
            _ => self.begin_word(Run::Capitals),
        }
    }

    fn read_digit(&mut self) {
        if self.run == Run::Digits {
            self.length += 1;
        } else {
            self.hundredths += if self.last == ' ' { SPACE_BEFORE_DIGITS } else { 0 };
            self.begin(Run::Digits);
        }
        self.hundredths += if self.length % 3 == 1 { DIGITS } else { 0 };
    }

    fn read_mark(&mut self, mark: char) {
        if self.run != Run::Punctuation {
            self.begin(Run::Punctuation);
            self.hundredths += PUNCTUATION;
            return;
        }
        self.length += 1;
        self.hundredths += match mark == self.last {
            true if RULE_MARKS.contains(mark) => SAME_RULE_MARK,
            true => SAME_MARK,
            false => OTHER_MARK,
        };
    }

    fn read_blank(&mut self, blank: char) {
        if self.run != Run::Blank {
            self.begin(Run::Blank);
            self.hundredths += match blank {
                // The word after it takes it along.
                ' ' => 0,
                '\n' | '\r' if self.is_after_punctuation => LINE_END_AFTER_PUNCTUATION,
                '\n' | '\r' => LINE_END,
                _ => BLANK,
            };
            return;
        }
        self.length += 1;
        self.hundredths += match (self.last, blank) {
            ('\n', ' ') | ('\r', '\n') => 0,
            ('\n', '\t') => INDENT,
            (last, blank) if last == blank && self.length == 2 && blank == ' ' => BLANK,
            // The second space of an indent.
            (' ', ' ') if self.length == 3 => INDENT,
            (last, blank) if last == blank => SAME_BLANK,
            _ => OTHER_BLANK,
        };
    }
}

fn is_common(letter: char, next: char) -> bool {
    let place = |letter: char| u32::from(letter.to_ascii_lowercase()).wrapping_sub(u32::from('a'));
    let common = usize::try_from(place(letter)).ok().and_then(|index| COMMON.get(index));
    common.is_some_and(|common| common.checked_shr(place(next)).is_some_and(|rest| rest & 1 == 1))
}

fn charge(character: char) -> usize {
    let range = RANGES.iter().find(|(first, last, _)| (*first..=*last).contains(&character));
    range.map_or_else(
        || match character.len_utf8() {
            2 => 190,
            3 => 285,
            _ => 385,
        },
        |(_, _, charge)| *charge,
    )
}
