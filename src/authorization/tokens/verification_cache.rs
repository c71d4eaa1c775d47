//! Cache of verified access tokens, in the memory of this isolate. A signature stays valid as long as the keys are the
//! same, so only the first of many calls pays for its verification. The expiry is checked each time.

use std::{cell::RefCell, collections::HashMap};

use crate::{authorization::tokens::principal::Principal, crypto::key::KeyPair, settings::Settings};

/// Beyond these the isolate begins anew: some 1 MB, or 6 MB where everybody is in as many groups as a token carries.
const MOST: usize = 1_000;

/// Whom a token stands for, and until when, in seconds since the Unix epoch.
#[derive(Clone)]
pub struct Entry {
    pub principal: Principal,
    pub expires_at: i64,
}

/// Holds credentials, so it has no `Debug`.
#[derive(Default)]
struct Tokens {
    /// The cache key: signing keys and issuer. A change of either empties the cache.
    by: Option<(KeyPair, String)>,
    known: HashMap<String, Entry>,
}

thread_local! {
    static TOKENS: RefCell<Tokens> = RefCell::default();
}

fn matches(tokens: &Tokens, settings: &Settings) -> bool {
    tokens.by.as_ref().is_some_and(|(keys, issuer)| *keys == settings.signing_keys && *issuer == settings.public_url)
}

/// What is known of a token.
pub fn get(settings: &Settings, token: &str) -> Option<Entry> {
    TOKENS.with_borrow(|tokens| if matches(tokens, settings) { tokens.known.get(token).cloned() } else { None })
}

/// Keeps what was verified of a token.
pub fn insert(settings: &Settings, token: &str, verified: Entry) {
    TOKENS.with_borrow_mut(|tokens| {
        if !matches(tokens, settings) {
            *tokens = Tokens {
                by: Some((settings.signing_keys.clone(), settings.public_url.clone())),
                known: HashMap::new(),
            };
        }
        if tokens.known.len() >= MOST {
            tokens.known.clear();
        }
        tokens.known.insert(token.to_owned(), verified);
    });
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::*;
    use crate::{
        authorization::tokens::scope::Scopes,
        crypto::key::Key,
        identifiers::{ClientId, GrantId, Subject},
        settings,
    };

    fn verified() -> Entry {
        let principal = Principal {
            subject: Subject::from("u".to_owned()),
            client: ClientId::new("c"),
            grant: GrantId::new("g"),
            scopes: Scopes::offered(),
            attributes: Rc::default(),
        };
        Entry { principal, expires_at: 1 }
    }

    #[test]
    fn a_token_is_known_by_all_of_it() {
        let settings = settings::for_tests();
        insert(&settings, "head.payload.signature", verified());
        assert!(get(&settings, "head.payload.signature").is_some());
        assert!(get(&settings, "head.other.signature").is_none());
    }

    #[test]
    fn what_other_keys_proved_is_not_known() {
        insert(&settings::for_tests(), "token", verified());
        let mut rotated = settings::for_tests();
        rotated.signing_keys.previous = None;
        rotated.signing_keys.current = Key::for_tests(9);
        assert!(get(&rotated, "token").is_none());
    }

    #[test]
    fn what_another_issuer_proved_is_not_known() {
        insert(&settings::for_tests(), "token", verified());
        let other = Settings { public_url: "https://other.example".into(), ..settings::for_tests() };
        assert!(get(&other, "token").is_none());
    }

    #[test]
    fn no_more_are_known_than_there_is_room_for() {
        let settings = settings::for_tests();
        for number in 0..=MOST {
            insert(&settings, &number.to_string(), verified());
        }
        assert!(get(&settings, "0").is_none());
        assert!(get(&settings, &MOST.to_string()).is_some());
    }
}
