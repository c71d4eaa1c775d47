//! Settings for tests.

use super::Settings;

/// Settings with nothing but what every Postern needs.
pub fn for_tests() -> Settings {
    match Settings::read(complete) {
        Ok(settings) => settings,
        Err(error) => unreachable!("{error}"),
    }
}

/// The text of a setting, where it is one that every Postern needs.
pub(super) fn complete(name: &str) -> Option<String> {
    let text = match name {
        "SIGNING_KEY" => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "SEALING_KEY" => "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE",
        "PUBLIC_URL" => "https://postern.example",
        "OIDC_ISSUER" => "https://identity.example/realms/acme",
        "BITBUCKET_API_URL" => "https://api.bitbucket.org/2.0",
        "BITBUCKET_OAUTH_URL" => "https://bitbucket.org/site/oauth2",
        "TRACKER_API_URL" => "https://tracker.example/api",
        "TRACKER_OAUTH_URL" => "https://tracker.example/oauth",
        "CONFLUENCE_API_URL" => "https://acme.atlassian.net/wiki",
        "OIDC_ROLE_CLAIMS" => "realm_access.roles",
        "ADMINISTRATOR_ROLE" => "postern-administrator",
        "APPROVER_ROLE" => "postern-approver",
        "ACCESS_TOKEN_SECONDS" => "900",
        "OIDC_VOUCHES_FOR_PEOPLE" | "KNOWN_CLIENTS_ONLY" => "no",
        "CLIENT_METADATA_DOCUMENTS" => "yes",
        "CALLS_PER_MINUTE" => "300",
        "AUDIT_DELAY_MILLISECONDS" => "2000",
        "OIDC_CLIENT_ID"
        | "OIDC_CLIENT_SECRET"
        | "BITBUCKET_CLIENT_ID"
        | "BITBUCKET_CLIENT_SECRET"
        | "CONFLUENCE_EMAIL"
        | "CONFLUENCE_API_TOKEN"
        | "TRACKER_CLIENT_ID"
        | "TRACKER_CLIENT_SECRET"
        | "TRACKER_USER"
        | "TRACKER_API_TOKEN" => "given",
        _ => return None,
    };
    Some(text.to_owned())
}
