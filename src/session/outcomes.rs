//! Outcomes of reads on their way to their subjects' objects: those of one moment travel together, since a hop to the
//! object costs about as much as the rest of a call, and nobody waits for this one.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use super::commands::{Settle, Settlement};
use crate::{context::Context, identifiers::Subject, platform::Platform};

/// How long the first outcome waits for others. An isolate that dies within it loses them: reads fail open. The
/// outcomes of writes wait for nobody, and their intents are durable already.
const GATHER: Duration = Duration::from_millis(200);

thread_local! {
    /// Of every request that this isolate is serving. Plain data: nothing in it belongs to one request.
    static WAITING: RefCell<HashMap<Subject, Vec<Settlement>>> = RefCell::default();
}

/// Tells the subject's object how a call ended, after the response has been given.
pub fn settle(context: &Context, subject: &Subject, settlement: Settlement, at_once: bool) {
    let is_first = WAITING.with_borrow_mut(|waiting| {
        let outcomes = waiting.entry(subject.clone()).or_default();
        outcomes.push(settlement);
        outcomes.len() == 1
    });
    if at_once {
        tell(&context.platform, subject, Duration::ZERO);
    } else if is_first {
        tell(&context.platform, subject, GATHER);
    }
}

fn tell(platform: &Platform, subject: &Subject, after: Duration) {
    let pause = platform.clock.sleep(after);
    let telling = subject.clone();
    let command = async move {
        if !after.is_zero() {
            pause.await;
        }
        let outcomes = WAITING.with_borrow_mut(|waiting| waiting.remove(&telling))?;
        super::encode(&telling, Settle(outcomes)).ok()
    };
    platform.sessions.call_after_response(&subject.to_string(), Box::pin(command));
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use futures_executor::block_on;
    use futures_util::future::{FutureExt, LocalBoxFuture};

    use super::*;
    use crate::{
        governance::audit::{Call, Outcome},
        identifiers::{ClientId, RequestId},
        platform::{
            Fault,
            clock::Timestamp,
            native::{self, memory::ScriptedHttp},
            sessions::Sessions,
        },
        session::commands::{AnyCommand, Turn},
        settings,
    };

    /// Keeps what is told after the response until the response is given.
    #[derive(Default)]
    struct AfterTheResponse(RefCell<Vec<LocalBoxFuture<'static, Option<String>>>>);

    impl Sessions for AfterTheResponse {
        fn call(&self, _user: &str, _command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
            async { Err(Fault::new("session", "nothing is asked in these tests")) }.boxed_local()
        }

        fn call_after_response(&self, _user: &str, command: LocalBoxFuture<'static, Option<String>>) {
            self.0.borrow_mut().push(command);
        }
    }

    /// How many outcomes each turn brought, and whose.
    fn told(users_and_urgency: &[(&str, bool)]) -> Vec<(String, usize)> {
        let sessions = Rc::new(AfterTheResponse::default());
        let platform = Platform { sessions: sessions.clone(), ..native::platform(ScriptedHttp::unreachable()) };
        let context =
            Context { settings: settings::for_tests().into(), platform, request_id: RequestId::new("request") };
        for (user, at_once) in users_and_urgency {
            settle(&context, &Subject::from((*user).to_owned()), settlement(), *at_once);
        }
        let commands = sessions.0.take().into_iter().filter_map(block_on);
        let turns = commands.map(|command| serde_json::from_str::<Turn>(&command).unwrap());
        turns
            .map(|turn| match turn.command {
                AnyCommand::Settle(Settle(outcomes)) => (turn.subject.to_string(), outcomes.len()),
                _ => panic!("not a settlement"),
            })
            .collect()
    }

    fn settlement() -> Settlement {
        Settlement {
            at: Timestamp(0),
            call: Call {
                request_id: RequestId::new("request"),
                client_id: ClientId::new("client"),
                tool: "whoami".into(),
                target: String::new(),
                arguments_digest: "digest".into(),
            },
            outcome: Outcome::Succeeded,
            reason: None,
            duration_milliseconds: 1,
            upstream_status: None,
        }
    }

    #[test]
    fn outcomes_of_one_moment_travel_together() {
        assert_eq!(told(&[("alice", false), ("alice", false), ("alice", false)]), [("alice".to_owned(), 3)]);
    }

    #[test]
    fn each_user_is_told_of_their_own() {
        assert_eq!(told(&[("alice", false), ("bob", false)]), [("alice".to_owned(), 1), ("bob".to_owned(), 1)]);
    }

    #[test]
    fn an_urgent_one_takes_along_what_waits_and_leaves_nothing_to_tell_twice() {
        assert_eq!(told(&[("alice", false), ("alice", true)]).iter().map(|(_, count)| count).sum::<usize>(), 2);
    }

    #[test]
    fn what_was_told_does_not_come_again() {
        told(&[("alice", false)]);
        assert_eq!(told(&[("alice", false)]), [("alice".to_owned(), 1)]);
    }
}
