//! Whose account a call works in, where it may be either: of the tests' own provider, which has both.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::{
    connections::{credential_test::Accepted, shared_credential::SharedCredential},
    crypto::seal::Purpose,
    governance::organisation_decisions::{self, Kept},
    platform::native::memory::json_answer,
    providers::{BITBUCKET, TRACKER},
};

const READS: &str = "tracker_list_issues";
const WRITES: &str = "tracker_close_issue";

impl World {
    fn with_tracker() -> Self {
        let mut world = Self::new();
        world.principal.scopes = Scopes::parse("read write");
        world.decide(READS, "approved");
        world.decide(WRITES, "approved");
        world
    }

    /// With an account of the person's own, in that state.
    fn connected(self, state: &str) -> Self {
        let sealer = self.context.settings.sealer(Purpose::Tokens);
        let sealed = sealer.seal("own", "connections/user/tracker/access_token").expect("a sealed token");
        let connection =
            sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                 expires_at, version, state, created_at, updated_at)
             VALUES ('user', 'tracker', '17', 'alice-t', '', ?1, 9000000000000, 1, ?2, 0, 0)");
        self.execute(connection.bind(sealed).bind(state));
        self
    }

    fn call_tracker(&self, tool: &str) -> Answer<String> {
        let arguments = json!({"project": "POST", "issue": 7});
        let mut arguments = arguments.as_object().cloned().expect("an object");
        if tool == READS {
            arguments.remove("issue");
        }
        block_on(tools::call(Origin::direct(&self.context, &self.principal), tool, &arguments, &Notifier::SILENT))
            .expect("an answer")
    }

    /// An administrator lets calls change things in the organisation's name, or no more.
    fn let_write(&self, may_write: bool) {
        let (by, site) = (UserId::new("user"), Site::main(&TRACKER));
        block_on(organisation_decisions::decide_writes(&self.context, &by, site, may_write)).unwrap();
    }

    /// An administrator enters a credential of the organisation's.
    fn keep(&self, site: Site, token: &str, scopes: &str) {
        let credential = SharedCredential::read("bearer", "", token).unwrap();
        let accepted = Accepted { account: None, scopes: scopes.to_owned() };
        let kept = Kept { credential: &credential, accepted: &accepted, tested_in: "", ends_at: None };
        block_on(organisation_decisions::keep(&self.context, &UserId::new("user"), site, &kept)).unwrap();
    }

    /// What each request was sent with.
    fn credentials(&self) -> Vec<String> {
        let sent = self.http.sent.borrow();
        let credential = |request: &OutboundRequest| {
            request.headers.iter().find(|(name, _)| *name == "authorization").map(|(_, value)| value.clone())
        };
        sent.iter().filter_map(credential).collect()
    }
}

fn organisations() -> String {
    format!("Basic {}", STANDARD.encode("given:given"))
}

#[test]
fn whoever_has_no_account_of_their_own_reads_through_the_organisations() {
    let world = World::with_tracker();
    for _ in 0..3 {
        assert!(matches!(world.call_tracker(READS), Answer::Complete(_)));
    }
    assert_eq!(world.credentials(), vec![organisations(); 3]);
}

#[test]
fn whoever_has_one_reads_and_writes_with_it_alone() {
    let world = World::with_tracker().connected("connected");
    for tool in [READS, WRITES, READS] {
        assert!(matches!(world.call_tracker(tool), Answer::Complete(_)), "{tool}");
    }
    assert_eq!(world.credentials(), ["Bearer own"; 3]);
}

#[test]
fn nothing_is_changed_through_the_organisations_account() {
    let world = World::with_tracker();
    let Answer::LinkNeeded(needed) = world.call_tracker(WRITES) else { panic!("no link") };
    assert!(needed.url.starts_with("https://postern.example/connect/tracker?e="), "{}", needed.url);
    assert!(world.credentials().is_empty());
}

#[test]
fn what_an_administrator_lets_change_is_changed_through_the_organisations_account() {
    let world = World::with_tracker();
    world.let_write(true);
    assert!(matches!(world.call_tracker(WRITES), Answer::Complete(_)));
    assert_eq!(world.credentials(), [organisations()]);
    world.let_write(false);
    let Answer::LinkNeeded(needed) = world.call_tracker(WRITES) else { panic!("no link") };
    let cause = "Not run: `tracker_close_issue` changes something, and your organisation's Tracker account is for reading \
                 alone. Next: connect your own account.";
    assert_eq!(needed.message, cause);
    assert_eq!(world.credentials().len(), 1);
}

#[test]
fn a_credential_that_an_administrator_entered_takes_the_place_of_the_one_in_the_settings() {
    let world = World::with_tracker();
    world.keep(Site::main(&TRACKER), "entered", "");
    assert!(matches!(world.call_tracker(READS), Answer::Complete(_)));
    block_on(organisation_decisions::remove(&world.context, &UserId::new("user"), Site::main(&TRACKER))).unwrap();
    assert!(matches!(world.call_tracker(READS), Answer::Complete(_)));
    assert_eq!(world.credentials(), ["Bearer entered".to_owned(), organisations()]);
}

#[test]
fn a_call_in_flight_while_the_credential_is_replaced_goes_out_once_more_with_the_new_one() {
    let mut world = World::with_tracker();
    let refuses_old = |request: &OutboundRequest| {
        let is_old = request.headers.iter().any(|(_, value)| value == "Bearer old");
        json_answer(if is_old { 401 } else { 200 }, &json!({ "issues": [] }))
    };
    world.http = ScriptedHttp::new(refuses_old);
    world.context.platform.http = Rc::new(world.http.clone());
    world.keep(Site::main(&TRACKER), "old", "");
    assert!(matches!(world.call_tracker(READS), Answer::Failed(_)), "there is no other yet");
    let policy = block_on(snapshot_cache::current(&world.context)).unwrap();
    world.keep(Site::main(&TRACKER), "new", "");
    // Another isolate has not heard of it.
    snapshot_cache::believe(policy.as_ref().clone(), world.clock.now());
    assert!(matches!(world.call_tracker(READS), Answer::Complete(_)));
    assert_eq!(world.credentials(), ["Bearer old", "Bearer old", "Bearer new"]);
}

#[test]
fn a_call_that_the_scopes_of_the_organisations_credential_cannot_suffice_for_is_not_sent() {
    let world = World::with_tracker();
    world.decide("bitbucket_list_repositories", "approved");
    world.keep(Site::main(&BITBUCKET), "entered", "read:user:bitbucket");
    let arguments = json!({ "workspace": "acme" });
    let arguments = arguments.as_object().expect("an object");
    let call = || {
        let tool = "bitbucket_list_repositories";
        block_on(tools::call(Origin::direct(&world.context, &world.principal), tool, arguments, &Notifier::SILENT))
            .expect("an answer")
    };
    let Answer::Failed(words) = call() else { panic!("it ran") };
    let cause = "Not run: the organisation's Bitbucket connection lacks the scope read:repository:bitbucket.";
    assert!(words.starts_with(cause), "{words}");
    world.keep(Site::main(&BITBUCKET), "entered", "read:repository:bitbucket");
    assert!(matches!(call(), Answer::Complete(_)));
    assert_eq!(world.credentials(), ["Bearer entered"]);
}

#[test]
fn whoever_has_connected_nothing_is_asked_to_where_the_organisation_has_no_account_either() {
    let world = World::with_tracker();
    world.decide("bitbucket_list_workspaces", "approved");
    snapshot_cache::forget();
    let tool = "bitbucket_list_workspaces";
    let answer =
        block_on(tools::call(Origin::direct(&world.context, &world.principal), tool, &Map::new(), &Notifier::SILENT));
    assert!(matches!(answer, Ok(Answer::LinkNeeded(_))), "{answer:?}");
    assert!(world.credentials().is_empty());
}

#[test]
fn an_account_that_is_of_no_use_any_more_is_connected_again_before_anything_is_read() {
    let world = World::with_tracker().connected("broken");
    assert!(matches!(world.call_tracker(READS), Answer::LinkNeeded(_)));
    assert!(world.credentials().is_empty());
}

#[test]
fn an_account_that_is_connected_meanwhile_is_the_one_that_is_used_from_then_on() {
    let world = World::with_tracker();
    world.call_tracker(READS);
    world.call_tracker(READS);
    let world = world.connected("connected");
    world.call_tracker(READS);
    assert_eq!(world.credentials(), [organisations(), organisations(), "Bearer own".to_owned()]);
}

#[test]
fn a_service_reads_through_the_organisations_account_and_changes_nothing() {
    let mut world = World::with_tracker();
    world.principal.subject = Subject::Service(ClientId::new("pipeline"));
    world.principal.client = ClientId::new("pipeline");
    let client = sql("INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata,
             created_at)
         VALUES ('pipeline', 'Pipeline', '[]', '[\"client_credentials\"]', 'client_secret_basic', '{}', 0)");
    world.execute(client);
    let Answer::Failed(words) = world.call_tracker(WRITES) else { panic!("it ran") };
    assert!(words.contains("works in the account of a person"), "{words}");
    let read = world.call_tracker(READS);
    assert!(matches!(read, Answer::Complete(_)), "{read:?}");
    assert_eq!(world.credentials(), [organisations()]);
}
