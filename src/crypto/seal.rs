//! AES-256-GCM with a key id on every record and associated data that names its place, so that a sealed
//! value moved to another row or column does not open.

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::{
    key::{Key, KeyPair},
    random,
    secret::Secret,
};
use crate::platform::Fault;

/// What a sealed value begins with. Those of `v1.` were sealed with the operator's key itself, for all purposes, and are
/// not opened any more.
const VERSION: &str = "v2.";

/// What is sealed: each by a key of its own, so that what strangers have us seal shares no key with people's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tokens that providers gave us, keys of the audit log's chain, and where notices go, in the record.
    Tokens,
    /// A sign-in under way, in a cookie.
    SignIn,
    /// Ids of sessions and of our own requests, with MCP clients.
    Session,
    /// The state of a request that waits for its client's input.
    RequestState,
    /// What approvers of a call are shown, in the record.
    Approvals,
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens of providers",
            Self::SignIn => "sign-in",
            Self::Session => "session of an MCP client",
            Self::RequestState => "request state",
            Self::Approvals => "approvals of calls",
        }
    }
}

/// The sealer of each purpose, of one operator's keys.
#[derive(Debug, Clone)]
pub struct Sealers {
    tokens: Sealer,
    sign_in: Sealer,
    session: Sealer,
    request_state: Sealer,
    approvals: Sealer,
}

impl Sealers {
    pub fn new(keys: &KeyPair) -> Self {
        Self {
            tokens: Sealer::new(keys, Purpose::Tokens),
            sign_in: Sealer::new(keys, Purpose::SignIn),
            session: Sealer::new(keys, Purpose::Session),
            request_state: Sealer::new(keys, Purpose::RequestState),
            approvals: Sealer::new(keys, Purpose::Approvals),
        }
    }

    pub const fn of(&self, purpose: Purpose) -> &Sealer {
        match purpose {
            Purpose::Tokens => &self.tokens,
            Purpose::SignIn => &self.sign_in,
            Purpose::Session => &self.session,
            Purpose::RequestState => &self.request_state,
            Purpose::Approvals => &self.approvals,
        }
    }
}

/// Seals with the current key; opens with either.
#[derive(Debug, Clone)]
pub struct Sealer(KeyPair);

impl Sealer {
    /// One for that purpose, of the operator's keys.
    pub fn new(keys: &KeyPair, purpose: Purpose) -> Self {
        Self(keys.derive(purpose.name()))
    }

    /// One of a single key, for a purpose of its own.
    pub fn of(key: &Key, purpose: &str) -> Self {
        Self(KeyPair { current: key.derive(purpose), previous: None })
    }

    /// `v2.<key id>.<nonce ‖ ciphertext>`, all of `[A-Za-z0-9._-]`. `place` is bound to it: table, row and
    /// column for a stored value.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, plaintext: &str, place: &str) -> Result<String, Fault> {
        let nonce: [u8; 12] = random::bytes()?;
        let sealed = Aes256Gcm::new(self.0.current.bytes().into())
            .encrypt(Nonce::from_slice(&nonce), Payload { msg: plaintext.as_bytes(), aad: place.as_bytes() })
            .map_err(|error| Fault::new("seal", error))?;
        Ok(format!("{VERSION}{}.{}", self.0.current.id(), URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// The id of the previous key, while there is one.
    pub fn previous(&self) -> Option<&str> {
        self.0.previous.as_ref().map(Key::id)
    }

    /// Whether this was sealed with the previous key: then it is time to seal it anew.
    pub fn is_previous(&self, sealed: &str) -> bool {
        let id = sealed.strip_prefix(VERSION).and_then(|rest| rest.split_once('.')).map(|(id, _)| id);
        id.is_some() && id == self.previous()
    }

    /// What was sealed at `place`; `None` for anything that was altered, moved, or sealed with a key no
    /// longer live.
    pub fn open(&self, sealed: &str, place: &str) -> Option<Secret> {
        let (id, data) = sealed.strip_prefix(VERSION)?.split_once('.')?;
        let key = self.0.find(id)?;
        let data = URL_SAFE_NO_PAD.decode(data).ok()?;
        let (nonce, ciphertext) = data.split_at_checked(12)?;
        let plaintext = Aes256Gcm::new(key.bytes().into())
            .decrypt(Nonce::from_slice(nonce), Payload { msg: ciphertext, aad: place.as_bytes() })
            .ok()?;
        String::from_utf8(plaintext).ok().map(Secret::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer(current: u8, previous: Option<u8>) -> Sealer {
        let keys = KeyPair { current: Key::for_tests(current), previous: previous.map(Key::for_tests) };
        Sealer::new(&keys, Purpose::Tokens)
    }

    #[test]
    fn what_was_sealed_for_one_purpose_does_not_open_for_another() {
        let keys = KeyPair { current: Key::for_tests(1), previous: None };
        let sealed = Sealer::new(&keys, Purpose::Tokens).seal("token", "place").unwrap();
        for purpose in [Purpose::Tokens, Purpose::SignIn, Purpose::Session, Purpose::RequestState, Purpose::Approvals] {
            let opens = Sealers::new(&keys).of(purpose).open(&sealed, "place").is_some();
            assert_eq!(opens, purpose == Purpose::Tokens, "{purpose:?}");
        }
    }

    #[test]
    fn what_was_sealed_opens_at_its_place() {
        let sealed = sealer(1, None).seal("token", "connections/7/access").unwrap();
        assert_eq!(sealer(1, None).open(&sealed, "connections/7/access").unwrap().expose(), "token");
    }

    #[test]
    fn another_place_does_not_open_it() {
        let sealed = sealer(1, None).seal("token", "connections/7/access").unwrap();
        assert_eq!(sealer(1, None).open(&sealed, "connections/8/access"), None);
    }

    #[test]
    fn a_rotated_key_opens_while_it_is_the_previous_one() {
        let sealed = sealer(1, None).seal("token", "place").unwrap();
        assert!(sealer(2, Some(1)).open(&sealed, "place").is_some());
        assert!(sealer(2, None).open(&sealed, "place").is_none());
    }

    #[test]
    fn what_the_previous_key_sealed_is_told_apart() {
        let sealed = sealer(1, None).seal("token", "place").unwrap();
        assert!(sealer(2, Some(1)).is_previous(&sealed));
        assert!(!sealer(1, Some(2)).is_previous(&sealed) && !sealer(2, None).is_previous(&sealed));
        assert!(!sealer(2, None).is_previous("anything"));
    }

    #[test]
    fn any_altered_character_is_refused() {
        let sealed = sealer(1, None).seal("token", "place").unwrap();
        for index in 0..sealed.len() {
            let mut altered = sealed.clone().into_bytes();
            altered[index] = if altered[index] == b'A' { b'B' } else { b'A' };
            let altered = String::from_utf8(altered).unwrap();
            // The last character of base64 carries unused bits: only a canonical reading may open.
            assert!(altered == sealed || sealer(1, None).open(&altered, "place").is_none(), "{index}");
        }
    }
}
