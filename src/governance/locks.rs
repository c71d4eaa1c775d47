//! Locks: what administrators have locked for now, all access or a part of it. No call begins that a lock stops, and no
//! list has its tool. A lock ends nothing: grants, sessions and connections stay, and calls go on once it is lifted.

use serde::{Deserialize, Serialize};

use super::facts::Facts;
use crate::{
    catalog::refusal::Sort,
    crypto::authenticator::{Authenticator, Table},
    identifiers::Subject,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
    },
    providers::Site,
};

/// The table, and what its authentication is over. A row that is not authentic locks all the same, since nobody gains by
/// that; its reason is shown to nobody.
pub const LOCKS: Table = Table { name: "locks", columns: &["kind", "name", "reason"] };

/// What a lock is on, the widest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockKind {
    /// Everybody's access. Only administrators sign in.
    Organisation,
    Provider,
    /// One of a provider's sites.
    Site,
    Tool,
    Client,
    Person,
}

impl LockKind {
    pub const ALL: [Self; 6] = [Self::Organisation, Self::Provider, Self::Site, Self::Tool, Self::Client, Self::Person];

    /// As it is on record and in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Provider => "provider",
            Self::Site => "site",
            Self::Tool => "tool",
            Self::Client => "client",
            Self::Person => "person",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// As whoever is stopped by it reads it.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::Organisation => "all access",
            Self::Provider => "this provider",
            Self::Site => "this site of the provider",
            Self::Tool => "this tool",
            Self::Client => "this AI client",
            Self::Person => "your access",
        }
    }

    /// The reason that the audit has for a call that it stopped.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Organisation => "all access is locked",
            Self::Provider => "the provider is locked",
            Self::Site => "the site is locked",
            Self::Tool => "the tool is locked",
            Self::Client => "the client is locked",
            Self::Person => "the person is locked",
        }
    }
}

/// What is locked, or may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub kind: LockKind,
    /// The id of a provider, person or client, the name of a tool, or a site; empty for all access.
    pub name: String,
}

/// A lock that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub target: Target,
    /// In the administrator's words, for everybody whom it stops; `None` where nobody vouches for them.
    pub reason: Option<String>,
    /// The user name of the administrator.
    pub by: Option<String>,
}

impl Lock {
    /// A lock of which nothing else is known.
    pub const fn unexplained(kind: LockKind) -> Self {
        Self { target: Target { kind, name: String::new() }, reason: None, by: None }
    }

    /// The sentence for the model whose call it stops: what, who, why, and what can be done.
    pub fn sentence(&self, tool: &str) -> String {
        let by = self.by.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        let reason = self.reason.as_ref().map(|reason| format!(": {}", reason.trim_end_matches('.')));
        let cause = format!(
            "`{tool}` did not run, since an administrator of Postern{by} has locked {} for now{}.",
            self.target.kind.in_words(),
            reason.unwrap_or_default()
        );
        let next = "ask an administrator when it goes on. Nothing has ended, so the same call runs once the lock is \
                    lifted; retrying before will not help.";
        Sort::Refused.because(cause, next)
    }
}

/// The locks that are in force, the widest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locks(pub(super) Vec<Lock>);

impl Locks {
    /// The lock that stops what the facts are of, the widest where there are several. A tool that is only listed is
    /// stopped where each site is locked that it could be called at.
    pub fn stopping(&self, facts: &Facts<'_>) -> Option<&Lock> {
        if self.0.is_empty() {
            return None;
        }
        let at = |site: Site| {
            self.on(LockKind::Provider, site.provider.id).or_else(|| self.on(LockKind::Site, &site.to_string()))
        };
        let on_sites = || {
            let each: Option<Vec<&Lock>> = facts.tool.sites.iter().map(|(site, _)| at(*site)).collect();
            each?.into_iter().next()
        };
        self.on(LockKind::Organisation, "")
            .or_else(on_sites)
            .or_else(|| self.on(LockKind::Tool, facts.tool.name))
            .or_else(|| self.on(LockKind::Client, facts.caller.client.as_str()))
            .or_else(|| match facts.caller.subject {
                Subject::Person(user) => self.on(LockKind::Person, user.as_str()),
                Subject::Service(client) => self.on(LockKind::Client, client.as_str()),
            })
    }

    /// The lock on that, if there is one.
    pub fn on(&self, kind: LockKind, name: &str) -> Option<&Lock> {
        self.0.iter().find(|lock| lock.target.kind == kind && lock.target.name == name)
    }

    pub(super) fn of(entries: Vec<Entry>) -> Self {
        Self(entries.into_iter().map(|entry| entry.lock).collect())
    }

    /// How many are in force.
    pub const fn count(&self) -> usize {
        self.0.len()
    }
}

/// A lock as administrators see it.
#[derive(Debug)]
pub struct Entry {
    pub lock: Lock,
    /// What is locked, as people read it.
    pub label: String,
    pub at: Timestamp,
}

#[derive(Deserialize)]
struct Row {
    kind: LockKind,
    name: String,
    label: String,
    reason: String,
    locked_at: Timestamp,
    locked_by: Option<String>,
}

/// The query for [`read`], whose rows are asked for unless the policy's version is the one that is known. All access is
/// locked where either table says so.
pub(super) fn query(known: Option<i64>) -> Statement {
    sql("SELECT kind, locks.name, label, reason, locked_at, users.username AS locked_by, locks.mac
         FROM locks LEFT JOIN users ON users.id = locks.locked_by WHERE (SELECT version FROM policy) IS NOT ?1
         UNION ALL SELECT 'organisation', '', 'All access', '', stopped_at, NULL, NULL FROM policy
         WHERE stopped_at IS NOT NULL AND version IS NOT ?1
             AND NOT EXISTS (SELECT 1 FROM locks WHERE kind = 'organisation')")
    .bind(known)
}

/// The locks among the rows of [`query`], the widest first.
pub(super) fn read(authenticator: &Authenticator, rows: Rows) -> Result<Vec<Entry>, Fault> {
    let authentic: Vec<bool> = rows.rows.iter().map(|row| authenticator.is_authentic(&LOCKS, row)).collect();
    let entry = |(row, is_authentic): (Row, bool)| Entry {
        lock: Lock {
            target: Target { kind: row.kind, name: row.name },
            reason: Some(row.reason).filter(|_| is_authentic),
            by: row.locked_by,
        },
        label: row.label,
        at: row.locked_at,
    };
    let mut entries: Vec<Entry> = rows.all::<Row>()?.into_iter().zip(authentic).map(entry).collect();
    entries.sort_by_key(|entry| entry.lock.target.kind);
    Ok(entries)
}

#[cfg(test)]
mod tests;
