//! Clients with many windows: all hold one refresh token, and all notice at once that it is time.

use std::{collections::BTreeSet, sync::Barrier, thread};

use postern_tests::client::{Answer, Client};

use super::{client, mcp_status};

const WINDOWS: usize = 50;

/// Refreshes that token as often as there are windows, at the same moment.
fn refreshed_by_all(client: &Client, refresh_token: &str) -> Vec<Answer> {
    let start = Barrier::new(WINDOWS);
    thread::scope(|scope| {
        let refresh = || {
            start.wait();
            client.refresh(refresh_token, &[])
        };
        let windows: Vec<_> = (0..WINDOWS).map(|_| scope.spawn(refresh)).collect();
        windows.into_iter().map(|window| window.join().expect("an answer")).collect()
    })
}

#[test]
fn row_129_refreshes_at_the_same_time_all_get_the_same_successor() {
    let mut client = client();
    let answers = refreshed_by_all(&client, &client.refresh_token);
    let failed: Vec<_> = answers.iter().filter(|answer| answer.status != 200).collect();
    assert!(failed.is_empty(), "{} of {WINDOWS}: {:?}", failed.len(), failed[0]);
    let successors: BTreeSet<String> =
        answers.iter().map(|answer| answer.json()["refresh_token"].to_string()).collect();
    assert_eq!(successors.len(), 1);
    // Nobody is logged out: neither those that were answered nor the next to refresh.
    for answer in answers.iter().step_by(10) {
        client.keep(&answer.json());
        assert_eq!(mcp_status(&client), 200);
    }
    let next = refreshed_by_all(&client, &client.refresh_token);
    assert!(next.iter().all(|answer| answer.status == 200));
}
