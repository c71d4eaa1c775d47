//! Each subject's serial turn: grant check, rate limit, upstream credential and audit outbox in one hop.
//!
//! A room of its own, below the protocol and above governance and connections, because it is where what must be serial
//! for one subject happens, one turn at a time. What may run is decided elsewhere: in the isolate, for each call.

mod allowance;
pub mod authentic;
pub mod bucket;
pub mod commands;
pub mod credentials;
#[cfg(feature = "conformance")]
pub mod defect;
pub mod endings;
pub mod grants;
pub mod holds;
pub mod idempotency;
pub mod in_flight;
pub mod lease;
pub mod lease_cache;
pub mod locks;
pub mod object;
pub mod outbox;
pub mod person_endings;
mod refusal;
pub mod responses;
mod storage;
pub mod streams;
mod taints;

use commands::{
    Command, DisabledSince, Enable, EndBefore, EndEverything, EndGrant, EndPerson, ForgetCredential, ForgetEnding,
    Hold, HoldForApproval, IsLive, Lock, Prepare, Refusal, Reply, Turn, WakeHolds,
};
use endings::Ending;
use person_endings::PersonEnding;

use crate::{
    context::Context,
    identifiers::{ClientId, GrantId, Subject, UserId},
    platform::{Fault, clock::Timestamp, json, panic},
    providers::Site,
};

/// Takes one turn of the subject's Session object.
///
/// # Errors
/// Where the object cannot be reached or failed.
pub async fn turn<C: Command>(context: &Context, subject: &Subject, command: C) -> Result<C::Reply, Fault> {
    let turn = encode(subject, command)?;
    let reply = context.platform.sessions.call(&subject.to_string(), turn).await?;
    match json::from_str(&reply).map_err(|error| Fault::new("session reply", error))? {
        Reply::Done(reply) => Ok(reply),
        Reply::Failed => Err(Fault::new("session", "the turn failed; its log says why")),
        // It was this request's turn, so it is this request that fails, as if the panic had been here.
        Reply::Panicked => panic::resume("in the session object; its log says where"),
    }
}

fn encode(subject: &Subject, command: impl Command) -> Result<String, Fault> {
    serde_json::to_string(&Turn { subject: subject.clone(), command: command.into() })
        .map_err(|error| Fault::new("session command", error))
}

/// Makes a grant worthless at once, before the record says so, and sees to it that the record will say so, where it is on
/// record: `ending`. Returns when no call under it can begin any more, which takes as long as its leases last.
///
/// # Errors
/// Where the subject's Session object could not be told: then nothing was ended.
pub async fn end_grant(
    context: &Context,
    subject: &Subject,
    grant: &GrantId,
    ending: Option<Ending>,
) -> Result<(), Fault> {
    turn(context, subject, EndGrant { grant: grant.clone(), ending }).await
}

/// Makes worthless at once whatever was made for a person until now, before the record says so, and sees to it that the
/// record will say so. Gives the end as the object has it, whose moment may be a later one. Returns as [`end_grant`].
///
/// # Errors
/// Where the person's Session object could not be told: then nothing has ended.
pub async fn end_person(context: &Context, user: &UserId, ending: PersonEnding) -> Result<PersonEnding, Fault> {
    let later = turn(context, &user.into(), EndPerson { ending: ending.clone() }).await?;
    Ok(PersonEnding { at: later.unwrap_or(ending.at), ..ending })
}

/// Has the object forget an end of a person of which everybody else was told.
///
/// # Errors
/// Where the object could not be told: then it tells everybody once more.
pub async fn forget_ending(context: &Context, user: &UserId, ending: &PersonEnding) -> Result<(), Fault> {
    turn(context, &user.into(), ForgetEnding { at: ending.at }).await
}

/// Makes worthless at once whatever was made for a person at or before that moment, which the record has as their end
/// already. Returns as [`end_grant`].
///
/// # Errors
/// Where the person's Session object could not be told: then its alarm does it, for it has noted the end.
pub async fn end_before(context: &Context, user: &UserId, at: Timestamp) -> Result<(), Fault> {
    turn(context, &user.into(), EndBefore { at }).await
}

/// Lets a person come back whom an end of theirs kept out.
///
/// # Errors
/// Where the person's Session object could not be told: then they are still disabled.
pub async fn enable(context: &Context, user: &UserId) -> Result<(), Fault> {
    turn(context, &user.into(), Enable {}).await
}

/// Whether a person is disabled, whatever the record says by now: whoever can write there does not reach their object.
///
/// # Errors
/// Where the person's Session object cannot be reached or failed.
pub async fn is_disabled(context: &Context, user: &UserId) -> Result<bool, Fault> {
    Ok(turn(context, &user.into(), DisabledSince {}).await?.is_some())
}

/// Makes whatever access a client has as itself worthless at once: it is no longer registered. Returns as [`end_grant`].
///
/// # Errors
/// Where the client's Session object could not be told: then nothing was ended.
pub async fn end_service(context: &Context, client: &ClientId) -> Result<(), Fault> {
    turn(context, &Subject::Service(client.clone()), EndEverything {}).await
}

/// Stops the calls of a subject at once, or those of one AI client of theirs, for as long as an isolate may not know yet the
/// policy that has the lock. Returns as [`end_grant`].
///
/// # Errors
/// Where the subject's Session object could not be told: then calls are stopped once the policy is in force.
pub async fn lock(context: &Context, subject: &Subject, client: Option<&ClientId>) -> Result<(), Fault> {
    turn(context, subject, Lock { client: client.cloned() }).await
}

/// Whether a grant is worth something now.
///
/// # Errors
/// Where the subject's Session object cannot be reached or failed.
pub async fn is_live(context: &Context, subject: &Subject, grant: &GrantId) -> Result<bool, Fault> {
    turn(context, subject, IsLive { grant: grant.clone() }).await
}

/// Has the object of a subject read what calls under the grant will need, so that none of them waits for the record.
///
/// # Errors
/// Where the subject's Session object cannot be reached or failed: then the first call reads it.
pub async fn prepare(context: &Context, subject: &Subject, grant: &GrantId) -> Result<(), Fault> {
    turn(context, subject, Prepare { grant: grant.clone() }).await
}

/// Waits in the person's object until something becomes of a link of theirs, for as long as a request is held; not at all
/// where the grant has ended or too much was asked for.
///
/// # Errors
/// Where the object cannot be reached or failed.
pub async fn hold(
    context: &Context,
    subject: &Subject,
    grant: &GrantId,
    elicitation: &str,
) -> Result<Result<(), Refusal>, Fault> {
    turn(context, subject, Hold { grant: grant.clone(), elicitation: elicitation.to_owned() }).await
}

/// Waits in the subject's object until somebody decides on a call of theirs, as [`hold`] does.
///
/// # Errors
/// Where the object cannot be reached or failed.
pub async fn hold_for_approval(
    context: &Context,
    subject: &Subject,
    grant: &GrantId,
    approval: &str,
) -> Result<Result<(), Refusal>, Fault> {
    turn(context, subject, HoldForApproval { grant: grant.clone(), approval: approval.to_owned() }).await
}

/// Lets those who wait for a link or an approval of that subject look again.
///
/// # Errors
/// Where the object cannot be reached: then they look by themselves within 20 s.
pub async fn wake_holds(context: &Context, subject: &Subject) -> Result<(), Fault> {
    turn(context, subject, WakeHolds {}).await
}

/// Makes the object forget the credential of an account that was connected or removed. Returns as [`end_grant`].
///
/// # Errors
/// Where the object could not be told.
pub async fn forget_credential(context: &Context, user: &UserId, site: Site) -> Result<(), Fault> {
    turn(context, &user.into(), ForgetCredential { site }).await
}
