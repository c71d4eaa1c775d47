//! A provider whose consents cover several sites: what is connected is what was granted and is set up.

use std::{cell::RefCell, rc::Rc};

use super::*;
use crate::connections::{
    accounts,
    vault::{CredentialError, Vault},
};

const MAIN: &str = "11111111-1111-4111-8111-111111111111";
const EUROPE: &str = "22222222-2222-4222-8222-222222222222";

fn listed(id: &str, url: &str) -> serde_json::Value {
    json!({ "id": id, "url": url, "name": "a site", "scopes": [] })
}

fn main_site() -> serde_json::Value {
    listed(MAIN, "https://acme.atlassian.net")
}

fn europe() -> serde_json::Value {
    listed(EUROPE, "https://eu.acme.atlassian.net")
}

/// Alice at a Confluence of two sites, whose provider lists these for her tokens.
struct Consents {
    scene: Scene,
    listed: Rc<RefCell<Vec<serde_json::Value>>>,
    sent: Rc<RefCell<Vec<crate::platform::fetch::OutboundRequest>>>,
}

impl Consents {
    fn of(sites: &[serde_json::Value]) -> Self {
        let listed = Rc::new(RefCell::new(sites.to_vec()));
        let told = Rc::clone(&listed);
        let http = ScriptedHttp::new(move |request| {
            if request.url.ends_with("/oauth/token") {
                let tokens = json!({ "access_token": "access", "refresh_token": "refresh", "token_type": "Bearer",
                    "expires_in": 3600, "scope": "read:page:confluence offline_access" });
                json_answer(200, &tokens)
            } else if request.url.ends_with("/accessible-resources") {
                json_answer(200, &json!(*told.borrow()))
            } else {
                json_answer(200, &json!({ "account_id": "1", "name": "Alice" }))
            }
        });
        let sent = http.sent.clone();
        let settings = settings::with_sites(&[
            ("CONFLUENCE_SITES", "eu"),
            ("CONFLUENCE_CLIENT_ID", "app"),
            ("CONFLUENCE_CLIENT_SECRET", "app-secret"),
        ]);
        Self { scene: Scene::of(settings, http), listed, sent }
    }

    fn connect(&self, site: &str) -> Finished {
        let begun = self.scene.begin_at(site, Occasion::Page);
        let query = format!("code=c&state={}", state(&begun));
        self.scene.come_back_at(site, &self.scene.connector(), &query, &cookie(&begun)).0
    }

    fn vault(&self, site: &str) -> Vault<'_> {
        let Scene { context, user } = &self.scene;
        Vault { platform: &context.platform, settings: &context.settings, user, site: Site::parse(site).unwrap() }
    }

    /// The id by which a call at that site is routed.
    fn route(&self, site: &str) -> Result<Option<String>, CredentialError> {
        let vault = self.vault(site);
        let id = block_on(vault.access_token(None, None))?.resource_at(vault.site)?;
        Ok(id.map(|id| id.as_str().to_owned()))
    }

    fn accounts(&self) -> Vec<String> {
        let accounts = block_on(accounts::list(&self.scene.context, &self.scene.user)).unwrap();
        accounts.iter().map(|account| format!("{} {}", account.site, account.state)).collect()
    }
}

fn connected(also: &[&str]) -> Finished {
    let also = also.iter().map(|site| Site::parse(site).unwrap()).collect();
    Finished::Connected { account: "Alice".to_owned(), also }
}

#[test]
fn consent_is_asked_for_everything_that_the_catalogue_needs_and_for_a_token_that_can_be_renewed() {
    let begun = Consents::of(&[]).scene.begin_at("confluence", Occasion::Page);
    let url = url::Url::parse(&begun.location).unwrap();
    assert!(begun.location.starts_with("https://auth.atlassian.com/authorize?"), "{url}");
    let value = |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!(value("audience").as_deref(), Some("api.atlassian.com"));
    assert_eq!(value("prompt").as_deref(), Some("consent"));
    assert_eq!(value("redirect_uri").as_deref(), Some("https://postern.example/callback/confluence"));
    let scopes = value("scope").unwrap();
    let scopes: Vec<&str> = scopes.split(' ').collect();
    let needed = crate::catalog::needed_scopes(&crate::providers::CONFLUENCE);
    assert!(!needed.is_empty() && needed.iter().chain(&["offline_access"]).all(|scope| scopes.contains(scope)));
}

#[test]
fn the_code_is_exchanged_as_json_and_the_secret_is_in_no_header() {
    let consents = Consents::of(&[main_site()]);
    consents.connect("confluence");
    let sent = consents.sent.borrow();
    let exchange = sent.iter().find(|request| request.url == "https://auth.atlassian.com/oauth/token").unwrap();
    let body: serde_json::Value = serde_json::from_slice(exchange.body.as_ref().unwrap()).unwrap();
    assert_eq!(body["grant_type"], "authorization_code");
    assert_eq!((&body["client_id"], &body["client_secret"]), (&json!("app"), &json!("app-secret")));
    assert_eq!(body["redirect_uri"], "https://postern.example/callback/confluence");
    assert!(exchange.headers.iter().all(|(name, _)| *name != "authorization"));
}

#[test]
fn each_site_of_the_consent_that_is_set_up_is_connected_by_one_pair_of_tokens() {
    let consents = Consents::of(&[europe(), listed("3", "https://elsewhere.atlassian.net"), main_site()]);
    assert_eq!(consents.connect("confluence/eu"), connected(&["confluence"]));
    assert_eq!(consents.accounts(), ["confluence connected", "confluence/eu connected"]);
    assert_eq!(consents.route("confluence"), Ok(Some(MAIN.to_owned())));
    assert_eq!(consents.route("confluence/eu"), Ok(Some(EUROPE.to_owned())));
    let rows = block_on(consents.scene.context.platform.database.run(sql("SELECT provider FROM connections"))).unwrap();
    assert_eq!(rows.rows, [json!({ "provider": "confluence" })]);
}

#[test]
fn a_consent_for_another_site_than_the_one_in_question_connects_that_one_and_says_so() {
    let consents = Consents::of(&[main_site()]);
    let finished = consents.connect("confluence/eu");
    let main = Site::parse("confluence").unwrap();
    let Finished::OtherSites { connected, unknown, .. } = finished else { panic!("{finished:?}") };
    assert_eq!((connected, unknown), (vec![main], Vec::new()));
    assert_eq!(consents.route("confluence/eu"), Err(CredentialError::NotConnected));
}

#[test]
fn a_consent_for_no_site_that_is_set_up_keeps_nothing() {
    for sites in [vec![], vec![listed("3", "https://elsewhere.atlassian.net")]] {
        let consents = Consents::of(&sites);
        let finished = consents.connect("confluence");
        assert!(matches!(&finished, Finished::OtherSites { connected, .. } if connected.is_empty()), "{finished:?}");
        assert_eq!(consents.accounts(), Vec::<String>::new());
    }
}

#[test]
fn a_site_that_is_taken_away_at_the_provider_breaks_alone() {
    let consents = Consents::of(&[main_site(), europe()]);
    consents.connect("confluence");
    consents.listed.borrow_mut().pop();
    assert_eq!(block_on(consents.vault("confluence/eu").declare_refused(1)), CredentialError::Broken);
    assert_eq!(consents.accounts(), ["confluence connected", "confluence/eu broken"]);
    assert_eq!(consents.route("confluence/eu"), Err(CredentialError::Broken));
    assert_eq!(consents.route("confluence"), Ok(Some(MAIN.to_owned())));
}

#[test]
fn a_token_that_is_refused_at_a_site_that_is_still_listed_is_worth_nothing_at_any() {
    let consents = Consents::of(&[main_site(), europe()]);
    consents.connect("confluence");
    assert_eq!(block_on(consents.vault("confluence/eu").declare_refused(1)), CredentialError::Broken);
    assert_eq!(consents.accounts(), ["confluence broken", "confluence/eu broken"]);
}

#[test]
fn connecting_again_brings_back_what_was_taken_away() {
    let consents = Consents::of(&[main_site(), europe()]);
    consents.connect("confluence");
    let europe = consents.listed.borrow_mut().pop().unwrap();
    block_on(consents.vault("confluence/eu").declare_refused(1));
    consents.listed.borrow_mut().push(europe);
    assert_eq!(consents.connect("confluence/eu"), connected(&["confluence"]));
    assert_eq!(consents.accounts(), ["confluence connected", "confluence/eu connected"]);
}
