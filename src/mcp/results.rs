//! The results both eras give, and what the modern one adds to each.

use serde::Serialize;
use serde_json::{Value, json};

use super::jsonrpc::Id;
use crate::mcp::tools::ConnectionNeeded;

/// What the model reads before it chooses a tool.
pub const INSTRUCTIONS: &str = "Postern reaches this organisation's Bitbucket repositories and Confluence pages with \
    the signed-in person's own permissions; long answers are cut and say how to go on. When a tool answers with a \
    link, show it to the person and call the tool again once they have opened it and finished there.";

/// Who we are.
#[derive(Serialize)]
pub struct Implementation {
    name: &'static str,
    title: &'static str,
    version: &'static str,
}

pub const SERVER_INFO: Implementation =
    Implementation { name: "postern", title: "Postern", version: env!("CARGO_PKG_VERSION") };

/// What is advertised: no family of methods that does not answer. The list of tools tells of no changes.
pub fn capabilities() -> Value {
    json!({ "tools": {} })
}

/// The result of `tools/call`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolResult<'a> {
    content: [Text<'a>; 1],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_error: bool,
}

#[derive(Serialize)]
struct Text<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: &'a str,
}

impl<'a> ToolResult<'a> {
    pub const fn new(text: &'a str, is_error: bool) -> Self {
        Self { content: [Text { kind: "text", text }], is_error }
    }
}

/// What a client is told that cannot show a link itself: its model can.
pub fn connect_in_words(needed: &ConnectionNeeded) -> String {
    format!(
        "{} Open {} in a browser, connect the account there, and then ask again.",
        needed.message.trim_end(),
        needed.url
    )
}

/// The result of `tools/list`, always one page.
#[derive(Serialize)]
pub struct ToolList<'a> {
    pub tools: &'a [Value],
}

/// A result with what the modern era demands of every one.
#[derive(Serialize)]
pub struct Modern<'a, T> {
    #[serde(rename = "resultType")]
    result_type: &'static str,
    #[serde(flatten)]
    content: T,
    #[serde(flatten)]
    caching: Option<Caching>,
    #[serde(rename = "_meta")]
    meta: ResultMeta<'a>,
}

/// How long a client may keep a result, and whether it may show it to another person.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "camelCase")]
pub struct Caching {
    /// In milliseconds.
    pub ttl_ms: u32,
    pub cache_scope: &'static str,
}

#[derive(Serialize)]
struct ResultMeta<'a> {
    #[serde(rename = "io.modelcontextprotocol/serverInfo")]
    server_info: Implementation,
    #[serde(rename = "io.modelcontextprotocol/subscriptionId", skip_serializing_if = "Option::is_none")]
    subscription: Option<Id<'a>>,
}

impl<'a, T> Modern<'a, T> {
    pub const fn complete(content: T) -> Self {
        Self::of("complete", content)
    }

    pub const fn input_required(content: T) -> Self {
        Self::of("input_required", content)
    }

    const fn of(result_type: &'static str, content: T) -> Self {
        let meta = ResultMeta { server_info: SERVER_INFO, subscription: None };
        Self { result_type, content, caching: None, meta }
    }

    #[must_use]
    pub const fn cached(mut self, caching: Caching) -> Self {
        self.caching = Some(caching);
        self
    }

    #[must_use]
    pub const fn of_subscription(mut self, id: Id<'a>) -> Self {
        self.meta.subscription = Some(id);
        self
    }
}
