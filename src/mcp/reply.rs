//! The form of a reply: JSON, or a stream of events where the method says something before its answer.

use std::{iter, rc::Rc};

use futures_channel::mpsc::UnboundedReceiver;
use futures_util::{
    StreamExt,
    future::{Either, LocalBoxFuture, select},
    stream::{self, unfold},
};

use super::{
    jsonrpc::{self, Error},
    notifier::Outbox,
    sse,
};
use crate::platform::{
    clock::Clock,
    http::{Content, Response},
};

/// Waits for the answer. Whatever is put into the outbox before makes the reply a stream, which ends with it.
pub async fn reply(
    clock: Rc<dyn Clock>,
    outbox: Rc<Outbox>,
    mut said: UnboundedReceiver<Vec<u8>>,
    answer: LocalBoxFuture<'static, Response>,
) -> Response {
    match select(answer, said.next()).await {
        Either::Left((response, _)) => match said.try_recv() {
            Err(_) => response,
            Ok(first) => {
                let rest = [vec![first], ending(&outbox, &mut said, response)].concat();
                sse::response(clock, stream::iter(rest).boxed_local())
            }
        },
        Either::Right((first, answer)) => {
            let rest = unfold(Some((outbox, said, answer)), |state| async {
                let (outbox, mut said, answer) = state?;
                Some(match select(said.next(), answer).await {
                    Either::Left((message, answer)) => (vec![message?], Some((outbox, said, answer))),
                    Either::Right((response, _)) => (ending(&outbox, &mut said, response), None),
                })
            });
            sse::response(clock, stream::iter(first).chain(rest.flat_map(stream::iter)).boxed_local())
        }
    }
}

/// What was said just before the answer, and the answer.
fn ending(outbox: &Outbox, said: &mut UnboundedReceiver<Vec<u8>>, response: Response) -> Vec<Vec<u8>> {
    iter::from_fn(|| said.try_recv().ok()).chain([last(outbox, response)]).collect()
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
