//! What every handler is given: the settings, the ports and the request's id.

use std::rc::Rc;

use crate::{identifiers::RequestId, platform::Platform, settings::Settings};

/// One Postern serving one request. Cheap to clone.
#[derive(Clone)]
pub struct Postern {
    pub settings: Rc<Settings>,
    pub platform: Platform,
    pub request_id: RequestId,
}

impl Postern {
    /// Writes to the log with the request's id.
    pub fn log(&self, level: crate::platform::log::Level, message: &str, fields: &[(&str, serde_json::Value)]) {
        let mut all = vec![("request_id", self.request_id.as_str().into())];
        all.extend_from_slice(fields);
        crate::platform::log::write(level, message, &all);
    }
}
