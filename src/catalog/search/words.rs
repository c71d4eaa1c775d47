//! The words of a text, so that those that mean the same are the same: folded, without endings, and each by the one word
//! that the catalogue has for it. Pure.

use std::collections::HashMap;

use super::synonyms::{NOISE, PHRASES, SYNONYMS};

/// The one spelling of each word that has others.
pub struct Vocabulary {
    words: HashMap<String, &'static [&'static str]>,
    /// Words of scripts without spaces, the longest first.
    unspaced: Vec<(&'static str, &'static [&'static str])>,
    noise: Vec<String>,
}

impl Vocabulary {
    pub fn new() -> Self {
        let mut words = HashMap::new();
        let mut unspaced = Vec::new();
        for (same, others) in SYNONYMS {
            for other in *others {
                if other.is_ascii() || !is_unspaced(other) {
                    words.insert(stem(&fold(other)), *same);
                } else {
                    unspaced.push((*other, *same));
                }
            }
        }
        unspaced.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
        Self { words, unspaced, noise: NOISE.iter().map(|word| stem(word)).collect() }
    }

    /// The words of a text, each once, in the order of the text.
    pub fn words(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut rest = text.to_lowercase();
        for (word, same) in &self.unspaced {
            if rest.contains(word) {
                rest = rest.replace(word, " ");
                same.iter().for_each(|word| add(&mut found, stem(word)));
            }
        }
        let mut plain = format!(" {} ", split(&fold(&rest)).map(stem).collect::<Vec<_>>().join(" "));
        for (phrase, word) in PHRASES {
            let phrase = split(phrase).map(stem).collect::<Vec<_>>().join(" ");
            plain = plain.replace(&format!(" {phrase} "), &format!(" {word} "));
        }
        for word in plain.split_whitespace().filter(|word| !self.noise.iter().any(|noise| noise == word)) {
            match self.words.get(word) {
                Some(same) => same.iter().for_each(|word| add(&mut found, stem(word))),
                None => add(&mut found, word.to_owned()),
            }
        }
        found
    }
}

fn add(found: &mut Vec<String>, word: String) {
    if !found.contains(&word) {
        found.push(word);
    }
}

fn is_unspaced(text: &str) -> bool {
    text.chars().any(|character| ('\u{3040}'..='\u{9fff}').contains(&character))
}

fn split(text: &str) -> impl Iterator<Item = &str> {
    // Between words of Japanese stand particles.
    let divides = |character: char| !character.is_alphanumeric() || "をのにはがでと".contains(character);
    text.split(divides).filter(|word| !word.is_empty())
}

/// Lower case, and letters without what is written over or under them.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for character in text.chars().flat_map(char::to_lowercase) {
        match character {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è' | 'é' | 'ê' | 'ë' => folded.push('e'),
            'ì' | 'í' | 'î' | 'ï' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => folded.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => folded.push('u'),
            'ß' => folded.push_str("ss"),
            'œ' => folded.push_str("oe"),
            '\'' | '’' => folded.push(' '),
            other => folded.push(other),
        }
    }
    folded
}

/// A word without the endings that English has for more of a thing, and for what is done or was.
pub fn stem(word: &str) -> String {
    let letters = word.chars().count();
    if letters < 4 || !word.is_ascii() {
        return word.to_owned();
    }
    let ends = |ending: &str| word.strip_suffix(ending);
    let stem = if let Some(stem) = ends("ies") {
        format!("{stem}y")
    } else if let Some(stem) = ends("sses").or_else(|| ends("shes")).or_else(|| ends("ches")).or_else(|| ends("xes")) {
        let kept = word.len() - stem.len() - 2;
        word.get(..stem.len() + kept).unwrap_or(word).to_owned()
    } else if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        word.to_owned()
    } else {
        ends("s").unwrap_or(word).to_owned()
    };
    let shorter = match stem.strip_suffix("ing").or_else(|| stem.strip_suffix("ed")) {
        Some(shorter) if shorter.len() > 2 && shorter.contains(['a', 'e', 'i', 'o', 'u', 'y']) => undoubled(shorter),
        _ => &stem,
    };
    shorter.strip_suffix('e').filter(|shorter| shorter.len() > 2).unwrap_or(shorter).to_owned()
}

/// `merg` of `merg`, `stop` of `stopp`.
fn undoubled(word: &str) -> &str {
    let mut last = word.bytes().rev();
    match (last.next(), last.next()) {
        (Some(one), Some(other)) if one == other && !matches!(one, b's' | b'l' | b'e') => {
            word.get(..word.len() - 1).unwrap_or(word)
        }
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_root_are_one_word() {
        for (one, other) in [
            ("branches", "branch"),
            ("repositories", "repository"),
            ("merged", "merge"),
            ("merging", "merges"),
            ("stopped", "stop"),
            ("approving", "approved"),
            ("statuses", "status"),
            ("tests", "test"),
        ] {
            assert_eq!(stem(one).trim_end_matches("es"), stem(other).trim_end_matches("es"), "{one} {other}");
        }
    }

    #[test]
    fn words_of_other_languages_are_those_of_the_catalogue() {
        let vocabulary = Vocabulary::new();
        for (text, word) in [
            ("Zweige", "branch"),
            ("dépôts", "repository"),
            ("プルリクエスト", "pullrequest"),
            ("Anhänge", "attachment"),
        ] {
            assert!(vocabulary.words(text).contains(&stem(word)), "{text}: {:?}", vocabulary.words(text));
        }
    }

    #[test]
    fn words_that_belong_together_are_one() {
        assert!(Vocabulary::new().words("all my pull requests").contains(&"pullrequest".to_owned()));
    }
}
