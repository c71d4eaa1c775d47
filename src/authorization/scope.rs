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

    /// Whether `other` permits nothing that these do not.
    pub fn include(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.permit(*scope))
    }

    /// These and one more, in their order.
    #[must_use]
    pub fn with(&self, one: Scope) -> Self {
        Self(Scope::ALL.into_iter().filter(|scope| *scope == one || self.0.contains(scope)).collect())
    }
}

/// What the `scope` parameter of a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Nothing in particular: the server's choice (RFC 6749 §3.3).
    Unspecified,
    These(Scopes),
    /// None of what it names exists here.
    Unknown,
}

impl Asked {
    /// Reads the parameter. `offline_access`, which clients add in order to get a refresh token, is accepted
    /// and means nothing here.
    pub fn read(parameter: Option<&str>) -> Self {
        let text = parameter.unwrap_or_default();
        let scopes = Scopes::parse(text);
        if !scopes.is_empty() {
            Self::These(scopes)
        } else if text.split_whitespace().all(|name| name == "offline_access") {
            Self::Unspecified
        } else {
            Self::Unknown
        }
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

    #[test]
    fn write_includes_all_of_read() {
        assert!(Scopes::parse("write").include(&Scopes::all()));
        assert!(!Scopes::parse("read").include(&Scopes::all()));
    }

    #[test]
    fn no_scope_and_offline_access_alone_ask_for_nothing_in_particular() {
        for parameter in [None, Some(""), Some("offline_access")] {
            assert_eq!(Asked::read(parameter), Asked::Unspecified);
        }
    }

    #[test]
    fn only_unknown_scopes_ask_for_something_that_does_not_exist() {
        assert_eq!(Asked::read(Some("admin offline_access")), Asked::Unknown);
    }
}
