//! Confluence Cloud, which people reach with accounts of their own (OAuth 2.0, 3LO), with the organisation's, or either.

use std::time::Duration;

use super::{
    account::AccountKind,
    oauth_dialect::{OAuthDialect, Resources, TokenRequest},
    provider::{Identity, Limit, Provider},
    scopes::ScopeKind,
    site_settings::{Address, ConsumerNames, OrganisationNames, SettingNames},
};

pub static CONFLUENCE: Provider = Provider {
    id: "confluence",
    name: "Confluence",
    account: AccountKind::Either,
    sites: "CONFLUENCE_SITES",
    settings: SettingNames {
        base_url: "CONFLUENCE_API_URL",
        web_url: Some("CONFLUENCE_WEB_URL"),
        consumer: Some(ConsumerNames {
            url: Address::known("CONFLUENCE_OAUTH_URL", "https://auth.atlassian.com"),
            api_url: Some(Address::known("CONFLUENCE_OAUTH_API_URL", "https://api.atlassian.com")),
            client_id: "CONFLUENCE_CLIENT_ID",
            client_secret: "CONFLUENCE_CLIENT_SECRET",
        }),
        organisation: Some(OrganisationNames { user: "CONFLUENCE_EMAIL", api_token: "CONFLUENCE_API_TOKEN" }),
    },
    limit: Limit { one: "Confluence space", many: "spaces", setting: "CONFLUENCE_SPACES" },
    identity: Identity {
        path: "rest/api/user/current",
        names: &["displayName", "publicName", "accountId"],
        of_nobody: None,
    },
    // An app is a confidential client without PKCE, so `state` alone binds Atlassian's answer to the browser.
    oauth: Some(OAuthDialect {
        authorize: "authorize",
        parameters: &[("audience", "api.atlassian.com"), ("prompt", "consent")],
        requested: Some(&["offline_access", "read:me"]),
        token: "oauth/token",
        token_request: TokenRequest::Json,
        revoke: None,
        lifetime: Duration::from_secs(3600),
        unused_life: Duration::from_hours(90 * 24),
        longest_life: Some(Duration::from_hours(365 * 24)),
        resources: Some(Resources {
            list: "oauth/token/accessible-resources",
            base: "ex/confluence/{id}/wiki",
            site_id: ("_edge/tenant_info", "cloudId"),
        }),
        account: "me",
        account_id: "account_id",
        account_names: &["name", "email"],
        to_end_access: "remove Postern under Connected apps of your Atlassian account",
    }),
    scopes: ScopeKind::Granular,
    implications: &[],
    redirect_hosts: &["atlassian.com", "atlassian.net", "amazonaws.com"],
    link_base: Some(&["_links.base"]),
    refuses_credential: "Confluence refuses the organisation's account. Next: an administrator has to renew its credential \
                         under Accounts in Postern's console, or CONFLUENCE_API_TOKEN; repeating the call does not help.",
    lacks_scope: "the account that this call worked in lacks the scope",
    add_scope: "for your own account, an administrator adds the scope to Postern's app at Atlassian, and you connect it \
                again in Postern's console; for the organisation's, an administrator makes a credential with that \
                scope. Repeating the call does not help.",
};
