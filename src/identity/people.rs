//! Everybody who has signed in, for administrators.

use std::{fmt, str::FromStr};

use serde::Deserialize;

use crate::{
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, sql},
        json,
    },
};

/// How many people one page lists.
pub const PAGE: i64 = 50;

/// One person, as the record and the identity provider's latest claims tell of them. Names are the provider's own and
/// not cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub email: Option<String>,
    /// The names of roles and groups that were claimed last.
    pub claimed: Vec<String>,
    pub signed_in_at: Timestamp,
    /// AI clients that may act for them.
    pub clients: i64,
    /// Connected accounts.
    pub connections: i64,
    /// Browsers that are signed in.
    pub browsers: i64,
    pub disabled: Option<Disabled>,
}

/// Why somebody is let in no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disabled {
    pub at: Timestamp,
    /// The user name of the administrator, or what did it in their stead.
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// Where a page of the list ended: the next one begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    signed_in_at: Timestamp,
    id: UserId,
}

impl From<&Listed> for Position {
    fn from(person: &Listed) -> Self {
        Self { signed_in_at: person.signed_in_at, id: person.id.clone() }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.signed_in_at.0, self.id)
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (at, id) = text.split_once('.').ok_or(())?;
        Ok(Self { signed_in_at: Timestamp(at.parse().map_err(|_| ())?), id: UserId::new(id) })
    }
}

/// Whom to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// A part of the name, the user name or the e-mail address, whatever its case.
    pub text: Option<String>,
    /// Only those who are disabled.
    pub disabled: bool,
    pub after: Option<Position>,
}

#[derive(Deserialize)]
struct Row {
    id: UserId,
    username: String,
    name: String,
    email: Option<String>,
    claimed: String,
    signed_in_at: Timestamp,
    clients: i64,
    connections: i64,
    browsers: i64,
    disabled_at: Option<Timestamp>,
    disabled_by: Option<String>,
    disabled_reason: Option<String>,
}

impl From<Row> for Listed {
    fn from(row: Row) -> Self {
        let disabled = row.disabled_at.map(|at| Disabled { at, by: row.disabled_by, reason: row.disabled_reason });
        Self {
            id: row.id,
            username: row.username,
            name: row.name,
            email: row.email,
            claimed: json::from_str(&row.claimed).unwrap_or_default(),
            signed_in_at: row.signed_in_at,
            clients: row.clients,
            connections: row.connections,
            browsers: row.browsers,
            disabled,
        }
    }
}

/// What is selected of a person, `?1` being now.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT u.id, u.username, u.name, u.email, u.claimed, u.signed_in_at, u.disabled_at,
                COALESCE(d.username, u.disabled_by) AS disabled_by, u.disabled_reason,
                (SELECT COUNT(*) FROM grants g WHERE g.user_id = u.id AND g.revoked_at IS NULL AND g.expires_at > ?1)
                    AS clients,
                (SELECT COUNT(*) FROM connections c WHERE c.user_id = u.id) AS connections,
                (SELECT COUNT(*) FROM browser_sessions b WHERE b.user_id = u.id AND b.expires_at > ?1) AS browsers
            FROM users u LEFT JOIN users d ON d.id = u.disabled_by ",
            $rest
        )
    };
}

/// A page of people, those who signed in last first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(database: &dyn Database, filter: &Filter, now: Timestamp) -> Result<Vec<Listed>, Fault> {
    let query = sql(select!(
        "WHERE (?2 IS NULL OR instr(lower(u.username || ' ' || u.name || ' ' || COALESCE(u.email, '')), lower(?2)) > 0)
            AND (NOT ?3 OR u.disabled_at IS NOT NULL)
            AND (?4 IS NULL OR u.signed_in_at < ?4 OR (u.signed_in_at = ?4 AND u.id > ?5))
        ORDER BY u.signed_in_at DESC, u.id LIMIT ?6"
    ))
    .bind(now)
    .bind(filter.text.as_deref())
    .bind(filter.disabled)
    .bind(filter.after.as_ref().map(|position| position.signed_in_at))
    .bind(filter.after.as_ref().map(|position| position.id.as_str()))
    .bind(PAGE);
    Ok(database.run(query).await?.all::<Row>()?.into_iter().map(Listed::from).collect())
}

/// One person.
///
/// # Errors
/// Where the record cannot be read.
pub async fn find(database: &dyn Database, id: &UserId, now: Timestamp) -> Result<Option<Listed>, Fault> {
    let query = sql(select!("WHERE u.id = ?2")).bind(now).bind(id);
    Ok(database.run(query).await?.first::<Row>()?.map(Listed::from))
}
