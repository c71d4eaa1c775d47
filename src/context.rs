//! The context of one request: the settings, the ports to the platform and the request's id. Every handler takes one.

use std::rc::Rc;

use crate::{crypto::authentic_cache::AuthenticCache, identifiers::RequestId, platform::Platform, settings::Settings};

/// What serves one request. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub settings: Rc<Settings>,
    pub platform: Platform,
    pub request_id: RequestId,
}

impl Context {
    /// The context over these ports. Of the cache it believes only what Postern itself put there.
    pub fn new(settings: Rc<Settings>, platform: Platform, request_id: RequestId) -> Self {
        let cache = AuthenticCache {
            inner: platform.cache,
            clock: Rc::clone(&platform.clock),
            authenticator: Rc::clone(settings.authenticator()),
        };
        let platform = Platform { cache: Rc::new(cache), ..platform };
        Self { settings, platform, request_id }
    }

    /// Writes to the log with the request's id.
    pub fn log(&self, level: crate::platform::log::Level, message: &str, fields: &[(&str, serde_json::Value)]) {
        let mut all = vec![("request_id", self.request_id.as_str().into())];
        all.extend_from_slice(fields);
        crate::platform::log::write(level, message, &all);
    }
}
