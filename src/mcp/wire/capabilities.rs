//! What a client declared that it can do, as far as it matters here.

use serde::{Deserialize, Serialize};

/// What a client declared that it can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientCapabilities {
    /// To show its person a link.
    #[serde(rename = "u")]
    pub url: bool,
    /// To have its person fill in a form.
    #[serde(rename = "f")]
    pub form: bool,
    #[serde(rename = "s")]
    pub sampling: bool,
    #[serde(rename = "r")]
    pub roots: bool,
}
