//! The browsers that one person is signed in with, for their own page.

use serde::Deserialize;

use super::browser::Browser;
use crate::{
    context::Context,
    crypto::digest,
    platform::{Fault, clock::Timestamp, database::sql},
};

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrowserSession {
    /// Names it in a form, without being its session.
    pub id: String,
    /// As `Firefox on Windows`, by its own account.
    pub label: Option<String>,
    pub since: Timestamp,
    pub until: Timestamp,
    /// It is the one that asks.
    pub is_this_one: bool,
}

#[derive(Deserialize)]
struct Row {
    token_hash: String,
    label: Option<String>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

fn id(token_hash: &str) -> String {
    digest::sha256(token_hash)
}

/// Those of the person who asks, the newest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context, browser: &Browser) -> Result<Vec<BrowserSession>, Fault> {
    let rows = rows(context, browser).await?.into_iter();
    let signed_in = rows.map(|row| BrowserSession {
        id: id(&row.token_hash),
        is_this_one: row.token_hash == browser.session_hash,
        label: row.label,
        since: row.created_at,
        until: row.expires_at,
    });
    Ok(signed_in.collect())
}

/// Signs out one of them. One that is not there any more is as good as signed out.
///
/// # Errors
/// Where the record failed: then it may still be signed in.
pub async fn end(context: &Context, browser: &Browser, named: &str) -> Result<(), Fault> {
    let rows = rows(context, browser).await?;
    let Some(row) = rows.iter().find(|row| id(&row.token_hash) == named) else { return Ok(()) };
    let delete = sql("DELETE FROM browser_sessions WHERE token_hash = ?1 AND user_id = ?2");
    context.platform.database.run(delete.bind(&row.token_hash).bind(&browser.person.id)).await.map(drop)
}

/// Signs out all of them, the one that asks too.
///
/// # Errors
/// Where the record cannot be written: then all are still signed in.
pub async fn end_all(context: &Context, browser: &Browser) -> Result<(), Fault> {
    let delete = sql("DELETE FROM browser_sessions WHERE user_id = ?1");
    context.platform.database.run(delete.bind(&browser.person.id)).await.map(drop)
}

async fn rows(context: &Context, browser: &Browser) -> Result<Vec<Row>, Fault> {
    let query = sql("SELECT token_hash, label, created_at, expires_at FROM browser_sessions
        WHERE user_id = ?1 AND expires_at > ?2 ORDER BY created_at DESC, token_hash");
    context.platform.database.run(query.bind(&browser.person.id).bind(context.platform.clock.now())).await?.all()
}
