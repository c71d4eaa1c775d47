use futures_executor::block_on;

use super::*;
use crate::authorization::testing::House;

const TOOL: &str = "whoami";

fn by() -> UserId {
    UserId::new("alice")
}

fn tool() -> Rc<Tool> {
    tools::find(TOOL).expect("a tool")
}

fn decide(house: &House, state: State) {
    let tool = tool();
    let decided = block_on(super::decide(&house.context, &by(), &tool, state, &digest_of([&*tool])));
    assert_eq!(decided.unwrap(), DecisionResult::Done);
}

fn decision(house: &House) -> ToolDecision {
    let (decisions, _) = block_on(list(&house.context)).unwrap();
    decisions.into_iter().find(|decision| decision.tool.name == TOOL).expect("a tool")
}

/// Approves the tool in a form whose definition had that text in it instead of the present one.
fn approve_earlier(house: &House, definition: Option<&str>, digest: &str) {
    let mac = house.context.settings.authenticator().row(&TOOLS, &[json!(TOOL), json!("approved"), json!(digest)]);
    let row = sql("INSERT INTO tools (name, state, definition_digest, definition, decided_at, mac)
        VALUES (?1, 'approved', ?2, ?3, 0, ?4)");
    house.run(row.bind(TOOL).bind(digest).bind(definition.map(str::to_owned)).bind(mac));
}

fn changes(house: &House) -> Option<Vec<Change>> {
    let (decisions, _) = block_on(list(&house.context)).unwrap();
    block_on(super::changes(&house.context, &decisions)).unwrap().remove(TOOL).expect("a changed tool")
}

#[test]
fn a_decision_is_kept_with_the_definition_that_it_is_of() {
    let house = House::default();
    decide(&house, State::Approved);
    let rows = house.run(sql("SELECT definition, definition_digest FROM tools"));
    let definition = rows[0]["definition"].as_str().unwrap();
    assert_eq!(definition, tool().whole_definition());
    assert_eq!(digest::sha256(definition), rows[0]["definition_digest"].as_str().unwrap());
}

#[test]
fn what_changed_since_the_approval_is_told_member_by_member() {
    let house = House::default();
    let earlier = tool().whole_definition().replace(&*tool().title, "Another title");
    approve_earlier(&house, Some(&earlier), &digest::sha256(&earlier));
    let decision = decision(&house);
    assert_eq!((decision.state, decision.decided.is_none()), (State::Pending, true));
    let changes = changes(&house).expect("what changed");
    let [Change { member, before, after }] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!(
        (member.as_str(), before.as_deref(), after.as_deref()),
        ("title", Some("Another title"), Some(&*tool().title))
    );
}

#[test]
fn a_definition_that_is_not_the_one_of_the_digest_is_not_shown() {
    for definition in [None, Some("{\"title\":\"forged\"}")] {
        let house = House::default();
        approve_earlier(&house, definition, "of an earlier release");
        assert_eq!(changes(&house), None, "{definition:?}");
    }
}

#[test]
fn a_reopened_tool_waits_even_where_reads_are_approved_by_themselves() {
    let house = House::default();
    block_on(set_default(&house.context, &by(), ToolDefault::ApproveReads)).unwrap();
    let by_default = decision(&house);
    assert_eq!((by_default.state, by_default.decided), (State::Approved, None));
    decide(&house, State::Pending);
    assert_eq!(decision(&house).state, State::Pending);
}

#[test]
fn the_default_is_believed_as_an_administrator_set_it_and_no_other() {
    let house = House::default();
    block_on(set_default(&house.context, &by(), ToolDefault::ReviewEverything)).unwrap();
    house.run(sql("UPDATE policy_settings SET value = 'approve_reads'"));
    assert_eq!(block_on(on_record(&house.context)).unwrap().tool_policy.default, ToolDefault::ReviewEverything);
}

#[test]
fn a_classification_is_kept_where_it_is_more_than_the_catalogues_and_goes_where_it_is_not() {
    let house = House::default();
    for (class, is_sensitive, rows) in
        [(Class::Destructive, true, 1), (Class::Read, true, 1), (Class::Write, false, 1), (Class::Read, false, 0)]
    {
        let to = Classification { class, is_sensitive };
        block_on(classify(&house.context, &by(), &tool(), to)).unwrap();
        assert_eq!(decision(&house).classification, to);
        assert_eq!(house.run(sql("SELECT * FROM tool_classifications")).len(), rows);
    }
}

#[test]
fn a_decision_on_many_is_of_those_that_were_seen_or_of_none() {
    let house = House::default();
    let is_meant = |decision: &ToolDecision| decision.tool.name == TOOL;
    let many = |state, saw: &str| block_on(decide_many(&house.context, &by(), is_meant, state, saw)).unwrap();
    for (state, becomes) in
        [(State::Approved, State::Approved), (State::Disabled, State::Disabled), (State::Approved, State::Disabled)]
    {
        assert_eq!(many(state, "other"), DecisionResult::NotAsSeen);
        let tool = tool();
        let seen = digest_of((becomes == state).then_some(&*tool));
        assert_eq!(many(state, &seen), DecisionResult::Done);
        assert_eq!(decision(&house).state, becomes, "nothing that was disabled is approved among many");
    }
}
