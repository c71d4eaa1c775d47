//! What a client may do with an access token.

use serde::{Deserialize, Serialize};

use crate::{catalog::operation::Class, tools};

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

    /// Whether an operation of the catalogue needs this one. What none needs is neither advertised nor given.
    fn is_offered(self) -> bool {
        tools::all().iter().any(|tool| Self::of(tool.class) == self)
    }
}

/// A set of scopes, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

impl Scopes {
    /// The scopes named in a space-separated list (RFC 6749 §3.3). Unknown ones are left out, and so is what no operation
    /// needs; where nothing else is named beside that, it counts as the most that is offered and that it includes.
    pub fn parse(text: &str) -> Self {
        Self::named(text, &Self::offered())
    }

    fn named(text: &str, offered: &Self) -> Self {
        let names: Vec<&str> = text.split_whitespace().collect();
        let known = Self(Scope::ALL.into_iter().filter(|scope| names.contains(&scope.name())).collect());
        let among = Self(known.iter().filter(|scope| offered.0.contains(scope)).collect());
        if among.is_empty() { Self(offered.iter().filter(|scope| known.permit(*scope)).collect()) } else { among }
    }

    /// The scopes that an operation of the catalogue needs: what is advertised, and all that is ever given.
    pub fn offered() -> Self {
        Self(Scope::ALL.into_iter().filter(|scope| scope.is_offered()).collect())
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

    /// What is left of these where a person allows reading alone.
    #[must_use]
    pub fn without_writing(&self) -> Self {
        self.both(&Self(vec![Scope::Read]))
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
pub enum RequestedScope {
    /// Nothing in particular: the server's choice (RFC 6749 §3.3).
    Unspecified,
    These(Scopes),
}

impl RequestedScope {
    /// Reads the parameter. What does not exist here is left out (RFC 6749 §3.3): `offline_access`, `openid` and others
    /// that clients ask every server for. The answer names what was given.
    pub fn read(parameter: Option<&str>) -> Self {
        let scopes = Scopes::parse(parameter.unwrap_or_default());
        if scopes.is_empty() { Self::Unspecified } else { Self::These(scopes) }
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
    fn what_some_operation_needs_is_offered_and_nothing_else() {
        let needed = |scope: Scope| tools::all().iter().any(|tool| Scope::of(tool.class) == scope);
        for scope in Scope::ALL {
            assert_eq!(Scopes::offered().iter().any(|offered| offered == scope), needed(scope), "{scope:?}");
        }
    }

    #[test]
    fn a_scope_that_no_operation_needs_is_never_given() {
        let offered = Scopes(vec![Scope::Read, Scope::Write]);
        let given = |text: &str| Scopes::named(text, &offered).to_string();
        assert_eq!(given("read write admin"), "read write");
        assert_eq!(given("read admin"), "read");
        assert_eq!(given("admin"), "read write", "it includes them");
        assert_eq!(given(""), "");
    }

    #[test]
    fn a_scope_comes_back_with_the_first_operation_that_needs_it() {
        let all = Scopes(Scope::ALL.to_vec());
        assert_eq!(Scopes::named("read write admin", &all).to_string(), "read write admin");
    }

    #[test]
    fn a_set_is_included_where_each_of_it_is_permitted() {
        assert!(Scopes::parse("write").include(&Scopes::ordinary()));
        assert!(!Scopes::parse("read").include(&Scopes::ordinary()));
        assert!(!Scopes::ordinary().include(&Scopes(Scope::ALL.to_vec())));
    }

    #[test]
    fn what_both_permit_is_named_by_either() {
        let both = |one: &str, other: &str| Scopes::parse(one).both(&Scopes::parse(other)).to_string();
        assert_eq!(both("read write", "write"), "read write");
        assert_eq!(both("write", "read"), "read");
        assert_eq!(both("write", ""), "");
    }

    #[test]
    fn without_writing_reading_is_left_and_nothing_is_added() {
        for asked in ["", "read", "write", "admin", "read write", "read admin", "write admin", "read write admin"] {
            let (asked, left) = (Scopes::parse(asked), Scopes::parse(asked).without_writing());
            assert!(asked.include(&left) && !left.permit(Scope::Write), "{asked}");
            assert_eq!(left.permit(Scope::Read), asked.permit(Scope::Read), "{asked}");
        }
    }

    #[test]
    fn only_admin_permits_what_cannot_be_undone() {
        let needed = Scope::of(Class::Destructive);
        assert!(Scopes(vec![Scope::Admin]).permit(needed));
        assert!(!Scopes::ordinary().permit(needed));
    }

    #[test]
    fn no_scope_and_unknown_ones_alone_ask_for_nothing_in_particular() {
        for parameter in [None, Some(""), Some("offline_access"), Some("openid profile"), Some("claudeai")] {
            assert_eq!(RequestedScope::read(parameter), RequestedScope::Unspecified);
        }
    }
}
