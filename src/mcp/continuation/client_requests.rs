//! Requests of a server to a legacy client (elicitation, sampling, roots) while its own request is served. They go out
//! on the stream of that request; the client posts each response by itself, to whichever isolate, and the subject's
//! Session object is where it is found again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::{
        seal::{Purpose, Sealers},
        ticket::{Ticket, TicketState},
    },
    mcp::{
        backend::{Backend, ClientResponse},
        endpoint::Endpoint,
        messages::input::InputNeeded,
        transport::notifier::Notifier,
        wire::error::Error,
    },
    platform::{Fault, clock::Timestamp},
};

/// How long a response is waited for: people fill in forms.
const LIFE: Duration = Duration::from_mins(5);
/// The pause between two looks for a response.
const PAUSE: Duration = Duration::from_millis(250);
/// How many times one request may ask its client for something.
pub const ROUNDS: u8 = 10;

/// The id of a request of ours: a ticket that carries nothing, so that nobody can respond to a request that they never
/// got.
#[derive(Serialize, Deserialize)]
struct RequestId {}

impl TicketState for RequestId {
    const PURPOSE: Purpose = Purpose::Session;
}

impl RequestId {
    fn seal(sealers: &Sealers, principal: &Principal, expires_at: Timestamp) -> Result<String, Fault> {
        Ticket { state: Self {}, expires_at }.seal(sealers, &place(principal))
    }

    fn is_ours(sealers: &Sealers, principal: &Principal, id: &str, now: Timestamp) -> bool {
        Ticket::<Self>::open(sealers, id, &place(principal), now).is_ok()
    }
}

fn place(principal: &Principal) -> String {
    json!(["mcp request to a client", principal.subject, principal.client]).to_string()
}

/// Sends the client what has to be asked, and waits for all of its answers; each comes under the key of its question.
///
/// # Errors
/// Where the client refuses, or does not respond in time.
pub async fn ask<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    notifier: &Notifier,
    needed: &InputNeeded,
) -> Result<Map<String, Value>, Error> {
    let clock = &endpoint.context.platform.clock;
    let expires_at = clock.now() + LIFE;
    let mut pending = Vec::new();
    for (key, request) in &needed.requests {
        let id = RequestId::seal(endpoint.context.settings.sealers(), principal, expires_at);
        let id = id.map_err(|fault| endpoint.internal(&fault))?;
        notifier.request(&id, &request.request());
        pending.push((*key, id));
    }
    let mut answers = Map::new();
    for (key, id) in pending {
        let response = loop {
            let response = endpoint.backend.take_response(principal, &id).await;
            match response.map_err(|fault| endpoint.internal(&fault))? {
                Some(response) => break response,
                None if clock.now() >= expires_at => {
                    return Err(Error::new(Error::NOT_DONE, "the client did not respond"));
                }
                None => clock.sleep(PAUSE).await,
            }
        };
        let refused = || Error::new(Error::NOT_DONE, "the client refused what was asked of it");
        answers.insert(key.to_owned(), response.result.ok_or_else(refused)?);
    }
    Ok(answers)
}

/// Keeps a response that a client posted, where it answers a request of ours. Any other is ignored.
pub async fn receive<N: Backend>(endpoint: &Endpoint<N>, principal: &Principal, id: &str, response: ClientResponse) {
    let now = endpoint.context.platform.clock.now();
    if !RequestId::is_ours(endpoint.context.settings.sealers(), principal, id, now) {
        return;
    }
    if let Err(fault) = endpoint.backend.put_response(principal, id, response).await {
        endpoint.internal(&fault);
    }
}
