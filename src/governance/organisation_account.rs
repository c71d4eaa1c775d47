//! What is on record of the organisation's account at each site: its credential, and whether calls may change things in its
//! name. All that calls need of it is part of the policy ([`OrganisationAccount`]).

use serde::{Deserialize, Serialize};

use crate::{
    connections::accounts::{ENDS_SOON, low_quota},
    crypto::authenticator::{Authenticator, Table},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
    },
    providers::Site,
    upstream::LowQuota,
};

/// The table, and what its authentication is over. A credential is bound to its site by its seal.
pub const ORGANISATION_ACCOUNTS: Table = Table { name: "organisation_accounts", columns: &["site", "may_write"] };

/// What calls need of an organisation's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganisationAccount {
    pub site: Site,
    /// Calls may change things by it.
    pub may_write: bool,
    /// Its credential, sealed; `None` where that is the one of the settings, if they have one.
    pub credential: Option<String>,
    /// The scopes of that credential, separated by spaces; empty where the provider did not say.
    pub scopes: String,
    /// When its credential ends, as far as an administrator said.
    pub ends_at: Option<Timestamp>,
    /// Since when the provider refuses it.
    pub refused_at: Option<Timestamp>,
}

/// How the credential of an organisation's account does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nobody knows better.
    Works,
    EndsSoon(Timestamp),
    Ended(Timestamp),
    Refused(Timestamp),
}

impl OrganisationAccount {
    /// The one of a site for which no administrator has set anything.
    pub const fn unset(site: Site) -> Self {
        Self { site, may_write: false, credential: None, scopes: String::new(), ends_at: None, refused_at: None }
    }

    pub fn health(&self, now: Timestamp) -> Health {
        match (self.refused_at, self.ends_at) {
            (Some(at), _) => Health::Refused(at),
            (None, Some(at)) if at <= now => Health::Ended(at),
            (None, Some(at)) if at.since(now) <= ENDS_SOON => Health::EndsSoon(at),
            (None, _) => Health::Works,
        }
    }
}

#[derive(Deserialize)]
struct Row {
    site: String,
    may_write: i64,
    credential: Option<String>,
    scopes: String,
    account_name: Option<String>,
    tested_in: Option<String>,
    ends_at: Option<Timestamp>,
    kept_at: Option<Timestamp>,
    kept_by: Option<String>,
    refused_at: Option<Timestamp>,
    quota_left: Option<i64>,
    quota_ends_at: Option<Timestamp>,
}

/// An organisation's account as administrators see it.
pub struct Entry {
    pub account: OrganisationAccount,
    /// Who answered to its credential.
    pub account_name: Option<String>,
    /// The workspace or space that it was tested in, where it is nobody's.
    pub tested_in: Option<String>,
    /// When its credential was entered, and by whom.
    pub kept: Option<(Timestamp, String)>,
    /// What its provider said last of its quota, where that was little.
    quota: Option<LowQuota>,
}

impl Entry {
    /// The one of a site for which no administrator has set anything.
    pub const fn unset(site: Site) -> Self {
        Self { account: OrganisationAccount::unset(site), account_name: None, tested_in: None, kept: None, quota: None }
    }

    fn of(row: Row) -> Option<Self> {
        let Row {
            may_write, credential, scopes, account_name, tested_in, ends_at, kept_at, kept_by, refused_at, ..
        } = row;
        let (site, may_write) = (Site::parse(&row.site)?, may_write != 0);
        let account = OrganisationAccount { site, may_write, credential, scopes, ends_at, refused_at };
        let kept = kept_at.map(|at| (at, kept_by.unwrap_or_default()));
        let quota = low_quota(row.quota_left, row.quota_ends_at);
        Some(Self { account, account_name, tested_in, kept, quota })
    }

    /// What its provider said last of its quota, while that counts and is little.
    pub fn low_quota(&self, now: Timestamp) -> Option<LowQuota> {
        self.quota.filter(|low| now < low.until)
    }
}

/// The query for [`read`], whose rows are asked for unless the policy's version is the one that is known.
pub(super) fn query(known: Option<i64>) -> Statement {
    sql("SELECT site, may_write, credential, scopes, account_name, tested_in, ends_at, kept_at, users.username AS kept_by,
             refused_at, quota_left, quota_ends_at, organisation_accounts.mac
         FROM organisation_accounts LEFT JOIN users ON users.id = kept_by
         WHERE (SELECT version FROM policy) IS NOT ?1 ORDER BY site")
    .bind(known)
}

/// The accounts among the rows of [`query`] that are authentic.
pub(super) fn read(authenticator: &Authenticator, rows: Rows) -> Result<impl Iterator<Item = Entry>, Fault> {
    let rows = authenticator.authentic(&ORGANISATION_ACCOUNTS, rows).all::<Row>()?;
    Ok(rows.into_iter().filter_map(Entry::of))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::providers::CONFLUENCE;

    fn account(ends_at: Option<i64>, refused_at: Option<i64>) -> OrganisationAccount {
        let (ends_at, refused_at) = (ends_at.map(Timestamp), refused_at.map(Timestamp));
        OrganisationAccount { ends_at, refused_at, ..OrganisationAccount::unset(Site::main(&CONFLUENCE)) }
    }

    proptest! {
        #[test]
        fn a_credential_is_told_to_end_two_weeks_before_it_does(end in 0_i64..4_000_000_000, now in 0_i64..4_000_000_000) {
            let soon = i64::try_from(ENDS_SOON.as_millis()).unwrap();
            let expected = match end - now {
                ..=0 => Health::Ended(Timestamp(end)),
                left if left <= soon => Health::EndsSoon(Timestamp(end)),
                _ => Health::Works,
            };
            prop_assert_eq!(account(Some(end), None).health(Timestamp(now)), expected);
            prop_assert_eq!(account(None, None).health(Timestamp(now)), Health::Works);
            prop_assert_eq!(account(Some(end), Some(1)).health(Timestamp(now)), Health::Refused(Timestamp(1)));
        }
    }
}
