//! Subscriptions: streams that notify a client when the list of its tools has changed
//! (`notifications/tools/list_changed`), in both eras.
//!
//! A stream decides every few seconds what may be listed, compares, and tells its subject's Session object that it is
//! open. A turn that waited inside the object for a change would keep that object in memory, and on the bill, for as
//! long as anybody listens; so it is awake for milliseconds, and may sleep in between. A stream in a Worker costs
//! nothing while it waits. And what is compared is the list that this subject would get, so nobody hears of another's
//! change.

use std::time::Duration;

use futures::{
    Stream, StreamExt,
    stream::{self, unfold},
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    authorization::principal::Principal,
    crypto::digest,
    mcp::{
        backend::Backend,
        endpoint::Endpoint,
        messages::result::Modern,
        transport::sse,
        wire::{error::Error, id::Id, jsonrpc, params::SubscriptionFilter},
    },
    platform::{Fault, clock::Timestamp, http::Response},
    session::{
        commands::{NotHeard, Refusal},
        streams,
    },
};

/// How often a stream asks for its list. With the age of [a policy](crate::governance::snapshot_cache), a change is
/// told within 10 s.
const PERIOD: Duration = if cfg!(feature = "conformance") {
    Duration::from_millis(250) // the suite waits for a change no longer than 1.5 s
} else {
    Duration::from_secs(5)
};
/// How long a stream lives: a client that still listens comes back, to the code that is deployed then.
const LIFE: Duration = Duration::from_hours(1);

/// How long a legacy stream says nothing before it ends, once its grant has: by then a call has told the client.
const SILENCE: Duration = Duration::from_mins(1);

/// What a stream does when its grant is revoked while it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OnRevocation {
    /// The stream ends, with a result that says so.
    Close,
    /// The stream says nothing more, and ends a minute later. A legacy client takes the end of its stream for a fault,
    /// comes back at once, and asks its person for access, while a call may be asking for the same: of two such,
    /// clients lose one.
    GoQuiet,
}

/// One client that listens.
struct Listener<N> {
    endpoint: Endpoint<N>,
    principal: Principal,
    opened: Timestamp,
    on_revocation: OnRevocation,
    /// The digest of the list that the client knows of.
    known: String,
}

/// How the list compares with what it was when the stream last asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Changed,
    Same,
}

impl<N: Backend> Listener<N> {
    /// Opens a stream; `None` where the grant has ended.
    async fn open(
        endpoint: &Endpoint<N>,
        principal: &Principal,
        on_revocation: OnRevocation,
    ) -> Result<Option<Self>, Error> {
        let opened = endpoint.context.platform.clock.now();
        let known = String::new();
        let mut listener =
            Self { endpoint: endpoint.clone(), principal: principal.clone(), opened, on_revocation, known };
        match listener.ask(true).await.map_err(|fault| endpoint.internal(&fault))? {
            Err(NotHeard::Refused(Refusal::GrantEnded)) => Ok(None),
            Err(NotHeard::Refused(Refusal::RateLimited { retry_after_milliseconds })) => {
                Err(Error::too_many(retry_after_milliseconds))
            }
            Ok(_) | Err(NotHeard::ListenAnew) => Ok(Some(listener)),
        }
    }

    async fn ask(&mut self, opens: bool) -> Result<Result<News, NotHeard>, Fault> {
        let request = self.endpoint.context.request_id.clone();
        let stream = streams::Stream { opened: self.opened, request };
        let list = match self.endpoint.backend.listen(&self.principal, stream, opens).await? {
            Ok(list) => list,
            Err(why) => return Ok(Err(why)),
        };
        let now = digest::sha256(&Value::Array(list).to_string());
        let news = if now == self.known { News::Same } else { News::Changed };
        self.known = now;
        Ok(Ok(news))
    }

    /// Waits for a change; `None` where the stream is to end.
    async fn change(&mut self) -> Option<()> {
        let clock = self.endpoint.context.platform.clock.clone();
        while clock.now().since(self.opened) < LIFE {
            clock.sleep(PERIOD).await;
            match self.ask(false).await {
                Ok(Ok(News::Changed)) => return Some(()),
                Ok(Ok(News::Same)) => {}
                Ok(Err(NotHeard::Refused(Refusal::GrantEnded))) if self.on_revocation == OnRevocation::GoQuiet => {
                    clock.sleep(SILENCE).await;
                    return None;
                }
                Ok(Err(_)) => return None,
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
pub async fn modern<N: Backend>(
    endpoint: &Endpoint<N>,
    principal: &Principal,
    id: Id<'_>,
    filter: &SubscriptionFilter,
) -> Result<Response, Error> {
    let id = id.owned();
    let tag = json!({ "io.modelcontextprotocol/subscriptionId": id.borrowed() });
    let honoured = if filter.wants_tools() { json!({ "toolsListChanged": true }) } else { json!({}) };
    let acknowledged = json!({ "notifications": honoured, "_meta": tag });
    let acknowledged = jsonrpc::notification("notifications/subscriptions/acknowledged", &acknowledged);
    let changed = jsonrpc::notification(LIST_CHANGED, &json!({ "_meta": tag }));
    let ended = jsonrpc::success(id.borrowed(), &Modern::complete(Nothing {}).of_subscription(id.borrowed()));
    let changes = if filter.wants_tools() {
        match Listener::open(endpoint, principal, OnRevocation::Close).await? {
            Some(listener) => listener.changes().map(move |()| changed.clone()).boxed_local(),
            None => return Ok(endpoint.backend.grant_ended()),
        }
    } else {
        stream::empty().boxed_local()
    };
    let messages = stream::iter([acknowledged]).chain(changes).chain(stream::iter([ended]));
    Ok(sse::response(endpoint.context.platform.clock.clone(), messages.boxed_local()))
}

/// Answers the GET of a legacy client: the changes, until the stream ends.
///
/// # Errors
/// Where it cannot be told what may be listed.
pub async fn legacy<N: Backend>(endpoint: &Endpoint<N>, principal: &Principal) -> Result<Response, Error> {
    let changed = jsonrpc::notification(LIST_CHANGED, &json!({}));
    match Listener::open(endpoint, principal, OnRevocation::GoQuiet).await? {
        Some(listener) => {
            let messages = listener.changes().map(move |()| changed.clone());
            Ok(sse::response(endpoint.context.platform.clock.clone(), messages.boxed_local()))
        }
        None => Ok(endpoint.backend.grant_ended()),
    }
}

const LIST_CHANGED: &str = "notifications/tools/list_changed";
