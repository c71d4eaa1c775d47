use std::{cell::RefCell, rc::Rc};

use futures::{FutureExt, future::join_all};
use futures_executor::block_on;
use serde_json::Value;

use super::*;
use crate::{
    crypto::{seal::Sealer, secret::Secret},
    identity::{
        standing::record::Given,
        testing::{Scene, claims_of},
    },
    platform::{fetch::HttpError, native::memory::json_answer},
};

const OLD: Duration = Duration::from_secs(15 * 60);

/// A person of that name who has just signed in, in one browser, and whose token is `first`.
fn signed_in(scene: &Scene, name: &str, kind: TokenKind) -> UserId {
    let user = scene.person(name);
    let given = Given { token: Secret::new("first"), kind };
    let now = scene.context.platform.clock.now();
    scene.run(record::begin(sealer(scene), &user, Some(&given), now).unwrap());
    let session =
        sql("INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at) VALUES (?1, ?1, ?2, ?3)");
    scene.run(session.bind(name).bind(now).bind(now + Duration::from_secs(43_200)));
    user
}

fn verdict(scene: &Scene, user: &UserId) -> Verdict {
    block_on(confirm(&scene.context, user)).unwrap().verdict
}

fn sealer(scene: &Scene) -> &Sealer {
    scene.context.settings.sealer(Purpose::Tokens)
}

fn kept(scene: &Scene, user: &UserId) -> String {
    let recorded = block_on(record::find(scene.context.platform.database.as_ref(), user)).unwrap().unwrap();
    recorded.refresh_token(sealer(scene), user).unwrap().expose().to_owned()
}

#[test]
fn a_fresh_word_costs_no_question() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    assert_eq!(verdict(&scene, &user), Verdict::Good);
    assert!(scene.shown().is_empty());
}

#[test]
fn an_old_word_is_asked_for_and_brings_roles_and_names_up_to_date() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    let roles = json!({"realm_access": {"roles": ["postern-administrator"]}, "name": "Dana Renamed"});
    scene.vouch("second", claims_of("dana", roles));
    assert_eq!(verdict(&scene, &user), Verdict::Good);
    assert_eq!(
        scene.rows("SELECT name, roles FROM users"),
        [json!({"name": "Dana Renamed", "roles": "[\"administrator\"]"})]
    );
    scene.vouch("third", claims_of("dana", json!({})));
    scene.clock.advance(OLD);
    assert_eq!(verdict(&scene, &user), Verdict::Good);
    assert_eq!(scene.rows("SELECT roles FROM users"), [json!({"roles": "[]"})], "and takes them away");
    assert_eq!(scene.shown(), ["first", "second"], "each successor is kept and used");
    assert_eq!(kept(&scene, &user), "third");
}

fn name_and_roles(scene: &Scene) -> Value {
    scene.rows("SELECT name, roles FROM users")[0].clone()
}

#[test]
fn where_a_refresh_brings_no_id_token_the_userinfo_endpoint_brings_roles_and_names_up_to_date() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    for (roles, recorded) in [(json!(["postern-approver"]), "[\"approver\"]"), (json!([]), "[]")] {
        scene.clock.advance(OLD);
        scene.vouch_by_userinfo(json!({"sub": "dana", "name": "Dana Renamed", "realm_access": {"roles": roles}}));
        assert_eq!(verdict(&scene, &user), Verdict::Good);
        assert_eq!(name_and_roles(&scene), json!({"name": "Dana Renamed", "roles": recorded}));
    }
    let sent = scene.http.sent.borrow();
    let asked = sent.iter().find(|request| request.url.ends_with("/userinfo")).unwrap();
    assert!(asked.headers.contains(&("authorization".into(), "Bearer for userinfo".to_owned())), "{:?}", asked.headers);
}

#[test]
fn what_the_userinfo_endpoint_says_of_another_person_or_without_roles_changes_nothing() {
    for said in [
        json!({"sub": "alex", "realm_access": {"roles": ["postern-administrator"]}}),
        json!({"realm_access": {"roles": ["postern-administrator"]}}),
        json!({"sub": "dana", "name": "Dana Renamed"}),
        json!("a signed answer"),
    ] {
        let scene = Scene::default();
        let user = signed_in(&scene, "dana", TokenKind::Offline);
        scene.rows("UPDATE users SET roles = '[\"approver\"]'");
        scene.clock.advance(OLD);
        scene.vouch_by_userinfo(said.clone());
        assert_eq!(verdict(&scene, &user), Verdict::Good, "{said}");
        assert_eq!(name_and_roles(&scene), json!({"name": "dana", "roles": "[\"approver\"]"}), "{said}");
    }
}

#[test]
fn an_id_token_leaves_the_userinfo_endpoint_alone() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.vouch("second", claims_of("dana", json!({})));
    assert_eq!(verdict(&scene, &user), Verdict::Good);
    assert!(!scene.http.sent.borrow().iter().any(|request| request.url.ends_with("/userinfo")));
}

#[test]
fn the_token_is_sealed_in_the_record() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    let other = scene.person("alex");
    let sealed = scene.rows("SELECT refresh_token FROM standings")[0]["refresh_token"].as_str().unwrap().to_owned();
    assert!(sealed.starts_with("v2.") && !sealed.contains("first"));
    scene.run(sql("UPDATE standings SET user_id = ?1").bind(&other));
    let moved = block_on(record::find(scene.context.platform.database.as_ref(), &other)).unwrap().unwrap();
    assert!(moved.refresh_token(sealer(&scene), &other).is_none(), "it is of one person");
    assert!(block_on(record::find(scene.context.platform.database.as_ref(), &user)).unwrap().is_none());
}

#[test]
fn a_successor_is_on_record_before_anything_else_is_made_of_the_answer() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.vouch("second", claims_of("somebody else", json!({})));
    assert_eq!(verdict(&scene, &user), Verdict::Good, "an ID token of another person says nothing about this one");
    assert_eq!(kept(&scene, &user), "second");
    assert_eq!(scene.rows("SELECT name FROM users"), [json!({"name": "dana"})]);
}

#[test]
fn a_provider_that_rotates_nothing_is_shown_the_same_token_again() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.answer_with(|_| json_answer(200, &json!({"access_token": "unused"})));
    for _ in 0..2 {
        scene.clock.advance(OLD);
        assert_eq!(verdict(&scene, &user), Verdict::Good);
    }
    assert_eq!(scene.shown(), ["first", "first"]);
}

#[test]
fn a_refused_offline_token_ends_the_person_and_nobody_else() {
    let scene = Scene::default();
    let (user, other) = (signed_in(&scene, "dana", TokenKind::Offline), signed_in(&scene, "alex", TokenKind::Offline));
    scene.clock.advance(OLD);
    scene.refuse_with(400, "invalid_grant");
    assert_eq!(verdict(&scene, &user), Verdict::Ended);
    assert_eq!(scene.rows("SELECT user_id FROM browser_sessions"), [json!({"user_id": other.as_str()})]);
    assert_eq!(scene.rows("SELECT id FROM users WHERE ended_before > 0"), [json!({"id": user.as_str()})]);
    assert!(scene.objects.told.borrow().iter().all(|turn| turn.contains(user.as_str())));
    assert!(scene.rows("SELECT disabled_at FROM users WHERE disabled_at IS NOT NULL").is_empty(), "they may sign in");
}

#[test]
fn an_end_that_was_decided_on_is_carried_out_by_whoever_comes_next() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.rows("UPDATE standings SET state = 'ended'");
    assert_eq!(verdict(&scene, &user), Verdict::Ended);
    assert!(scene.shown().is_empty(), "without asking again");
    assert!(scene.rows("SELECT * FROM standings").is_empty());
}

#[test]
fn an_end_that_the_object_could_not_be_told_is_one_for_whoever_comes_next() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.refuse_with(400, "invalid_grant");
    scene.objects.out_of_reach.set(true);
    assert!(block_on(confirm(&scene.context, &user)).is_err());
    scene.objects.out_of_reach.set(false);
    assert_eq!(verdict(&scene, &user), Verdict::Ended);
    assert!(scene.rows("SELECT * FROM browser_sessions").is_empty());
}

#[test]
fn the_end_of_an_ordinary_token_asks_for_a_new_sign_in_and_ends_no_access() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Ordinary);
    scene.clock.advance(OLD);
    scene.refuse_with(400, "invalid_grant");
    assert_eq!(verdict(&scene, &user), Verdict::SignInAgain);
    assert!(scene.rows("SELECT * FROM browser_sessions").is_empty(), "so that the next page leads to the provider");
    assert!(scene.rows("SELECT id FROM users WHERE ended_before > 0").is_empty());
    assert_eq!(verdict(&scene, &user), Verdict::SignInAgain, "until they do");
    let given = Given { token: Secret::new("another"), kind: TokenKind::Ordinary };
    let now = scene.context.platform.clock.now();
    scene.run(record::begin(sealer(&scene), &user, Some(&given), now).unwrap());
    assert_eq!(verdict(&scene, &user), Verdict::Good);
}

#[test]
fn a_provider_that_is_down_or_confused_ends_nobody() {
    for (status, error) in [
        (500, "server_error"),
        (503, "temporarily_unavailable"),
        (429, "slow_down"),
        (401, "invalid_client"),
        (400, "unauthorized_client"),
        (502, "invalid_grant"),
    ] {
        let scene = Scene::default();
        let user = signed_in(&scene, "dana", TokenKind::Offline);
        scene.clock.advance(OLD);
        scene.refuse_with(status, error);
        assert_eq!(verdict(&scene, &user), Verdict::Good, "{status} {error}");
        assert_eq!(verdict(&scene, &user), Verdict::Good);
        assert_eq!(scene.shown().len(), 1, "it is left alone for a while");
    }
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.answer_with(|_| Err(HttpError::Timeout));
    assert_eq!(verdict(&scene, &user), Verdict::Good);
}

#[test]
fn a_provider_that_wants_to_see_the_person_sends_them_to_sign_in() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.refuse_with(400, "interaction_required");
    assert_eq!(verdict(&scene, &user), Verdict::SignInAgain);
}

#[test]
fn a_sealed_token_that_does_not_open_sends_them_to_sign_in_without_a_request() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.rows("UPDATE standings SET refresh_token = 'v2.x.y'");
    scene.clock.advance(OLD);
    assert_eq!(verdict(&scene, &user), Verdict::SignInAgain);
    assert!(scene.http.sent.borrow().is_empty());
}

#[test]
fn without_a_refresh_token_there_is_nobody_to_ask() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Ordinary);
    let now = scene.context.platform.clock.now();
    scene.run(record::begin(sealer(&scene), &user, None, now).unwrap());
    assert_eq!(verdict(&scene, &user), Verdict::Unheard);
}

#[test]
fn those_who_come_at_the_same_time_ask_once() {
    let scene = Scene::default();
    let user = signed_in(&scene, "dana", TokenKind::Offline);
    scene.clock.advance(OLD);
    scene.vouch("second", claims_of("dana", json!({})));
    let verdicts = block_on(join_all((0..5).map(|_| confirm(&scene.context, &user))));
    assert!(verdicts.into_iter().all(|verdict| verdict.unwrap().verdict == Verdict::Good));
    assert_eq!(scene.shown(), ["first"]);
}

#[test]
fn a_sign_in_while_the_provider_is_asked_takes_the_place_of_its_answer() {
    for refused in [false, true] {
        let scene = Rc::new(Scene::default());
        let user = signed_in(&scene, "dana", TokenKind::Offline);
        scene.clock.advance(OLD);
        let (inner, signing_in) = (Rc::downgrade(&scene), RefCell::new(Some(user.clone())));
        scene.answer_with(move |_| {
            let scene = inner.upgrade().unwrap();
            if let Some(user) = signing_in.take() {
                let given = Given { token: Secret::new("newer"), kind: TokenKind::Offline };
                let now = scene.context.platform.clock.now();
                let begin = record::begin(sealer(&scene), &user, Some(&given), now).unwrap();
                scene.context.platform.database.run(begin).now_or_never().unwrap().unwrap();
            }
            if refused {
                return json_answer(400, &json!({"error": "invalid_grant"}));
            }
            json_answer(200, &json!({"refresh_token": "older"}))
        });
        assert_eq!(verdict(&scene, &user), Verdict::Good, "{refused}");
        assert_eq!(kept(&scene, &user), "newer");
    }
}
