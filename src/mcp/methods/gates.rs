//! The gates: calls of operations that are not listed by themselves. Whatever runs behind one goes the way of every call,
//! by the name of its operation: policy, rate limit, approval and audit see that, and the audit also the gate.

mod batch;
mod find;

use std::rc::Rc;

use serde_json::{Map, Value};

use super::{
    listing,
    tools::{self as calls, Origin},
};
use crate::{
    catalog::search,
    governance::snapshot_cache,
    mcp::{
        messages::{answer::Answer, content::ToolResult},
        transport::notifier::Notifier,
        wire::error::Error,
    },
    platform::{Fault, json},
    session::commands::Refusal,
    tools::{self, Gate, Tool, view::View},
    untrusted,
};

/// How many names that are near are told.
const NEAR: usize = 3;
/// The longest name that is said again, in characters.
const LONGEST_NAME: usize = 64;

/// Calls a gate.
///
/// # Errors
/// Where Postern itself failed.
pub async fn call(
    origin: Origin<'_>,
    view: &View,
    gate: Gate,
    arguments: &Map<String, Value>,
    notifier: &Notifier,
) -> Result<Answer<ToolResult>, Fault> {
    let origin = Origin { via: Some(gate), ..origin };
    let Origin { context, principal, .. } = origin;
    match gate {
        Gate::Find => {
            let request = match find::Request::read(arguments) {
                Ok(request) => request,
                Err(problem) => return Ok(Answer::Failed(problem)),
            };
            Ok(match listing::offer(context, principal).await? {
                Ok(offer) => {
                    Answer::Complete(ToolResult::text(find::answer(&request, &offer, view, &context.settings.sites)))
                }
                Err(Refusal::GrantEnded) => Answer::GrantEnded,
                Err(Refusal::RateLimited { retry_after_milliseconds }) => {
                    Answer::Failed(Error::too_many(retry_after_milliseconds).message.into_owned())
                }
            })
        }
        Gate::Read => match batch::read(arguments) {
            Ok(asked) => batch::run(origin, asked, notifier).await,
            Err(problem) => Ok(Answer::Failed(problem)),
        },
        Gate::Write | Gate::Delete => {
            let asked = Asked::read(arguments).and_then(|asked| Ok((asked.tool(gate)?, asked)));
            match asked {
                Ok((tool, Asked { arguments, .. })) => {
                    let answer = calls::call_tool(origin, &tool, &arguments, notifier).await?;
                    Ok(answer.map(ToolResult::answer))
                }
                Err(problem) => Ok(Answer::Failed(problem)),
            }
        }
    }
}

/// A call that a gate was asked for.
struct Asked {
    operation: String,
    arguments: Map<String, Value>,
}

impl Asked {
    /// Reads `operation` and `arguments`.
    fn read(given: &Map<String, Value>) -> Result<Self, String> {
        const FORM: &str = r#"{"operation":"…","arguments":{…}}"#;
        if let Some(other) = given.keys().find(|name| !matches!(name.as_str(), "operation" | "arguments")) {
            let other = untrusted::label(other, LONGEST_NAME);
            return Err(format!("Not run: there is no argument `{other}` here. Next: {FORM}"));
        }
        let Some(operation) = given.get("operation").and_then(Value::as_str).filter(|name| !name.is_empty()) else {
            return Err(format!("Not run: `operation` must be the name of one. Next: {FORM}"));
        };
        let arguments = match given.get("arguments") {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(arguments)) => arguments.clone(),
            // Models write an object as a text now and then.
            Some(Value::String(text)) if text.trim_start().starts_with('{') => {
                json::from_str(text).map_err(|_| format!("Not run: `arguments` must be an object. Next: {FORM}"))?
            }
            Some(_) => return Err(format!("Not run: `arguments` must be an object. Next: {FORM}")),
        };
        Ok(Self { operation: operation.to_owned(), arguments })
    }

    /// The tool that it names, where that lies behind this gate. Where an administrator classified it as more, the decision
    /// on the call has the last word.
    fn tool(&self, gate: Gate) -> Result<Rc<Tool>, String> {
        let catalogued = tools::find(&self.operation).ok_or_else(|| no_such_operation(&self.operation))?;
        let policy = snapshot_cache::last_known();
        let tool = policy.map_or_else(|| Rc::clone(&catalogued), |policy| policy.tool_policy.classified(&catalogued));
        if gate.leads_to(tool.class) {
            return Ok(catalogued);
        }
        Err(format!(
            "Not run: `{}` {}. Next: {}",
            tool.name,
            does(&tool),
            Gate::call(&tool.name, tool.class, &self.arguments)
        ))
    }
}

fn does(tool: &Tool) -> &'static str {
    match Gate::of(tool.class) {
        Gate::Write => "changes something",
        Gate::Delete => "takes something away for good",
        Gate::Find | Gate::Read => "only reads",
    }
}

/// Says that there is no operation of that name, and which are near.
fn no_such_operation(name: &str) -> String {
    let name = untrusted::label(name, LONGEST_NAME);
    if Gate::named(&name).is_some() {
        return format!("Not run: `{name}` is a tool of its own. Next: call it by itself.");
    }
    let near = search::near(&name, NEAR);
    let near: Vec<_> = near.into_iter().map(|operation| format!("`{}`", operation.name)).collect();
    let query = Value::from(name.replace('_', " "));
    let meant = if near.is_empty() { String::new() } else { format!(" Near: {}.", near.join(", ")) };
    format!("Not found: there is no operation `{name}`.{meant} Next: postern_find {{\"query\":{query}}}")
}

#[cfg(test)]
mod tests;
