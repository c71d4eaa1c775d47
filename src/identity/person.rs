//! A person, and what the identity provider says they may do here.

use serde::{Deserialize, Serialize};

use crate::{
    crypto::random,
    identifiers::UserId,
    platform::{Fault, clock::Timestamp, database::sql},
    postern::Postern,
};

/// What a person may do in the console beyond their own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Decides which tools exist and reads the audit.
    Administrator,
    /// Decides on single calls.
    Approver,
}

/// A person who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub email: Option<String>,
    pub roles: Vec<Role>,
}

impl Person {
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// Somebody whom the identity provider vouches for without a sign-in.
#[derive(Debug, Clone, Copy)]
pub struct Vouched<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    pub username: &'a str,
    pub name: &'a str,
    pub email: Option<&'a str>,
    /// When it did.
    pub at: Timestamp,
}

/// Somebody who has access, and since which end of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    pub id: UserId,
    pub ended_before: Timestamp,
}

/// The person of that issuer and subject, put on record where they are new; `None` where they are disabled, or where the
/// provider vouched for them at or before their end. What is known of somebody who has signed in stays as it is, and a new person has no roles before they sign in.
///
/// # Errors
/// Where the record failed.
pub async fn known_or_new(postern: &Postern, vouched: &Vouched<'_>) -> Result<Option<KnownPerson>, Fault> {
    #[derive(Deserialize)]
    struct Known {
        id: UserId,
        disabled_at: Option<i64>,
        ended_before: Timestamp,
    }
    let upsert = sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]', ?7, ?7)
        ON CONFLICT (issuer, subject) DO UPDATE SET subject = excluded.subject
        RETURNING id, disabled_at, ended_before")
    .bind(&UserId::new(random::identifier()?))
    .bind(vouched.issuer)
    .bind(vouched.subject)
    .bind(vouched.username)
    .bind(vouched.name)
    .bind(vouched.email)
    .bind(postern.platform.clock.now());
    let known = postern.platform.database.run(upsert).await?.first::<Known>()?;
    let has_access = |known: &Known| known.disabled_at.is_none() && vouched.at > known.ended_before;
    Ok(known.filter(has_access).map(|known| KnownPerson { id: known.id, ended_before: known.ended_before }))
}
