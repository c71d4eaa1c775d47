use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::{
    authorization::{
        clients::{ClientKeys, GrantType, redirect::Unacceptable},
        testing::{DOCUMENT as ID, DocumentHost, House, REDIRECT, answer, document_of},
    },
    platform::limiter::Limit,
};

const NOW: Timestamp = Timestamp(0);

fn described(changes: &[(&str, Value)]) -> Result<Client, DocumentError> {
    let document = Document { text: document_of(changes).to_string(), fresh_until: NOW };
    document.client(ID, &PrivateUse::default(), NOW)
}

fn find(host: &DocumentHost, id: &str) -> Result<Client, DocumentError> {
    block_on(find_document(&host.house.context, id, &Sender::of(Some("2001:db8::1")))).map(|(client, _)| client)
}

fn document() -> Vec<u8> {
    document_of(&[]).to_string().into_bytes()
}

fn refused(first: InboundResponse) -> DocumentError {
    let host = DocumentHost::new(first);
    let error = find(&host, ID).unwrap_err();
    host.answers_with(Ok(answer(200, &[], document())));
    host.house.wait(59);
    assert_eq!((find(&host, ID), host.requests()), (Err(error.clone()), 1), "the host was asked again too early");
    host.house.wait(1);
    assert!(find(&host, ID).is_ok(), "a failure was remembered too long");
    error
}

#[test]
fn a_document_describes_a_client_for_which_its_host_vouches() {
    let client = described(&[]).unwrap();
    assert_eq!(client.name, "Client");
    assert_eq!(client.origin, Origin::MetadataDocument { host: "client.example".into(), fresh_until: NOW });
    assert!(client.may(GrantType::RefreshToken) && client.redirect(REDIRECT).is_some());
}

#[test]
fn a_document_without_grant_types_or_a_method_is_of_a_public_client_that_may_refresh() {
    let client = described(&[("grant_types", Value::Null), ("token_endpoint_auth_method", Value::Null)]).unwrap();
    assert_eq!(client.authentication, Authentication::None);
    assert_eq!(client.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
}

#[test]
fn a_document_may_have_public_keys() {
    let keys = json!({ "keys": [{ "kty": "EC", "crv": "P-256", "x": "x", "y": "y" }] });
    let client = described(&[("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", keys)]).unwrap();
    assert!(matches!(client.authentication, Authentication::PrivateKeyJwt(ClientKeys::Inline(_))));
}

#[test]
fn a_document_that_breaks_a_rule_describes_nobody() {
    use DocumentError::*;
    let private = json!({ "keys": [{ "kty": "EC", "d": "d" }] });
    for (changes, why) in [
        (vec![("client_id", json!("https://client.example/other.json"))], AnotherId),
        (vec![("client_id", json!("https://client.example/client.json/"))], AnotherId),
        (vec![("client_id", Value::Null)], Unidentified),
        (vec![("client_name", Value::Null)], NoName),
        (vec![("client_name", json!("\u{200b} "))], NoName),
        (vec![("client_secret", json!("s"))], Secret),
        (vec![("client_secret_expires_at", json!(0))], Secret),
        (vec![("token_endpoint_auth_method", json!("client_secret_basic"))], AuthenticationMethod),
        (vec![("token_endpoint_auth_method", json!("client_secret_post"))], AuthenticationMethod),
        (vec![("token_endpoint_auth_method", json!("client_secret_jwt"))], Metadata(Unusable::AuthenticationMethod)),
        (vec![("redirect_uris", json!([]))], Metadata(Unusable::NoRedirectUri)),
        (
            vec![("redirect_uris", json!(["javascript:alert(1)"]))],
            Metadata(Unusable::RedirectUris(Unacceptable::Scheme)),
        ),
        (
            vec![("redirect_uris", json!(["cursor://x/callback"]))],
            Metadata(Unusable::RedirectUris(Unacceptable::PrivateUse)),
        ),
        (vec![("grant_types", json!(["client_credentials"]))], Metadata(Unusable::GrantTypes)),
        (vec![("response_types", json!(["token"]))], Metadata(Unusable::ResponseTypes)),
    ] {
        assert_eq!(described(&changes), Err(why), "{changes:?}");
    }
    let changes = [("token_endpoint_auth_method", json!("private_key_jwt")), ("jwks", private)];
    assert!(matches!(described(&changes), Err(Metadata(Unusable::Keys(_)))));
}

#[test]
fn redirect_uris_that_are_not_acceptable_here_are_left_out() {
    let client = described(&[("redirect_uris", json!(["cursor://x/callback", "https://client.example/callback"]))]);
    let client = client.unwrap();
    assert_eq!(client.redirect_uris.len(), 1);
    assert_eq!(client.redirect("cursor://x/callback"), None);
}

#[test]
fn no_client_with_a_document_acts_as_itself() {
    let client = described(&[("grant_types", json!(["authorization_code", "client_credentials"]))]).unwrap();
    assert!(!client.may(GrantType::ClientCredentials));
}

#[test]
fn only_a_whole_json_answer_of_status_200_counts() {
    let absent = |first| match refused(first) {
        DocumentError::Absent(absence) => absence,
        other => panic!("{other:?}"),
    };
    assert_eq!(absent(answer(404, &[], document())), Absence::Status(404));
    assert_eq!(absent(answer(302, &[("location", ID)], document())), Absence::Status(302));
    assert_eq!(absent(answer(200, &[("content-type", "text/html")], document())), Absence::MediaType);
    assert_eq!(absent(answer(200, &[], vec![0xff])), Absence::NotText);
    assert_eq!(absent(InboundResponse { truncated: true, ..answer(200, &[], document()) }), Absence::TooLarge);
    assert_eq!(refused(answer(200, &[], "[]")), DocumentError::Metadata(Unusable::NotAnObject));
}

#[test]
fn nothing_is_fetched_from_an_address_that_is_not_public_or_ours() {
    let host = DocumentHost::new(answer(200, &[], document()));
    for (id, why) in [
        ("https://127.0.0.1/client.json", DocumentError::Address(NotPublic::Address)),
        ("http://client.example/client.json", DocumentError::Address(NotPublic::NotHttps)),
        ("https://client.example/", DocumentError::NoPath),
        ("https://postern.example/client.json", DocumentError::Ours),
    ] {
        assert_eq!(find(&host, id), Err(why), "{id}");
    }
    assert_eq!(host.requests(), 0);
}

#[test]
fn a_request_for_a_document_carries_nothing_of_anybody() {
    let host = DocumentHost::new(answer(200, &[], document()));
    find(&host, ID).unwrap();
    let sent = host.http.sent.borrow()[0].clone();
    assert_eq!((sent.method, sent.url.as_str(), sent.body), (Method::Get, ID, None));
    let asker = format!("Postern/{} (+https://postern.example)", env!("CARGO_PKG_VERSION"));
    assert_eq!(sent.headers, [("accept".into(), "application/json".to_owned()), ("user-agent".into(), asker)]);
    assert_eq!((sent.limits.deadline, sent.limits.bytes), (Duration::from_secs(5), 5 * 1024));
}

#[test]
fn a_document_is_fetched_again_when_its_time_is_up() {
    let host = DocumentHost::new(answer(200, &[("cache-control", "public, max-age=3600")], document()));
    find(&host, ID).unwrap();
    host.house.wait(3599);
    find(&host, ID).unwrap();
    assert_eq!(host.requests(), 1);
    host.house.wait(1);
    find(&host, ID).unwrap();
    assert_eq!(host.requests(), 2);
}

#[test]
fn who_asks_for_too_many_has_to_wait() {
    let host = DocumentHost::new(answer(200, &[], document()));
    host.house.limiter.exhausted.set(Some(Limit::Fetches));
    assert_eq!(find(&host, ID), Err(DocumentError::TooFast));
    assert_eq!(host.requests(), 0);
    host.house.limiter.exhausted.set(None);
    assert!(find(&host, ID).is_ok(), "having to wait was remembered");
    let by_sender_and_host = ["from:2001:db8:0:0::/64", "from:2001:db8:0:0::/64", "to:client.example"];
    assert_eq!(host.house.limiter.keys(Limit::Fetches), by_sender_and_host);
}

#[test]
fn nothing_is_fetched_where_the_operator_takes_no_documents() {
    let mut host = DocumentHost::new(answer(200, &[], document()));
    host.house.change_settings(|settings| settings.client_metadata_documents = false);
    assert_eq!(find(&host, ID), Err(DocumentError::Off));
    assert_eq!(host.requests(), 0);
}

#[test]
fn no_word_of_the_runtime_is_shown_where_a_host_cannot_be_reached() {
    let host = DocumentHost::new(answer(200, &[], document()));
    host.answers_with(Err(HttpError::Connection("internal error; reference = abc".into())));
    assert_eq!(find(&host, ID).unwrap_err().to_string(), "its host cannot be reached");
    host.house.wait(60);
    host.answers_with(Err(HttpError::Timeout));
    assert_eq!(find(&host, ID).unwrap_err().to_string(), "its host does not answer within 5 seconds");
}

#[test]
fn every_pinned_copy_describes_a_client_that_may_refresh() {
    let context = House::default().context;
    for pinned in &pinned_copies::ALL {
        let (client, _) = pinned_copy(&context, pinned.id).unwrap();
        assert!(client.may(GrantType::RefreshToken) && !client.redirect_uris.is_empty(), "{}", pinned.id);
        assert!(PublicUrl::parse(pinned.id).is_ok(), "{}", pinned.id);
    }
}

#[test]
fn how_long_a_document_is_believed_is_its_hosts_word_within_bounds() {
    let seconds = |headers: &[(&str, &str)]| life(&answer(200, headers, "")).as_secs();
    assert_eq!(seconds(&[]), 300);
    assert_eq!(seconds(&[("cache-control", "no-store, max-age=3600")]), 300);
    assert_eq!(seconds(&[("cache-control", "No-Cache")]), 300);
    assert_eq!(seconds(&[("cache-control", "max-age=1")]), 300);
    assert_eq!(seconds(&[("cache-control", "public, Max-Age=\"3600\"")]), 3600);
    assert_eq!(seconds(&[("cache-control", "max-age=3600"), ("age", "600")]), 3000);
    assert_eq!(seconds(&[("cache-control", "max-age=99999999999")]), 86400);
}

proptest! {
    #[test]
    fn no_answer_is_too_strange_to_be_refused(body in proptest::collection::vec(any::<u8>(), 0..200), control in "\\PC{0,40}") {
        let answer = answer(200, &[("cache-control", control.as_str())], body);
        prop_assert!((SHORTEST_LIFE..=LONGEST_LIFE).contains(&life(&answer)));
        if let Ok(document) = read(answer, NOW) {
            prop_assert!(document.client(ID, &PrivateUse::default(), NOW).is_err());
        }
    }
}
