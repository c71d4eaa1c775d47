//! Variables of a repository's pipelines. The value of a secured one never comes back.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::Ask;
use super::body;
use super::errors::Refusal;
use super::page::{Paging, page};
use super::repository;
use crate::identifier;
use crate::world::World;

/// A variable.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Variable {
    repository: String,
    key: String,
    value: String,
    secured: bool,
}

impl Variable {
    fn uuid(&self) -> String {
        format!("{{{}}}", identifier::uuid("variable", &format!("{} {}", self.repository, self.key)))
    }

    fn json(&self) -> Value {
        let mut answer =
            json!({"type": "pipeline_variable", "uuid": self.uuid(), "key": self.key, "secured": self.secured});
        if let Some(members) = answer.as_object_mut().filter(|_| !self.secured) {
            members.insert("value".to_owned(), json!(self.value));
        }
        answer
    }
}

/// `GET …/pipelines_config/variables`
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
) -> Result<Json<Value>, Refusal> {
    let slug = &repository::find(&world.repositories, &ask.caller, &workspace, &name)?.slug;
    let values = world.read(|ledger| {
        let here = ledger.variables.iter().filter(|variable| variable.repository == *slug);
        here.map(Variable::json).collect()
    });
    page(&ask, values, &Paging::USUAL).map(Json)
}

/// `POST …/pipelines_config/variables`
pub(crate) async fn create(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name)): Path<(String, String)>,
    body: Bytes,
) -> Result<Response, Refusal> {
    let slug = &repository::find(&world.repositories, &ask.caller, &workspace, &name)?.slug;
    let body = body::json(&body)?;
    let text = |name: &str| body.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (Some(key), Some(value)) = (text("key"), text("value")) else {
        return Err(Refusal::bad_request("Bad request"));
    };
    let secured = body.get("secured").and_then(Value::as_bool).unwrap_or_default();
    let variable = Variable { repository: slug.clone(), key, value, secured };
    let is_new = world.change(|ledger| {
        let is_known = ledger.variables.iter().any(|known| known.uuid() == variable.uuid());
        if !is_known {
            ledger.variables.push(variable.clone());
        }
        !is_known
    })?;
    if !is_new {
        return Err(Refusal::new(StatusCode::CONFLICT, "A variable with the provided key already exists"));
    }
    Ok((StatusCode::CREATED, Json(variable.json())).into_response())
}

/// `DELETE …/pipelines_config/variables/{variable}`
pub(crate) async fn delete(
    State(world): State<Arc<World>>,
    ask: Ask,
    Path((workspace, name, uuid)): Path<(String, String, String)>,
) -> Result<StatusCode, Refusal> {
    let slug = &repository::find(&world.repositories, &ask.caller, &workspace, &name)?.slug;
    let was_there = world.change(|ledger| {
        let before = ledger.variables.len();
        ledger.variables.retain(|known| known.repository != *slug || known.uuid() != uuid);
        ledger.variables.len() < before
    })?;
    if was_there { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::not_found("No such variable")) }
}
