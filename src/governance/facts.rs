//! The facts of one call or one entry of a list: all that the decision on it may look at.

use serde::Serialize;

use super::attributes::Attributes;
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Class, Sensitivity},
    },
    identifiers::{ClientId, Subject},
    providers::{AccountKind, Provider, Site},
    settings::Settings,
    tools::Tool,
};

/// The facts that a decision is taken on. Plain data, so that a refusal can be explained by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts<'a> {
    pub caller: Caller<'a>,
    pub tool: ToolFacts<'a>,
    /// The resource that the arguments name; `None` where the tool is only listed.
    pub resource: Option<Resource>,
}

/// The caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caller<'a> {
    pub subject: &'a Subject,
    pub client: &'a ClientId,
    /// Roles and groups. Nothing is decided by them yet.
    pub attributes: &'a Attributes,
    /// Whether the scopes of the access token are enough for a tool of this class.
    pub scope_suffices: bool,
}

/// The tool that is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolFacts<'a> {
    pub name: &'a str,
    /// The digest of the definition that would run.
    pub definition_digest: &'a str,
    pub class: Class,
    pub sensitivity: Sensitivity,
    /// The site at which a call works in an account of the caller's own, where they have one. An entry of a list is for no
    /// site yet.
    pub account: Option<Site>,
    /// Whose accounts calls at its sites work in by the settings: at the one that is called, or at each where a tool is only
    /// listed.
    pub sites: Vec<(Site, AccountKind)>,
}

/// The resource that a call is about, as its arguments name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resource {
    pub provider: Option<&'static Provider>,
    /// Of the provider's sites, the one that the call goes to.
    pub site: Option<Site>,
    pub workspace: Option<String>,
    pub repository: Option<String>,
    /// The whole of it, as the audit shows it: `acme/backend#7`.
    pub target: String,
}

impl<'a> Facts<'a> {
    /// The facts of a call with these arguments.
    pub fn of_call(settings: &Settings, caller: Caller<'a>, tool: &'a Tool, arguments: &Arguments) -> Self {
        let argument = |name| arguments.text(name).map(|text| text.into_owned());
        let resource = Resource {
            provider: tool.provider,
            site: arguments.site(),
            workspace: argument("workspace"),
            repository: argument("repository"),
            target: arguments.target().to_owned(),
        };
        Self { caller, tool: ToolFacts::of_call(settings, tool, arguments.site()), resource: Some(resource) }
    }

    /// The facts of an entry of a list, which names no resource yet.
    pub fn of_entry(settings: &Settings, caller: Caller<'a>, tool: &'a Tool) -> Self {
        Self { caller, tool: ToolFacts::of_entry(settings, tool), resource: None }
    }
}

impl<'a> ToolFacts<'a> {
    fn of_call(settings: &Settings, tool: &'a Tool, site: Option<Site>) -> Self {
        let sites: Vec<_> = site.map(|site| (site, settings.sites.accounts(site))).into_iter().collect();
        let account = site.filter(|_| sites.iter().all(|(_, kind)| *kind != AccountKind::Organisation));
        Self::new(tool, account, sites)
    }

    /// What may run at one of the provider's sites is listed.
    fn of_entry(settings: &Settings, tool: &'a Tool) -> Self {
        let sites = tool.provider.into_iter().flat_map(|provider| settings.sites.of(provider));
        Self::new(tool, None, sites.map(|site| (site, settings.sites.accounts(site))).collect())
    }

    fn new(tool: &'a Tool, account: Option<Site>, sites: Vec<(Site, AccountKind)>) -> Self {
        Self {
            name: &tool.name,
            definition_digest: tool.definition_digest(),
            class: tool.class,
            sensitivity: tool.sensitivity,
            account,
            sites,
        }
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.class != Class::Read
    }
}
