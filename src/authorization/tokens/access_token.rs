//! Access tokens: JWTs (RFC 9068) that we sign and check ourselves, without asking any store.

use std::{rc::Rc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{scope::Scopes, verification_cache};
use crate::{
    authorization::tokens::principal::Principal,
    crypto::{
        random,
        secret::Secret,
        token::{Signer, Verified},
    },
    governance::attributes::{Attributes, Groups, Role},
    identifiers::{ClientId, GrantId, Subject},
    platform::{Fault, clock::Timestamp},
    settings::Settings,
};

/// How long after its end a token still lets its client in (RFC 7519 §4.1.4). Clients count from when the answer
/// reached them, their requests take time, and some ask their person again as soon as one is refused.
const LEEWAY: Duration = Duration::from_secs(5);

/// What an access token says (RFC 9068 §2.2).
#[derive(Debug, Serialize, Deserialize)]
pub struct Claims {
    pub iss: String,
    pub aud: String,
    pub sub: Subject,
    pub client_id: ClientId,
    pub scope: String,
    pub jti: String,
    /// What the token belongs to, and ends with.
    pub grant: GrantId,
    /// The subject's roles and groups at that moment (RFC 9068 §2.2.3.1). None of them in a token of a release that did
    /// not know of them.
    #[serde(default)]
    pub roles: Vec<Role>,
    #[serde(default)]
    pub groups: Vec<String>,
    /// Whether `groups` are all of the subject's groups; a claim of ours.
    #[serde(default)]
    pub groups_complete: bool,
}

fn signer(settings: &Settings) -> Signer {
    Signer::new(settings.signing_keys.derive("access token"), "at+jwt")
}

/// A token by which `principal` may call for [`Settings::access_token_life`].
///
/// # Errors
/// Where there is no randomness.
pub fn issue(settings: &Settings, principal: &Principal, now: Timestamp) -> Result<Secret, Fault> {
    let Attributes { roles, groups } = principal.attributes.as_ref();
    let claims = Claims {
        iss: settings.public_url.clone(),
        aud: settings.resource(),
        sub: principal.subject.clone(),
        client_id: principal.client.clone(),
        scope: principal.scopes.to_string(),
        jti: random::identifier()?,
        grant: principal.grant.clone(),
        roles: roles.clone(),
        groups: groups.names.clone(),
        groups_complete: groups.complete,
    };
    signer(settings).sign(claims, now, now + settings.access_token_life)
}

/// What a token says; `None` unless we issued it, for our one resource, and it is still valid.
pub fn verify(settings: &Settings, token: &str, now: Timestamp) -> Option<Verified<Claims>> {
    let verified: Verified<Claims> = signer(settings).verify(token, now)?;
    let Claims { iss, aud, .. } = &verified.claims;
    (*iss == settings.public_url && *aud == settings.resource()).then_some(verified)
}

/// Whom a token stands for; `None` as [`verify`] says, but for a leeway.
pub fn read(settings: &Settings, token: &str, now: Timestamp) -> Option<Principal> {
    let now = now - LEEWAY;
    if let Some(verification_cache::Entry { principal, expires_at }) = verification_cache::get(settings, token) {
        return (expires_at > now.seconds()).then_some(principal);
    }
    let Verified { claims, expires_at, .. } = verify(settings, token, now)?;
    let groups = Groups { names: claims.groups, complete: claims.groups_complete };
    let principal = Principal {
        subject: claims.sub,
        client: claims.client_id,
        grant: claims.grant,
        scopes: Scopes::parse(&claims.scope),
        attributes: Rc::new(Attributes { roles: claims.roles, groups }),
    };
    verification_cache::insert(settings, token, verification_cache::Entry { principal: principal.clone(), expires_at });
    Some(principal)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{crypto::key::Key, settings};

    const NOW: Timestamp = Timestamp(1_767_225_600_000);

    fn principal() -> Principal {
        Principal {
            subject: Subject::from("u".to_owned()),
            client: ClientId::new("c"),
            grant: GrantId::new("g"),
            scopes: Scopes::offered(),
            attributes: Rc::default(),
        }
    }

    fn token() -> Secret {
        issue(&settings::for_tests(), &principal(), NOW).unwrap()
    }

    #[test]
    fn a_token_says_whom_it_was_issued_for() {
        assert_eq!(read(&settings::for_tests(), token().expose(), NOW), Some(principal()));
    }

    fn in_groups(groups: &[&str]) -> Principal {
        let groups = Groups::within_bound(groups, &[]);
        Principal { attributes: Rc::new(Attributes { roles: vec![Role::Approver], groups }), ..principal() }
    }

    #[test]
    fn a_token_says_the_roles_and_groups_of_whom_it_was_issued_for() {
        let principal = in_groups(&["/team"]);
        let token = issue(&settings::for_tests(), &principal, NOW).unwrap();
        assert_eq!(read(&settings::for_tests(), token.expose(), NOW), Some(principal));
    }

    #[test]
    fn roles_and_groups_are_in_it_by_their_names_in_rfc_9068() {
        let token = issue(&settings::for_tests(), &in_groups(&["/team"]), NOW).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(token.expose().split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!((&claims["roles"], &claims["groups"]), (&json!(["approver"]), &json!(["/team"])));
    }

    #[test]
    fn one_of_a_release_that_knew_of_no_roles_and_groups_is_accepted_without_any() {
        let token = signed("https://postern.example", "https://postern.example/mcp");
        let principal = read(&settings::for_tests(), token.expose(), NOW).unwrap();
        assert_eq!(*principal.attributes, Attributes::default());
    }

    proptest! {
        /// The most that common servers and proxies take is 8 kB, of which a client needs some for other headers.
        #[test]
        fn one_is_shorter_than_4_kb_whatever_groups_its_person_is_in(
            groups in prop::collection::vec("\\PC{0,60}", 0..100),
        ) {
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            let token = issue(&settings::for_tests(), &in_groups(&groups), NOW).unwrap();
            prop_assert!(token.expose().len() < 4096);
        }
    }

    #[test]
    fn it_is_valid_for_as_long_as_the_operator_says() {
        let settings = Settings { access_token_life: Duration::from_secs(30), ..settings::for_tests() };
        let token = issue(&settings, &principal(), NOW).unwrap();
        assert!(verify(&settings, token.expose(), NOW + Duration::from_secs(29)).is_some());
        assert!(verify(&settings, token.expose(), NOW + Duration::from_secs(30)).is_none());
    }

    #[test]
    fn its_client_is_let_in_for_some_seconds_more() {
        let settings = Settings { access_token_life: Duration::from_secs(30), ..settings::for_tests() };
        let token = issue(&settings, &principal(), NOW).unwrap();
        assert!(read(&settings, token.expose(), NOW + Duration::from_secs(34)).is_some());
        assert!(read(&settings, token.expose(), NOW + Duration::from_secs(35)).is_none());
    }

    #[test]
    fn one_that_was_read_before_is_refused_once_it_was_altered() {
        let token = token().expose().to_owned();
        assert!(read(&settings::for_tests(), &token, NOW).is_some());
        let (rest, signature) = token.rsplit_once('.').unwrap();
        let (head, payload) = rest.split_once('.').unwrap();
        let altered = format!("{head}.{payload}A.{signature}");
        assert!(read(&settings::for_tests(), &altered, NOW).is_none());
    }

    /// A token with those two claims that is otherwise ours.
    fn signed(issuer: &str, audience: &str) -> Secret {
        let claims = serde_json::json!({
            "iss": issuer, "aud": audience, "sub": "u", "client_id": "c", "scope": "read", "jti": "j", "grant": "g",
        });
        signer(&settings::for_tests()).sign(claims, NOW, NOW + Duration::from_secs(60)).unwrap()
    }

    #[test]
    fn one_of_another_issuer_is_refused() {
        let token = signed("https://other.example", "https://postern.example/mcp");
        assert!(read(&settings::for_tests(), token.expose(), NOW).is_none());
    }

    #[test]
    fn one_for_another_resource_is_refused() {
        let token = signed("https://postern.example", "https://other.example/mcp");
        assert!(read(&settings::for_tests(), token.expose(), NOW).is_none());
    }

    #[test]
    fn one_that_the_master_key_signed_is_refused() {
        let settings = settings::for_tests();
        let claims = serde_json::json!({
            "iss": settings.public_url, "aud": settings.resource(), "sub": "u", "client_id": "c",
            "scope": "read", "jti": "j", "grant": "g",
        });
        let signer = Signer::new(settings.signing_keys.clone(), "at+jwt");
        let token = signer.sign(claims, NOW, NOW + Duration::from_secs(60)).unwrap();
        assert!(read(&settings, token.expose(), NOW).is_none());
    }

    #[test]
    fn one_of_the_previous_key_is_accepted() {
        let mut settings = settings::for_tests();
        settings.signing_keys.previous = Some(std::mem::replace(&mut settings.signing_keys.current, Key::for_tests(9)));
        assert!(read(&settings, token().expose(), NOW).is_some());
    }
}
