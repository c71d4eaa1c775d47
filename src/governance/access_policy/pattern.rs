//! Patterns of names, and how far it is known whether something fits a condition.

use serde::{Deserialize, Serialize};

/// A name in which `*` stands for any characters, `release/*`. Case makes no difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(pub String);

impl Pattern {
    /// Whether the pattern is of that name.
    pub fn matches(&self, name: &str) -> bool {
        // Of the patterns of a large policy nearly all begin otherwise, which can be seen without a copy.
        let beginning = self.0.split('*').next().unwrap_or_default();
        if beginning.is_ascii() && name.is_ascii() {
            let begins = name.get(..beginning.len()).is_some_and(|name| name.eq_ignore_ascii_case(beginning));
            if !begins {
                return false;
            }
        }
        matches(&self.0.to_lowercase(), &name.to_lowercase())
    }

    /// The same of a name in which case makes a difference: what differs in that alone may be another one.
    pub(super) fn matches_exactly(&self, name: &str) -> Matches {
        match (matches(&self.0, name), self.matches(name)) {
            (true, _) => Matches::Yes,
            (false, true) => Matches::Perhaps,
            (false, false) => Matches::No,
        }
    }
}

/// Whether a name is one of a pattern, in which case makes a difference.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = left.split_once(part) else { return false };
        left = after;
    }
    left.ends_with(last)
}

/// Whether a condition fits a call, as far as its arguments tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matches {
    Yes,
    No,
    /// The arguments name it in a way that does not tell, or do not name it at all.
    Perhaps,
}

impl Matches {
    /// Whether both hold.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Perhaps,
        }
    }

    /// What holds of several things together: what holds of each of them.
    pub(super) fn alike(self, other: Self) -> Self {
        if self == other { self } else { Self::Perhaps }
    }

    /// Whether one of them holds.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            _ => Self::Perhaps,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pattern(text: &str) -> Pattern {
        Pattern(text.to_owned())
    }

    #[test]
    fn a_star_stands_for_any_characters() {
        for (text, name, is_of) in [
            ("web-*", "web-shop", true),
            ("web-*", "WEB-shop", true),
            ("web-*", "my-web-shop", false),
            ("*", "", true),
            ("release/*", "release/1/2", true),
            ("*-api-*", "billing-api-v2", true),
            ("a*a", "a", false),
            ("a*b*c", "aXbYbZc", true),
            ("main", "main2", false),
        ] {
            assert_eq!(pattern(text).matches(name), is_of, "{text} {name}");
        }
    }

    proptest! {
        #[test]
        fn a_pattern_is_of_whatever_stands_in_the_places_of_its_stars(parts in prop::collection::vec("[a-z/-]{0,4}", 1..5), between in "[a-z/-]{0,5}") {
            prop_assert!(pattern(&parts.join("*")).matches(&parts.join(&between)));
        }
    }
}
