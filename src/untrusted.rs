//! Text from strangers made fit to be shown: hidden characters out of labels, fences that their content cannot close.

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

/// Appends `text` as one line of at most `longest` characters: white space collapsed, hidden characters out.
pub fn push_label(into: &mut String, text: &str, longest: usize) {
    // Most values are short printable ASCII, which needs no look at each character.
    if text.len() <= longest && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        into.push_str(text);
        return;
    }
    let mut written = 0;
    let mut gap = false;
    for character in text.chars() {
        if character.is_whitespace() {
            gap = written > 0;
            continue;
        }
        if is_hidden(character) {
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

/// Appends `text` with its lines, hidden characters out.
pub fn push_prose(into: &mut String, text: &str) {
    into.extend(text.chars().filter(|character| !is_hidden(*character)));
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
            prop_assert!(!cleaned.contains(['\t', '\n', '\r']) && !cleaned.contains(is_hidden));
            prop_assert!(cleaned.chars().count() <= 52);
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
