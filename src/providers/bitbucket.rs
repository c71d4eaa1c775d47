//! Bitbucket Cloud, which people reach with accounts of their own, or with the organisation's where they have connected none.

use std::time::Duration;

use super::{
    account::AccountKind,
    oauth_dialect::{OAuthDialect, TokenRequest},
    provider::{Identity, Limit, Provider},
    scopes::ScopeKind,
    site_settings::{Address, ConsumerNames, SettingNames},
};

pub static BITBUCKET: Provider = Provider {
    id: "bitbucket",
    name: "Bitbucket",
    account: AccountKind::Either,
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
    identity: Identity {
        path: "user",
        names: &["nickname", "display_name"],
        of_nobody: Some("repositories/{limit}?pagelen=1"),
    },
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
        // "Three months": the shortest that those are.
        unused_life: Duration::from_hours(89 * 24),
        longest_life: None,
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
    refuses_credential: "Bitbucket refuses the organisation's account. Next: connect your own account in Postern's console, or \
                         ask an administrator to renew the credential under Accounts there.",
    lacks_scope: "the account that this call worked in lacks the scope",
    add_scope: "for your own account, an administrator adds it to Postern's OAuth consumer there, and you connect your account \
                again in Postern's console; for the organisation's, an administrator makes a credential with that scope. \
                Repeating the call does not help.",
};
