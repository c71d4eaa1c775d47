//! Administration tokens: by which a program of the organisation uses `/api/v1` in the stead of the administrator who made
//! it. No AI client gets one, whatever its scopes, so that none changes the policy that it is held to.
//!
//! A token is a JWT that Postern signs; its row in the record says that it was not taken back. It is worth something only
//! while its administrator is one, by the word of the identity provider that a browser session goes by.

use std::{ops::RangeInclusive, time::Duration};

use serde::{Deserialize, Serialize};

use super::{
    claimed,
    standing::{Verdict, check::confirm},
};
use crate::{
    audit::{self, Kind},
    context::Context,
    crypto::{
        random,
        secret::Secret,
        token::{Signer, Verified},
    },
    governance::attributes::Role,
    identifiers::UserId,
    platform::{Fault, cap::Cap, clock::Timestamp, database::sql, expiry::DAY},
    session,
    settings::Settings,
};

/// What tokens begin with, so that whoever searches files for secrets knows one.
pub const PREFIX: &str = "postern_administration_";

/// For how many days a token can be made.
pub const DAYS: RangeInclusive<u32> = 1..=90;

/// After how long a use of a token is written down again.
const USE_RECORDED: Duration = Duration::from_secs(3600);

/// Each token is a row. Whoever makes one more loses the oldest.
const CAP: Cap = Cap::new(
    20,
    "DELETE FROM administration_tokens WHERE rowid IN (
        SELECT rowid FROM administration_tokens WHERE user_id = ?1 ORDER BY created_at DESC, id LIMIT -1 OFFSET ?2)",
);

/// What may be done with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// See what administrators see.
    Read,
    /// Change what they can change, too.
    Change,
}

impl Access {
    pub const ALL: [Self; 2] = [Self::Read, Self::Change];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Change => "change",
        }
    }

    /// Whether it is enough where that much is needed.
    pub const fn suffices(self, needed: Self) -> bool {
        matches!((self, needed), (Self::Change, _) | (_, Self::Read))
    }
}

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: UserId,
    jti: String,
    access: Access,
}

/// A token as its administrator sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Listed {
    pub id: String,
    pub name: String,
    pub access: Access,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// Who uses a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bearer {
    pub administrator: UserId,
    pub access: Access,
}

fn signer(settings: &Settings) -> Signer {
    Signer::new(settings.signing_keys.derive("administration token"), "administration+jwt")
}

/// Makes a token for that many days. It is shown once: only its row is kept.
///
/// # Errors
/// Where the record cannot be written.
pub async fn issue(
    context: &Context,
    administrator: &UserId,
    name: &str,
    access: Access,
    days: u32,
) -> Result<Secret, Fault> {
    let now = context.platform.clock.now();
    let expires_at = now + DAY * days.clamp(*DAYS.start(), *DAYS.end());
    let id = random::identifier()?;
    let claims =
        Claims { iss: context.settings.public_url.clone(), sub: administrator.clone(), jti: id.clone(), access };
    let token = signer(&context.settings).sign(claims, now, expires_at)?;
    let insert = sql("INSERT INTO administration_tokens (id, user_id, name, access, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
    .bind(id)
    .bind(administrator)
    .bind(name)
    .bind(access.name())
    .bind(now)
    .bind(expires_at);
    context.platform.database.batch(vec![insert, CAP.keep(administrator)]).await?;
    let event = audit::event(context, Kind::AdministrationTokenMade).by(administrator).because(name);
    audit::record(context, event.changing("", access.name())).await;
    Ok(Secret::new(format!("{PREFIX}{}", token.expose())))
}

/// The tokens of an administrator that have not ended, the newest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context, administrator: &UserId) -> Result<Vec<Listed>, Fault> {
    let query = sql("SELECT id, name, access, created_at, expires_at, used_at FROM administration_tokens
         WHERE user_id = ?1 AND expires_at > ?2 ORDER BY created_at DESC, id")
    .bind(administrator)
    .bind(context.platform.clock.now());
    context.platform.database.run(query).await?.all()
}

/// Takes a token back: it is worth nothing from now on. One that is gone already is as good as taken back.
///
/// # Errors
/// Where the record cannot be written: then it still works.
pub async fn revoke(context: &Context, administrator: &UserId, id: &str) -> Result<(), Fault> {
    let delete = sql("DELETE FROM administration_tokens WHERE id = ?1 AND user_id = ?2 RETURNING name")
        .bind(id)
        .bind(administrator);
    let rows = context.platform.database.run(delete).await?;
    let name = rows.rows.first().and_then(|row| row.get("name")?.as_str()).map(str::to_owned);
    if let Some(name) = name {
        let event = audit::event(context, Kind::AdministrationTokenRevoked).by(administrator).because(&name);
        audit::record(context, event).await;
    }
    Ok(())
}

/// Who bears a token; `None` where it is none of ours, has ended, was taken back, or is of somebody who is no longer an
/// administrator. A text that Postern did not sign costs no look into the record.
///
/// # Errors
/// Where the record or the person's object failed.
pub async fn bearer(context: &Context, token: &str) -> Result<Option<Bearer>, Fault> {
    let now = context.platform.clock.now();
    let verified = token.strip_prefix(PREFIX).and_then(|token| signer(&context.settings).verify(token, now));
    let Some(Verified { claims: Claims { iss, sub, jti, access }, issued_at, .. }) = verified else { return Ok(None) };
    if iss != context.settings.public_url || session::is_disabled(context, &sub).await? {
        return Ok(None);
    }
    // The provider's word first: roles are those of its newest.
    if !matches!(confirm(context, &sub).await?.verdict, Verdict::Good | Verdict::Unheard) {
        return Ok(None);
    }
    let live = sql("SELECT 1 FROM administration_tokens AS token JOIN users ON users.id = token.user_id
         WHERE token.id = ?1 AND token.user_id = ?2 AND disabled_at IS NULL AND ended_before < ?3")
    .bind(&jti)
    .bind(&sub)
    .bind(Timestamp(issued_at.saturating_mul(1000)));
    let mut results = context.platform.database.batch(vec![live, claimed::query(&sub)]).await?.into_iter();
    if results.next().is_none_or(|rows| rows.rows.is_empty()) {
        return Ok(None);
    }
    let attributes = claimed::attributes_of(context, &sub, results.next().unwrap_or_default())?;
    if !attributes.roles.contains(&Role::Administrator) {
        return Ok(None);
    }
    let used = sql("UPDATE administration_tokens SET used_at = ?2 WHERE id = ?1 AND COALESCE(used_at, 0) < ?3")
        .bind(jti)
        .bind(now)
        .bind(now - USE_RECORDED);
    context.platform.database.run(used).await?;
    Ok(Some(Bearer { administrator: sub, access }))
}
