//! Whose account at a provider a call works in. Pure.

use serde::{Deserialize, Serialize};

/// Whose accounts calls at a provider work in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The caller's own, which they connect by OAuth.
    #[default]
    Personal,
    /// The organisation's one, whose credential the operator sets.
    Organisation,
    /// The caller's own; what only reads works in the organisation's, where the caller has connected none.
    #[cfg_attr(not(test), allow(dead_code, reason = "the test-only provider has it, and no other yet"))]
    Either,
}

/// What a caller has of their own at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnAccount {
    Connected,
    /// They connected one, and it cannot be used now.
    Unusable,
    NotConnected,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    Own,
    Organisation,
    /// It does not run: the caller has to connect an account, or connect it again.
    Connect,
}

impl AccountKind {
    /// Decides on a call. Nothing changes by the organisation's account what could be changed by the caller's own, and
    /// whoever has connected one never reads by another: what they see does not depend on how their account does.
    pub const fn choose(self, writes: bool, own: OwnAccount) -> Choice {
        match (self, own) {
            (Self::Organisation, _) => Choice::Organisation,
            (Self::Personal | Self::Either, OwnAccount::Connected) => Choice::Own,
            (Self::Either, OwnAccount::NotConnected) if !writes => Choice::Organisation,
            (Self::Personal | Self::Either, _) => Choice::Connect,
        }
    }

    /// Whether a call works in an account of the caller's own or in none, so that a service cannot make it.
    pub const fn needs_own(self, writes: bool) -> bool {
        matches!(self.choose(writes, OwnAccount::NotConnected), Choice::Connect)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    fn any_call() -> impl Strategy<Value = (AccountKind, bool, OwnAccount)> {
        let kind = select(vec![AccountKind::Personal, AccountKind::Organisation, AccountKind::Either]);
        let own = select(vec![OwnAccount::Connected, OwnAccount::Unusable, OwnAccount::NotConnected]);
        (kind, any::<bool>(), own)
    }

    proptest! {
        #[test]
        fn what_writes_goes_by_the_organisations_account_only_where_there_are_no_others((kind, _, own) in any_call()) {
            let is_shared = kind.choose(true, own) == Choice::Organisation;
            prop_assert_eq!(is_shared, kind == AccountKind::Organisation);
        }

        #[test]
        fn a_connected_account_is_the_one_that_is_used_wherever_people_connect_any((kind, writes, _) in any_call()) {
            let choice = kind.choose(writes, OwnAccount::Connected);
            prop_assert_eq!(choice == Choice::Own, kind != AccountKind::Organisation);
        }

        #[test]
        fn whoever_connected_an_account_does_not_read_by_another_while_theirs_is_of_no_use((kind, writes, _) in any_call()) {
            let choice = kind.choose(writes, OwnAccount::Unusable);
            prop_assert_eq!(choice == Choice::Connect, kind != AccountKind::Organisation);
        }

        #[test]
        fn the_callers_own_account_is_used_only_where_there_is_one((kind, writes, own) in any_call()) {
            prop_assert!(kind.choose(writes, own) != Choice::Own || own == OwnAccount::Connected);
        }

        #[test]
        fn without_an_account_of_ones_own_reading_is_what_either_kind_is_for(writes: bool) {
            let runs = |kind: AccountKind| !kind.needs_own(writes);
            prop_assert_eq!(runs(AccountKind::Either), !writes);
            prop_assert!(!runs(AccountKind::Personal) && runs(AccountKind::Organisation));
        }
    }
}
