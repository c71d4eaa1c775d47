//! Answers from the providers' own OpenAPI documents, for what the sandbox has no route for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use openapi::{Documents, Operation};
use serde_json::Value;

use crate::settings;
use crate::world::{World, lock};

/// What the documents describe in their words alone: an answer by the method and the path, as the document writes it.
const IN_WORDS: &str = include_str!("samples/in_words.json");

/// What is answered as another path is described to be: some redirect there, of others the words say so.
const AS_ANOTHER: [(&str, &str); 5] = [
    (
        "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/diffstat",
        "/2.0/repositories/{workspace}/{repo_slug}/diffstat/{spec}",
    ),
    (
        "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/conflicts",
        "/2.0/repositories/{workspace}/{repo_slug}/file-conflicts/{spec}",
    ),
    (
        "GET /repositories/{workspace}/{repo_slug}/pullrequests/{pull_request_id}/commits",
        "/2.0/repositories/{workspace}/{repo_slug}/commits",
    ),
    (
        "POST /repositories/{workspace}/{repo_slug}/commit/{commit}/comments",
        "/2.0/repositories/{workspace}/{repo_slug}/commit/{commit}/comments/{comment_id}",
    ),
    (
        "PUT /repositories/{workspace}/{repo_slug}/commit/{commit}/comments/{comment_id}",
        "/2.0/repositories/{workspace}/{repo_slug}/commit/{commit}/comments/{comment_id}",
    ),
];

/// A status, and JSON where there is some.
type Sample = (u16, Option<Arc<str>>);

/// What the documents say, and when it is said.
pub(crate) struct Samples {
    documents: Documents,
    in_words: HashMap<String, Value>,
    everywhere: bool,
    /// Samples by their method and path: some are large, and take their time.
    made: Mutex<HashMap<String, Sample>>,
}

/// An answer with this extension is that of an address without a route.
#[derive(Clone)]
pub(crate) struct NoRoute;

impl Samples {
    pub(crate) fn read(settings: &settings::Samples) -> Result<Self> {
        let folder = settings.documents.display();
        let documents = Documents::read(&settings.documents).with_context(|| format!("no documents in {folder}"))?;
        let in_words = serde_json::from_str(IN_WORDS).context("the samples of what is described in words")?;
        Ok(Self { documents, in_words, everywhere: settings.everywhere, made: Mutex::default() })
    }

    /// The first answer of success that the documents describe.
    fn answer(&self, method: &str, path: &str) -> Option<Response> {
        let operation = self.documents.operation(method, path)?;
        let name = format!("{method} {}", operation.path);
        let made = lock(&self.made).get(&name).cloned();
        let (status, json) = made.unwrap_or_else(|| {
            let sample = self.sample(&name, operation);
            lock(&self.made).insert(name, sample.clone());
            sample
        });
        let is_empty = json.is_none() && matches!(status, 204..=205);
        let mut response = match json {
            Some(json) => ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json.to_string())
                .into_response(),
            None if is_empty => ().into_response(),
            None => "a sample of a text\n".into_response(),
        };
        *response.status_mut() = StatusCode::from_u16(status).ok()?;
        Some(response)
    }

    fn sample(&self, name: &str, operation: Operation<'_>) -> Sample {
        let another = AS_ANOTHER.iter().find(|(from, _)| *from == name);
        let described = another.and_then(|(_, path)| self.documents.operation("GET", path)).unwrap_or(operation);
        let answers = described.answers();
        let json = answers.iter().find_map(|answer| Some((answer.status, answer.sample()?)));
        let json = json.or_else(|| Some((200, self.in_words.get(name)?.clone())));
        match json {
            Some((status, mut json)) => {
                undelete(&mut json);
                (status, Some(json.to_string().into()))
            }
            None => (answers.first().map_or(200, |answer| answer.status), None),
        }
    }
}

/// A sample says yes to every question; what is answered is there all the same.
fn undelete(json: &mut Value) {
    match json {
        Value::Array(elements) => elements.iter_mut().for_each(undelete),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::Bool(deleted) if name == "deleted" => *deleted = false,
                    member => undelete(member),
                }
            }
        }
        _ => {}
    }
}

/// Answers in place of the routes, or where there is none.
pub(crate) async fn serve(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let Some(samples) = &world.samples else { return next.run(request).await };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let sample = || samples.answer(method.as_str(), &path);
    if samples.everywhere
        && let Some(sample) = sample()
    {
        return sample;
    }
    let response = next.run(request).await;
    let has_route = response.extensions().get::<NoRoute>().is_none();
    if has_route { response } else { sample().unwrap_or(response) }
}
