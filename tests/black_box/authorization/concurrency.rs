//! Clients with many windows: all hold one refresh token, and all notice at once that it is time.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Barrier,
    thread,
};

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use reqwest::header::CONTENT_TYPE;
use serde_json::Value;

use super::{REUSE, age, client, mcp_status, origin};

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

/// Sends every refresh at once, each on a connection of its own; what each came to, in the same order.
fn refreshed_at_once(refreshes: &[(String, String)]) -> Vec<(u16, Value)> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().expect("a client");
        let tasks: Vec<_> = refreshes
            .iter()
            .map(|(client_id, refresh_token)| {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client_id.as_str()),
                    ("refresh_token", refresh_token.as_str()),
                ];
                let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                let request = http.post(format!("{}/token", origin())).body(form);
                let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                tokio::spawn(async move {
                    let answer = request.send().await.expect("an answer");
                    let status = answer.status().as_u16();
                    let body = answer.text().await.expect("a body");
                    (status, serde_json::from_str(&body).expect("JSON"))
                })
            })
            .collect();
        let mut answers = Vec::new();
        for task in tasks {
            answers.push(task.await.expect("an answer"));
        }
        answers
    })
}

/// Twenty grants of ten people, each with twenty-five windows, refresh twice: a thousand refreshes, of which each
/// round is under way at once. Meanwhile thieves of two other grants present what was superseded long ago.
#[test]
fn row_129_a_thousand_refreshes_log_out_every_thief_and_nobody_else() {
    const GRANTS: usize = 20;
    const WINDOWS_OF_EACH: usize = 25;
    let people: Vec<Person<'_>> = (0..GRANTS / 2).map(|_| Person::developer()).collect();
    let mut tokens: BTreeMap<String, String> = people
        .iter()
        .flat_map(|person| [Client::of(person), Client::of(person)])
        .map(|client| (client.id, client.refresh_token))
        .collect();
    let robbed: Vec<(String, String)> = people[..2]
        .iter()
        .map(|person| {
            let client = Client::of(person);
            assert_eq!(client.refresh(&client.refresh_token, &[]).status, 200);
            age(&client.id, REUSE + 1);
            (client.id, client.refresh_token)
        })
        .collect();
    for _ in 0..2 {
        let honest = tokens.iter().map(|(id, token)| (id.clone(), token.clone()));
        let refreshes: Vec<_> = (0..WINDOWS_OF_EACH).flat_map(|_| honest.clone()).chain(robbed.clone()).collect();
        let mut successors = BTreeMap::<String, BTreeSet<String>>::new();
        for ((id, _), (status, answer)) in refreshes.iter().zip(refreshed_at_once(&refreshes)) {
            if tokens.contains_key(id) {
                assert_eq!(status, 200, "{answer}");
                let successor = answer["refresh_token"].as_str().expect("a token").to_owned();
                successors.entry(id.clone()).or_default().insert(successor);
            } else {
                assert_eq!((status, &answer["error"]), (400, &"invalid_grant".into()));
            }
        }
        for (id, mut successors) in successors {
            assert_eq!(successors.len(), 1, "all windows of one go on with the same");
            tokens.insert(id, successors.pop_first().expect("one"));
        }
    }
}
