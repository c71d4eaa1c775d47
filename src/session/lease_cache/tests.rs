use std::rc::Rc;

use proptest::prelude::*;

use super::*;
use crate::{
    audit::testing::{AfterResponse, PlayedLog},
    crypto::secret::Secret,
    identifiers::{RequestId, UserId},
    platform::{
        Platform,
        native::{self, memory::ScriptedHttp},
    },
    providers::{BITBUCKET, Site},
    settings,
};

const LEASE: Lease = Lease { calls: 2, term_milliseconds: 1000 };

/// A subject with a grant, whose calls need such an account.
struct Caller(Subject, GrantId, Option<Site>);

impl Caller {
    fn of(subject: &str, grant: &str, account: Option<Site>) -> Self {
        Self(Subject::Person(UserId::new(subject)), GrantId::new(grant), account)
    }

    fn key(&self) -> LeaseKey<'_> {
        LeaseKey { subject: &self.0, grant: &self.1, account: self.2 }
    }

    /// Makes a call that soon follows another: how many calls go back to the bucket.
    fn requests(&self, at: i64) -> Option<u32> {
        self.request(at).map(|request| request.unused)
    }

    fn request(&self, at: i64) -> Option<LeaseRequest> {
        let first = self.key().request(Timestamp(at), 0);
        first.or_else(|| self.key().request(Timestamp(at), 0)).map(|(request, _)| request)
    }

    /// Requests a lease, and stores what it gets.
    fn leases(&self, lease: Lease, at: i64) {
        self.requests(at);
        let credential = Credential::new(&Secret::new("token"), 7);
        self.key().store(lease, Some(&credential), Some("admission"), Timestamp(at));
    }

    fn takes(&self, at: i64) -> bool {
        self.key().try_use(Timestamp(at)).is_some()
    }
}

fn alice() -> Caller {
    Caller::of("alice", "grant", Some(Site::main(&BITBUCKET)))
}

#[test]
fn a_lease_admits_so_many_calls_with_their_credential() {
    alice().leases(LEASE, 0);
    let leased = alice().key().try_use(Timestamp(1)).expect("leased");
    assert_eq!(leased.credential.map(|credential| credential.version), Some(7));
    assert_eq!((alice().takes(2), alice().takes(3)), (true, false));
}

#[test]
fn the_next_lease_is_requested_for_twice_what_the_last_was_used_for() {
    let calls = |at| alice().request(at).map(|request| request.calls);
    assert_eq!(calls(0), Some(32));
    alice().leases(Lease { calls: 32, ..LEASE }, 0);
    (0..32).for_each(|at| assert!(alice().takes(at)));
    assert_eq!(calls(100), Some(64));
    alice().leases(Lease { calls: 1000, ..LEASE }, 100);
    (0..600).for_each(|_| assert!(alice().takes(101)));
    assert_eq!(calls(200), Some(1024));
    alice().leases(Lease { calls: 1000, ..LEASE }, 200);
    assert_eq!(calls(1300), Some(32));
}

#[test]
fn a_lease_is_over_when_its_term_is() {
    alice().leases(LEASE, 0);
    assert_eq!((alice().takes(999), alice().takes(1000)), (true, false));
}

#[test]
fn a_lease_is_for_one_account_at_one_site_of_one_grant_of_one_subject() {
    alice().leases(LEASE, 0);
    let (main, named) = (Site::parse("bitbucket"), Site::parse("bitbucket/eu"));
    for other in [("bob", "grant", main), ("alice", "other", main), ("alice", "grant", named), ("alice", "grant", None)]
    {
        assert!(!Caller::of(other.0, other.1, other.2).takes(1), "{other:?}");
    }
}

#[test]
fn a_call_that_is_left_is_for_any_account_that_was_admitted() {
    let lists = Caller::of("alice", "grant", None);
    alice().leases(Lease { calls: 1, ..LEASE }, 0);
    lists.leases(Lease { calls: 1, ..LEASE }, 0);
    assert_eq!((lists.takes(1), alice().takes(1)), (true, false));
}

#[test]
fn what_is_left_is_given_back_with_the_next_lease_that_is_requested() {
    alice().leases(LEASE, 0);
    assert_eq!(alice().requests(1), Some(2));
    assert!(!alice().takes(2));
}

#[test]
fn a_call_that_follows_no_other_requests_no_lease() {
    assert_eq!(alice().key().request(Timestamp(0), 0), None);
    assert_eq!(alice().key().request(Timestamp(2000), 0), None);
    assert_eq!(alice().key().request(Timestamp(3999), 0).map(|(_, missed)| missed), Some(Vec::new()));
}

#[test]
fn calls_beside_one_that_requests_a_lease_request_none() {
    assert_eq!(alice().requests(0), Some(0));
    assert_eq!(alice().key().request(Timestamp(1), 0), None);
    alice().key().store(LEASE, None, None, Timestamp(0));
    assert_eq!(alice().requests(2), Some(2));
}

#[test]
fn a_request_that_was_never_answered_does_not_keep_others_from_requesting() {
    alice().requests(0);
    assert_eq!(alice().requests(1000), Some(0));
}

#[test]
fn a_lease_that_is_forgotten_admits_nothing() {
    alice().leases(LEASE, 0);
    forget(&alice().1);
    assert!(!alice().takes(1));
}

fn context() -> (Context, AfterResponse, PlayedLog) {
    let (caller, log) = (AfterResponse::default(), PlayedLog::default());
    let platform = Platform {
        caller: Rc::new(caller.clone()),
        audit_logs: Rc::new(log.clone()),
        ..native::platform(ScriptedHttp::unreachable())
    };
    (Context::new(settings::for_tests().into(), platform, RequestId::new("request")), caller, log)
}

#[test]
fn a_lease_that_has_ended_goes_by_itself_though_nobody_calls_any_more() {
    let (context, caller, _) = context();
    alice().leases(LEASE, context.platform.clock.now().0);
    forget_after_term(&context);
    caller.respond();
    LEASES.with_borrow(|leases| assert!(leases.values().all(|leased| leased.access.is_empty())));
}

#[test]
fn the_log_is_told_of_calls_that_will_not_be_made_and_the_bucket_still_gets_them() {
    let (context, caller, log) = context();
    let now = context.platform.clock.now().0;
    alice().leases(LEASE, now);
    assert!(alice().takes(now));
    forget_after_term(&context);
    caller.respond();
    let unused: Vec<_> = log.whole().unused.into_iter().map(|unused| (unused.admission, unused.calls)).collect();
    assert_eq!(unused, [("admission".to_owned(), 1)]);
    assert_eq!(alice().requests(now + 1), Some(1));
}

#[test]
fn a_call_by_a_lease_names_its_admission() {
    alice().leases(LEASE, 0);
    let leased = alice().key().try_use(Timestamp(1)).expect("leased");
    assert_eq!(leased.admission.as_deref(), Some("admission"));
}

proptest! {
    #[test]
    fn no_more_calls_are_admitted_than_were_leased(steps in prop::collection::vec((0_i64..400, 0_u32..5), 1..100)) {
        LEASES.with_borrow_mut(HashMap::clear);
        SWEPT_AT.set(Timestamp(0));
        let (mut now, mut leased, mut admitted) = (0, 0, 0);
        for (pause, calls) in steps {
            now += pause;
            if calls > 0 {
                leased -= alice().requests(now).unwrap_or_default();
                alice().key().store(Lease { calls, ..LEASE }, None, None, Timestamp(now));
                leased += calls;
            }
            admitted += u32::from(alice().takes(now));
            prop_assert!(admitted <= leased);
        }
    }
}
