//! The text of a refresh token: the name of a grant, a generation and a person, authenticated by our key together with the
//! client that it is for. None is stored.

use crate::{
    crypto::{
        digest,
        key::{Key, KeyPair},
        secret::Secret,
    },
    identifiers::{ClientId, GrantId, UserId},
};

/// Lets scanners of source code find a leaked one.
const PREFIX: &str = "postern_refresh_";

const PURPOSE: &str = "refresh token";

/// What an authentic refresh token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub grant: GrantId,
    pub generation: i64,
    /// Whose grant it is, whatever the record says.
    pub user: UserId,
}

impl RefreshToken {
    /// `postern_refresh_<grant>.<generation>.<person>.<authentication>`: under one key the same text for the same
    /// generation and client, always.
    pub fn issue(&self, client: &ClientId, keys: &KeyPair) -> Secret {
        let generation = self.generation.to_string();
        let parts = [self.grant.as_str(), &generation, self.user.as_str(), client.as_str()];
        let authentication = authentication(&keys.current, parts);
        Secret::new(format!("{PREFIX}{}.{generation}.{}.{authentication}", self.grant, self.user))
    }

    /// Reads one that was issued to that client with a live key; `None` for any other text.
    pub fn read(text: &str, client: &ClientId, keys: &KeyPair) -> Option<Self> {
        Self::read_with_key(text, client, keys).map(|(token, _)| token)
    }

    /// The same, and the key.
    pub fn read_with_key<'a>(text: &str, client: &ClientId, keys: &'a KeyPair) -> Option<(Self, &'a Key)> {
        let (grant, rest) = text.strip_prefix(PREFIX)?.split_once('.')?;
        let (generation, rest) = rest.split_once('.')?;
        let (user, given) = rest.split_once('.')?;
        let parts = [grant, generation, user, client.as_str()];
        let key = keys.live().find(|key| digest::equal(&authentication(key, parts), given))?;
        Some((Self { grant: GrantId::new(grant), generation: generation.parse().ok()?, user: UserId::new(user) }, key))
    }
}

fn authentication(key: &Key, parts: [&str; 4]) -> String {
    digest::authenticate(&key.derive(PURPOSE), &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(current: u8, previous: Option<u8>) -> KeyPair {
        KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) }
    }

    fn token() -> RefreshToken {
        RefreshToken { grant: GrantId::new("g-_1"), generation: 12, user: UserId::new("u-_2") }
    }

    fn client() -> ClientId {
        ClientId::new("c")
    }

    #[test]
    fn what_was_issued_is_read() {
        let text = token().issue(&client(), &keys(1, None));
        assert_eq!(RefreshToken::read(text.expose(), &client(), &keys(1, None)), Some(token()));
    }

    #[test]
    fn the_same_generation_is_always_the_same_text() {
        assert_eq!(token().issue(&client(), &keys(1, None)), token().issue(&client(), &keys(1, None)));
    }

    #[test]
    fn one_of_the_previous_key_is_read_while_that_key_is_live() {
        let text = token().issue(&client(), &keys(1, None));
        assert!(RefreshToken::read(text.expose(), &client(), &keys(2, Some(1))).is_some());
        assert!(RefreshToken::read(text.expose(), &client(), &keys(2, None)).is_none());
    }

    #[test]
    fn no_character_can_be_changed() {
        let text = token().issue(&client(), &keys(1, None));
        for index in 0..text.expose().len() {
            let mut altered = text.expose().to_owned().into_bytes();
            altered[index] = if altered[index] == b'1' { b'2' } else { b'1' };
            let altered = String::from_utf8(altered).unwrap();
            assert_eq!(RefreshToken::read(&altered, &client(), &keys(1, None)), None, "{index}");
        }
    }

    #[test]
    fn other_text_is_not_one() {
        for text in
            ["", "postern_refresh_", "postern_refresh_g.1", "postern_refresh_g.1.", "postern_refresh_g.1.u.", "g.1.u.x"]
        {
            assert_eq!(RefreshToken::read(text, &client(), &keys(1, None)), None, "{text}");
        }
    }

    #[test]
    fn one_of_another_client_is_not_read() {
        let text = token().issue(&ClientId::new("other"), &keys(1, None));
        assert_eq!(RefreshToken::read(text.expose(), &client(), &keys(1, None)), None);
    }
}
