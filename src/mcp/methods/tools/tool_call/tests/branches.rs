//! Where a rule or a profile is on branches, the branch of a pull request is looked up before anything of it is on record or
//! sent.

use super::*;
use crate::{audit::testing::AfterResponse, governance::policy::PolicySnapshot, platform::http::Method};

const MERGE: &str = "bitbucket_merge_pull_request";
const COMMENTS: &str = "bitbucket_list_pull_request_comments";

/// A provider whose pull request goes into that branch; `None` where it answers that it cannot say.
fn provider(branch: Option<&'static str>) -> ScriptedHttp {
    ScriptedHttp::new(move |_| match branch {
        None => json_answer(503, &json!({})),
        Some(branch) => json_answer(
            200,
            &json!({
                "id": 7, "state": "MERGED", "values": [], "source": { "commit": { "hash": "1".repeat(40) } },
                "destination": { "branch": { "name": branch } }, "project": { "key": "WEB" },
            }),
        ),
    })
}

struct Repository {
    world: World,
    policy: Value,
    after: AfterResponse,
}

impl Repository {
    /// Whose pull request goes into that branch, in an organisation with that policy.
    fn new(branch: Option<&'static str>, policy: Value) -> Self {
        let mut world = World::answering(settings::for_tests(), provider(branch));
        world.principal.scopes = Scopes::parse("read write admin");
        let after = AfterResponse::default();
        world.context.platform.caller = Rc::new(after.clone());
        world.connect_bitbucket();
        Self { world, policy, after }
    }

    fn call(&self, tool: &str) -> Answer<String> {
        let access = serde_json::from_value(self.policy.clone()).expect("a policy");
        snapshot_cache::believe(PolicySnapshot::approving_all().with_access(access), self.world.clock.now());
        let mut arguments = json!({ "workspace": "acme", "repository": "backend", "pull_request": 7 });
        if tool == MERGE {
            arguments["commit"] = "1".repeat(40).into();
        }
        let origin = Origin::direct(&self.world.context, &self.world.principal);
        let arguments = arguments.as_object().cloned().expect("an object");
        let answer = block_on(tools::call(origin, tool, &arguments, &Notifier::SILENT)).expect("an answer");
        self.after.respond();
        answer
    }

    /// The requests that only read, and those that change something.
    fn requests(&self) -> (usize, usize) {
        let sent = self.world.http.sent.borrow();
        let reads = sent.iter().filter(|request| request.method == Method::Get).count();
        (reads, sent.len() - reads)
    }

    fn intents(&self) -> usize {
        self.world.turns.borrow().iter().filter(|turn| turn.contains(r#""intent":{"#)).count()
    }
}

fn ruled(then: &str) -> Value {
    let main = json!([{ "site": "bitbucket", "workspace": "acme", "repository": "*", "branch": "main" }]);
    json!({ "rules": [{ "name": "main", "resources": main, "then": then }] })
}

#[test]
fn a_merge_into_another_branch_than_the_rule_is_on_runs_and_one_into_it_leaves_no_intent() {
    let other = Repository::new(Some("dev"), ruled("block"));
    let merged = other.call(MERGE);
    assert!(matches!(merged, Answer::Complete(_)), "{merged:?}");
    assert_eq!((other.requests().1, other.intents()), (1, 1));
    let main = Repository::new(Some("main"), ruled("block"));
    let Answer::Failed(said) = main.call(MERGE) else { panic!("it did not fail") };
    assert!(said.contains("rule \u{201c}main\u{201d}"), "{said}");
    assert_eq!((main.requests(), main.intents()), ((1, 0), 0));
}

#[test]
fn a_merge_whose_branch_cannot_be_told_is_not_sent() {
    let repository = Repository::new(None, ruled("block"));
    assert!(matches!(repository.call(MERGE), Answer::Failed(_)));
    assert_eq!((repository.requests().1, repository.intents()), (0, 0));
}

#[test]
fn a_call_that_no_rule_on_a_branch_may_fit_makes_no_request_more() {
    let reads = |policy: Value| {
        let repository = Repository::new(Some("dev"), policy);
        assert!(matches!(repository.call(MERGE), Answer::Complete(_)));
        repository.requests().0
    };
    let elsewhere = json!([{ "site": "bitbucket", "workspace": "other", "repository": "*", "branch": "main" }]);
    let without = reads(json!({}));
    assert_eq!(reads(json!({ "rules": [{ "name": "x", "resources": elsewhere, "then": "block" }] })), without);
    assert_eq!(reads(ruled("block")), without + 1);
}

#[test]
fn a_merge_is_held_by_the_branch_that_it_goes_into_and_bound_to_it() {
    let held = Repository::new(Some("main"), ruled("approve")).call(MERGE);
    assert!(matches!(held, Answer::LinkNeeded(_)), "{held:?}");
    let runs = Repository::new(Some("dev"), ruled("approve")).call(MERGE);
    assert!(matches!(runs, Answer::Complete(_)), "{runs:?}");
}

#[test]
fn a_read_is_looked_up_and_sent_with_one_admission() {
    let repository = Repository::new(Some("dev"), ruled("block"));
    assert!(matches!(repository.call(COMMENTS), Answer::Complete(_)));
    let admissions = repository.world.turns.borrow().iter().filter(|turn| turn.contains("admit")).count();
    assert_eq!((admissions, repository.requests()), (1, (2, 0)));
    let blocked = Repository::new(Some("main"), ruled("block"));
    assert!(matches!(blocked.call(COMMENTS), Answer::Failed(_)));
    assert_eq!(blocked.requests(), (1, 0));
}

#[test]
fn the_project_of_a_repository_is_looked_up_once_in_five_minutes() {
    let ops = json!([{ "site": "bitbucket", "workspace": "acme", "project": "OPS" }]);
    let policy = json!({ "rules": [{ "name": "ops", "resources": ops, "then": "block" }] });
    let repository = Repository::new(Some("dev"), policy);
    let reads = || {
        let before = repository.requests().0;
        assert!(matches!(repository.call(COMMENTS), Answer::Complete(_)));
        repository.requests().0 - before
    };
    assert_eq!((reads(), reads()), (2, 1));
    repository.world.clock.advance(Duration::from_mins(5));
    assert_eq!((reads(), reads()), (2, 1));
}
