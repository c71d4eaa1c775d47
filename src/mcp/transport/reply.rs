//! The form of a reply: JSON, or a stream of events where the method says something before its answer.

use std::{borrow::Cow, rc::Rc};

use futures::channel::mpsc::UnboundedReceiver;
use futures::{
    FutureExt, StreamExt,
    future::{Either, LocalBoxFuture, select},
    stream,
};

use crate::{
    mcp::{
        transport::{form::Form, outbox::Outbox, sse},
        wire::{error::Error, jsonrpc},
    },
    platform::{
        Platform,
        http::{Content, Response},
    },
};

/// The status that servers log for a client that hung up; nobody is there to receive it.
const CLIENT_CLOSED_REQUEST: u16 = 499;

/// Waits for the answer. Whatever is put into the outbox before makes the reply a stream, which ends with it. Work
/// whose client has gone is not dropped but comes to its end, soon where it heeds
/// [`unless_cancelled`](super::notifier::Notifier::unless_cancelled): what it did must still be put on record.
pub async fn reply(
    platform: &Platform,
    form: Form,
    outbox: Rc<Outbox>,
    messages: UnboundedReceiver<Vec<u8>>,
    answer: LocalBoxFuture<'static, Response>,
) -> Response {
    let mut messages = if form == Form::Json { stream::pending().boxed_local() } else { messages.boxed_local() };
    let Platform { clock, caller, .. } = platform;
    match select(answer, select(messages.next(), caller.gone())).await {
        Either::Left((response, _)) => match messages.next().now_or_never().flatten() {
            None if form == Form::Events => as_event(platform, response),
            None => response,
            Some(first) => {
                outbox.close(last(&outbox, response));
                sse::response(Rc::clone(clock), stream::iter([first]).chain(messages).boxed_local())
            }
        },
        Either::Right((Either::Left((first, _)), answer)) => {
            caller.finish_without(answer.map(move |response| outbox.close(last(&outbox, response))).boxed_local());
            sse::response(Rc::clone(clock), stream::iter(first).chain(messages).boxed_local())
        }
        Either::Right((Either::Right(_), answer)) => {
            caller.finish_without(answer.map(drop).boxed_local());
            Response::empty(CLIENT_CLOSED_REQUEST)
        }
    }
}

/// A response whose message comes as the one event of a stream. Errors of HTTP stay what they are: their status is
/// what tells.
fn as_event(platform: &Platform, response: Response) -> Response {
    match response {
        Response { status: 200, headers, body: Content::Whole(message) } => {
            let mut event = sse::response(Rc::clone(&platform.clock), stream::iter([message]).boxed_local());
            let others = |(name, _): &(Cow<'static, str>, String)| !matches!(&**name, "content-type" | "cache-control");
            event.headers.extend(headers.into_iter().filter(others));
            event
        }
        response => response,
    }
}

/// The last message of a stream: the answer. The stream's status was sent long ago, so an answer that needs one of
/// its own, such as a challenge, comes as an error.
fn last(outbox: &Outbox, response: Response) -> Vec<u8> {
    match (response.status, response.body) {
        (200 | 500, Content::Whole(message)) => message,
        (status, _) => {
            let message = format!("ended with HTTP status {status}; send the request again to get the whole answer");
            jsonrpc::failure(outbox.id(), &Error::new(Error::INTERNAL, message))
        }
    }
}
