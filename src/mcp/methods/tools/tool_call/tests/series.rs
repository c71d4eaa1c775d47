//! What is like an approved call goes through where approvers let it, and nothing else does.

use super::{
    approvals::{Approvals, COMMENT, MERGE, commenting, head},
    *,
};
use crate::{
    audit::Kind,
    crypto::seal::Purpose,
    governance::approval::{acts, lifecycle::Choice, record::Entry, series::Offer},
};

const FORK: &str = "bitbucket_fork_repository";

impl Approvals {
    fn offering() -> Self {
        let mut approvals = Self::new();
        approvals.longest_minutes = Some(60);
        approvals
    }

    /// With a comment that was approved and made, and with what is like it for half an hour.
    fn of_series() -> (Self, String) {
        let approvals = Self::offering();
        let id = approvals.asked_id();
        approvals.decide_with(&id, "bob", Choice::Approve, Some(30));
        assert!(matches!(approvals.comment(), Answer::Complete(_)));
        (approvals, id)
    }

    /// A call that waits.
    fn waiting(&self, tool: &str, arguments: &Value) -> Entry {
        self.entry(&Self::link(self.call_by(tool, arguments, None)).0)
    }

    /// What approvers are offered beside a call that waits.
    fn offer(&self, tool: &str, arguments: &Value) -> Option<Offer> {
        let entry = self.waiting(tool, arguments);
        let offer = entry.contents(self.world.context.settings.sealer(Purpose::Approvals)).offer;
        assert_eq!(offer.is_some(), entry.approval.series.is_offered());
        offer
    }

    fn comment_on(&self, repository: &str, number: u32) -> Answer<String> {
        let mut arguments = commenting(number);
        arguments["repository"] = json!(repository);
        self.call_by(COMMENT, &arguments, None)
    }
}

#[test]
fn what_is_like_an_approved_call_goes_through_and_its_events_name_the_approval() {
    let (approvals, id) = Approvals::of_series();
    for number in [10, 11] {
        let answer = approvals.comment_on("backend", number);
        assert!(matches!(answer, Answer::Complete(_)), "{answer:?}");
    }
    assert_eq!(approvals.changes(), 3);
    let reference = format!("approval {id}");
    let events = approvals.events().into_iter();
    let made =
        events.filter(|event| (event.0, event.1) == (Kind::Call, Outcome::Succeeded) && event.2.contains(&reference));
    assert_eq!(made.count(), 3);
}

#[test]
fn a_series_is_of_one_repository_and_ends_in_time() {
    let (approvals, _) = Approvals::of_series();
    Approvals::link(approvals.comment_on("website", 10));
    approvals.world.clock.advance(Duration::from_mins(29));
    assert!(matches!(approvals.comment_on("backend", 10), Answer::Complete(_)));
    assert!(matches!(approvals.comment(), Answer::Complete(_)), "it is like itself once it is no retry");
    approvals.world.clock.advance(Duration::from_mins(1));
    Approvals::link(approvals.comment_on("backend", 11));
}

#[test]
fn what_somebody_ended_lets_nothing_through() {
    let (approvals, id) = Approvals::of_series();
    block_on(acts::end_series(&approvals.world.context, &id, &UserId::new("carol"))).unwrap();
    Approvals::link(approvals.comment_on("backend", 10));
    let ended = approvals.events().into_iter().filter(|event| event.0 == Kind::ApprovalSeriesEnded);
    assert_eq!(ended.count(), 1);
}

#[test]
fn a_call_that_was_approved_alone_lets_no_other_through() {
    let approvals = Approvals::offering();
    approvals.decide(&approvals.asked_id(), "bob", Choice::Approve);
    assert!(matches!(approvals.comment(), Answer::Complete(_)));
    Approvals::link(approvals.comment_on("backend", 10));
}

#[test]
fn another_grant_of_the_same_person_and_client_has_no_part_in_a_series() {
    let (mut approvals, _) = Approvals::of_series();
    approvals.world.grant("second");
    approvals.world.principal.grant = GrantId::new("second");
    Approvals::link(approvals.comment_on("backend", 10));
    approvals.world.principal.grant = GrantId::new("grant");
    assert!(matches!(approvals.comment_on("backend", 10), Answer::Complete(_)));
}

#[test]
fn a_rule_that_has_changed_or_lets_approvers_no_more_ends_its_series() {
    for change in [
        |approvals: &mut Approvals| approvals.longest_minutes = None,
        |approvals: &mut Approvals| approvals.longest_minutes = Some(10),
        |approvals: &mut Approvals| approvals.approvers = 2,
    ] {
        let (mut approvals, _) = Approvals::of_series();
        change(&mut approvals);
        Approvals::link(approvals.comment_on("backend", 10));
        assert_eq!(approvals.changes(), 1);
    }
}

#[test]
fn a_call_that_waits_goes_through_once_what_is_like_it_was_approved_and_not_once_it_was_denied() {
    let approvals = Approvals::offering();
    let (first, second, third) =
        (approvals.asked_id(), approvals.comment_on("backend", 10), approvals.comment_on("backend", 11));
    approvals.decide(&Approvals::link(third).0, "carol", Choice::Deny);
    Approvals::link(second);
    approvals.decide_with(&first, "bob", Choice::Approve, Some(30));
    assert!(matches!(approvals.comment_on("backend", 10), Answer::Complete(_)));
    assert!(matches!(approvals.comment_on("backend", 11), Answer::Failed(_)));
}

#[test]
fn nothing_is_offered_beside_what_destroys_or_where_the_rule_lets_approvers_only_approve_once() {
    let approvals = Approvals::offering();
    let merge = json!({ "workspace": "acme", "repository": "backend", "pull_request": 7, "commit": head(1) });
    assert_eq!(approvals.offer(MERGE, &merge), None);
    assert_eq!(approvals.offer(COMMENT, &commenting(9)).map(|offer| offer.resource), Some("acme/backend".into()));
    assert_eq!(Approvals::new().offer(COMMENT, &commenting(9)), None);
}

#[test]
fn calls_that_name_another_place_beside_the_same_one_are_not_alike() {
    let approvals = Approvals::offering();
    let into = |workspace: &str| {
        let arguments = json!({ "workspace": "acme", "repository": "backend", "into": workspace });
        approvals.waiting(FORK, &arguments).approval.series
    };
    let (acme, other) = (into("acme"), into("elsewhere"));
    assert!(acme.is_offered() && other.is_offered());
    assert_ne!(acme, other);
}
