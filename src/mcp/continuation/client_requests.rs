//! Requests of a server to a legacy client (elicitation, sampling, roots) while its own request is served. They go out
//! on the stream of that request; the client posts each response by itself, to whichever isolate, and the subject's
//! Session object is where it is found again.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::seal::{Purpose, Sealer},
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

/// The id of a request of ours. It is sealed, so that nobody can respond to a request that they never got.
#[derive(Serialize, Deserialize)]
struct RequestId {
    expires: Timestamp,
}

impl RequestId {
    fn seal(&self, sealer: &Sealer, principal: &Principal) -> Result<String, Fault> {
        let json = serde_json::to_string(self).map_err(|error| Fault::new("request id", error))?;
        sealer.seal(&json, &place(principal))
    }

    fn is_ours(sealer: &Sealer, principal: &Principal, id: &str, now: Timestamp) -> bool {
        let opened = sealer.open(id, &place(principal));
        opened
            .and_then(|json| serde_json::from_str::<Self>(json.expose()).ok())
            .is_some_and(|request| now < request.expires)
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
    let expires = clock.now() + LIFE;
    let mut pending = Vec::new();
    for (key, request) in &needed.requests {
        let id = RequestId { expires }.seal(endpoint.context.settings.sealer(Purpose::Session), principal);
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
                None if clock.now() >= expires => {
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
    if !RequestId::is_ours(endpoint.context.settings.sealer(Purpose::Session), principal, id, now) {
        return;
    }
    if let Err(fault) = endpoint.backend.put_response(principal, id, response).await {
        endpoint.internal(&fault);
    }
}
