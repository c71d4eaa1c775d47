//! The cache as whoever can write to it cannot use it: a value is believed only where it was put, by us, and no longer
//! than we said.

use std::{rc::Rc, time::Duration};

use futures::{FutureExt, future::LocalBoxFuture};

use super::authenticator::Authenticator;
use crate::platform::{
    cache::{Cache, SHORTEST_LIFE},
    clock::{Clock, Timestamp},
    log::{self, Level},
};

/// A cache of values as `<HMAC-SHA-256>.<end>.<value>`. Whatever else it holds is as if it were not there.
pub struct AuthenticCache {
    pub inner: Rc<dyn Cache>,
    pub clock: Rc<dyn Clock>,
    pub authenticator: Rc<Authenticator>,
}

impl AuthenticCache {
    /// The value of a text that we wrote for that key; `None` for any other, or once its time is over.
    fn read(&self, key: &str, text: &str) -> Option<String> {
        let (mac, rest) = text.split_once('.')?;
        if !self.authenticator.is_cached(key, rest, mac) {
            log::write(Level::Error, "a value of the cache is not authentic", &[("key", key.into())]);
            return None;
        }
        let (end, value) = rest.split_once('.')?;
        let end = Timestamp(end.parse().ok()?);
        (end > self.clock.now()).then(|| value.to_owned())
    }
}

impl Cache for AuthenticCache {
    fn get<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Option<String>> {
        async move { self.read(key, &self.inner.get(key).await?) }.boxed_local()
    }

    fn put<'a>(&'a self, key: &'a str, value: String, life: Duration) -> LocalBoxFuture<'a, ()> {
        let end = self.clock.now() + life.max(SHORTEST_LIFE);
        let rest = format!("{}.{value}", end.0);
        let text = format!("{}.{rest}", self.authenticator.cached(key, &rest));
        self.inner.put(key, text, life)
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::{
        crypto::key::{Key, KeyPair},
        platform::native::memory::{MemoryCache, TestClock},
    };

    struct Scene {
        cache: AuthenticCache,
        store: Rc<MemoryCache>,
        clock: TestClock,
    }

    impl Scene {
        fn new() -> Self {
            let (store, clock) = (Rc::new(MemoryCache::default()), TestClock::default());
            let keys = KeyPair { current: Key::for_tests(1), previous: None };
            let authenticator = Rc::new(Authenticator::new(&keys));
            let cache = AuthenticCache { inner: store.clone(), clock: Rc::new(clock.clone()), authenticator };
            Self { cache, store, clock }
        }

        fn with(key: &str, value: &str) -> Self {
            let scene = Self::new();
            block_on(scene.cache.put(key, value.to_owned(), SHORTEST_LIFE));
            scene
        }

        fn get(&self, key: &str) -> Option<String> {
            block_on(self.cache.get(key))
        }

        fn plant(&self, key: &str, text: String) {
            block_on(self.store.put(key, text, SHORTEST_LIFE));
        }
    }

    #[test]
    fn what_was_put_is_got() {
        assert_eq!(Scene::with("key", "a.value").get("key").as_deref(), Some("a.value"));
    }

    #[test]
    fn what_somebody_else_wrote_is_not_there() {
        let scene = Scene::new();
        for text in ["", "value", "mac.value", "mac.9000000000000.value"] {
            scene.plant("key", text.to_owned());
            assert_eq!(scene.get("key"), None, "{text}");
        }
    }

    #[test]
    fn what_was_put_for_one_key_is_not_there_for_another() {
        let scene = Scene::with("key", "value");
        scene.plant("other", block_on(scene.store.get("key")).unwrap());
        assert_eq!(scene.get("other"), None);
    }

    #[test]
    fn what_is_over_does_not_come_back_however_long_the_store_keeps_it() {
        let scene = Scene::with("key", "value");
        scene.clock.advance(SHORTEST_LIFE);
        assert_eq!(scene.get("key"), None);
    }
}
