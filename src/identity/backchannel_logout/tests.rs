use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::{
    crypto::{seal::Purpose, secret::Secret},
    identifiers::RequestId,
    identity::{
        standing::{
            TokenKind,
            record::{self, Given},
        },
        testing::{ISSUER, Scene, claims_of, signed},
    },
    platform::http::{Body, Method},
};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// When the tests' clock begins, in seconds.
const BEGIN: i64 = 1_767_225_600;

fn logout(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "given", "iat": BEGIN, "exp": BEGIN + 120, "jti": "1", "sub": "dana", "sid": "session-1",
        "events": {EVENT: {}},
    });
    for (name, value) in changes.as_object().unwrap().clone() {
        match value {
            Value::Null => drop(claims.as_object_mut().unwrap().remove(&name)),
            value => claims[name] = value,
        }
    }
    claims
}

fn post(scene: &Scene, body: String) -> u16 {
    let request = Request {
        method: Method::Post,
        path: PATH.into(),
        query: String::new(),
        headers: vec![
            ("content-type".into(), "application/x-www-form-urlencoded".into()),
            ("cf-connecting-ip".into(), "203.0.113.7".into()),
        ],
        body: Body::Bytes(body.into_bytes()),
    };
    let response = block_on(receive(&scene.context, &request)).unwrap();
    assert!(response.headers.contains(&("cache-control".into(), "no-store".into())));
    response.status
}

fn send(scene: &Scene, changes: Value) -> u16 {
    post(scene, format!("logout_token={}", signed(Some("logout+jwt"), &logout(changes))))
}

/// A person with a browser that is signed in with each of these sessions at the provider.
fn signed_in(scene: &Scene, name: &str, sessions: &[&str]) -> UserId {
    let user = scene.person(name);
    let now = scene.context.platform.clock.now();
    let given = Given { token: Secret::new("token"), kind: TokenKind::Offline };
    scene.run(record::begin(scene.context.settings.sealer(Purpose::Tokens), &user, Some(&given), now).unwrap());
    for session in sessions {
        begin(scene, name, session, BEGIN);
    }
    user
}

fn begin(scene: &Scene, name: &str, session: &str, issued_at: i64) {
    scene.run(
        sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at, provider_session, provider_time)
             VALUES (?1, ?2, 1, 9999999999999, ?3, ?4)")
        .bind(format!("{name}-{session}"))
        .bind(name)
        .bind(session)
        .bind(issued_at),
    );
}

fn left(scene: &Scene) -> Vec<String> {
    let rows = scene.rows("SELECT token_hash FROM browser_sessions ORDER BY token_hash");
    rows.iter().map(|row| row["token_hash"].as_str().unwrap().to_owned()).collect()
}

fn scene() -> Scene {
    let scene = Scene::default();
    signed_in(&scene, "dana", &["session-1", "session-2"]);
    signed_in(&scene, "alex", &["session-3"]);
    scene
}

#[test]
fn a_session_is_ended_and_no_other_of_anybody() {
    let scene = scene();
    assert_eq!(send(&scene, json!({})), 200);
    assert_eq!(left(&scene), ["alex-session-3", "dana-session-2"]);
}

#[test]
fn a_session_is_found_without_its_person() {
    let scene = scene();
    assert_eq!(send(&scene, json!({"sub": null})), 200);
    assert_eq!(left(&scene), ["alex-session-3", "dana-session-2"]);
}

#[test]
fn a_person_alone_is_signed_out_of_every_browser() {
    let scene = scene();
    assert_eq!(send(&scene, json!({"sid": null})), 200);
    assert_eq!(left(&scene), ["alex-session-3"]);
}

#[test]
fn a_session_under_the_name_of_another_person_ends_nothing() {
    let scene = scene();
    assert_eq!(send(&scene, json!({"sid": "session-3"})), 200);
    assert_eq!(left(&scene).len(), 3);
}

#[test]
fn the_person_is_asked_about_once_the_provider_has_settled() {
    let scene = scene();
    scene.vouch("next", claims_of("dana", json!({})));
    assert_eq!(send(&scene, json!({})), 200);
    assert!(scene.shown().is_empty(), "the provider is not kept waiting");
    scene.later.happen();
    assert_eq!(scene.shown(), ["token"]);
    assert!(scene.rows("SELECT id FROM users WHERE ended_before > 0").is_empty());
}

#[test]
fn a_person_who_is_gone_is_found_out_by_their_logout() {
    let scene = scene();
    scene.refuse_with(400, "invalid_grant");
    send(&scene, json!({}));
    scene.later.happen();
    assert_eq!(scene.rows("SELECT id FROM users WHERE ended_before > 0"), [json!({"id": "dana"})]);
    assert_eq!(left(&scene), ["alex-session-3"]);
}

#[test]
fn an_answer_given_before_the_provider_has_settled_is_asked_for_again() {
    let scene = scene();
    scene.vouch("next", claims_of("dana", json!({})));
    send(&scene, json!({}));
    block_on(confirm(&scene.context, &UserId::new("dana"))).unwrap();
    scene.later.happen();
    assert!(scene.shown().len() > 1, "{:?}", scene.shown());
}

#[test]
fn a_logout_of_nobody_we_know_is_accepted_and_changes_nothing() {
    let scene = scene();
    assert_eq!(send(&scene, json!({"sub": "stranger", "sid": "other"})), 200);
    assert_eq!(left(&scene).len(), 3);
    scene.later.happen();
    assert!(scene.shown().is_empty());
}

#[test]
fn a_replayed_token_is_refused_and_changes_nothing() {
    let mut scene = scene();
    assert_eq!(send(&scene, json!({"sid": "session-9"})), 200);
    begin(&scene, "dana", "session-9", BEGIN);
    scene.later.happen();
    let asked = scene.shown().len();
    scene.context.request_id = RequestId::new("another");
    assert_eq!(send(&scene, json!({"sid": "session-9"})), 400);
    scene.later.happen();
    assert_eq!((left(&scene).len(), scene.shown().len()), (4, asked));
}

#[test]
fn a_logout_that_comes_late_spares_what_was_begun_after_it() {
    for named in [json!({"sid": null}), json!({"sid": "session-1"})] {
        let scene = scene();
        scene.rows("UPDATE browser_sessions SET provider_time = provider_time + 1");
        assert_eq!(send(&scene, named), 200);
        assert_eq!(left(&scene).len(), 3);
    }
}

#[test]
fn foreign_and_malformed_tokens_are_refused_and_change_nothing() {
    let scene = scene();
    let forged = signed(Some("logout+jwt"), &logout(json!({}))).replace("dmFsaWQ", "Zm9yZ2Vk");
    let none = signed(Some("logout+jwt"), &logout(json!({})));
    let id_token = signed(Some("JWT"), &claims_of("dana", json!({"sid": "session-1", "jti": "9"})));
    let bodies = [
        format!("logout_token={forged}"),
        format!("logout_token={id_token}"),
        format!("logout_token={none}&logout_token={none}"),
        "logout_token=".to_owned(),
        "logout_token=a.b.c".to_owned(),
        format!("logout_token={}", "a".repeat(LONGEST_TOKEN + 1)),
        String::new(),
    ];
    for body in bodies {
        assert_eq!(post(&scene, body.clone()), 400, "{body:.60}");
    }
    for changes in [
        json!({"iss": "https://identity.example/realms/other"}),
        json!({"aud": "other"}),
        json!({"nonce": "n"}),
        json!({"events": null}),
        json!({"iat": BEGIN - 900, "exp": BEGIN - 800}),
        json!({"jti": null}),
        json!({"sid": null, "sub": null}),
        json!({"events": {EVENT: 7}}),
        json!({"sid": 7}),
    ] {
        assert_eq!(send(&scene, changes.clone()), 400, "{changes}");
    }
    assert_eq!(left(&scene).len(), 3);
    assert!(scene.rows("SELECT * FROM used_logout_tokens").is_empty());
    scene.later.happen();
    assert!(scene.shown().is_empty());
}

#[test]
fn nothing_is_fetched_for_a_stranger_before_the_limit_is_asked() {
    let scene = scene();
    scene.limit.exhausted.set(true);
    assert_eq!(send(&scene, json!({})), 429);
    assert!(scene.http.sent.borrow().is_empty());
    assert!(scene.rows("SELECT * FROM used_logout_tokens").is_empty());
}

#[test]
fn a_provider_whose_keys_are_known_is_never_limited() {
    let scene = scene();
    assert_eq!(send(&scene, json!({})), 200);
    scene.limit.exhausted.set(true);
    assert_eq!(send(&scene, json!({"jti": "2", "sid": "session-2"})), 200);
    assert_eq!((left(&scene), scene.limit.asked.get()), (vec!["alex-session-3".to_owned()], 1));
}

/// What may be told to the endpoint: sign-ins and logouts of two sessions and of the person, each logout delivered at
/// once, late, or twice.
#[derive(Debug, Clone, Copy)]
enum Event {
    SignIn(u8),
    LogOut(u8),
    LogOutEverywhere,
    Deliver(u8),
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is delivered in whatever order: a session that the provider ended is over once the news is there, and
    /// none that began after the logout is ever touched by it.
    #[test]
    fn what_is_over_stays_over_and_what_is_newer_stays(events in prop::collection::vec(prop_oneof![
        (0..2_u8).prop_map(Event::SignIn), (0..2_u8).prop_map(Event::LogOut), Just(Event::LogOutEverywhere),
        any::<u8>().prop_map(Event::Deliver),
    ], 1..24)) {
        let mut scene = Scene::default();
        signed_in(&scene, "dana", &[]);
        let (mut second, mut requests) = (0_i64, 0);
        // Each sign-in at the provider makes a session of its own; live ones by browser.
        let mut live: [Option<String>; 2] = [None, None];
        let (mut ours, mut news, mut names) = (Vec::<(String, i64)>::new(), Vec::<(Option<String>, i64, usize)>::new(), 0);
        for event in events {
            second += 1;
            match event {
                Event::SignIn(browser) => {
                    names += 1;
                    let name = format!("s{names}");
                    begin(&scene, "dana", &name, BEGIN + second);
                    ours.push((name.clone(), second));
                    live[usize::from(browser)] = Some(name);
                }
                Event::LogOut(browser) => {
                    if let Some(name) = live[usize::from(browser)].take() {
                        news.push((Some(name), second, news.len()));
                    }
                }
                Event::LogOutEverywhere => {
                    live = [None, None];
                    news.push((None, second, news.len()));
                }
                Event::Deliver(which) if !news.is_empty() => {
                    let (sid, at, number) = news[usize::from(which) % news.len()].clone();
                    let sid_claim = sid.clone().map_or(Value::Null, Value::from);
                    let claims = json!({"sid": sid_claim, "iat": BEGIN + at, "exp": BEGIN + at + 300, "jti": number.to_string()});
                    requests += 1;
                    scene.context.request_id = RequestId::new(format!("request {requests}"));
                    send(&scene, claims);
                    ours.retain(|(name, begun)| *begun > at || sid.as_ref().is_some_and(|sid| sid != name));
                }
                Event::Deliver(_) => {}
            }
            let mut expected: Vec<String> = ours.iter().map(|(name, _)| format!("dana-{name}")).collect();
            expected.sort();
            prop_assert_eq!(left(&scene), expected);
        }
    }
}
