//! Bitbucket Cloud, which people reach with accounts of their own.

use super::provider::{AccountKind, Provider, ScopeKind};

pub static BITBUCKET: Provider = Provider {
    id: "bitbucket",
    name: "Bitbucket",
    account: AccountKind::Personal,
    scopes: ScopeKind::Classic,
    redirect_hosts: &["bitbucket.org", "atlassian.com", "atlassian.net", "amazonaws.com"],
    link_base: None,
    refuses_credential: "Bitbucket no longer accepts your connection. Connect your account again in Postern's console, \
                         then repeat the call.",
    lacks_scope: "your connection lacks the scope",
    add_scope: "An administrator adds it to Postern's OAuth consumer there; then connect your account again in Postern's \
                console. Repeating the call does not help.",
};
