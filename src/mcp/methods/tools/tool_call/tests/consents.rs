//! Sites that share a consent of the person's: a token goes to their common API alone, and only for what was granted.

use super::*;
use crate::{connections::vault::CredentialError, crypto::seal::Purpose};

const SPACES: &str = "confluence_list_spaces";
const EUROPE: &str = "22222222-2222-4222-8222-222222222222";
const LISTED: &str = "https://api.atlassian.com/oauth/token/accessible-resources";
const SCOPES: &str = "read:me read:space:confluence read:page:confluence";

impl World {
    /// A Confluence of two sites with an app at Atlassian, at which the person's consent covers these.
    fn with_consent(scopes: &str, sites: &Value) -> Self {
        let world = Self::with_record(scopes, "");
        let sealer = world.context.settings.sealer(Purpose::Tokens);
        let sealed = sealer.seal(&sites.to_string(), "connections/user/confluence/sites").expect("sealed sites");
        world.execute(sql("UPDATE connections SET sites = ?1").bind(sealed));
        world
    }

    /// The same where the record says that of the sites, and the provider that it is the one in Europe.
    fn with_record(scopes: &str, sites: &str) -> Self {
        let settings = settings::with_sites(&[
            ("CONFLUENCE_SITES", "eu"),
            ("CONFLUENCE_CLIENT_ID", "app"),
            ("CONFLUENCE_CLIENT_SECRET", "app-secret"),
        ]);
        let http = ScriptedHttp::new(|request| match request.url.as_str() {
            LISTED => {
                json_answer(200, &json!([{ "id": EUROPE, "name": "eu", "url": "https://eu.acme.atlassian.net" }]))
            }
            _ => json_answer(200, &json!({ "results": [] })),
        });
        let world = Self::answering(settings, http);
        world.decide(SPACES, "approved");
        let sealer = world.context.settings.sealer(Purpose::Tokens);
        let sealed = sealer.seal("own token", "connections/user/confluence/access_token").expect("a sealed token");
        world.execute(
            sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, expires_at,
                     version, state, created_at, updated_at, sites)
                 VALUES ('user', 'confluence', '17', 'alice-a', ?1, ?2, 9000000000000, 1, 'connected', 0, 0, ?3)")
            .bind(scopes)
            .bind(sealed)
            .bind(sites),
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
fn what_was_not_sealed_here_of_sites_is_not_believed_and_the_provider_is_asked() {
    let of_somebody_else = json!([{ "site": "confluence/eu", "id": "1" }, { "site": "confluence", "id": EUROPE }]);
    for sites in [of_somebody_else.to_string().as_str(), "eu", "null", ""] {
        let world = World::with_record(SCOPES, sites);
        for _ in 0..2 {
            assert!(matches!(world.spaces_at("eu"), Answer::Complete(_)), "{sites}");
        }
        let below = format!("https://api.atlassian.com/ex/confluence/{EUROPE}/wiki/");
        let sent = world.addresses();
        assert_eq!(sent[0], LISTED, "{sites}");
        assert!(sent.len() == 3 && sent[1..].iter().all(|url| url.starts_with(&below)), "{sent:?}");
        let kept = block_on(world.context.platform.database.run(sql("SELECT sites FROM connections"))).unwrap().rows;
        assert!(kept[0]["sites"].as_str().is_some_and(|sites| sites.starts_with("v2.")), "{kept:?}");
    }
}

#[test]
fn where_the_provider_does_not_list_the_site_the_token_does_not_go_there() {
    let world = World::with_record(SCOPES, "[]");
    assert!(matches!(world.spaces_at("main"), Answer::Complete(_)), "through the organisation's");
    let sent = world.addresses();
    assert!(sent[1..].iter().all(|url| url.starts_with("https://acme.atlassian.net/wiki/")), "{sent:?}");
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
