//! Content negotiation: the form of reply that a client takes, by `Accept`.

use crate::platform::http::Request;

/// The forms of a reply that a client takes. Clients have to take both, and not all that are in use do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Either,
    /// JSON alone: nothing can be said before the answer.
    Json,
    /// A stream of events alone: the answer is an event, even where nothing was said before it.
    Events,
}

impl Form {
    /// Reads the form that this request takes. One that takes neither gets JSON: an answer is worth more to it than a
    /// refusal.
    pub fn of(request: &Request) -> Self {
        match (request.wants("application/json") > 0, request.wants("text/event-stream") > 0) {
            (true, true) => Self::Either,
            (_, false) => Self::Json,
            (false, true) => Self::Events,
        }
    }
}

/// The words for a request that listens without taking a stream.
pub const NOT_A_STREAM: &str = "what is listened to comes as a stream; send Accept: text/event-stream";
