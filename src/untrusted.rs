//! Sanitizes untrusted text from strangers, so that it is fit to be shown: hidden characters out of labels, fences that
//! their content cannot close.

/// Characters that a person does not see but a model or a terminal acts on. Tab and line feed are not among them.
pub fn is_hidden(character: char) -> bool {
    match character {
        '\t' | '\n' => false,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{17b4}' | '\u{17b5}' | '\u{feff}' => true,
        // Letters without a shape.
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' => true,
        // Zero width, marks and overrides of direction, separators, joiners, invisible operators.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fff0}'..='\u{fffb}' => true,
        // Variation selectors and tags: whole messages have been hidden in them.
        '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}' => true,
        // Controls of shorthand and music, private planes.
        '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{f0000}'..='\u{10ffff}' => true,
        _ => character.is_control(),
    }
}

/// Letters of scripts whose writing needs joiners between them: Arabic and its relatives, the scripts of India, Tibet,
/// Burma, Cambodia and Mongolia.
const fn is_joined(character: char) -> bool {
    matches!(character, '\u{600}'..='\u{dff}' | '\u{f00}'..='\u{109f}' | '\u{1780}'..='\u{18af}')
        || matches!(character, '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// Characters that can be pictures, with the tones of skin.
const fn is_picture(character: char) -> bool {
    matches!(character, '©' | '®' | '‼' | '⁉' | '™' | 'ℹ' | '〰' | '〽' | '㊗' | '㊙')
        || matches!(character, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2460}'..='\u{24ff}')
        || matches!(character, '\u{25a0}'..='\u{27bf}' | '\u{2900}'..='\u{297f}' | '\u{2b00}'..='\u{2bff}')
        || matches!(character, '\u{1f000}'..='\u{1faff}')
}

/// The characters of a text, each with whether nobody sees it and nothing depends on it. What shapes the characters
/// beside it stays, one at a time: joiners between letters that need them or between pictures, a selector after a
/// picture.
pub fn characters(text: &str) -> impl Iterator<Item = (char, bool)> {
    let mut characters = text.chars().peekable();
    // What is seen, and what follows it already without being seen.
    let (mut seen, mut has_selector, mut has_joiner) = (None, false, false);
    std::iter::from_fn(move || {
        let character = characters.next()?;
        if !is_hidden(character) {
            (seen, has_selector, has_joiner) = (Some(character), false, false);
            return Some((character, false));
        }
        let after = characters.peek().copied();
        let between = |kind: fn(char) -> bool| {
            seen.is_some_and(kind) && after.is_some_and(|after| kind(after) && !is_hidden(after))
        };
        let shapes = match character {
            '\u{200c}' => !has_joiner && between(is_joined),
            '\u{200d}' => !has_joiner && (between(is_joined) || between(is_picture)),
            '\u{fe0e}' | '\u{fe0f}' => {
                let is_keycap =
                    after == Some('\u{20e3}') && seen.is_some_and(|seen| matches!(seen, '#' | '*' | '0'..='9'));
                !has_selector && !has_joiner && (is_keycap || seen.is_some_and(is_picture))
            }
            _ => false,
        };
        if shapes {
            let is_selector = matches!(character, '\u{fe0e}' | '\u{fe0f}');
            (has_selector, has_joiner) = (has_selector || is_selector, !is_selector);
        }
        Some((character, !shapes))
    })
}

/// Appends `text` as one line of at most `longest` characters: white space collapsed, hidden characters out.
pub fn push_label(into: &mut String, text: &str, longest: usize) {
    // Most values are short printable ASCII, which needs no look at each character.
    if text.len() <= longest && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        into.push_str(text);
        return;
    }
    let mut written = 0;
    let mut gap = false;
    for (character, is_hidden) in characters(text) {
        if character.is_whitespace() {
            gap = written > 0;
            continue;
        }
        if is_hidden {
            continue;
        }
        if written >= longest {
            into.push('…');
            return;
        }
        if gap {
            into.push(' ');
            written += 1;
            gap = false;
        }
        into.push(character);
        written += 1;
    }
}

/// `text` as one line; see [`push_label`].
pub fn label(text: &str, longest: usize) -> String {
    let mut cleaned = String::new();
    push_label(&mut cleaned, text, longest);
    cleaned
}

/// Appends `text` with its lines, hidden characters out, and says how many those were, without carriage returns.
pub fn push_prose(into: &mut String, text: &str) -> usize {
    // Most texts are ASCII that everybody sees, which needs no look at each character's neighbours.
    if text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b' '..=b'~')) {
        into.push_str(text);
        return 0;
    }
    let mut taken_out = 0;
    into.reserve(text.len());
    for (character, is_hidden) in characters(text) {
        if !is_hidden {
            into.push(character);
        } else if character != '\r' {
            taken_out += 1;
        }
    }
    taken_out
}

/// Appends `text` between fences of backticks longer than any run of them within, so that nothing in it can
/// pass for what comes after.
pub fn push_fenced(into: &mut String, text: &str) {
    let mut longest = 0;
    let mut run = 0;
    for byte in text.bytes() {
        run = if byte == b'`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat((longest + 1).max(3));
    into.push_str(&fence);
    into.push('\n');
    into.push_str(text);
    if !text.ends_with('\n') {
        into.push('\n');
    }
    into.push_str(&fence);
    into.push('\n');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn labels_lose_what_nobody_sees() {
        assert_eq!(label("a\u{202e}b\u{200b}c\u{e0041}d\u{7}e", 99), "abcde");
    }

    #[test]
    fn letters_without_a_shape_and_variation_selectors_are_hidden() {
        assert_eq!(label("a\u{3164}b\u{fe0f}c\u{e0101}d", 99), "abcd");
    }

    #[test]
    fn joiners_stay_between_letters_that_need_them() {
        for word in ["می\u{200c}خواهم", "ක්\u{200d}ෂ", "क्\u{200c}ष"] {
            assert_eq!(label(word, 99), word);
        }
        assert_eq!(label("a\u{200c}b می\u{200d}\u{200c}خ\u{200c} \u{200d}", 99), "ab می\u{200c}خ");
    }

    #[test]
    fn pictures_keep_what_makes_them() {
        for picture in ["👩\u{200d}💻", "❤\u{fe0f}", "👩🏽\u{200d}❤\u{fe0f}\u{200d}👨🏽", "1\u{fe0f}\u{20e3}"]
        {
            assert_eq!(label(picture, 99), picture);
        }
        assert_eq!(label("❤\u{fe0f}\u{fe0e}\u{fe0f}\u{e0101}1\u{fe0f}👩\u{200d}b", 99), "❤\u{fe0f}1👩b");
    }

    #[test]
    fn prose_says_how_many_characters_nobody_saw() {
        let mut prose = String::new();
        assert_eq!(push_prose(&mut prose, "a\u{202e}\r\nb\u{200b}❤\u{fe0f}"), 2);
        assert_eq!(prose, "a\nb❤\u{fe0f}");
    }

    #[test]
    fn labels_are_one_line_without_tabs() {
        assert_eq!(label("  a\t\r\n b\u{2028}c  ", 99), "a b c");
    }

    #[test]
    fn labels_end_where_they_are_cut() {
        assert_eq!(label("abcdef", 3), "abc…");
    }

    #[test]
    fn letters_of_other_languages_stay() {
        assert_eq!(label("größe 日本 é", 99), "größe 日本 é");
    }

    proptest! {
        #[test]
        fn a_label_never_breaks_a_row(text in "\\PC*|.*") {
            let cleaned = label(&text, 50);
            prop_assert!(!cleaned.contains(['\t', '\n', '\r']) && !characters(&cleaned).any(|(_, is_hidden)| is_hidden));
            prop_assert!(cleaned.chars().count() <= 52);
        }

        #[test]
        fn what_nobody_sees_cannot_carry_a_message(text in "[a-zم❤\u{200b}-\u{200d}\u{fe00}-\u{fe0f}\u{e0100}-\u{e0110}]{0,60}") {
            let mut prose = String::new();
            push_prose(&mut prose, &text);
            let seen = prose.chars().filter(|character| !is_hidden(*character)).count();
            // At most a selector and a joiner beside what is seen.
            prop_assert!(prose.chars().count() - seen <= 2 * seen);
        }

        #[test]
        fn fenced_text_cannot_close_its_fence(text in "[`a\n]{0,40}") {
            let mut fenced = String::new();
            push_fenced(&mut fenced, &text);
            let fence: String = fenced.chars().take_while(|character| *character == '`').collect();
            prop_assert_eq!(fenced.matches(&fence).count(), 2);
        }
    }
}
