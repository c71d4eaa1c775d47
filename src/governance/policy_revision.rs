//! One revision of the access policy, as it is kept and read.

use serde::{Deserialize, Serialize};

use super::access_policy::AccessPolicy;
use crate::{
    crypto::authenticator::{Authenticator, Table},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
        json,
    },
};

/// The table of revisions: what the policy was, and since which of them.
pub const POLICY_REVISIONS: Table = Table { name: "policy_revisions", columns: &["revision", "document"] };

/// One revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Revision {
    /// Counted from 1; 0 before anybody made one.
    pub number: i64,
    pub policy: AccessPolicy,
    pub made_at: Option<Timestamp>,
    /// The user name of the administrator.
    pub made_by: Option<String>,
    /// What they changed, in their words.
    pub summary: String,
}

impl Revision {
    /// What is in force before anybody made a revision.
    pub fn none() -> Self {
        let policy = AccessPolicy::default();
        Self { number: 0, policy, made_at: None, made_by: None, summary: String::new() }
    }
}

#[derive(Deserialize)]
struct Row {
    revision: i64,
    document: String,
    made_at: Timestamp,
    made_by: Option<String>,
    summary: String,
}

impl Row {
    fn revision(self) -> Result<Revision, Fault> {
        let policy = json::from_str(&self.document).map_err(|error| Fault::new("access policy", error))?;
        let Self { revision, made_at, made_by, summary, .. } = self;
        Ok(Revision { number: revision, policy, made_at: Some(made_at), made_by, summary })
    }
}

/// Asks for revisions, with who made each.
macro_rules! revisions {
    ($which:literal) => {
        sql(concat!(
            "SELECT revision, document, policy_revisions.mac, made_at, users.username AS made_by, summary
             FROM policy_revisions LEFT JOIN users ON users.id = made_by ",
            $which
        ))
    };
}

/// Asks for the latest revision, unless the version of the policy in force is the one that is `known`.
pub(super) fn query(known: Option<i64>) -> Statement {
    revisions!("WHERE (SELECT version FROM policy) IS NOT ?1 ORDER BY revision DESC LIMIT 1").bind(known)
}

/// The latest revision, of the answer to [`query`].
///
/// # Errors
/// Where it is not one that Postern wrote: then nobody knows what is in force, and no call may run by an older one.
pub(super) fn read(authenticator: &Authenticator, rows: Rows) -> Result<Option<Revision>, Fault> {
    let there = rows.rows.len();
    let rows = authenticator.authentic(&POLICY_REVISIONS, rows);
    if rows.rows.len() < there {
        return Err(Fault::new("access policy", "its latest revision is not authentic"));
    }
    rows.first::<Row>()?.map(Row::revision).transpose()
}

/// Asks for the revision of that number.
pub(super) fn query_one(number: i64) -> Statement {
    revisions!("WHERE revision = ?1").bind(number)
}

/// Asks for so many of the latest revisions.
pub(super) fn query_latest(most: i64) -> Statement {
    revisions!("ORDER BY revision DESC LIMIT ?1").bind(most)
}

/// Asks for the numbers of so many of the revisions that were in force between two moments, the latest first.
pub(super) fn query_in_force(from: Timestamp, until: Timestamp, most: i64) -> Statement {
    sql("SELECT revision FROM policy_revisions WHERE made_at < ?2
             AND revision >= COALESCE((SELECT MAX(revision) FROM policy_revisions WHERE made_at <= ?1), 0)
         ORDER BY revision DESC LIMIT ?3")
    .bind(from)
    .bind(until)
    .bind(most)
}

/// Those of the revisions that Postern wrote.
///
/// # Errors
/// Where one cannot be read.
pub(super) fn read_all(authenticator: &Authenticator, rows: Rows) -> Result<Vec<Revision>, Fault> {
    let rows = authenticator.authentic(&POLICY_REVISIONS, rows);
    rows.all::<Row>()?.into_iter().map(Row::revision).collect()
}
