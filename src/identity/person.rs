//! A person, and what the identity provider says they may do here.

use serde::Deserialize;

use crate::{
    context::Context,
    crypto::digest,
    governance::attributes::Role,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
    },
};

/// How much of a digest an id is: 132 bits.
const ID_LENGTH: usize = 22;

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

/// Who the identity provider's subject is here. The id is made of whom it names, so that no row of the record, however it
/// is changed, gives one person what is another's.
pub fn user_id(issuer: &str, subject: &str) -> UserId {
    let name = serde_json::json!(["person", issuer, subject]).to_string();
    UserId::new(digest::sha256(&name).chars().take(ID_LENGTH).collect::<String>())
}

/// The statement that gives a person their [`user_id`] who had another one. Nothing but rows of the audit goes by that.
pub fn take_id(id: &UserId, issuer: &str, subject: &str) -> Statement {
    sql("UPDATE users SET former_id = id, id = ?1 WHERE issuer = ?2 AND subject = ?3 AND id <> ?1")
        .bind(id)
        .bind(issuer)
        .bind(subject)
}

/// The person of that issuer and subject, put on record where they are new; `None` where they are disabled, or where the
/// provider vouched for them at or before their end. What is known of somebody who has signed in stays as it is, and a new person has no roles before they sign in.
///
/// # Errors
/// Where the record failed.
pub async fn known_or_new(context: &Context, vouched: &Vouched<'_>) -> Result<Option<KnownPerson>, Fault> {
    #[derive(Deserialize)]
    struct Known {
        id: UserId,
        disabled_at: Option<i64>,
        ended_before: Timestamp,
    }
    let id = user_id(vouched.issuer, vouched.subject);
    let upsert = sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]', ?7, ?7)
        ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject
        RETURNING id, disabled_at, ended_before")
    .bind(&id)
    .bind(vouched.issuer)
    .bind(vouched.subject)
    .bind(vouched.username)
    .bind(vouched.name)
    .bind(vouched.email)
    .bind(context.platform.clock.now());
    let statements = vec![take_id(&id, vouched.issuer, vouched.subject), upsert];
    let known = context.platform.database.batch(statements).await?.pop().unwrap_or_default().first::<Known>()?;
    let has_access = |known: &Known| known.disabled_at.is_none() && vouched.at > known.ended_before;
    Ok(known.filter(has_access).map(|known| KnownPerson { id: known.id, ended_before: known.ended_before }))
}
