//! The credential that comes with an admission, and its renewal.

use super::*;

fn lacking(admission: &Admission) -> Option<CredentialError> {
    match admission {
        Err(NotAdmitted::NoCredential(error)) => Some(*error),
        _ => None,
    }
}

#[test]
fn a_tool_that_needs_an_account_is_refused_without_one() {
    assert_eq!(lacking(&Scene::new().turn(needing())), Some(CredentialError::NotConnected));
}

#[test]
fn the_credential_comes_with_the_admission() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    assert_eq!(token(&scene.turn(needing())).as_deref(), Some("stored"));
}

#[test]
fn many_askers_at_once_renew_a_credential_once() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let turns = (0..20).map(|_| take(&scene.session, &scene.subject, needing()));
    let admissions = block_on(join_all(turns)).into_iter().map(done);
    assert!(admissions.into_iter().all(|admission| token(&admission).as_deref() == Some("renewed")));
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_refused_credential_is_renewed_once_for_all_who_were_refused() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.take(needing());
    for _ in 0..3 {
        let renewed = scene.turn(Renew { site: Site::main(&BITBUCKET), version: 1 }).expect("a credential");
        assert_eq!(renewed.access_token().expose(), "renewed");
    }
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_credential_that_cannot_be_renewed_is_not_given_again() {
    let scene = Scene::with(ScriptedHttp::new(|_| json_answer(400, &json!({ "error": "invalid_grant" }))));
    scene.connect(Duration::from_secs(7200));
    assert!(token(&scene.turn(needing())).is_some());
    assert!(scene.turn(Renew { site: Site::main(&BITBUCKET), version: 1 }).is_err());
    assert_eq!(lacking(&scene.turn(needing())), Some(CredentialError::Broken));
}

#[test]
fn a_forgotten_credential_is_read_again() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.take(needing());
    scene.execute("DELETE FROM connections");
    scene.turn(ForgetCredential { site: Site::main(&BITBUCKET) });
    assert_eq!(lacking(&scene.turn(needing())), Some(CredentialError::NotConnected));
}

#[test]
fn a_credential_outlasts_the_objects_sleep() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.take(needing());
    let woken = scene.woken();
    woken.execute("DELETE FROM connections");
    assert_eq!(token(&woken.turn(needing())).as_deref(), Some("stored"));
}

#[test]
fn a_renewed_credential_outlasts_the_objects_sleep() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    scene.take(needing());
    let woken = scene.woken();
    assert_eq!(token(&woken.turn(needing())).as_deref(), Some("renewed"));
    assert_eq!(woken.http.sent.borrow().len(), 1);
}

#[test]
fn a_credential_is_sealed_where_the_object_keeps_it() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.take(needing());
    let rows = ObjectStorage::run(scene.storage.as_ref(), sql("SELECT * FROM credentials")).unwrap().rows;
    assert!(rows.len() == 1 && !rows[0].to_string().contains("stored"), "{rows:?}");
}

#[test]
fn a_forgotten_credential_does_not_come_back_with_the_objects_next_waking() {
    fn forgets<C: Command>(command: C) {
        let scene = Scene::new();
        scene.connect(Duration::from_secs(7200));
        scene.take(needing());
        scene.execute("DELETE FROM connections");
        scene.take(command);
        let admission = scene.woken().turn(Admit { grant: GrantId::new("other"), ..needing() });
        assert!(token(&admission).is_none());
    }
    forgets(ForgetCredential { site: Site::main(&BITBUCKET) });
    forgets(DeclareBroken { site: Site::main(&BITBUCKET), version: 1 });
    forgets(EndBefore { at: Timestamp(0) });
}
