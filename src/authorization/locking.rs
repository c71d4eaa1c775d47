//! Locks that administrators put on and lift. The record has a lock first; whoever asked for it hears that it holds when no
//! call begins any more that it stops. For a person or a client their Session objects see to that at once; else, and where
//! an object is out of reach, every isolate knows the policy after five seconds.

use futures::{TryStreamExt, stream};

use super::grants;
use crate::{
    context::Context,
    governance::{
        lock_decisions,
        locks::{LockKind, Target},
        snapshot_cache::IN_FORCE_AFTER,
    },
    identifiers::{ClientId, Subject, UserId},
    platform::{Fault, log::Level},
    session,
};

/// How many Session objects are told of a client's lock at the same time.
const TOLD_AT_ONCE: usize = 32;

/// Locks it. Returns when no call begins any more that the lock stops.
///
/// # Errors
/// Where the record cannot be written: then it is not locked.
pub async fn lock(context: &Context, by: &UserId, target: &Target, label: &str, reason: &str) -> Result<(), Fault> {
    lock_decisions::keep(context, by, target, label, reason).await?;
    let told = match target.kind {
        LockKind::Person => {
            session::lock(context, &Subject::Person(UserId::new(&target.name)), None).await.map(|()| true)
        }
        LockKind::Client => lock_client(context, &ClientId::new(&target.name)).await.map(|()| true),
        LockKind::Organisation | LockKind::Provider | LockKind::Site | LockKind::Tool => Ok(false),
    };
    let holds = told.unwrap_or_else(|fault| {
        let fields = [("target", target.name.as_str().into()), ("detail", fault.to_string().into())];
        context.log(Level::Warning, "a lock waits for the policy, since an object could not be told", &fields);
        false
    });
    if !holds {
        context.platform.clock.sleep(IN_FORCE_AFTER).await;
    }
    Ok(())
}

/// Tells the objects of everybody who has let the client in, and that of the client where it is a service.
async fn lock_client(context: &Context, client: &ClientId) -> Result<(), Fault> {
    let people = grants::people_of(context, client).await?;
    let subjects = people.into_iter().map(Subject::Person).chain([Subject::Service(client.clone())]);
    let lock_one = async |subject: Subject| session::lock(context, &subject, Some(client)).await;
    stream::iter(subjects.map(Ok)).try_for_each_concurrent(TOLD_AT_ONCE, lock_one).await
}
