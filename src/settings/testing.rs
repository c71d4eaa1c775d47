//! Settings for tests.

use super::Settings;

/// Settings with nothing but what every Postern needs.
pub fn for_tests() -> Settings {
    match Settings::read(complete) {
        Ok(settings) => settings,
        Err(error) => unreachable!("{error}"),
    }
}

/// The same with further sites of some providers: `("BITBUCKET_SITES", "eu us")`. Each has the addresses of the main one
/// below its own name: `https://eu.api.bitbucket.org/2.0`.
#[cfg(test)]
pub fn with_sites(lists: &[(&str, &str)]) -> Settings {
    let of_site = |name: &str| {
        let names = lists.iter().flat_map(|(_, sites)| sites.split_whitespace());
        names.into_iter().find_map(|site| {
            let main = name.replacen(&format!("_{}_", site.to_ascii_uppercase()), "_", 1);
            let text = complete(&main).filter(|_| main != name)?;
            Some(text.replace("https://", &format!("https://{site}.")))
        })
    };
    let list = |name: &str| lists.iter().find(|(list, _)| *list == name).map(|(_, sites)| (*sites).to_owned());
    match Settings::read(|name| list(name).or_else(|| of_site(name)).or_else(|| complete(name))) {
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
        "AUDIT_SETTLE_SECONDS" => "120",
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
