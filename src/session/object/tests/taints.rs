//! What a grant read from outside, and the calls after it.

use super::*;
use crate::governance::taint::{Place, TaintLevel, Tainted};

const HOUR: Duration = Duration::from_hours(1);

fn place(workspace: &str) -> Place {
    let site = Site::main(&BITBUCKET);
    Place { site, container: Some(workspace.to_owned()), target: format!("{workspace}/repository") }
}

fn reading(grant: &str, workspace: &str) -> NoteReading {
    NoteReading { grant: GrantId::new(grant), place: place(workspace), life: HOUR }
}

fn write_to(grant: &str, workspace: &str, tolerated: TaintLevel) -> Admit {
    let taint = Some(TaintCheck { place: Some(place(workspace)), tolerated });
    Admit { grant: GrantId::new(grant), taint, ..write() }
}

fn tainted(admission: Admission) -> Option<Tainted> {
    match admission {
        Err(NotAdmitted::Tainted(tainted)) => Some(tainted),
        _ => None,
    }
}

#[test]
fn a_write_after_a_reading_is_not_admitted_and_leaves_no_intent() {
    let scene = Scene::new();
    scene.turn(reading("grant", "public"));
    let refused = tainted(scene.turn(write_to("grant", "acme", TaintLevel::Clean))).expect("a refusal");
    assert_eq!(refused.level, TaintLevel::Elsewhere);
    assert_eq!(refused.readings.into_iter().map(|reading| reading.place).collect::<Vec<_>>(), [place("public")]);
    assert_eq!(scene.handed_on().events.len(), 0);
}

#[test]
fn a_taint_is_one_grants_and_is_remembered_over_a_rest() {
    let scene = Scene::new();
    scene.turn(reading("grant", "acme"));
    let scene = scene.woken();
    assert!(scene.turn(write_to("other", "acme", TaintLevel::Clean)).is_ok());
    assert!(tainted(scene.turn(write_to("grant", "acme", TaintLevel::Clean))).is_some());
    assert!(scene.turn(write_to("grant", "acme", TaintLevel::Here)).is_ok());
}

#[test]
fn a_taint_is_over_after_its_time() {
    let scene = Scene::new();
    scene.turn(reading("grant", "acme"));
    scene.clock.advance(HOUR);
    assert!(tainted(scene.turn(write_to("grant", "acme", TaintLevel::Clean))).is_some());
    scene.clock.advance(Duration::from_mins(2));
    assert!(scene.woken().turn(write_to("grant", "acme", TaintLevel::Clean)).is_ok());
}

#[test]
fn a_call_that_depends_on_no_taint_is_admitted_whatever_was_read() {
    let scene = Scene::new();
    scene.turn(reading("grant", "acme"));
    assert!(scene.turn(write()).is_ok());
}

#[test]
fn a_service_is_tainted_whatever_access_token_it_calls_with() {
    let scene = Scene { subject: Subject::Service(ClientId::new("pipeline")), ..Scene::new() };
    scene.execute(
        "INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata, created_at)
         VALUES ('pipeline', 'Pipeline', '[]', '[\"client_credentials\"]', 'client_secret_basic', '{}', 0)",
    );
    scene.turn(reading("one token", "acme"));
    assert!(tainted(scene.turn(write_to("another token", "acme", TaintLevel::Clean))).is_some());
}

#[test]
fn the_rows_of_taints_that_are_over_go() {
    let scene = Scene::new();
    scene.turn(reading("grant", "acme"));
    scene.clock.advance(HOUR + HOUR);
    scene.turn(reading("other", "acme"));
    let rows = crate::platform::object::ObjectStorage::run(&*scene.storage, sql("SELECT grant_id FROM taints"));
    assert_eq!(rows.unwrap().rows.len(), 1);
}
