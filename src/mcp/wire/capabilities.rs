//! The capabilities that a client declared, as far as they matter here.

use serde::{Deserialize, Serialize};

/// The questions that a client declared it can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientCapabilities {
    /// Elicitation in URL mode: it can show its person a link.
    #[serde(rename = "u")]
    pub url: bool,
    /// Elicitation in form mode: it can have its person fill in a form.
    #[serde(rename = "f")]
    pub form: bool,
    #[serde(rename = "s")]
    pub sampling: bool,
    #[serde(rename = "r")]
    pub roots: bool,
    /// Tasks, the extension: it asks after what it is not answered at once.
    #[serde(rename = "t")]
    pub tasks: bool,
}
