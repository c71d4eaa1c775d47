//! Content negotiation: the form of reply that a client takes, by `Accept`.

use crate::platform::http::Request;

/// Which of the forms a client takes, by `Accept`. Clients have to take both, and not all that are in use do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Either,
    /// Nothing is said before the answer.
    Json,
    /// The answer is an event, even where nothing was said before it.
    Events,
}

impl Form {
    /// What this request takes. One that takes neither gets JSON: an answer is worth more to it than a refusal.
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
