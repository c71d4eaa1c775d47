//! The two documents by which a client finds its way from the MCP URL to our endpoints.

use serde_json::{Value, json};

use super::cross_origin;
use crate::{
    authorization::{
        clients::{AuthenticationMethod, GrantType},
        grant_types::id_jag,
        tokens::scope::Scopes,
    },
    platform::http::Response,
    settings::Settings,
};

pub use cross_origin::preflight;

/// What a client may sign its assertions with (RFC 7518 §3.1).
const ASSERTION_ALGORITHMS: [&str; 2] = ["ES256", "RS256"];

/// Protected resource metadata (RFC 9728). Its scopes are those that clients should ask for at first.
/// A view is the same resource at another address: clients compare the identifier with the address that they were given
/// (§3.3), so `suffix` is part of it. Tokens are for the one resource all the same.
pub fn protected_resource(settings: &Settings, suffix: &str) -> Response {
    document(&json!({
        "resource": format!("{}{suffix}", settings.resource()),
        "authorization_servers": [settings.public_url],
        "scopes_supported": names(&Scopes::ordinary()),
        "bearer_methods_supported": ["header"],
        "resource_name": "Postern",
    }))
}

/// Authorization server metadata (RFC 8414): all that works, and nothing else. The issuer is byte for byte the
/// operator's `PUBLIC_URL`.
pub fn authorization_server(settings: &Settings) -> Response {
    let issuer = &settings.public_url;
    let mut scopes = names(&Scopes::offered());
    scopes.push("offline_access");
    let vouched = settings.identity.vouches_for_people;
    let grant_types = GrantType::ALL.into_iter().filter(|known| vouched || *known != GrantType::JwtBearer);
    let methods = AuthenticationMethod::ALL.map(AuthenticationMethod::name);
    let confidential = AuthenticationMethod::ALL.into_iter().filter(|method| *method != AuthenticationMethod::None);
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "introspection_endpoint": format!("{issuer}/introspect"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": grant_types.map(GrantType::name).collect::<Vec<_>>(),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "introspection_endpoint_auth_methods_supported": confidential.map(AuthenticationMethod::name).collect::<Vec<_>>(),
        "introspection_endpoint_auth_signing_alg_values_supported": ASSERTION_ALGORITHMS,
        "client_id_metadata_document_supported": settings.client_metadata_documents && !settings.known_clients_only,
        "authorization_response_iss_parameter_supported": true,
    });
    if let Some(members) = metadata.as_object_mut() {
        if vouched {
            members.insert("authorization_grant_profiles_supported".into(), json!([id_jag::PROFILE]));
        }
        if settings.known_clients_only {
            members.remove("registration_endpoint");
        }
    }
    document(&metadata)
}

fn names(scopes: &Scopes) -> Vec<&'static str> {
    scopes.iter().map(crate::authorization::tokens::scope::Scope::name).collect()
}

fn document(value: &Value) -> Response {
    cross_origin::readable(
        Response::body(200, "application/json", value.to_string()).with("cache-control", "public, max-age=3600"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{authorization::testing::json_of, settings};

    #[test]
    fn the_resource_names_us_as_its_only_authorization_server() {
        let document = json_of(&protected_resource(&settings::for_tests(), ""));
        assert_eq!(document["resource"], "https://postern.example/mcp");
        assert_eq!(document["authorization_servers"], json!(["https://postern.example"]));
    }

    #[test]
    fn the_resource_does_not_ask_for_offline_access() {
        assert_eq!(
            json_of(&protected_resource(&settings::for_tests(), ""))["scopes_supported"],
            json!(["read", "write"])
        );
    }

    #[test]
    fn the_issuer_is_the_public_url_byte_for_byte() {
        let document = json_of(&authorization_server(&settings::for_tests()));
        assert_eq!(document["issuer"], "https://postern.example");
        assert_eq!(document["token_endpoint"], "https://postern.example/token");
    }

    #[test]
    fn no_scope_is_advertised_that_no_operation_needs() {
        let settings = settings::for_tests();
        let mut offered = names(&Scopes::offered());
        assert!(offered.contains(&"read") && offered.contains(&"write"));
        offered.push("offline_access");
        assert_eq!(json_of(&authorization_server(&settings))["scopes_supported"], json!(offered));
    }

    #[test]
    fn clients_hear_how_they_may_introduce_themselves() {
        let ways = |documents: bool, known_only: bool| {
            let mut settings = settings::for_tests();
            settings.client_metadata_documents = documents;
            settings.known_clients_only = known_only;
            let document = json_of(&authorization_server(&settings));
            (document["client_id_metadata_document_supported"] == true, document.get("registration_endpoint").is_some())
        };
        assert_eq!(ways(true, false), (true, true));
        assert_eq!(ways(false, false), (false, true));
        assert_eq!(ways(true, true), (false, false));
    }

    #[test]
    fn s256_is_the_only_challenge_method() {
        let document = json_of(&authorization_server(&settings::for_tests()));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    }

    #[test]
    fn both_may_be_kept_by_caches_and_read_from_any_origin() {
        let settings = settings::for_tests();
        for response in [protected_resource(&settings, ""), authorization_server(&settings)] {
            let header = |name: &str| response.headers.iter().find(|(have, _)| have == name).unwrap().1.clone();
            assert_eq!(header("cache-control"), "public, max-age=3600");
            assert_eq!(header("access-control-allow-origin"), "*");
        }
    }
}
