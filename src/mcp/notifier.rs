//! The line between a method and whoever sent its request, before the answer: notifications one way, the end of
//! all interest the other.

use std::{
    cell::{Cell, OnceCell},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::{
    FutureExt,
    future::{Either, select},
};
use serde::Serialize;
use serde_json::Value;

use super::{
    jsonrpc::{self, Id, OwnedId, Request},
    reply::Form,
};
use crate::platform::{
    Platform,
    caller::Caller,
    clock::{Clock, Timestamp},
};

/// The shortest time between two reports of progress.
const PAUSE: Duration = Duration::from_millis(100);
/// How often something that is waited for is reported.
const TICK: Duration = Duration::from_secs(5);

/// What one request's method has said so far, and to which id.
pub struct Outbox {
    sender: UnboundedSender<Vec<u8>>,
    /// Of the request that the notifications belong to.
    id: OnceCell<OwnedId>,
}

impl Outbox {
    /// An outbox, and the messages put into it.
    pub fn new() -> (Rc<Self>, UnboundedReceiver<Vec<u8>>) {
        let (sender, messages) = unbounded();
        (Rc::new(Self { sender, id: OnceCell::new() }), messages)
    }

    /// The id of the request that has spoken.
    pub fn id(&self) -> Option<Id<'_>> {
        self.id.get().map(OwnedId::borrowed)
    }

    /// Puts the last message in.
    pub fn close(&self, last: Vec<u8>) {
        self.put(last);
        self.sender.close_channel();
    }

    fn put(&self, message: Vec<u8>) {
        // Nobody receives it where the client has gone; then nobody misses it either.
        let _ = self.sender.unbounded_send(message);
    }
}

/// Sends notifications on the stream of one request. The reply becomes a stream with the first of them.
#[derive(Clone)]
pub struct Notifier(Option<Rc<Speaking>>);

struct Speaking {
    outbox: Rc<Outbox>,
    /// The client takes a stream.
    is_heard: bool,
    clock: Rc<dyn Clock>,
    cancelled: Option<Rc<dyn Caller>>,
    token: Option<OwnedId>,
    #[cfg(feature = "conformance")]
    wants_logs: bool,
    reported: Cell<Option<Report>>,
}

/// What it means that the client closes its connection while a request is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HangingUp {
    /// The work is to end: the modern era has no other way to say so.
    Cancels,
    /// The work goes on: in the legacy era connections come and go.
    MeansNothing,
}

/// The last report of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Report {
    progress: u64,
    at: Timestamp,
}

impl Notifier {
    /// Nobody listens: what is said is lost, as in a batch, whose answer is one piece.
    pub const SILENT: Self = Self(None);

    /// For this request.
    pub fn of(
        request: &Request<'_>,
        outbox: &Rc<Outbox>,
        form: Form,
        platform: &Platform,
        hanging_up: HangingUp,
    ) -> Self {
        outbox.id.get_or_init(|| request.id.owned());
        Self(Some(Rc::new(Speaking {
            outbox: Rc::clone(outbox),
            is_heard: form != Form::Json,
            clock: Rc::clone(&platform.clock),
            cancelled: (hanging_up == HangingUp::Cancels).then(|| Rc::clone(&platform.caller)),
            token: request.params.progress_token().map(Id::owned),
            #[cfg(feature = "conformance")]
            wants_logs: request.params.wants_logs(),
            reported: Cell::default(),
        })))
    }

    /// Whether anything can be said before the answer.
    pub fn is_heard(&self) -> bool {
        self.0.as_ref().is_some_and(|speaking| speaking.is_heard)
    }

    /// Sends a notification.
    pub fn notify(&self, method: &str, params: &impl Serialize) {
        self.send(jsonrpc::notification(method, params));
    }

    /// Sends a request of ours. Never to a modern client: those are asked by the result.
    pub fn request(&self, id: &str, request: &Value) {
        self.send(jsonrpc::request(id, request));
    }

    fn send(&self, message: Vec<u8>) {
        if let Some(speaking) = &self.0 {
            speaking.outbox.put(message);
        }
    }

    /// Sends a log message of the level `info` to a client that wants such.
    #[cfg(feature = "conformance")]
    pub fn log(&self, data: &str) {
        if self.0.as_ref().is_some_and(|speaking| speaking.wants_logs) {
            self.notify("notifications/message", &serde_json::json!({ "level": "info", "data": data }));
        }
    }

    /// The token that the client wants progress reported under.
    pub fn progress_token(&self) -> Option<Id<'_>> {
        self.0.as_ref()?.token.as_ref().map(OwnedId::borrowed)
    }

    /// Does work that may be left unfinished; `None` where it was, because the request was cancelled.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let Some(caller) = self.0.as_ref().and_then(|speaking| speaking.cancelled.as_ref()) else {
            return Some(work.await);
        };
        match select(pin!(work), caller.gone()).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }

    /// Reports progress where the client asked for it. What does not lie ahead of the last report, or follows
    /// it too soon, is left out.
    pub fn progress(&self, progress: u64, total: Option<u64>, message: &str) {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Progress<'a> {
            progress_token: Id<'a>,
            progress: u64,
            #[serde(skip_serializing_if = "Option::is_none")]
            total: Option<u64>,
            message: &'a str,
        }
        let (Some(speaking), Some(progress_token)) = (&self.0, self.progress_token()) else { return };
        let report = Report { progress, at: speaking.clock.now() };
        if may_follow(report, speaking.reported.get()) {
            speaking.reported.set(Some(report));
            self.notify("notifications/progress", &Progress { progress_token, progress, total, message });
        }
    }

    /// Waits for something that may take long, and reports the seconds it has taken, where the client asked.
    pub async fn while_waiting<T>(&self, message: &str, work: impl Future<Output = T>) -> T {
        let (Some(speaking), Some(_)) = (&self.0, self.progress_token()) else { return work.await };
        let started = speaking.clock.now();
        let mut work = work.boxed_local();
        loop {
            match select(work, speaking.clock.sleep(TICK)).await {
                Either::Left((done, _)) => return done,
                Either::Right((_, unfinished)) => work = unfinished,
            }
            self.progress(speaking.clock.now().since(started).as_secs(), None, message);
        }
    }
}

/// Whether a report may be sent after that one.
fn may_follow(report: Report, last: Option<Report>) -> bool {
    last.is_none_or(|last| report.progress > last.progress && report.at.since(last.at) >= PAUSE)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn progress_only_rises_and_never_hurries(reports in prop::collection::vec((0..50_u64, 0..200_i64), 0..40)) {
            let (mut sent, mut now) = (Vec::<Report>::new(), 0);
            for (progress, later) in reports {
                now += later;
                let report = Report { progress, at: Timestamp(now) };
                if may_follow(report, sent.last().copied()) {
                    sent.push(report);
                }
            }
            for (earlier, later) in sent.iter().zip(sent.iter().skip(1)) {
                prop_assert!(later.progress > earlier.progress && later.at.since(earlier.at) >= PAUSE);
            }
        }
    }
}
