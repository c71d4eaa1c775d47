//! What a person is asked before a client gets anything.

use super::scope::Scopes;
use crate::{identifiers::ClientId, platform::clock::Timestamp};

/// Everything the consent page shows. Nothing of it was vouched for but the hosts.
#[derive(Debug, Clone)]
pub struct ConsentRequest {
    /// Of the stored authorization request; the decision names it.
    pub id: String,
    pub client_id: ClientId,
    /// Self-declared by the client, cleaned for display.
    pub client_name: String,
    /// When the client registered itself: a name that came to be a minute ago deserves a second look.
    pub client_registered_at: Timestamp,
    /// Where the browser will be sent with the answer: the host and, where it is not the scheme's own, the port.
    pub redirect_host: String,
    /// The answer goes to a program on the person's own computer, and any program there could have asked.
    pub redirect_is_loopback: bool,
    pub scopes: Scopes,
}
