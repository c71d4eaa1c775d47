//! `prompts/list` and `prompts/get`. A prompt is offered to whom all of its tools are.

use std::{collections::BTreeMap, rc::Rc};

use serde_json::Value;

use crate::{
    authorization::principal::Principal,
    catalog::{
        operation::Operation,
        prompt::{ALL, Filled, Prompt, find},
        resource::MIME_TYPE,
        skill,
    },
    context::Context,
    mcp::{
        messages::{
            answer::Answer,
            content::{ContentBlock, PromptMessage, PromptResult, ReadResult, ResourceBody, ResourceContents, Role},
        },
        methods::listing,
        wire::error::Error,
    },
    platform::Fault,
    session::commands::Refusal,
    tools::Tool,
};

/// The prompts for whoever may use these tools.
pub fn definitions(tools: &[Rc<Tool>]) -> Vec<Value> {
    ALL.iter().filter(|prompt| missing_tool(prompt, tools).is_none()).map(|prompt| prompt.definition()).collect()
}

/// The prompts as skills, for whoever may use these tools.
pub fn skills(tools: &[Rc<Tool>]) -> Vec<Value> {
    let offered = ALL.iter().filter(|prompt| missing_tool(prompt, tools).is_none());
    offered.map(|prompt| skill::of(prompt).entry()).collect()
}

/// Reads the file of a skill; there is none for whom its prompt is not offered.
///
/// # Errors
/// Where the policy could not be read.
pub async fn read_skill(context: &Context, principal: &Principal, uri: &str) -> Result<Answer<ReadResult>, Fault> {
    let Some((prompt, skill)) = skill::find(uri) else { return Ok(Answer::Unknown) };
    Ok(match listing::offer(context, principal).await? {
        Ok(offer) if missing_tool(prompt, &offer.runnable).is_some() => Answer::Unknown,
        Ok(_) => Answer::Complete(ReadResult::of(ResourceContents {
            uri: skill.uri,
            mime_type: Some(skill::MIME_TYPE.to_owned()),
            body: ResourceBody::Text(skill.text),
        })),
        Err(refusal) => not_offered(refusal),
    })
}

/// The answer to whom nothing is offered now.
fn not_offered<T>(refusal: Refusal) -> Answer<T> {
    match refusal {
        Refusal::GrantEnded => Answer::GrantEnded,
        Refusal::RateLimited { retry_after_milliseconds } => {
            Answer::Failed(Error::too_many(retry_after_milliseconds).message.into_owned())
        }
    }
}

/// The first tool that the prompt needs and this caller may not use.
fn missing_tool(prompt: &Prompt, tools: &[Rc<Tool>]) -> Option<&'static str> {
    let may_use = |operation: &Operation| tools.iter().any(|tool| tool.name == operation.name);
    prompt.needs.iter().find(|operation| !may_use(operation)).map(|operation| operation.name)
}

/// Fills a prompt in.
///
/// # Errors
/// Where the policy could not be read.
pub async fn get(
    context: &Context,
    principal: &Principal,
    name: &str,
    arguments: &BTreeMap<String, String>,
) -> Result<Answer<PromptResult>, Fault> {
    let Some(prompt) = find(name) else { return Ok(Answer::Unknown) };
    let arguments = arguments.iter().map(|(name, text)| (name.clone(), text.as_str().into())).collect();
    let filled = match prompt.fill(&arguments) {
        Ok(filled) => filled,
        Err(problem) => return Ok(Answer::Invalid(problem.to_string())),
    };
    let tools = match listing::offer(context, principal).await? {
        Ok(offer) => offer.runnable,
        Err(refusal) => return Ok(not_offered(refusal)),
    };
    Ok(match missing_tool(prompt, &tools) {
        Some(tool) => Answer::Failed(format!(
            "`{name}` needs the tool `{tool}`, which you may not use. Ask an administrator of Postern to approve it."
        )),
        None => Answer::Complete(message(prompt, filled)),
    })
}

fn message(prompt: &Prompt, filled: Filled) -> PromptResult {
    let about = filled.about.map(|(uri, title)| ContentBlock::ResourceLink {
        name: uri.clone(),
        uri,
        title: Some(title.to_owned()),
        mime_type: Some(MIME_TYPE.to_owned()),
    });
    let contents = [ContentBlock::text(filled.text)].into_iter().chain(about);
    PromptResult {
        description: Some(prompt.description.to_owned()),
        messages: contents.map(|content| PromptMessage { role: Role::User, content }).collect(),
    }
}
