//! The end of a person's access: everything that was made for them at once, and nothing that is made afterwards.
//!
//! The person's Session object has it first, and sees to it that the record, the log and the providers come to know
//! ([`session::person_endings`]), whatever becomes of whoever asked for it. In the record it is one transaction: what
//! exists then is over, and `ended_before` rises above every `created_at` among it; whatever is made later gets a later
//! one, on whichever clock ([`super::browser`] and the rooms that make grants and connections see to that), and is made only
//! on the word of a browser or an assertion that is not over itself. The object keeps what it was told: whoever clears an
//! end in the record brings no call back, and whoever was disabled signs in nowhere.

use futures::future::join;
use serde_json::json;

use crate::{
    audit::{self, Kind},
    connections::revocation::{self, Removed},
    context::Context,
    identifiers::UserId,
    platform::{Fault, database::sql, log::Level},
    providers::Site,
    session::{
        self,
        person_endings::{Disabling, PersonEnding},
    },
};

/// Ends everything that was made for a person until now: grants and their tokens, signed-in browsers, authorization
/// requests, waiting links, attempts to connect, what the identity provider is asked about them with, and connected
/// accounts, whose tokens are given back to the provider as far as it takes them. They may sign in and begin anew. Returns
/// when no call under any of it can begin any more, which takes as long as leases last; streams end by themselves within
/// seconds.
///
/// # Errors
/// Where the person's Session object could not be told: then nothing has ended. Where the record failed: then no call can
/// begin any more, and the object tells the record later. Doing it again is right in both cases.
pub async fn end_person(context: &Context, user: &UserId, reason: &str) -> Result<(), Fault> {
    end(context, user, reason, None).await
}

/// Ends everything as [`end_person`] does, and lets the person in no more until they are enabled.
///
/// # Errors
/// As [`end_person`].
pub async fn disable(context: &Context, user: &UserId, disabling: Disabling) -> Result<(), Fault> {
    end(context, user, "the person was disabled", Some(disabling)).await
}

/// Lets a person begin anew who was disabled. What ended stays ended.
///
/// # Errors
/// Where the person's Session object could not be told or the record failed: then they are still disabled. The object
/// refuses while they are being disabled: then to try again in a moment is right.
pub async fn enable(context: &Context, user: &UserId) -> Result<(), Fault> {
    session::enable(context, user).await?;
    let update = sql("UPDATE users SET disabled_at = NULL, disabled_by = NULL, disabled_reason = NULL WHERE id = ?1");
    context.platform.database.run(update.bind(user)).await.map(drop)
}

/// Ends one connected account, and gives its tokens back to the provider; whether that said that it ended them. Returns
/// when no call with them can begin any more.
///
/// # Errors
/// Where the person's Session object could not be told before or the record failed: then the account is still connected.
/// Where it could not be told afterwards: then calls go on for a few seconds only, because it had been told once.
pub async fn disconnect(context: &Context, user: &UserId, site: Site) -> Result<bool, Fault> {
    // Before: where the object is out of reach, nothing is said to be removed that it goes on using. After: it may have
    // read the account again meanwhile.
    session::forget_credential(context, user, site).await?;
    let removed = context.platform.database.run(revocation::remove(user, site)).await?.all::<Removed>()?;
    let given_back = revocation::revoke_removed(&context.platform, &context.settings, user, &removed);
    let (forgotten, given_back) = join(session::forget_credential(context, user, site), given_back).await;
    if !removed.is_empty() {
        let event = audit::event(context, Kind::ConnectionRemoved).of(user).target(&site.to_string());
        audit::record(context, event.because("removed by the person")).await;
    }
    forgotten.map(|()| given_back)
}

async fn end(context: &Context, user: &UserId, reason: &str, disabling: Option<Disabling>) -> Result<(), Fault> {
    let (database, now) = (context.platform.database.as_ref(), context.platform.clock.now());
    let ending = PersonEnding::new(database, user, &context.request_id, reason, disabling, now).await?;
    let Some(ending) = ending else { return Ok(()) };
    let ending = session::end_person(context, user, ending).await?;
    context.log(Level::Info, "access of a person ended", &[("user", json!(user.as_str())), ("reason", json!(reason))]);
    let ended = ending.record(database, user).await?;
    let telling = async {
        ended.tell(&context.platform, &context.settings, user).await?;
        session::forget_ending(context, user, &ending).await
    };
    let (is_over, told) = join(session::end_before(context, user, ended.before), telling).await;
    if let Err(fault) = told {
        let fields = [("user", json!(user.as_str())), ("detail", json!(fault.to_string()))];
        context.log(Level::Warning, "the end of a person is left for their object to tell", &fields);
    }
    is_over
}
