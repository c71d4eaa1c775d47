//! Where notices go. All that says where, and proves whose they are, is sealed: nobody can read an address, which may be as
//! good as a password, or put one of their own.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{message::Form, signature};
use crate::{
    audit::{self, Kind, notable},
    context::Context,
    crypto::{random, seal::Purpose, secret::Secret},
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Rows, Statement, sql},
        json,
    },
};

/// How long a secret that was replaced still signs.
pub const BOTH_SIGN_FOR: Duration = Duration::from_hours(24);

/// How many there are at the most.
pub const MOST: i64 = 10;

/// What is sealed of one. It holds secrets, so it has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Contents {
    pub url: String,
    pub form: Form,
    /// The names of what it is told of.
    pub topics: Vec<String>,
    pub secret: String,
    /// The secret before that, and until when it signs too.
    pub previous: Option<(String, Timestamp)>,
}

impl Contents {
    /// The secrets that sign at that moment.
    pub fn live(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        let previous = self.previous.iter().filter(move |(_, until)| now < *until);
        std::iter::once(self.secret.as_str()).chain(previous.map(|(secret, _)| secret.as_str()))
    }

    /// What it is told of, as the log has it.
    fn words(&self) -> String {
        if self.form == Form::Ocsf { "every event".to_owned() } else { self.topics.join(", ") }
    }

    /// The host, which is shown.
    pub fn host(&self) -> String {
        url::Url::parse(&self.url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// One that is on record.
pub struct Endpoint {
    pub id: String,
    pub contents: Contents,
    pub told: i64,
    pub attempts: u32,
    pub failure: Option<String>,
}

#[derive(Deserialize)]
struct Row {
    id: String,
    contents: String,
    told: i64,
    attempts: u32,
    failure: Option<String>,
}

fn place(id: &str) -> String {
    format!("notice_endpoints/{id}/contents")
}

/// Those of the rows that Postern wrote.
fn read(context: &Context, rows: Rows) -> Result<Vec<Endpoint>, Fault> {
    let sealer = context.settings.sealer(Purpose::Tokens);
    let opened = rows.all::<Row>()?.into_iter().filter_map(|row| {
        let contents = sealer.open(&row.contents, &place(&row.id))?;
        let contents = json::from_str(contents.expose()).ok()?;
        Some(Endpoint { id: row.id, contents, told: row.told, attempts: row.attempts, failure: row.failure })
    });
    Ok(opened.collect())
}

fn sealed(context: &Context, id: &str, contents: &Contents) -> Result<String, Fault> {
    let json = serde_json::to_string(contents).map_err(|error| Fault::new("notices", error))?;
    context.settings.sealer(Purpose::Tokens).seal(&json, &place(id))
}

/// All of them.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Endpoint>, Fault> {
    let query = sql("SELECT id, contents, told, attempts, failure FROM notice_endpoints ORDER BY made_at");
    read(context, context.platform.database.run(query).await?)
}

/// Takes those that it is time for, so that nobody else sends there meanwhile.
pub(super) async fn claim(context: &Context, held_for: Duration) -> Result<Vec<Endpoint>, Fault> {
    let now = context.platform.clock.now();
    let claim = sql("UPDATE notice_endpoints SET next_at = ?2 WHERE next_at <= ?1
         RETURNING id, contents, told, attempts, failure");
    read(context, context.platform.database.run(claim.bind(now).bind(now + held_for)).await?)
}

/// The statement that keeps how far an endpoint was told, and when it goes on.
pub(super) fn told(id: &str, position: i64, attempts: u32, next_at: Timestamp, failure: Option<&str>) -> Statement {
    sql("UPDATE notice_endpoints SET told = ?2, attempts = ?3, next_at = ?4, failure = ?5 WHERE id = ?1")
        .bind(id)
        .bind(position)
        .bind(i64::from(attempts))
        .bind(next_at)
        .bind(failure)
}

pub(super) async fn record(context: &Context, by: &UserId, host: &str, before: &str, after: &str) {
    let event = audit::event(context, Kind::NoticesChanged).by(by).target(host);
    audit::record(context, event.changing(before, after)).await;
}

/// Enters one, which is told of what happens from now on; gives its secret, or nothing where there are too many.
///
/// # Errors
/// Where the record cannot be written.
pub async fn enter(
    context: &Context,
    by: &UserId,
    url: &str,
    form: Form,
    topics: Vec<String>,
) -> Result<Option<Secret>, Fault> {
    let (id, secret) = (random::identifier()?, signature::secret()?);
    let contents = Contents { url: url.to_owned(), form, topics, secret: secret.expose().to_owned(), previous: None };
    let now = context.platform.clock.now();
    let insert = sql("INSERT INTO notice_endpoints (id, contents, told, attempts, next_at, made_at)
         SELECT ?1, ?2, ?3, 0, ?4, ?4 WHERE (SELECT COUNT(*) FROM notice_endpoints) < ?5")
    .bind(&id)
    .bind(sealed(context, &id, &contents)?)
    .bind(notable::end(context.platform.database.as_ref()).await?)
    .bind(now)
    .bind(MOST);
    if context.platform.database.run(insert).await?.changes == 0 {
        return Ok(None);
    }
    record(context, by, &contents.host(), "", &contents.words()).await;
    Ok(Some(secret))
}

/// Gives one a new secret. The one before it signs too for a while.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn rotate(context: &Context, by: &UserId, id: &str) -> Result<Option<Secret>, Fault> {
    let Some(endpoint) = list(context).await?.into_iter().find(|endpoint| endpoint.id == id) else { return Ok(None) };
    let (secret, now) = (signature::secret()?, context.platform.clock.now());
    let previous = Some((endpoint.contents.secret.clone(), now + BOTH_SIGN_FOR));
    let contents = Contents { secret: secret.expose().to_owned(), previous, ..endpoint.contents };
    let update = sql("UPDATE notice_endpoints SET contents = ?2 WHERE id = ?1");
    let update = update.bind(id).bind(sealed(context, id, &contents)?);
    context.platform.database.run(update).await?;
    record(context, by, &contents.host(), "", "secret replaced").await;
    Ok(Some(secret))
}

/// Takes one away.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn remove(context: &Context, by: &UserId, id: &str) -> Result<(), Fault> {
    let removed = list(context).await?.into_iter().find(|endpoint| endpoint.id == id);
    context.platform.database.run(sql("DELETE FROM notice_endpoints WHERE id = ?1").bind(id)).await?;
    if let Some(endpoint) = removed {
        record(context, by, &endpoint.contents.host(), &endpoint.contents.words(), "removed").await;
    }
    Ok(())
}
