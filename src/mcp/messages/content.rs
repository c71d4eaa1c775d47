//! The content of results in both eras, as plain data that is serialized by the protocol's names.

use serde::Serialize;

use crate::upstream::{self, Provenance, Quota};

/// One piece of a tool's result or of a prompt's message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
#[allow(dead_code, reason = "Postern's own tools give text; the protocol has more, and the core carries it all")]
pub enum ContentBlock {
    Text {
        text: String,
    },
    Image {
        /// Base64.
        data: String,
        mime_type: String,
    },
    Audio {
        /// Base64.
        data: String,
        mime_type: String,
    },
    /// A resource, embedded.
    Resource {
        resource: ResourceContents,
    },
    /// A resource that the client may read.
    ResourceLink {
        uri: String,
        name: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        title: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        mime_type: Option<String>,
    },
}

impl ContentBlock {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
}

/// The contents of a resource, or of a part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceContents {
    pub uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mime_type: Option<String>,
    #[serde(flatten)]
    pub body: ResourceBody,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "Postern's own resources are text; the protocol has more, and the core carries it all")]
pub enum ResourceBody {
    Text(String),
    /// Base64.
    Blob(String),
}

/// The result of `tools/call`, `resources/read` or `prompts/get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum MethodResult {
    Tool(ToolResult),
    Resource(ReadResult),
    Prompt(PromptResult),
}

impl MethodResult {
    /// Takes out what is told to the client alone, for where the result has a `_meta` of its own.
    pub fn take_meta(&mut self) -> AnswerMeta {
        match self {
            Self::Tool(result) => std::mem::take(&mut result.meta),
            Self::Resource(result) => std::mem::take(&mut result.meta),
            Self::Prompt(_) => AnswerMeta::default(),
        }
    }

    /// Leaves out links to resources, for revisions that do not know them.
    pub fn without_links(mut self) -> Self {
        if let Self::Prompt(prompt) = &mut self {
            prompt.messages.retain(|message| !matches!(message.content, ContentBlock::ResourceLink { .. }));
        }
        self
    }
}

/// The result of `tools/call`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolResult {
    pub content: Vec<ContentBlock>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_error: bool,
    #[serde(rename = "_meta", skip_serializing_if = "AnswerMeta::is_empty")]
    meta: AnswerMeta,
}

/// What is told to the client, and not to the model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct AnswerMeta {
    #[serde(rename = "postern/quota", skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    #[serde(rename = "postern/provenance", skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Untrusted>,
}

impl AnswerMeta {
    /// What a provider answered, and what is told to the client of it.
    fn of(answer: upstream::Answer) -> (String, Self) {
        let provenance = Untrusted::of(answer.provenance.into_iter().map(|source| *source).collect());
        (answer.text, Self { quota: answer.quota, provenance })
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whence the texts of others come that a result shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Untrusted {
    untrusted: bool,
    sources: Vec<Provenance>,
}

impl Untrusted {
    fn of(sources: Vec<Provenance>) -> Option<Self> {
        (!sources.is_empty()).then_some(Self { untrusted: true, sources })
    }
}

impl ToolResult {
    /// The result of a tool that did what it was asked to.
    pub const fn of(content: Vec<ContentBlock>) -> Self {
        Self { content, is_error: false, meta: AnswerMeta { quota: None, provenance: None } }
    }

    pub fn text(text: impl Into<String>) -> Self {
        Self::of(vec![ContentBlock::text(text)])
    }

    /// What a provider answered.
    pub fn answer(answer: upstream::Answer) -> Self {
        let (text, meta) = AnswerMeta::of(answer);
        Self { meta, ..Self::text(text) }
    }

    /// The same, with what is left of a quota: of several, of the one with the least.
    #[must_use]
    pub const fn with_quota(mut self, quota: Option<Quota>) -> Self {
        self.meta.quota = quota;
        self
    }

    /// The same, with whence the texts of others in it come.
    #[must_use]
    pub fn from(mut self, sources: Vec<Provenance>) -> Self {
        self.meta.provenance = Untrusted::of(sources);
        self
    }

    /// The result of a tool that did not: an error that the model reads.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { content: vec![ContentBlock::text(text)], is_error: true, meta: AnswerMeta::default() }
    }
}

/// The result of `resources/read`, which is never empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadResult {
    contents: [ResourceContents; 1],
    #[serde(rename = "_meta", skip_serializing_if = "AnswerMeta::is_empty")]
    meta: AnswerMeta,
}

impl ReadResult {
    /// A resource of Postern's own.
    pub fn of(contents: ResourceContents) -> Self {
        Self { contents: [contents], meta: AnswerMeta::default() }
    }

    /// What a provider answered, as the resource at that URI.
    pub fn answer(uri: &str, mime_type: &str, answer: upstream::Answer) -> Self {
        let (text, meta) = AnswerMeta::of(answer);
        let (uri, mime_type) = (uri.to_owned(), Some(mime_type.to_owned()));
        Self { contents: [ResourceContents { uri, mime_type, body: ResourceBody::Text(text) }], meta }
    }
}

/// A prompt, filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromptResult {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    pub messages: Vec<PromptMessage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PromptMessage {
    pub role: Role,
    pub content: ContentBlock,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(dead_code, reason = "Postern's own prompts speak for the person alone")]
pub enum Role {
    User,
    Assistant,
}

/// Values that an argument may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// The values, at most a hundred.
    pub values: Vec<String>,
    /// The number of values there are in all, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<usize>,
    pub has_more: bool,
}
