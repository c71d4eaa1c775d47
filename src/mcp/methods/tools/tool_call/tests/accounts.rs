//! Whose account a call works in, where it may be either: of the tests' own provider, which has both.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;
use crate::crypto::seal::Purpose;

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
    let Answer::ConnectionNeeded(needed) = world.call_tracker(WRITES) else { panic!("no link") };
    assert!(needed.url.starts_with("https://postern.example/connect/tracker?e="), "{}", needed.url);
    assert!(world.credentials().is_empty());
}

#[test]
fn an_account_that_is_of_no_use_any_more_is_connected_again_before_anything_is_read() {
    let world = World::with_tracker().connected("broken");
    assert!(matches!(world.call_tracker(READS), Answer::ConnectionNeeded(_)));
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
