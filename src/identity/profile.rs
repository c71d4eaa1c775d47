//! What the identity provider's newest claims make of a person: names, and what they may do here.

use serde_json::json;

use super::{id_token::IdClaims, person::Role, roles};
use crate::{
    identifiers::UserId,
    platform::{
        clock::Timestamp,
        database::{Statement, sql},
    },
    settings::IdentitySettings,
};

/// What is on record of a person, as claimed last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    username: String,
    name: String,
    email: Option<String>,
    roles: Vec<Role>,
    /// The names of roles and groups, for administrators to read.
    claimed: Vec<String>,
}

impl Profile {
    /// What these claims say.
    pub fn of(claims: &IdClaims, settings: &IdentitySettings) -> Self {
        let username = claims.text("preferred_username").or_else(|| claims.text("email")).unwrap_or(&claims.subject);
        Self {
            username: username.to_owned(),
            name: claims.text("name").unwrap_or(username).to_owned(),
            email: claims.text("email").map(str::to_owned),
            roles: roles::roles(&claims.others, settings),
            claimed: roles::claimed(&claims.others, settings),
        }
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The statement that puts a person who signs in on record, as `new` where they are not yet. Returns their `id` and
    /// `disabled_at`.
    pub fn sign_in(&self, claims: &IdClaims, new: &UserId, now: Timestamp) -> Statement {
        sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at,
                 claimed)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
             ON CONFLICT (issuer, subject) DO UPDATE SET username = excluded.username, name = excluded.name,
                 email = excluded.email, roles = excluded.roles, claimed = excluded.claimed,
                 signed_in_at = excluded.signed_in_at
             RETURNING id, disabled_at")
        .bind(new)
        .bind(&claims.issuer)
        .bind(&claims.subject)
        .bind(&self.username)
        .bind(&self.name)
        .bind(self.email.as_deref())
        .bind(json!(self.roles).to_string())
        .bind(now)
        .bind(json!(self.claimed).to_string())
    }

    /// The statement that brings a person up to date who did not sign in.
    pub fn update(&self, user: &UserId) -> Statement {
        sql("UPDATE users SET username = ?2, name = ?3, email = ?4, roles = ?5, claimed = ?6 WHERE id = ?1")
            .bind(user)
            .bind(&self.username)
            .bind(&self.name)
            .bind(self.email.as_deref())
            .bind(json!(self.roles).to_string())
            .bind(json!(self.claimed).to_string())
    }
}
