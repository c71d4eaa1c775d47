//! The text of a refresh token: the name of a grant and a generation, authenticated by our key. None is stored.

use crate::{
    crypto::{
        digest,
        key::{Key, KeyPair},
        secret::Secret,
    },
    identifiers::GrantId,
};

/// Lets scanners of source code find a leaked one.
const PREFIX: &str = "postern_refresh_";

const PURPOSE: &str = "refresh token";

/// What an authentic refresh token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub grant: GrantId,
    pub generation: i64,
}

impl RefreshToken {
    /// `postern_refresh_<grant>.<generation>.<authentication>`: under one key the same text for the same
    /// generation, always.
    pub fn issue(&self, keys: &KeyPair) -> Secret {
        let generation = self.generation.to_string();
        let authentication = authentication(&keys.current, self.grant.as_str(), &generation);
        Secret::new(format!("{PREFIX}{}.{generation}.{authentication}", self.grant))
    }

    /// Reads one that was issued with a live key; `None` for any other text.
    pub fn read(text: &str, keys: &KeyPair) -> Option<Self> {
        Self::read_with_key(text, keys).map(|(token, _)| token)
    }

    /// The same, and the key.
    pub fn read_with_key<'a>(text: &str, keys: &'a KeyPair) -> Option<(Self, &'a Key)> {
        let (grant, rest) = text.strip_prefix(PREFIX)?.split_once('.')?;
        let (generation, given) = rest.split_once('.')?;
        let issued = |key: &&Key| digest::equal(&authentication(key, grant, generation), given);
        let key = keys.live().find(issued)?;
        Some((Self { grant: GrantId::new(grant), generation: generation.parse().ok()? }, key))
    }
}

fn authentication(key: &Key, grant: &str, generation: &str) -> String {
    digest::authenticate(&key.derive(PURPOSE), &[grant, generation])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: u8, previous: Option<u8>) -> KeyPair {
        KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) }
    }

    fn token() -> RefreshToken {
        RefreshToken { grant: GrantId::new("g-_1"), generation: 12 }
    }

    #[test]
    fn what_was_issued_is_read() {
        let text = token().issue(&keys(1, None));
        assert_eq!(RefreshToken::read(text.expose(), &keys(1, None)), Some(token()));
    }

    #[test]
    fn the_same_generation_is_always_the_same_text() {
        assert_eq!(token().issue(&keys(1, None)), token().issue(&keys(1, None)));
    }

    #[test]
    fn one_of_the_previous_key_is_read_while_that_key_is_live() {
        let text = token().issue(&keys(1, None));
        assert!(RefreshToken::read(text.expose(), &keys(2, Some(1))).is_some());
        assert!(RefreshToken::read(text.expose(), &keys(2, None)).is_none());
    }

    #[test]
    fn no_character_can_be_changed() {
        let text = token().issue(&keys(1, None));
        for index in 0..text.expose().len() {
            let mut altered = text.expose().to_owned().into_bytes();
            altered[index] = if altered[index] == b'1' { b'2' } else { b'1' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(RefreshToken::read(&altered, &keys(1, None)), None, "{index}");
        }
    }

    #[test]
    fn other_text_is_not_one() {
        for text in ["", "postern_refresh_", "postern_refresh_g.1", "postern_refresh_g.1.", "g.1.x"] {
            assert_eq!(RefreshToken::read(text, &keys(1, None)), None, "{text}");
        }
    }
}
