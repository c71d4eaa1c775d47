//! What an access policy says of calls: whom profiles grant what, and what rules do with it.

mod pages;

use std::collections::HashMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    catalog::{
        arguments,
        lookup::MissingFact,
        operation::{self, Class},
        reach::Reach,
    },
    governance::{
        attributes::{Attributes, Groups, Role},
        decision::{Denial, Verdict, decide},
        facts::{Caller, Facts},
        limits::Limits,
        policy::{PolicySnapshot, State},
        taint::TaintLevel,
    },
    identifiers::{ClientId, Subject},
    platform::clock::Timestamp,
    providers::{BITBUCKET, CONFLUENCE, Site},
    settings, tools,
    upstream::RowFilter,
};

/// A Friday, at noon in UTC.
const NOW: Timestamp = Timestamp(1_795_780_800_000);

fn policy(document: &Value) -> AccessPolicy {
    let mut policy: AccessPolicy = serde_json::from_value(document.clone()).expect("a document");
    policy.people.insert("alice".to_owned(), UserId::new("alice-id"));
    policy
}

struct World {
    policy: PolicySnapshot,
    subject: Subject,
    client: ClientId,
    attributes: Attributes,
}

impl World {
    /// A person of the group `backend`, alice, in an organisation that has approved everything and has this policy.
    fn new(document: &Value) -> Self {
        let groups = Groups { names: vec!["backend".to_owned()], complete: true };
        Self {
            policy: PolicySnapshot::approving_all().with_organisation_writes().with_access(policy(document)),
            subject: Subject::Person(UserId::new("alice-id")),
            client: ClientId::new("editor"),
            attributes: Attributes { roles: Vec::new(), groups },
        }
    }

    fn caller(&self) -> Caller<'_> {
        let Self { subject, client, attributes, .. } = self;
        Caller { subject, client, attributes, permitted: Some(Class::Destructive), now: NOW }
    }

    fn decision(&self, tool: &str, given: &Value) -> crate::governance::decision::Decision {
        let tool = tools::find(tool).expect("a tool");
        let tools::Source::Operation(operation) = tool.source;
        let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
        decide(&self.policy, &Facts::of_call(&settings::for_tests(), self.caller(), &tool, &arguments))
    }

    fn verdict(&self, tool: &str, given: &Value) -> Verdict {
        self.decision(tool, given).verdict
    }

    fn is_listed(&self, tool: &str) -> bool {
        let tool = tools::find(tool).expect("a tool");
        decide(&self.policy, &Facts::of_entry(&settings::for_tests(), self.caller(), &tool)).is_listed()
    }
}

fn repository(repository: &str) -> Value {
    json!({"workspace": "acme", "repository": repository})
}

fn merge(repository: &str) -> Value {
    json!({"workspace": "acme", "repository": repository, "pull_request": 7, "commit": "0a1b2c3d"})
}

const GET: &str = "bitbucket_get_repository";
const MERGE: &str = "bitbucket_merge_pull_request";
const LIST: &str = "bitbucket_list_repositories";
const PAGE: &str = "confluence_get_page";

/// The backend's people may read everything, and do what they like in the repositories of the web.
fn of_backend() -> Value {
    json!({
        "toolsets": [{"name": "reading", "tools": {"classes": ["read"]}}, {"name": "all"}],
        "profiles": [
            {"name": "readers", "subjects": ["group:backend"], "toolsets": ["reading"]},
            {"name": "web", "subjects": ["group:backend"], "toolsets": ["all"],
             "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "web-*"}]},
        ],
    })
}

#[test]
fn an_empty_policy_lets_everybody_call_what_is_approved() {
    let world = World::new(&json!({}));
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Allowed);
}

#[test]
fn a_rule_for_tainted_grants_fits_those_alone() {
    let world = World::new(&json!({"rules": [
        {"name": "elsewhere", "tools": {"names": [MERGE]}, "taint": "elsewhere", "then": "block"},
        {"name": "any", "tools": {"names": [MERGE]}, "taint": "any", "then": "approve"},
    ]}));
    let tool = tools::find(MERGE).expect("a tool");
    let tools::Source::Operation(operation) = tool.source;
    let arguments = arguments::validate(operation, merge("web-shop").as_object().unwrap()).expect("arguments");
    let verdict = |level| {
        let facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments).tainted(level);
        decide(&world.policy, &facts).verdict
    };
    assert_eq!(verdict(TaintLevel::Clean), Verdict::Allowed);
    assert!(matches!(verdict(TaintLevel::Here), Verdict::ApprovalNeeded(_)));
    assert!(matches!(verdict(TaintLevel::Elsewhere), Verdict::Denied(_)));
    assert!(world.is_listed(MERGE) && world.policy.names_taint());
}

#[test]
fn what_would_taint_nobody_or_let_something_run_by_that_is_not_kept() {
    for document in [
        json!({"rules": [{"name": "more", "taint": "any", "then": "allow"}]}),
        json!({"taint_minutes": 0}),
        json!({"trusted_accounts": ["a b"]}),
        json!({"trusted": [{"site": "bitbucket", "space": "ENG"}]}),
    ] {
        let known = Known { sites: vec![Site::main(&BITBUCKET)], ..Known::default() };
        assert_eq!(policy(&document).problems(&known).len(), 1, "{document}");
    }
}

#[test]
fn a_profile_grants_its_tools_on_its_resources() {
    let world = World::new(&of_backend());
    assert_eq!(world.verdict(GET, &repository("billing")), Verdict::Allowed);
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Allowed);
    let elsewhere = Denial::GrantedElsewhere("acme/web-*".to_owned());
    assert_eq!(world.verdict(MERGE, &merge("billing")), Verdict::Denied(elsewhere));
}

#[test]
fn whom_no_profile_is_for_runs_nothing_and_is_shown_nothing() {
    let mut world = World::new(&of_backend());
    world.attributes.groups.names = vec!["frontend".to_owned()];
    assert_eq!(world.verdict(GET, &repository("web-shop")), Verdict::Denied(Denial::NotGranted));
    assert!(!world.is_listed(GET) && !world.is_listed(MERGE));
}

#[test]
fn a_tool_is_listed_to_whom_it_is_granted_anywhere() {
    assert!(World::new(&of_backend()).is_listed(MERGE));
}

#[test]
fn a_profile_is_for_people_groups_roles_and_services() {
    let mut world = World::new(&json!({}));
    let service = Subject::Service(ClientId::new("pipeline"));
    for (subject, is_for) in [
        ("person:alice", true),
        ("person:bob", false),
        ("group:backend", true),
        ("group:frontend", false),
        ("role:approver", true),
        ("role:administrator", false),
        ("service:pipeline", false),
        ("everyone", true),
    ] {
        world.attributes.roles = vec![Role::Approver];
        let profile = json!({"name": "some", "subjects": [subject], "toolsets": ["all"]});
        let document = json!({"toolsets": [{"name": "all"}], "profiles": [profile]});
        world.policy = PolicySnapshot::approving_all().with_access(policy(&document));
        assert_eq!(world.verdict("whoami", &json!({})) == Verdict::Allowed, is_for, "{subject}");
        world.attributes.roles.clear();
        let of_service =
            World { subject: service.clone(), attributes: Attributes::of_service(), ..World::new(&document) };
        let is_for_service = matches!(subject, "service:pipeline" | "everyone");
        assert_eq!(of_service.verdict("whoami", &json!({})) == Verdict::Allowed, is_for_service, "{subject}");
    }
}

#[test]
fn a_profile_grants_through_its_clients_in_its_hours_and_until_its_end() {
    let granted = |condition: Value| {
        let mut profile = json!({"name": "some", "subjects": ["everyone"], "toolsets": ["all"]});
        profile.as_object_mut().unwrap().extend(condition.as_object().unwrap().clone());
        let world = World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [profile]}));
        world.verdict("whoami", &json!({})) == Verdict::Allowed
    };
    assert!(granted(json!({"clients": ["editor"]})) && !granted(json!({"clients": ["terminal"]})));
    assert!(granted(json!({"until": "2026-11-27"})) && !granted(json!({"until": "2026-11-26"})));
    let hours = |from: &str| json!({"hours": {"days": ["fri"], "from": from, "to": "18:00"}});
    assert!(granted(hours("08:00")) && !granted(hours("13:00")));
}

#[test]
fn a_list_is_shown_without_what_no_profile_reaches() {
    let mut world = World::new(&of_backend());
    world.policy = PolicySnapshot::approving_all().with_access(policy(&json!({
        "toolsets": [{"name": "all"}],
        "profiles": [{"name": "web", "subjects": ["everyone"], "toolsets": ["all"],
            "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "web-*"}]}],
    })));
    let decision = world.decision(LIST, &json!({"workspace": "acme"}));
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert!(decision.access.within.limits_repositories());
    for (tool, given) in [
        (LIST, json!({"workspace": "other"})),
        (GET, json!({"workspace": "acme", "repository": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}"})),
        ("bitbucket_list_projects", json!({"workspace": "acme"})),
    ] {
        let verdict = world.verdict(tool, &given);
        assert!(matches!(verdict, Verdict::Denied(Denial::GrantedElsewhere(_))), "{tool} {given}: {verdict:?}");
    }
}

#[test]
fn what_lies_in_a_space_is_looked_up_where_a_profile_is_of_some_spaces() {
    let world = World::new(&json!({
        "toolsets": [{"name": "all"}],
        "profiles": [{"name": "eng", "subjects": ["everyone"], "toolsets": ["all"],
            "resources": [{"site": "confluence", "space": "ENG"}]}],
    }));
    let decision = world.decision(PAGE, &json!({"page": "42"}));
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.access.within.containers(), Some(vec!["ENG".to_owned()]));
    assert!(matches!(world.verdict(GET, &repository("web")), Verdict::Denied(Denial::GrantedElsewhere(_))));
}

#[test]
fn a_search_is_kept_out_of_the_spaces_that_rules_close() {
    let closed = json!([{"site": "confluence", "space": "HR"}]);
    let world = with_rules(&json!([{"name": "closed", "resources": closed, "then": "block"}]));
    let query = json!({"query": "type = page or space = HR"});
    let decision = world.decision("confluence_search", &query);
    assert_eq!(decision.verdict, Verdict::Allowed);
    let operation = crate::catalog::find("confluence_search").expect("an operation");
    let arguments = arguments::validate(operation, query.as_object().unwrap()).expect("arguments");
    let limits = Limits::of(&Reach::default(), &decision.access.within, operation, &arguments, None);
    let closed = limits.map(|limits| limits.arguments.spaces().closed.clone());
    assert_eq!(closed, Ok(vec!["HR".to_owned()]));
    let in_it = world.verdict("confluence_search", &json!({"query": "x", "space": "hr"}));
    assert!(matches!(in_it, Verdict::Denied(_)), "{in_it:?}");
}

#[test]
fn a_search_in_code_is_shown_without_the_repositories_that_rules_close() {
    let closed = json!([{"site": "bitbucket", "workspace": "acme", "repository": "secret-*"}]);
    let world = with_rules(&json!([{"name": "closed", "resources": closed, "then": "block"}]));
    let decision = world.decision("bitbucket_search_code", &json!({"workspace": "acme", "query": "token"}));
    assert_eq!((decision.verdict, decision.access.within.except.len()), (Verdict::Allowed, 1));
}

#[test]
fn what_lies_in_a_space_is_looked_up_where_a_rule_closes_one() {
    let closed = json!([{"site": "confluence", "space": "HR"}]);
    let world = with_rules(&json!([{"name": "closed", "resources": closed, "then": "block"}]));
    let decision = world.decision(PAGE, &json!({"page": "42"}));
    assert_eq!((decision.verdict.clone(), decision.access.within.except.len()), (Verdict::Allowed, 1));
    let held = with_rules(&json!([{"name": "held", "resources": closed, "then": "approve"}]));
    assert!(matches!(held.verdict(PAGE, &json!({"page": "42"})), Verdict::ApprovalNeeded(_)));
}

/// What is decided on a call, and what it depends on that its arguments do not say; with the branches that a look-up told.
fn on_branches(world: &World, tool: &str, given: &Value, branches: Option<&[&str]>) -> (Verdict, usize) {
    let tool = tools::find(tool).expect("a tool");
    let tools::Source::Operation(operation) = tool.source;
    let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
    let facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments);
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let decision = match branches {
        None => decide(&world.policy, &facts),
        Some(branches) => decide(&world.policy, &facts.with_fact(MissingFact::Branch, &names(branches))),
    };
    (decision.verdict, decision.access.missing_facts.len())
}

#[test]
fn a_rule_on_a_project_depends_on_the_project_of_the_repository_and_decides_by_it() {
    let web = json!([{"site": "bitbucket", "workspace": "acme", "project": "WEB"}]);
    let world = with_rules(&json!([{"name": "web", "resources": web, "then": "block"}]));
    let told = |tool: &str, given: &Value, project: Option<&str>| {
        let tool = tools::find(tool).expect("a tool");
        let tools::Source::Operation(operation) = tool.source;
        let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
        let facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments);
        let facts = match project {
            None => facts,
            Some(project) => facts.with_fact(MissingFact::Project, &[project.to_owned()]),
        };
        let decision = decide(&world.policy, &facts);
        (decision.verdict == Verdict::Allowed, decision.access.missing_facts)
    };
    let get = |project| told(GET, &repository("shop"), project);
    assert_eq!(get(None), (false, vec![MissingFact::Project]));
    assert_eq!(
        (get(Some("WEB")), get(Some("web")), get(Some("OPS"))),
        ((false, vec![]), (false, vec![]), (true, vec![]))
    );
    let move_to = |project: &str| json!({"workspace": "acme", "repository": "shop", "project": project});
    let update = "bitbucket_update_repository";
    assert!(!told(update, &move_to("WEB"), Some("OPS")).0 && !told(update, &move_to("OPS"), Some("WEB")).0);
    assert!(told(update, &move_to("OPS"), Some("DEV")).0);
    let create = "bitbucket_create_repository";
    assert_eq!(told(create, &repository("new"), None), (false, vec![]), "nobody knows where it would lie");
    assert_eq!(told(create, &move_to("OPS"), None), (true, vec![]));
}

#[test]
fn lists_are_kept_out_of_a_project_where_their_rows_name_it() {
    let web = json!([{"site": "bitbucket", "workspace": "acme", "project": "WEB"}]);
    let world = with_rules(&json!([{"name": "web", "resources": web, "then": "block"}]));
    let decision = world.decision(LIST, &json!({"workspace": "acme"}));
    assert_eq!((decision.verdict, decision.access.within.except.len()), (Verdict::Allowed, 1));
    let in_code = world.verdict("bitbucket_search_code", &json!({"workspace": "acme", "query": "token"}));
    assert!(matches!(in_code, Verdict::Denied(_)), "{in_code:?}");
    let granted = World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [
        {"name": "web", "subjects": ["everyone"], "toolsets": ["all"], "resources": web}]}));
    assert_eq!(granted.verdict(LIST, &json!({"workspace": "acme"})), Verdict::Allowed);
    let in_code = granted.verdict("bitbucket_search_code", &json!({"workspace": "acme", "query": "token"}));
    assert!(matches!(in_code, Verdict::Denied(Denial::GrantedElsewhere(_))), "{in_code:?}");
}

#[test]
fn a_rule_for_failing_merge_checks_holds_what_they_advise_against_and_names_them() {
    let rule = |then: &str| {
        json!([{"name": "checks", "tools": {"names": [MERGE]}, "failing_checks": true, "then": then,
        "reason": "two reviews"}])
    };
    let decided = |then: &str, failing: Option<&[String]>| {
        let world = with_rules(&rule(then));
        let tool = tools::find(MERGE).expect("a tool");
        let tools::Source::Operation(operation) = tool.source;
        let arguments = arguments::validate(operation, merge("shop").as_object().unwrap()).expect("arguments");
        let facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments);
        match failing {
            None => decide(&world.policy, &facts),
            Some(failing) => decide(&world.policy, &facts.with_fact(MissingFact::FailingChecks, failing)),
        }
    };
    assert_eq!(decided("block", None).access.missing_facts, [MissingFact::FailingChecks]);
    assert_eq!(decided("block", Some(&[])).verdict, Verdict::Allowed);
    let failing = ["standard_merge_check (1 of 2 approvals)".to_owned()];
    let Verdict::Denied(Denial::Blocked { reason, .. }) = decided("block", Some(&failing)).verdict else { panic!() };
    assert_eq!(&*reason, "two reviews; failing: standard_merge_check (1 of 2 approvals)");
    let Verdict::ApprovalNeeded(held) = decided("approve", Some(&failing)).verdict else { panic!() };
    assert!(held.reason.contains("1 of 2 approvals"));
    let world = with_rules(&rule("block"));
    assert_eq!(world.verdict(GET, &repository("shop")), Verdict::Allowed);
    assert!(world.is_listed(MERGE));
    assert_eq!(problems(&json!({"rules": rule("allow")})).len(), 1);
}

#[test]
fn nothing_is_looked_up_for_what_is_denied_anyway_or_only_observed() {
    let rule = json!({"name": "main", "resources": on_main(), "then": "block"});
    let missing_facts = |world: &World| world.decision(MERGE, &merge("web-shop")).access.missing_facts;
    let world = with_rules(&json!([rule]));
    assert_eq!(missing_facts(&world), [MissingFact::Branch]);
    let pending = PolicySnapshot::default().with_access(policy(&json!({"rules": [rule]})));
    assert_eq!(missing_facts(&World { policy: pending, ..with_rules(&json!([])) }), []);
    let mut ungranted = of_backend();
    ungranted["rules"] = json!([rule]);
    let mut stranger = World::new(&ungranted);
    assert_eq!(missing_facts(&stranger), [MissingFact::Branch]);
    stranger.attributes.groups.names = vec!["frontend".to_owned()];
    assert_eq!(missing_facts(&stranger), []);
    let mut observed = rule;
    observed["observe"] = true.into();
    let observed = with_rules(&json!([observed])).decision(MERGE, &merge("web-shop"));
    assert_eq!(
        (observed.access.missing_facts.len(), observed.remarks()),
        (0, "observed rule main: perhaps block".to_owned())
    );
}

fn on_main() -> Value {
    json!([{"site": "bitbucket", "workspace": "acme", "repository": "web-*", "branch": "main"}])
}

#[test]
fn a_rule_on_a_branch_depends_on_the_branch_of_a_pull_request_and_decides_by_it() {
    let world = with_rules(&json!([{"name": "main", "resources": on_main(), "then": "block"}]));
    let decided = |given: &Value, branches| {
        let (verdict, missing_facts) = on_branches(&world, MERGE, given, branches);
        (verdict == Verdict::Allowed, missing_facts)
    };
    assert_eq!(decided(&merge("web-shop"), None), (false, 1));
    assert_eq!(decided(&merge("web-shop"), Some(&["main"])), (false, 0));
    assert_eq!(decided(&merge("web-shop"), Some(&["dev"])), (true, 0));
    assert_eq!(decided(&merge("web-shop"), Some(&["MAIN"])), (false, 0), "it may be the same to a person");
    assert_eq!(decided(&merge("billing"), None), (true, 0), "nothing is looked up of another repository");
    let by_uuid = merge("{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}");
    assert_eq!(decided(&by_uuid, Some(&["main"])), (false, 0));
    assert_eq!(decided(&by_uuid, Some(&["dev"])), (true, 0));
}

#[test]
fn a_profile_on_a_branch_grants_merges_into_it_alone() {
    let world = World::new(&json!({
        "toolsets": [{"name": "all"}],
        "profiles": [{"name": "main", "subjects": ["everyone"], "toolsets": ["all"], "resources": on_main()}],
    }));
    let decided = |branches| {
        let (verdict, missing_facts) = on_branches(&world, MERGE, &merge("web-shop"), branches);
        (verdict == Verdict::Allowed, missing_facts)
    };
    assert_eq!((decided(None), decided(Some(&["main"]))), ((false, 1), (true, 0)));
    assert_eq!((decided(Some(&["dev"])), decided(Some(&["Main"]))), ((false, 0), (false, 0)));
}

#[test]
fn a_pull_request_that_is_sent_into_another_branch_is_about_both() {
    let update = json!({"workspace": "acme", "repository": "web-shop", "pull_request": 7, "destination": "dev"});
    let tool = "bitbucket_update_pull_request";
    let blocked = with_rules(&json!([{"name": "main", "resources": on_main(), "then": "block"}]));
    let verdict = |world: &World, branch| on_branches(world, tool, &update, Some(&[branch])).0;
    assert!(matches!(verdict(&blocked, "main"), Verdict::Denied(_)));
    assert_eq!(verdict(&blocked, "release"), Verdict::Allowed);
    let dev = json!([{"site": "bitbucket", "workspace": "acme", "repository": "*", "branch": "dev"}]);
    let allowed =
        with_rules(&json!([{"name": "dev", "resources": dev, "then": "allow"}, {"name": "else", "then": "block"}]));
    assert_eq!(verdict(&allowed, "dev"), Verdict::Allowed);
    assert!(
        matches!(verdict(&allowed, "main"), Verdict::Denied(_)),
        "what is allowed on one branch is not so on another"
    );
}

#[test]
fn what_has_to_name_a_commit_is_on_no_branch_that_it_says() {
    let world = with_rules(&json!([{"name": "main", "resources": on_main(), "then": "block"}]));
    let status = json!({"workspace": "acme", "repository": "web-shop", "commit": "0a1b2c3d", "key": "ci",
        "state": "SUCCESSFUL", "url": "https://ci.example.com/7", "branch": "dev"});
    let tool = "bitbucket_create_commit_status";
    assert!(matches!(on_branches(&world, tool, &status, None), (Verdict::Denied(_), 0)));
}

fn with_rules(rules: &Value) -> World {
    World::new(&json!({"rules": rules}))
}

#[test]
fn the_first_rule_that_fits_decides() {
    let block = json!({"name": "no merges", "tools": {"names": [MERGE]}, "then": "block", "reason": "frozen"});
    let allow = json!({"name": "but web", "tools": {"names": [MERGE]}, "then": "allow",
        "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "web-*"}]});
    let blocked = Verdict::Denied(Denial::Blocked { rule: "no merges".into(), reason: "frozen".into() });
    let world = with_rules(&json!([allow, block]));
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Allowed);
    assert_eq!(world.verdict(MERGE, &merge("billing")), blocked);
    assert_eq!(with_rules(&json!([block, allow])).verdict(MERGE, &merge("web-shop")), blocked);
}

#[test]
fn a_rule_may_hold_a_call_for_an_approval_or_report_it() {
    let rule = |then: &str| json!([{"name": "merges", "tools": {"names": [MERGE]}, "then": then}]);
    let held = with_rules(&rule("approve"));
    assert!(matches!(held.verdict(MERGE, &merge("web-shop")), Verdict::ApprovalNeeded(_)));
    assert!(held.is_listed(MERGE));
    let reported = with_rules(&rule("alert")).decision(MERGE, &merge("web-shop"));
    assert_eq!((reported.verdict.clone(), reported.remarks()), (Verdict::Allowed, "rule merges: alert".to_owned()));
}

#[test]
fn a_rule_that_is_only_observed_changes_nothing_and_is_on_record() {
    let rules = json!([{"name": "merges", "tools": {"names": [MERGE]}, "then": "block", "observe": true}]);
    let decision = with_rules(&rules).decision(MERGE, &merge("web-shop"));
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.remarks(), "observed rule merges: block");
}

#[test]
fn nobody_gets_around_a_rule_by_another_name_of_a_repository() {
    let secret = json!([{"site": "bitbucket", "workspace": "acme", "repository": "secret-*"}]);
    let world = with_rules(&json!([{"name": "secret", "resources": secret, "then": "block"}]));
    let is_blocked = |tool: &str, given: &Value| matches!(world.verdict(tool, given), Verdict::Denied(_));
    assert!(is_blocked(GET, &repository("secret-keys")) && !is_blocked(GET, &repository("web-shop")));
    assert!(is_blocked(GET, &json!({"workspace": "acme", "repository": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}"})));
    assert!(is_blocked(
        GET,
        &json!({"workspace": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}", "repository": "secret-keys"})
    ));
    assert!(!is_blocked(GET, &json!({"workspace": "other", "repository": "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}"})));
}

#[test]
fn a_list_is_shown_without_what_a_rule_blocks() {
    let secret = json!([{"site": "bitbucket", "workspace": "acme", "repository": "secret-*"}]);
    let decision = with_rules(&json!([{"name": "secret", "resources": secret, "then": "block"}]))
        .decision(LIST, &json!({"workspace": "acme"}));
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.access.within.except.len(), 1);
}

#[test]
fn who_may_be_in_a_group_is_taken_for_a_member_by_a_rule_and_not_by_a_profile() {
    let mut world = with_rules(&json!([{"name": "outsiders", "subjects": ["group:outside"], "then": "block"}]));
    assert_eq!(world.verdict("whoami", &json!({})), Verdict::Allowed);
    world.attributes.groups.complete = false;
    assert!(matches!(world.verdict("whoami", &json!({})), Verdict::Denied(Denial::Blocked { .. })));
    let granted = json!({"toolsets": [{"name": "all"}],
        "profiles": [{"name": "outsiders", "subjects": ["group:outside"], "toolsets": ["all"]}]});
    let world = World { attributes: world.attributes, ..World::new(&granted) };
    assert_eq!(world.verdict("whoami", &json!({})), Verdict::Denied(Denial::NotGranted));
}

#[test]
fn a_rule_holds_in_its_hours_or_outside_of_them() {
    let hours = |days: &str| json!({"days": [days], "from": "08:00", "to": "18:00"});
    let blocked = |member: &str, days: &str| {
        let mut rule = json!({"name": "hours", "then": "block"});
        rule[member] = hours(days);
        with_rules(&json!([rule])).verdict("whoami", &json!({})) != Verdict::Allowed
    };
    assert!(blocked("hours", "fri") && !blocked("hours", "sat"));
    assert!(!blocked("outside_hours", "fri") && blocked("outside_hours", "sat"));
}

fn known() -> Known {
    Known {
        groups: ["backend".to_owned()].into(),
        clients: [ClientId::new("editor")].into(),
        sites: vec![Site::main(&BITBUCKET), Site::main(&CONFLUENCE)],
    }
}

fn problems(document: &Value) -> Vec<String> {
    policy(document).problems(&known()).iter().map(ToString::to_string).collect()
}

#[test]
fn a_policy_that_names_what_exists_has_no_problem() {
    assert_eq!(problems(&of_backend()), [""; 0]);
}

#[test]
fn a_policy_that_names_what_does_not_exist_is_refused_with_each_place() {
    let found = problems(&json!({
        "toolsets": [{"name": "a", "tools": {"names": ["bitbucket_fly"], "areas": ["moon"], "providers": ["gitlab"]}}],
        "profiles": [{"name": "b", "subjects": ["group:nobody", "person:bob"], "toolsets": ["c"], "clients": ["vi"]}],
        "rules": [{"name": "d", "then": "block", "resources": [
            {"site": "confluence/eu", "space": "ENG"}, {"site": "confluence", "workspace": "acme"},
            {"site": "bitbucket", "repository": "x"}]}],
    }));
    for part in [
        "toolsets[0] (a): there is no tool `bitbucket_fly`",
        "there is no area `moon`",
        "there is no provider `gitlab`",
        "profiles[0] (b): there is no toolset `c`",
        "in a group `nobody`",
        "`person:bob` is nobody",
        "there is no client `vi`",
        "rules[0] (d): there is no site `confluence/eu`",
        "Confluence has no workspace",
        "a repository is one of a workspace",
    ] {
        assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:?}");
    }
    assert_eq!(found.len(), 10, "{found:?}");
}

#[test]
fn a_group_that_nobody_is_in_yet_is_named_twice() {
    let profile = json!({"name": "new", "subjects": ["group:new"], "toolsets": ["all"]});
    let document = json!({"groups": ["new"], "toolsets": [{"name": "all"}], "profiles": [profile]});
    assert_eq!(problems(&document), [""; 0]);
}

#[test]
fn a_member_that_a_policy_does_not_have_is_refused() {
    for document in [json!({"rule": []}), json!({"rules": [{"name": "x", "then": "block", "when": {}}]})] {
        assert!(serde_json::from_value::<AccessPolicy>(document.clone()).is_err(), "{document}");
    }
}

#[test]
fn whatever_the_policy_an_unapproved_tool_does_not_run() {
    let allow = json!({"rules": [{"name": "all", "then": "allow"}]});
    let mut world = World::new(&allow);
    world.policy = PolicySnapshot::default().with_access(policy(&allow));
    assert_eq!(world.verdict("whoami", &json!({})), Verdict::Denied(Denial::ToolPending));
    let tools = HashMap::from([("whoami".to_owned(), (State::Disabled, String::new()))]);
    world.policy = PolicySnapshot { tools, ..PolicySnapshot::default() }.with_access(policy(&allow));
    assert_eq!(world.verdict("whoami", &json!({})), Verdict::Denied(Denial::ToolDisabled));
}

fn conditions() -> impl Strategy<Value = Value> {
    let condition = ("[ab]", prop::option::of(prop_oneof!["[ab]", Just("*".to_owned()), Just("a*".to_owned())]));
    let condition = condition.prop_map(|(workspace, repository)| match repository {
        Some(repository) => json!({"site": "bitbucket", "workspace": workspace, "repository": repository}),
        None => json!({"site": "bitbucket", "workspace": workspace}),
    });
    prop::collection::vec(condition, 0..3).prop_map(Value::from)
}

fn subjects() -> impl Strategy<Value = Value> {
    let subject = prop_oneof![Just("group:backend"), Just("group:other"), Just("person:alice"), Just("everyone")];
    prop::collection::vec(subject, 1..3).prop_map(Value::from)
}

fn documents() -> impl Strategy<Value = Value> {
    let set = prop_oneof![Just("reading"), Just("all")];
    let profile = (subjects(), set, conditions()).prop_map(
        |(subjects, set, resources)| json!({"subjects": subjects, "toolsets": [set], "resources": resources}),
    );
    let then = prop_oneof![Just("allow"), Just("alert"), Just("block"), Just("approve")];
    let classes = prop_oneof![Just(json!([])), Just(json!(["write"]))];
    let rule = (subjects(), conditions(), then, classes, any::<bool>()).prop_map(|(subjects, resources, then, classes, observe)| {
        json!({"subjects": subjects, "resources": resources, "then": then, "tools": {"classes": classes}, "observe": observe})
    });
    let named = |mut list: Vec<Value>| {
        list.iter_mut().enumerate().for_each(|(index, one)| one["name"] = json!(index.to_string()));
        list
    };
    (prop::collection::vec(profile, 0..4), prop::collection::vec(rule, 0..4)).prop_map(move |(profiles, rules)| {
        json!({"toolsets": [{"name": "reading", "tools": {"classes": ["read"]}}, {"name": "all"}],
            "profiles": named(profiles), "rules": named(rules)})
    })
}

/// Whether one of the conditions is about that repository: as a reader of the document would say.
fn names(conditions: &Value, workspace: &str, name: &str) -> bool {
    let conditions = conditions.as_array().unwrap();
    conditions.is_empty()
        || conditions.iter().any(|condition| {
            condition["workspace"] == workspace
                && condition["repository"].as_str().is_none_or(|pattern| {
                    pattern == "*" || pattern == name || (pattern == "a*" && name.starts_with('a'))
                })
        })
}

fn is_for_alice(one: &Value) -> bool {
    one["subjects"].as_array().unwrap().iter().any(|subject| subject != "group:other")
}

proptest! {
    #[test]
    fn a_call_on_a_named_repository_runs_only_if_a_profile_grants_it_and_no_rule_before_takes_it(
        document in documents(), workspace in "[abc]", name in "[abc]", writes in any::<bool>(),
    ) {
        let world = World::new(&document);
        let given = json!({"workspace": workspace, "repository": name, "pull_request": 7, "commit": "0a1b2c3d"});
        let verdict = match writes {
            true => world.verdict(MERGE, &given),
            false => world.verdict(GET, &json!({"workspace": workspace, "repository": name})),
        };
        let profiles = document["profiles"].as_array().unwrap();
        let is_granted = profiles.is_empty() || profiles.iter().any(|profile| {
            is_for_alice(profile) && (!writes || profile["toolsets"] == json!(["all"]))
                && names(&profile["resources"], &workspace, &name)
        });
        // The merge is destructive or a write; both are no class of a read.
        let class = if tools::find(MERGE).unwrap().class == Class::Write { "write" } else { "destructive" };
        let first = document["rules"].as_array().unwrap().iter().find(|rule| {
            let classes = rule["tools"]["classes"].as_array().unwrap();
            rule["observe"] != true && is_for_alice(rule) && names(&rule["resources"], &workspace, &name)
                && (classes.is_empty() || (writes && classes.iter().any(|one| one == class)))
        });
        let expected = match (is_granted, first.map(|rule| rule["then"].as_str().unwrap())) {
            (false, _) | (true, Some("block")) => "denied",
            (true, Some("approve")) => "held",
            _ => "allowed",
        };
        let decided = match verdict {
            Verdict::Allowed => "allowed",
            Verdict::ApprovalNeeded(_) => "held",
            _ => "denied",
        };
        prop_assert_eq!(decided, expected, "{}", document);
    }

    #[test]
    fn a_document_is_kept_as_it_was_written(document in documents()) {
        let policy = policy(&document);
        let text = serde_json::to_string(&policy).unwrap();
        prop_assert_eq!(serde_json::from_str::<AccessPolicy>(&text).unwrap(), policy);
    }
}

/// The policy that docs/access-policy.md shows, without the member that says of which revision it is.
#[test]
fn the_documented_policy_is_one() {
    let page = include_str!("../../../docs/access-policy.md");
    let example = page.split_once("```toml\n").unwrap().1.split_once("```").unwrap().0;
    let mut table: toml::Table = example.parse().unwrap();
    assert!(table.remove("revision").is_some());
    let policy: AccessPolicy = table.try_into().unwrap();
    let known = Known {
        groups: ["/payments".to_owned()].into(),
        sites: crate::settings::for_tests().sites.all().collect(),
        ..Known::default()
    };
    assert_eq!(policy.problems(&known).iter().map(ToString::to_string).collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!((policy.toolsets.len(), policy.profiles.len(), policy.rules.len()), (2, 2, 2));
}

const BY_ASKING: &str = "merging";

/// Of the backend's people, whoever asks may merge in the repositories of the web.
fn by_asking(granting: &str) -> Value {
    json!({
        "toolsets": [{"name": "merging", "tools": {"names": [MERGE]}}, {"name": "reading", "tools": {"classes": ["read"]}}],
        "profiles": [
            {"name": "readers", "subjects": ["everyone"], "toolsets": ["reading"]},
            {"name": BY_ASKING, "subjects": ["group:backend"], "toolsets": ["merging"], "granting": granting,
             "resources": [{"site": "bitbucket", "workspace": "acme", "repository": "web-*"}]},
        ],
        "break_glass": {"subjects": ["group:backend"]},
    })
}

fn having(access: RequestableAccess, until: i64) -> Vec<TemporaryAccess> {
    vec![TemporaryAccess { person: UserId::new("alice-id"), access, until: Timestamp(NOW.0 + until) }]
}

fn asked_for(until: i64) -> Vec<TemporaryAccess> {
    having(RequestableAccess::Profile(BY_ASKING.to_owned()), until)
}

#[test]
fn what_has_to_be_asked_for_is_neither_listed_nor_run_and_the_refusal_names_it() {
    for granting in ["on_request", "on_approval"] {
        let world = World::new(&by_asking(granting));
        assert!(!world.is_listed(MERGE));
        let decision = world.decision(MERGE, &merge("web-shop"));
        assert_eq!(decision.verdict, Verdict::Denied(Denial::NotGranted));
        assert_eq!(decision.access.requestable.as_deref(), Some(BY_ASKING));
        let sentence = decision.sentence(&Denial::NotGranted, MERGE, "https://postern.example/access");
        assert!(sentence.contains("\u{201c}merging\u{201d} at https://postern.example/access"), "{sentence}");
        let elsewhere = world.decision(MERGE, &merge("billing"));
        assert_eq!(elsewhere.access.requestable, None, "asking would not help");
    }
}

#[test]
fn whom_it_is_not_for_is_told_of_no_profile() {
    let mut world = World::new(&by_asking("on_request"));
    world.attributes.groups.names = vec!["frontend".to_owned()];
    assert_eq!(world.decision(MERGE, &merge("web-shop")).access.requestable, None);
    world.subject = Subject::Service(ClientId::new("pipeline"));
    world.attributes.groups.names = vec!["backend".to_owned()];
    assert_eq!(world.decision(MERGE, &merge("web-shop")).access.requestable, None, "a service asks for nothing");
}

#[test]
fn whoever_has_a_profile_for_a_time_runs_what_it_grants_until_then() {
    let mut world = World::new(&by_asking("on_approval"));
    world.policy = world.policy.with_temporary(asked_for(1));
    assert!(world.is_listed(MERGE));
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Allowed);
    assert!(matches!(world.verdict(MERGE, &merge("billing")), Verdict::Denied(Denial::GrantedElsewhere(_))));
    world.policy = world.policy.with_temporary(asked_for(0));
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Denied(Denial::NotGranted));
}

#[test]
fn access_for_a_time_is_one_persons_and_only_while_the_profile_is_for_them() {
    let mut world = World::new(&by_asking("on_approval"));
    world.policy = world.policy.with_temporary(asked_for(60_000));
    world.subject = Subject::Person(UserId::new("mallory-id"));
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Denied(Denial::NotGranted));
    world.subject = Subject::Person(UserId::new("alice-id"));
    world.attributes.groups.names.clear();
    assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Denied(Denial::NotGranted));
}

#[test]
fn whoever_has_broken_the_glass_is_stopped_by_no_profile_and_no_rule_and_it_is_said_of_each_call() {
    let mut document = by_asking("on_approval");
    document["rules"] = json!([
        {"name": "frozen", "then": "block", "tools": {"names": [MERGE]}},
        {"name": "looked at", "then": "alert", "tools": {"names": [MERGE]}},
    ]);
    let mut world = World::new(&document);
    world.policy = world.policy.with_temporary(having(RequestableAccess::BreakGlass, 60_000));
    let decision = world.decision(MERGE, &merge("billing"));
    assert_eq!(decision.verdict, Verdict::Allowed);
    assert_eq!(decision.remarks(), "break-glass over the access profiles, the rule frozen; rule looked at: alert");
    assert_eq!(world.decision(GET, &repository("billing")).remarks(), "break-glass");
    assert!(world.is_listed(MERGE));
    world.attributes.groups.names.clear();
    assert!(matches!(world.verdict(MERGE, &merge("billing")), Verdict::Denied(_)), "it is not for them any more");
}

#[test]
fn no_broken_glass_gets_around_a_lock_or_the_decision_on_a_tool() {
    let glass = || having(RequestableAccess::BreakGlass, 60_000);
    let mut world = World::new(&by_asking("on_approval"));
    world.policy = world.policy.with_temporary(glass()).with_lock(crate::governance::locks::LockKind::Tool, MERGE);
    assert!(matches!(world.verdict(MERGE, &merge("web-shop")), Verdict::Denied(Denial::Locked(_))));
    for (state, denial) in [(State::Disabled, Denial::ToolDisabled), (State::Pending, Denial::ToolPending)] {
        let mut world = World::new(&by_asking("on_approval"));
        world.policy = world.policy.with_temporary(glass());
        world.policy.tools.insert(MERGE.to_owned(), (state, String::new()));
        assert_eq!(world.verdict(MERGE, &merge("web-shop")), Verdict::Denied(denial));
    }
}

#[test]
fn access_that_means_nothing_is_not_kept() {
    let profile = |more: Value| {
        let mut profile = json!({"name": "some", "subjects": ["everyone"], "toolsets": ["all"]});
        profile.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"toolsets": [{"name": "all"}], "profiles": [profile]})
    };
    let rule = |mut rule: Value| {
        rule["name"] = json!("some");
        json!({ "rules": [rule] })
    };
    for (document, part) in [
        (profile(json!({"longest_minutes": 60})), "has to be asked for"),
        (profile(json!({"granting": "on_request", "longest_minutes": 0})), "from 1 to 10080"),
        (profile(json!({"granting": "on_request", "longest_minutes": 10_081})), "from 1 to 10080"),
        (rule(json!({"then": "block", "longest_minutes": 60})), "holds calls for an approval"),
        (rule(json!({"then": "approve", "longest_minutes": 0})), "from 1 to 1440"),
        (rule(json!({"then": "approve", "longest_minutes": 1441})), "from 1 to 1440"),
        (rule(json!({"then": "approve", "taint": "any", "longest_minutes": 60})), "looked at call by call"),
        (json!({"break_glass": {"subjects": []}}), "it is for some people"),
        (json!({"break_glass": {"subjects": ["everyone"]}}), "it is for some people"),
        (json!({"break_glass": {"subjects": ["group:nobody"]}}), "nobody who has signed in"),
    ] {
        let problems = policy(&document).problems(&Known::default());
        assert!(problems.iter().any(|problem| problem.to_string().contains(part)), "{document}: {problems:?}");
    }
}

const FILE: &str = "bitbucket_get_file";
const FILES: &str = "bitbucket_list_files";
const COMMIT: &str = "bitbucket_commit_files";

fn file(path: &str) -> Value {
    json!({"workspace": "acme", "repository": "web", "path": path})
}

fn commit(written: &[&str], deleted: &[&str]) -> Value {
    let written: Vec<_> = written.iter().map(|path| json!({"path": path, "text": "x"})).collect();
    json!({"workspace": "acme", "repository": "web", "branch": "main", "parent": "0a1b2c3d", "message": "x",
        "files": written, "delete": deleted})
}

fn secrets() -> Value {
    json!([{"site": "bitbucket", "workspace": "acme", "repository": "web", "path": "secrets/*"}])
}

#[test]
fn a_rule_on_a_path_stops_what_names_it_or_may_be_about_it() {
    let world = with_rules(&json!([{"name": "secrets", "resources": secrets(), "then": "block"}]));
    let runs = |tool: &str, given: &Value| world.verdict(tool, given) == Verdict::Allowed;
    assert!(runs(FILE, &file("docs/a")) && !runs(FILE, &file("secrets/a")) && !runs(FILE, &file("Secrets/a")));
    assert!(runs(COMMIT, &commit(&["docs/a", "b"], &["c"])));
    for (written, deleted) in [(&["docs/a", "secrets/b"][..], &[][..]), (&[], &["/secrets/"]), (&["secrets"], &[])] {
        assert!(!runs(COMMIT, &commit(written, deleted)), "{written:?} {deleted:?}");
    }
    let diff = |path: &str| json!({"workspace": "acme", "repository": "web", "of": "#7", "path": path});
    assert!(runs("bitbucket_get_diff", &diff("docs")) && !runs("bitbucket_get_diff", &diff("/")));
    assert!(!runs("bitbucket_get_diff", &json!({"workspace": "acme", "repository": "web", "of": "#7"})));
    assert!(!runs(MERGE, &merge("web")) && runs(MERGE, &merge("shop")));
}

#[test]
fn lists_of_files_are_shown_without_those_that_rules_close() {
    let world = with_rules(&json!([{"name": "secrets", "resources": secrets(), "then": "block"}]));
    let pull_request = json!({"workspace": "acme", "repository": "web", "pull_request": 7});
    let search = json!({"workspace": "acme", "query": "token"});
    for (tool, given) in [
        (FILE, file("/")),
        (FILES, repository("web")),
        ("bitbucket_list_pull_request_files", pull_request),
        ("bitbucket_get_file_history", file("docs/a")),
        ("bitbucket_search_code", search),
        (LIST, json!({"workspace": "acme"})),
    ] {
        let decision = world.decision(tool, &given);
        assert_eq!(decision.verdict, Verdict::Allowed, "{tool}");
    }
    assert_eq!(world.decision(FILES, &repository("web")).access.within.except.len(), 1);
    let held = with_rules(&json!([{"name": "secrets", "resources": secrets(), "then": "approve"}]));
    for (tool, given) in [(FILES, file("/")), ("bitbucket_search_code", json!({"workspace": "acme", "query": "x"}))] {
        assert!(matches!(held.verdict(tool, &given), Verdict::ApprovalNeeded(_)), "{tool}");
    }
}

#[test]
fn a_file_on_a_branch_that_nobody_knows_is_not_left_to_the_rows() {
    let on_main =
        json!([{"site": "bitbucket", "workspace": "acme", "repository": "web", "branch": "main", "path": "secrets"}]);
    let world = with_rules(&json!([{"name": "secrets", "resources": on_main, "then": "block"}]));
    assert!(matches!(world.verdict(FILE, &file("secrets/a")), Verdict::Denied(_)));
    assert!(matches!(world.verdict(FILES, &file("secrets")), Verdict::Denied(_)));
    assert_eq!(world.verdict(FILE, &file("docs")), Verdict::Allowed);
}

#[test]
fn a_profile_on_a_path_grants_what_is_about_it_for_certain() {
    let docs = json!([{"site": "bitbucket", "workspace": "acme", "repository": "web", "path": "docs/**"}]);
    let world = World::new(&json!({"toolsets": [{"name": "all"}], "profiles": [
        {"name": "docs", "subjects": ["everyone"], "toolsets": ["all"], "resources": docs}]}));
    let runs = |tool: &str, given: &Value| world.verdict(tool, given) == Verdict::Allowed;
    assert!(runs(FILE, &file("docs/a")) && runs(FILE, &file("docs")) && runs(FILES, &file("/")));
    assert!(runs(COMMIT, &commit(&["docs/a"], &["docs/b"])) && !runs(COMMIT, &commit(&["docs/a", "src/b"], &[])));
    assert!(!runs(FILE, &file("/")) && !runs(FILE, &file("src/a")) && !runs(FILE, &file("docs%2f..%2fsrc")));
    assert!(!runs(MERGE, &merge("web")) && !runs(LIST, &json!({"workspace": "acme"})));
    assert!(
        !runs("bitbucket_list_branches", &repository("web"))
            && runs("bitbucket_search_code", &json!({"workspace": "acme", "query": "x"}))
    );
    let given = file("/");
    let operation = crate::catalog::find(FILES).expect("an operation");
    let arguments = arguments::validate(operation, given.as_object().unwrap()).expect("arguments");
    let decision = world.decision(FILES, &given);
    let tool = tools::find(FILES).expect("a tool");
    let facts = Facts::of_call(&settings::for_tests(), world.caller(), &tool, &arguments);
    let limits = Limits::of(&Reach::default(), &decision.access.within, operation, &arguments, facts.resource.as_ref());
    let limits = limits.expect("limits");
    let shows = |names: &[&str]| limits.visible.permits(Site::main(&BITBUCKET), operation::Resource::File, names, None);
    assert!(shows(&["docs/a"]) && shows(&["docs/a", "docs/b"]) && !shows(&["src/a"]) && !shows(&["docs/a", "src/a"]));
    assert!(!shows(&[]) && !shows(&["Docs/a"]) && !shows(&["{src}/a"]));
}

#[test]
fn a_condition_on_a_path_is_of_a_repository() {
    let known = Known { sites: vec![Site::main(&BITBUCKET)], ..Known::default() };
    for (path, repository, problems) in [("docs", json!("web"), 0), ("docs", Value::Null, 1), ("a/**/b", json!("*"), 1)]
    {
        let condition = json!([{"site": "bitbucket", "workspace": "acme", "repository": repository, "path": path}]);
        let document = json!({"rules": [{"name": "r", "resources": condition, "then": "block"}]});
        assert_eq!(policy(&document).problems(&known).len(), problems, "{document}");
    }
}
