//! How a request goes on once its person or its client has answered something: elicitation and multi-round-trip requests
//! (MRTR).

pub mod client_requests;
pub mod elicitation;
pub mod request_state;
