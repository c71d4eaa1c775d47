//! Which site a call goes to, and with whose credential: a credential of one never reaches another.

use super::*;
use crate::{
    crypto::seal::Purpose,
    platform::{clock::Timestamp, database::Statement},
};

const ISSUES: &str = "tracker_list_issues";
const CLOSE: &str = "tracker_close_issue";
const SPACES: &str = "confluence_list_spaces";
const PAGE: &str = "confluence_get_page";

impl World {
    /// With a second site of the tests' own provider and two more of Confluence.
    fn with_sites() -> Self {
        let mut world = Self::of(settings::with_sites(&[("TRACKER_SITES", "eu"), ("CONFLUENCE_SITES", "eu us")]));
        world.principal.scopes = Scopes::parse("read write");
        for tool in [ISSUES, CLOSE, SPACES, PAGE] {
            world.decide(tool, "approved");
        }
        world
    }

    fn connection(&self, site: &str, token: &str, place: &str) -> Statement {
        let sealer = self.context.settings.sealer(Purpose::Tokens);
        let sealed = sealer.seal(token, &format!("connections/user/{place}/access_token")).expect("a sealed token");
        sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token, expires_at,
                 version, state, created_at, updated_at)
             VALUES ('user', ?1, '17', 'alice-t', '', ?2, 9000000000000, 1, 'connected', 0, 0)")
        .bind(site)
        .bind(sealed)
    }

    /// With an account of the person's own at that site.
    fn connected_at(self, site: &str) -> Self {
        self.execute(self.connection(site, &format!("token of {site}"), site));
        self
    }

    fn call(&self, tool: &str, arguments: Value) -> Answer<String> {
        let arguments = arguments.as_object().cloned().expect("an object");
        block_on(tools::call(Origin::direct(&self.context, &self.principal), tool, &arguments, &Notifier::SILENT))
            .expect("an answer")
    }

    fn failed(&self, tool: &str, arguments: Value) -> String {
        let Answer::Failed(said) = self.call(tool, arguments) else { panic!("it did not fail") };
        said
    }

    /// Each request's host, and the credential it was sent with.
    fn sent(&self) -> Vec<(String, String)> {
        let authorization = |request: &OutboundRequest| {
            let found = request.headers.iter().find(|(name, _)| *name == "authorization");
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let host = |request: &OutboundRequest| url::Url::parse(&request.url).unwrap().host_str().unwrap().to_owned();
        self.http.sent.borrow().iter().map(|request| (host(request), authorization(request))).collect()
    }
}

fn close(site: Option<&str>) -> Value {
    let mut arguments = json!({ "project": "POST", "issue": 7 });
    if let Some(site) = site {
        arguments["site"] = site.into();
    }
    arguments
}

#[test]
fn each_sites_host_gets_the_credential_of_that_site_alone() {
    let world = World::with_sites().connected_at("tracker").connected_at("tracker/eu");
    for site in ["main", "eu", "main", "eu"] {
        assert!(matches!(world.call(CLOSE, close(Some(site))), Answer::Complete(_)), "{site}");
    }
    let main = ("tracker.example".to_owned(), "Bearer token of tracker".to_owned());
    let europe = ("eu.tracker.example".to_owned(), "Bearer token of tracker/eu".to_owned());
    assert_eq!(world.sent(), [main.clone(), europe.clone(), main, europe]);
}

#[test]
fn reads_in_quick_succession_use_no_lease_of_another_site() {
    let world = World::with_sites().connected_at("tracker").connected_at("tracker/eu");
    for site in ["main", "main", "main", "eu", "eu", "main"] {
        let arguments = json!({ "project": "POST", "site": site });
        assert!(matches!(world.call(ISSUES, arguments), Answer::Complete(_)), "{site}");
    }
    for (host, authorization) in world.sent() {
        let expected =
            if host == "eu.tracker.example" { "Bearer token of tracker/eu" } else { "Bearer token of tracker" };
        assert_eq!(authorization, expected, "{host}");
    }
}

#[test]
fn the_one_site_at_which_the_caller_has_an_account_need_not_be_named() {
    let world = World::with_sites().connected_at("tracker/eu");
    assert!(matches!(world.call(CLOSE, close(None)), Answer::Complete(_)));
    assert_eq!(world.sent(), [("eu.tracker.example".to_owned(), "Bearer token of tracker/eu".to_owned())]);
}

#[test]
fn a_call_that_several_sites_could_be_meant_by_is_sent_to_none_and_says_what_to_send() {
    let world = World::with_sites().connected_at("tracker").connected_at("tracker/eu");
    let said = world.failed(CLOSE, close(None));
    assert!(said.contains("Tracker has several sites here, `main`, `eu`"), "{said}");
    assert!(said.contains("Next: call `tracker_close_issue` with the same arguments and `site` \"main\""), "{said}");
    let said = world.failed(SPACES, json!({}));
    assert!(said.contains("`main`, `eu`, `us`"), "{said}");
    assert!(world.sent().is_empty());
}

#[test]
fn a_look_at_the_callers_accounts_is_charged_as_a_call_is() {
    let world = World::with_sites().connected_at("tracker").connected_at("tracker/eu");
    let most = world.context.settings.calls_per_minute;
    let is_too_much = |_| world.failed(CLOSE, close(None)).contains("too many calls");
    assert!((0..=most).any(is_too_much));
}

#[test]
fn whoever_is_connected_at_one_site_is_asked_to_connect_at_another_that_they_name() {
    let world = World::with_sites().connected_at("tracker");
    let Answer::LinkNeeded(needed) = world.call(CLOSE, close(Some("eu"))) else { panic!("no link") };
    assert!(needed.url.starts_with("https://postern.example/connect/tracker/eu?e="), "{}", needed.url);
    assert!(needed.message.contains("Tracker (eu)"), "{}", needed.message);
    assert!(world.sent().is_empty());
}

#[test]
fn a_pasted_address_is_read_at_its_own_site_with_that_sites_account() {
    let world = World::with_sites();
    world.call(PAGE, json!({ "page": "https://us.acme.atlassian.net/wiki/spaces/ENG/pages/7/Title" }));
    let sent = world.sent();
    assert!(sent.iter().all(|(host, _)| host == "us.acme.atlassian.net") && !sent.is_empty(), "{sent:?}");
    for address in [
        "https://evil.example/wiki/spaces/ENG/pages/7",
        "https://us.acme.atlassian.net@evil.example/wiki/spaces/ENG/pages/7",
        "https://us.acme.atlassian.net.evil.example/wiki/spaces/ENG/pages/7",
        "http://us.acme.atlassian.net:8080/wiki/spaces/ENG/pages/7",
    ] {
        let said = world.failed(PAGE, json!({ "page": address, "site": "us" }));
        assert!(said.contains("no Confluence site that Postern is set up for"), "{said}");
    }
    assert_eq!(world.sent().len(), sent.len());
}

#[test]
fn a_token_that_was_moved_to_another_site_in_the_record_is_sent_nowhere() {
    let world = World::with_sites();
    world.execute(world.connection("tracker/eu", "token of tracker", "tracker"));
    assert!(matches!(world.call(CLOSE, close(Some("eu"))), Answer::Failed(_)));
    assert!(world.sent().is_empty());
}

#[test]
fn where_there_is_one_site_it_cannot_be_named() {
    let world = World::new();
    world.decide(PAGE, "approved");
    let said = world.failed(PAGE, json!({ "page": "7", "site": "main" }));
    assert!(said.contains("There is no argument `site`"), "{said}");
}

#[test]
fn a_call_names_its_site_in_what_is_decided_on_and_recorded() {
    let world = World::with_sites();
    let operation = crate::catalog::find(PAGE).unwrap();
    let given = json!({ "page": "7" });
    let at = |site: Option<&str>| {
        let read = crate::catalog::arguments::validate(operation, given.as_object().unwrap()).unwrap();
        site.map_or(read.clone(), |site| read.at(crate::providers::Site::parse(site).unwrap()))
    };
    let tool = crate::tools::find(PAGE).unwrap();
    let facts = |arguments: &Arguments| {
        let caller = caller(&world.principal, Timestamp(0));
        let facts = Facts::of_call(&world.context.settings, caller, &tool, arguments);
        serde_json::to_value(&facts).unwrap()["resource"].clone()
    };
    let (main, europe) = (at(Some("confluence")), at(Some("confluence/eu")));
    assert_eq!(
        (&facts(&europe)["site"], &facts(&europe)["target"]),
        (&json!("confluence/eu"), &json!("page 7, confluence/eu"))
    );
    assert_eq!((&facts(&main)["site"], &facts(&main)["target"]), (&json!("confluence"), &json!("page 7")));
    assert_eq!(main.digest(), at(None).digest(), "as before there were sites");
    assert_ne!(main.digest(), europe.digest());
}
