//! The `params` of every method, borrowed from the body. A member that appears twice makes the whole
//! message unreadable: header and body could otherwise be read differently by different readers.

use std::borrow::Cow;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, value::RawValue};

use crate::mcp::wire::{
    arguments::{ObjectError, object},
    capabilities::ClientCapabilities,
    field::{Field, Object, WrongType},
    id::Id,
};

/// `_meta` key of a request's protocol version: its presence is the claim to be modern.
pub const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// `_meta` key of a modern request's client capabilities.
pub const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
/// `_meta` key of the least severe log message wanted.
pub const LOG_LEVEL: &str = "io.modelcontextprotocol/logLevel";

/// `_meta` key of ours: the idempotency key of a `tools/call`.
pub const IDEMPOTENCY_KEY: &str = "postern/idempotencyKey";
/// In characters.
const LONGEST_KEY: usize = 255;

/// The members of `params` that some method reads.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Params<'a> {
    #[serde(borrow, rename = "_meta")]
    pub meta: Field<Object<Meta<'a>>>,
    /// A member of `tools/call` and `prompts/get`.
    #[serde(borrow)]
    pub name: Field<Cow<'a, str>>,
    /// A member of `resources/read`.
    #[serde(borrow)]
    pub uri: Field<Cow<'a, str>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
    /// A member of the methods of tasks.
    #[serde(borrow)]
    pub task_id: Field<Cow<'a, str>>,
    /// A member of `completion/complete`.
    #[serde(borrow, rename = "ref")]
    pub reference: Field<Object<Reference<'a>>>,
    /// A member of `completion/complete`.
    #[serde(borrow)]
    pub argument: Field<Object<Argument<'a>>>,
    /// A member of `completion/complete`.
    #[serde(borrow)]
    pub context: Field<Object<Context<'a>>>,
    #[serde(borrow)]
    pub cursor: Field<Cow<'a, str>>,
    #[serde(borrow)]
    pub request_state: Field<Cow<'a, str>>,
    #[serde(borrow)]
    input_responses: Option<&'a RawValue>,
    /// A member of `subscriptions/listen`.
    pub notifications: Field<Object<SubscriptionFilter>>,
    /// A member of `initialize`.
    #[serde(borrow)]
    pub protocol_version: Field<Cow<'a, str>>,
    /// A member of `initialize`.
    pub capabilities: Field<Object<Capabilities>>,
}

/// `params._meta`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Meta<'a> {
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    pub protocol_version: Field<Cow<'a, str>>,
    #[serde(rename = "io.modelcontextprotocol/clientCapabilities")]
    pub client_capabilities: Field<Object<Capabilities>>,
    #[serde(borrow, rename = "io.modelcontextprotocol/logLevel")]
    pub log_level: Field<Cow<'a, str>>,
    #[serde(borrow, rename = "progressToken")]
    progress_token: Option<&'a RawValue>,
    #[serde(borrow, rename = "postern/idempotencyKey")]
    idempotency_key: Field<Cow<'a, str>>,
}

/// The prompt or resource template that an argument belongs to: `ref/prompt` with a name, or `ref/resource` with the
/// template of a URI.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Reference<'a> {
    #[serde(borrow, rename = "type")]
    pub kind: Field<Cow<'a, str>>,
    #[serde(borrow)]
    pub name: Field<Cow<'a, str>>,
    #[serde(borrow)]
    pub uri: Field<Cow<'a, str>>,
}

/// An argument that is being typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Argument<'a> {
    #[serde(borrow)]
    pub name: Field<Cow<'a, str>>,
    #[serde(borrow)]
    pub value: Field<Cow<'a, str>>,
}

/// The arguments that were chosen before.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Context<'a> {
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl Context<'_> {
    /// Parsed at each call; none are an empty object.
    ///
    /// # Errors
    /// Where they are not an object, or one that cannot be read.
    pub fn arguments(&self) -> Result<Map<String, Value>, ObjectError> {
        object(self.arguments)
    }
}

/// The notifications that a client subscribes to, as far as there are such.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct SubscriptionFilter {
    tools_list_changed: Field<bool>,
}

impl SubscriptionFilter {
    pub fn wants_tools(&self) -> bool {
        self.tools_list_changed.valid() == Some(&true)
    }
}

/// The `capabilities` of a client, as far as they matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Capabilities {
    elicitation: Field<Object<Elicitation>>,
    sampling: Field<Object<IgnoredAny>>,
    roots: Field<Object<IgnoredAny>>,
    extensions: Field<Object<Extensions>>,
}

/// The extensions that a client declares, as far as they matter here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Extensions {
    #[serde(rename = "io.modelcontextprotocol/tasks")]
    tasks: Field<Object<IgnoredAny>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Elicitation {
    form: Field<Object<IgnoredAny>>,
    url: Field<Object<IgnoredAny>>,
}

impl Params<'_> {
    /// Whether the client wants log messages of the level `info`: a modern one says so in each request.
    #[cfg(feature = "conformance")]
    pub fn wants_logs(&self) -> bool {
        let level = self.meta.valid().and_then(|Object(meta)| meta.log_level.valid());
        !self.claims_a_version() || level.is_some_and(|level| matches!(&**level, "debug" | "info"))
    }

    /// Whether the message claims to be modern.
    pub fn claims_a_version(&self) -> bool {
        self.meta.valid().is_some_and(|Object(meta)| meta.protocol_version.is_present())
    }

    /// The token under which progress is to be reported. One that is neither a string nor an integer is none.
    pub fn progress_token(&self) -> Option<Id<'_>> {
        self.meta.valid().and_then(|Object(meta)| meta.progress_token).and_then(Id::new)
    }

    /// The key under which a call that changes something is done once, however often it is sent.
    ///
    /// # Errors
    /// Where it is not a text of 1 to 255 characters.
    pub fn idempotency_key(&self) -> Result<Option<&str>, WrongType> {
        let Some(Object(meta)) = self.meta.valid() else { return Ok(None) };
        let key = meta.idempotency_key.optional()?.map(|key| &**key);
        match key {
            Some(key) if !(1..=LONGEST_KEY).contains(&key.chars().count()) => Err(WrongType),
            key => Ok(key),
        }
    }

    /// The arguments of `tools/call` and `prompts/get`; none are an empty object. Parsed at each call.
    ///
    /// # Errors
    /// Where they are not an object, or one that cannot be read.
    pub fn arguments(&self) -> Result<Map<String, Value>, ObjectError> {
        object(self.arguments)
    }

    /// A client's answers to what an `input_required` result asked; none are an empty object. Parsed at each call.
    ///
    /// # Errors
    /// Where they are not an object, or one that cannot be read.
    pub fn input_responses(&self) -> Result<Map<String, Value>, ObjectError> {
        object(self.input_responses)
    }
}

impl Capabilities {
    /// The questions that the client can be asked. `elicitation: {}` means forms only.
    pub fn client_capabilities(&self) -> ClientCapabilities {
        let elicitation = self.elicitation.valid().map(|Object(elicitation)| elicitation);
        let url = elicitation.is_some_and(|elicitation| elicitation.url.valid().is_some());
        let form = elicitation.is_some_and(|elicitation| elicitation.form.valid().is_some() || !url);
        let tasks = self.extensions.valid().is_some_and(|Object(extensions)| extensions.tasks.valid().is_some());
        let (sampling, roots) = (self.sampling.valid().is_some(), self.roots.valid().is_some());
        ClientCapabilities { url, form, sampling, roots, tasks }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn can_show_links(capabilities: &str) -> bool {
        serde_json::from_str::<Capabilities>(capabilities).unwrap().client_capabilities().url
    }

    #[test]
    fn links_need_the_url_mode_declared() {
        assert!(can_show_links(r#"{"elicitation":{"url":{}}}"#));
        assert!(can_show_links(r#"{"sampling":{},"elicitation":{"form":{},"url":{}}}"#));
    }

    #[test]
    fn a_client_that_does_not_declare_the_url_mode_gets_no_links() {
        let others =
            ["{}", r#"{"elicitation":{}}"#, r#"{"elicitation":{"form":{}}}"#, r#"{"elicitation":{"url":true}}"#];
        for capabilities in others {
            assert!(!can_show_links(capabilities), "{capabilities}");
        }
    }

    #[test]
    fn tasks_need_their_extension_declared() {
        let has =
            |capabilities| serde_json::from_str::<Capabilities>(capabilities).unwrap().client_capabilities().tasks;
        assert!(has(r#"{"extensions":{"io.modelcontextprotocol/tasks":{},"other/x":{"a":1}}}"#));
        for capabilities in [
            "{}",
            r#"{"extensions":{}}"#,
            r#"{"tasks":{}}"#,
            r#"{"extensions":{"io.modelcontextprotocol/tasks":true}}"#,
        ] {
            assert!(!has(capabilities), "{capabilities}");
        }
    }

    #[test]
    fn arguments_left_out_or_null_are_empty() {
        for params in ["{}", r#"{"arguments":null}"#, r#"{"arguments":{}}"#] {
            assert_eq!(serde_json::from_str::<Params>(params).unwrap().arguments(), Ok(Map::new()), "{params}");
        }
    }

    #[test]
    fn a_member_given_twice_is_refused() {
        let twice = [
            r#"{"name":"a","name":"b"}"#,
            r#"{"_meta":{},"_meta":{}}"#,
            r#"{"_meta":{"io.modelcontextprotocol/protocolVersion":"a","io.modelcontextprotocol/protocolVersion":"b"}}"#,
        ];
        for params in twice {
            assert!(serde_json::from_str::<Params>(params).is_err(), "{params}");
        }
    }

    #[test]
    fn the_names_of_meta_keys_are_those_of_the_specification() {
        let json = format!(r#"{{"{PROTOCOL_VERSION}":"v","{CLIENT_CAPABILITIES}":{{}},"{LOG_LEVEL}":"info"}}"#);
        let meta: Meta = serde_json::from_str(&json).unwrap();
        assert!(meta.protocol_version.valid().is_some());
        assert!(meta.client_capabilities.valid().is_some());
        assert!(meta.log_level.valid().is_some());
    }
}
