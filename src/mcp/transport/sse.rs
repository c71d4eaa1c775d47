//! Replies that are streams of server-sent events (SSE, `text/event-stream`), each scoped to one request. There are no
//! event ids: nothing is kept that a client could come back for.

use std::{rc::Rc, time::Duration};

use futures::{
    StreamExt,
    future::{Either, select},
    stream::{LocalBoxStream, unfold},
};

use crate::platform::{clock::Clock, http::Response};

/// How long a stream is silent before a keep-alive: proxies take silence for an end.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A comment, which every reader of events ignores.
const COMMENT: &[u8] = b": keep-alive\n\n";

/// A reply of these JSON-RPC messages, each sent as soon as it is there. It ends when they do.
pub fn response(clock: Rc<dyn Clock>, messages: LocalBoxStream<'static, Vec<u8>>) -> Response {
    let pieces = unfold((clock, messages), |(clock, mut messages)| async move {
        let piece = match select(messages.next(), clock.sleep(KEEP_ALIVE)).await {
            Either::Left((message, _)) => event(&message?),
            Either::Right(_) => COMMENT.to_vec(),
        };
        Some((piece, (clock, messages)))
    });
    Response::stream(200, "text/event-stream", pieces.boxed_local())
        .with("cache-control", "no-cache, no-transform")
        .with("x-accel-buffering", "no")
}

/// The event of a message, which is one line of JSON.
fn event(message: &[u8]) -> Vec<u8> {
    [b"event: message\ndata: ", message, b"\n\n"].concat()
}

#[cfg(test)]
mod tests {
    use futures::stream;
    use futures_executor::block_on;

    use super::*;
    use crate::platform::{http::Content, native::memory::TestClock};

    fn pieces(messages: LocalBoxStream<'static, Vec<u8>>, most: usize) -> Vec<String> {
        let Content::Stream(pieces) = response(Rc::new(TestClock::default()), messages).body else {
            panic!("not a stream")
        };
        let pieces: Vec<_> = block_on(pieces.take(most).collect());
        pieces.into_iter().map(|piece| String::from_utf8(piece).unwrap()).collect()
    }

    #[test]
    fn each_message_is_one_event_without_an_id() {
        let messages = stream::iter([b"{}".to_vec(), b"[]".to_vec()]).boxed_local();
        assert_eq!(pieces(messages, 9), ["event: message\ndata: {}\n\n", "event: message\ndata: []\n\n"]);
    }

    #[test]
    fn a_silent_stream_sends_keep_alives() {
        assert_eq!(pieces(stream::pending().boxed_local(), 2), [": keep-alive\n\n", ": keep-alive\n\n"]);
    }
}
