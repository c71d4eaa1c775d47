use proptest::prelude::*;

use super::*;
use crate::governance::policy::{PolicySnapshot, State};

fn undecided(default: ToolDefault) -> PolicySnapshot {
    let tool_policy = ToolPolicy { default, ..ToolPolicy::default() };
    PolicySnapshot { tools: HashMap::new(), tool_policy, ..PolicySnapshot::approving_all() }
}

fn facts(class: Class, sensitivity: Sensitivity) -> ToolFacts<'static> {
    ToolFacts {
        name: "tool",
        place: 0,
        definition_digest: "digest",
        class,
        sensitivity,
        account: None,
        sites: Vec::new(),
    }
}

fn read() -> ToolFacts<'static> {
    facts(Class::Read, Sensitivity::Work)
}

fn decided(state: State, digest: &str, default: ToolDefault) -> PolicySnapshot {
    let tools = HashMap::from([("tool".to_owned(), (state, digest.to_owned()))]);
    PolicySnapshot { tools, ..undecided(default) }
}

fn raised(mut policy: PolicySnapshot, class: Class, is_sensitive: bool) -> PolicySnapshot {
    let classification = Classification { class, is_sensitive };
    policy.tool_policy.classifications.insert("tool".to_owned(), classification);
    policy
}

#[test]
fn by_default_a_tool_that_nobody_decided_on_waits() {
    assert_eq!(undecided(ToolDefault::default()).state(&read()), State::Pending);
}

#[test]
fn reads_that_are_not_sensitive_are_approved_by_themselves_where_the_organisation_says_so_and_nothing_else() {
    let policy = undecided(ToolDefault::ApproveReads);
    for (class, sensitivity, state) in [
        (Class::Read, Sensitivity::Names, State::Approved),
        (Class::Read, Sensitivity::Work, State::Approved),
        (Class::Read, Sensitivity::Contents, State::Pending),
        (Class::Write, Sensitivity::Names, State::Pending),
        (Class::Destructive, Sensitivity::Names, State::Pending),
    ] {
        assert_eq!(policy.state(&facts(class, sensitivity)), state, "{class:?} {sensitivity:?}");
    }
}

#[test]
fn a_tool_that_an_administrator_classifies_as_more_is_not_approved_by_itself() {
    for (class, is_sensitive) in [(Class::Write, false), (Class::Read, true)] {
        let policy = raised(undecided(ToolDefault::ApproveReads), class, is_sensitive);
        assert_eq!(policy.state(&read()), State::Pending, "{class:?} {is_sensitive}");
    }
}

#[test]
fn an_approval_ends_when_the_definition_changes() {
    assert_eq!(decided(State::Approved, "digest", ToolDefault::ReviewEverything).state(&read()), State::Approved);
    assert_eq!(decided(State::Approved, "changed", ToolDefault::ReviewEverything).state(&read()), State::Pending);
}

#[test]
fn what_is_disabled_or_reopened_stays_so_whatever_the_default_and_however_it_changes() {
    for (state, digest) in [(State::Disabled, "digest"), (State::Disabled, "changed"), (State::Pending, "changed")] {
        assert_eq!(decided(state, digest, ToolDefault::ApproveReads).state(&read()), state, "{state:?} {digest}");
    }
}

#[test]
fn a_tool_is_listed_as_it_is_classified() {
    let whoami = crate::tools::find("whoami").expect("a tool");
    let classification = Classification { class: Class::Write, is_sensitive: false };
    let mut policy = ToolPolicy::default();
    assert!(Rc::ptr_eq(&policy.classified(&whoami), &whoami));
    policy.classifications.insert("whoami".to_owned(), classification);
    let raised = policy.classified(&whoami);
    assert_eq!((raised.class, raised.definition_digest()), (Class::Write, whoami.definition_digest()));
    let sites = &crate::settings::for_tests().sites;
    assert_eq!(raised.definition(sites)["annotations"]["readOnlyHint"], false);
}

fn any_class() -> impl Strategy<Value = Class> {
    prop::sample::select(Class::ALL.to_vec())
}

proptest! {
    #[test]
    fn nobody_classifies_a_tool_as_less_than_the_catalogue_does(
        catalogued in any_class(), chosen in any_class(), is_sensitive in any::<bool>(),
    ) {
        let policy = raised(undecided(ToolDefault::default()), chosen, is_sensitive);
        let classification = policy.classification(&facts(catalogued, Sensitivity::Contents));
        prop_assert!(classification.class >= catalogued && classification.class >= chosen);
        prop_assert!(classification.is_sensitive);
    }
}
