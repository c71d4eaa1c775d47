//! Input that a request needs of its client before it can be answered: a form filled in by its person, a text of its
//! model, the folders it works in. The client is told so by the result, and comes back with the answers (MRTR).

use serde_json::{Map, Value, json};

use crate::mcp::wire::{capabilities::ClientCapabilities, error::Error};

/// What a request needs to know before it can be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct InputNeeded {
    /// The questions, each under the key that its answer comes back by.
    pub requests: Vec<(&'static str, InputRequest)>,
    /// What is known so far and needed again in the next round. The client carries it, sealed.
    pub memory: Option<Value>,
}

/// One question to the client.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(
    not(feature = "conformance"),
    allow(dead_code, reason = "no tool of the product asks so; the conformance suite's do, and approvals will")
)]
pub enum InputRequest {
    /// A form for the client's person, of that JSON Schema.
    Form { message: String, schema: Value },
    /// A text of the client's model.
    Sampling { prompt: String, most_tokens: u32 },
    /// The folders that the client works in.
    Roots,
}

/// What a request carries beside its arguments.
#[derive(Debug, Default)]
#[cfg_attr(not(feature = "conformance"), allow(dead_code, reason = "no tool of the product reads it"))]
pub struct Input {
    pub capabilities: ClientCapabilities,
    /// The answers, by the keys of their questions. A client may send other keys too, and any value.
    pub answers: Map<String, Value>,
    /// The memory of the last round.
    pub memory: Option<Value>,
    /// Under which a call that changes something is done once, however often it is sent.
    pub idempotency_key: Option<String>,
    /// It is made under no circumstances, and answered as the first call under its key was.
    pub only_repeats: bool,
}

#[cfg_attr(not(feature = "conformance"), allow(dead_code, reason = "no tool of the product reads it"))]
impl Input {
    /// The answer under that key, where there is one and it is an object.
    pub fn answer(&self, key: &str) -> Option<&Map<String, Value>> {
        self.answers.get(key)?.as_object()
    }
}

impl InputRequest {
    /// The method and params of the request to the client.
    pub fn request(&self) -> Value {
        match self {
            Self::Form { message, schema } => json!({
                "method": "elicitation/create",
                "params": { "mode": "form", "message": message, "requestedSchema": schema },
            }),
            Self::Sampling { prompt, most_tokens } => json!({
                "method": "sampling/createMessage",
                "params": {
                    "messages": [{ "role": "user", "content": { "type": "text", "text": prompt } }],
                    "maxTokens": most_tokens,
                },
            }),
            Self::Roots => json!({ "method": "roots/list", "params": {} }),
        }
    }

    /// The capability that the question takes, where the client did not declare it.
    fn missing_capability(&self, capabilities: ClientCapabilities) -> Option<(&'static str, Value)> {
        let (is_declared, name, capability) = match self {
            Self::Form { .. } => (capabilities.form, "elicitation", json!({ "form": {} })),
            Self::Sampling { .. } => (capabilities.sampling, "sampling", json!({})),
            Self::Roots => (capabilities.roots, "roots", json!({})),
        };
        (!is_declared).then_some((name, capability))
    }
}

impl InputNeeded {
    /// The `inputRequests` of the result.
    pub fn requests(&self) -> Value {
        self.requests.iter().map(|(key, request)| ((*key).to_owned(), request.request())).collect()
    }

    /// Refuses to ask a client for what it did not declare: it must not be relied upon.
    ///
    /// # Errors
    /// -32021 with the capabilities that it takes.
    pub fn check(&self, capabilities: ClientCapabilities) -> Result<(), Error> {
        let missing = self.requests.iter().filter_map(|(_, request)| request.missing_capability(capabilities));
        let missing: Map<String, Value> = missing.map(|(name, capability)| (name.to_owned(), capability)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::new(Error::MISSING_CAPABILITY, "this needs a client with more capabilities")
            .with_data(json!({ "requiredCapabilities": missing })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed() -> InputNeeded {
        let form = InputRequest::Form { message: "Who?".into(), schema: json!({ "type": "object" }) };
        InputNeeded { requests: vec![("who", form), ("where", InputRequest::Roots)], memory: None }
    }

    #[test]
    fn a_client_may_be_asked_for_input_that_it_declared_support_for() {
        let capabilities = ClientCapabilities { form: true, roots: true, ..ClientCapabilities::default() };
        assert_eq!(needed().check(capabilities), Ok(()));
    }

    #[test]
    fn a_client_without_a_needed_capability_is_told_which_one() {
        let error = needed().check(ClientCapabilities { roots: true, ..ClientCapabilities::default() }).unwrap_err();
        assert_eq!(error.code, -32021);
        assert_eq!(error.data, Some(json!({ "requiredCapabilities": { "elicitation": { "form": {} } } })));
    }

    #[test]
    fn each_input_request_comes_under_its_own_key() {
        let requests = needed().requests();
        assert_eq!(requests["who"]["method"], "elicitation/create");
        assert_eq!(requests["where"]["method"], "roots/list");
    }
}
