//! Secrets, which nothing redacts because nothing can print them: text without `Debug` and `Display`, overwritten once
//! nobody needs it.
//!
//! What is overwritten is this text and no other: the strings of JavaScript that a setting or a header comes from and
//! goes to, and what was serialized on the way to a Session object and back, end when their own memory is used again.

use std::fmt;

use zeroize::Zeroizing;

/// A credential. `Debug` prints nothing of it, and it has neither `Display` nor `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The credential itself, for the one place that sends, seals or hashes it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_nothing_of_it() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
