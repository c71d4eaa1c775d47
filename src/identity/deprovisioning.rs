//! The end of a person's access: everything that was made for them at once, and nothing that is made afterwards.
//!
//! The record decides, in one transaction: it is the moment of the end. What exists then is over, and `ended_before`
//! rises above every `created_at` among it; whatever is made later gets a later one, on whichever clock ([`super::browser`]
//! and the rooms that make grants and connections see to that), and is made only on the word of a browser or an assertion
//! that is not over itself. Then the person's Session object is told. Where it cannot be, it finds out from the record
//! within a minute, and the caller hears of it. The object keeps what it was told: whoever clears an end in the record
//! brings no call back, and whoever was disabled signs in nowhere.

use futures::future::join;
use serde::Deserialize;
use serde_json::json;

use crate::{
    audit::{self, Kind},
    connections::revocation::{self, Removed},
    context::Context,
    identifiers::{ClientId, GrantId, UserId},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        log::Level,
    },
    providers::Provider,
    session,
};

/// Why a person may not come back for now.
#[derive(Debug, Clone, Copy)]
pub struct Disabling<'a> {
    /// The id of a person, or what did it in their stead.
    pub by: &'a str,
    /// In words for those who read the list of people.
    pub reason: &'a str,
}

/// Ends everything that was made for a person until now: grants and their tokens, signed-in browsers, authorization
/// requests, waiting links, attempts to connect, what the identity provider is asked about them with, and connected accounts, whose tokens are given back to the provider as
/// far as it takes them. They may sign in and begin anew. Returns when no call under any of it can begin any more, which
/// takes as long as leases last; streams end by themselves within seconds.
///
/// # Errors
/// Where the record failed: then nothing has ended. Where the person's Session object could not be told: then everything
/// has, but for calls of the next minute. Doing it again is right in both cases.
pub async fn end_person(context: &Context, user: &UserId, reason: &str) -> Result<(), Fault> {
    end(context, user, reason, None).await
}

/// Ends everything as [`end_person`] does, and lets the person in no more until they are enabled.
///
/// # Errors
/// As [`end_person`].
pub async fn disable(context: &Context, user: &UserId, disabling: Disabling<'_>) -> Result<(), Fault> {
    let update = sql("UPDATE users SET disabled_at = COALESCE(disabled_at, ?2), disabled_by = ?3, disabled_reason = ?4
        WHERE id = ?1")
    .bind(user)
    .bind(context.platform.clock.now())
    .bind(disabling.by)
    .bind(disabling.reason);
    end(context, user, "the person was disabled", Some(update)).await
}

/// Lets a person begin anew who was disabled. What ended stays ended.
///
/// # Errors
/// Where the person's Session object could not be told or the record failed: then they are still disabled.
pub async fn enable(context: &Context, user: &UserId) -> Result<(), Fault> {
    session::enable(context, user).await?;
    let update = sql("UPDATE users SET disabled_at = NULL, disabled_by = NULL, disabled_reason = NULL WHERE id = ?1");
    context.platform.database.run(update.bind(user)).await.map(drop)
}

/// Ends one connected account, and gives its tokens back to the provider; whether that said that it ended them. Returns
/// when no call with them can begin any more.
///
/// # Errors
/// Where the person's Session object could not be told before or the record failed: then the account is still connected.
/// Where it could not be told afterwards: then calls go on for a few seconds only, because it had been told once.
pub async fn disconnect(context: &Context, user: &UserId, provider: &'static Provider) -> Result<bool, Fault> {
    // Before: where the object is out of reach, nothing is said to be removed that it goes on using. After: it may have
    // read the account again meanwhile.
    session::forget_credential(context, user, provider).await?;
    let removed = context.platform.database.run(revocation::remove(user, provider)).await?.all::<Removed>()?;
    let given_back = revocation::revoke_removed(&context.platform, &context.settings, user, &removed);
    let (forgotten, given_back) = join(session::forget_credential(context, user, provider), given_back).await;
    if !removed.is_empty() {
        let event = audit::event(context, Kind::ConnectionRemoved).of(user).target(provider.id);
        audit::record(context, event.because("removed by the person")).await;
    }
    forgotten.map(|()| given_back)
}

#[derive(Deserialize)]
struct Grant {
    id: GrantId,
    client_id: ClientId,
    client_name: Option<String>,
}

#[derive(Deserialize)]
struct End {
    ended_before: Timestamp,
}

async fn end(context: &Context, user: &UserId, reason: &str, disabling: Option<Statement>) -> Result<(), Fault> {
    let now = context.platform.clock.now();
    let mut statements = vec![
        sql("UPDATE users SET ended_before = MAX(ended_before, ?2,
                COALESCE((SELECT MAX(created_at) FROM grants WHERE user_id = ?1), 0),
                COALESCE((SELECT MAX(created_at) FROM browser_sessions WHERE user_id = ?1), 0))
            WHERE id = ?1 RETURNING ended_before")
        .bind(user)
        .bind(now),
        revocation::remove_all(user),
        sql("UPDATE grants SET revoked_at = ?2, revoked_reason = ?3 WHERE user_id = ?1 AND revoked_at IS NULL
            RETURNING id, client_id, client_name")
        .bind(user)
        .bind(now)
        .bind(reason),
        sql("DELETE FROM browser_sessions WHERE user_id = ?1").bind(user),
        sql("DELETE FROM authorization_requests WHERE user_id = ?1").bind(user),
        sql("DELETE FROM elicitations WHERE user_id = ?1").bind(user),
        sql("DELETE FROM connection_attempts WHERE user_id = ?1").bind(user),
        sql("DELETE FROM standings WHERE user_id = ?1").bind(user),
    ];
    let disables = disabling.is_some();
    statements.extend(disabling);
    let mut results = context.platform.database.batch(statements).await?.into_iter();
    let Some(End { ended_before }) = results.next().unwrap_or_default().first()? else { return Ok(()) };
    let removed = results.next().unwrap_or_default().all::<Removed>()?;
    let grants = results.next().unwrap_or_default().all::<Grant>()?;
    let of_this = |kind| audit::event(context, kind).of(user).because(reason);
    let ended = grants.iter().map(|grant| {
        let name = grant.client_name.as_deref().unwrap_or_default();
        of_this(Kind::GrantEnded).grant(&grant.id).client(&grant.client_id).client_name(name)
    });
    let removals = removed.iter().map(|_| of_this(Kind::ConnectionRemoved));
    let events = ended.chain(removals).chain([of_this(Kind::AccessEnded)]).collect();
    audit::record_all(context, events).await;
    context.log(Level::Info, "access of a person ended", &[("user", json!(user.as_str())), ("reason", json!(reason))]);
    let given_back = revocation::revoke_removed(&context.platform, &context.settings, user, &removed);
    let end = async {
        if disables {
            session::disable(context, user).await?;
        }
        session::end_before(context, user, ended_before).await
    };
    join(end, given_back).await.0
}
