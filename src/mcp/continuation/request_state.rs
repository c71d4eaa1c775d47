//! The `requestState` of an `input_required` result: sealed, so that the client can neither read nor change it, and
//! bound to the one request that it was made for.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::{
        digest,
        seal::{Purpose, Sealers},
        ticket::{Ticket, TicketState},
    },
    mcp::{
        messages::{
            answer::{Destination, LinkNeeded},
            target::{RequestTarget, invalid},
        },
        wire::{error::Error, params::Params},
    },
    platform::clock::Timestamp,
    providers,
};

/// How long a state is good for, from the first question to the last round.
pub const LIFE: Duration = Duration::from_mins(10);

/// What the next request has to carry: nothing else remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    pub waiting: Waiting,
}

impl TicketState for State {
    const PURPOSE: Purpose = Purpose::RequestState;
}

/// What the request waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// The request waits for a person to open a link.
    Link(Link),
    /// The request waits for answers that its tool, resource or prompt uses itself; the value is what that has to
    /// remember.
    Answers(Value),
}

/// A link, and how far its person is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The site at which the account is that is to be connected; none for an approval.
    #[serde(rename = "provider", default = "unnamed")]
    pub leads_to: Destination,
    #[serde(rename = "elicitation_id")]
    pub id: String,
    pub url: String,
    pub message: String,
    /// How often the client has come back; zero in the first question.
    pub round: u8,
}

impl Link {
    pub fn into_needed(self) -> LinkNeeded {
        let Self { leads_to, id, url, message, .. } = self;
        LinkNeeded { leads_to, id, url, message, in_words: false }
    }
}

fn unnamed() -> Destination {
    Destination::Connection(providers::unnamed())
}

/// Opens the state that a request carries; `None` where it carries none.
///
/// # Errors
/// -32602 for one that was not sealed for this place, or has expired.
pub fn open(
    params: &Params<'_>,
    sealers: &Sealers,
    place: &str,
    now: Timestamp,
) -> Result<Option<Ticket<State>>, Error> {
    let sealed = match params.request_state.optional() {
        Ok(None) => return Ok(None),
        Ok(Some(sealed)) => Some(&**sealed),
        Err(_) => None,
    };
    let ticket = sealed.and_then(|sealed| Ticket::open(sealers, sealed, place, now).ok());
    ticket.map(Some).ok_or_else(invalid_state)
}

/// The error for a state that is invalid, has expired, or let its request run already.
pub fn invalid_state() -> Error {
    invalid("invalid, expired or used requestState; send the request again without it")
        .with_data(json!({ "reason": "invalid_request_state" }))
}

/// The place that a state is bound to: one user and client, one tool, resource or prompt, and its arguments.
pub fn place(principal: &Principal, target: &RequestTarget<'_>) -> String {
    let mut canonical = String::new();
    write_object(&target.arguments, &mut canonical);
    let digest = digest::sha256(&canonical);
    json!(["mcp request state", principal.subject, principal.client, target.kind.method(), target.name, digest])
        .to_string()
}

/// Writes JSON with the members of every object in order of their names, as clients may reorder them between requests.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => write_object(object, out),
        Value::Array(elements) => {
            out.push('[');
            for element in elements {
                write(element, out);
                out.push(',');
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn write_object(object: &Map<String, Value>, out: &mut String) {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    out.push('{');
    for (name, value) in members {
        write(&Value::from(name.as_str()), out);
        out.push(':');
        write(value, out);
        out.push(',');
    }
    out.push('}');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::mcp::{messages::target::Kind, tests::principal};

    fn place_of(principal: &Principal, kind: Kind, name: &str, arguments: &str) -> String {
        place(principal, &RequestTarget { kind, name, arguments: serde_json::from_str(arguments).unwrap() })
    }

    fn tool(name: &str, arguments: &str) -> String {
        place_of(&principal("alice", "editor"), Kind::Tool, name, arguments)
    }

    #[test]
    fn a_request_state_holds_for_the_same_arguments_in_any_order() {
        assert_eq!(tool("t", r#"{"a":1,"b":{"c":2,"d":[3]}}"#), tool("t", r#"{"b":{"d":[3],"c":2},"a":1}"#));
    }

    #[test]
    fn a_request_state_is_bound_to_user_client_kind_name_and_arguments() {
        let arguments = r#"{"a":1}"#;
        let one = tool("tool", arguments);
        let others = [
            place_of(&principal("bob", "editor"), Kind::Tool, "tool", arguments),
            place_of(&principal("alice", "terminal"), Kind::Tool, "tool", arguments),
            place_of(&principal("alice", "editor"), Kind::Resource, "tool", arguments),
            place_of(&principal("alice", "editor"), Kind::Prompt, "tool", arguments),
            tool("other", arguments),
            tool("tool", r#"{"a":2}"#),
            tool("tool", r#"{"a":"1"}"#),
        ];
        assert!(!others.contains(&one));
    }

    #[test]
    fn a_link_that_was_sealed_before_links_named_their_provider_is_still_good() {
        let link = json!({"elicitation_id": "e1", "url": "u", "message": "m", "round": 1});
        let link: Link = serde_json::from_value(link).unwrap();
        assert_eq!(link.leads_to, Destination::Connection(providers::unnamed()));
    }

    proptest! {
        #[test]
        fn a_request_state_tells_names_of_arguments_from_their_values(one in ".{0,6}", other in ".{0,6}") {
            prop_assert_ne!(
                tool("t", &json!({ &one: other }).to_string()),
                tool("t", &json!({ &one: [other] }).to_string())
            );
        }
    }
}
