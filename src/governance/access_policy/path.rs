//! Whether the files that a call names are those of a pattern, in whatever way it spells them.
//!
//! A pattern names a file or a directory, and a directory with all that lies below it. Providers may read a path in other
//! ways than as it is written: an encoded character, a star as a pattern, another case where they index names. Where such
//! a reading would change what is decided, nobody knows: it may be one of the pattern's.

use super::pattern::{Matches, Pattern, matches};
use crate::governance::named_paths::{NamedPath, PathScope};

/// Characters by which a path that narrows something, such as a diff, may be taken for a pattern.
const WILD: [char; 3] = ['*', '?', '['];

/// Whether what is named is of the pattern: perhaps, where some of it is or nobody knows.
pub fn of_path(Pattern(pattern): &Pattern, named: &NamedPath) -> Matches {
    let (pattern, NamedPath { path, scope }) = (directory(pattern), named);
    let lower = (pattern.to_lowercase(), path.to_lowercase());
    of_spelling(pattern, path, *scope).alike(of_spelling(&lower.0, &lower.1, *scope))
}

/// What of a pattern is no pattern of the path of a file or directory, in words that follow the pattern.
pub fn defect(Pattern(pattern): &Pattern) -> Option<&'static str> {
    let pattern = directory(pattern);
    let is_name = |name: &str| !matches!(name, "" | "." | "..") && !name.contains(['\\', '%', '?', '[']);
    if pattern.contains("**") {
        return Some(
            "has `**` where it means nothing: `*` stands for any characters, `/` too, and a directory for all below",
        );
    }
    let is_path = pattern.split('/').all(is_name) && pattern.trim() == pattern && !pattern.contains(char::is_control);
    (!is_path).then_some("is no path from the top directory such as `docs`, `src/*.rs` or `*.pem`")
}

/// A directory by its name: `docs/`, `docs/*` and `docs/**` are all that lies in `docs`.
fn directory(pattern: &str) -> &str {
    let beginnings = ["/**", "/*", "/"].iter().find_map(|end| pattern.strip_suffix(end));
    beginnings.filter(|name| !name.is_empty()).unwrap_or(pattern)
}

fn of_spelling(pattern: &str, path: &str, scope: PathScope) -> Matches {
    let literal = pattern.split('*').next().unwrap_or_default();
    // Git reads a colon as the beginning of a pattern, and what is encoded may lead anywhere, `..` too.
    let wild = if path.starts_with(':') || path.contains('%') { Some(0) } else { path.find(WILD) };
    if let Some(beginning) = wild.and_then(|at| path.get(..at)) {
        return match (all_begin(pattern, beginning), may_begin(pattern, literal, beginning)) {
            (true, _) => Matches::Yes,
            (false, true) => Matches::Perhaps,
            (false, false) => Matches::No,
        };
    }
    if covers(pattern, path) {
        return Matches::Yes;
    }
    let below = if path.is_empty() { String::new() } else { format!("{path}/") };
    let is_perhaps = match scope {
        PathScope::File => false,
        PathScope::Written => literal.starts_with(&below),
        PathScope::Below => may_begin(pattern, literal, &below),
    };
    if is_perhaps { Matches::Perhaps } else { Matches::No }
}

/// The directories that a path lies in.
fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}

/// Whether a pattern is of a path, or of a directory that it lies in.
fn covers(pattern: &str, path: &str) -> bool {
    parents(path).chain([path]).any(|path| matches(pattern, path))
}

/// Whether it covers every path that begins so.
fn all_begin(pattern: &str, beginning: &str) -> bool {
    parents(beginning).any(|parent| matches(pattern, parent)) || (pattern.ends_with('*') && matches(pattern, beginning))
}

/// Whether it covers a path that begins so.
fn may_begin(pattern: &str, literal: &str, beginning: &str) -> bool {
    let goes_on = |rest: &str| pattern.len() > literal.len() || rest.is_empty() || rest.starts_with('/');
    literal.starts_with(beginning) || beginning.strip_prefix(literal).is_some_and(goes_on)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::{operation::Kind, value};

    fn of(pattern: &str, path: &str, scope: PathScope) -> Matches {
        of_path(&Pattern(pattern.to_owned()), &NamedPath { path: path.to_owned(), scope })
    }

    #[test]
    fn a_pattern_is_of_a_file_of_a_directory_and_of_what_lies_below() {
        use Matches::{No, Perhaps, Yes};
        for (pattern, path, file, below) in [
            ("docs/**", "docs/a/b.md", Yes, Yes),
            ("docs/*", "docs", Yes, Yes),
            ("docs/", "docs/a", Yes, Yes),
            ("docs", "docsx", No, No),
            ("docs/api", "docs", No, Perhaps),
            ("docs/api", "doc", No, No),
            ("docs", "", No, Perhaps),
            ("*.pem", "a/b.pem", Yes, Yes),
            ("*.pem", "src/main.rs", No, Perhaps),
            ("*", "", Yes, Yes),
            ("src/*.rs", "src/a/b.rs", Yes, Yes),
            ("src/*.rs", "src/a", No, Perhaps),
            ("src/*.rs", "lib", No, No),
        ] {
            assert_eq!(
                (of(pattern, path, PathScope::File), of(pattern, path, PathScope::Below)),
                (file, below),
                "{pattern} {path}"
            );
        }
    }

    #[test]
    fn a_file_that_is_written_may_take_the_place_of_a_directory() {
        assert_eq!(of("infra/live/*", "infra", PathScope::Written), Matches::Perhaps);
        assert_eq!(of("*.pem", "src/main.rs", PathScope::Written), Matches::No);
    }

    #[test]
    fn another_spelling_of_a_path_is_perhaps_of_the_pattern() {
        for path in [
            "Secrets/a",
            "secrets%2Fa",
            "%73ecrets/a",
            "%2573ecrets/a",
            "docs%2f..%2fsecrets",
            "s*/a",
            "s?crets/a",
            "[s]ecrets/a",
            ":(icase)x",
        ] {
            assert_eq!(of("secrets/*", path, PathScope::File), Matches::Perhaps, "{path}");
        }
        for path in ["docs/[id].md", "docs/a*"] {
            assert_eq!(of("secrets/*", path, PathScope::Below), Matches::No, "{path}");
        }
        assert_eq!(of("app/*", "app/[id]/page.tsx", PathScope::File), Matches::Yes);
        assert_eq!(of("*.tsx", "app/[id]/page.tsx", PathScope::File), Matches::Perhaps);
    }

    #[test]
    fn what_is_no_pattern_of_paths_is_not_kept() {
        for pattern in ["docs", "docs/", "docs/**", "*.pem", "src/*/gen", "*", "a b/c"] {
            assert_eq!(defect(&Pattern(pattern.to_owned())), None, "{pattern}");
        }
        for pattern in
            ["", "/docs", "./docs", "a/../b", "a//b", "**", "**/secrets", "a/**/b", "a\\b", " a", "a%2fb", "[ab]"]
        {
            assert!(defect(&Pattern(pattern.to_owned())).is_some(), "{pattern}");
        }
    }

    /// Ways to write a path that arguments take for the same one.
    fn spelt(path: &str, before: usize, after: bool) -> String {
        format!("{}{path}{}", ["", "/", "./"].get(before).unwrap_or(&""), if after { "/" } else { "" })
    }

    proptest! {
        #[test]
        fn no_spelling_of_a_file_passes_a_rule_on_its_directory(
            names in prop::collection::vec("[a-z.]{1,6}", 1..4),
            before in 0_usize..3, after in any::<bool>(),
            encoded in prop::collection::vec(any::<bool>(), 24), upper in prop::collection::vec(any::<bool>(), 24), twice in any::<bool>(),
        ) {
            let names: Vec<_> = names.into_iter().filter(|name| !matches!(name.as_str(), "." | "..")).collect();
            let path = format!("secrets/{}", names.join("/"));
            let mark = if twice { "%25" } else { "%" };
            let write = |(index, character): (usize, char)| match (encoded.get(index), upper.get(index)) {
                (Some(true), _) => format!("{mark}{:02X}", u32::from(character)),
                (_, Some(true)) => character.to_ascii_uppercase().to_string(),
                _ => character.to_string(),
            };
            let written: String = path.chars().enumerate().map(write).collect();
            if let Some(read) = value::read(Kind::Path, &spelt(&written, before, after).into()) {
                for scope in [PathScope::File, PathScope::Written, PathScope::Below] {
                    prop_assert_ne!(of("secrets/**", &read.text(), scope), Matches::No);
                }
            }
        }

        #[test]
        fn what_is_certainly_of_a_pattern_is_so_with_all_that_lies_below(pattern in "[a-b*/]{1,5}", path in "[a-b/%*]{0,6}", rest in "[a-b/]{1,4}") {
            let Some(read) = value::read(Kind::Path, &path.as_str().into()) else { return Ok(()) };
            prop_assume!(defect(&Pattern(pattern.clone())).is_none());
            let below = value::read(Kind::Path, &format!("{}/{rest}", read.text()).into());
            let Some(below) = below else { return Ok(()) };
            match of(&pattern, &read.text(), PathScope::Below) {
                Matches::Yes => prop_assert_eq!(of(&pattern, &below.text(), PathScope::File), Matches::Yes),
                Matches::No => prop_assert_eq!(of(&pattern, &below.text(), PathScope::File), Matches::No),
                Matches::Perhaps => {}
            }
        }
    }
}
