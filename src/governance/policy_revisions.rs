//! Makes revisions of the access policy: each is kept whole, and the latest is in force.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::json;

use super::{
    access_policy::{AccessPolicy, Known, Problem, SubjectSelector},
    attributes::Groups,
    policy_revision::{self, POLICY_REVISIONS, Revision},
    snapshot_cache,
};
use crate::{
    audit::{self, Kind},
    context::Context,
    identifiers::{ClientId, UserId},
    platform::{Fault, clock::Timestamp, database::sql, json},
};

/// The revision in force.
///
/// # Errors
/// Where the record cannot be read.
pub async fn latest(context: &Context) -> Result<Revision, Fault> {
    let rows = context.platform.database.run(policy_revision::query(None)).await?;
    Ok(policy_revision::read(context.settings.authenticator(), rows)?.unwrap_or_else(Revision::none))
}

/// The revision of that number, if there is one that Postern wrote.
///
/// # Errors
/// Where the record cannot be read.
pub async fn at(context: &Context, number: i64) -> Result<Option<Revision>, Fault> {
    let rows = context.platform.database.run(policy_revision::query_one(number)).await?;
    Ok(policy_revision::read_all(context.settings.authenticator(), rows)?.pop())
}

/// How many revisions a page shows.
pub const MOST_LISTED: i64 = 50;

/// The latest revisions, the newest first.
///
/// # Errors
/// Where the record cannot be read.
pub async fn list(context: &Context) -> Result<Vec<Revision>, Fault> {
    let rows = context.platform.database.run(policy_revision::query_latest(MOST_LISTED)).await?;
    policy_revision::read_all(context.settings.authenticator(), rows)
}

/// The numbers of the revisions that were in force between two moments, the latest first and as many as a page shows.
///
/// # Errors
/// Where the record cannot be read.
pub async fn in_force(context: &Context, from: Option<Timestamp>, until: Option<Timestamp>) -> Result<Vec<i64>, Fault> {
    #[derive(Deserialize)]
    struct Number {
        revision: i64,
    }
    let until = until.unwrap_or_else(|| context.platform.clock.now() + Duration::from_secs(1));
    let query = policy_revision::query_in_force(from.unwrap_or(Timestamp(0)), until, MOST_LISTED);
    let numbers = context.platform.database.run(query).await?.all::<Number>()?;
    Ok(numbers.into_iter().map(|number| number.revision).collect())
}

/// What became of an attempt to keep a revision.
#[derive(Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is in force, under this number, within five seconds.
    As(i64),
    /// Somebody else made a revision meanwhile.
    Outdated,
    Refused(Vec<Problem>),
}

impl Kept {
    /// Why it was not kept, in words; nothing where it was.
    pub fn problems(&self) -> Option<Vec<String>> {
        match self {
            Self::As(_) => None,
            Self::Outdated => Some(vec![OUTDATED.to_owned()]),
            Self::Refused(problems) => Some(in_words(problems)),
        }
    }
}

const OUTDATED: &str = "somebody else changed the policy meanwhile: look at it as it is now, and do it again";

/// The problems of a document, each in a sentence.
pub fn in_words(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(ToString::to_string).collect()
}

/// Who makes a revision, and of which it is one.
pub struct Change<'a> {
    pub by: &'a UserId,
    /// The number of the revision that they saw.
    pub saw: i64,
    pub summary: &'a str,
}

/// Keeps a new revision, if it has no defect and is made of the latest one.
///
/// # Errors
/// Where the record cannot be read or written.
pub async fn keep(context: &Context, change: &Change<'_>, policy: AccessPolicy) -> Result<Kept, Fault> {
    let policy = match check(context, policy).await? {
        Ok(policy) => policy,
        Err(problems) => return Ok(Kept::Refused(problems)),
    };
    let Change { by, saw, summary } = change;
    let number = saw.saturating_add(1);
    let document = serde_json::to_string(&policy).map_err(|error| Fault::new("access policy", error))?;
    let mac = context.settings.authenticator().row(&POLICY_REVISIONS, &[json!(number), json!(document)]);
    // Of two who saw the same revision, one makes the next: its number is the key.
    let insert = sql("INSERT INTO policy_revisions (revision, document, made_at, made_by, summary, mac)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6
         WHERE (SELECT COALESCE(MAX(revision), 0) FROM policy_revisions) = ?7
         ON CONFLICT (revision) DO NOTHING")
    .bind(number)
    .bind(document)
    .bind(context.platform.clock.now())
    .bind(*by)
    .bind(*summary)
    .bind(mac)
    .bind(*saw);
    let written = snapshot_cache::change_policy(context, vec![insert]).await?;
    if written.first().is_none_or(|rows| rows.changes == 0) {
        return Ok(Kept::Outdated);
    }
    let event = audit::event(context, Kind::AccessPolicyChanged).by(by).because(summary);
    audit::record(context, event.changing(&format!("revision {saw}"), &format!("revision {number}"))).await;
    Ok(Kept::As(number))
}

/// The document with the people that it names, or its problems.
///
/// # Errors
/// Where the record cannot be read.
pub async fn check(context: &Context, mut policy: AccessPolicy) -> Result<Result<AccessPolicy, Vec<Problem>>, Fault> {
    #[derive(Deserialize)]
    struct Person {
        id: UserId,
        username: String,
    }
    #[derive(Deserialize)]
    struct Client {
        id: ClientId,
    }
    let names: Vec<&str> = policy
        .subjects()
        .filter_map(|subject| match subject {
            SubjectSelector::Person(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    let people = sql("SELECT id, username FROM users WHERE username IN (SELECT value FROM json_each(?1))");
    let clients = sql("SELECT id FROM clients");
    let groups = sql("SELECT DISTINCT groups FROM users WHERE groups IS NOT NULL");
    let statements = vec![people.bind(json!(names).to_string()), clients, groups];
    let mut results = context.platform.database.batch(statements).await?.into_iter();
    let people = results.next().unwrap_or_default().all::<Person>()?;
    let mut known = Known { sites: context.settings.sites.all().collect(), ..Known::default() };
    known.clients.extend(results.next().unwrap_or_default().all::<Client>()?.into_iter().map(|client| client.id));
    for row in results.next().unwrap_or_default().rows {
        let text = row.get("groups").and_then(serde_json::Value::as_str).unwrap_or_default();
        if let Ok(groups) = json::from_str::<Groups>(text) {
            known.groups.extend(groups.names);
        }
    }
    // Whom a name meant before stays whom it means.
    let before = latest(context).await?.policy.people;
    policy.people = names_of(&policy, |name| {
        before.get(name).cloned().or_else(|| {
            let mut found = people.iter().filter(|person| person.username == name);
            found.next().filter(|_| found.next().is_none()).map(|person| person.id.clone())
        })
    });
    let mut problems = policy.problems(&known);
    if serde_json::to_string(&policy).map_or(usize::MAX, |text| text.len()) > AccessPolicy::MOST_BYTES {
        let defect = format!("it is longer than {} bytes", AccessPolicy::MOST_BYTES);
        problems.push(Problem { place: "the document".to_owned(), defect });
    }
    Ok(if problems.is_empty() { Ok(policy) } else { Err(problems) })
}

/// Whom each user name in the document means.
fn names_of(policy: &AccessPolicy, whose: impl Fn(&str) -> Option<UserId>) -> BTreeMap<String, UserId> {
    let people = policy.subjects().filter_map(|subject| match subject {
        SubjectSelector::Person(name) => Some((name.clone(), whose(name)?)),
        _ => None,
    });
    people.collect()
}

#[cfg(test)]
mod tests;
