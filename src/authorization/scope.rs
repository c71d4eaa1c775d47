//! What a client may do with an access token.

use serde::{Deserialize, Serialize};

/// A scope of ours, by class of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what the person may read.
    Read,
    /// Change things in the person's name; includes reading.
    Write,
}

impl Scope {
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// For the consent page: what the client will be able to do.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Read => "Read repositories, pull requests and pages that you can read",
            Self::Write => "Comment on pull requests in your name",
        }
    }
}

/// A set of scopes, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The scopes named in a space-separated list (RFC 6749 §3.3), unknown ones left out.
    pub fn parse(text: &str) -> Self {
        let named: Vec<&str> = text.split_whitespace().collect();
        Self(Scope::ALL.into_iter().filter(|scope| named.contains(&scope.name())).collect())
    }

    pub fn all() -> Self {
        Self(Scope::ALL.to_vec())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Whether these scopes permit what `needed` permits: `write` includes `read`.
    pub fn permit(&self, needed: Scope) -> bool {
        self.0.iter().any(|have| *have >= needed)
    }

    /// Whether every scope of `other` is here.
    pub fn include(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.0.contains(scope))
    }
}

impl std::fmt::Display for Scopes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|scope| scope.name()).collect();
        formatter.write_str(&names.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn write_includes_read() {
        assert!(Scopes::parse("write").permit(Scope::Read));
        assert!(!Scopes::parse("read").permit(Scope::Write));
    }

    #[test]
    fn unknown_scopes_are_left_out_and_the_order_is_ours() {
        assert_eq!(Scopes::parse("write openid read write").to_string(), "read write");
    }
}
