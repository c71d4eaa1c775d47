//! Notifications, progress and cancellation: what a method says to its client before the answer, and how it learns that
//! the client has gone.

use std::{cell::Cell, pin::pin, rc::Rc, time::Duration};

use futures::{
    FutureExt,
    future::{Either, select},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    mcp::{
        transport::{form::Form, outbox::Outbox},
        wire::{
            id::{Id, OwnedId},
            jsonrpc::{self, Request},
        },
    },
    platform::{
        Platform,
        caller::Caller,
        clock::{Clock, Timestamp},
    },
};

/// The shortest time between two reports of progress.
const PAUSE: Duration = Duration::from_millis(100);
/// The time between two reports on something that takes long.
const TICK: Duration = Duration::from_secs(5);

/// Sends notifications on the stream of one request. The reply becomes a stream with the first of them.
#[derive(Clone)]
pub struct Notifier(Option<Rc<RequestStream>>);

struct RequestStream {
    outbox: Rc<Outbox>,
    /// The client takes a stream.
    has_stream: bool,
    clock: Rc<dyn Clock>,
    cancelled: Option<Rc<dyn Caller>>,
    token: Option<OwnedId>,
    began: Timestamp,
    #[cfg(feature = "conformance")]
    wants_logs: bool,
    reported: Cell<Option<Report>>,
}

/// What to do when the client closes its connection (disconnects) while its request is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDisconnect {
    /// The work is to end: the modern era has no other way to say so.
    Cancel,
    /// The work goes on: in the legacy era connections come and go.
    Continue,
}

/// The last report of progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Report {
    progress: u64,
    at: Timestamp,
}

impl Notifier {
    /// A notifier that nobody listens to, as in a batch, whose answer is one piece.
    pub const SILENT: Self = Self(None);

    /// The notifier of this request.
    pub fn of(
        request: &Request<'_>,
        outbox: &Rc<Outbox>,
        form: Form,
        platform: &Platform,
        on_disconnect: OnDisconnect,
    ) -> Self {
        outbox.begin(request.id);
        Self(Some(Rc::new(RequestStream {
            outbox: Rc::clone(outbox),
            has_stream: form != Form::Json,
            clock: Rc::clone(&platform.clock),
            cancelled: (on_disconnect == OnDisconnect::Cancel).then(|| Rc::clone(&platform.caller)),
            token: request.params.progress_token().map(Id::owned),
            began: platform.clock.now(),
            #[cfg(feature = "conformance")]
            wants_logs: request.params.wants_logs(),
            reported: Cell::default(),
        })))
    }

    /// Whether anything can be said before the answer.
    pub fn has_stream(&self) -> bool {
        self.0.as_ref().is_some_and(|stream| stream.has_stream)
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
        if let Some(stream) = &self.0 {
            stream.outbox.put(message);
        }
    }

    /// Sends a log message of the level `info` to a client that wants such.
    #[cfg(feature = "conformance")]
    pub fn log(&self, data: &str) {
        if self.0.as_ref().is_some_and(|stream| stream.wants_logs) {
            self.notify("notifications/message", &serde_json::json!({ "level": "info", "data": data }));
        }
    }

    /// The token that the client wants progress reported under.
    pub fn progress_token(&self) -> Option<Id<'_>> {
        self.0.as_ref()?.token.as_ref().map(OwnedId::borrowed)
    }

    /// Does work that may be left unfinished; `None` where it was, because the request was cancelled.
    pub async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let Some(caller) = self.0.as_ref().and_then(|stream| stream.cancelled.as_ref()) else {
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
        let (Some(stream), Some(progress_token)) = (&self.0, self.progress_token()) else { return };
        let report = Report { progress, at: stream.clock.now() };
        if may_follow(report, stream.reported.get()) {
            stream.reported.set(Some(report));
            self.notify("notifications/progress", &Progress { progress_token, progress, total, message });
        }
    }

    /// Reports what is waited for, and the seconds that the request has taken, where the client asked.
    pub fn report(&self, message: &str) {
        if let Some(stream) = &self.0 {
            self.progress(stream.clock.now().since(stream.began).as_secs(), None, message);
        }
    }

    /// Waits for something that may take long, and reports so where the client asked and nothing else was reported lately.
    pub async fn while_waiting<T>(&self, message: &str, work: impl Future<Output = T>) -> T {
        let (Some(stream), Some(_)) = (&self.0, self.progress_token()) else { return work.await };
        let mut work = work.boxed_local();
        loop {
            match select(work, stream.clock.sleep(TICK)).await {
                Either::Left((done, _)) => return done,
                Either::Right((_, unfinished)) => work = unfinished,
            }
            if stream.reported.get().is_none_or(|last| stream.clock.now().since(last.at) >= TICK) {
                self.report(message);
            }
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
