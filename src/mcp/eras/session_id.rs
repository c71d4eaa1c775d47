//! The legacy era's session id: self-contained and sealed, so that nothing is stored. It remembers what a client
//! said of itself in `initialize`, and gives no right to anything: the bearer token is checked each time.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    authorization::principal::Principal,
    crypto::{
        seal::{Purpose, Sealers},
        ticket::{Ticket, TicketError, TicketState},
    },
    mcp::wire::capabilities::ClientCapabilities,
    platform::{Fault, clock::Timestamp, json},
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
}

impl TicketState for Session {
    const PURPOSE: Purpose = Purpose::Session;
}

/// A session as earlier versions sealed it: with its beginning, not its end. Clients come with such an id until 30 days
/// after the last of those versions.
#[derive(Deserialize)]
struct SessionWithBeginning {
    #[serde(flatten)]
    session: Session,
    #[serde(rename = "t")]
    issued: Timestamp,
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
    pub fn seal(self, sealers: &Sealers, principal: &Principal, now: Timestamp) -> Result<String, Fault> {
        Ticket { state: self, expires_at: now + LIFE }.seal(sealers, &place(principal))
    }

    /// Opens the id of a session of this user and client; `None` for anything else, and once the session is over.
    pub fn open(sealers: &Sealers, principal: &Principal, id: &str, now: Timestamp) -> Option<Self> {
        let place = place(principal);
        match Ticket::open(sealers, id, &place, now) {
            Ok(ticket) => Some(ticket.state),
            Err(TicketError::Expired) => None,
            Err(TicketError::NotOurs) => Self::open_with_beginning(sealers, &place, id, now),
        }
    }

    fn open_with_beginning(sealers: &Sealers, place: &str, id: &str, now: Timestamp) -> Option<Self> {
        let json = sealers.of(Self::PURPOSE).open(id, place)?;
        let SessionWithBeginning { session, issued } = json::from_str(json.expose()).ok()?;
        (now < issued + LIFE).then_some(session)
    }
}

fn place(principal: &Principal) -> String {
    serde_json::json!(["mcp session", principal.subject, principal.client]).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{mcp::tests::principal, settings};

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn session(version: &str) -> Session {
        Session {
            version: version.into(),
            capabilities: ClientCapabilities { url: true, ..ClientCapabilities::default() },
        }
    }

    fn opened_by(user: &str, client: &str, now: Timestamp) -> Option<Session> {
        let settings = settings::for_tests();
        let id = session("2025-11-25").seal(settings.sealers(), &principal("alice", "editor"), NOW).unwrap();
        Session::open(settings.sealers(), &principal(user, client), &id, now)
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

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_session_ends_after_30_days() {
        assert!(opened_by("alice", "editor", NOW + LIFE - SECOND).is_some());
        assert!(opened_by("alice", "editor", NOW + LIFE).is_none());
    }

    #[test]
    fn an_id_that_was_sealed_with_the_beginning_of_its_session_is_good_for_30_days_as_well() {
        let (settings, alice) = (settings::for_tests(), principal("alice", "editor"));
        let json = serde_json::json!({"v": "2025-11-25", "u": true, "f": false, "s": false, "r": false, "t": NOW});
        let id = settings.sealer(Purpose::Session).seal(&json.to_string(), &place(&alice)).unwrap();
        let opened = |now| Session::open(settings.sealers(), &alice, &id, now);
        assert_eq!(opened(NOW + LIFE - SECOND), Some(session("2025-11-25")));
        assert_eq!(opened(NOW + LIFE), None);
    }

    #[test]
    fn a_session_id_is_visible_ascii() {
        let settings = settings::for_tests();
        let id = session("2025-11-25").seal(settings.sealers(), &principal("alice", "editor"), NOW).unwrap();
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
