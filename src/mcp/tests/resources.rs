//! Resources, prompts and completion, in both eras.

use super::*;

/// The lists, each with the member that holds its entries.
const LISTS: [(&str, &str); 4] = [
    ("tools/list", "tools"),
    ("resources/list", "resources"),
    ("resources/templates/list", "resourceTemplates"),
    ("prompts/list", "prompts"),
];

const ERAS: [fn(&str, Value) -> Sending; 2] = [modern, legacy];

fn read(uri: &str) -> Value {
    json!({ "uri": uri })
}

fn typing(reference: Value) -> Value {
    json!({ "ref": reference, "argument": { "name": "repository", "value": "ba" } })
}

#[test]
fn every_list_has_its_member_in_both_eras() {
    for (method, member) in LISTS {
        for era in ERAS {
            let result = era(method, json!({})).answer().result();
            assert_eq!(result[member].as_array().map(Vec::len), Some(1), "{method}: {result}");
        }
    }
}

#[test]
fn row_45_every_list_says_how_long_it_holds_and_legacy_ones_do_not() {
    for (method, _) in LISTS {
        let list = modern(method, json!({})).answer().result();
        assert_eq!((&list["ttlMs"], &list["cacheScope"]), (&json!(300_000), &json!("private")), "{method}");
        assert_eq!(legacy(method, json!({})).answer().result().get("ttlMs"), None, "{method}");
    }
}

#[test]
fn row_53_every_list_refuses_a_cursor_that_was_never_given_out() {
    for (method, _) in LISTS {
        for era in ERAS {
            assert_eq!(era(method, json!({ "cursor": "zzz" })).answer().error(), (200, -32602), "{method}");
        }
    }
}

#[test]
fn row_108_an_ended_grant_lists_nothing() {
    let world = World::new();
    world.grant_ended.set(true);
    for (method, _) in LISTS {
        for era in ERAS {
            assert_eq!(era(method, json!({})).to(&world).status, 401, "{method}");
        }
    }
}

#[test]
fn what_is_read_holds_for_this_moment_and_this_person() {
    let result = modern("resources/read", read("test://one")).answer().result();
    let contents = json!([{ "uri": "test://one", "mimeType": "text/plain", "text": "contents" }]);
    assert_eq!(result["contents"], contents);
    assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(0), &json!("private")));
    assert_eq!(legacy("resources/read", read("test://one")).answer().result(), json!({ "contents": contents }));
}

#[test]
fn row_98_an_unknown_resource_has_the_code_of_its_era_and_says_which() {
    for (era, code) in ERAS.into_iter().zip([-32602, -32002]) {
        let received = era("resources/read", read("test://two")).to(&World::answering(Answer::Unknown));
        assert_eq!(received.error(), (200, code));
        assert_eq!(received.json()["error"]["data"], json!({ "uri": "test://two" }));
    }
}

#[test]
fn a_prompt_is_filled_with_texts_alone() {
    for era in ERAS {
        let world = World::new();
        let result = era("prompts/get", json!({ "name": "review", "arguments": { "a": "b" } })).to(&world).result();
        assert_eq!(
            result["messages"][0],
            json!({ "role": "user", "content": { "type": "text", "text": "Review it." } })
        );
        assert_eq!(result["messages"][1]["content"]["resource"]["text"], "contents");
        assert_eq!(result.get("ttlMs"), None);
        assert_eq!(world.called.borrow()[0].arguments["a"], "b");
        let wrong = era("prompts/get", json!({ "name": "review", "arguments": { "a": 1 } })).to(&world);
        assert_eq!(wrong.error(), (200, -32602));
    }
}

#[test]
fn an_unknown_prompt_and_a_missing_argument_are_errors_on_200() {
    for era in ERAS {
        for answer in [Answer::Unknown, Answer::Invalid("missing: `space`".into())] {
            let received = era("prompts/get", json!({ "name": "p" })).to(&World::answering(answer));
            assert_eq!(received.error(), (200, -32602));
        }
    }
}

#[test]
fn what_could_not_be_read_is_an_error_with_the_words() {
    for era in ERAS {
        let failed = Answer::Failed("Bitbucket is failing. Try again in a minute.".into());
        let received = era("resources/read", read("test://one")).to(&World::answering(failed));
        assert_eq!(received.error(), (200, -31000));
        assert_eq!(received.json()["error"]["message"], "Bitbucket is failing. Try again in a minute.");
    }
}

#[test]
fn a_scope_too_small_and_an_ended_grant_are_challenged_for_reads_too() {
    for era in ERAS {
        for (answer, status) in [(Answer::InsufficientScope(Scope::Write), 403), (Answer::GrantEnded, 401)] {
            let received = era("resources/read", read("test://one")).to(&World::answering(answer));
            assert_eq!(received.status, status);
        }
    }
}

#[test]
fn row_58_a_read_that_needs_a_connection_asks_for_it_and_goes_on() {
    let able = json!({ "elicitation": { "url": {} } });
    let world = World::answering(Answer::LinkNeeded(link()));
    world.elicited.borrow_mut().push_back(LinkStatus::Settled);
    let asked = modern_with(able.clone(), "resources/read", read("test://one")).to(&world).result();
    assert_eq!(asked["resultType"], "input_required");
    assert_eq!((asked.get("ttlMs"), asked.get("cacheScope")), (None, None));
    let mut retry = read("test://one");
    retry["requestState"] = asked["requestState"].clone();
    retry["inputResponses"] = json!({ "bitbucket_connect": { "action": "accept" } });
    let result = modern_with(able, "resources/read", retry).to(&world).result();
    assert_eq!(result["contents"][0]["uri"], "test://one");
}

#[test]
fn row_70_the_state_of_one_resource_is_of_no_use_for_another_or_for_a_prompt() {
    let able = json!({ "elicitation": { "url": {} } });
    let world = World::answering(Answer::LinkNeeded(link()));
    let asked = modern_with(able, "resources/read", read("test://one")).to(&world).result();
    for (method, mut params) in [
        ("resources/read", read("test://two")),
        ("prompts/get", json!({ "name": "test://one" })),
        ("tools/call", json!({ "name": "test://one" })),
    ] {
        params["requestState"] = asked["requestState"].clone();
        assert_eq!(modern(method, params).to(&world).error(), (200, -32602), "{method}");
    }
}

#[test]
fn row_60_a_reader_that_cannot_show_links_is_told_in_words() {
    for era in ERAS {
        let received = era("resources/read", read("test://one")).to(&World::answering(Answer::LinkNeeded(link())));
        assert_eq!(received.error(), (200, -31000));
        assert!(received.json()["error"]["message"].as_str().unwrap().contains(&link().url), "{received:?}");
    }
}

#[test]
fn values_are_completed_from_what_was_typed_and_chosen() {
    for era in ERAS {
        let world = World::new();
        let values = Completion { values: vec!["backend".into()], total: Some(1), has_more: false };
        *world.completes.borrow_mut() = CompletionAnswer::Values(values);
        let mut params = typing(json!({ "type": "ref/prompt", "name": "review" }));
        params["context"] = json!({ "arguments": { "workspace": "acme" } });
        let result = era("completion/complete", params).to(&world).result();
        assert_eq!(result["completion"], json!({ "values": ["backend"], "total": 1, "hasMore": false }));
        assert_eq!(
            world.completing.take(),
            r#"CompletionRequest { of: Prompt("review"), argument: "repository", value: "ba", chosen: {"workspace": "acme"} }"#
        );
    }
}

#[test]
fn a_completion_that_cannot_be_meant_is_an_error_on_200() {
    let prompt = json!({ "type": "ref/prompt", "name": "review" });
    let mut nameless = typing(prompt.clone());
    nameless["argument"] = json!({ "value": "x" });
    let mut number = typing(prompt);
    number["context"] = json!({ "arguments": { "workspace": 1 } });
    let wrong =
        [json!({}), typing(json!({})), typing(json!({ "type": "ref/resource", "name": "x" })), nameless, number];
    for params in wrong {
        for era in ERAS {
            assert_eq!(era("completion/complete", params.clone()).answer().error(), (200, -32602), "{params}");
        }
    }
}
