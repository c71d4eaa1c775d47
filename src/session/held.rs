//! The leases that this isolate holds: by them it admits a call without its subject's object.

use std::{cell::RefCell, collections::HashMap, mem, rc::Rc, time::Duration};

use super::{
    command::Credential,
    lease::{Lease, TERM},
};
use crate::{
    identifiers::{GrantId, Subject},
    platform::{Platform, clock::Timestamp},
};

/// What a tool may be called with, and until when without asking.
struct Permission {
    until: Timestamp,
    credential: Option<Credential>,
}

/// What is held for one grant. The calls are for whichever of its tools they are needed.
struct Held {
    subject: Subject,
    calls: u32,
    permissions: HashMap<&'static str, Permission>,
    /// Since when a call is on its way that asks for a lease. Those beside it ask for none, or each would bring one.
    asking_since: Option<Timestamp>,
}

impl Held {
    fn is_asking(&self, now: Timestamp) -> bool {
        self.asking_since.is_some_and(|since| now.since(since) < TERM)
    }
}

thread_local! {
    /// Of every request that this isolate is serving. Plain data: nothing in it belongs to one request.
    static HELD: RefCell<HashMap<GrantId, Held>> = RefCell::default();
}

/// A call that a lease admits.
pub struct Leased {
    /// For the person's own account, where the tool needs one.
    pub credential: Option<Credential>,
}

/// A tool that is called under a subject's grant.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    pub subject: &'a Subject,
    pub grant: &'a GrantId,
    pub tool: &'static str,
}

impl Access<'_> {
    /// Takes one call out of what is held, if it is there.
    pub fn take(self, now: Timestamp) -> Option<Leased> {
        HELD.with_borrow_mut(|all| {
            let held = all.get_mut(self.grant).filter(|held| held.subject == *self.subject)?;
            let permission = held.permissions.get(self.tool).filter(|permission| now < permission.until)?;
            held.calls = held.calls.checked_sub(1)?;
            Some(Leased { credential: permission.credential.clone() })
        })
    }

    /// Whether the object is to be asked for a lease with this call: then, how many calls are left for it to have back.
    pub fn ask(self, now: Timestamp) -> Option<u32> {
        HELD.with_borrow_mut(|all| {
            // What has ended is not to stay here for as long as the isolate lives: there are credentials among it.
            forget_ended(all, now);
            let held = all.entry(self.grant.clone()).or_insert_with(|| Held {
                subject: self.subject.clone(),
                calls: 0,
                permissions: HashMap::new(),
                asking_since: None,
            });
            if held.is_asking(now) {
                return None;
            }
            held.asking_since = Some(now);
            Some(mem::take(&mut held.calls))
        })
    }

    /// Keeps the lease that came with the admission of a call. `asked_at` is when that was asked for.
    pub fn keep(self, lease: Lease, credential: Option<&Credential>, asked_at: Timestamp) {
        let until = asked_at + Duration::from_millis(lease.term_milliseconds);
        HELD.with_borrow_mut(|all| {
            let Some(held) = all.get_mut(self.grant).filter(|held| held.subject == *self.subject) else { return };
            held.asking_since = None;
            held.calls = held.calls.saturating_add(lease.calls);
            held.permissions.insert(self.tool, Permission { until, credential: credential.cloned() });
        });
    }
}

fn forget_ended(all: &mut HashMap<GrantId, Held>, now: Timestamp) {
    all.retain(|_, held| {
        held.permissions.retain(|_, permission| now < permission.until);
        !held.permissions.is_empty() || held.is_asking(now)
    });
}

/// Forgets what has ended once a lease that was kept just now has, though nobody asks any more: an isolate that has gone
/// quiet is not to keep anybody's credentials.
pub fn forget_after_term(platform: &Platform, subject: &Subject) {
    let clock = Rc::clone(&platform.clock);
    let forgetting = async move {
        clock.sleep(TERM).await;
        HELD.with_borrow_mut(|all| forget_ended(all, clock.now()));
        None
    };
    platform.sessions.tell(&subject.to_string(), Box::pin(forgetting));
}

/// Forgets what a grant's tools may be called with: a provider has refused the credential.
pub fn forget(grant: &GrantId) {
    HELD.with_borrow_mut(|all| {
        if let Some(held) = all.get_mut(grant) {
            held.permissions.clear();
        }
    });
}

#[cfg(test)]
mod tests;
