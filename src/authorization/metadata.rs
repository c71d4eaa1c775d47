//! The two documents by which a client finds its way from the MCP URL to our endpoints.

use serde_json::{Value, json};

use super::{cross_origin, scope::Scopes};
use crate::{platform::http::Response, settings::Settings};

pub use cross_origin::preflight;

/// Protected resource metadata (RFC 9728). Its scopes are those that clients should ask for at first.
pub fn protected_resource(settings: &Settings) -> Response {
    document(&json!({
        "resource": settings.resource(),
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
    let mut scopes = names(&Scopes::all());
    scopes.push("offline_access");
    document(&json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "registration_endpoint": format!("{issuer}/register"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "scopes_supported": scopes,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

fn names(scopes: &Scopes) -> Vec<&'static str> {
    scopes.iter().map(super::scope::Scope::name).collect()
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
        let document = json_of(&protected_resource(&settings::for_tests()));
        assert_eq!(document["resource"], "https://postern.example/mcp");
        assert_eq!(document["authorization_servers"], json!(["https://postern.example"]));
    }

    #[test]
    fn the_resource_does_not_ask_for_offline_access() {
        assert_eq!(json_of(&protected_resource(&settings::for_tests()))["scopes_supported"], json!(["read", "write"]));
    }

    #[test]
    fn the_issuer_is_the_public_url_byte_for_byte() {
        let document = json_of(&authorization_server(&settings::for_tests()));
        assert_eq!(document["issuer"], "https://postern.example");
        assert_eq!(document["token_endpoint"], "https://postern.example/token");
    }

    #[test]
    fn s256_is_the_only_challenge_method() {
        let document = json_of(&authorization_server(&settings::for_tests()));
        assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    }

    #[test]
    fn both_may_be_kept_by_caches_and_read_from_any_origin() {
        let settings = settings::for_tests();
        for response in [protected_resource(&settings), authorization_server(&settings)] {
            let header = |name: &str| response.headers.iter().find(|(have, _)| have == name).unwrap().1.clone();
            assert_eq!(header("cache-control"), "public, max-age=3600");
            assert_eq!(header("access-control-allow-origin"), "*");
        }
    }
}
