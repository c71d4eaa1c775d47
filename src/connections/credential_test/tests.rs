//! What a test says of a credential, by what the provider answers.

use std::rc::Rc;

use futures_executor::block_on;
use serde_json::json;

use super::*;
use crate::{
    crypto::secret::Secret,
    identifiers::RequestId,
    platform::{
        fetch::{HttpError, OutboundRequest},
        native::{
            self,
            memory::{ScriptedHttp, json_answer},
        },
    },
    providers::{BITBUCKET, CONFLUENCE, Provider},
    settings,
};

type Answered = Result<InboundResponse, HttpError>;

fn test_of(
    provider: &'static Provider,
    within: &str,
    answer: impl Fn(&OutboundRequest) -> Answered + 'static,
) -> (Tested, Vec<String>) {
    let http = ScriptedHttp::new(answer);
    let sent = http.sent.clone();
    let (settings, platform) = (Rc::new(settings::for_tests()), native::platform(http));
    let context = Context { settings, platform, request_id: RequestId::new("test") };
    let site = Site::main(provider);
    let credential = Credential::bearer(site, Secret::new("token"));
    let tested = block_on(run(&context, site, &credential, within)).unwrap();
    let sent = sent.borrow().iter().map(|request| request.url.clone()).collect();
    (tested, sent)
}

fn words(provider: &'static Provider, answer: impl Fn(&OutboundRequest) -> Answered + 'static) -> String {
    match test_of(provider, "", answer).0 {
        Tested::Refused(words) | Tested::NotKnown(words) => words,
        Tested::Accepted(accepted) => panic!("{accepted:?}"),
    }
}

#[test]
fn an_accepted_credential_is_said_to_be_whose_it_is_and_for_what() {
    let (tested, sent) = test_of(&BITBUCKET, "", |_| {
        let mut answer = json_answer(200, &json!({"nickname": "postern-bot", "display_name": "Postern"}))?;
        answer.headers.push(("x-oauth-scopes".into(), "repository, pullrequest:write".into()));
        Ok(answer)
    });
    let (account, scopes) = (Some("postern-bot".to_owned()), "repository  pullrequest:write");
    let Tested::Accepted(accepted) = tested else { panic!("{tested:?}") };
    assert_eq!(accepted.account, account);
    assert_eq!(accepted.scopes.split_whitespace().collect::<Vec<_>>(), scopes.split_whitespace().collect::<Vec<_>>());
    assert_eq!(sent, ["https://api.bitbucket.org/2.0/user"]);
}

#[test]
fn a_wrong_token_a_missing_scope_and_an_unreachable_host_are_told_apart() {
    let wrong = words(&CONFLUENCE, |_| json_answer(401, &json!({})));
    assert!(wrong.contains("refuses this credential (401): the token is wrong, has ended or was revoked"), "{wrong}");
    let scope = words(&BITBUCKET, |_| {
        json_answer(
            403,
            &json!({"error": {"message": "no", "detail": {"required": ["account"], "granted": ["email"]}}}),
        )
    });
    assert!(scope.contains("it lacks a scope: account."), "{scope}");
    let none =
        words(&BITBUCKET, |_| json_answer(401, &json!({"error": "API Token provided has no Bitbucket scopes."})));
    assert!(none.contains("it lacks a scope.") && none.contains("has no Bitbucket scopes"), "{none}");
    let away = words(&CONFLUENCE, |_| Err(HttpError::Timeout));
    assert!(away.contains("could not be reached") && away.contains("CONFLUENCE_API_URL"), "{away}");
    let failing = words(&CONFLUENCE, |_| json_answer(503, &json!({})));
    assert!(failing.contains("failing at the moment (503)"), "{failing}");
    for other in [json!({}), json!({"type": "known"})] {
        let not_the_api = words(&CONFLUENCE, move |_| json_answer(200, &other));
        assert!(not_the_api.contains("is not the API of Confluence (200)"), "{not_the_api}");
    }
}

#[test]
fn a_token_with_scopes_is_told_from_a_wrong_one_by_where_it_is_known() {
    const GATEWAY: &str = "https://api.atlassian.com/ex/confluence/1a-2b/wiki";
    let at_gateway = |status: u16, body: serde_json::Value| {
        move |request: &OutboundRequest| {
            let has_credential = request.headers.iter().any(|(name, _)| name == "authorization");
            match request.url.as_str() {
                "https://acme.atlassian.net/_edge/tenant_info" => {
                    assert!(!has_credential, "everybody is told");
                    json_answer(200, &json!({ "cloudId": "1a-2b" }))
                }
                url if url.starts_with(GATEWAY) => json_answer(status, &body),
                _ => json_answer(401, &json!({})),
            }
        }
    };
    let known = words(&CONFLUENCE, at_gateway(200, json!({ "displayName": "Bot" })));
    let expected = [
        "This is a token with scopes: Confluence refuses it at its own address (401) and knows it at",
        "set CONFLUENCE_API_URL to that address and CONFLUENCE_WEB_URL to https://acme.atlassian.net/wiki,",
        GATEWAY,
    ];
    assert!(expected.iter().all(|words| known.contains(words)) && !known.contains("lacks a scope"), "{known}");
    let scope = json!({ "code": 401, "message": "Unauthorized; scope does not match" });
    let lacking = words(&CONFLUENCE, at_gateway(401, scope));
    assert!(lacking.contains("knows it at") && lacking.contains("It lacks a scope there as well."), "{lacking}");
    let wrong = words(&CONFLUENCE, at_gateway(401, json!({ "code": 401, "message": "Unauthorized" })));
    assert!(wrong.contains("refuses this credential (401): the token is wrong"), "{wrong}");
    let header = Credential::header(Site::main(&CONFLUENCE), "x-api-key".into(), Secret::new("token"));
    let http = ScriptedHttp::new(at_gateway(200, json!({ "displayName": "Bot" })));
    let (settings, platform) = (Rc::new(settings::for_tests()), native::platform(http.clone()));
    let context = Context { settings, platform, request_id: RequestId::new("test") };
    assert!(matches!(block_on(run(&context, Site::main(&CONFLUENCE), &header, "")).unwrap(), Tested::Refused(_)));
    assert_eq!(http.sent.borrow().len(), 1, "what is for a gateway of the organisation's own goes to no other");
    let no_site = words(&CONFLUENCE, |request: &OutboundRequest| {
        let is_open = request.url.contains("tenant_info");
        json_answer(if is_open { 200 } else { 401 }, &json!({ "cloudId": "../1" }))
    });
    assert!(no_site.contains("the token is wrong"), "{no_site}");
}

#[test]
fn a_token_that_is_nobodys_is_tested_by_reading_in_one_workspace() {
    let answer = |request: &OutboundRequest| {
        if request.url.ends_with("/user") {
            json_answer(403, &json!({}))
        } else {
            json_answer(200, &json!({"values": []}))
        }
    };
    let (tested, sent) = test_of(&BITBUCKET, "acme", answer);
    assert_eq!(tested, Tested::Accepted(Accepted { account: None, scopes: String::new() }));
    assert_eq!(sent.last().unwrap(), "https://api.bitbucket.org/2.0/repositories/acme?pagelen=1");
    for within in ["", "..", "a/b", "a?b", "a b"] {
        assert_eq!(test_of(&BITBUCKET, within, answer).1.len(), 1, "{within:?}");
    }
    let unnamed = words(&BITBUCKET, |_| json_answer(401, &json!({})));
    assert!(unnamed.ends_with("A token that is nobody's is tested in a workspace: name one."), "{unnamed}");
}
