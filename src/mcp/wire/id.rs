//! The `id` of a JSON-RPC request, given back exactly as it came.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::platform::json;

/// A request's id: a string or an integer of any size, given back exactly as it came.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct Id<'a>(&'a RawValue);

impl<'a> Id<'a> {
    /// MCP forbids null, and fractions cannot be compared. Where a language has but one type of number, 1 is written
    /// `1.0`, and a large one `1e21`.
    pub fn new(raw: &'a RawValue) -> Option<Self> {
        let text = raw.get();
        (text.starts_with('"') || is_whole(text)).then_some(Self(raw))
    }

    /// The id, where it is a string.
    pub fn text(self) -> Option<String> {
        json::from_str(self.0.get()).ok()
    }

    /// Copies the id, so that it outlives the body.
    pub fn owned(self) -> OwnedId {
        OwnedId(self.0.to_owned())
    }
}

/// Whether JSON of one value is a number without a fraction.
fn is_whole(json: &str) -> bool {
    if !json.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
        return false;
    }
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let fraction = mantissa.split_once('.').map_or("", |(_, fraction)| fraction.trim_end_matches('0'));
    exponent.parse::<i32>().ok().and_then(|exponent| usize::try_from(exponent).ok()) >= Some(fraction.len())
}

/// An [`Id`] that borrows from no body.
#[derive(Debug, Clone)]
pub struct OwnedId(Box<RawValue>);

impl OwnedId {
    pub fn borrowed(&self) -> Id<'_> {
        Id(&self.0)
    }
}
