//! Asking for a connection: table C.

use std::time::Duration;

use super::*;

fn able() -> Value {
    json!({ "elicitation": { "url": {} } })
}

/// A call of `bb` with these arguments, by a client that can show links.
fn call(extra: Value) -> Sending {
    let mut params = json!({ "name": "bb", "arguments": { "repository": "web" } });
    for (name, value) in extra.as_object().unwrap() {
        params[name] = value.clone();
    }
    modern_with(able(), "tools/call", params)
}

/// A world whose first call needs a link, and the state that its first answer gave out.
fn asked() -> (Rc<World>, Value) {
    let world = World::answering(Answer::LinkNeeded(link()));
    let state = call(json!({})).to(&world).result()["requestState"].clone();
    (world, state)
}

fn retry(state: &Value, action: &str) -> Sending {
    call(json!({ "requestState": state, "inputResponses": { "bitbucket_connect": { "action": action } } }))
}

fn poll(state: &Value) -> Sending {
    call(json!({ "requestState": state }))
}

#[test]
fn row_58_a_client_that_can_show_links_is_asked_to() {
    let result = call(json!({})).to(&World::answering(Answer::LinkNeeded(link()))).result();
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(
        result["inputRequests"],
        json!({ "bitbucket_connect": { "method": "elicitation/create", "params": {
            "mode": "url",
            "message": "Connect your Bitbucket account.",
            "url": "https://postern.example/connect/bitbucket?e=e1",
        }}})
    );
    assert!(result["requestState"].is_string());
    assert_eq!(result.get("ttlMs"), None);
}

#[test]
fn a_state_is_small_and_tells_nothing() {
    let (_, state) = asked();
    let state = state.as_str().unwrap();
    assert!(state.len() < 2048 && !state.contains("alice") && !state.contains("connect"), "{state}");
}

#[test]
fn row_60_a_client_that_cannot_show_links_is_told_in_words() {
    for capabilities in [json!({}), json!({ "elicitation": {} }), json!({ "elicitation": { "form": {} } })] {
        let sending = modern_with(capabilities, "tools/call", json!({ "name": "bb" }));
        let (text, is_error) = sending.to(&World::answering(Answer::LinkNeeded(link()))).told();
        assert!(is_error && text.contains(&link().url) && text.contains("ask again"), "{text}");
    }
}

#[test]
fn row_61_an_accepted_link_that_was_used_lets_the_call_run() {
    let (world, state) = asked();
    world.elicited.borrow_mut().push_back(LinkStatus::Settled);
    assert_eq!(retry(&state, "accept").to(&world).told(), ("done".into(), false));
    assert_eq!(world.names_called(), ["bb", "bb"]);
}

#[test]
fn row_61_the_call_runs_as_soon_as_the_link_was_used() {
    let (world, state) = asked();
    world.elicited.borrow_mut().extend([LinkStatus::Pending, LinkStatus::Pending, LinkStatus::Settled]);
    let before = world.context.platform.clock.now();
    retry(&state, "accept").to(&world);
    assert_eq!(world.context.platform.clock.now().since(before), Duration::from_secs(2));
}

#[test]
fn row_62_a_retry_is_held_and_then_sent_back_without_another_question() {
    let (world, state) = asked();
    let before = world.context.platform.clock.now();
    let result = retry(&state, "accept").to(&world).result();
    let held = world.context.platform.clock.now().since(before);
    assert_eq!(result["resultType"], "input_required");
    assert_eq!(result.get("inputRequests"), None);
    assert!(result["requestState"].is_string());
    assert!(held >= Duration::from_secs(20) && held <= Duration::from_secs(25), "{held:?}");
    assert_eq!(world.names_called().len(), 1);
}

#[test]
fn row_63_after_eight_rounds_the_link_is_handed_over() {
    let (world, mut state) = asked();
    let mut answers = vec![retry(&state, "accept").to(&world).result()];
    while let Some(next) = answers.last().unwrap().get("requestState") {
        state = next.clone();
        answers.push(poll(&state).to(&world).result());
    }
    let text = answers.last().unwrap()["content"][0]["text"].as_str().unwrap();
    assert_eq!(answers.len(), 9);
    assert!(text.contains(&link().url), "{text}");
}

#[test]
fn row_64_a_refusal_ends_it_without_a_call() {
    let (world, state) = asked();
    let (text, is_error) = retry(&state, "decline").to(&world).told();
    assert!(is_error && text.contains("nothing was done"), "{text}");
    assert_eq!((world.names_called().len(), world.polls.get()), (1, 0));
}

#[test]
fn row_64_a_link_that_nobody_saw_is_told_in_words() {
    let (world, state) = asked();
    let (text, is_error) = retry(&state, "cancel").to(&world).told();
    assert!(is_error && text.contains(&link().url) && text.contains("ask again"), "{text}");
    assert_eq!((world.names_called().len(), world.polls.get()), (1, 0));
}

#[test]
fn a_client_that_missed_a_link_is_told_the_next_in_words() {
    let missed = LinkNeeded { in_words: true, ..link() };
    let (text, is_error) = call(json!({})).to(&World::answering(Answer::LinkNeeded(missed))).told();
    assert!(is_error && text.contains(&link().url), "{text}");
}

#[test]
fn a_link_counts_as_answered_once_a_person_chose() {
    for (action, answered) in [("accept", 1), ("decline", 1), ("cancel", 0)] {
        let (world, state) = asked();
        retry(&state, action).to(&world);
        assert_eq!(world.answered.borrow().len(), answered, "{action}");
    }
}

#[test]
fn a_connection_that_failed_ends_it_without_a_call() {
    let (world, state) = asked();
    world.elicited.borrow_mut().push_back(LinkStatus::Failed);
    let (text, is_error) = retry(&state, "accept").to(&world).told();
    assert!(is_error && text.contains("nothing was done"), "{text}");
    assert_eq!(world.names_called().len(), 1);
}

#[test]
fn row_72_a_link_that_let_its_call_run_lets_no_other() {
    let (world, state) = asked();
    world.elicited.borrow_mut().extend([LinkStatus::Settled, LinkStatus::Ended]);
    retry(&state, "accept").to(&world);
    assert_eq!(retry(&state, "accept").to(&world).error(), (200, -32602));
    assert_eq!(world.names_called().len(), 2);
}

#[test]
fn row_65_a_missing_answer_is_asked_for_again() {
    let (world, state) = asked();
    for sending in [
        poll(&state),
        call(json!({ "requestState": state, "inputResponses": {} })),
        call(json!({ "requestState": state, "inputResponses": { "other": { "action": "accept" } } })),
    ] {
        let result = sending.to(&world).result();
        assert_eq!(result["inputRequests"]["bitbucket_connect"]["params"]["url"], link().url);
        assert!(result["requestState"].is_string());
    }
    assert_eq!(world.polls.get(), 0);
}

#[test]
fn row_66_answers_to_other_questions_are_ignored() {
    let (world, state) = asked();
    world.elicited.borrow_mut().push_back(LinkStatus::Settled);
    let answers = json!({ "x": { "action": "decline" }, "bitbucket_connect": { "action": "accept" } });
    let sending = call(json!({ "requestState": state, "inputResponses": answers }));
    assert_eq!(sending.to(&world).told(), ("done".into(), false));
}

#[test]
fn an_answer_of_another_form_is_refused() {
    let (world, state) = asked();
    for answers in
        [json!([1]), json!({ "bitbucket_connect": "accept" }), json!({ "bitbucket_connect": { "action": "yes" } })]
    {
        let sending = call(json!({ "requestState": state, "inputResponses": answers }));
        assert_eq!(sending.to(&world).error(), (200, -32602));
    }
}

#[test]
fn row_67_a_state_that_was_tampered_with_is_refused() {
    let (world, state) = asked();
    let state = state.as_str().unwrap();
    let flipped = format!(
        "{}{}",
        &state[..state.len() - 9],
        if state.ends_with("AAAAAAAAA") { "BBBBBBBBB" } else { "AAAAAAAAA" }
    );
    for tampered in [json!(flipped), json!("v2.aaaa.bbbb"), json!(""), json!(5)] {
        let received = retry(&tampered, "accept").to(&world);
        assert_eq!(received.error(), (200, -32602), "{tampered}");
        assert_eq!(received.json()["error"]["data"]["reason"], "invalid_request_state");
    }
    assert_eq!(world.names_called().len(), 1);
}

#[test]
fn row_68_the_state_of_another_user_is_refused() {
    let (world, state) = asked();
    assert_eq!(retry(&state, "accept").of("mallory/editor").to(&world).error(), (200, -32602));
}

#[test]
fn row_69_the_state_of_another_client_is_refused() {
    let (world, state) = asked();
    assert_eq!(retry(&state, "accept").of("alice/terminal").to(&world).error(), (200, -32602));
}

#[test]
fn row_70_the_state_of_another_tool_or_other_arguments_is_refused() {
    let (world, state) = asked();
    let others = [
        json!({ "name": "other", "requestState": state }),
        json!({ "arguments": { "repository": "secrets" }, "requestState": state }),
        json!({ "arguments": {}, "requestState": state }),
    ];
    for other in others {
        assert_eq!(call(other.clone()).to(&world).error(), (200, -32602), "{other}");
    }
}

#[test]
fn row_70_a_session_id_is_no_state() {
    let (world, _) = asked();
    let initialized = legacy("initialize", json!({ "protocolVersion": "2025-11-25" })).to(&world);
    let session = json!(initialized.header("mcp-session-id").unwrap());
    assert_eq!(retry(&session, "accept").to(&world).error(), (200, -32602));
}

#[test]
fn row_71_a_state_expires_after_ten_minutes() {
    let (world, state) = asked();
    world.elicited.borrow_mut().push_back(LinkStatus::Settled);
    drop(world.context.platform.clock.sleep(Duration::from_secs(599)));
    assert_eq!(retry(&state, "accept").to(&world).told().0, "done");
    drop(world.context.platform.clock.sleep(Duration::from_secs(1)));
    assert_eq!(retry(&state, "accept").to(&world).error(), (200, -32602));
}

#[test]
fn a_retry_without_the_capability_is_told_in_words() {
    let (world, state) = asked();
    let params = json!({ "name": "bb", "arguments": { "repository": "web" }, "requestState": state });
    let (text, _) = modern("tools/call", params).to(&world).told();
    assert!(text.contains(&link().url), "{text}");
}

#[test]
fn a_call_that_needs_another_connection_asks_anew() {
    let (world, state) = asked();
    world.elicited.borrow_mut().push_back(LinkStatus::Settled);
    world.answers.borrow_mut().push_back(Ok(Answer::LinkNeeded(link())));
    let result = retry(&state, "accept").to(&world).result();
    assert_eq!(result["inputRequests"]["bitbucket_connect"]["method"], "elicitation/create");
}

#[test]
fn row_73_a_list_never_asks() {
    let received = modern("tools/list", json!({ "inputResponses": {}, "requestState": "x" })).answer();
    assert_eq!(received.result()["resultType"], "complete");
}

#[test]
fn row_57_the_modern_era_never_hears_the_codes_of_the_legacy_one() {
    let received = call(json!({})).to(&World::answering(Answer::LinkNeeded(link())));
    assert!(!received.text.contains("-32042") && !received.text.contains("elicitationId"), "{}", received.text);
}

fn approval() -> LinkNeeded {
    LinkNeeded {
        leads_to: Destination::Approval,
        id: "a1".into(),
        url: "https://postern.example/approvals/a1".into(),
        message: "It waits for approval.".into(),
        in_words: false,
    }
}

fn retry_for_approval(state: &Value, action: &str) -> Sending {
    call(json!({ "requestState": state, "inputResponses": { "approval": { "action": action } } }))
}

#[test]
fn a_call_that_waits_for_approval_goes_on_once_somebody_has_decided_on_it() {
    let world = World::answering(Answer::LinkNeeded(approval()));
    let result = call(json!({})).to(&world).result();
    assert_eq!(result["inputRequests"]["approval"]["params"]["url"], approval().url);
    world.elicited.borrow_mut().extend([LinkStatus::Pending, LinkStatus::Settled]);
    let state = &result["requestState"];
    assert_eq!(retry_for_approval(state, "accept").to(&world).told(), ("done".into(), false));
    assert_eq!(world.names_called(), ["bb", "bb"]);
}

#[test]
fn a_person_who_closes_the_link_of_an_approval_is_told_that_the_call_still_waits() {
    let world = World::answering(Answer::LinkNeeded(approval()));
    let state = call(json!({})).to(&world).result()["requestState"].clone();
    let (text, is_error) = retry_for_approval(&state, "decline").to(&world).told();
    assert!(is_error && text.contains("still waits for approval"), "{text}");
}

#[test]
fn a_client_that_cannot_show_links_is_told_to_send_an_approved_call_again() {
    let sending = modern_with(json!({}), "tools/call", json!({ "name": "bb" }));
    let (text, is_error) = sending.to(&World::answering(Answer::LinkNeeded(approval()))).told();
    assert!(is_error && text.contains(&approval().url) && text.contains("send the same call again"), "{text}");
}
