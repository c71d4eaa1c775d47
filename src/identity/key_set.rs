//! Published keys (JWK sets, RFC 7517), fetched when they are needed and cached.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    context::Context,
    crypto::jws::choose,
    platform::{clock::Timestamp, json, signature::Algorithm},
};

const LIFE: Duration = Duration::from_secs(10 * 60);
/// A key we do not know is looked up again no sooner than this after the last look.
const PAUSE: Duration = Duration::from_secs(30);

/// A set as it is published.
#[derive(Deserialize)]
pub struct KeySet {
    pub keys: Vec<Value>,
}

/// A set as last seen.
#[derive(Serialize, Deserialize)]
struct Seen {
    fetched_at: Timestamp,
    keys: Vec<Value>,
}

/// The key of that id for that algorithm; without an id, the only key for the algorithm. One that is not in the
/// cached set is looked for in a fresh copy, at most every 30 s.
///
/// # Errors
/// Those of `fetch`.
pub async fn key<E>(
    context: &Context,
    cache_key: &str,
    id: Option<&str>,
    algorithm: Algorithm,
    fetch: impl AsyncFnOnce() -> Result<KeySet, E>,
) -> Result<Option<Value>, E> {
    let now = context.platform.clock.now();
    if let Some(seen) = seen(context, cache_key).await {
        let found = choose(&seen.keys, id, algorithm);
        if found.is_some() || now.since(seen.fetched_at) < PAUSE {
            return Ok(found);
        }
    }
    let seen = Seen { fetched_at: now, keys: fetch().await?.keys };
    if let Ok(text) = serde_json::to_string(&seen) {
        context.platform.cache.put(cache_key, text, LIFE).await;
    }
    Ok(choose(&seen.keys, id, algorithm))
}

/// The same key where the cached set has it.
pub async fn cached(context: &Context, cache_key: &str, id: Option<&str>, algorithm: Algorithm) -> Option<Value> {
    choose(&seen(context, cache_key).await?.keys, id, algorithm)
}

/// The cached set, while it is believed.
async fn seen(context: &Context, cache_key: &str) -> Option<Seen> {
    let text = context.platform.cache.get(cache_key).await?;
    let seen: Seen = json::from_str(&text).ok()?;
    (context.platform.clock.now().since(seen.fetched_at) < LIFE).then_some(seen)
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, convert::Infallible, rc::Rc};

    use futures_executor::block_on;
    use serde_json::json;

    use super::*;
    use crate::{
        identifiers::RequestId,
        platform::{
            Platform,
            native::{
                self,
                memory::{ScriptedHttp, TestClock},
            },
        },
        settings,
    };

    /// Somebody whose published set holds one more key at each look: `1`, then `1` and `2`, ….
    struct Scene {
        context: Context,
        clock: TestClock,
        looks: Cell<usize>,
    }

    impl Scene {
        fn new() -> Self {
            let clock = TestClock::default();
            let platform = Platform { clock: Rc::new(clock.clone()), ..native::platform(ScriptedHttp::unreachable()) };
            let settings = Rc::new(settings::for_tests());
            let context = Context { settings, platform, request_id: RequestId::new("request") };
            Self { context, clock, looks: Cell::new(0) }
        }

        fn has(&self, id: &str) -> bool {
            let fetch = async || {
                self.looks.set(self.looks.get() + 1);
                let key = |number: usize| json!({ "kty": "RSA", "kid": number.to_string() });
                Ok::<_, Infallible>(KeySet { keys: (1..=self.looks.get()).map(key).collect() })
            };
            let Ok(found) = block_on(key(&self.context, "keys", Some(id), Algorithm::Rs256, fetch));
            found.is_some()
        }
    }

    #[test]
    fn a_known_key_comes_from_the_cache() {
        let scene = Scene::new();
        assert!(scene.has("1") && scene.has("1"));
        assert_eq!(scene.looks.get(), 1);
    }

    #[test]
    fn an_unknown_key_is_looked_up_again_but_not_within_30_seconds() {
        let scene = Scene::new();
        assert!(scene.has("1") && !scene.has("2"));
        assert_eq!(scene.looks.get(), 1);
        scene.clock.advance(PAUSE);
        assert!(scene.has("2"));
    }

    #[test]
    fn keys_are_fetched_anew_after_ten_minutes() {
        let scene = Scene::new();
        assert!(scene.has("1"));
        scene.clock.advance(LIFE);
        assert!(scene.has("1"));
        assert_eq!(scene.looks.get(), 2);
    }
}
