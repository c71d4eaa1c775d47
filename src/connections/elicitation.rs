//! Links that a tool call hands out so that one person connects an account.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    context::Context,
    crypto::{authenticator::Authenticator, random},
    identifiers::{ClientId, UserId},
    platform::{
        Fault,
        cap::Cap,
        clock::Timestamp,
        database::{Database, Statement, sql},
    },
    providers::Site,
};

/// How long a link can be used.
const LIFETIME: Duration = Duration::from_secs(600);

const TABLE: &str = "elicitations";

/// Each call that lacks an account makes a link. The calls that a person's clients make at once each get one of their own.
const CAP: Cap = Cap::new(
    64,
    "DELETE FROM elicitations WHERE rowid IN (
        SELECT rowid FROM elicitations WHERE user_id = ?1 ORDER BY rowid DESC LIMIT -1 OFFSET ?2)",
);

/// How the id of a link is kept.
pub fn hash(authenticator: &Authenticator, id: &str) -> String {
    authenticator.hash(TABLE, id)
}

/// What became of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Pending,
    Connected,
    /// The person refused at the provider, or the provider did.
    Failed,
}

/// A link that has not ended.
#[derive(Debug, Clone, Deserialize)]
pub struct Elicitation {
    /// The one person it is for.
    pub user_id: UserId,
    pub client_id: ClientId,
    /// The site at which it connects an account.
    #[serde(rename = "provider")]
    pub site: String,
    #[serde(rename = "state")]
    pub status: Status,
}

/// Makes a link for one person and one client; gives its id, a lookup key that proves nothing. Where the person has many,
/// the oldest end.
///
/// # Errors
/// Where the record cannot be written.
pub async fn create(context: &Context, user: &UserId, client: &ClientId, site: Site) -> Result<String, Fault> {
    let id = random::identifier()?;
    let insert = sql("INSERT INTO elicitations (id_hash, user_id, client_id, provider, state, expires_at)
         VALUES (?1, ?2, ?3, ?4, 'pending', ?5)")
    .bind(hash(context.settings.authenticator(), &id))
    .bind(user)
    .bind(client)
    .bind(site)
    .bind(context.platform.clock.now() + LIFETIME);
    context.platform.database.batch(vec![insert, CAP.keep(user)]).await?;
    Ok(id)
}

/// How soon after a link its client may ask anew and still be believed to show it: calls that run side by side each
/// get one.
const GRACE: Duration = Duration::from_secs(3);

/// Whether that client was handed a link for this person before, can still use it, and never came back with an answer:
/// it declares what it cannot do, or runs where nobody answers. So its next link is told in words.
///
/// # Errors
/// Where the record cannot be read.
pub async fn was_missed(context: &Context, user: &UserId, client: &ClientId, site: Site) -> Result<bool, Fault> {
    let now = context.platform.clock.now();
    let missed = sql("SELECT 1 AS missed FROM elicitations WHERE user_id = ?1 AND client_id = ?2 AND provider = ?3
             AND state = 'pending' AND answered = 0 AND expires_at > ?4 AND expires_at <= ?5 LIMIT 1")
    .bind(user)
    .bind(client)
    .bind(site)
    .bind(now)
    .bind(now + LIFETIME - GRACE);
    Ok(!context.platform.database.run(missed).await?.rows.is_empty())
}

/// Keeps that the client came back with its person's answer to that link.
///
/// # Errors
/// Where the record cannot be written.
pub async fn answered(context: &Context, id: &str) -> Result<(), Fault> {
    let [hash, previous] = context.settings.authenticator().hashes(TABLE, id);
    let answered = sql("UPDATE elicitations SET answered = 1 WHERE id_hash IN (?1, ?2)");
    context.platform.database.run(answered.bind(hash).bind(previous)).await.map(drop)
}

/// The page that the link leads to.
pub fn url(context: &Context, site: Site, id: &str) -> String {
    format!("{}/connect/{site}?e={id}", context.settings.public_url)
}

/// The link of that id, unless it has ended.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(context: &Context, id: &str) -> Result<Option<Elicitation>, Fault> {
    let [hash, previous] = context.settings.authenticator().hashes(TABLE, id);
    context
        .platform
        .database
        .run(
            sql("SELECT user_id, client_id, provider, state FROM elicitations WHERE id_hash IN (?1, ?2) AND expires_at > ?3")
                .bind(hash)
                .bind(previous)
                .bind(context.platform.clock.now()),
        )
        .await?
        .first()
}

/// Whether nothing has become yet of the link of that id.
///
/// # Errors
/// Where the record cannot be read.
pub async fn is_pending(
    database: &dyn Database,
    authenticator: &Authenticator,
    id: &str,
    now: Timestamp,
) -> Result<bool, Fault> {
    let [hash, previous] = authenticator.hashes(TABLE, id);
    let query = sql("SELECT 1 FROM elicitations WHERE id_hash IN (?1, ?2) AND state = 'pending' AND expires_at > ?3");
    Ok(!database.run(query.bind(hash).bind(previous).bind(now)).await?.rows.is_empty())
}

/// Ends a link that an account was connected at or beside: it lets one waiting call go on. Whether it was still there
/// to end.
///
/// # Errors
/// Where the record cannot be written.
pub async fn spend(context: &Context, id: &str) -> Result<bool, Fault> {
    let spent = sql("DELETE FROM elicitations WHERE id_hash IN (?1, ?2) AND state = 'connected' RETURNING id_hash");
    let [hash, previous] = context.settings.authenticator().hashes(TABLE, id);
    Ok(!context.platform.database.run(spent.bind(hash).bind(previous)).await?.rows.is_empty())
}

/// The statement that says that the account is connected, to every link that waits for it: by whichever way the
/// person connected it.
pub fn connected(user: &UserId, site: Site) -> Statement {
    sql("UPDATE elicitations SET state = 'connected' WHERE user_id = ?1 AND provider = ?2 AND state = 'pending'")
        .bind(user)
        .bind(site)
}

/// The statement that says that a link came to nothing.
pub fn failed(id_hash: &str) -> Statement {
    sql("UPDATE elicitations SET state = 'failed' WHERE id_hash = ?1 AND state = 'pending'").bind(id_hash)
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;

    use super::*;
    use crate::{
        identifiers::RequestId,
        platform::native::{self, memory::ScriptedHttp},
        providers::{BITBUCKET, Site},
        settings,
    };

    /// With alice, whose editor was handed a link; and that link's id.
    fn handed_out() -> (Context, String) {
        let platform = native::platform(ScriptedHttp::unreachable());
        let context =
            Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        let alice = sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
             VALUES ('alice', 'issuer', 'alice', 'alice', 'Alice', '[]', 0, 0)");
        block_on(context.platform.database.run(alice)).unwrap();
        let (user, client) = (UserId::new("alice"), ClientId::new("editor"));
        let id = block_on(create(&context, &user, &client, Site::main(&BITBUCKET))).unwrap();
        (context, id)
    }

    #[test]
    fn a_person_has_so_many_links_and_the_oldest_end_first() {
        let (context, first) = handed_out();
        let (user, client) = (UserId::new("alice"), ClientId::new("editor"));
        let found = |id: &str| block_on(find(&context, id)).unwrap().is_some();
        let later: Vec<String> = (0..CAP.most())
            .map(|_| block_on(create(&context, &user, &client, Site::main(&BITBUCKET))).unwrap())
            .collect();
        assert!(!found(&first) && later.iter().all(|id| found(id)));
    }

    fn missed(context: &Context, client: &str) -> bool {
        let (user, client) = (UserId::new("alice"), ClientId::new(client));
        block_on(was_missed(context, &user, &client, Site::main(&BITBUCKET))).unwrap()
    }

    fn later(context: &Context, seconds: u64) {
        drop(context.platform.clock.sleep(Duration::from_secs(seconds)));
    }

    #[test]
    fn a_link_that_its_client_never_answers_to_was_missed_for_as_long_as_it_is_good() {
        let (context, _) = handed_out();
        later(&context, 3);
        assert!(missed(&context, "editor"));
        later(&context, 597);
        assert!(!missed(&context, "editor"));
    }

    #[test]
    fn calls_at_the_same_time_miss_nothing() {
        let (context, _) = handed_out();
        later(&context, 2);
        assert!(!missed(&context, "editor"));
    }

    #[test]
    fn another_client_misses_nothing() {
        let (context, _) = handed_out();
        later(&context, 5);
        assert!(!missed(&context, "terminal"));
    }

    #[test]
    fn a_link_that_was_answered_to_was_not_missed() {
        let (context, id) = handed_out();
        block_on(answered(&context, &id)).unwrap();
        later(&context, 5);
        assert!(!missed(&context, "editor"));
    }

    #[test]
    fn nor_was_one_at_which_the_account_was_connected() {
        let (context, _) = handed_out();
        let connected = connected(&UserId::new("alice"), Site::main(&BITBUCKET));
        block_on(context.platform.database.run(connected)).unwrap();
        later(&context, 5);
        assert!(!missed(&context, "editor"));
    }
}
