//! The arguments of a request, as clients really write them: an object, an empty list for an empty object (PHP has one
//! type for both), a text that holds the object, or an object with names of the client's own added.

use serde_json::{Map, Value, value::RawValue};

use crate::platform::json;

/// Why a member that should be an object could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectError {
    NotAnObject,
    /// Text in which an escape stands for half of a character, as where a text was cut at some length.
    HalfACharacter,
    TooDeep,
    TooLargeANumber,
    /// A text, and what it holds is no JSON.
    NotJson,
}

impl ObjectError {
    /// Words for the problem, to follow the name of the member.
    pub const fn problem(self) -> &'static str {
        match self {
            Self::NotAnObject => "must be an object",
            Self::HalfACharacter => {
                "must be whole characters: a \\u escape is half of a surrogate pair, as where a text was cut"
            }
            Self::TooDeep => "must not be nested more than 126 levels deep",
            Self::TooLargeANumber => "must not hold a number that is too large for a 64-bit float",
            Self::NotJson => "must be an object; they are a text, and what it holds is not JSON",
        }
    }

    /// Tells the causes apart by what serde_json says: its errors have no other mark.
    fn of(error: &serde_json::Error) -> Self {
        let text = error.to_string();
        if text.contains("surrogate") || text.contains("end of hex escape") {
            Self::HalfACharacter
        } else if text.starts_with("recursion limit") {
            Self::TooDeep
        } else if text.starts_with("number out of range") {
            Self::TooLargeANumber
        } else {
            Self::NotJson
        }
    }
}

/// Reads an object. Nothing, null, an empty list and an empty text are an empty one.
///
/// # Errors
/// Where it is no object, or one that cannot be read.
pub fn object(raw: Option<&RawValue>) -> Result<Map<String, Value>, ObjectError> {
    let Some(raw) = raw else { return Ok(Map::new()) };
    match json::from_str(raw.get()).map_err(|error| ObjectError::of(&error))? {
        Value::String(text) if text.trim().is_empty() => Ok(Map::new()),
        Value::String(text) => of_value(json::from_str(&text).map_err(|error| ObjectError::of(&error))?),
        value => of_value(value),
    }
}

fn of_value(value: Value) -> Result<Map<String, Value>, ObjectError> {
    match value {
        Value::Object(object) => Ok(object),
        Value::Null => Ok(Map::new()),
        Value::Array(elements) if elements.is_empty() => Ok(Map::new()),
        _ => Err(ObjectError::NotAnObject),
    }
}

/// Names that clients are known to add to a tool's arguments by themselves, and who does. Neither person nor model can
/// keep them from it, so they are left out; no tool has an argument of such a name.
const CLIENT_ADDITIONS: [(&str, &str); 7] = [
    ("toolCallId", "n8n (n8n-io/n8n#21500)"),
    ("tool", "n8n (n8n-io/n8n#21500)"),
    ("sessionId", "n8n behind a chat (n8n-io/n8n#22787)"),
    ("chatInput", "n8n behind a chat (n8n-io/n8n#22787)"),
    ("action", "n8n behind a chat (n8n-io/n8n#22787)"),
    ("_placeholder", "the AI SDK, where a tool has no arguments (anomalyco/opencode#15078)"),
    ("wait_for_previous", "Gemini CLI (MemPalace/mempalace#322)"),
];

/// Leaves out what the client added.
pub fn leave_out_additions(arguments: &mut Map<String, Value>) {
    for (name, _) in CLIENT_ADDITIONS {
        arguments.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog;

    fn read(json: &str) -> Result<Map<String, Value>, ObjectError> {
        let raw: Box<RawValue> = serde_json::from_str(json).unwrap();
        object(Some(&raw))
    }

    #[test]
    fn nothing_null_and_whatever_is_empty_are_no_arguments() {
        assert_eq!(object(None), Ok(Map::new()));
        for empty in ["{}", "null", "[]", " [ ] ", r#""""#, r#"" ""#, r#""{}""#, r#""[]""#, r#""null""#] {
            assert_eq!(read(empty), Ok(Map::new()), "{empty}");
        }
    }

    #[test]
    fn a_list_a_number_or_a_text_without_an_object_is_no_object() {
        for other in ["[1]", "1", "true", r#""1""#, r#""[{}]""#, r#""\"{}\"""#] {
            assert_eq!(read(other), Err(ObjectError::NotAnObject), "{other}");
        }
    }

    #[test]
    fn unreadable_arguments_are_refused_with_their_true_reason() {
        let deep = format!("{{\"cql\":{}{}}}", "[".repeat(130), "]".repeat(130));
        for (json, reason) in [
            (r#"{"cql":"text ~ \ud83d"}"#, ObjectError::HalfACharacter),
            (r#"{"cql":"text ~ \ude00"}"#, ObjectError::HalfACharacter),
            (r#"{"cql":"text ~ \ud83d\n"}"#, ObjectError::HalfACharacter),
            (deep.as_str(), ObjectError::TooDeep),
            (r#"{"limit":1e400}"#, ObjectError::TooLargeANumber),
            (r#""{\"limit\":""#, ObjectError::NotJson),
        ] {
            assert_eq!(read(json), Err(reason), "{json}");
        }
    }

    #[test]
    fn no_tool_has_an_argument_of_a_name_that_clients_add() {
        for operation in catalog::all() {
            for (name, by) in CLIENT_ADDITIONS {
                assert!(operation.parameters.iter().all(|parameter| parameter.name != name), "{name} of {by}");
            }
        }
    }

    #[test]
    fn arguments_that_clients_add_by_themselves_are_left_out_and_no_others() {
        let Value::Object(mut arguments) = json!({ "toolCallId": "call_1", "_placeholder": true, "query": "x" }) else {
            unreachable!()
        };
        leave_out_additions(&mut arguments);
        assert_eq!(Value::Object(arguments), json!({ "query": "x" }));
    }

    proptest! {
        #[test]
        fn a_text_that_holds_an_object_is_that_object(members in prop::collection::btree_map(".*", ".*", 0..4)) {
            let plain = json!(members).to_string();
            prop_assert_eq!(read(&json!(plain).to_string()), read(&plain));
        }
    }
}
