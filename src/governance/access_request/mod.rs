//! Access for a time: a person asks for an access profile, or breaks the glass, with a reason; it is theirs for some minutes,
//! at once or once an approver has said yes.
//!
//! [`lifecycle`] decides, and knows of nothing else. [`record`] keeps requests. What is done with one, with its events in the
//! log, is in [`super::access_requests`]. What is granted is part of the snapshot of the policy, so that decisions have it without asking.

pub mod lifecycle;
pub mod record;

/// Where people ask for access, and see what they have.
pub const ACCESS_PAGE: &str = "/access";
