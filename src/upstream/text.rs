//! From a body's bytes to the text that they are: in which encoding, or none at all. Pure.

use std::{borrow::Cow, fmt::Write as _, ops::Range};

use super::masking::{self, Mask};
use crate::untrusted;

/// How much of a file is looked at to tell whether it is text, in bytes; as much as git looks at.
const PROBE: usize = 8_000;

/// A text in UTF-8, though strangers' bytes may not all be that.
pub struct Text<'a> {
    pub bytes: Cow<'a, [u8]>,
    /// The encoding that it was decoded from, where that was another one.
    decoded_from: Option<&'static str>,
    /// Credentials, which are not shown.
    masks: Vec<Mask>,
}

impl<'a> Text<'a> {
    /// The text of a body that is one for certain, such as a diff: which files in it are binary is for the diff itself
    /// to say, file by file, so that one odd byte never hides the others.
    pub const fn certain(body: &'a [u8]) -> Self {
        Self { bytes: Cow::Borrowed(body), decoded_from: None, masks: Vec::new() }
    }

    /// The text of a file; `None` where the file is binary. UTF-16 is told by its byte order mark.
    pub fn of_file(body: &'a [u8]) -> Option<Self> {
        let decode = |units: &[u8], unit: fn([u8; 2]) -> u16, name| {
            let (units, rest) = units.as_chunks::<2>();
            let mut text: String = char::decode_utf16(units.iter().copied().map(unit))
                .map(|decoded| decoded.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            text.extend(rest.first().map(|_| char::REPLACEMENT_CHARACTER));
            Self { bytes: Cow::Owned(text.into_bytes()), decoded_from: Some(name), masks: Vec::new() }
        };
        let text = match body {
            [0xff, 0xfe, units @ ..] => decode(units, u16::from_le_bytes, "UTF-16, little-endian"),
            [0xfe, 0xff, units @ ..] => decode(units, u16::from_be_bytes, "UTF-16, big-endian"),
            _ => Self::certain(body),
        };
        (!is_binary(&text.bytes)).then_some(text)
    }

    /// A part of the text, in bytes, as a text of its own.
    pub fn within(&self, part: Range<usize>) -> Text<'_> {
        let masks = self.masks.iter().filter(|mask| mask.at.start < part.end && mask.at.end > part.start);
        let masks = masks.map(|mask| mask.within(&part)).collect();
        let bytes = Cow::Borrowed(self.bytes.get(part).unwrap_or_default());
        Text { bytes, decoded_from: self.decoded_from, masks }
    }

    /// The same text, with a word in the place of each credential where that is wanted.
    pub fn masked(self, wanted: bool) -> Self {
        let masks = if wanted { masking::find(&self.bytes) } else { Vec::new() };
        Self { masks, ..self }
    }

    /// A part of the text as it is shown, and how many credentials in it are not. One that the part ends within is not
    /// shown on either side.
    fn shown(&self, part: Range<usize>) -> (Cow<'_, str>, usize) {
        let bytes = |range: Range<usize>| String::from_utf8_lossy(self.bytes.get(range).unwrap_or_default());
        let within = self.masks.iter().filter(|mask| mask.at.start < part.end && mask.at.end > part.start);
        let masked = within.clone().count();
        if masked == 0 {
            return (bytes(part), 0);
        }
        let (mut shown, mut at) = (String::new(), part.start);
        for mask in within {
            shown.push_str(&bytes(at..mask.at.start.max(at)));
            shown.push_str(&mask.word());
            at = mask.at.end.min(part.end);
        }
        shown.push_str(&bytes(at..part.end));
        (shown.into(), masked)
    }

    /// Appends a part of the text between fences. What could not be shown as it is, and what nobody would see, are told
    /// by [`Shown::push_notes`].
    pub fn push_fenced(&self, into: &mut String, part: Range<usize>) -> Shown {
        let (shown, masked) = self.shown(part.clone());
        let nulls = shown.matches('\0').count();
        if nulls == 0 {
            untrusted::push_fenced(into, &shown);
        } else {
            untrusted::push_fenced(into, &shown.replace('\0', "\u{fffd}"));
        }
        Shown {
            decoded_from: self.decoded_from,
            nulls,
            invalid: std::str::from_utf8(self.bytes.get(part).unwrap_or_default()).is_err(),
            masked,
            hidden: untrusted::characters(&shown)
                .filter(|(seen, hidden)| *hidden && !matches!(seen, '\0' | '\r'))
                .count(),
        }
    }
}

/// What there is to say of a part that was shown.
pub struct Shown {
    decoded_from: Option<&'static str>,
    nulls: usize,
    /// Some bytes were not UTF-8.
    invalid: bool,
    /// Credentials that a word stands for.
    masked: usize,
    /// Characters that nobody sees.
    hidden: usize,
}

impl Shown {
    pub fn push_notes(&self, into: &mut String) {
        // Writing to a String cannot fail.
        if let Some(encoding) = self.decoded_from {
            let _ = write!(into, "Decoded from {encoding}. ");
        }
        if self.invalid {
            into.push_str("Bytes that are not UTF-8 are shown as \u{fffd}. ");
        }
        if self.nulls > 0 {
            let _ = write!(into, "{} shown as \u{fffd}. ", counted(self.nulls, "NUL byte is", "NUL bytes are"));
        }
        if self.masked > 0 {
            let masked = counted(self.masked, "credential is", "credentials are");
            let _ = write!(into, "{masked} masked. ");
        }
        if self.hidden > 0 {
            let hidden = counted(self.hidden, "character that is", "characters that are");
            let _ = write!(into, "It holds {hidden} not visible, such as bidirectional controls. ");
        }
    }
}

/// The number, and what it counts.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Whether a file is no text: it holds a NUL, as git asks for, and more than a few bytes that no text has. A single NUL
/// in a source file hides nothing of it.
fn is_binary(file: &[u8]) -> bool {
    let probe = file.get(..PROBE).unwrap_or(file);
    if !probe.contains(&0) {
        return false;
    }
    let is_control = |byte: &u8| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b);
    let odd: usize = probe
        .utf8_chunks()
        .map(|chunk| chunk.invalid().len() + chunk.valid().as_bytes().iter().filter(|byte| is_control(byte)).count())
        .sum();
    odd > 2 && odd * 16 > probe.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(text: &Text<'_>) -> String {
        let mut all = String::new();
        let shown = text.push_fenced(&mut all, 0..text.bytes.len());
        shown.push_notes(&mut all);
        all
    }

    #[test]
    fn a_file_in_utf_16_is_decoded_by_its_mark() {
        let text = "\u{feff}größe 🦀\r\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, name) in [(little, "little"), (big, "big")] {
            let all = shown(&Text::of_file(&bytes).unwrap());
            assert_eq!(all, format!("```\ngröße 🦀\r\n```\nDecoded from UTF-16, {name}-endian. "));
        }
    }

    #[test]
    fn a_file_with_a_single_nul_is_text_and_says_so() {
        let all = shown(&Text::of_file(b"allow()\0;\n").unwrap());
        assert_eq!(all, "```\nallow()\u{fffd};\n```\n1 NUL byte is shown as \u{fffd}. ");
    }

    #[test]
    fn programs_archives_and_images_are_binary() {
        let mut archive = b"a.txt".to_vec();
        archive.resize(512, 0);
        for file in [&b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0"[..], b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &archive]
        {
            assert!(Text::of_file(file).is_none());
        }
    }

    #[test]
    fn a_mark_before_what_is_no_utf_16_makes_no_text_of_it() {
        let mut file = vec![0xff, 0xfe];
        file.extend([0, 0, 1, 0, 2, 0, 3, 0, 4, 0]);
        assert!(Text::of_file(&file).is_none());
    }

    proptest! {
        #[test]
        fn no_byte_hides_the_rest_of_a_text(before in "[a-z ]{0,20}", odd in any::<u8>(), after in "[a-z ]{0,20}") {
            let file = [before.as_bytes(), &[b'x', odd, b'y'], after.as_bytes()].concat();
            let text = Text::of_file(&file);
            prop_assert!(text.is_some());
            let all = shown(&text.unwrap());
            prop_assert!(all.contains(&before) && all.contains(&after) && !all.contains('\0'), "{}", all);
        }

        #[test]
        fn whatever_a_body_is_its_text_is_shown_whole(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let text = Text::certain(&body);
            let expected = String::from_utf8_lossy(&body).replace('\0', "\u{fffd}");
            prop_assert!(shown(&text).contains(&expected));
        }
    }
}
