//! What a provider says about an error: cleaned, shortened, and only if it says so in JSON. Bitbucket's HTML pages
//! carry the caller's profile and a token.

use serde_json::Value;

use crate::{
    platform::{fetch::InboundResponse, json},
    untrusted,
};

/// In characters, of one text.
const LONGEST_TEXT: usize = 400;
/// In characters, of all that is said.
const LONGEST_MESSAGE: usize = 1_200;
/// Error bodies longer than this are not looked at.
const LONGEST_BODY: usize = 64 * 1024;
/// Texts of one error.
const MOST_TEXTS: usize = 24;

/// An error in the provider's own words.
#[derive(Default)]
pub struct Said {
    /// Every text of the error, one after the other.
    pub message: String,
    /// The scopes that it names as required and not granted.
    pub missing: Vec<String>,
}

impl Said {
    pub fn by(response: &InboundResponse) -> Self {
        let is_json = response.header("content-type").is_some_and(|kind| kind.to_ascii_lowercase().contains("json"));
        if !is_json || response.body.len() > LONGEST_BODY {
            return Self::default();
        }
        let Ok(body) = json::from_slice::<Value>(&response.body) else { return Self::default() };
        let error = body.get("error").unwrap_or(&body);
        let mut texts = Texts::default();
        texts.add("", error);
        for name in ["message", "detail", "title"] {
            texts.add_member("", error, name);
        }
        texts.add_member("", &body, "error_description");
        // Of Confluence: v2 has `errors`, v1 `data.errors`.
        for list in [body.get("errors"), body.pointer("/data/errors")] {
            for error in list.and_then(Value::as_array).into_iter().flatten() {
                texts.add("", error);
                for name in ["title", "detail", "message"] {
                    texts.add_member("", error, name);
                }
                if let Some(message) = error.get("message").filter(|message| message.is_object()) {
                    let has_translation = message.get("translation").is_some_and(Value::is_string);
                    texts.add_member("", message, if has_translation { "translation" } else { "key" });
                }
            }
        }
        if let Some(fields) = error.get("fields") {
            texts.add_fields("", fields);
        }
        let names = |pointer: &str| -> Vec<String> {
            let names = error.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            names.filter_map(Value::as_str).take(8).map(|name| untrusted::label(name, 60)).collect()
        };
        let granted = names("/detail/granted");
        let missing = names("/detail/required").into_iter().filter(|name| !granted.contains(name)).collect();
        Self { message: untrusted::label(&texts.0.join("; "), LONGEST_MESSAGE), missing }
    }

    /// Whether it says that the credential is fine and its scopes are not.
    pub fn is_about_scopes(&self, response: &InboundResponse) -> bool {
        let category = response.header("x-failure-category").unwrap_or_default();
        category.eq_ignore_ascii_case("FAILURE_CLIENT_SCOPE_CHECK")
            || !self.missing.is_empty()
            || self.message.to_ascii_lowercase().contains("scope does not match")
            || self.message.contains("has no") && self.message.contains("scopes")
    }
}

/// Texts in the order in which they were found, each once.
#[derive(Default)]
struct Texts(Vec<String>);

impl Texts {
    /// Adds a text, under the name of the field that it is about.
    fn add(&mut self, about: &str, text: &Value) {
        let Some(text) = text.as_str() else { return };
        // Confluence v1 puts the name of a Java class before its words.
        let text =
            text.split_once("Exception: ").filter(|(class, _)| !class.contains(' ')).map_or(text, |(_, text)| text);
        let text = untrusted::label(text, LONGEST_TEXT);
        let about = if about.is_empty() { String::new() } else { format!("{}: ", untrusted::label(about, 60)) };
        let is_new = !text.is_empty() && !self.0.iter().any(|known| known.contains(&text));
        if self.0.len() < MOST_TEXTS && (is_new || !about.is_empty()) {
            self.0.push(format!("{about}{}", text.trim_end_matches('.')));
        }
    }

    fn add_member(&mut self, about: &str, object: &Value, name: &str) {
        if let Some(text) = object.get(name) {
            self.add(about, text);
        }
    }

    /// Adds all that is said about each field: one text, several, or about a field within it.
    fn add_fields(&mut self, about: &str, said: &Value) {
        match said {
            Value::Array(all) => all.iter().for_each(|one| self.add_fields(about, one)),
            Value::Object(members) => {
                for (name, said) in members {
                    let about = if about.is_empty() { name.clone() } else { format!("{about}.{name}") };
                    self.add_fields(&about, said);
                }
            }
            Value::String(_) => self.add(about, said),
            _ => self.add(about, &"not accepted".into()),
        }
    }
}
