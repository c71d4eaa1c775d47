//! The access tokens that this isolate has proven to be ours. A signature that held once holds as long as the keys are
//! the same, so the first of many calls alone pays for the proof. Whether a token has ended is asked each time.

use std::{cell::RefCell, collections::HashMap};

use crate::{authorization::principal::Principal, crypto::key::KeyPair, settings::Settings};

/// Beyond these the isolate begins anew: some 1 MB.
const MOST: usize = 1_000;

/// Whom a token stands for, and until when, in seconds since the Unix epoch.
#[derive(Clone)]
pub struct Proven {
    pub principal: Principal,
    pub expires_at: i64,
}

/// Holds credentials, so it has no `Debug`.
#[derive(Default)]
struct Tokens {
    /// The keys and the issuer that they were proven with; of any others nothing is known.
    by: Option<(KeyPair, String)>,
    known: HashMap<String, Proven>,
}

thread_local! {
    static TOKENS: RefCell<Tokens> = RefCell::default();
}

fn is_by(tokens: &Tokens, settings: &Settings) -> bool {
    tokens.by.as_ref().is_some_and(|(keys, issuer)| *keys == settings.signing_keys && *issuer == settings.public_url)
}

/// What is known of a token.
pub fn recall(settings: &Settings, token: &str) -> Option<Proven> {
    TOKENS.with_borrow(|tokens| if is_by(tokens, settings) { tokens.known.get(token).cloned() } else { None })
}

/// Keeps what was proven of a token.
pub fn keep(settings: &Settings, token: &str, proven: Proven) {
    TOKENS.with_borrow_mut(|tokens| {
        if !is_by(tokens, settings) {
            *tokens = Tokens {
                by: Some((settings.signing_keys.clone(), settings.public_url.clone())),
                known: HashMap::new(),
            };
        }
        if tokens.known.len() >= MOST {
            tokens.known.clear();
        }
        tokens.known.insert(token.to_owned(), proven);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authorization::tokens::scope::Scopes,
        crypto::key::Key,
        identifiers::{ClientId, GrantId, Subject},
        settings,
    };

    fn proven() -> Proven {
        let principal = Principal {
            subject: Subject::from("u".to_owned()),
            client: ClientId::new("c"),
            grant: GrantId::new("g"),
            scopes: Scopes::offered(),
        };
        Proven { principal, expires_at: 1 }
    }

    #[test]
    fn a_token_is_known_by_all_of_it() {
        let settings = settings::for_tests();
        keep(&settings, "head.payload.signature", proven());
        assert!(recall(&settings, "head.payload.signature").is_some());
        assert!(recall(&settings, "head.other.signature").is_none());
    }

    #[test]
    fn what_other_keys_proved_is_not_known() {
        keep(&settings::for_tests(), "token", proven());
        let mut rotated = settings::for_tests();
        rotated.signing_keys.previous = None;
        rotated.signing_keys.current = Key::for_tests(9);
        assert!(recall(&rotated, "token").is_none());
    }

    #[test]
    fn what_another_issuer_proved_is_not_known() {
        keep(&settings::for_tests(), "token", proven());
        let other = Settings { public_url: "https://other.example".into(), ..settings::for_tests() };
        assert!(recall(&other, "token").is_none());
    }

    #[test]
    fn no_more_are_known_than_there_is_room_for() {
        let settings = settings::for_tests();
        for number in 0..=MOST {
            keep(&settings, &number.to_string(), proven());
        }
        assert!(recall(&settings, "0").is_none());
        assert!(recall(&settings, &MOST.to_string()).is_some());
    }
}
