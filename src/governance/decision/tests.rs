use std::{collections::HashMap, rc::Rc};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{
    catalog::{arguments, operation::Class},
    governance::{
        approval::ApprovalRule,
        attributes::{Attributes, Groups, Role},
        facts::Caller,
        organisation_account::OrganisationAccount,
    },
    identifiers::{ClientId, UserId},
    platform::clock::Timestamp,
    providers::{BITBUCKET, Site},
    settings,
    tools::{self, Source, Tool},
};

const NOW: Timestamp = Timestamp(1_795_780_800_000);

/// Nothing is decided by roles and groups.
static NONE: Attributes = Attributes::of_service();

fn policy(tool: &Tool, state: State) -> PolicySnapshot {
    let tools = HashMap::from([(tool.name.to_string(), (state, tool.definition_digest().to_owned()))]);
    PolicySnapshot { version: 7, tools, ..PolicySnapshot::approving_all() }
}

fn entry<'a>(subject: &'a Subject, client: &'a ClientId, tool: &'a Tool) -> Facts<'a> {
    Facts::of_entry(
        &settings::for_tests(),
        Caller { subject, client, attributes: &NONE, permitted: Some(Class::Destructive), now: NOW },
        tool,
    )
}

fn person() -> Subject {
    Subject::Person(UserId::new("alice"))
}

fn service() -> Subject {
    Subject::Service(ClientId::new("pipeline"))
}

fn whoami() -> Rc<Tool> {
    tools::find("whoami").expect("a tool")
}

#[test]
fn only_an_approved_tool_may_run() {
    let client = ClientId::new("client");
    for subject in [person(), service()] {
        let states = [State::Pending, State::Approved, State::Disabled].into_iter();
        let allowed = states.filter(|state| {
            decide(&policy(&whoami(), *state), &entry(&subject, &client, &whoami())).verdict == Verdict::Allowed
        });
        assert_eq!(allowed.collect::<Vec<_>>(), [State::Approved]);
    }
}

#[test]
fn a_tool_that_works_in_a_persons_account_needs_a_person() {
    let client = ClientId::new("client");
    let tool = tools::find("bitbucket_get_repository").expect("a tool");
    for (subject, verdict) in [(person(), Verdict::Allowed), (service(), Verdict::Denied(Denial::NeedsPerson))] {
        let decision = decide(&policy(&tool, State::Approved), &entry(&subject, &client, &tool));
        assert_eq!(decision.verdict, verdict);
    }
}

#[test]
fn nobody_changes_what_the_organisations_account_alone_can_change_until_an_administrator_lets_them() {
    let client = ClientId::new("client");
    let tool = tools::find("confluence_create_page").expect("a tool");
    let policy = policy(&tool, State::Approved);
    for subject in [person(), service()] {
        let facts = entry(&subject, &client, &tool);
        let decision = decide(&policy, &facts);
        assert_eq!(
            (decision.verdict.clone(), decision.is_listed()),
            (Verdict::Denied(Denial::OrganisationReads), false)
        );
        let decision = decide(&policy.clone().with_organisation_writes(), &facts);
        assert_eq!(decision.verdict, Verdict::Allowed);
    }
}

#[test]
fn a_service_works_at_a_provider_of_personal_accounts_by_a_credential_that_an_administrator_entered() {
    let (subject, client) = (service(), ClientId::new("pipeline"));
    let verdict = |tool: &str, may_write: bool| {
        let tool = tools::find(tool).expect("a tool");
        let (site, credential) = (Site::main(&BITBUCKET), Some("sealed".to_owned()));
        let account = OrganisationAccount { may_write, credential, ..OrganisationAccount::unset(site) };
        let policy = PolicySnapshot { organisation: vec![account], ..policy(&tool, State::Approved) };
        decide(&policy, &entry(&subject, &client, &tool)).verdict
    };
    let (reads, writes) = ("bitbucket_get_repository", "bitbucket_create_pull_request");
    assert_eq!((verdict(reads, false), verdict(reads, true)), (Verdict::Allowed, Verdict::Allowed));
    assert_eq!(verdict(writes, false), Verdict::Denied(Denial::NeedsPerson));
    assert_eq!(verdict(writes, true), Verdict::Allowed);
}

#[test]
fn a_lock_is_the_ground_before_any_other() {
    let (subject, client) = (person(), ClientId::new("client"));
    for state in [State::Pending, State::Approved, State::Disabled] {
        let locked = policy(&whoami(), state).with_lock(LockKind::Organisation, "");
        let decision = decide(&locked, &entry(&subject, &client, &whoami()));
        assert_eq!(decision.verdict, Verdict::Denied(Denial::Locked(LockKind::Organisation)));
        assert_eq!(decision.to_string(), "all access is locked, policy version 7");
    }
}

#[test]
fn a_tool_for_which_the_scope_is_too_small_is_listed_so_that_the_client_may_ask_for_more() {
    let (subject, client) = (person(), ClientId::new("client"));
    let caller = Caller { subject: &subject, client: &client, attributes: &NONE, permitted: None, now: NOW };
    let (settings, whoami) = (settings::for_tests(), whoami());
    let decision = decide(&policy(&whoami, State::Approved), &Facts::of_entry(&settings, caller, &whoami));
    assert_eq!((decision.verdict.clone(), decision.is_listed()), (Verdict::ScopeTooSmall, true));
}

#[test]
fn a_tool_whose_calls_need_approval_is_listed() {
    let (subject, client) = (person(), ClientId::new("client"));
    let rule = ApprovalRule {
        name: "looked at".into(),
        sentence: "Somebody looks.".into(),
        approvers: 1,
        fresh_sign_in_minutes: None,
        longest_minutes: None,
    };
    let policy = policy(&whoami(), State::Approved).with_approval_rule("whoami", &rule);
    let decision = decide(&policy, &entry(&subject, &client, &whoami()));
    assert!(matches!(decision.verdict, Verdict::ApprovalNeeded(_)) && decision.is_listed());
}

#[test]
fn a_decision_says_what_settled_it_and_at_which_version() {
    let (subject, client) = (person(), ClientId::new("client"));
    let decision = decide(&policy(&whoami(), State::Pending), &entry(&subject, &client, &whoami()));
    assert_eq!(decision.to_string(), "the state of the tool (pending), policy version 7");
}

#[test]
fn the_facts_that_explain_a_decision_show_the_callers_roles_and_groups() {
    let (subject, client) = (person(), ClientId::new("client"));
    let attributes = Attributes { roles: vec![Role::Approver], groups: Groups::within_bound(&["/team"], &[]) };
    let permitted = Some(Class::Destructive);
    let caller = Caller { subject: &subject, client: &client, attributes: &attributes, permitted, now: NOW };
    let whoami = whoami();
    let facts = Facts::of_entry(&settings::for_tests(), caller, &whoami);
    let shown = serde_json::to_value(&facts).expect("JSON");
    let expected = json!({ "roles": ["approver"], "groups": { "names": ["/team"], "complete": true } });
    assert_eq!(shown["caller"]["attributes"], expected);
}

#[test]
fn a_denial_has_a_reason_for_the_audit_and_a_sentence_with_the_next_step_for_the_model() {
    for (denial, reason, next_step) in [
        (Denial::ToolPending, "the tool awaits approval", "ask an administrator to approve it under Tools"),
        (Denial::ToolDisabled, "the tool is disabled", "ask an administrator if you need it"),
        (Denial::Locked(LockKind::Organisation), "all access is locked", "ask an administrator when it goes on"),
        (
            Denial::NeedsPerson,
            "the tool needs a person, and a service called it",
            "call it with the token of a client that a person has signed in to",
        ),
    ] {
        let sentence = denial.sentence("whoami");
        assert_eq!(denial.reason(), reason);
        assert!(
            sentence.starts_with("Refused: `whoami` ") && sentence.contains(" Next: ") && sentence.contains(next_step),
            "{sentence}"
        );
    }
}

/// What is locked in some policies.
const LOCKABLE: [(LockKind, &str); 6] = [
    (LockKind::Organisation, ""),
    (LockKind::Provider, "bitbucket"),
    (LockKind::Site, "confluence"),
    (LockKind::Tool, "whoami"),
    (LockKind::Client, "client"),
    (LockKind::Person, "alice"),
];

/// Any policy over all tools: each tool undecided, or in a state, of its definition of now or of an earlier one.
fn any_policy() -> impl Strategy<Value = PolicySnapshot> {
    let states = prop::sample::select(vec![State::Pending, State::Approved, State::Disabled]);
    let tool = prop::option::of((states, any::<bool>()));
    let locks = prop::sample::subsequence(LOCKABLE.to_vec(), 0..=LOCKABLE.len());
    (locks, prop::collection::vec(tool, tools::all().len())).prop_map(|(locks, states)| {
        let tools = tools::all();
        let decided = tools.iter().zip(states).filter_map(|(tool, state)| {
            let (state, is_current) = state?;
            let digest =
                if is_current { tool.definition_digest().to_owned() } else { "of an earlier release".to_owned() };
            Some((tool.name.to_string(), (state, digest)))
        });
        let policy = PolicySnapshot { tools: decided.collect(), ..PolicySnapshot::approving_all() };
        locks.into_iter().fold(policy, |policy, (kind, name)| policy.with_lock(kind, name))
    })
}

proptest! {
    #[test]
    fn a_tool_is_listed_where_and_only_where_it_may_be_called(
        policy in any_policy(),
        is_person in any::<bool>(),
        permitted in prop::option::of(prop::sample::select(Class::ALL.to_vec())),
    ) {
        let subject = if is_person { person() } else { service() };
        let client = ClientId::new("client");
        let caller = Caller { subject: &subject, client: &client, attributes: &NONE, permitted, now: NOW };
        for tool in tools::all().iter() {
            let Source::Operation(operation) = tool.source;
            let arguments = arguments::validate(operation, &arguments::examples(operation, true)).expect("valid");
            let called = decide(&policy, &Facts::of_call(&settings::for_tests(), caller, tool, &arguments));
            let listed = decide(&policy, &Facts::of_entry(&settings::for_tests(), caller, tool)).is_listed();
            prop_assert_eq!(listed, !matches!(called.verdict, Verdict::Denied(_)), "{}", tool.name);
        }
    }
}
