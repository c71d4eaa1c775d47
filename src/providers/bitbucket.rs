//! Bitbucket Cloud, which people reach with accounts of their own.

use std::time::Duration;

use super::{
    account::AccountKind,
    oauth_dialect::{OAuthDialect, TokenRequest},
    provider::{Limit, Provider},
    scopes::ScopeKind,
    site_settings::{Address, ConsumerNames, SettingNames},
};

pub static BITBUCKET: Provider = Provider {
    id: "bitbucket",
    name: "Bitbucket",
    account: AccountKind::Personal,
    sites: "BITBUCKET_SITES",
    settings: SettingNames {
        base_url: "BITBUCKET_API_URL",
        web_url: None,
        consumer: Some(ConsumerNames {
            url: Address::set("BITBUCKET_OAUTH_URL"),
            api_url: None,
            client_id: "BITBUCKET_CLIENT_ID",
            client_secret: "BITBUCKET_CLIENT_SECRET",
        }),
        organisation: None,
    },
    limit: Limit { one: "workspace", many: "workspaces", setting: "BITBUCKET_WORKSPACES" },
    // Bitbucket knows no PKCE and ignores scopes, so `state` alone binds its answer to the browser.
    oauth: Some(OAuthDialect {
        authorize: "authorize",
        parameters: &[],
        requested: None,
        token: "access_token",
        token_request: TokenRequest::Form,
        // Its documentation knows no such endpoint; public projects call this one and find the token dead.
        revoke: Some("revoke"),
        // The documentation and the answers differ on this: it is the shorter one.
        lifetime: Duration::from_secs(3600),
        resources: None,
        account: "user",
        account_id: "uuid",
        account_names: &["nickname", "display_name"],
        to_end_access: "remove Postern under App authorizations in your settings at Bitbucket",
    }),
    scopes: ScopeKind::Classic,
    // What administers, a repository or a project, does not read what is in it.
    implications: &[
        ("account:write", &["account"]),
        ("account", &["email"]),
        ("project", &["repository"]),
        ("repository:write", &["repository"]),
        ("pullrequest", &["repository"]),
        ("pullrequest:write", &["pullrequest", "repository:write"]),
        ("snippet:write", &["snippet"]),
        ("pipeline:write", &["pipeline"]),
        ("pipeline:variable", &["pipeline:write"]),
        ("runner:write", &["runner"]),
    ],
    redirect_hosts: &["bitbucket.org", "atlassian.com", "atlassian.net", "amazonaws.com"],
    link_base: None,
    refuses_credential: "Bitbucket no longer accepts your connection. Next: connect your account again in Postern's console, \
                         then repeat the call.",
    lacks_scope: "your connection lacks the scope",
    add_scope: "an administrator adds it to Postern's OAuth consumer there; then connect your account again in Postern's \
                console. Repeating the call does not help.",
};
