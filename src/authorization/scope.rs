//! What a client may do with an access token.

use serde::{Deserialize, Serialize};

use crate::catalog::operation::Class;

/// A scope of ours, by class of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Read what the person may read.
    Read,
    /// Change things in the person's name; includes reading.
    Write,
    /// Take things away for good, and administer; includes everything else.
    Admin,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// What an operation of that class needs.
    pub const fn of(class: Class) -> Self {
        match class {
            Class::Read => Self::Read,
            Class::Write => Self::Write,
            Class::Destructive => Self::Admin,
        }
    }

    /// For the consent page: what the client will be able to do.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Read => "Read repositories, pull requests and pages that you can read",
            Self::Write => "Comment on pull requests in your name",
            Self::Admin => "Delete for good what you may delete, and administer what you may administer",
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

    /// What a client needs for everyday work: asked for in the first challenge, and meant where none is named.
    ///
    /// All ordinary scopes at once, because clients with a refresh token may be unable to widen theirs (the first
    /// TypeScript SDK refreshes instead). `admin` is not among them: nearly every client would then hold the right
    /// to delete for good without ever needing it. It is asked for by name, or by the challenge of a tool that needs it.
    pub fn ordinary() -> Self {
        Self(vec![Scope::Read, Scope::Write])
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = Scope> {
        self.0.iter().copied()
    }

    /// Whether these scopes permit what `needed` permits: each includes those before it.
    pub fn permit(&self, needed: Scope) -> bool {
        self.0.iter().any(|have| *have >= needed)
    }

    /// Whether `other` permits nothing that these do not.
    pub fn include(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.permit(*scope))
    }

    /// What both permit.
    #[must_use]
    pub fn both(&self, other: &Self) -> Self {
        let named = |scope: &Scope| self.0.contains(scope) || other.0.contains(scope);
        let permitted = |scope: &Scope| self.permit(*scope) && other.permit(*scope);
        Self(Scope::ALL.into_iter().filter(|scope| named(scope) && permitted(scope)).collect())
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
    fn each_scope_includes_those_before_it_and_no_other() {
        for held in Scope::ALL {
            let permitted: Vec<Scope> =
                Scope::ALL.into_iter().filter(|needed| Scopes(vec![held]).permit(*needed)).collect();
            assert_eq!(permitted, Scope::ALL[..=held as usize], "{held:?}");
        }
    }

    #[test]
    fn unknown_scopes_are_left_out_and_the_order_is_ours() {
        assert_eq!(Scopes::parse("write openid read write").to_string(), "read write");
    }

    #[test]
    fn a_set_is_included_where_each_of_it_is_permitted() {
        assert!(Scopes::parse("write").include(&Scopes::ordinary()));
        assert!(!Scopes::parse("read").include(&Scopes::ordinary()));
        assert!(!Scopes::ordinary().include(&Scopes::all()));
    }

    #[test]
    fn what_both_permit_is_named_by_either() {
        let both = |one: &str, other: &str| Scopes::parse(one).both(&Scopes::parse(other)).to_string();
        assert_eq!(both("read write", "write admin"), "read write");
        assert_eq!(both("write", "read"), "read");
        assert_eq!(both("admin", ""), "");
    }

    #[test]
    fn only_admin_permits_what_cannot_be_undone() {
        let needed = Scope::of(Class::Destructive);
        assert!(Scopes::parse("admin").permit(needed));
        assert!(!Scopes::ordinary().permit(needed));
    }

    #[test]
    fn no_scope_and_offline_access_alone_ask_for_nothing_in_particular() {
        for parameter in [None, Some(""), Some("offline_access")] {
            assert_eq!(Asked::read(parameter), Asked::Unspecified);
        }
    }

    #[test]
    fn only_unknown_scopes_ask_for_something_that_does_not_exist() {
        assert_eq!(Asked::read(Some("openid offline_access")), Asked::Unknown);
    }
}
