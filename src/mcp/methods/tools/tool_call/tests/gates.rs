//! Calls through gates: each is one of its operation.

use super::*;
use crate::{
    mcp::{
        messages::content::{ContentBlock, ToolResult},
        methods::{gates, tools::Part},
    },
    platform::native::memory::Appended,
    tools::{Gate, view::View},
};

impl World {
    fn through(&self, gate: Gate, arguments: &Value) -> Answer<String> {
        let arguments = arguments.as_object().cloned().expect("an object");
        let (origin, view) = (Origin::direct(&self.context, &self.principal), View::default());
        let text = |mut result: ToolResult| match result.content.pop() {
            Some(ContentBlock::Text { text }) => text,
            other => panic!("{other:?}"),
        };
        block_on(gates::call(origin, &view, gate, &arguments, &Notifier::SILENT)).expect("an answer").map(text)
    }

    /// One `postern_read` of these operations and arguments.
    pub(super) fn read(&self, calls: &[(&str, Value)]) -> Answer<String> {
        let call = |(operation, arguments): &(&str, Value)| json!({ "operation": operation, "arguments": arguments });
        let calls: Vec<_> = calls.iter().map(call).collect();
        self.through(Gate::Read, &json!({ "calls": calls }))
    }

    /// What became of each of several calls at once.
    pub(super) fn side_by_side(&self, names: &[&str]) -> Vec<Answer<upstream::Answer>> {
        let part = |name: &&str| Part { tool: crate::tools::find(name).expect("a tool"), arguments: Map::new() };
        let parts: Vec<_> = names.iter().map(part).collect();
        let origin = Origin { via: Some(Gate::Read), ..Origin::direct(&self.context, &self.principal) };
        block_on(tools::run_batch(origin, &parts, &Notifier::SILENT)).expect("answers")
    }

    /// How many turns the objects took to admit calls.
    fn admissions(&self) -> usize {
        self.turns.borrow().iter().filter(|turn| turn.contains("\"admit\"")).count()
    }

    /// Keeps what is told to the log.
    fn with_log(mut self) -> (Self, Appended) {
        let log = Appended::default();
        self.context.platform.audit_logs = Rc::new(log.clone());
        (self, log)
    }
}

const READS: &str = "confluence_list_spaces";

#[test]
fn several_calls_of_one_account_make_one_hop() {
    let world = World::new();
    world.decide(READS, "approved");
    let answers = world.side_by_side(&[READS; 10]);
    assert!(answers.iter().all(|answer| matches!(answer, Answer::Complete(_))), "{answers:?}");
    assert_eq!((world.admissions(), world.http.sent.borrow().len()), (1, 10));
}

#[test]
fn every_call_of_several_is_on_record_with_its_gate() {
    let (world, log) = World::new().with_log();
    world.decide(READS, "approved");
    world.side_by_side(&[READS, "whoami", READS]);
    // Whatever is recorded takes along what waits.
    let later = audit::event(&world.context, audit::Kind::ToolDecided);
    block_on(audit::record(&world.context, later));
    let log: String = log.0.borrow().iter().map(|(_, delivery)| delivery.as_str()).collect();
    assert_eq!(log.matches("\"reason\":\"via postern_read\"").count(), 2, "{log}");
    assert!(log.contains("\"reason\":\"the tool awaits approval; via postern_read\""), "{log}");
    assert!(!log.contains("\"tool\":\"postern_"), "{log}");
}

#[test]
fn a_call_that_is_denied_leaves_those_beside_it() {
    let world = World::new();
    world.decide(READS, "approved");
    let Answer::Complete(text) = world.read(&[("whoami", json!({})), (READS, json!({}))]) else { panic!("no answer") };
    assert!(text.starts_with("2 calls: 1 answered, 1 failed."), "{text}");
}

/// The rows of a list of spaces: as many as it was asked for.
fn spaces(request: &OutboundRequest) -> upstream::testing::Answered {
    let limit = request.url.split("limit=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or("1");
    let space = |number: usize| json!({ "id": number.to_string(), "key": format!("KEY{number}"), "name": "A space of many words", "status": "current" });
    let rows: Vec<_> = (0..limit.parse().unwrap()).map(space).collect();
    json_answer(200, &json!({ "results": rows }))
}

#[test]
fn whatever_a_provider_does_to_one_call_of_several_spoils_no_other() {
    for (name, fault) in upstream::testing::faults() {
        let http =
            ScriptedHttp::new(move |request| if request.url.contains("limit=7") { fault() } else { spaces(request) });
        let world = World::answering(settings::for_tests(), http);
        world.decide(READS, "approved");
        let calls = [(READS, json!({ "limit": 1 })), (READS, json!({ "limit": 7 })), (READS, json!({ "limit": 2 }))];
        let Answer::Complete(text) = world.read(&calls) else { panic!("{name}: no answer") };
        assert!(text.starts_with("3 calls: 2 answered, 1 failed."), "{name}: {text}");
        assert!(text.contains("KEY1"), "{name}: {text}");
        assert!(!text.contains("private") && !text.contains("hello"), "{name}: {text}");
    }
}

#[test]
fn what_short_answers_leave_over_goes_to_a_long_one_beside_them() {
    let world = World::answering(settings::for_tests(), ScriptedHttp::new(spaces));
    world.decide(READS, "approved");
    let tokens = |count: usize| {
        let calls: Vec<_> =
            (0..count).map(|_| (READS, json!({ "limit": 1 }))).chain([(READS, json!({ "limit": 250 }))]).collect();
        let Answer::Complete(text) = world.read(&calls) else { panic!("no answer") };
        upstream::tokens::estimate(&text)
    };
    let alone = tokens(0);
    assert!(tokens(2) > alone, "{} of {alone}", tokens(2));
    assert!(tokens(9) <= Budget::MOST.tokens());
}

#[test]
fn the_approval_of_one_write_opens_the_gate_for_no_other() {
    let mut world = World::new();
    world.principal.scopes = Scopes::parse("read write");
    world.decide("confluence_list_spaces", "approved");
    let close = json!({ "operation": "tracker_close_issue", "arguments": { "project": "POST", "issue": 7 } });
    assert!(matches!(world.through(Gate::Write, &close), Answer::Failed(_)));
    world.decide("tracker_close_issue", "approved");
    world.clock.advance(IN_FORCE_AFTER);
    assert!(matches!(world.through(Gate::Write, &close), Answer::LinkNeeded(_)));
}

#[test]
fn a_write_does_not_run_through_the_gate_of_what_reads() {
    let mut world = World::new();
    world.principal.scopes = Scopes::parse("read write");
    world.decide("tracker_close_issue", "approved");
    let answer = world.read(&[("tracker_close_issue", json!({ "project": "POST", "issue": 7 }))]);
    let Answer::Failed(told) = answer else { panic!("{answer:?}") };
    assert!(told.contains("Next: postern_write {\"operation\":\"tracker_close_issue\""), "{told}");
}

#[test]
fn a_write_needs_the_larger_scope_behind_a_gate_too() {
    let world = World::new();
    world.decide("tracker_close_issue", "approved");
    let close = json!({ "operation": "tracker_close_issue", "arguments": { "project": "POST", "issue": 7 } });
    assert!(matches!(world.through(Gate::Write, &close), Answer::InsufficientScope(_)));
}

#[test]
fn an_account_that_has_to_be_connected_is_asked_for_once() {
    let world = World::new();
    world.decide("bitbucket_list_workspaces", "approved");
    let calls = [("bitbucket_list_workspaces", json!({})), ("bitbucket_list_workspaces", json!({ "limit": 5 }))];
    assert!(matches!(world.read(&calls), Answer::LinkNeeded(_)));
    assert_eq!(world.admissions(), 1);
}
