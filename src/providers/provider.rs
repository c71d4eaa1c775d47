//! What a provider is: the data by which everything else knows one from another.

use std::hash::{Hash, Hasher};

use serde::{Serialize, Serializer};

use super::{
    account::AccountKind,
    oauth_dialect::OAuthDialect,
    scopes::{self, Demanded, Implications, ScopeKind},
    site_settings::SettingNames,
};

/// A service that answers operations. Two are the same where their ids are.
#[derive(Debug)]
pub struct Provider {
    /// As stored and in URLs; `[a-z_]`.
    pub id: &'static str,
    /// As people write it.
    pub name: &'static str,
    /// Whose accounts its operations may work in.
    pub account: AccountKind,
    /// The setting that names its sites, where there are others than the main one.
    pub sites: &'static str,
    /// The settings that say where a site of it is.
    pub settings: SettingNames,
    /// What Postern can be limited to there.
    pub limit: Limit,
    /// How it says whose a credential is.
    pub identity: Identity,
    /// How people connect accounts of their own.
    pub oauth: Option<OAuthDialect>,
    /// Which of an operation's scopes its credentials have.
    pub scopes: ScopeKind,
    /// What its scopes grant beside themselves.
    pub implications: Implications,
    /// The hosts, with all below them, to which it may redirect for a body beside its own origin: never with a
    /// credential.
    pub redirect_hosts: &'static [&'static str],
    /// The path at which an answer says below which address its relative links lie. They lie below the base URL where
    /// there is none, which is not where people go where an API has a host of its own.
    pub link_base: Option<&'static [&'static str]>,
    /// What the model is told where the credential is refused: why, and the next step.
    pub refuses_credential: &'static str,
    /// Whose scopes do not suffice, to go on `Bitbucket says that`.
    pub lacks_scope: &'static str,
    /// How a missing scope is added, as the next step.
    pub add_scope: &'static str,
}

/// The largest things of a provider, to some of which an organisation can limit Postern.
#[derive(Debug)]
pub struct Limit {
    /// One of them, for whoever was stopped: `workspace`.
    pub one: &'static str,
    /// Several: `workspaces`.
    pub many: &'static str,
    /// The setting that names those that may be reached.
    pub setting: &'static str,
}

impl Limit {
    /// Whether they are of that kind: a `Confluence space` is a `space`.
    pub fn has(&self, kind: &str) -> bool {
        self.one.split(' ').any(|word| word == kind)
    }
}

/// What a provider answers about a credential.
#[derive(Debug)]
pub struct Identity {
    /// Where it says whose the credential is, below the site's API.
    pub path: &'static str,
    /// The members of that answer that name the account to people: the first that is there.
    pub names: &'static [&'static str],
    /// What a credential can read that is nobody's, so that the path above is refused to it: `{limit}` stands for one of
    /// [`Provider::limit`].
    pub of_nobody: Option<&'static str>,
}

impl Provider {
    /// The scopes that a call demands and that are not among those granted, which are separated by spaces. None where
    /// nobody said what was granted: then the provider is to say.
    pub fn missing_scopes<'a>(&self, granted: &str, demanded: Demanded<'a>) -> Vec<&'a str> {
        // API tokens have granular scopes also where OAuth consumers have classic ones: `read:repository:bitbucket`.
        let is_granular = granted.split_whitespace().any(|scope| scope.rsplit(':').next() == Some(self.id));
        let kind = if is_granular { ScopeKind::Granular } else { self.scopes };
        scopes::missing(kind, self.implications, granted, demanded)
    }
}

impl PartialEq for Provider {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Provider {}

impl Hash for Provider {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Serialize for Provider {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(serializer)
    }
}
