//! `GET /2.0/repositories/{workspace}` and one repository.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use serde_json::Value;

use super::access::Ask;
use super::bbql::Condition;
use super::errors::{Refusal, gone};
use super::fields;
use super::page::{Paging, page, sort};
use super::people::{is_workspace, no_such_workspace};
use super::repository;
use crate::world::World;

/// All of a workspace that the caller may see.
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path(workspace): Path<String>,
) -> Result<Json<Value>, Refusal> {
    if !is_workspace(&workspace) {
        return Err(no_such_workspace(&workspace));
    }
    match ask.query.get("role") {
        None | Some("admin" | "contributor" | "owner") => {}
        Some("member") => return Err(gone().await),
        Some(other) => return Err(Refusal::bad_request(&format!("Invalid role: {other}"))),
    }
    let administers = ask.caller.administrator;
    let all_listed = !matches!(ask.query.get("role"), Some("admin" | "owner")) || administers;
    let condition = ask.query.get("q").map(Condition::parse).transpose()?;
    let mut values: Vec<Value> = world
        .repositories
        .iter()
        .filter(|repository| all_listed && repository.visible_to(&ask.caller))
        .map(|repository| repository.json(&ask.base))
        .filter(|value| condition.as_ref().is_none_or(|q| q.fits(value)))
        .collect();
    if let Some(order) = ask.query.get("sort") {
        sort(&mut values, order);
    }
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// One repository.
pub(crate) async fn show(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let repository = repository::find(&world.repositories, &ask.caller, &workspace, &name)?;
    let answer = repository.json(&ask.base);
    Ok(Json(fields::apply(answer, &[], ask.query.get("fields"))))
}
