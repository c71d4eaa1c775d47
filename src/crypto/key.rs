//! Symmetric keys: two of a kind may be live, so that they can be rotated.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// 256 bits, overwritten when they are dropped. `Debug` prints the id alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    bytes: Zeroizing<[u8; 32]>,
    /// Of the operator's key, also in the keys that are derived from it: what depends on that key is found by its id.
    id: String,
}

impl Key {
    fn new(bytes: [u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"postern key id").chain_update(bytes).finalize();
        Self { bytes: Zeroizing::new(bytes), id: URL_SAFE_NO_PAD.encode(digest).chars().take(8).collect() }
    }

    /// Reads 32 bytes of base64url or base64, padded or not.
    pub fn parse(text: &str) -> Option<Self> {
        let text: Zeroizing<String> = text
            .trim()
            .trim_end_matches('=')
            .chars()
            .map(|character| match character {
                '+' => '-',
                '/' => '_',
                other => other,
            })
            .collect::<String>()
            .into();
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text.as_str()).ok()?);
        bytes.as_slice().try_into().ok().map(Self::new)
    }

    /// Names the key, or the one that it was derived from, without telling anything of it: 8 characters.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// An independent key for one purpose, so that nothing made for one purpose is accepted for another.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.bytes.as_slice()) else { return self.clone() };
        mac.update(purpose.as_bytes());
        Self { bytes: Zeroizing::new(mac.finalize().into_bytes().into()), id: self.id.clone() }
    }

    /// The bytes as text, to be sealed.
    pub fn encoded(&self) -> Zeroizing<String> {
        URL_SAFE_NO_PAD.encode(self.bytes.as_slice()).into()
    }

    /// Reads what [`Self::encoded`] wrote of a key of that id, which a derived key has from the operator's.
    pub fn restore(text: &str, id: &str) -> Option<Self> {
        Self::parse(text).map(|key| Self { id: id.to_owned(), ..key })
    }

    #[cfg(test)]
    pub fn for_tests(seed: u8) -> Self {
        Self::new([seed; 32])
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Key({})", self.id())
    }
}

/// The key in use and, during a rotation, the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPair {
    pub current: Key,
    pub previous: Option<Key>,
}

impl KeyPair {
    /// The keys that are accepted, the one in use first.
    pub fn live(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(&self.previous)
    }

    /// The live key of that id.
    pub fn find(&self, id: &str) -> Option<&Key> {
        self.live().find(|key| key.id() == id)
    }

    /// Both keys, derived for one purpose.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> Self {
        Self { current: self.current.derive(purpose), previous: self.previous.as_ref().map(|key| key.derive(purpose)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_32_bytes_of_either_base64() {
        assert!(Key::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").is_some());
        assert!(Key::parse("//////////////////////////////////////////8=").is_some());
        assert!(Key::parse("AAAA").is_none());
        assert!(Key::parse("not base64!").is_none());
    }

    #[test]
    fn purposes_have_independent_keys() {
        assert_ne!(Key::for_tests(1).derive("a"), Key::for_tests(1).derive("b"));
    }

    #[test]
    fn a_derived_key_is_found_by_the_id_of_the_operators_key() {
        assert_eq!(Key::for_tests(1).derive("a").id(), Key::for_tests(1).id());
        assert_ne!(Key::for_tests(1).id(), Key::for_tests(2).id());
    }
}
