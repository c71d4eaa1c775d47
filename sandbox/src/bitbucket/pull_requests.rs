//! Pull requests: the list, one, and the redirects to its diff.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Ask;
use super::bbql::Condition;
use super::comments;
use super::errors::Refusal;
use super::fields;
use super::page::{Paging, page, sort};
use super::people::account;
use super::pull_request_seeds::{PullRequestSeed, Standing};
use super::repository::{self, Repository};
use super::tasks;
use crate::clock;
use crate::ledger::{End, Verdict};
use crate::request::escape;
use crate::world::World;

/// A pull request whose commits are known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PullRequest {
    pub(crate) seed: PullRequestSeed,
    pub(crate) source_hash: String,
    pub(crate) destination_hash: String,
    pub(crate) merge_hash: Option<String>,
}

const PAGING: Paging =
    Paging { usual: 10, largest: 50, condensed: &["values.participants", "values.reviewers", "values.rendered"] };

/// `…/pullrequests`
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let make = || select(&world, repository, &ask);
    world.answers.get(&ask.address, make)
}

fn select(world: &World, repository: &Repository, ask: &Ask) -> Result<Value, Refusal> {
    let condition = ask.query.get("q").map(Condition::parse).transpose()?;
    let mut states: Vec<&str> = ask.query.all("state").collect();
    if states.is_empty() {
        states.push("OPEN");
    }
    let known = ["OPEN", "MERGED", "DECLINED", "SUPERSEDED"];
    if let Some(wrong) = states.iter().find(|state| !known.contains(state)) {
        return Err(Refusal::bad_request(&format!("Invalid state: {wrong}")));
    }
    let mut values: Vec<Value> = all(world, repository)
        .iter()
        .rev()
        // `state` counts for nothing beside `q`.
        .filter(|pull| condition.is_some() || states.contains(&pull.standing(world, repository).as_str()))
        .map(|pull| pull.json(world, repository, &ask.base))
        .filter(|value| condition.as_ref().is_none_or(|q| q.fits(value)))
        .collect();
    if let Some(order) = ask.query.get("sort") {
        sort(&mut values, order);
    }
    page(ask, values, &PAGING)
}

/// `…/pullrequests/{id}`
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, id)): Path<(String, String, String)>,
) -> Result<Json<Value>, Refusal> {
    let (repository, pull) = find(&world, &ask, &workspace, &name, &id)?;
    let answer = pull.json(&world, repository, &ask.base);
    Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))))
}

/// `…/pullrequests/{id}/diff`
pub(crate) async fn to_diff(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    redirect(&world, &ask, &path, "diff")
}

/// `…/pullrequests/{id}/diffstat`
pub(crate) async fn to_diffstat(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(path): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    redirect(&world, &ask, &path, "diffstat")
}

/// To the same of the repository, with the commits of the pull request and the caller's query.
fn redirect(
    world: &World,
    ask: &Ask,
    (workspace, name, id): &(String, String, String),
    kind: &str,
) -> Result<Response, Refusal> {
    let (repository, pull) = find(world, ask, workspace, name, id)?;
    let query = ask.query.with("from_pullrequest_id", id);
    // Bitbucket names the commits this way, with an encoded carriage return between them.
    let location = format!(
        "{}/{kind}/{}:{}%0D{}?{query}&topic=true",
        repository.api_url(&ask.base),
        repository.full_name(),
        short(&pull.source_hash),
        short(&pull.destination_hash),
    );
    Ok((StatusCode::FOUND, [(header::LOCATION, location)]).into_response())
}

/// All of a repository, oldest first: those that exist from the start, as they were changed since, and those opened here.
pub(crate) fn all(world: &World, repository: &Repository) -> Vec<PullRequest> {
    let mut all = repository.pull_requests.clone();
    world.read(|ledger| {
        for written in ledger.pull_requests.iter().filter(|written| written.repository == repository.slug) {
            let pull = written.pull_request.clone();
            match all.iter_mut().find(|known| known.seed.id == pull.seed.id) {
                Some(known) => *known = pull,
                None => all.push(pull),
            }
        }
    });
    all
}

/// The pull request that a path names, when the caller may see it.
pub(crate) fn find<'a>(
    world: &'a World,
    ask: &Ask,
    workspace: &str,
    name: &str,
    id: &str,
) -> Result<(&'a Repository, PullRequest), Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, workspace, name)?;
    let found = id.parse().ok().and_then(|id: u64| all(world, repository).into_iter().find(|pull| pull.seed.id == id));
    let pull = found.ok_or_else(|| Refusal::not_found(&format!("Pull request {id} not found")))?;
    Ok((repository, pull))
}

/// Embedded commits carry 12 characters of their hash.
pub(crate) fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

impl PullRequest {
    fn end(&self, world: &World, repository: &Repository) -> Option<End> {
        let is_this = |end: &&End| end.repository == repository.slug && end.pull_request == self.seed.id;
        world.read(|ledger| ledger.ends.iter().find(is_this).cloned())
    }

    /// Its state, as Bitbucket names it.
    pub(crate) fn standing(&self, world: &World, repository: &Repository) -> String {
        self.end(world, repository).map_or_else(|| self.seed.standing.name().to_owned(), |end| end.standing)
    }

    /// Who has given which verdict, and when.
    pub(crate) fn verdicts(&self, world: &World, repository: &Repository) -> Vec<(String, String, u64)> {
        let approved = self.seed.reviewers.iter().filter(|(_, approved)| *approved);
        let mut all: Vec<_> =
            approved.map(|(name, _)| ((*name).to_owned(), "approved".to_owned(), self.updated())).collect();
        world.read(|ledger| {
            let is_here =
                |verdict: &&Verdict| verdict.repository == repository.slug && verdict.pull_request == self.seed.id;
            for verdict in ledger.verdicts.iter().filter(is_here) {
                all.retain(|(name, ..)| *name != verdict.name);
                all.extend(verdict.state.clone().map(|state| (verdict.name.clone(), state, verdict.at)));
            }
        });
        all
    }

    /// The verdict of one of them.
    pub(crate) fn verdict(&self, world: &World, repository: &Repository, of: &str) -> Option<String> {
        self.verdicts(world, repository).into_iter().find(|(name, ..)| name == of).map(|(_, state, _)| state)
    }

    pub(crate) fn json(&self, world: &World, repository: &Repository, base: &str) -> Value {
        let PullRequestSeed { id, title, description, author, branch, destination, reviewers, .. } = &self.seed;
        let id = *id;
        let end_of_it = self.end(world, repository);
        let standing = self.standing(world, repository);
        let merge_hash = self.merge_hash.clone().or_else(|| end_of_it.as_ref().and_then(|end| end.commit.clone()));
        let closed_by = end_of_it.as_ref().map_or("admin", |end| end.by.as_str());
        let api = format!("{}/pullrequests/{id}", repository.api_url(base));
        let link = |name: &str| json!({"href": format!("{api}/{name}")});
        let closed = standing != Standing::Open.name();
        let end = |branch: &str, hash: &str| {
            json!({
                "branch": {"name": branch},
                "commit": embedded_commit(repository, base, hash),
                "repository": repository.embedded(base),
            })
        };
        let verdicts = self.verdicts(world, repository);
        let participant = |role: &str, name: &str| {
            let verdict = verdicts.iter().find(|(by, ..)| by == name);
            json!({
                "type": "participant",
                "user": account(base, name),
                "role": role,
                "approved": verdict.is_some_and(|(_, state, _)| state == "approved"),
                "state": verdict.map(|(_, state, _)| state),
                "participated_on": verdict.map(|(.., at)| clock::bitbucket_time(*at)),
            })
        };
        let others = verdicts.iter().filter(|(name, ..)| !reviewers.iter().any(|(reviewer, _)| reviewer == name));
        let participants: Vec<Value> = reviewers
            .iter()
            .map(|(name, _)| participant("REVIEWER", name))
            .chain(others.map(|(name, ..)| participant("PARTICIPANT", name)))
            .collect();
        let open_tasks =
            tasks::all(world, &repository.slug, id).iter().filter(|task| task.resolved_by.is_none()).count();
        json!({
            "type": "pullrequest",
            "id": id,
            "title": title,
            "description": description,
            "summary": rendered(description),
            "rendered": {"title": rendered(title), "description": rendered(description)},
            "state": standing,
            "draft": self.seed.draft,
            "queued": false,
            "author": account(base, author),
            "source": end(branch, &self.source_hash),
            "destination": end(destination, &self.destination_hash),
            "merge_commit": merge_hash.as_ref().map(|hash| embedded_commit(repository, base, hash)),
            "comment_count": comments::count(world, &repository.slug, id),
            "task_count": open_tasks,
            "close_source_branch": true,
            "closed_by": if closed { account(base, closed_by) } else { Value::Null },
            "reason": end_of_it.as_ref().map_or("", |end| end.reason.as_str()),
            "created_on": clock::bitbucket_time(self.seed.created * 1000),
            "updated_on": clock::bitbucket_time(self.updated()),
            "reviewers": reviewers.iter().map(|(name, _)| account(base, name)).collect::<Vec<_>>(),
            "participants": participants,
            "links": {
                "self": {"href": api},
                "html": {"href": format!("{}/pull-requests/{id}", repository.html_url())},
                "commits": link("commits"),
                "approve": link("approve"),
                "request-changes": link("request-changes"),
                "diff": link("diff"),
                "diffstat": link("diffstat"),
                "comments": link("comments"),
                "activity": link("activity"),
                "merge": link("merge"),
                "decline": link("decline"),
                "statuses": link("statuses"),
            },
        })
    }

    fn updated(&self) -> u64 {
        (self.seed.created + 7200) * 1000
    }
}

fn embedded_commit(repository: &Repository, base: &str, hash: &str) -> Value {
    let hash = short(hash);
    json!({
        "type": "commit",
        "hash": hash,
        "links": {
            "self": {"href": format!("{}/commit/{hash}", repository.api_url(base))},
            "html": {"href": format!("{}/commits/{hash}", repository.html_url())},
        },
    })
}

/// Text with its HTML; Bitbucket would render the Markdown, here it is one escaped paragraph.
pub(crate) fn rendered(raw: &str) -> Value {
    let html = match raw {
        "" => String::new(),
        text => format!("<p>{}</p>", escape(text)),
    };
    json!({"type": "rendered", "raw": raw, "markup": "markdown", "html": html})
}
