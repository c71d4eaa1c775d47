//! The legacy era's session id: self-contained and sealed, so that nothing is stored. It remembers what a client
//! said of itself in `initialize`, and gives no right to anything: the bearer token is checked each time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    authorization::principal::Principal,
    crypto::seal::Sealer,
    mcp::wire::capabilities::ClientCapabilities,
    platform::{Fault, clock::Timestamp},
};

/// How long a session id is good for. Clients do not begin anew when a session ends, so it lives long.
const LIFE: Duration = Duration::from_hours(30 * 24);

/// What `initialize` settled with a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    #[serde(rename = "v")]
    pub version: String,
    #[serde(flatten)]
    pub capabilities: ClientCapabilities,
    #[serde(rename = "t")]
    pub issued: Timestamp,
}

impl Session {
    /// Whether the error -32042 means something to this client: it came with 2025-11-25.
    pub fn understands_required_url(&self) -> bool {
        self.capabilities.url && self.version == "2025-11-25"
    }

    /// Whether links to resources mean nothing to this client: they came with 2025-06-18.
    pub fn knows_no_links(&self) -> bool {
        matches!(self.version.as_str(), "2025-03-26" | "2024-11-05")
    }

    /// Seals the session as the id to hand out, which is visible ASCII.
    ///
    /// # Errors
    /// Where there is no randomness.
    pub fn seal(&self, sealer: &Sealer, principal: &Principal) -> Result<String, Fault> {
        let json = serde_json::to_string(self).map_err(|error| Fault::new("session id", error))?;
        sealer.seal(&json, &place(principal))
    }

    /// Opens the id of a session of this user and client; `None` for anything else, and once the session is over.
    pub fn open(sealer: &Sealer, principal: &Principal, id: &str, now: Timestamp) -> Option<Self> {
        let json = sealer.open(id, &place(principal))?;
        let session: Self = serde_json::from_str(json.expose()).ok()?;
        (now.since(session.issued) < LIFE).then_some(session)
    }
}

fn place(principal: &Principal) -> String {
    serde_json::json!(["mcp session", principal.subject, principal.client]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{crypto::seal::Purpose, mcp::tests::principal, settings};

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn session(version: &str) -> Session {
        Session {
            version: version.into(),
            capabilities: ClientCapabilities { url: true, ..ClientCapabilities::default() },
            issued: NOW,
        }
    }

    fn opened_by(user: &str, client: &str, now: Timestamp) -> Option<Session> {
        let settings = settings::for_tests();
        let sealer = settings.sealer(Purpose::Session);
        let id = session("2025-11-25").seal(sealer, &principal("alice", "editor")).unwrap();
        Session::open(sealer, &principal(user, client), &id, now)
    }

    #[test]
    fn a_session_id_is_opened_by_its_user_and_client() {
        assert_eq!(opened_by("alice", "editor", NOW), Some(session("2025-11-25")));
    }

    #[test]
    fn a_session_id_is_not_opened_by_another_user() {
        assert_eq!(opened_by("mallory", "editor", NOW), None);
    }

    #[test]
    fn a_session_id_is_not_opened_by_another_client() {
        assert_eq!(opened_by("alice", "terminal", NOW), None);
    }

    #[test]
    fn a_session_ends_after_30_days() {
        let almost = NOW + Duration::from_hours(30 * 24 - 1);
        assert!(opened_by("alice", "editor", almost).is_some());
        assert!(opened_by("alice", "editor", almost + Duration::from_hours(1)).is_none());
    }

    #[test]
    fn a_session_id_is_visible_ascii() {
        let settings = settings::for_tests();
        let sealer = settings.sealer(Purpose::Session);
        let id = session("2025-11-25").seal(sealer, &principal("alice", "editor")).unwrap();
        assert!(id.bytes().all(|byte| byte.is_ascii_graphic()));
    }

    #[test]
    fn only_clients_of_2025_11_25_know_the_error_that_carries_a_link() {
        assert!(session("2025-11-25").understands_required_url());
        assert!(!session("2025-06-18").understands_required_url());
    }

    #[test]
    fn revisions_before_2025_06_18_know_no_links_to_resources() {
        assert!(session("2025-03-26").knows_no_links() && session("2024-11-05").knows_no_links());
        assert!(!session("2025-06-18").knows_no_links() && !session("2025-11-25").knows_no_links());
    }
}
