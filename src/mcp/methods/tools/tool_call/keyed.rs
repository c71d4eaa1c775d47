//! A call under an idempotency key: how its end is kept, and the answer to whoever sends it again.

use super::ToolCall;
use crate::{
    catalog::refusal::Sort,
    mcp::messages::answer::Answer,
    platform::{Fault, log::Level},
    session::{
        self,
        commands::{AwaitKeyed, EndKeyed},
        idempotency::{Ending, Repeat},
    },
    upstream,
};

/// For the audit.
const REPEATS: &str = "an idempotency key that was used before";

impl ToolCall<'_> {
    /// Has the Session object keep how the call ended, where it has a key; without an ending it changed nothing. Where that
    /// fails, whoever sends the call again is told that its outcome is unknown.
    pub(super) async fn end_keyed(&self, ending: Option<Ending>) {
        let Some(keyed) = self.keyed.clone() else { return };
        let ended = session::turn(self.context, &self.principal.subject, EndKeyed { keyed, ending }).await;
        if let Err(fault) = ended {
            let fields = [("detail", fault.to_string().into())];
            self.context.log(Level::Error, "the outcome of a call with an idempotency key was not kept", &fields);
        }
    }

    /// The answer where the key is forgotten under which a call was made.
    pub(super) fn forgotten(&self) -> Answer<upstream::Answer> {
        let cause = "the call was let through once, and its answer is kept no longer. Do not simply repeat it.";
        let next = self.arguments.call_of(self.operation).map_or("", |call| call.when_unknown);
        Answer::Failed(Sort::Unknown.because(cause, next))
    }

    /// The answer to a call whose key was used before: that of the first call, which is waited for.
    pub(super) async fn repeated(&self, repeat: Repeat) -> Result<Answer<upstream::Answer>, Fault> {
        self.record_refusal(REPEATS);
        let known = match (repeat, &self.keyed) {
            (Repeat::Running, Some(keyed)) => {
                let keyed = keyed.clone();
                session::turn(self.context, &self.principal.subject, AwaitKeyed { keyed }).await?
            }
            (known, _) => Some(known),
        };
        let cause = |sort: Sort, cause, next| Answer::Failed(sort.because(cause, next));
        Ok(match known {
            Some(Repeat::Ended(Ending::Done(text))) => {
                // Whose texts it shows was known when it was answered first.
                let mut answer = upstream::Answer {
                    authors: Some(Box::new(upstream::Authors::anybody())),
                    ..upstream::Answer::words(text)
                };
                self.mark(&mut answer).await?;
                Answer::Complete(answer)
            }
            Some(Repeat::Ended(Ending::Unknown(text))) => Answer::Failed(text),
            Some(Repeat::Running) => cause(
                Sort::NotRun,
                "the first call with this idempotency key is still running.",
                "send the same call with the same key again in a while.",
            ),
            Some(Repeat::OtherCall) => cause(
                Sort::NotRun,
                "this idempotency key was used for a call with other arguments.",
                "send a call of its own with a key of its own.",
            ),
            Some(Repeat::Unheard) => cause(
                Sort::Unknown,
                "nothing says how the first call with this idempotency key ended. Do not simply repeat it.",
                self.arguments.call_of(self.operation).map_or("", |call| call.when_unknown),
            ),
            None => cause(
                Sort::NotRun,
                "the first call with this idempotency key changed nothing.",
                "send the same call again.",
            ),
        })
    }
}
