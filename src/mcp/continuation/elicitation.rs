//! Elicitation in URL mode: a modern client is asked to have its person open a link, over several requests that share
//! nothing but what they carry (multi-round-trip requests, MRTR).
//!
//! A client says only that its person agreed to open the link; whether an account got connected, or the call approved, is
//! known here alone. So the retry is held until that is known: clients give up after ten rounds and do not pause between them.

use serde_json::{Map, Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::ticket::Ticket,
    mcp::{
        backend::Backend,
        continuation::request_state::{LIFE, Link, State, Waiting, invalid_state},
        endpoint::Endpoint,
        messages::{
            answer::{Destination, LinkNeeded, LinkStatus},
            target::invalid,
        },
        wire::error::Error,
    },
    platform::{Fault, clock::Timestamp},
};

/// How many rounds are held before the link is handed over as text. Clients allow ten in all.
const ROUNDS: u8 = 8;

/// The person's answer to the link, as a retry reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Accept,
    Decline,
    /// Nobody chose: the window was closed, or there is nobody, as where a client runs by itself.
    Cancel,
}

/// The next move of ours when a client retries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Move {
    /// Hold the request until it is known what became of the link.
    Hold,
    /// The retry brought no answer: ask once more.
    AskAgain,
    /// Nobody saw the link: answer with it in words, for the model to show.
    HandOver,
    GiveUp,
}

/// Decides on a retry. The first round needs an answer; later ones were not asked for one.
const fn on_retry(round: u8, action: Option<Action>) -> Move {
    match (action, round) {
        (Some(Action::Decline), _) => Move::GiveUp,
        (Some(Action::Cancel), _) => Move::HandOver,
        (Some(Action::Accept), _) | (None, 1..) => Move::Hold,
        (None, 0) => Move::AskAgain,
    }
}

/// The next move of ours after a hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    Run,
    Fail,
    /// Refuse the request: its state is worth nothing any more.
    Refuse,
    /// Let the client come back in this round, without asking its person again.
    Return(u8),
    HandOver,
}

/// Decides after a hold, on what became of the link.
const fn after_hold(round: u8, status: LinkStatus) -> Next {
    match status {
        LinkStatus::Settled => Next::Run,
        LinkStatus::Failed => Next::Fail,
        LinkStatus::Ended => Next::Refuse,
        LinkStatus::Pending if round < ROUNDS => Next::Return(round.saturating_add(1)),
        LinkStatus::Pending => Next::HandOver,
    }
}

/// The answer to a request that a link stands in the way of.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// `input_required`; without a link the client just comes back.
    InputRequired {
        link: Option<LinkNeeded>,
        state: String,
    },
    /// The link as text, for a client that cannot show it itself or gave up.
    InWords(LinkNeeded),
    /// The request failed for this reason, and nothing was done.
    Failed(&'static str),
    Refused(Error),
}

/// The words for a person who declined.
const fn declined(leads_to: Destination) -> &'static str {
    match leads_to {
        Destination::Connection(_) => {
            "The account was not connected, so nothing was done. Ask again to get a new link."
        }
        Destination::Approval => {
            "The call still waits for approval, and nothing was done. Call again once somebody has approved it."
        }
    }
}

/// The words for a link that came to nothing.
const NOT_CONNECTED: &str =
    "Connecting the account failed or was refused at the provider, so nothing was done. Ask again to get a new link.";

/// One request that a link stands in the way of.
pub struct Elicitation<'a, N> {
    pub endpoint: &'a Endpoint<N>,
    pub principal: &'a Principal,
    /// The client of this request can show a link.
    pub url_elicitation: bool,
    /// What a state of this request is bound to, as [`place`](super::request_state::place) names it.
    pub place: String,
}

impl<N: Backend> Elicitation<'_, N> {
    /// Asks the person for the first time.
    pub fn ask(&self, needed: LinkNeeded) -> Reply {
        if needed.in_words {
            return Reply::InWords(needed);
        }
        let LinkNeeded { leads_to, id, url, message, .. } = needed;
        self.ask_for(Link { leads_to, id, url, message, round: 0 }, self.now() + LIFE)
    }

    /// Goes on with the link that a retry carries and the answers beside it. `None` says that nothing is in the way any
    /// more: the request may run.
    pub async fn resume(&self, link: Link, expires_at: Timestamp, answers: &Map<String, Value>) -> Option<Reply> {
        let action = match action(link.leads_to, answers) {
            Ok(action) => action,
            Err(error) => return Some(Reply::Refused(error)),
        };
        if link.round == 0 && matches!(action, Some(Action::Accept | Action::Decline)) {
            // Without this the next link of this client comes in words, which serves its person as well.
            if let Err(fault) = self.endpoint.backend.record_answer(self.principal, link.leads_to, &link.id).await {
                self.endpoint.internal(&fault);
            }
        }
        match on_retry(link.round, action) {
            Move::HandOver => Some(Reply::InWords(link.into_needed())),
            Move::GiveUp => Some(Reply::Failed(declined(link.leads_to))),
            Move::AskAgain => Some(self.ask_for(link, expires_at)),
            Move::Hold => match self.hold(&link).await {
                Err(fault) => Some(Reply::Refused(self.endpoint.internal(&fault))),
                Ok(status) => match after_hold(link.round, status) {
                    Next::Run => None,
                    Next::Fail => Some(Reply::Failed(NOT_CONNECTED)),
                    Next::Refuse => Some(Reply::Refused(invalid_state())),
                    Next::HandOver => Some(Reply::InWords(link.into_needed())),
                    Next::Return(round) => Some(self.input_required(None, Link { round, ..link }, expires_at)),
                },
            },
        }
    }

    fn ask_for(&self, link: Link, expires_at: Timestamp) -> Reply {
        if self.url_elicitation {
            self.input_required(Some(link.clone().into_needed()), link, expires_at)
        } else {
            Reply::InWords(link.into_needed())
        }
    }

    fn input_required(&self, link: Option<LinkNeeded>, waiting: Link, expires_at: Timestamp) -> Reply {
        let ticket = Ticket { state: State { waiting: Waiting::Link(waiting) }, expires_at };
        match ticket.seal(self.endpoint.context.settings.sealers(), &self.place) {
            Ok(state) => Reply::InputRequired { link, state },
            Err(fault) => Reply::Refused(self.endpoint.internal(&fault)),
        }
    }

    async fn hold(&self, link: &Link) -> Result<LinkStatus, Fault> {
        let backend = &self.endpoint.backend;
        backend.hold(self.principal, link.leads_to, &link.id).await?;
        backend.link_status(self.principal, link.leads_to, &link.id).await
    }

    fn now(&self) -> Timestamp {
        self.endpoint.context.platform.clock.now()
    }
}

/// What our one question is called among those of a request.
fn key(leads_to: Destination) -> String {
    match leads_to {
        Destination::Connection(site) => format!("{}_connect", site.to_string().replace('/', "_")),
        Destination::Approval => "approval".to_owned(),
    }
}

/// What the retry says of our one question; answers to questions that were not asked are read over.
fn action(leads_to: Destination, answers: &Map<String, Value>) -> Result<Option<Action>, Error> {
    let key = key(leads_to);
    let Some(result) = answers.get(&key).filter(|result| !result.is_null()) else { return Ok(None) };
    match result.get("action").and_then(Value::as_str) {
        Some("accept") => Ok(Some(Action::Accept)),
        Some("decline") => Ok(Some(Action::Decline)),
        Some("cancel") => Ok(Some(Action::Cancel)),
        _ => Err(invalid(format!("inputResponses.{key} is not an elicitation's result"))),
    }
}

/// The `inputRequests` of a result that asks for this link to be opened.
pub fn input_requests(link: &LinkNeeded) -> Value {
    json!({ key(link.leads_to): {
        "method": "elicitation/create",
        "params": { "mode": "url", "message": link.message, "url": link.url },
    }})
}

/// The error by which a legacy client, from 2025-11-25 on, is asked for the same.
pub fn required_error(needed: &LinkNeeded) -> Error {
    Error::new(Error::URL_ELICITATION_REQUIRED, needed.message.clone()).with_data(json!({ "elicitations": [{
        "mode": "url",
        "elicitationId": needed.id,
        "url": needed.url,
        "message": needed.message,
    }]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_who_declines_ends_the_elicitation_in_every_round() {
        for round in 0..=ROUNDS {
            assert_eq!(on_retry(round, Some(Action::Decline)), Move::GiveUp);
        }
    }

    #[test]
    fn a_link_that_nobody_saw_is_handed_over_in_every_round() {
        for round in 0..=ROUNDS {
            assert_eq!(on_retry(round, Some(Action::Cancel)), Move::HandOver);
        }
    }

    #[test]
    fn a_request_whose_person_accepts_is_held() {
        assert_eq!(on_retry(0, Some(Action::Accept)), Move::Hold);
    }

    #[test]
    fn a_first_retry_without_an_answer_is_asked_again() {
        assert_eq!(on_retry(0, None), Move::AskAgain);
    }

    #[test]
    fn later_rounds_are_held_without_an_answer() {
        assert_eq!(on_retry(1, None), Move::Hold);
    }

    #[test]
    fn the_status_of_the_link_decides_after_a_hold_in_every_round() {
        for round in 0..=ROUNDS {
            assert_eq!(after_hold(round, LinkStatus::Settled), Next::Run);
            assert_eq!(after_hold(round, LinkStatus::Failed), Next::Fail);
            assert_eq!(after_hold(round, LinkStatus::Ended), Next::Refuse);
        }
    }

    #[test]
    fn a_pending_link_is_waited_for_in_eight_more_rounds() {
        let rounds: Vec<_> = (0..=ROUNDS).map(|round| after_hold(round, LinkStatus::Pending)).collect();
        assert_eq!(rounds.last(), Some(&Next::HandOver));
        assert_eq!(rounds[..8], (1..=8).map(Next::Return).collect::<Vec<_>>());
    }
}
