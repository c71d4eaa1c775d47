//! Confluence Cloud, which everybody reaches with the organisation's account.

use super::{
    account::AccountKind,
    provider::{Limit, Provider, ScopeKind},
    site_settings::{OrganisationNames, SettingNames},
};

pub static CONFLUENCE: Provider = Provider {
    id: "confluence",
    name: "Confluence",
    account: AccountKind::Organisation,
    sites: "CONFLUENCE_SITES",
    settings: SettingNames {
        base_url: "CONFLUENCE_API_URL",
        web_url: Some("CONFLUENCE_WEB_URL"),
        consumer: None,
        organisation: Some(OrganisationNames { user: "CONFLUENCE_EMAIL", api_token: "CONFLUENCE_API_TOKEN" }),
    },
    limit: Limit { one: "Confluence space", many: "spaces", setting: "CONFLUENCE_SPACES" },
    oauth: None,
    scopes: ScopeKind::Granular,
    redirect_hosts: &["atlassian.com", "atlassian.net", "amazonaws.com"],
    link_base: Some(&["_links.base"]),
    refuses_credential: "Confluence refuses the organisation's account. An administrator has to renew its API token \
                         (CONFLUENCE_API_TOKEN); repeating the call does not help.",
    lacks_scope: "the API token of the organisation's account lacks the scope",
    add_scope: "An administrator has to make a token with that scope (CONFLUENCE_API_TOKEN); repeating the call does not \
                help.",
};
