//! Whether the scopes that a provider granted suffice for a call. Pure.

/// What scopes grant beside themselves, each by its name.
pub type Implications = &'static [(&'static str, &'static [&'static str])];

/// The scopes that a call demands: all those of a kind.
#[derive(Debug, Clone, Copy)]
pub struct Demanded<'a> {
    pub classic: &'a [&'a str],
    pub granular: &'a [&'a str],
}

/// The scopes that a provider's credentials have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// Those of OAuth consumers and access tokens.
    Classic,
    /// Those of API tokens and Forge, which imply nothing.
    Granular,
}

/// The scopes that a call demands and that are not among those granted, which are separated by spaces.
pub fn missing<'a>(kind: ScopeKind, implications: Implications, granted: &str, demanded: Demanded<'a>) -> Vec<&'a str> {
    let granted = closure(implications, granted);
    let missing = |demanded: &[&'a str]| -> Vec<&'a str> {
        demanded.iter().copied().filter(|scope| !granted.contains(scope)).collect()
    };
    if granted.is_empty() {
        return Vec::new();
    }
    match kind {
        ScopeKind::Classic => missing(demanded.classic),
        // Where there are both, either is enough.
        ScopeKind::Granular if !demanded.classic.is_empty() && missing(demanded.classic).is_empty() => Vec::new(),
        ScopeKind::Granular => missing(demanded.granular),
    }
}

/// The granted scopes with all that they imply.
fn closure(implications: Implications, granted: &str) -> Vec<&str> {
    let mut all: Vec<&str> = granted.split_whitespace().collect();
    let mut next = 0;
    while let Some(scope) = all.get(next).copied() {
        let implied = implications.iter().filter(|(name, _)| *name == scope).flat_map(|(_, implied)| implied.iter());
        for implied in implied {
            if !all.contains(implied) {
                all.push(implied);
            }
        }
        next += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};

    use super::*;
    use crate::providers::{BITBUCKET, CONFLUENCE};

    const SCOPES: [&str; 14] = [
        "account",
        "email",
        "repository",
        "repository:write",
        "repository:admin",
        "pullrequest",
        "pullrequest:write",
        "project",
        "pipeline",
        "pipeline:write",
        "pipeline:variable",
        "snippet",
        "snippet:write",
        "webhook",
    ];

    fn missing<'a>(granted: &str, classic: &'a [&'a str]) -> Vec<&'a str> {
        BITBUCKET.missing_scopes(granted, Demanded { classic, granular: &[] })
    }

    #[test]
    fn a_classic_scope_grants_what_it_implies_however_far() {
        assert!(missing("pullrequest:write", &["pullrequest", "repository:write", "repository"]).is_empty());
        assert_eq!(missing("pullrequest", &["pullrequest:write"]), ["pullrequest:write"]);
        assert_eq!(missing("repository", &["pullrequest"]), ["pullrequest"]);
        assert_eq!(missing("repository:admin", &["repository"]), ["repository"], "settings are not contents");
    }

    #[test]
    fn a_granular_scope_grants_nothing_but_itself() {
        let read = |granted| {
            let demanded = Demanded { classic: &[], granular: &["read:page:confluence"] };
            CONFLUENCE.missing_scopes(granted, demanded)
        };
        assert_eq!(read("write:page:confluence"), ["read:page:confluence"]);
        assert!(read("offline_access read:page:confluence").is_empty());
    }

    #[test]
    fn either_kind_is_enough_where_a_call_takes_both() {
        let demanded = Demanded { classic: &["search:confluence"], granular: &["read:content-details:confluence"] };
        for granted in ["search:confluence", "read:content-details:confluence"] {
            assert!(CONFLUENCE.missing_scopes(granted, demanded).is_empty(), "{granted}");
        }
        assert_eq!(CONFLUENCE.missing_scopes("read:me", demanded), ["read:content-details:confluence"]);
    }

    fn some() -> impl Strategy<Value = Vec<&'static str>> {
        subsequence(SCOPES.to_vec(), 0..SCOPES.len())
    }

    proptest! {
        #[test]
        fn what_is_granted_is_not_missing(granted in some()) {
            prop_assert!(missing(&granted.join(" "), &granted).is_empty());
        }

        #[test]
        fn more_that_is_granted_never_makes_more_missing(granted in some(), more in some(), demanded in some()) {
            let fewer = missing(&[granted.clone(), more].concat().join(" "), &demanded);
            let before = missing(&granted.join(" "), &demanded);
            prop_assert!(granted.is_empty() || fewer.iter().all(|scope| before.contains(scope)));
        }

        #[test]
        fn nothing_is_missing_that_is_not_demanded_or_whose_name_was_granted(granted in some(), demanded in some()) {
            let missing = missing(&granted.join(" "), &demanded);
            prop_assert!(missing.iter().all(|scope| demanded.contains(scope) && !granted.contains(scope)));
        }

        #[test]
        fn scopes_that_nobody_told_are_taken_to_suffice(demanded in some(), blank in " {0,3}") {
            prop_assert!(missing(&blank, &demanded).is_empty());
        }

        #[test]
        fn the_order_and_repetition_of_what_was_granted_do_not_matter(granted in some(), demanded in some()) {
            let backwards: Vec<&str> = granted.iter().rev().chain(&granted).copied().collect();
            prop_assert_eq!(missing(&granted.join(" "), &demanded), missing(&backwards.join("  "), &demanded));
        }
    }
}
