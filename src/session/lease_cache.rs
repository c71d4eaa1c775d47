//! The leases that this isolate holds: by them a call goes out without a hop to its subject's object. A lease says that
//! the grant is live, the rate paid and the credential good. It says nothing about tools: each call is decided on
//! first.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    mem,
    time::Duration,
};

use futures::FutureExt;

use super::{
    commands::Credential,
    lease::{Lease, LeaseRequest, REQUESTED_CALLS, TERM},
};
use crate::{
    audit::{self, delivery::Unused},
    context::Context,
    crypto::random,
    identifiers::{GrantId, Subject},
    platform::clock::Timestamp,
    providers::Site,
};

/// The credential that a call may be sent with, and until when without a hop.
struct Access {
    until: Timestamp,
    credential: Option<Credential>,
}

/// Calls that are left of an admission.
struct Left {
    admission: Option<String>,
    calls: u32,
}

/// What is leased for one grant. The calls are for whichever account they need.
struct Leased {
    subject: Subject,
    /// The oldest first.
    left: Vec<Left>,
    /// How many calls the last lease was for.
    lent: u32,
    /// How many calls were not made before their lease ended: the log has been told, and the token bucket has not.
    lapsed: u32,
    /// By the site of the account; `None` for calls that need no account of the person's own.
    access: HashMap<Option<Site>, Access>,
    /// The moment since which a call that requests a lease is on its way. Those beside it request none, or each would
    /// bring one.
    requested_at: Option<Timestamp>,
    /// The moment at which the last call made a hop.
    called_at: Option<Timestamp>,
}

/// How soon a call follows another where a lease is worth its price. For a call now and then the object would lend, and
/// put on record that it lent, what nobody uses.
const BUSY: Duration = Duration::from_secs(2);

impl Leased {
    /// Takes out the calls that are left, for the log; they still go back to the bucket with the next request.
    fn lapse(&mut self) -> Vec<Unused> {
        let left = mem::take(&mut self.left);
        self.lapsed += left.iter().map(|left| left.calls).sum::<u32>();
        let unused = left.into_iter().filter(|left| left.calls > 0);
        let unused = unused.filter_map(|Left { admission, calls }| {
            // Without an id they are not given back, and counted among those that are missed.
            Some(Unused { id: random::identifier().ok()?, admission: admission?, calls })
        });
        unused.collect()
    }

    /// How many calls the next lease should be for, by what the last one was used for.
    fn calls_to_request(&self) -> u32 {
        let left = self.left.iter().map(|left| left.calls).sum();
        let used = self.lent.saturating_sub(left);
        used.saturating_mul(2).clamp(*REQUESTED_CALLS.start(), *REQUESTED_CALLS.end())
    }

    fn is_requested(&self, now: Timestamp) -> bool {
        self.requested_at.is_some_and(|since| now.since(since) < TERM)
    }

    fn is_busy(&self, now: Timestamp) -> bool {
        self.called_at.is_some_and(|at| now.since(at) < BUSY)
    }
}

thread_local! {
    /// The leases of every request that this isolate is serving. Plain data: nothing in it belongs to one request.
    static LEASES: RefCell<HashMap<GrantId, Leased>> = RefCell::default();
    static SWEPT_AT: Cell<Timestamp> = const { Cell::new(Timestamp(0)) };
}

/// What an admitted call is sent with, and what its outcome is to say.
pub struct Use {
    /// The credential for the person's own account, where the call needs one.
    pub credential: Option<Credential>,
    /// Which its outcome is to name.
    pub admission: Option<String>,
    /// The moment of its intent, where it has one.
    pub intent_at: Option<Timestamp>,
}

/// Whose lease, and for which account.
#[derive(Clone, Copy)]
pub struct LeaseKey<'a> {
    pub subject: &'a Subject,
    pub grant: &'a GrantId,
    /// The site at which the call needs an account of the person's own.
    pub account: Option<Site>,
}

impl LeaseKey<'_> {
    /// Takes one call out of the lease, if it has one left.
    pub fn try_use(self, now: Timestamp) -> Option<Use> {
        LEASES.with_borrow_mut(|all| {
            let leased = all.get_mut(self.grant).filter(|leased| leased.subject == *self.subject)?;
            let access = leased.access.get(&self.account).filter(|access| now < access.until)?;
            let left = leased.left.iter_mut().find(|left| left.calls > 0)?;
            left.calls -= 1;
            let (credential, admission) = (access.credential.clone(), left.admission.clone());
            Some(Use { credential, admission, intent_at: None })
        })
    }

    /// What lease this call should request, as one does that soon follows another, or that so many follow at once; and what
    /// the log is to be told of those before.
    pub fn request(self, now: Timestamp, ahead: u32) -> Option<(LeaseRequest, Vec<Unused>)> {
        LEASES.with_borrow_mut(|all| {
            let leased = all.entry(self.grant.clone()).or_insert_with(|| Leased {
                subject: self.subject.clone(),
                left: Vec::new(),
                lent: 0,
                lapsed: 0,
                access: HashMap::new(),
                requested_at: None,
                called_at: None,
            });
            let is_busy = leased.is_busy(now);
            leased.called_at = Some(now);
            if ahead == 0 && (!is_busy || leased.is_requested(now)) {
                return None;
            }
            leased.requested_at = Some(now);
            let calls = if is_busy { leased.calls_to_request().max(ahead) } else { ahead };
            let missed = leased.lapse();
            Some((LeaseRequest { calls, unused: mem::take(&mut leased.lapsed) }, missed))
        })
    }

    /// Stores the lease that came with an admission. `requested_at` is when that was requested.
    pub fn store(
        self,
        lease: Lease,
        credential: Option<&Credential>,
        admission: Option<&str>,
        requested_at: Timestamp,
    ) {
        let until = requested_at + Duration::from_millis(lease.term_milliseconds);
        LEASES.with_borrow_mut(|all| {
            let Some(leased) = all.get_mut(self.grant).filter(|leased| leased.subject == *self.subject) else { return };
            leased.requested_at = None;
            leased.lent = lease.calls;
            leased.left.retain(|left| left.calls > 0);
            leased.left.push(Left { admission: admission.map(str::to_owned), calls: lease.calls });
            leased.access.insert(self.account, Access { until, credential: credential.cloned() });
        });
    }
}

/// How often leases are looked through for those that have ended.
const SWEEP: Duration = Duration::from_millis(500);

/// Forgets what has ended, and tells the log which calls will not be made: nothing of it is to stay for as long as the
/// isolate lives, since there are credentials among it.
pub fn forget_ended(context: &Context) {
    let now = context.platform.clock.now();
    if now.since(SWEPT_AT.get()) < SWEEP {
        return;
    }
    SWEPT_AT.set(now);
    let mut unused = Vec::new();
    LEASES.with_borrow_mut(|all| {
        all.retain(|_, leased| {
            leased.access.retain(|_, access| now < access.until);
            let is_over = leased.access.is_empty() && !leased.is_requested(now);
            if is_over {
                unused.push((leased.subject.clone(), leased.lapse()));
            }
            !is_over || leased.is_busy(now)
        });
    });
    for (subject, unused) in unused {
        audit::give_back(context, &subject, unused);
    }
}

/// Forgets what has ended once a lease that was stored just now has, though nobody calls any more: an isolate that has
/// gone quiet is not to keep anybody's credentials.
pub fn forget_after_term(context: &Context) {
    let later = context.clone();
    let forgetting = async move {
        later.platform.clock.sleep(TERM).await;
        SWEPT_AT.set(Timestamp(0));
        forget_ended(&later);
    };
    context.platform.caller.finish_without(forgetting.boxed_local());
}

/// Forgets what a grant's calls may be sent with: a provider has refused the credential.
pub fn forget(grant: &GrantId) {
    LEASES.with_borrow_mut(|all| {
        if let Some(leased) = all.get_mut(grant) {
            leased.access.clear();
        }
    });
}

#[cfg(test)]
mod tests;
