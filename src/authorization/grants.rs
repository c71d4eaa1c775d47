//! Grants: what a person has allowed their AI clients, and its end.

use futures::{TryStreamExt, stream};
use serde::Deserialize;

use super::{
    clients::{Origin, redirect::Registered},
    tokens::scope::Scopes,
};
use crate::{
    audit,
    context::Context,
    identifiers::{ClientId, GrantId, UserId},
    platform::{
        Fault,
        cap::Cap,
        clock::Timestamp,
        database::{Statement, sql},
    },
    session::{self, endings::Ending},
};

/// Why a grant ended, as it is put on record with [`end`]: a second holder of its refresh tokens, or of its code.
pub const REFRESH_TOKEN_REPLAYED: &str = "refresh token replayed";
pub const CODE_REPLAYED: &str = "authorization code replayed";
/// Its client is no longer what the person let in.
pub const CLIENT_CHANGED: &str = "the client changed";
/// The person ended it on their page.
pub const ENDED_BY_PERSON: &str = "ended by the person";
/// Its client gave it back (RFC 7009).
pub const REVOKED_BY_CLIENT: &str = "revoked by the client";

/// How many live grants a person can have: some of every client on every machine.
const MOST_LIVE: i64 = 100;

/// How many of a person's grants that are over are kept, at most for as long as housekeeping keeps them.
const MOST_OVER: u32 = 100;

/// Codes refer to their grants, so they go first.
const OVER: [Cap; 2] = [
    Cap::new(
        MOST_OVER,
        "DELETE FROM authorization_codes WHERE grant_id IN (
            SELECT id FROM grants WHERE user_id = ?1 AND (revoked_at IS NOT NULL OR expires_at <= ?3)
            ORDER BY COALESCE(revoked_at, expires_at) DESC LIMIT -1 OFFSET ?2)",
    ),
    Cap::new(
        MOST_OVER,
        "DELETE FROM grants WHERE id IN (
            SELECT id FROM grants WHERE user_id = ?1 AND (revoked_at IS NOT NULL OR expires_at <= ?3)
            ORDER BY COALESCE(revoked_at, expires_at) DESC LIMIT -1 OFFSET ?2)",
    ),
];

/// How many grants end at the same time: each end waits for as long as the leases of its object last.
const ENDED_AT_ONCE: usize = 32;

/// One client that a person allowed in, for their own page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantSummary {
    pub id: GrantId,
    pub client_id: ClientId,
    /// As the person was told it, cleaned for display.
    pub client_name: String,
    /// Who vouches for the client; `None` where it is not on record any more.
    pub client_origin: Option<Origin>,
    /// Where the browser was sent with the answer, as on the consent page; `None` where the identity provider let the
    /// client in.
    pub redirect_host: Option<String>,
    pub scopes: Scopes,
    pub created_at: Timestamp,
    /// When it last got an access token.
    pub used_at: Timestamp,
}

/// A grant that ended otherwise than by its person's own hand, for their page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndedGrant {
    /// As in [`GrantSummary`].
    pub client_name: String,
    pub ended_at: Timestamp,
    /// In words for the person.
    pub why: String,
}

#[derive(Deserialize)]
struct EndedRow {
    client_name: Option<String>,
    revoked_at: Timestamp,
    revoked_reason: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: GrantId,
    client_id: ClientId,
    client_name: Option<String>,
    client_origin: Option<String>,
    redirect_uri: String,
    scope: String,
    created_at: Timestamp,
    used_at: Timestamp,
}

/// The live grants of a person, the one used last first.
///
/// # Errors
/// Where the record could not be read.
pub async fn list(context: &Context, user: &UserId) -> Result<Vec<GrantSummary>, Fault> {
    let query =
        sql("SELECT g.id, g.client_id, COALESCE(g.client_name, c.name) AS client_name, c.origin AS client_origin,
            g.redirect_uri, g.scope, g.created_at, g.used_at
        FROM grants g LEFT JOIN clients c ON c.id = g.client_id
        WHERE g.user_id = ?1 AND g.revoked_at IS NULL AND g.expires_at > ?2
        ORDER BY g.used_at DESC, g.id");
    let rows = context.platform.database.run(query.bind(user).bind(context.platform.clock.now())).await?;
    let private_use = &context.settings.private_use_redirects;
    let summary = |row: Row| GrantSummary {
        client_origin: row.client_origin.and_then(|name| Origin::recorded(&name, &row.client_id, None).ok()),
        id: row.id,
        client_id: row.client_id,
        client_name: row.client_name.unwrap_or_else(|| "Unregistered client".to_owned()),
        redirect_host: Registered::parse(&row.redirect_uri, private_use).map(|uri| uri.authority().to_owned()).ok(),
        scopes: Scopes::parse(&row.scope),
        created_at: row.created_at,
        used_at: row.used_at,
    };
    Ok(rows.all::<Row>()?.into_iter().map(summary).collect())
}

/// What ended for a person without their doing, as far back as it is on record (30 days), the latest first.
///
/// # Errors
/// Where the record could not be read.
pub async fn ended(context: &Context, user: &UserId) -> Result<Vec<EndedGrant>, Fault> {
    let query = sql("SELECT COALESCE(g.client_name, c.name) AS client_name, g.revoked_at, g.revoked_reason
        FROM grants g LEFT JOIN clients c ON c.id = g.client_id
        WHERE g.user_id = ?1 AND g.revoked_at IS NOT NULL AND g.revoked_reason NOT IN (?2, ?3)
        ORDER BY g.revoked_at DESC, g.id LIMIT 20");
    let query = query.bind(user).bind(ENDED_BY_PERSON).bind(REVOKED_BY_CLIENT);
    let rows = context.platform.database.run(query).await?.all::<EndedRow>()?;
    let ended = |row: EndedRow| EndedGrant {
        client_name: row.client_name.unwrap_or_else(|| "Unregistered client".to_owned()),
        ended_at: row.revoked_at,
        why: in_words(row.revoked_reason.as_deref().unwrap_or("not on record")),
    };
    Ok(rows.into_iter().map(ended).collect())
}

/// A reason as the person is told it, with what they can do.
fn in_words(reason: &str) -> String {
    let words = match reason {
        REFRESH_TOKEN_REPLAYED => {
            "An outdated refresh token was used. It may have come from an old window of this client, or from somebody who \
             copied its tokens. Sign in again from the client; if this happens again without a reason that you know, tell \
             your administrator."
        }
        CODE_REPLAYED => {
            "The code of its sign-in was used a second time. Sign in again from the client; if this happens again, tell \
             your administrator."
        }
        CLIENT_CHANGED => {
            "The client is no longer what you allowed: its name, its address or its way to prove itself changed. Sign in \
             again from the client to look at it anew."
        }
        other => return format!("Reason: {other}."),
    };
    words.to_owned()
}

/// Whether the person may allow one more client in. None of theirs ends for that: a client that is used once a month has
/// the oldest grant and may be the one that they miss most.
///
/// # Errors
/// Where the record could not be read.
pub async fn have_room(context: &Context, user: &UserId) -> Result<bool, Fault> {
    let full = sql("SELECT 1 FROM grants WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2
        LIMIT 1 OFFSET ?3");
    let full = full.bind(user).bind(context.platform.clock.now()).bind(MOST_LIVE - 1);
    Ok(context.platform.database.run(full).await?.rows.is_empty())
}

/// The statements that forget those grants of a person which are over longest, where there are many.
pub fn forget_oldest(user: &UserId, now: Timestamp) -> [Statement; 2] {
    OVER.each_ref().map(|cap| cap.keep(user).bind(now))
}

/// Ends one grant of that person, in their Session object first, so that its access tokens are worth nothing by
/// the time this returns; whether there was one to end.
///
/// # Errors
/// Where the object failed: then it has not ended. Where the record failed: then the object tells it later.
pub async fn end(context: &Context, user: &UserId, grant: &GrantId, reason: &str) -> Result<bool, Fault> {
    let database = &context.platform.database;
    let query = sql("SELECT id FROM grants WHERE id = ?1 AND user_id = ?2 AND revoked_at IS NULL");
    if database.run(query.bind(grant).bind(user)).await?.rows.is_empty() {
        return Ok(false);
    }
    let (at, request_id) = (context.platform.clock.now(), context.request_id.clone());
    let ending = Ending { at, reason: reason.to_owned(), request_id };
    session::end_grant(context, &user.into(), grant, Some(ending.clone())).await?;
    let Some(event) = ending.record(database.as_ref(), user, grant).await? else { return Ok(false) };
    audit::record(context, event).await;
    Ok(true)
}

#[derive(Deserialize)]
struct Live {
    id: GrantId,
    user_id: UserId,
}

/// Ends every grant of a client, as [`end`] does.
///
/// # Errors
/// As [`end`].
pub async fn end_all_of_client(context: &Context, client: &ClientId, reason: &str) -> Result<(), Fault> {
    let query = sql("SELECT id, user_id FROM grants WHERE client_id = ?1 AND revoked_at IS NULL").bind(client);
    let live = context.platform.database.run(query).await?.all::<Live>()?;
    let end_one = async |live: Live| end(context, &live.user_id, &live.id, reason).await.map(drop);
    stream::iter(live.into_iter().map(Ok)).try_for_each_concurrent(ENDED_AT_ONCE, end_one).await
}

/// Everybody who has let a client in.
///
/// # Errors
/// Where the record could not be read.
pub async fn people_of(context: &Context, client: &ClientId) -> Result<Vec<UserId>, Fault> {
    #[derive(Deserialize)]
    struct Row {
        user_id: UserId,
    }
    let query = sql("SELECT DISTINCT user_id FROM grants WHERE client_id = ?1 AND revoked_at IS NULL").bind(client);
    let rows = context.platform.database.run(query).await?.all::<Row>()?;
    Ok(rows.into_iter().map(|row| row.user_id).collect())
}

#[cfg(test)]
mod tests;
