//! Streams that tell of changes.

use super::*;

fn listen(scene: &Scene, opened: i64) -> Reply {
    let tools = catalog::ALL.iter().map(|operation| Tool {
        name: operation.name.to_owned(),
        definition_digest: schema::digest(operation),
        account: None,
    });
    let stream = Stream { opened: Timestamp(opened), request: RequestId::new(opened.to_string()) };
    scene.turn(Command::Listen { grant: GrantId::new("grant"), tools: tools.collect(), stream, opens: false })
}

#[test]
fn a_stream_is_told_what_may_be_listed() {
    assert!(matches!(listen(&Scene::new(), 1), Reply::Permitted(_)));
}

#[test]
fn the_oldest_of_nine_streams_is_to_listen_anew() {
    let scene = Scene::new();
    assert!((1..=9).all(|opened| matches!(listen(&scene, opened), Reply::Permitted(_))));
    assert!(matches!(listen(&scene, 1), Reply::ListenAnew));
}

#[test]
fn a_stream_of_another_catalogue_is_to_listen_anew() {
    let stream = Stream { opened: Timestamp(1), request: RequestId::new("1") };
    let command = Command::Listen { grant: GrantId::new("grant"), tools: Vec::new(), stream, opens: false };
    assert!(matches!(Scene::new().turn(command), Reply::ListenAnew));
}

#[test]
fn a_stream_of_an_ended_grant_is_told_so() {
    let scene = Scene::new();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(listen(&scene, 1), Reply::GrantEnded));
}
