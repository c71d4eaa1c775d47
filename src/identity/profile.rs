//! What the identity provider's newest claims make of a person: names, and what they may do here.

use serde_json::{Map, Value, json};

use super::{
    claimed::Claimed,
    id_token::{self, IdClaims},
    person::user_id,
    roles,
};
use crate::{
    crypto::authenticator::Authenticator,
    governance::attributes::{Groups, Role},
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
    groups: Groups,
    /// The names of roles and groups, for administrators to read.
    claimed: Vec<String>,
}

impl Profile {
    /// What these claims say of the provider's subject.
    pub fn of(subject: &str, claims: &Map<String, Value>, settings: &IdentitySettings) -> Self {
        let text = |name: &str| id_token::text(claims, name);
        let username = text("preferred_username").or_else(|| text("email")).unwrap_or(subject);
        Self {
            username: username.to_owned(),
            name: text("name").unwrap_or(username).to_owned(),
            email: text("email").map(str::to_owned),
            roles: roles::roles(claims, settings),
            groups: roles::groups(claims, settings),
            claimed: roles::claimed(claims, settings),
        }
    }

    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The statement that puts a person who signs in on record. Returns their `id` and `disabled_at`.
    pub fn sign_in(&self, authenticator: &Authenticator, claims: &IdClaims, now: Timestamp) -> Statement {
        let user = user_id(&claims.issuer, &claims.subject);
        let (roles, groups) = (Claimed::new(&self.roles, now), Claimed::new(&self.groups, now));
        sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at,
                 claimed, roles_at, mac, groups, groups_mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?8, ?10, ?11, ?12)
             ON CONFLICT (id) DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject,
                 username = excluded.username, name = excluded.name, email = excluded.email, roles = excluded.roles,
                 claimed = excluded.claimed, signed_in_at = excluded.signed_in_at, roles_at = excluded.roles_at,
                 mac = excluded.mac, groups = excluded.groups, groups_mac = excluded.groups_mac
             RETURNING id, disabled_at")
        .bind(&user)
        .bind(&claims.issuer)
        .bind(&claims.subject)
        .bind(&self.username)
        .bind(&self.name)
        .bind(self.email.as_deref())
        .bind(&roles.json)
        .bind(now)
        .bind(json!(self.claimed).to_string())
        .bind(roles.mac(authenticator, &user))
        .bind(&groups.json)
        .bind(groups.mac(authenticator, &user))
    }

    /// The statement that brings a person up to date who did not sign in.
    pub fn update(&self, authenticator: &Authenticator, user: &UserId, now: Timestamp) -> Statement {
        let (roles, groups) = (Claimed::new(&self.roles, now), Claimed::new(&self.groups, now));
        sql("UPDATE users SET username = ?2, name = ?3, email = ?4, roles = ?5, claimed = ?6, roles_at = ?7, mac = ?8,
                groups = ?9, groups_mac = ?10
            WHERE id = ?1")
        .bind(user)
        .bind(&self.username)
        .bind(&self.name)
        .bind(self.email.as_deref())
        .bind(&roles.json)
        .bind(json!(self.claimed).to_string())
        .bind(roles.at)
        .bind(roles.mac(authenticator, user))
        .bind(&groups.json)
        .bind(groups.mac(authenticator, user))
    }
}
