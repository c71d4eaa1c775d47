//! Sites that share a consent of the person's: a token goes to their common API alone, and only for what was granted.

use super::*;
use crate::{connections::vault::CredentialError, crypto::seal::Purpose};

const SPACES: &str = "confluence_list_spaces";
const EUROPE: &str = "22222222-2222-4222-8222-222222222222";
const SCOPES: &str = "read:me read:space:confluence read:page:confluence";

impl World {
    /// A Confluence of two sites with an app at Atlassian, at which the person's consent covers these.
    fn with_consent(scopes: &str, sites: &Value) -> Self {
        let world = Self::of(settings::with_sites(&[
            ("CONFLUENCE_SITES", "eu"),
            ("CONFLUENCE_CLIENT_ID", "app"),
            ("CONFLUENCE_CLIENT_SECRET", "app-secret"),
        ]));
        world.decide(SPACES, "approved");
        let sealer = world.context.settings.sealer(Purpose::Tokens);
        let sealed = sealer.seal("own token", "connections/user/confluence/access_token").expect("a sealed token");
        world.execute(
            sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, expires_at,
                     version, state, created_at, updated_at, sites)
                 VALUES ('user', 'confluence', '17', 'alice-a', ?1, ?2, 9000000000000, 1, 'connected', 0, 0, ?3)")
            .bind(scopes)
            .bind(sealed)
            .bind(sites.to_string()),
        );
        world
    }

    fn spaces_at(&self, site: &str) -> Answer<String> {
        let arguments = json!({ "site": site }).as_object().cloned().expect("an object");
        let call = tools::call(Origin::direct(&self.context, &self.principal), SPACES, &arguments, &Notifier::SILENT);
        block_on(call).expect("an answer")
    }

    fn addresses(&self) -> Vec<String> {
        self.http.sent.borrow().iter().map(|request| request.url.clone()).collect()
    }
}

fn europe() -> Value {
    json!([{ "site": "confluence/eu", "id": EUROPE }])
}

#[test]
fn a_persons_own_token_goes_to_the_common_api_and_to_the_id_of_the_site() {
    let world = World::with_consent(SCOPES, &europe());
    assert!(matches!(world.spaces_at("eu"), Answer::Complete(_)));
    let below = format!("https://api.atlassian.com/ex/confluence/{EUROPE}/wiki/");
    let sent = world.http.sent.borrow();
    assert!(!sent.is_empty() && sent.iter().all(|request| request.url.starts_with(&below)));
    assert!(
        sent.iter().all(|request| request.headers.contains(&("authorization".into(), "Bearer own token".to_owned())))
    );
}

#[test]
fn a_site_that_the_consent_does_not_cover_is_read_through_the_organisations_account_at_its_own_host() {
    let world = World::with_consent(SCOPES, &europe());
    assert!(matches!(world.spaces_at("main"), Answer::Complete(_)));
    let sent = world.http.sent.borrow();
    assert!(sent.iter().all(|request| request.url.starts_with("https://acme.atlassian.net/wiki/")));
    assert!(sent.iter().all(|request| !request.headers.iter().any(|(_, value)| value.contains("own token"))));
}

#[test]
fn a_lease_of_one_site_brings_no_call_to_another() {
    let world = World::with_consent(
        SCOPES,
        &json!([{ "site": "confluence", "id": "1" }, { "site": "confluence/eu", "id": "2" }]),
    );
    for site in ["main", "main", "eu", "eu", "main"] {
        assert!(matches!(world.spaces_at(site), Answer::Complete(_)));
    }
    let ids: Vec<char> =
        world.addresses().iter().filter_map(|url| url.split("/confluence/").nth(1)?.chars().next()).collect();
    assert_eq!(ids, ['1', '1', '2', '2', '1']);
}

#[test]
fn a_site_that_was_lost_is_connected_again_and_not_read_by_another_account() {
    let world = World::with_consent(SCOPES, &json!([{ "site": "confluence/eu", "id": EUROPE, "lost": true }]));
    let Answer::LinkNeeded(needed) = world.spaces_at("eu") else { panic!("no link") };
    assert!(needed.url.contains("/connect/confluence/eu?e=") && needed.message.contains("has ended"), "{needed:?}");
    assert!(world.addresses().is_empty());
}

#[test]
fn what_the_record_cannot_have_written_of_sites_sends_a_token_nowhere() {
    for sites in [json!([{ "site": "confluence/eu", "id": "../../ex/jira/1" }]), json!("eu"), json!(null)] {
        let world = World::with_consent(SCOPES, &sites);
        drop(world.spaces_at("eu"));
        let sent = world.http.sent.borrow();
        assert!(sent.iter().all(|request| !request.url.contains("api.atlassian.com")), "{sites}");
    }
}

#[test]
fn a_call_whose_scope_was_not_granted_is_refused_and_nothing_is_sent() {
    let world = World::with_consent("read:me", &europe());
    let Answer::Failed(said) = world.spaces_at("eu") else { panic!("it did not fail") };
    assert!(
        said.starts_with("Not run: your Confluence (eu) connection lacks the scope read:space:confluence."),
        "{said}"
    );
    assert!(said.contains("https://postern.example/connections"), "{said}");
    assert!(world.addresses().is_empty());
}

#[test]
fn a_token_without_sites_is_for_none_where_sites_share_a_consent() {
    let site = Site::parse("confluence").expect("a site");
    let token = crate::connections::vault::AccessToken {
        token: crate::crypto::secret::Secret::new("own token"),
        version: 1,
        expires_at: Timestamp(0),
        sealed: String::new(),
        granted: crate::connections::granted_sites::Granted::default(),
    };
    assert_eq!(token.resource_at(site), Err(CredentialError::NotConnected));
}
