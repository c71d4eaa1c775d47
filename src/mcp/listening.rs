//! Streams that tell a client when the list of its tools has changed, in both eras.
//!
//! A stream asks its subject's Session object every few seconds what may be listed, and compares. A turn that waited
//! inside the object for a change would keep that object in memory, and on the bill, for as long as anybody
//! listens; so asked, it is awake for milliseconds, and may sleep in between. A stream in a Worker costs nothing while
//! it waits. And what is compared is the list that this subject would get, so nobody hears of another's change.

use std::time::Duration;

use futures_util::{
    Stream, StreamExt,
    stream::{self, unfold},
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    endpoint::{Endpoint, Neighbours},
    jsonrpc::{self, Id},
    params::SubscriptionFilter,
    results::Modern,
    sse,
};
use crate::{
    authorization::bearer::Principal,
    crypto::digest,
    platform::{Fault, clock::Timestamp, http::Response},
    session::streams,
};

/// How often a stream asks. With [the age of a policy](crate::session::object), a change is told within 10 s.
const PERIOD: Duration = if cfg!(feature = "conformance") {
    Duration::from_millis(250) // the suite waits for a change no longer than 1.5 s
} else {
    Duration::from_secs(5)
};
/// When a stream ends by itself: a client that still listens comes back, to the code that is deployed then.
const LIFE: Duration = Duration::from_hours(1);

/// One client that listens.
struct Listener<N> {
    endpoint: Endpoint<N>,
    principal: Principal,
    opened: Timestamp,
    /// Digest of the list as last told.
    known: String,
}

impl<N: Neighbours> Listener<N> {
    /// `None` where the grant has ended.
    async fn open(endpoint: &Endpoint<N>, principal: &Principal) -> Result<Option<Self>, Fault> {
        let opened = endpoint.postern.platform.clock.now();
        let known = String::new();
        let mut listener = Self { endpoint: endpoint.clone(), principal: principal.clone(), opened, known };
        Ok(listener.ask().await?.map(|_| listener))
    }

    /// Whether the list has changed since it was last asked for; `None` where the stream is to end.
    async fn ask(&mut self) -> Result<Option<bool>, Fault> {
        let request = self.endpoint.postern.request_id.clone();
        let stream = streams::Stream { opened: self.opened, request };
        let Some(list) = self.endpoint.neighbours.listen(&self.principal, stream).await? else { return Ok(None) };
        let now = digest::sha256(&Value::Array(list).to_string());
        let changed = now != self.known;
        self.known = now;
        Ok(Some(changed))
    }

    /// Waits for a change; `None` where the stream is to end.
    async fn change(&mut self) -> Option<()> {
        let clock = self.endpoint.postern.platform.clock.clone();
        while clock.now().since(self.opened) < LIFE {
            clock.sleep(PERIOD).await;
            match self.ask().await {
                Ok(Some(true)) => return Some(()),
                Ok(Some(false)) => {}
                Ok(None) => return None,
                // The client comes back, to an object that works again.
                Err(fault) => {
                    self.endpoint.internal(&fault);
                    return None;
                }
            }
        }
        None
    }

    /// One item for each change.
    fn changes(self) -> impl Stream<Item = ()> {
        unfold(self, |mut listener| async move { listener.change().await.map(|()| ((), listener)) })
    }
}

#[derive(Serialize)]
struct Nothing {}

/// Answers `subscriptions/listen`: first what is honoured, then the changes, each with the id of the request, and in
/// the end its result.
///
/// # Errors
/// Where it cannot be told what may be listed.
pub async fn modern<N: Neighbours>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    id: Id<'_>,
    filter: &SubscriptionFilter,
) -> Result<Response, jsonrpc::Error> {
    let id = id.owned();
    let tag = json!({ "io.modelcontextprotocol/subscriptionId": id.borrowed() });
    let honoured = if filter.wants_tools() { json!({ "toolsListChanged": true }) } else { json!({}) };
    let acknowledged = json!({ "notifications": honoured, "_meta": tag });
    let acknowledged = jsonrpc::notification("notifications/subscriptions/acknowledged", &acknowledged);
    let changed = jsonrpc::notification(LIST_CHANGED, &json!({ "_meta": tag }));
    let ended = jsonrpc::success(id.borrowed(), &Modern::complete(Nothing {}).of_subscription(id.borrowed()));
    let changes = if filter.wants_tools() {
        match Listener::open(endpoint, principal).await.map_err(|fault| endpoint.internal(&fault))? {
            Some(listener) => listener.changes().map(move |()| changed.clone()).boxed_local(),
            None => return Ok(endpoint.neighbours.grant_ended()),
        }
    } else {
        stream::empty().boxed_local()
    };
    let messages = stream::iter([acknowledged]).chain(changes).chain(stream::iter([ended]));
    Ok(sse::response(endpoint.postern.platform.clock.clone(), messages.boxed_local()))
}

/// Answers the GET of a legacy client: the changes, until the stream ends.
///
/// # Errors
/// Where it cannot be told what may be listed.
pub async fn legacy<N: Neighbours>(endpoint: &Endpoint<N>, principal: &Principal) -> Result<Response, jsonrpc::Error> {
    let changed = jsonrpc::notification(LIST_CHANGED, &json!({}));
    match Listener::open(endpoint, principal).await.map_err(|fault| endpoint.internal(&fault))? {
        Some(listener) => {
            let messages = listener.changes().map(move |()| changed.clone());
            Ok(sse::response(endpoint.postern.platform.clock.clone(), messages.boxed_local()))
        }
        None => Ok(endpoint.neighbours.grant_ended()),
    }
}

const LIST_CHANGED: &str = "notifications/tools/list_changed";
