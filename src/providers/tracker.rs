//! An issue tracker that does not exist: it shows, in tests alone, what a third provider takes, and has what neither of
//! the others has.

use std::time::Duration;

use super::{
    account::AccountKind,
    oauth_dialect::{OAuthDialect, TokenRequest},
    provider::{Identity, Limit, Provider},
    scopes::ScopeKind,
    site_settings::{Address, ConsumerNames, OrganisationNames, SettingNames},
};

pub static TRACKER: Provider = Provider {
    id: "tracker",
    name: "Tracker",
    account: AccountKind::Either,
    sites: "TRACKER_SITES",
    settings: SettingNames {
        base_url: "TRACKER_API_URL",
        web_url: None,
        consumer: Some(ConsumerNames {
            url: Address::set("TRACKER_OAUTH_URL"),
            api_url: None,
            client_id: "TRACKER_CLIENT_ID",
            client_secret: "TRACKER_CLIENT_SECRET",
        }),
        organisation: Some(OrganisationNames { user: "TRACKER_USER", api_token: "TRACKER_API_TOKEN" }),
    },
    limit: Limit { one: "project", many: "projects", setting: "TRACKER_PROJECTS" },
    identity: Identity { path: "me", names: &["login"], of_nobody: None },
    oauth: Some(OAuthDialect {
        authorize: "authorize",
        parameters: &[],
        requested: None,
        token: "token",
        token_request: TokenRequest::Form,
        revoke: None,
        lifetime: Duration::from_secs(600),
        unused_life: Duration::from_hours(30 * 24),
        longest_life: None,
        resources: None,
        account: "me",
        account_id: "id",
        account_names: &["login"],
        to_end_access: "remove Postern from the applications of your account at Tracker",
    }),
    scopes: ScopeKind::Granular,
    implications: &[],
    redirect_hosts: &[],
    link_base: None,
    refuses_credential: "Tracker refuses the organisation's account. Next: an administrator has to renew its API token \
                         (TRACKER_API_TOKEN); repeating the call does not help.",
    lacks_scope: "the account that this call worked in lacks the scope",
    add_scope: "an administrator has to add it; repeating the call does not help.",
};
