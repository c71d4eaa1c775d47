//! The results of both eras, and what the modern one adds to each: result type, caching, server info.

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use crate::{
    mcp::{
        messages::{answer::ConnectionNeeded, content::Completion},
        wire::id::Id,
    },
    providers::{self, AccountKind, Provider},
    settings::Settings,
};

/// What the model reads before it chooses a tool.
pub fn instructions(settings: &Settings) -> String {
    let reached = |provider: &&'static Provider| {
        let as_whom = match settings.sites.accounts_of(provider) {
            AccountKind::Personal => "with the signed-in person's own permissions",
            AccountKind::Organisation => "through the organisation's account",
            AccountKind::Either => {
                "with the signed-in person's own permissions, or to read through the organisation's account where they \
                 have connected none"
            }
        };
        format!("{} {as_whom}", settings.sites.title(provider))
    };
    format!(
        "Postern reaches this organisation's {}; long answers are cut and say how to go on. When a tool answers with a \
         link, show it to the person and call the tool again once they have opened it and finished there.",
        providers::ALL.iter().map(reached).collect::<Vec<_>>().join(", ")
    )
}

/// What a person reads of us in the settings of a client.
fn description() -> String {
    let names: Vec<_> = providers::ALL.iter().map(|provider| provider.name).collect();
    format!(
        "For AI clients of this organisation ({}): each person signs in, and its administrators decide which tools there \
         are.",
        names.join(", ")
    )
}

/// The server as it names itself (MCP `Implementation`).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Implementation {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'static str>,
    version: &'static str,
    #[serde(flatten)]
    about: Option<About>,
}

/// The part that a client may show. It asks for it once, so it is not in every result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About {
    description: String,
    website_url: String,
    icons: [Icon; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Icon {
    src: String,
    mime_type: &'static str,
    sizes: [&'static str; 1],
}

impl Implementation {
    /// The server in as few members as there may be.
    pub const BRIEF: Self =
        Self { name: "postern", title: Some("Postern"), version: env!("CARGO_PKG_VERSION"), about: None };

    /// The server with all that the revision has members for: titles came with 2025-06-18, the rest with 2025-11-25.
    pub fn of_revision(revision: &str, public_url: &str) -> Self {
        let icon =
            || Icon { src: format!("{public_url}/assets/postern.svg"), mime_type: "image/svg+xml", sizes: ["any"] };
        let about = || About { description: description(), website_url: public_url.to_owned(), icons: [icon()] };
        Self {
            title: Self::BRIEF.title.filter(|_| revision >= "2025-06-18"),
            about: (revision >= "2025-11-25").then(about),
            ..Self::BRIEF
        }
    }
}

/// The capabilities that are advertised: only families of methods that answer, and of the lists only that of tools,
/// which tells of its changes.
pub fn capabilities() -> Value {
    json!({ "tools": { "listChanged": true }, "resources": {}, "prompts": {}, "completions": {} })
}

/// The words for a client that cannot show a link itself: its model can.
pub fn connect_in_words(needed: &ConnectionNeeded) -> String {
    let (message, url) = (needed.message.trim_end(), &needed.url);
    format!(
        "{message} Show the person this link, for them to open in a browser:\n{url}\nOnce they have connected the account \
         there, ask again."
    )
}

/// One of the lists that a client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    Tools,
    Resources,
    ResourceTemplates,
    Prompts,
}

/// The result of a list's method, always one page.
pub struct ListResult<'a>(pub List, pub &'a [Value]);

impl Serialize for ListResult<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let member = match self.0 {
            List::Tools => "tools",
            List::Resources => "resources",
            List::ResourceTemplates => "resourceTemplates",
            List::Prompts => "prompts",
        };
        serializer.collect_map([(member, self.1)])
    }
}

/// The result of `completion/complete`.
#[derive(Serialize)]
pub struct CompletionResult {
    pub completion: Completion,
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
    /// The time to live, in milliseconds.
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
        let meta = ResultMeta { server_info: Implementation::BRIEF, subscription: None };
        Self { result_type, content, caching: None, meta }
    }

    #[must_use]
    pub const fn cached(mut self, caching: Caching) -> Self {
        self.caching = Some(caching);
        self
    }

    #[must_use]
    pub fn by(mut self, server_info: Implementation) -> Self {
        self.meta.server_info = server_info;
        self
    }

    #[must_use]
    pub const fn of_subscription(mut self, id: Id<'a>) -> Self {
        self.meta.subscription = Some(id);
        self
    }
}
