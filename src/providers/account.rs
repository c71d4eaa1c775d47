//! Whose account at a provider a call works in. Pure.

use serde::{Deserialize, Serialize};

/// Whose accounts calls at a provider work in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// The caller's own, which they connect by OAuth.
    #[default]
    Personal,
    /// The organisation's one, whose credential the operator sets or an administrator enters.
    Organisation,
    /// The caller's own, or the organisation's where the caller has connected none.
    Either,
    /// None yet: nothing is set by which people could connect theirs, and the organisation's has no credential.
    Missing,
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
    /// The same where the organisation has an account beside those of people.
    pub const fn with_organisation(self) -> Self {
        match self {
            Self::Personal | Self::Either => Self::Either,
            Self::Organisation | Self::Missing => Self::Organisation,
        }
    }

    /// Whether people connect accounts of their own.
    pub const fn has_own(self) -> bool {
        matches!(self, Self::Personal | Self::Either)
    }
}

/// Whose accounts calls at a site work in, and what they may do in the organisation's.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    pub kind: AccountKind,
    /// An administrator lets calls change things in the organisation's name.
    pub organisation_writes: bool,
}

impl Accounts {
    /// Decides on a call. Whoever has connected an account works in no other: what they see and do does not depend on how
    /// their account does.
    pub const fn choose(self, writes: bool, own: OwnAccount) -> Choice {
        match (self.kind, own) {
            (AccountKind::Personal | AccountKind::Either, OwnAccount::Connected) => Choice::Own,
            (AccountKind::Organisation, _) | (AccountKind::Either, OwnAccount::NotConnected)
                if !writes || self.organisation_writes =>
            {
                Choice::Organisation
            }
            _ => Choice::Connect,
        }
    }

    /// Whether a call works in an account of the caller's own or in none, so that a service cannot make it.
    pub const fn needs_own(self, writes: bool) -> bool {
        matches!(self.choose(writes, OwnAccount::NotConnected), Choice::Connect)
    }

    /// Whether somebody can make such a call at all: in the organisation's account, or in one that they connect.
    pub const fn may_run(self, writes: bool) -> bool {
        self.kind.has_own() || !self.needs_own(writes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::select};

    use super::*;

    fn any_call() -> impl Strategy<Value = (Accounts, bool, OwnAccount)> {
        let kind =
            select(vec![AccountKind::Personal, AccountKind::Organisation, AccountKind::Either, AccountKind::Missing]);
        let accounts =
            (kind, any::<bool>()).prop_map(|(kind, organisation_writes)| Accounts { kind, organisation_writes });
        let own = select(vec![OwnAccount::Connected, OwnAccount::Unusable, OwnAccount::NotConnected]);
        (accounts, any::<bool>(), own)
    }

    proptest! {
        #[test]
        fn nothing_is_changed_by_the_organisations_account_unless_an_administrator_allows_it((accounts, _, own) in any_call()) {
            let is_shared = accounts.choose(true, own) == Choice::Organisation;
            prop_assert!(!is_shared || accounts.organisation_writes);
        }

        #[test]
        fn a_connected_account_is_the_one_that_is_used_wherever_people_connect_any((accounts, writes, _) in any_call()) {
            let is_own = accounts.choose(writes, OwnAccount::Connected) == Choice::Own;
            prop_assert_eq!(is_own, accounts.kind.has_own());
        }

        #[test]
        fn whoever_connected_an_account_works_in_no_other_while_theirs_is_of_no_use((accounts, writes, _) in any_call()) {
            let choice = accounts.choose(writes, OwnAccount::Unusable);
            prop_assert!(choice == Choice::Connect || accounts.kind == AccountKind::Organisation);
        }

        #[test]
        fn the_callers_own_account_is_used_only_where_there_is_one((accounts, writes, own) in any_call()) {
            prop_assert!(accounts.choose(writes, own) != Choice::Own || own == OwnAccount::Connected);
        }

        #[test]
        fn without_an_account_of_ones_own_reading_is_what_the_organisations_is_for((accounts, _, _) in any_call()) {
            let has_no_other = matches!(accounts.kind, AccountKind::Personal | AccountKind::Missing);
            prop_assert_eq!(accounts.needs_own(false), has_no_other);
        }

        #[test]
        fn a_call_that_nobody_can_make_is_a_change_where_there_is_the_organisations_account_alone_or_is_where_there_is_none((accounts, writes, _) in any_call()) {
            let refused = writes && accounts.kind == AccountKind::Organisation && !accounts.organisation_writes;
            prop_assert_eq!(accounts.may_run(writes), !refused && accounts.kind != AccountKind::Missing);
        }
    }
}
