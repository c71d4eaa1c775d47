//! Streams that tell of changes.

use super::*;
use crate::{session::streams::Stream, tools};

fn stream(opened: i64) -> Listen {
    let stream = Stream { opened: Timestamp(opened), request: RequestId::new(opened.to_string()) };
    Listen { grant: GrantId::new("grant"), stream, opens: false, tools: tools::digest(&settings::for_tests().sites) }
}

#[test]
fn a_stream_of_a_live_grant_may_stay_open() {
    assert_eq!(Scene::new().turn(stream(1)), Ok(()));
}

#[test]
fn the_oldest_of_nine_streams_is_to_listen_anew() {
    let scene = Scene::new();
    assert!((1..=9).all(|opened| scene.turn(stream(opened)).is_ok()));
    assert_eq!(scene.turn(stream(1)), Err(NotHeard::ListenAnew));
}

#[test]
fn a_stream_of_other_tools_is_to_listen_anew() {
    let command = Listen { tools: "of an earlier deployment".into(), ..stream(1) };
    assert_eq!(Scene::new().turn(command), Err(NotHeard::ListenAnew));
}

#[test]
fn a_stream_of_an_ended_grant_is_told_so() {
    let scene = Scene::new();
    scene.turn(end_grant());
    assert_eq!(scene.turn(stream(1)), Err(NotHeard::Refused(Refusal::GrantEnded)));
}
