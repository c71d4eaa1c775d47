//! The params and the answer of `completion/complete` (autocompletion): values for one argument, as far as it is typed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::mcp::{
    messages::{content::Completion, target::invalid},
    wire::{error::Error, field::Object, jsonrpc::Request, params::Context},
};

/// An argument that is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletionRequest<'r> {
    pub of: Reference<'r>,
    pub argument: &'r str,
    /// The part of its value that is typed already.
    pub value: &'r str,
    /// The arguments that were chosen before.
    pub chosen: BTreeMap<String, String>,
}

/// The answer to a completion. Nobody is asked to connect an account while they type: without one there are no values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CompletionAnswer {
    Values(Completion),
    /// There is no such prompt or template, or no such argument of it.
    Unknown(&'static str),
    /// The token's grant was revoked: 401 with a challenge.
    GrantEnded,
}

/// The prompt or resource template that an argument belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reference<'r> {
    /// The name of a prompt.
    Prompt(&'r str),
    /// The template of a resource's URI, as it is listed.
    Resource(&'r str),
}

impl<'r> CompletionRequest<'r> {
    /// Reads the params of a request.
    ///
    /// # Errors
    /// -32602 where they are not of the method's shape.
    pub fn read(request: &'r Request<'_>) -> Result<Self, Error> {
        let params = &request.params;
        let Some(Object(reference)) = params.reference.valid() else { return Err(invalid("`ref` must be an object")) };
        let of = match (reference.kind.valid().map(|kind| &**kind), reference.name.valid(), reference.uri.valid()) {
            (Some("ref/prompt"), Some(name), _) => Reference::Prompt(name),
            (Some("ref/resource"), _, Some(uri)) => Reference::Resource(uri),
            _ => return Err(invalid("`ref` must be a ref/prompt with a name or a ref/resource with a uri")),
        };
        let argument =
            params.argument.valid().and_then(|Object(member)| Some((member.name.valid()?, member.value.valid()?)));
        let Some((argument, value)) = argument else {
            return Err(invalid("`argument` must have a name and a value, both strings"));
        };
        let context = params.context.optional().map_err(|_| invalid("`context` must be an object"))?;
        Ok(Self { of, argument, value, chosen: chosen(context)? })
    }
}

fn chosen(context: Option<&Object<Context<'_>>>) -> Result<BTreeMap<String, String>, Error> {
    let problem = || invalid("`context.arguments` must be an object of strings");
    let Some(Object(context)) = context else { return Ok(BTreeMap::new()) };
    let arguments = context.arguments().map_err(|_| problem())?;
    let text = |(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        _ => Err(problem()),
    };
    arguments.into_iter().map(text).collect()
}
