//! Tasks of modern clients (the extension `io.modelcontextprotocol/tasks`): a call that waits for approval is answered with a
//! task, which its client asks after. Nothing runs between the questions: the call is made by the first one after the
//! decision.

use serde_json::{Map, Value, json};

use crate::{
    authorization::principal::Principal,
    mcp::{
        backend::Backend,
        continuation::elicitation,
        endpoint::Endpoint,
        messages::{
            answer::{Answer, LinkNeeded},
            content::{MethodResult, ToolResult},
            input::Input,
            result::Modern,
            target::{Kind, RequestTarget, invalid},
            task::{EXTENSION, Status, Task},
        },
        methods::tools::tasks::LIFE,
        transport::notifier::Notifier,
        wire::{
            capabilities::ClientCapabilities,
            error::Error,
            id::Id,
            jsonrpc::{self, Request},
        },
    },
    platform::http::Response,
};

/// How long it is to wait between its questions.
const POLL_MILLISECONDS: u32 = 5_000;

/// The answer to a call that has become a task.
pub fn created(id: Id<'_>, task: &Task, link: &LinkNeeded, capabilities: ClientCapabilities) -> Response {
    respond(id, &Modern::task(members(task, status(capabilities), Some(&message(link, capabilities)))))
}

/// A client that can show its person no link has nothing to answer: for it the task goes on.
const fn status(capabilities: ClientCapabilities) -> &'static str {
    if capabilities.url { "input_required" } else { "working" }
}

fn message(link: &LinkNeeded, capabilities: ClientCapabilities) -> String {
    let LinkNeeded { message, url, .. } = link;
    if capabilities.url { message.clone() } else { format!("{message} The person can see it at {url}") }
}

/// Answers a method of the extension.
///
/// # Errors
/// -32602 for a task that is none of the caller's.
pub async fn answer<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    capabilities: ClientCapabilities,
    request: &Request<'_>,
    notifier: &Notifier,
) -> Result<Response, Error> {
    if !capabilities.tasks {
        let error = Error::new(Error::MISSING_CAPABILITY, "this needs a client that declares tasks")
            .with_data(json!({ "requiredCapabilities": { "extensions": { EXTENSION: {} } } }));
        return Ok(jsonrpc::refuse(400, Some(request.id), &error));
    }
    if let Some(challenge) = endpoint.challenge_if_ended(principal).await? {
        return Ok(challenge);
    }
    let id = request.params.task_id.valid().ok_or_else(|| invalid("`taskId` must be a string"))?;
    let unknown = || invalid("no such task of yours, or it is over; call the tool again");
    if request.method == "tasks/cancel" {
        let cancelled = endpoint.backend.cancel_task(principal, id).await;
        let is_known = cancelled.map_err(|fault| endpoint.internal(&fault))?;
        return if is_known { Ok(acknowledged(request.id)) } else { Err(unknown()) };
    }
    let task = endpoint.backend.task(principal, id).await.map_err(|fault| endpoint.internal(&fault))?;
    let task = task.ok_or_else(unknown)?;
    if request.method == "tasks/update" {
        // That somebody opened the link, or did not, decides nothing: an approver does.
        return Ok(acknowledged(request.id));
    }
    let result = match &task.status {
        Status::Ready { tool, arguments, is_made } => {
            let target = RequestTarget { kind: Kind::Tool, name: tool, arguments: arguments.clone() };
            let key = Some(task.id.clone());
            let only_repeats = *is_made;
            let input = Input { capabilities, answers: Map::new(), memory: None, idempotency_key: key, only_repeats };
            match endpoint.ask(principal, &target, &input, notifier).await? {
                Answer::Complete(result) => completed(&task, &result),
                Answer::Failed(text) | Answer::Missing(text) => not_done(&task, text),
                Answer::LinkNeeded(needed) if needed.is_connection() => waiting(&task, &needed, capabilities),
                // It waits for another approval, which is another task.
                Answer::LinkNeeded(needed) => {
                    not_done(&task, format!("{} Next: call it again, and ask after the task of that.", needed.message))
                }
                Answer::InsufficientScope(needed) => {
                    return Ok(endpoint.backend.scope_too_small(&principal.scopes, needed));
                }
                Answer::GrantEnded => return Ok(endpoint.backend.grant_ended()),
                Answer::Invalid(problem) => return Err(invalid(problem)),
                Answer::Unknown | Answer::InputNeeded(_) => return Err(target.unknown(Error::INVALID_PARAMS)),
            }
        }
        Status::Waiting(link) => waiting(&task, link, capabilities),
        Status::Working => members(&task, "working", None),
        Status::NotDone(text) => not_done(&task, text.clone()),
        Status::Cancelled(why) => members(&task, "cancelled", Some(why)),
    };
    Ok(respond(request.id, &Modern::complete(result)))
}

fn waiting(task: &Task, link: &LinkNeeded, capabilities: ClientCapabilities) -> Value {
    let mut members = members(task, status(capabilities), Some(&message(link, capabilities)));
    if capabilities.url {
        add(&mut members, "inputRequests", elicitation::input_requests(link));
    }
    members
}

fn not_done(task: &Task, text: String) -> Value {
    completed(task, &MethodResult::Tool(ToolResult::failed(text)))
}

fn completed(task: &Task, result: &MethodResult) -> Value {
    let mut members = members(task, "completed", None);
    add(&mut members, "result", serde_json::to_value(result).unwrap_or_default());
    members
}

fn members(task: &Task, status: &str, message: Option<&str>) -> Value {
    let mut members = json!({
        "taskId": task.id,
        "status": status,
        "createdAt": task.created_at.rfc3339(),
        "lastUpdatedAt": task.updated_at.rfc3339(),
        "ttlMs": LIFE.as_secs() * 1_000,
        "pollIntervalMs": POLL_MILLISECONDS,
    });
    if let Some(message) = message {
        add(&mut members, "statusMessage", message.into());
    }
    members
}

fn add(members: &mut Value, name: &str, value: Value) {
    if let Some(members) = members.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn acknowledged(id: Id<'_>) -> Response {
    respond(id, &Modern::complete(json!({})))
}

fn respond(id: Id<'_>, result: &Modern<'_, Value>) -> Response {
    jsonrpc::respond(200, jsonrpc::success(id, result))
}
