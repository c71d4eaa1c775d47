//! Whoever read what somebody outside of the organisation wrote is met by the rules for that, from the moment at which they
//! were answered.

use super::*;
use crate::{
    crypto::seal::Purpose,
    governance::{
        approval::{acts, lifecycle::Choice, record},
        policy::PolicySnapshot,
    },
};

const COMMENTS: &str = "bitbucket_list_pull_request_comments";
const COMMENT: &str = "bitbucket_add_pull_request_comment";
const REPOSITORY: &str = "bitbucket_get_repository";
const COLLEAGUE: &str = "712020:colleague";

/// Comments in `acme` are a colleague's, those elsewhere a stranger's; whatever else is asked for is anybody's.
fn providers() -> ScriptedHttp {
    ScriptedHttp::new(|request| {
        let account = if request.url.contains("/acme/") { COLLEAGUE } else { "712020:stranger" };
        let comment =
            json!({ "id": 1, "user": { "account_id": account, "display_name": "Ann" }, "content": { "raw": "hi" } });
        let head = json!({ "commit": { "hash": "1".repeat(40) } });
        let destination = json!({ "branch": { "name": "main" } });
        json_answer(200, &json!({ "values": [comment], "id": 2, "source": head, "destination": destination }))
    })
}

struct Organisation {
    world: World,
    policy: Value,
}

impl Organisation {
    /// Where that rule is for tainted grants.
    fn with(rule: &Value) -> Self {
        let mut world = World::answering(settings::for_tests(), providers());
        world.principal.scopes = Scopes::parse("read write admin");
        world.connect_bitbucket();
        let policy = json!({ "rules": [rule], "trusted_accounts": [COLLEAGUE] });
        Self { world, policy }
    }

    fn call(&self, tool: &str, workspace: &str, more: &Value) -> Answer<upstream::Answer> {
        let access = serde_json::from_value(self.policy.clone()).expect("a policy");
        snapshot_cache::believe(PolicySnapshot::approving_all().with_access(access), self.world.clock.now());
        let mut arguments = json!({ "workspace": workspace, "repository": "backend", "pull_request": 7 });
        for (name, value) in more.as_object().into_iter().flatten() {
            arguments[name] = value.clone();
        }
        if tool == REPOSITORY {
            arguments.as_object_mut().unwrap().remove("pull_request");
        }
        let origin = Origin::direct(&self.world.context, &self.world.principal);
        let (tool, arguments) = (crate::tools::find(tool).expect("a tool"), arguments.as_object().cloned().unwrap());
        block_on(tools::call_tool(origin, &tool, &arguments, &Notifier::SILENT)).expect("an answer")
    }

    fn read(&self, workspace: &str) -> upstream::Answer {
        match self.call(COMMENTS, workspace, &json!({})) {
            Answer::Complete(answer) => answer,
            other => panic!("not read: {other:?}"),
        }
    }

    fn writes(&self, workspace: &str) -> bool {
        matches!(self.call(COMMENT, workspace, &json!({ "text": "thanks" })), Answer::Complete(_))
    }
}

fn block(taint: &str, tools: &Value) -> Value {
    json!({ "name": "after strangers", "tools": tools, "taint": taint, "then": "block" })
}

fn writes() -> Value {
    json!({ "classes": ["write", "destructive"] })
}

#[test]
fn whoever_read_a_strangers_comment_is_stopped_when_they_write_and_others_are_not() {
    let mut organisation = Organisation::with(&block("any", &writes()));
    assert!(organisation.writes("public"));
    assert!(organisation.read("public").provenance.expect("marks").outside);
    let Answer::Failed(said) = organisation.call(COMMENT, "acme", &json!({ "text": "thanks" })) else {
        panic!("it ran")
    };
    assert!(said.contains("after strangers"), "{said}");
    organisation.world.clock.advance(Duration::from_mins(62));
    assert!(organisation.writes("acme"));
    organisation.read("public");
    assert!(!organisation.writes("acme"));
    organisation.world.principal.client = ClientId::new("client");
    organisation.world.principal.grant = GrantId::new("another");
    let refused = organisation.call(COMMENT, "acme", &json!({ "text": "thanks" }));
    assert!(matches!(refused, Answer::GrantEnded), "a grant that is none is no way around: {refused:?}");
}

#[test]
fn what_colleagues_wrote_taints_nobody_and_is_marked_so() {
    let organisation = Organisation::with(&block("any", &writes()));
    let marks = organisation.read("acme").provenance.expect("marks");
    assert_eq!((marks.outside, marks.authors.inside, marks.authors.others), (false, 1, false));
    assert!(organisation.writes("acme"));
}

#[test]
fn a_text_without_an_author_is_from_outside_where_nothing_says_otherwise() {
    let organisation = Organisation::with(&block("any", &writes()));
    let answer = organisation.call(REPOSITORY, "acme", &json!({}));
    assert!(matches!(&answer, Answer::Complete(_)), "{answer:?}");
    assert!(!organisation.writes("acme"));
}

#[test]
fn a_write_to_where_the_text_came_from_is_no_write_elsewhere() {
    let organisation = Organisation::with(&block("elsewhere", &writes()));
    organisation.read("public");
    assert!(organisation.writes("public"));
    assert!(!organisation.writes("acme"));
}

#[test]
fn a_lease_lets_no_read_run_that_a_rule_stops_for_tainted_grants() {
    let organisation = Organisation::with(&block("any", &json!({ "names": [REPOSITORY] })));
    let get = || organisation.call(REPOSITORY, "acme", &json!({}));
    for _ in 0..3 {
        organisation.read("acme");
    }
    assert!(matches!(get(), Answer::Complete(_)));
    for _ in 0..3 {
        assert!(matches!(get(), Answer::Failed(_)));
        organisation.read("acme");
    }
}

#[test]
fn without_a_rule_that_names_taint_nothing_is_asked_of_the_object() {
    let rule = json!({ "name": "no merges", "tools": { "names": ["bitbucket_merge_pull_request"] }, "then": "block" });
    let organisation = Organisation::with(&rule);
    organisation.read("public");
    assert!(organisation.writes("public"));
    let turns = organisation.world.turns.borrow();
    assert!(!turns.iter().any(|turn| turn.contains("note_reading") || turn.contains("tolerated")), "{turns:?}");
}

#[test]
fn a_held_call_shows_its_approvers_what_was_read_before() {
    let rule = json!({ "name": "after strangers", "tools": writes(), "taint": "any", "then": "approve" });
    let organisation = Organisation::with(&rule);
    organisation.read("public");
    let answer = organisation.call(COMMENT, "acme", &json!({ "text": "thanks" }));
    let Answer::LinkNeeded(needed) = answer else { panic!("no link: {answer:?}") };
    let context = &organisation.world.context;
    let entry = block_on(crate::governance::approval::record::find(context, &needed.id)).unwrap().expect("an approval");
    let contents = entry.contents(context.settings.sealer(crate::crypto::seal::Purpose::Approvals));
    assert_eq!(contents.read_before, ["public/backend#7, Bitbucket"]);
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Read(usize),
    Write(usize),
}

const WORKSPACES: [&str; 3] = ["acme", "public", "open"];

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..40).prop_map(Step::Wait),
        (0..WORKSPACES.len()).prop_map(Step::Read),
        (0..WORKSPACES.len()).prop_map(Step::Write),
        (0..WORKSPACES.len()).prop_map(Step::Write),
    ]
}

proptest! {
    #[test]
    fn no_write_goes_elsewhere_within_an_hour_of_an_answer_from_outside(steps in prop::collection::vec(any_step(), 1..25)) {
        let organisation = Organisation::with(&block("elsewhere", &writes()));
        let mut answered: Vec<(usize, Timestamp)> = Vec::new();
        for step in steps {
            let now = organisation.world.clock.now();
            match step {
                Step::Wait(minutes) => organisation.world.clock.advance(Duration::from_mins(minutes)),
                Step::Read(workspace) => {
                    organisation.read(WORKSPACES[workspace]);
                    // A colleague's comments are no text from outside.
                    if workspace > 0 {
                        answered.push((workspace, now));
                    }
                }
                Step::Write(workspace) => {
                    let is_elsewhere_within = |minutes| {
                        let within = |at: Timestamp| now.since(at) < Duration::from_mins(minutes);
                        answered.iter().any(|(read, at)| *read != workspace && within(*at))
                    };
                    let (stopped, may_be_stopped) = (is_elsewhere_within(60), is_elsewhere_within(62));
                    let ran = organisation.writes(WORKSPACES[workspace]);
                    prop_assert!(ran || may_be_stopped, "{answered:?} {workspace}");
                    prop_assert!(!(ran && stopped), "{answered:?} {workspace}");
                }
            }
        }
    }
}

#[test]
fn what_approvers_let_through_stops_once_the_client_read_a_strangers_text() {
    let held =
        json!({ "name": "looked at", "tools": { "names": [COMMENT] }, "then": "approve", "longest_minutes": 60 });
    let mut organisation = Organisation::with(&held);
    let after_strangers = block("elsewhere", &json!({ "classes": ["destructive"] }));
    organisation.policy["rules"].as_array_mut().expect("rules").push(after_strangers);
    let Answer::LinkNeeded(needed) = organisation.call(COMMENT, "acme", &json!({ "text": "thanks" })) else {
        panic!("it was not held")
    };
    let (context, bob) = (&organisation.world.context, UserId::new("bob"));
    let entry = block_on(record::find(context, &needed.id)).unwrap().expect("an approval");
    block_on(acts::decide(context, &entry, &bob, true, Choice::Approve, Some(60), "")).unwrap().expect("a decision");
    assert!(organisation.writes("acme"), "it was approved itself");
    assert!(matches!(organisation.call(COMMENT, "acme", &json!({ "text": "more" })), Answer::Complete(_)));
    organisation.read("public");
    let Answer::LinkNeeded(needed) = organisation.call(COMMENT, "acme", &json!({ "text": "and more" })) else {
        panic!("it was not held")
    };
    let entry = block_on(record::find(&organisation.world.context, &needed.id)).unwrap().expect("an approval");
    let contents = entry.contents(organisation.world.context.settings.sealer(Purpose::Approvals));
    assert_eq!(contents.offer, None);
}
