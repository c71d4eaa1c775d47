//! The credential that comes with an admission, and its renewal.

use super::*;

#[test]
fn a_tool_that_needs_an_account_is_refused_without_one() {
    assert!(matches!(Scene::new().admit(needing()), Reply::NotConnected { was_connected: false }));
}

#[test]
fn the_credential_comes_with_the_admission() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    assert_eq!(token(&scene.admit(needing())).as_deref(), Some("stored"));
}

#[test]
fn many_askers_at_once_renew_a_credential_once() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let turns = (0..20)
        .map(|_| scene.session.turn(Turn { subject: scene.subject.clone(), command: Command::Admit(needing()) }));
    let replies = block_on(join_all(turns));
    assert!(replies.iter().all(|reply| token(reply).as_deref() == Some("renewed")));
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_refused_credential_is_renewed_once_for_all_who_were_refused() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.admit(needing());
    for _ in 0..3 {
        let reply = scene.turn(Command::Renew { provider: Provider::Bitbucket, version: 1 });
        assert_eq!(token(&reply).as_deref(), Some("renewed"));
    }
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_credential_that_cannot_be_renewed_is_not_given_again() {
    let scene = Scene::with(ScriptedHttp::new(|_| json_answer(400, &json!({ "error": "invalid_grant" }))));
    scene.connect(Duration::from_secs(7200));
    assert!(token(&scene.admit(needing())).is_some());
    scene.turn(Command::Renew { provider: Provider::Bitbucket, version: 1 });
    assert!(matches!(scene.admit(needing()), Reply::NotConnected { was_connected: true }));
}

#[test]
fn a_forgotten_credential_is_read_again() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.admit(needing());
    scene.execute("DELETE FROM connections");
    scene.turn(Command::ForgetCredential { provider: Provider::Bitbucket });
    assert!(matches!(scene.admit(needing()), Reply::NotConnected { was_connected: false }));
}
