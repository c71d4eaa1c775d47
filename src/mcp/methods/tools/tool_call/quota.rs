//! What becomes of a provider's word that little is left of an account's quota: it is noted for whoever looks after the
//! account, before calls fail.

use std::{cell::RefCell, collections::HashMap};

use super::{Sent, ToolCall};
use crate::{
    connections::accounts,
    governance::organisation_decisions,
    identifiers::UserId,
    platform::{Fault, clock::Timestamp, log::Level},
    providers::Site,
    upstream::{Failure, LowQuota},
};

/// A shorter pause is a burst's, which is over before anybody has looked.
const SHORTEST_PAUSE: u64 = 60;
/// How many accounts' quotas are known at once.
const MOST: usize = 1_000;

/// An account: whose, where it is not the organisation's, and where.
type Account = (Option<UserId>, Site);

thread_local! {
    /// What this isolate noted. Plain data: nothing in it belongs to one request.
    static NOTED: RefCell<HashMap<Account, LowQuota>> = RefCell::default();
}

/// Whether it is to be noted: once for each time that a quota runs low, and once more when it is spent.
fn is_news(account: &Account, low: LowQuota, now: Timestamp) -> bool {
    NOTED.with_borrow_mut(|noted| {
        let known = noted.get(account).filter(|known| now < known.until);
        if known.is_some_and(|known| known.is_spent() || !low.is_spent()) {
            return false;
        }
        noted.retain(|_, known| now < known.until);
        let has_room = noted.len() < MOST;
        if has_room {
            noted.insert(account.clone(), low);
        }
        has_room
    })
}

impl ToolCall<'_> {
    /// Notes, after the response, that little is left of the quota of the account that the call worked in.
    pub(super) fn note_quota(&self, is_own: bool, sent: &Result<Sent<'_>, Fault>) {
        let now = self.now();
        let low = match sent {
            Ok(Sent::Answered(settled)) => settled.answer.quota.and_then(|quota| quota.low(now)),
            Ok(Sent::Refused(Failure::RateLimited { after: Some(after), .. })) if *after >= SHORTEST_PAUSE => {
                Some(LowQuota::spent(*after, now))
            }
            _ => None,
        };
        let (Some(low), Some(site)) = (low, self.arguments.site()) else { return };
        let owner = self.principal.subject.person().filter(|_| is_own).cloned();
        let account = (owner, site);
        if !is_news(&account, low, now) {
            return;
        }
        let context = self.context.clone();
        self.context.platform.caller.finish_without(Box::pin(async move {
            let (owner, site) = account;
            let noted = match owner {
                Some(user) => accounts::note_quota(&*context.platform.database, &user, site, low).await,
                None => organisation_decisions::note_quota(&context, site, low).await,
            };
            if let Err(fault) = noted {
                context.log(Level::Error, "quota not noted", &[("detail", fault.to_string().into())]);
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::providers::BITBUCKET;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    #[test]
    fn a_quota_is_noted_when_it_runs_low_once_more_when_it_is_spent_and_then_when_it_runs_low_again() {
        let account = (Some(UserId::new("dana")), Site::main(&BITBUCKET));
        let until = NOW + Duration::from_secs(600);
        let low = |left| LowQuota { left: Some(left), until };
        assert!(is_news(&account, low(19), NOW));
        assert!(!is_news(&account, low(18), NOW));
        assert!(is_news(&account, low(0), NOW));
        assert!(!is_news(&account, low(0), NOW));
        assert!(is_news(&(None, account.1), low(19), NOW), "another account");
        assert!(is_news(&account, LowQuota { left: None, until: until + Duration::from_secs(9) }, until));
    }
}
