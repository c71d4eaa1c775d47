//! A signed-in browser.

use super::person::Person;

/// The browser that sent a request, and who is signed in there.
#[derive(Debug, Clone)]
pub struct Browser {
    pub person: Person,
    /// SHA-256 of the session cookie: names the session without being able to use it.
    pub session_hash: String,
}
