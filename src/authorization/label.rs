//! Text that strangers call themselves by, made fit to be shown.

/// One line of at most `longest` characters: without control characters, and without the bidirectional,
/// zero-width and tag characters that make a label read as another. Spaces are collapsed.
pub fn clean(text: &str, longest: usize) -> String {
    let visible: String =
        text.chars().filter(|character| character.is_whitespace() || !is_deceptive(*character)).collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(longest).collect::<String>().trim_end().to_owned()
}

const fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' // control
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' // zero-width, and marks of direction
        | '\u{2028}'..='\u{202e}' // separators, embeddings and overrides
        | '\u{2060}'..='\u{206f}' // joiners, invisible operators, isolates
        | '\u{3164}' | '\u{ffa0}' // fillers
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{e000}'..='\u{f8ff}' // private use
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{10ffff}') // tags, more variation selectors, private use
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        assert_eq!(clean("Claude Code – Büro ✓ 日本語", 100), "Claude Code – Büro ✓ 日本語");
    }

    #[test]
    fn an_override_of_direction_is_removed() {
        assert_eq!(clean("evil\u{202e}moc.elpmaxe", 100), "evilmoc.elpmaxe");
    }

    #[test]
    fn tag_and_zero_width_characters_are_removed() {
        assert_eq!(clean("Cur\u{200b}sor\u{e0041}\u{e007f}", 100), "Cursor");
    }

    #[test]
    fn line_breaks_become_single_spaces() {
        assert_eq!(clean(" a\r\n\tb \u{2028} c ", 100), "a b c");
    }

    #[test]
    fn it_is_cut_by_characters() {
        assert_eq!(clean("ééé", 2), "éé");
    }

    proptest! {
        #[test]
        fn whatever_comes_cleaning_twice_is_cleaning_once(text in "\\PC*|.*", longest in 0_usize..50) {
            let once = clean(&text, longest);
            prop_assert!(once.chars().count() <= longest);
            prop_assert!(!once.chars().any(|character| character.is_control() || is_deceptive(character)));
            prop_assert_eq!(clean(&once, longest), once);
        }
    }
}
