//! What is charged, and to whom.

use super::*;

fn of(grant: &str) -> Admission {
    Admission { grant: GrantId::new(grant), unused: None, ..admission("approved") }
}

fn permitted() -> Command {
    Command::Permitted { grant: GrantId::new("grant"), tools: Vec::new() }
}

fn listen(opens: bool) -> Command {
    let tools = catalog::ALL.iter().map(|operation| Tool {
        name: operation.name.to_owned(),
        definition_digest: schema::digest(operation),
        account: None,
    });
    let stream = Stream { opened: Timestamp(1), request: RequestId::new("stream") };
    Command::Listen { grant: GrantId::new("grant"), tools: tools.collect(), stream, opens }
}

/// Spends all that one client may.
fn spend(scene: &Scene) {
    while !matches!(scene.admit(of("grant")), Reply::RateLimited { .. }) {}
}

#[test]
fn a_client_whose_access_has_ended_spends_nothing_of_its_persons() {
    let scene = Scene::new();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    for _ in 0..400 {
        assert!(matches!(scene.admit(of("grant")), Reply::GrantEnded));
        assert!(matches!(scene.turn(permitted()), Reply::GrantEnded));
    }
    assert!(matches!(scene.admit(of("other")), Reply::Admitted { .. }));
}

#[test]
fn a_client_that_has_spent_all_leaves_something_to_the_persons_others() {
    let scene = Scene::new();
    spend(&scene);
    assert!(matches!(scene.admit(of("other")), Reply::Admitted { .. }));
}

#[test]
fn lists_holds_and_new_streams_are_charged_and_open_streams_are_not() {
    for command in
        [permitted, || listen(true), || Command::Hold { grant: GrantId::new("grant"), elicitation: "link".into() }]
    {
        let scene = Scene::new();
        spend(&scene);
        assert!(matches!(scene.turn(command()), Reply::RateLimited { .. }));
    }
    let scene = Scene::new();
    spend(&scene);
    assert!(matches!(scene.turn(listen(false)), Reply::Permitted(_)));
}

#[test]
fn what_a_client_spent_is_not_forgotten_when_the_object_sleeps() {
    let scene = Scene::new();
    spend(&scene);
    let woken = scene.woken();
    assert!(matches!(woken.admit(of("grant")), Reply::RateLimited { .. }));
}
