//! Under which grants a subject may call, and when that ends.

use super::*;
use crate::session::person_endings::{Disabling, PersonEnding};

#[test]
fn an_ended_grant_is_refused_at_once_and_the_users_other_grant_is_not() {
    let scene = Scene::new();
    scene.take(read());
    scene.take(end_grant());
    assert!(grant_ended(&scene.turn(read())));
    let other = read_under("other");
    assert!(scene.turn(other).is_ok());
}

#[test]
fn an_ended_grant_stays_ended_after_the_object_slept_though_the_record_does_not_know() {
    let scene = Scene::new();
    scene.take(end_grant());
    assert!(grant_ended(&scene.woken().turn(read())));
}

#[test]
fn a_grant_that_was_pointed_at_somebody_else_is_worth_nothing() {
    for change in [
        "UPDATE grants SET user_id = 'thief'",
        "UPDATE grants SET client_id = 'another'",
        "UPDATE grants SET scope = 'read write'",
        "UPDATE grants SET created_at = 1",
        "UPDATE grants SET expires_at = 9000000000001",
        "UPDATE grants SET mac = NULL",
        "UPDATE grants SET mac = (SELECT mac FROM grants WHERE id = 'other')",
    ] {
        let subject = person(if change.contains("thief") { "thief" } else { "user" });
        let scene = Scene { subject, ..Scene::new() };
        scene.execute(
            "INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
             VALUES ('thief', 'issuer', 'thief', 'thief', 'Thief', '[]', 0, 0)",
        );
        scene.execute(change);
        assert!(grant_ended(&scene.turn(read())), "{change}");
    }
}

#[test]
fn a_grant_of_another_user_a_revoked_one_and_an_unknown_one_are_refused() {
    let scene = Scene::new();
    scene.execute("UPDATE grants SET user_id = 'user', revoked_at = 1 WHERE id = 'other'");
    for grant in ["other", "unknown"] {
        assert!(grant_ended(&scene.turn(read_under(grant))));
    }
    let scene = Scene { subject: person("thief"), ..Scene::new() };
    assert!(grant_ended(&scene.turn(read())));
}

fn service() -> Scene {
    let scene = Scene { subject: Subject::Service(ClientId::new("pipeline")), ..Scene::new() };
    scene.execute(
        "INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata, created_at)
         VALUES ('pipeline', 'Pipeline', '[]', '[\"client_credentials\"]', 'client_secret_basic', '{}', 0)",
    );
    scene
}

#[test]
fn a_service_is_admitted_for_as_long_as_its_client_is_on_record() {
    assert!(service().turn(read()).is_ok());
}

#[test]
fn a_service_whose_client_is_gone_from_the_record_alone_is_over_with_the_life_of_an_access_token() {
    let scene = service();
    scene.take(read());
    scene.execute("DELETE FROM clients");
    scene.clock.advance(scene.session.settings.access_token_life);
    assert!(grant_ended(&scene.turn(read())));
}

#[test]
fn a_service_that_was_told_so_is_over_at_once_for_good() {
    let scene = service();
    scene.take(read());
    scene.turn(EndEverything {});
    assert!(grant_ended(&scene.turn(read())));
    let other = read_under("later");
    assert!(grant_ended(&scene.woken().turn(other)));
}

#[test]
fn an_end_takes_what_was_made_at_or_before_it_and_leaves_what_was_made_later() {
    let scene = Scene::new();
    let other = || read_under("other");
    scene.take(read());
    scene.take(other());
    scene.turn(EndBefore { at: Timestamp(1) });
    assert!(grant_ended(&scene.turn(read())));
    assert!(scene.turn(other()).is_ok());
    let woken = scene.woken();
    assert!(grant_ended(&woken.turn(read())));
    assert!(woken.turn(other()).is_ok());
}

#[test]
fn an_end_that_comes_late_takes_nothing_back() {
    let scene = Scene::new();
    scene.turn(EndBefore { at: Timestamp(2) });
    scene.turn(EndBefore { at: Timestamp(1) });
    let other = read_under("other");
    assert!(grant_ended(&scene.woken().turn(other)));
}

#[test]
fn a_token_that_a_service_gave_back_is_over_at_once() {
    let scene = service();
    scene.take(read());
    scene.take(end_grant());
    assert!(grant_ended(&scene.turn(read())));
}

#[test]
fn a_grant_that_was_made_longer_on_record_outlives_what_the_object_knew() {
    let scene = Scene::new();
    scene.write(grant_until("grant", Timestamp(0), Timestamp(1_767_225_660_000)));
    assert!(scene.turn(read()).is_ok());
    scene.write(grant_until("grant", Timestamp(0), Timestamp(9_000_000_000_000)));
    scene.clock.advance(Duration::from_secs(120));
    assert!(scene.turn(read()).is_ok());
}

#[test]
fn a_person_who_was_disabled_is_refused_until_they_are_enabled_whatever_the_record_says() {
    let (scene, later) = (Scene::new(), || read_under("other"));
    scene.turn(disabling(1));
    scene.turn(ForgetEnding { at: Timestamp(1) });
    assert!(grant_ended(&scene.turn(later())));
    let scene = scene.woken();
    assert_eq!(scene.turn(DisabledSince {}), Some(Timestamp(1)));
    assert!(grant_ended(&scene.turn(later())), "after the object slept");
    scene.turn(Enable {});
    assert_eq!(scene.turn(DisabledSince {}), None);
    assert!(scene.turn(later()).is_ok());
    assert!(grant_ended(&scene.turn(read())), "what ended stays ended");
}

fn disabling(at: i64) -> EndPerson {
    EndPerson {
        ending: PersonEnding {
            at: Timestamp(at),
            reason: "left".into(),
            request_id: RequestId::new("request"),
            disabling: Some(Disabling { by: "ada".into(), reason: "left".into() }),
            accounts: Vec::new(),
        },
    }
}

#[test]
fn nobody_is_enabled_while_the_record_is_yet_to_be_told_that_they_are_disabled() {
    let scene = Scene::new();
    scene.turn(disabling(1));
    assert_eq!(scene.take(Enable {}), Reply::Failed);
    block_on(scene.session.alarm());
    scene.turn(Enable {});
    assert_eq!(scene.turn(DisabledSince {}), None);
}

#[test]
fn each_end_of_a_person_has_a_moment_of_its_own() {
    let scene = Scene::new();
    assert_eq!(scene.turn(disabling(5)), None);
    assert_eq!(scene.turn(disabling(5)), Some(Timestamp(6)));
    assert_eq!(scene.turn(disabling(9)), None);
}

#[test]
fn a_disabled_user_is_refused() {
    let scene = Scene::new();
    scene.execute("UPDATE users SET disabled_at = 1");
    assert!(grant_ended(&scene.turn(read())));
}

#[test]
fn a_user_who_is_disabled_in_the_record_alone_is_refused_within_the_life_of_an_access_token() {
    let scene = Scene::new();
    scene.take(read());
    scene.execute("UPDATE users SET disabled_at = 1");
    scene.clock.advance(scene.session.settings.access_token_life);
    assert!(grant_ended(&scene.turn(read())));
}

#[test]
fn a_grant_that_was_live_a_moment_ago_is_not_asked_for_again_after_the_objects_sleep() {
    let scene = Scene::new();
    assert!(scene.turn(read()).is_ok());
    scene.clock.advance(scene.session.settings.access_token_life - Duration::from_secs(1));
    let woken = scene.woken();
    woken.execute("DELETE FROM grants");
    assert!(woken.turn(read()).is_ok());
}

#[test]
fn a_user_who_is_disabled_while_the_object_sleeps_is_refused_within_the_life_of_an_access_token() {
    let scene = Scene::new();
    assert!(scene.turn(read()).is_ok());
    scene.execute("UPDATE users SET disabled_at = 1");
    scene.clock.advance(scene.session.settings.access_token_life);
    assert!(grant_ended(&scene.woken().turn(read())));
}

#[test]
fn a_grant_that_was_ended_is_not_remembered_as_live_by_an_object_that_wakes_up() {
    fn ends<C: Command>(command: C) {
        let scene = Scene::new();
        assert!(scene.turn(read()).is_ok());
        scene.take(command);
        assert!(grant_ended(&scene.woken().turn(read())));
    }
    ends(end_grant());
    ends(EndBefore { at: Timestamp(0) });
    ends(EndEverything {});
}
