//! Branches, tags and commits.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Map, Value, json};

use super::access::Ask;
use super::bbql::Condition;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page, sort};
use super::repository::{self, Repository};
use crate::accounts;
use crate::clock;
use crate::world::World;

const MOST_COMMITS: &str = "--max-count=1000";
/// NUL between the parts of a commit, a record separator after each.
const FORMAT: &str = "--format=%H%x00%P%x00%at%x00%an%x00%ae%x00%B%x1e";

/// `…/refs/branches`
pub(crate) async fn branches(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    list(repository, &ask, Kind::Branch).await
}

/// `…/refs/tags`
pub(crate) async fn tags(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    list(repository, &ask, Kind::Tag).await
}

/// `…/refs/branches/{name}`
pub(crate) async fn branch(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, branch)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    show(repository, &ask, Kind::Branch, &branch).await
}

/// `…/refs/tags/{name}`
pub(crate) async fn tag(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, tag)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    show(repository, &ask, Kind::Tag, &tag).await
}

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Branch,
    Tag,
}

impl Kind {
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Branch => "refs/heads/",
            Self::Tag => "refs/tags/",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Branch => "branches",
            Self::Tag => "tags",
        }
    }
}

async fn list(repository: &Repository, ask: &Ask, kind: Kind) -> Result<Json<Value>, Refusal> {
    let arguments = ["for-each-ref", "--format=%(refname)", kind.folder()];
    let names = repository.git.ask_text(&arguments).await?;
    let condition = ask.query.get("q").map(Condition::parse).transpose()?;
    let mut values = Vec::new();
    for name in names.lines().filter_map(|name| name.strip_prefix(kind.folder())) {
        let value = reference(repository, &ask.base, kind, name).await?;
        if condition.as_ref().is_none_or(|q| q.fits(&value)) {
            values.push(value);
        }
    }
    if let Some(order) = ask.query.get("sort") {
        sort(&mut values, order);
    }
    page(ask, values, &Paging::USUAL).map(Json)
}

async fn show(repository: &Repository, ask: &Ask, kind: Kind, name: &str) -> Result<Json<Value>, Refusal> {
    let answer = reference(repository, &ask.base, kind, name).await?;
    Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))))
}

pub(crate) async fn reference(repository: &Repository, base: &str, kind: Kind, name: &str) -> Result<Value, Refusal> {
    let full_name = format!("{}{name}", kind.folder());
    let absent = || Refusal::not_found(&format!("No such reference: {name}"));
    let hash = repository.git.commit(&full_name).await.ok_or_else(absent)?;
    let log = log(repository, base, &["--max-count=1", &hash]).await?;
    let href = format!("{}/refs/{}/{name}", repository.api_url(base), kind.plural());
    let mut reference = Map::new();
    reference.insert("name".into(), json!(name));
    reference.insert("target".into(), log.into_iter().next().unwrap_or(Value::Null));
    reference.insert("links".into(), json!({"self": {"href": href}}));
    match kind {
        Kind::Tag => {
            reference.insert("type".into(), json!("tag"));
        }
        Kind::Branch => {
            reference.insert("type".into(), json!("branch"));
            let strategies = ["merge_commit", "squash", "fast_forward"];
            reference.insert("merge_strategies".into(), json!(strategies));
            reference.insert("default_merge_strategy".into(), json!("merge_commit"));
        }
    }
    Ok(Value::Object(reference))
}

/// `…/commits`
pub(crate) async fn commits(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    history(repository, &ask, None).await
}

/// `…/commits/{revision}`
pub(crate) async fn commits_of(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, revision)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    history(repository, &ask, Some(&revision)).await
}

async fn history(repository: &Repository, ask: &Ask, revision: Option<&str>) -> Result<Json<Value>, Refusal> {
    let mut arguments = Vec::new();
    for name in revision.into_iter().chain(ask.query.all("include")) {
        arguments.push(commit_named(repository, name).await?);
    }
    if arguments.is_empty() {
        arguments.push("--branches".to_owned());
    }
    for name in ask.query.all("exclude") {
        arguments.push(format!("^{}", commit_named(repository, name).await?));
    }
    arguments.push("--".to_owned());
    arguments.extend(ask.query.get("path").map(str::to_owned));
    let mut all = vec![MOST_COMMITS];
    all.extend(arguments.iter().map(String::as_str));
    let values = log(repository, &ask.base, &all).await?;
    let paging = Paging { usual: 30, largest: 100, condensed: &["size"] };
    page(ask, values, &paging).map(Json)
}

/// `…/commit/{commit}`
pub(crate) async fn commit(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, commit)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let hash = commit_named(repository, &commit).await?;
    let log = log(repository, &ask.base, &["--max-count=1", &hash]).await?;
    let answer = log.into_iter().next().unwrap_or(Value::Null);
    Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))))
}

async fn commit_named(repository: &Repository, name: &str) -> Result<String, Refusal> {
    let hash = repository.git.commit(name).await;
    hash.ok_or_else(|| Refusal::not_found(&format!("Commit not found: {name}")))
}

pub(super) async fn log(repository: &Repository, base: &str, arguments: &[&str]) -> Result<Vec<Value>, Refusal> {
    let mut command = vec!["log", FORMAT];
    command.extend_from_slice(arguments);
    let text = repository.git.ask_text(&command).await?;
    let records = text.split('\u{1e}').map(str::trim_start);
    Ok(records.filter_map(|record| commit_json(repository, base, record)).collect())
}

fn commit_json(repository: &Repository, base: &str, record: &str) -> Option<Value> {
    let mut parts = record.splitn(6, '\0');
    let (hash, parents) = (parts.next()?, parts.next()?);
    let seconds: u64 = parts.next()?.parse().ok()?;
    let (name, email, message) = (parts.next()?, parts.next()?, parts.next()?);
    let account_name = email.split('@').next().unwrap_or_default();
    let user = match accounts::find(account_name) {
        Some(person) => super::people::account(base, &person.name),
        None => Value::Null,
    };
    let api = repository.api_url(base);
    let link = |hash: &str| {
        json!({
            "self": {"href": format!("{api}/commit/{hash}")},
            "html": {"href": format!("{}/commits/{hash}", repository.html_url())},
        })
    };
    let parents: Vec<Value> =
        parents.split_whitespace().map(|hash| json!({"type": "commit", "hash": hash, "links": link(hash)})).collect();
    Some(json!({
        "type": "commit",
        "hash": hash,
        "date": clock::bitbucket_time(seconds * 1000),
        "author": {"type": "author", "raw": format!("{name} <{email}>"), "user": user},
        "message": message,
        "summary": super::pull_requests::rendered(message),
        "repository": repository.embedded(base),
        "parents": parents,
        "links": link(hash),
    }))
}
