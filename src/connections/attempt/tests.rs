use futures_executor::block_on;

use super::*;
use crate::{
    connections::elicitation::Status,
    identifiers::{ClientId, RequestId},
    platform::{
        http::{Body, Method},
        native::{
            self,
            memory::{ScriptedHttp, json_answer},
        },
    },
    providers::{BITBUCKET, Site},
    settings,
};

mod consents;

struct Scene {
    context: Context,
    user: UserId,
}

impl Scene {
    fn new() -> Self {
        let http = ScriptedHttp::new(|request| {
            if request.url.ends_with("/access_token") {
                json_answer(
                    200,
                    &json!({ "access_token": "access", "refresh_token": "refresh", "token_type": "bearer" }),
                )
            } else {
                json_answer(200, &json!({ "uuid": "{1}", "display_name": "Alice", "nickname": "alice" }))
            }
        });
        Self::of(settings::with_sites(&[("BITBUCKET_SITES", "eu")]), http)
    }

    fn of(settings: settings::Settings, http: ScriptedHttp) -> Self {
        let context = Context {
            settings: settings.into(),
            platform: native::platform(http),
            request_id: RequestId::new("request"),
        };
        let users = ["alice", "bob"]
            .map(|name| sql("INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES (?1, 'issuer', ?1, ?1, ?1, NULL, '[]', 0, 0, NULL)").bind(name));
        block_on(context.platform.database.batch(users.to_vec())).unwrap();
        Self { context, user: UserId::new("alice") }
    }

    fn connector(&self) -> Connector<'_> {
        Connector { user: &self.user, session_hash: "session of alice", ended_before: Timestamp(-1) }
    }

    fn begin(&self, elicitation: Option<&str>) -> Begun {
        self.begin_from(elicitation.map_or(Occasion::Page, Occasion::Link))
    }

    fn begin_from(&self, occasion: Occasion<'_>) -> Begun {
        self.begin_at("bitbucket", occasion)
    }

    fn begin_at(&self, site: &str, occasion: Occasion<'_>) -> Begun {
        block_on(begin(&self.context, &self.connector(), Site::parse(site).unwrap(), occasion)).unwrap()
    }

    fn finish(&self, connector: &Connector<'_>, query: &str, cookie: &str) -> Finished {
        self.come_back(connector, query, cookie).0
    }

    fn come_back(&self, connector: &Connector<'_>, query: &str, cookie: &str) -> (Finished, Option<String>) {
        self.come_back_at("bitbucket", connector, query, cookie)
    }

    fn come_back_at(
        &self,
        site: &str,
        connector: &Connector<'_>,
        query: &str,
        cookie: &str,
    ) -> (Finished, Option<String>) {
        let request = Request {
            method: Method::Get,
            path: format!("/callback/{site}"),
            query: query.into(),
            headers: vec![("cookie".into(), cookie.into())],
            body: Body::Bytes(Vec::new()),
        };
        block_on(finish(&self.context, connector, Site::parse(site).unwrap(), &request)).unwrap()
    }
}

fn state(begun: &Begun) -> String {
    let url = url::Url::parse(&begun.location).unwrap();
    url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
}

fn cookie(begun: &Begun) -> String {
    begun.cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn the_browser_is_sent_to_the_provider_with_a_state_and_a_cookie_of_its_own() {
    let begun = Scene::new().begin(None);
    assert!(begun.location.starts_with("https://bitbucket.org/site/oauth2/authorize?"));
    assert!(begun.location.contains("redirect_uri=https%3A%2F%2Fpostern.example%2Fcallback%2Fbitbucket"));
    assert!(begun.cookie.starts_with("__Host-") && begun.cookie.contains("HttpOnly"));
    assert!(!begun.location.contains(cookie(&begun).split_once('=').unwrap().1));
}

#[test]
fn the_oldest_attempts_end_where_a_person_begins_many() {
    let scene = Scene::new();
    let begun: Vec<Begun> = (0..=CAP.most()).map(|_| scene.begin(None)).collect();
    let finish = |begun: &Begun| {
        let query = format!("code=c&state={}", state(begun));
        scene.finish(&scene.connector(), &query, &cookie(begun))
    };
    assert_eq!(finish(&begun[0]), Finished::Foreign);
    assert_eq!(finish(&begun[1]), Finished::Connected { account: "alice".into(), also: Vec::new() });
}

#[test]
fn the_account_is_connected_once() {
    let scene = Scene::new();
    let begun = scene.begin(None);
    let query = format!("code=c&state={}", state(&begun));
    let connected = Finished::Connected { account: "alice".into(), also: Vec::new() };
    assert_eq!(scene.finish(&scene.connector(), &query, &cookie(&begun)), connected);
    assert_eq!(scene.finish(&scene.connector(), &query, &cookie(&begun)), Finished::Foreign);
}

#[test]
fn another_browser_cannot_finish_it() {
    let scene = Scene::new();
    let begun = scene.begin(None);
    let query = format!("code=c&state={}", state(&begun));
    assert_eq!(scene.finish(&scene.connector(), &query, ""), Finished::Foreign);
    let other = Connector { session_hash: "another session of alice", ..scene.connector() };
    assert_eq!(scene.finish(&other, &query, &cookie(&begun)), Finished::Foreign);
}

#[test]
fn another_person_cannot_finish_it() {
    let scene = Scene::new();
    let begun = scene.begin(None);
    let bob = UserId::new("bob");
    let other = Connector { user: &bob, ..scene.connector() };
    assert_eq!(scene.finish(&other, &format!("code=c&state={}", state(&begun)), &cookie(&begun)), Finished::Foreign);
}

#[test]
fn the_answer_of_one_site_finishes_no_attempt_at_another() {
    for (begun_at, back_at) in [("bitbucket", "bitbucket/eu"), ("bitbucket/eu", "bitbucket")] {
        let scene = Scene::new();
        let begun = scene.begin_at(begun_at, Occasion::Page);
        let query = format!("code=c&state={}", state(&begun));
        let come_back = |site| scene.come_back_at(site, &scene.connector(), &query, &cookie(&begun)).0;
        assert_eq!(come_back(back_at), Finished::Foreign, "{back_at}");
        assert!(matches!(come_back(begun_at), Finished::Connected { .. }), "it is not used up either");
    }
}

#[test]
fn each_site_is_gone_to_and_comes_back_by_addresses_of_its_own() {
    let begun = Scene::new().begin_at("bitbucket/eu", Occasion::Page);
    assert!(begun.location.starts_with("https://eu.bitbucket.org/site/oauth2/authorize?"), "{}", begun.location);
    let ends = "redirect_uri=https%3A%2F%2Fpostern.example%2Fcallback%2Fbitbucket%2Feu";
    assert!(begun.location.split('&').any(|part| part == ends), "{}", begun.location);
}

#[test]
fn links_to_one_site_learn_nothing_of_another() {
    let scene = Scene::new();
    let client = ClientId::new("client");
    let [main, europe] = ["bitbucket", "bitbucket/eu"].map(|site| {
        let site = Site::parse(site).unwrap();
        block_on(elicitation::create(&scene.context, &scene.user, &client, site)).unwrap()
    });
    let begun = scene.begin_at("bitbucket/eu", Occasion::Page);
    scene.come_back_at("bitbucket/eu", &scene.connector(), &format!("code=c&state={}", state(&begun)), &cookie(&begun));
    let status = |id: &str| block_on(elicitation::find(&scene.context, id)).unwrap().unwrap().status;
    assert_eq!((status(&main), status(&europe)), (Status::Pending, Status::Connected));
}

#[test]
fn a_foreign_visitor_does_not_use_up_the_attempt() {
    let scene = Scene::new();
    let begun = scene.begin(None);
    let query = format!("code=c&state={}", state(&begun));
    scene.finish(&scene.connector(), &query, "");
    assert!(matches!(scene.finish(&scene.connector(), &query, &cookie(&begun)), Finished::Connected { .. }));
}

#[test]
fn two_tabs_can_be_under_way_at_once() {
    let scene = Scene::new();
    let (one, other) = (scene.begin(None), scene.begin(None));
    let cookies = format!("{}; {}", cookie(&one), cookie(&other));
    for begun in [one, other] {
        let query = format!("code=c&state={}", state(&begun));
        assert!(matches!(scene.finish(&scene.connector(), &query, &cookies), Finished::Connected { .. }));
    }
}

#[test]
fn the_link_it_started_from_learns_what_became_of_it() {
    for (answer, status) in [("code=c", Status::Connected), ("error=access_denied", Status::Failed)] {
        let scene = Scene::new();
        let client = ClientId::new("client");
        let id = block_on(elicitation::create(&scene.context, &scene.user, &client, Site::main(&BITBUCKET))).unwrap();
        let begun = scene.begin(Some(&id));
        scene.finish(&scene.connector(), &format!("{answer}&state={}", state(&begun)), &cookie(&begun));
        assert_eq!(block_on(elicitation::find(&scene.context, &id)).unwrap().unwrap().status, status);
    }
}

#[test]
fn a_link_is_spent_once_and_not_before_the_account_is_connected() {
    let scene = Scene::new();
    let client = ClientId::new("client");
    let id = block_on(elicitation::create(&scene.context, &scene.user, &client, Site::main(&BITBUCKET))).unwrap();
    let spend = || block_on(elicitation::spend(&scene.context, &id)).unwrap();
    assert!(!spend());
    let begun = scene.begin(Some(&id));
    scene.finish(&scene.connector(), &format!("code=c&state={}", state(&begun)), &cookie(&begun));
    assert_eq!((spend(), spend()), (true, false));
}

#[test]
fn links_to_the_account_learn_that_it_was_connected_by_another_way() {
    let scene = Scene::new();
    let (client, bob) = (ClientId::new("client"), UserId::new("bob"));
    let [own, foreign] = [&scene.user, &bob]
        .map(|user| block_on(elicitation::create(&scene.context, user, &client, Site::main(&BITBUCKET))).unwrap());
    let begun = scene.begin(None);
    scene.finish(&scene.connector(), &format!("code=c&state={}", state(&begun)), &cookie(&begun));
    let status = |id: &str| block_on(elicitation::find(&scene.context, id)).unwrap().unwrap().status;
    assert_eq!((status(&own), status(&foreign)), (Status::Connected, Status::Pending));
}

#[test]
fn a_detour_comes_back_to_where_it_began_however_it_ended() {
    for (answer, is_connected) in [("code=c", true), ("error=access_denied", false)] {
        let scene = Scene::new();
        let begun = scene.begin_from(Occasion::Detour("{\"request\":\"é;1\"}"));
        let query = format!("{answer}&state={}", state(&begun));
        let (finished, onward) = scene.come_back(&scene.connector(), &query, &cookie(&begun));
        assert_eq!(matches!(finished, Finished::Connected { .. }), is_connected);
        assert_eq!(onward.as_deref(), Some("{\"request\":\"é;1\"}"));
    }
}

#[test]
fn where_a_detour_goes_back_to_cannot_be_exchanged() {
    let scene = Scene::new();
    let (begun, other) = (scene.begin_from(Occasion::Detour("one")), scene.begin_from(Occasion::Detour("other")));
    let (name, value) =
        cookie(&begun).split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).unwrap();
    let (_, onward) = cookie(&other).split_once('.').map(|(start, end)| (start.to_owned(), end.to_owned())).unwrap();
    let forged = format!("{name}={}.{onward}", value.split('.').next().unwrap());
    let query = format!("code=c&state={}", state(&begun));
    assert_eq!(scene.come_back(&scene.connector(), &query, &forged), (Finished::Foreign, None));
}
