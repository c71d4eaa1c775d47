//! What changes a repository: branches and tags that come and go, and commits made of files.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use super::access::Ask;
use super::errors::Refusal;
use super::references::{Kind, reference};
use super::repository::{self, Repository};
use crate::identifier;
use crate::world::World;

/// `POST …/refs/branches`
pub(crate) async fn create_branch(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    create(&world, repository, &ask, Kind::Branch, &body).await
}

/// `POST …/refs/tags`
pub(crate) async fn create_tag(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    create(&world, repository, &ask, Kind::Tag, &body).await
}

/// `DELETE …/refs/branches/{name}`
pub(crate) async fn delete_branch(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, branch)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    delete(&world, repository, Kind::Branch, &branch).await
}

/// `DELETE …/refs/tags/{name}`
pub(crate) async fn delete_tag(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, tag)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    delete(&world, repository, Kind::Tag, &tag).await
}

async fn create(
    world: &World,
    repository: &Repository,
    ask: &Ask,
    kind: Kind,
    body: &Bytes,
) -> Result<Response, Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::bad_request("Bad request"))?;
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let (name, target) = (text("/name"), text("/target/hash"));
    let commit = repository.git.commit(target).await;
    let commit = commit.ok_or_else(|| Refusal::bad_request(&format!("target.hash: no such commit: {target}")))?;
    let full_name = format!("{}{name}", kind.folder());
    if repository.git.commit(&full_name).await.is_some() {
        return Err(Refusal::bad_request(&format!("Reference \"{name}\" already exists.")));
    }
    // The zeros say that it must not be there yet.
    repository.git.change(&["update-ref", &full_name, &commit, &"0".repeat(40)], &[], None).await?;
    world.answers.forget();
    Ok((StatusCode::CREATED, Json(reference(repository, &ask.base, kind, name).await?)).into_response())
}

async fn delete(world: &World, repository: &Repository, kind: Kind, name: &str) -> Result<StatusCode, Refusal> {
    let full_name = format!("{}{name}", kind.folder());
    if repository.git.commit(&full_name).await.is_none() {
        return Err(Refusal::not_found(&format!("No such reference: {name}")));
    }
    repository.git.change(&["update-ref", "-d", &full_name], &[], None).await?;
    world.answers.forget();
    Ok(StatusCode::NO_CONTENT)
}

/// What a commit is to be made of.
#[derive(Default)]
struct Draft {
    message: String,
    branch: String,
    parent: String,
    /// Paths, contents, and whether they are executable.
    files: Vec<(String, Vec<u8>, bool)>,
    deleted: Vec<String>,
}

/// `POST …/src`
pub(crate) async fn commit(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let boundary = kind.split_once("boundary=").map(|(_, boundary)| boundary);
    let draft = draft(&body, boundary.ok_or_else(|| Refusal::bad_request("multipart/form-data is expected"))?);
    let branch = format!("refs/heads/{}", draft.branch);
    let head = repository.git.commit(&branch).await;
    if head.as_ref().is_some_and(|head| *head != draft.parent) {
        return Err(Refusal::new(StatusCode::CONFLICT, "The branch has moved on from the given parent."));
    }
    let commit = write(repository, &ask, &draft).await?;
    let before = head.unwrap_or_else(|| "0".repeat(40));
    repository.git.change(&["update-ref", &branch, &commit, &before], &[], None).await?;
    world.answers.forget();
    let at = HeaderValue::from_str(&format!("{}/commit/{commit}", repository.api_url(&ask.base)));
    let mut response = StatusCode::CREATED.into_response();
    response.headers_mut().extend(at.ok().map(|at| (header::LOCATION, at)));
    Ok(response)
}

/// Writes the commit into the repository, and gives its hash.
async fn write(repository: &Repository, ask: &Ask, draft: &Draft) -> Result<String, Refusal> {
    let git = &repository.git;
    let index = std::env::temp_dir().join(identifier::secret("sandbox-index-")?);
    git.change(&["read-tree", &draft.parent], &[], Some(&index)).await?;
    let mut entries = String::new();
    for path in &draft.deleted {
        // Mode 0 takes a file out.
        entries += &format!("0 {}\t{path}\n", "0".repeat(40));
    }
    for (path, content, is_executable) in &draft.files {
        let blob = git.change(&["hash-object", "-w", "--stdin"], content, None).await?;
        let mode = if *is_executable { "100755" } else { "100644" };
        entries += &format!("{mode} {blob}\t{path}\n");
    }
    git.change(&["update-index", "--index-info"], entries.as_bytes(), Some(&index)).await?;
    let tree = git.change(&["write-tree"], &[], Some(&index)).await?;
    let _ = std::fs::remove_file(&index);
    commit_tree(repository, ask, &tree, &[&draft.parent], &draft.message).await
}

/// Makes a commit of a tree in the caller's name, and gives its hash.
pub(crate) async fn commit_tree(
    repository: &Repository,
    ask: &Ask,
    tree: &str,
    parents: &[&str],
    message: &str,
) -> Result<String, Refusal> {
    let person = &ask.caller;
    let configured = [format!("user.name={}", person.display_name), format!("user.email={}@acme.example", person.name)];
    let mut arguments = vec!["-c", &configured[0], "-c", &configured[1], "commit-tree", tree, "-m", message];
    arguments.extend(parents.iter().flat_map(|parent| ["-p", parent]));
    Ok(repository.git.change(&arguments, &[], None).await?)
}

/// Reads a form (RFC 7578): parts with a file name are files, the others say what becomes of them.
fn draft(body: &[u8], boundary: &str) -> Draft {
    let mut draft = Draft::default();
    let text = String::from_utf8_lossy(body);
    for part in text.split(&format!("--{boundary}")) {
        let Some((head, content)) = part.trim_start_matches("\r\n").split_once("\r\n\r\n") else { continue };
        let content = content.strip_suffix("\r\n").unwrap_or(content);
        let quoted = |name: &str| {
            let after = head.split_once(&format!("; {name}=\"")).map(|(_, after)| after);
            after.and_then(|after| after.split_once('"')).map(|(value, _)| value.to_owned())
        };
        let name = quoted("name").unwrap_or_default();
        let path = |path: &str| path.trim_start_matches('/').to_owned();
        match name.as_str() {
            _ if quoted("filename").is_some() => {
                let is_executable = quoted("x-attributes").as_deref() == Some("executable");
                draft.files.push((path(&name), content.as_bytes().to_vec(), is_executable));
            }
            "message" => content.clone_into(&mut draft.message),
            "branch" => content.clone_into(&mut draft.branch),
            "parents" => content.clone_into(&mut draft.parent),
            "files" => draft.deleted.push(path(content)),
            _ => {}
        }
    }
    draft
}
