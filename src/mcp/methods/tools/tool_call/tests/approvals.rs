//! A call that needs approval is made once, as it was approved, on what was looked at.

use std::cell::Cell;

use super::*;
use crate::{
    audit::{
        Kind, Outcome,
        testing::{AfterResponse, PlayedLog},
    },
    catalog::completion::Listing,
    crypto::seal::Purpose,
    governance::{
        approval::{
            ApprovalRule, acts,
            lifecycle::{APPROVED_FOR, Choice, USED_FOR},
            record::{self, Entry},
        },
        policy::PolicySnapshot,
    },
    mcp::messages::answer::Destination,
    platform::http::Method,
};

pub(super) const MERGE: &str = "bitbucket_merge_pull_request";
pub(super) const COMMENT: &str = "bitbucket_add_pull_request_comment";

/// The head of the pull request, which tests move.
pub(super) fn head(number: u8) -> String {
    number.to_string().repeat(40)
}

pub(super) struct Approvals {
    pub(super) world: World,
    head: Rc<Cell<u8>>,
    pub(super) approvers: u8,
    /// For how long approvers may let through what is like a call.
    pub(super) longest_minutes: Option<u32>,
    after: AfterResponse,
    log: PlayedLog,
}

impl Approvals {
    pub(super) fn new() -> Self {
        let head_now = Rc::new(Cell::new(1));
        let answered = Rc::clone(&head_now);
        let http = ScriptedHttp::new(move |_| {
            let hash = head(answered.get());
            json_answer(
                200,
                &json!({
                    "id": 7, "title": "Count requests", "state": "OPEN", "source": { "commit": { "hash": hash } },
                    "destination": { "branch": { "name": "main" } },
                }),
            )
        });
        let mut world = World::answering(settings::for_tests(), http);
        world.principal.scopes = Scopes::parse("read write admin");
        let (after, log) = (AfterResponse::default(), PlayedLog::default());
        world.context.platform.caller = Rc::new(after.clone());
        world.context.platform.audit_logs = Rc::new(log.clone());
        world.connect_bitbucket();
        Self { world, head: head_now, approvers: 1, longest_minutes: None, after, log }
    }

    fn believe(&self, tool: &str) {
        let sentence = "Somebody else looks at it.".to_owned();
        let rule = ApprovalRule {
            name: "four eyes".to_owned(),
            sentence,
            approvers: self.approvers,
            fresh_sign_in_minutes: None,
            longest_minutes: self.longest_minutes,
        };
        let policy = PolicySnapshot::approving_all().with_approval_rule(tool, &rule);
        snapshot_cache::believe(policy, self.world.clock.now());
    }

    pub(super) fn call_by(&self, tool: &str, arguments: &Value, key: Option<&str>) -> Answer<String> {
        self.believe(tool);
        let origin = Origin { key, ..Origin::direct(&self.world.context, &self.world.principal) };
        let arguments = arguments.as_object().cloned().expect("an object");
        let answer = block_on(tools::call(origin, tool, &arguments, &Notifier::SILENT)).expect("an answer");
        self.after.respond();
        answer
    }

    pub(super) fn comment(&self) -> Answer<String> {
        self.call_by(COMMENT, &commenting(9), None)
    }

    pub(super) fn link(answer: Answer<String>) -> (String, String) {
        let Answer::LinkNeeded(needed) = answer else { panic!("no link: {answer:?}") };
        assert_eq!(needed.leads_to, Destination::Approval);
        assert_eq!(needed.url, format!("https://postern.example/approvals/{}", needed.id));
        (needed.id, needed.message)
    }

    pub(super) fn entry(&self, id: &str) -> Entry {
        block_on(record::find(&self.world.context, id)).unwrap().expect("an approval")
    }

    pub(super) fn decide(&self, id: &str, by: &str, choice: Choice) {
        self.decide_with(id, by, choice, None);
    }

    /// Decides, and lets what is like it through for so many minutes.
    pub(super) fn decide_with(&self, id: &str, by: &str, choice: Choice, like_it: Option<u32>) {
        let (context, by) = (&self.world.context, UserId::new(by));
        let decided = block_on(acts::decide(context, &self.entry(id), &by, true, choice, like_it, "not today"));
        assert!(matches!(decided, Ok(Ok(_))), "{decided:?}");
    }

    /// How often the provider was asked to change something.
    pub(super) fn changes(&self) -> usize {
        self.world.http.sent.borrow().iter().filter(|request| request.method != Method::Get).count()
    }

    /// The kinds and ends of the events, and their reasons.
    pub(super) fn events(&self) -> Vec<(Kind, Outcome, String)> {
        let events = self.log.whole().events;
        events.into_iter().map(|event| (event.kind, event.outcome, event.reason.unwrap_or_default())).collect()
    }
}

pub(super) fn commenting(number: u32) -> Value {
    json!({ "workspace": "acme", "repository": "backend", "pull_request": 7, "text": format!("comment {number}") })
}

#[test]
fn a_call_that_needs_approval_stops_before_its_request_and_shows_what_it_would_do() {
    let approvals = Approvals::new();
    let (id, message) = Approvals::link(approvals.comment());
    assert_eq!(approvals.changes(), 0);
    assert!(
        message.starts_with("Not run: `bitbucket_add_pull_request_comment` (acme/backend#7) waits for approval"),
        "{message}"
    );
    assert!(message.contains("“four eyes”: Somebody else looks at it."), "{message}");
    let entry = approvals.entry(&id);
    assert_eq!(entry.approval.observed.as_deref(), Some(&*format!("{} into main", head(1))));
    let contents = entry.contents(approvals.world.context.settings.sealer(Purpose::Approvals));
    assert!(contents.arguments.contains(&("text".to_owned(), "comment 9".to_owned())), "{:?}", contents.arguments);
    assert!(contents.preview.expect("a preview").contains("Count requests"));
}

#[test]
fn the_same_call_asks_once_however_often_it_is_made() {
    let approvals = Approvals::new();
    let (id, _) = Approvals::link(approvals.comment());
    let Answer::LinkNeeded(again) = approvals.comment() else { panic!("no link") };
    assert_eq!((again.id, again.in_words), (id, true));
    assert_ne!(Approvals::link(approvals.call_by(COMMENT, &commenting(10), None)).0, approvals.asked_id());
}

impl Approvals {
    pub(super) fn asked_id(&self) -> String {
        Self::link(self.comment()).0
    }

    /// With an approval of the call, by bob.
    fn approved() -> (Self, String) {
        let approvals = Self::new();
        let id = approvals.asked_id();
        approvals.decide(&id, "bob", Choice::Approve);
        (approvals, id)
    }
}

#[test]
fn an_approved_call_is_made_once_and_its_events_name_the_approval() {
    let (approvals, id) = Approvals::approved();
    assert!(matches!(approvals.comment(), Answer::Complete(_)));
    assert_eq!(approvals.changes(), 1);
    let reference = format!("approval {id}");
    let events = approvals.events();
    for (kind, outcome) in [
        (Kind::Call, Outcome::Denied),
        (Kind::ApprovalRequested, Outcome::Succeeded),
        (Kind::ApprovalGiven, Outcome::Succeeded),
        (Kind::ApprovalUsed, Outcome::Succeeded),
        (Kind::Call, Outcome::Succeeded),
    ] {
        assert!(
            events.iter().any(|event| (event.0, event.1) == (kind, outcome) && event.2.contains(&reference)),
            "{kind:?} {outcome:?}: {events:?}"
        );
    }
    let Answer::Failed(said) = approvals.comment() else { panic!("it did not fail") };
    assert!(said.starts_with("Not run: the approval of this very call") && said.contains(" Next: "), "{said}");
    assert_eq!(approvals.changes(), 1);
}

#[test]
fn an_approval_is_of_those_arguments_and_that_client_alone() {
    let (mut approvals, _) = Approvals::approved();
    Approvals::link(approvals.call_by(COMMENT, &commenting(10), None));
    approvals.world.principal.client = ClientId::new("another client");
    Approvals::link(approvals.comment());
    assert_eq!(approvals.changes(), 0);
}

#[test]
fn a_call_whose_pull_request_has_moved_since_it_was_approved_is_not_made_and_is_asked_for_anew() {
    let (approvals, id) = Approvals::approved();
    approvals.head.set(2);
    let (anew, message) = Approvals::link(approvals.comment());
    assert_ne!(anew, id);
    assert!(message.contains(
        "It was approved before, but it was approved at 111111111111 into main, and is at 222222222222 into main now."
    ));
    assert_eq!(approvals.changes(), 0);
    assert!(approvals.events().iter().any(|(kind, ..)| *kind == Kind::ApprovalDrifted));
    approvals.decide(&anew, "bob", Choice::Approve);
    assert!(matches!(approvals.comment(), Answer::Complete(_)));
    assert_eq!(approvals.changes(), 1);
}

#[test]
fn a_denied_call_is_told_the_reason_and_is_not_made() {
    let approvals = Approvals::new();
    let id = approvals.asked_id();
    approvals.decide(&id, "bob", Choice::Deny);
    let Answer::Failed(said) = approvals.comment() else { panic!("it did not fail") };
    assert!(said.starts_with("Refused: an approver denied `bitbucket_add_pull_request_comment`: not today"), "{said}");
    assert_eq!(approvals.changes(), 0);
}

#[test]
fn where_two_approvers_are_needed_the_approval_of_one_lets_nothing_through() {
    let approvals = Approvals { approvers: 2, ..Approvals::new() };
    let id = approvals.asked_id();
    approvals.decide(&id, "bob", Choice::Approve);
    assert_eq!(approvals.asked_id(), id);
    approvals.decide(&id, "carol", Choice::Approve);
    assert!(matches!(approvals.comment(), Answer::Complete(_)));
}

#[test]
fn an_approval_that_is_over_lets_nothing_through() {
    let (approvals, id) = Approvals::approved();
    approvals.world.clock.advance(APPROVED_FOR);
    assert_ne!(approvals.asked_id(), id);
    assert_eq!(approvals.changes(), 0);
}

#[test]
fn a_retry_under_its_idempotency_key_is_answered_as_the_call_was() {
    let (approvals, _) = Approvals::approved();
    let first = approvals.call_by(COMMENT, &commenting(9), Some("key"));
    assert!(matches!(first, Answer::Complete(_)), "{first:?}");
    assert_eq!(approvals.call_by(COMMENT, &commenting(9), Some("key")), first);
    assert_eq!(approvals.changes(), 1);
    approvals.world.clock.advance(USED_FOR);
    assert_eq!(approvals.call_by(COMMENT, &commenting(9), Some("key")), first);
    assert_eq!(approvals.changes(), 1);
}

#[test]
fn nobody_is_asked_to_approve_what_the_call_itself_would_find_out_of_date() {
    let approvals = Approvals::new();
    let arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 7, "commit": head(3) });
    let answer = approvals.call_by(MERGE, &arguments, None);
    assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
    let waiting = block_on(record::pending(&approvals.world.context)).unwrap();
    assert_eq!(waiting, []);
}

#[test]
fn a_read_that_needs_approval_waits_for_it_too() {
    let approvals = Approvals::new();
    let read = || {
        let arguments = json!({ "workspace": "acme", "repository": "backend" });
        approvals.call_by("bitbucket_get_repository", &arguments, None)
    };
    let (id, _) = Approvals::link(read());
    approvals.decide(&id, "bob", Choice::Approve);
    assert!(matches!(read(), Answer::Complete(_)));
    assert!(matches!(read(), Answer::Failed(_)));
}

#[test]
fn nobody_is_asked_to_approve_what_a_client_completes() {
    let approvals = Approvals::new();
    let tool = "bitbucket_list_branches";
    approvals.believe(tool);
    let arguments = json!({ "workspace": "acme", "repository": "backend" }).as_object().cloned().expect("an object");
    let operation = crate::catalog::find(tool).expect("an operation");
    let listing = Listing { operation, arguments, column: "name" };
    let World { context, principal, .. } = &approvals.world;
    let answer = block_on(tools::list_column(context, principal, &listing, &Notifier::SILENT)).expect("an answer");
    assert!(matches!(answer, Answer::Failed(_)), "{answer:?}");
    assert_eq!(block_on(record::pending(context)).unwrap(), []);
}
