//! The target of a request: a tool, a resource or a prompt. These are the methods that may need a person first.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::{Map, Value, json};

use crate::catalog::search;
use crate::mcp::{
    messages::content::ToolResult,
    wire::{
        arguments::{ObjectError, leave_out_additions},
        error::Error,
        jsonrpc::Request,
    },
};

/// The kind of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Tool,
    Resource,
    Prompt,
}

impl Kind {
    pub const fn method(self) -> &'static str {
        match self {
            Self::Tool => "tools/call",
            Self::Resource => "resources/read",
            Self::Prompt => "prompts/get",
        }
    }
}

/// One tool, resource or prompt, and its arguments.
#[derive(Debug)]
pub struct RequestTarget<'r> {
    pub kind: Kind,
    /// The name of a tool or prompt, or the URI of a resource.
    pub name: &'r str,
    /// The arguments: none for a resource, and texts alone for a prompt.
    pub arguments: Map<String, Value>,
}

impl<'r> RequestTarget<'r> {
    /// Reads the params of a request of that kind.
    ///
    /// # Errors
    /// -32602 where they are not of the method's shape.
    pub fn read(kind: Kind, request: &'r Request<'_>) -> Result<Self, Error> {
        let params = &request.params;
        let (name, problem) = match kind {
            Kind::Tool | Kind::Prompt => (&params.name, "`name` must be a string"),
            Kind::Resource => (&params.uri, "`uri` must be a string"),
        };
        let name = name.valid().ok_or_else(|| Error::new(Error::INVALID_PARAMS, problem))?;
        let mut arguments = match kind {
            Kind::Tool | Kind::Prompt => params.arguments().map_err(|why| unreadable("arguments", why))?,
            Kind::Resource => Map::new(),
        };
        leave_out_additions(&mut arguments);
        if kind == Kind::Prompt && !arguments.values().all(Value::is_string) {
            return Err(invalid("the arguments of a prompt must be strings"));
        }
        Ok(Self { kind, name, arguments })
    }

    /// The arguments of a prompt.
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |(name, value): (&String, &Value)| Some((name.clone(), value.as_str()?.to_owned()));
        self.arguments.iter().filter_map(text).collect()
    }

    /// Says that there is no such thing, with the code that the era has for a missing resource.
    pub fn unknown(&self, missing_resource: i32) -> Error {
        match self.kind {
            Kind::Tool => invalid(unknown_tool(self.name)),
            Kind::Prompt => invalid("unknown prompt; prompts/list names those there are"),
            Kind::Resource => self
                .not_found("no such resource; resources/templates/list shows what a URI looks like", missing_resource),
        }
    }

    /// Says that nothing is there, with the code that the era has for a missing resource.
    ///
    /// # Errors
    /// Where it is not a tool, as in [`RequestTarget::failed`].
    pub fn missing(&self, text: String, missing_resource: i32) -> Result<ToolResult, Error> {
        match self.kind {
            Kind::Resource => Err(self.not_found(text, missing_resource)),
            Kind::Tool | Kind::Prompt => self.failed(text),
        }
    }

    fn not_found(&self, text: impl Into<Cow<'static, str>>, missing_resource: i32) -> Error {
        Error::new(missing_resource, text).with_data(json!({ "uri": self.name }))
    }

    /// Says in words that it was not done: a tool's words are for the model.
    ///
    /// # Errors
    /// Where it is not a tool: other results have no place for them.
    pub fn failed(&self, text: impl Into<Cow<'static, str>>) -> Result<ToolResult, Error> {
        match self.kind {
            Kind::Tool => Ok(ToolResult::failed(text.into())),
            Kind::Resource | Kind::Prompt => Err(Error::new(Error::NOT_DONE, text)),
        }
    }
}

/// Says that there is no such tool, and which are near by name.
fn unknown_tool(name: &str) -> String {
    let near: Vec<_> = search::near(name, 3).into_iter().map(|operation| operation.name).collect();
    let near = if near.is_empty() { String::new() } else { format!("; near by name: {}", near.join(", ")) };
    format!("unknown tool; tools/list names those there are, postern_find the others{near}")
}

/// Says why that member, an object, could not be read.
pub fn unreadable(member: &str, why: ObjectError) -> Error {
    invalid(format!("`{member}` {}", why.problem()))
}

pub fn invalid(message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Error::INVALID_PARAMS, message)
}
