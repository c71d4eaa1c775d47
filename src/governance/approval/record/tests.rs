use std::rc::Rc;

use futures::future::join;
use futures_executor::block_on;

use super::*;
use crate::{
    governance::approval::{
        acts::{self, Used},
        lifecycle::{CannotDecide, Choice, PENDING_FOR},
    },
    identifiers::RequestId,
    platform::{
        Platform,
        native::{
            self,
            memory::{ScriptedHttp, TestClock},
        },
    },
    settings,
};

struct World {
    context: Context,
    clock: TestClock,
    rule: ApprovalRule,
}

impl World {
    fn new() -> Self {
        let clock = TestClock::default();
        let platform = Platform { clock: Rc::new(clock.clone()), ..native::platform(ScriptedHttp::unreachable()) };
        let context =
            Context { settings: Rc::new(settings::for_tests()), platform, request_id: RequestId::new("request-1") };
        let rule = ApprovalRule {
            name: "merges".into(),
            sentence: "Somebody else looks.".into(),
            approvers: 1,
            fresh_sign_in_minutes: None,
            longest_minutes: None,
        };
        Self { context, clock, rule }
    }

    fn call(subject: &str, digest: &str) -> ApprovableCall {
        let subject = Subject::Person(UserId::new(subject));
        ApprovableCall { subject, client: ClientId::new("editor"), digest: digest.into() }
    }

    fn ask(&self, subject: &str, digest: &str) -> Entry {
        let call = Self::call(subject, digest);
        let now = self.context.platform.clock.now();
        let approval = Approval::asked(call, Some("abc".into()), self.rule.approvers, now);
        let contents = Contents {
            sentence: self.rule.sentence.clone(),
            arguments: vec![("pull_request".into(), "7".into())],
            preview: Some("a secret plan".into()),
            fresh_sign_in_minutes: None,
            read_before: vec!["public/site, Bitbucket".into()],
            offer: None,
            call: None,
        };
        let asked = Asked {
            approval,
            rule: &self.rule,
            tool: "bitbucket_merge_pull_request",
            target: "acme/backend#7",
            reason: "",
            contents: &contents,
        };
        block_on(acts::ask(&self.context, asked)).unwrap()
    }

    fn decide(&self, entry: &Entry, by: &str, choice: Choice) -> Result<Entry, CannotDecide> {
        let by = UserId::new(by);
        block_on(acts::decide(&self.context, entry, &by, true, choice, None, "not today")).unwrap()
    }

    fn find(&self, id: &str) -> Option<Entry> {
        block_on(find(&self.context, id)).unwrap()
    }

    fn execute(&self, statement: &'static str) {
        block_on(self.context.platform.database.run(sql(statement))).unwrap();
    }
}

#[test]
fn an_approval_is_found_as_it_was_asked_for_and_its_contents_are_sealed() {
    let world = World::new();
    let entry = world.ask("alice", "digest");
    assert_eq!(world.find(&entry.id), Some(entry.clone()));
    assert_eq!(block_on(latest(&world.context, &World::call("alice", "digest"))).unwrap(), Some(entry.clone()));
    assert!(!entry.contents.contains("secret plan") && !entry.contents.contains("pull_request"));
    let contents = entry.contents(world.context.settings.sealer(Purpose::Approvals));
    assert_eq!(contents.preview.as_deref(), Some("a secret plan"));
}

#[test]
fn the_same_call_asks_once_while_it_waits_and_anew_when_that_is_over() {
    let world = World::new();
    let first = world.ask("alice", "digest");
    assert_eq!(world.ask("alice", "digest").id, first.id);
    assert_ne!(world.ask("alice", "other arguments").id, first.id);
    assert_ne!(world.ask("bob", "digest").id, first.id);
    world.clock.advance(PENDING_FOR);
    assert_ne!(world.ask("alice", "digest").id, first.id);
}

#[test]
fn of_two_uses_at_once_one_is_let_through() {
    let world = World::new();
    let Ok(approved) = world.decide(&world.ask("alice", "digest"), "bob", Choice::Approve) else {
        panic!("not approved")
    };
    let attempt = || acts::use_once(&world.context, &approved, Some("abc"));
    let (one, other) = block_on(join(attempt(), attempt()));
    let (Used::Once(used), Used::NotApproved) = (one.unwrap(), other.unwrap()) else { panic!("not one of them") };
    assert_eq!(world.find(&approved.id), Some(*used));
}

#[test]
fn how_the_call_ended_is_noted_once() {
    let world = World::new();
    for (digest, is_done, state) in [("one", true, State::Done), ("other", false, State::Failed)] {
        let approved = world.decide(&world.ask("alice", digest), "bob", Choice::Approve).unwrap();
        let Ok(Used::Once(used)) = block_on(acts::use_once(&world.context, &approved, Some("abc"))) else {
            panic!("not used")
        };
        for said in [is_done, !is_done] {
            block_on(acts::end(&world.context, &used, said)).unwrap();
            assert_eq!(world.find(&used.id).unwrap().approval.state, state);
        }
    }
}

#[test]
fn of_a_denial_and_an_approval_on_the_same_page_the_first_counts() {
    let world = World::new();
    let seen = world.ask("alice", "digest");
    assert!(world.decide(&seen, "bob", Choice::Deny).is_ok());
    assert_eq!(world.decide(&seen, "carol", Choice::Approve), Err(CannotDecide::NotPending));
    let denied = world.find(&seen.id).unwrap();
    assert_eq!((denied.reason.as_str(), denied.denied_by), ("not today", Some(UserId::new("bob"))));
}

#[test]
fn two_approvers_who_press_the_button_at_once_both_count() {
    let world = World { rule: ApprovalRule { approvers: 2, ..World::new().rule }, ..World::new() };
    let seen = world.ask("alice", "digest");
    assert!(world.decide(&seen, "bob", Choice::Approve).is_ok());
    let Ok(both) = world.decide(&seen, "carol", Choice::Approve) else { panic!("not decided") };
    assert_eq!(both.approval.state, State::Approved);
}

#[test]
fn whoever_writes_the_record_approves_nothing_and_moves_no_approval_to_another_call() {
    for forgery in [
        "UPDATE approvals SET state = 'approved', ends_at = ends_at + 1",
        "UPDATE approvals SET approved_by = '[\"bob\"]'",
        "UPDATE approvals SET approvers = 0",
        "UPDATE approvals SET call_digest = 'other arguments'",
        "UPDATE approvals SET observed = 'def'",
        "UPDATE approvals SET subject = 'mallory'",
        "UPDATE approvals SET client_id = 'terminal'",
        "UPDATE approvals SET target = 'acme/harmless#1'",
        "UPDATE approvals SET ends_at = ends_at + 1",
    ] {
        let world = World::new();
        let entry = world.ask("alice", "digest");
        world.execute(forgery);
        assert_eq!(world.find(&entry.id), None, "{forgery}");
    }
}

#[test]
fn the_queue_has_what_waits_the_longest_first_and_nothing_that_is_decided_or_over() {
    let world = World::new();
    let over = world.ask("alice", "over");
    world.clock.advance(PENDING_FOR);
    let [first, second, denied] = ["first", "second", "denied"].map(|digest| {
        world.clock.advance(std::time::Duration::from_secs(1));
        world.ask("alice", digest)
    });
    assert!(world.decide(&denied, "bob", Choice::Deny).is_ok());
    let queue: Vec<String> = block_on(pending(&world.context)).unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(queue, [first.id, second.id]);
    assert!(!queue.contains(&over.id));
}

#[test]
fn a_person_has_so_many_on_record_and_the_oldest_go_first() {
    let world = World::new();
    let first = world.ask("alice", "first");
    for number in 0..CAP.most() {
        world.ask("alice", &number.to_string());
    }
    assert_eq!(world.find(&first.id), None);
    assert_eq!(block_on(of_person(&world.context, &UserId::new("alice"))).unwrap().len(), 64);
}
