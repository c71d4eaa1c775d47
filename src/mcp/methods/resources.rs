//! `resources/templates/list` and `resources/read`: what a tool answers, found by a URI.

use std::rc::Rc;

use serde_json::Value;

use crate::{
    authorization::principal::Principal,
    catalog::{
        operation::Operation,
        resource::{ALL, MIME_TYPE, resolve_at},
    },
    context::Context,
    mcp::{
        messages::{answer::Answer, content::ReadResult},
        methods::tools::{self, Origin},
        transport::notifier::Notifier,
    },
    platform::Fault,
    settings::sites::Sites,
    tools::{Tool, find},
};

/// The forms of URIs whose tool is among these.
pub fn templates(sites: &Sites, tools: &[Rc<Tool>]) -> Vec<Value> {
    let may_read = |operation: &Operation| tools.iter().any(|tool| tool.name == operation.name);
    let has_several = |operation: &Operation| operation.provider().is_some_and(|provider| sites.are_several(provider));
    let readable = ALL.iter().filter(|template| may_read(template.operation));
    readable.map(|template| template.definition(has_several(template.operation))).collect()
}

/// Reads what the URI names, as the tool would: under the same scopes, policy and audit, cut to the same length and
/// marked as what it is.
///
/// # Errors
/// As [`tools::call_tool`].
pub async fn read(
    context: &Context,
    principal: &Principal,
    uri: &str,
    notifier: &Notifier,
) -> Result<Answer<ReadResult>, Fault> {
    let resolved = resolve_at(uri, |provider| context.settings.sites.of(provider));
    let Some((template, arguments)) = resolved else { return Ok(Answer::Unknown) };
    let Some(tool) = find(template.operation.name) else { return Ok(Answer::Unknown) };
    let answer = tools::call_tool(Origin::direct(context, principal), &tool, &arguments, notifier).await?;
    Ok(answer.map(|answer| ReadResult::answer(uri, MIME_TYPE, answer)))
}
