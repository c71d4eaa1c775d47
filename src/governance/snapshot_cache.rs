//! The policy snapshot of this isolate, which all of its calls share. Its version is asked for at most once in three
//! seconds; a change of the policy reaches every call within five.
//!
//! Another isolate's change is found by asking the record for the version, beside whatever else a call waits for. The
//! snapshot itself comes with that answer where its version is another one, so that there is never a second round trip.
//! An isolate that has just begun finds the last snapshot in the cache, and has only its version to ask for.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    time::Duration,
};

use super::policy::{PolicySnapshot, next_version};
use crate::{
    context::Context,
    platform::{
        Fault, Platform,
        cache::Cache,
        clock::Timestamp,
        database::{Rows, Statement},
        json,
        log::{self, Level},
    },
    settings::Settings,
};

/// After this time no call begins any more that an older policy would let run.
pub const IN_FORCE_AFTER: Duration = Duration::from_secs(5);

/// The age at which the version is asked for again, while calls go on with what is known.
const REFRESHED_AFTER: Duration = Duration::from_secs(3);

/// The age at which a call waits for the answer.
const BELIEVED: Duration = Duration::from_millis(4_500);

/// How much older than it seems a snapshot may be: a Worker's clock stands still between two events.
const LEEWAY: Duration = Duration::from_millis(500);

const _: () = assert!(BELIEVED.as_millis() + LEEWAY.as_millis() <= IN_FORCE_AFTER.as_millis());

/// How long a request that asks keeps others from asking. Its own end may never be seen: a runtime drops a request
/// whose caller is gone.
const ASKING: Duration = Duration::from_secs(2);

/// After which time a call looks again whether another one's answer has come. A promise of one request must not be
/// awaited in another.
const GLANCE: Duration = Duration::from_millis(5);

/// Where the snapshot is cached. It carries its version, which is compared with the one on record.
const KEY: &str = "policy";
const LIFE: Duration = Duration::from_hours(24);

struct Known {
    snapshot: Rc<PolicySnapshot>,
    /// When the record was asked that said so.
    as_of: Timestamp,
}

thread_local! {
    /// The state of every request that this isolate is serving. Plain data: nothing in it belongs to one request.
    static KNOWN: RefCell<Option<Known>> = const { RefCell::new(None) };
    static ASKING_SINCE: Cell<Option<Timestamp>> = const { Cell::new(None) };
    /// Raised when what was asked before is not to be believed any more.
    static EPOCH: Cell<u64> = const { Cell::new(0) };
}

/// The snapshot that this isolate knew last, of whatever age: good for a guess alone.
pub fn last_known() -> Option<Rc<PolicySnapshot>> {
    KNOWN.with_borrow(|known| known.as_ref().map(|known| Rc::clone(&known.snapshot)))
}

/// The snapshot in force, where that is known without waiting. One that gets old is asked for anew after the response.
pub fn in_force(context: &Context) -> Option<Rc<PolicySnapshot>> {
    let now = context.platform.clock.now();
    let (snapshot, age) = KNOWN.with_borrow(|known| {
        let known = known.as_ref()?;
        Some((Rc::clone(&known.snapshot), now.since(known.as_of)))
    })?;
    if age >= BELIEVED {
        return None;
    }
    if age >= REFRESHED_AFTER
        && let Some(asking) = Asking::begin(now)
    {
        let (platform, settings) = (context.platform.clone(), Rc::clone(&context.settings));
        context.platform.caller.finish_without(Box::pin(async move {
            if let Err(fault) = refresh(&platform, &settings, asking).await {
                log::write(Level::Error, "policy not read", &[("detail", fault.to_string().into())]);
            }
        }));
    }
    Some(snapshot)
}

/// The snapshot in force.
///
/// # Errors
/// Where that is not known and the record cannot be read.
pub async fn current(context: &Context) -> Result<Rc<PolicySnapshot>, Fault> {
    let platform = &context.platform;
    loop {
        if let Some(snapshot) = in_force(context) {
            return Ok(snapshot);
        }
        match Asking::begin(platform.clock.now()) {
            Some(asking) => refresh(platform, &context.settings, asking).await?,
            None => platform.clock.sleep(GLANCE).await,
        }
    }
}

/// Changes what the policy is made of, in one transaction with its new version, so that every isolate hears of it; this
/// one at once. Gives what the statements gave.
///
/// # Errors
/// Where the record cannot be written: then nothing has changed.
pub(super) async fn change_policy(context: &Context, mut statements: Vec<Statement>) -> Result<Vec<Rows>, Fault> {
    statements.push(next_version());
    let changed = context.platform.database.batch(statements).await?;
    forget();
    Ok(changed)
}

/// Forgets the snapshot: this isolate has just changed the policy, and the next call here is to see it.
pub fn forget() {
    EPOCH.set(EPOCH.get().wrapping_add(1));
    ASKING_SINCE.set(None);
    KNOWN.set(None);
}

/// The right to ask the record, which one request has at a time.
struct Asking {
    since: Timestamp,
    epoch: u64,
}

impl Asking {
    fn begin(now: Timestamp) -> Option<Self> {
        let is_free = ASKING_SINCE.get().is_none_or(|since| now.since(since) >= ASKING);
        is_free.then(|| {
            ASKING_SINCE.set(Some(now));
            Self { since: now, epoch: EPOCH.get() }
        })
    }

    /// Keeps what the record said, unless this isolate has changed it meanwhile or knows of a later answer.
    fn keep(&self, snapshot: Rc<PolicySnapshot>) {
        let is_later = KNOWN.with_borrow(|known| known.as_ref().is_none_or(|known| known.as_of < self.since));
        if EPOCH.get() == self.epoch && is_later {
            KNOWN.set(Some(Known { snapshot, as_of: self.since }));
        }
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        // It may be dropped where nothing can be asked any more: then it has gone already.
        let _ = ASKING_SINCE.try_with(|asking| {
            if asking.get() == Some(self.since) {
                asking.set(None);
            }
        });
    }
}

async fn refresh(platform: &Platform, settings: &Settings, asking: Asking) -> Result<(), Fault> {
    let known = match last_known() {
        Some(snapshot) => Some(snapshot),
        None => cached(platform.cache.as_ref()).await.map(Rc::new),
    };
    let version = known.as_ref().map(|snapshot| snapshot.version);
    let (database, now) = (platform.database.as_ref(), platform.clock.now());
    let loaded = PolicySnapshot::load(database, settings.authenticator(), version, now).await?;
    let Some(loaded) = loaded else {
        known.into_iter().for_each(|known| asking.keep(known));
        return Ok(());
    };
    let text = serde_json::to_string(&loaded).map_err(|error| Fault::new("policy", error))?;
    asking.keep(Rc::new(loaded));
    let cache = Rc::clone(&platform.cache);
    platform.caller.finish_without(Box::pin(async move { cache.put(KEY, text, LIFE).await }));
    Ok(())
}

async fn cached(cache: &dyn Cache) -> Option<PolicySnapshot> {
    json::from_str(&cache.get(KEY).await?).ok()
}

/// Believes in that snapshot from now on.
#[cfg(any(test, feature = "fuzzing"))]
pub fn believe(snapshot: PolicySnapshot, now: Timestamp) {
    KNOWN.set(Some(Known { snapshot: Rc::new(snapshot), as_of: now }));
}

#[cfg(test)]
mod tests;
