//! What tests use to look at the sandbox and to make it fail: `/control/…`, for loopback only.

mod faults;
mod requests;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, put};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::request::Query;
use crate::world::{World, lock};
use faults::{Effect, Faults, Order};
use requests::{Journal, Recorded};

const LARGEST_BODY: usize = 8 * 1024 * 1024;

/// The journal of requests and the faults to come.
#[derive(Default)]
pub(crate) struct Control {
    journal: Mutex<Journal>,
    faults: Mutex<Faults>,
}

impl Control {
    pub(crate) fn count_refresh(&self, account: &str) {
        lock(&self.journal).count_refresh(account);
    }
}

/// The endpoints.
pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/control/faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/control/requests", get(list_requests).delete(clear_requests))
        .route("/control/counters", get(counters))
        .route("/control/settings", put(change_settings))
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
}

async fn list_faults(State(world): State<Arc<World>>) -> Json<Value> {
    Json(lock(&world.control.faults).list())
}

async fn add_fault(State(world): State<Arc<World>>, Json(order): Json<Order>) -> Response {
    let carried_out = match order.on_tokens() {
        Some(change) => world.change(|ledger| change.carry_out(ledger)),
        None => match lock(&world.control.faults).add(order) {
            Ok(number) => Ok(json!({ "id": number })),
            Err(problem) => return (StatusCode::BAD_REQUEST, problem).into_response(),
        },
    };
    match carried_out {
        Ok(answer) => Json(answer).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error:#}")).into_response(),
    }
}

async fn clear_faults(State(world): State<Arc<World>>, uri: Uri) -> StatusCode {
    lock(&world.control.faults).clear(Query::of(&uri).get("account"));
    StatusCode::NO_CONTENT
}

async fn list_requests(State(world): State<Arc<World>>, uri: Uri) -> Json<Value> {
    Json(lock(&world.control.journal).list(Query::of(&uri).get("account")))
}

async fn clear_requests(State(world): State<Arc<World>>, uri: Uri) -> StatusCode {
    lock(&world.control.journal).clear(Query::of(&uri).get("account"));
    StatusCode::NO_CONTENT
}

async fn counters(State(world): State<Arc<World>>) -> Json<Value> {
    Json(lock(&world.control.journal).counters())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changes {
    callback: Option<String>,
    access_token_seconds: Option<u64>,
    refresh_leeway_seconds: Option<u64>,
    shared_tokens: Option<Vec<String>>,
    scoped_tokens: Option<Vec<String>>,
}

async fn change_settings(State(world): State<Arc<World>>, Json(changes): Json<Changes>) -> StatusCode {
    world.change_settings(|settings| {
        if let Some(callback) = changes.callback {
            for consumer in &mut settings.consumers {
                consumer.callback.clone_from(&callback);
            }
        }
        if let Some(seconds) = changes.access_token_seconds {
            settings.access_token_lifetime = Duration::from_secs(seconds);
        }
        if let Some(tokens) = changes.shared_tokens {
            settings.shared_tokens = tokens;
        }
        if let Some(tokens) = changes.scoped_tokens {
            settings.scoped_tokens = tokens;
        }
        if let Some(seconds) = changes.refresh_leeway_seconds {
            settings.refresh_leeway = Duration::from_secs(seconds);
        }
    });
    StatusCode::NO_CONTENT
}

/// Records every request of the two services and lets the ordered faults happen.
pub(crate) async fn watch(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let recorded = Recorded::of(&world, &parts, &body);
    let effect = lock(&world.control.faults).strike(&recorded);
    let number = lock(&world.control.journal).add(recorded);
    let request = Request::from_parts(parts, Body::from(body));
    let response = match effect {
        None => next.run(request).await,
        Some(Effect::Answer(answer)) => answer.response(),
        Some(Effect::Wait(time)) => {
            tokio::time::sleep(time).await;
            next.run(request).await
        }
        Some(Effect::CutShort) => faults::cut_short(next.run(request).await).await,
    };
    lock(&world.control.journal).answered(number, response.status());
    response
}
