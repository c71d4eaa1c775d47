//! The facts of one call or one entry of a list: all that the decision on it may look at.

use serde::Serialize;

use super::{
    attributes::Attributes,
    named_paths::{self, NamedPath},
    taint::{Place, TaintLevel},
};
use crate::{
    catalog::{
        arguments::Arguments,
        lookup::{self, MissingFact},
        operation::{
            self, Answer, Around, Bounds, Class, Detail, Kind, Operation, Presence, RowResource, Sensitivity, Tree,
        },
    },
    identifiers::{ClientId, Subject},
    platform::clock::Timestamp,
    providers::{AccountKind, Provider, Site},
    settings::Settings,
    tools::{Gate, Source, Tool},
    untrusted,
};

/// The facts that a decision is taken on. Plain data, so that a refusal can be explained by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts<'a> {
    pub caller: Caller<'a>,
    pub tool: ToolFacts<'a>,
    /// The resource that the arguments name; `None` where the tool is only listed.
    pub resource: Option<Resource>,
    /// The class of the gate through which it is called, if it is.
    pub gate: Option<Class>,
    /// How the caller's grant is tainted by what it read before. Before its Session object says so, a call is taken for
    /// one of a clean grant; what is decided then holds for that alone.
    pub taint: TaintLevel,
}

/// The caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Caller<'a> {
    pub subject: &'a Subject,
    pub client: &'a ClientId,
    pub attributes: &'a Attributes,
    /// The largest class of tools that the scopes of the access token permit.
    pub permitted: Option<Class>,
    pub now: Timestamp,
}

/// The tool that is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ToolFacts<'a> {
    pub name: &'a str,
    /// Its place in the list of all tools.
    pub place: usize,
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
    /// The projects that its repository lies in or comes to, as far as they are known.
    pub projects: Vec<String>,
    /// The branches that are changed or shown, as far as they are known.
    pub branches: Vec<String>,
    /// The paths in its repository that are named.
    pub paths: Vec<NamedPath>,
    pub space: Option<String>,
    /// Of each thing that is named and lies in a space, the key of that, as far as it is known.
    pub lies_in: Vec<String>,
    /// Of each, the ids of the pages that it is or lies below, with spaces between them, and [`UNKNOWN`] where that is not
    /// all.
    pub trees: Vec<String>,
    /// Of each, its labels, in the same way.
    pub labels: Vec<String>,
    /// What else of the tree of pages it shows or changes.
    pub around: Option<Around>,
    /// What the merge checks of its pull request advise against, as far as that is known.
    pub failing_checks: Vec<String>,
    pub extent: Extent,
    /// What the rows of its answer are about, where they say so.
    pub rows: Option<operation::Resource>,
    /// Whether those say in which project it lies.
    pub rows_name_project: bool,
    /// Whether whatever it lists is listed by the paths of files.
    pub rows_name_files: bool,
    /// What its arguments do not say, and a look-up would tell.
    pub missing_facts: Vec<MissingFact>,
    /// The whole of it, as the audit shows it: `acme/backend#7`.
    pub target: String,
}

/// In the place of pages and labels that nobody tells. No page and no label has this name.
pub const UNKNOWN: &str = "?";

/// Of a place, in characters: what is longer is cut, and ends in `…`.
const LONGEST_TARGET: usize = 200;

/// How far a call's arguments tell what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// They name the workspace or space.
    Named,
    /// What they name lies in a space, which can be looked up.
    Place,
    /// It lists what its rows name, and nothing else.
    Rows,
    /// It is a search, which can be limited to some spaces.
    Search,
    /// It is about all of the site.
    Site,
    /// It is about nothing that could be closed to somebody.
    Nothing,
}

impl Resource {
    /// Something at a site of which nothing else is known.
    pub fn at(site: Option<Site>, extent: Extent) -> Self {
        Self {
            provider: site.map(|site| site.provider),
            site,
            workspace: None,
            repository: None,
            projects: Vec::new(),
            branches: Vec::new(),
            paths: Vec::new(),
            space: None,
            lies_in: Vec::new(),
            trees: Vec::new(),
            labels: Vec::new(),
            around: None,
            failing_checks: Vec::new(),
            extent,
            rows: None,
            rows_name_project: false,
            rows_name_files: false,
            missing_facts: Vec::new(),
            target: String::new(),
        }
    }

    /// Where a call about it reads or writes; `None` where it asks no provider.
    pub fn place(&self) -> Option<Place> {
        let container = self.workspace.clone().or_else(|| self.space.clone());
        let target = untrusted::label(&self.target, LONGEST_TARGET);
        self.site.map(|site| Place { site, container, target })
    }

    /// What it is, as people read it, where the arguments name one repository, one space, or one thing in a space:
    /// `acme/backend at main`.
    pub fn words(&self) -> Option<String> {
        match (&self.workspace, &self.repository, &self.space) {
            (Some(workspace), Some(repository), _) if self.branches.is_empty() => {
                Some(format!("{workspace}/{repository}"))
            }
            (Some(workspace), Some(repository), _) => {
                Some(format!("{workspace}/{repository} at {}", self.branches.join(", ")))
            }
            (None, None, Some(space)) => Some(format!("space {space}")),
            (None, None, None) if self.extent == Extent::Place && !self.target.is_empty() => Some(self.target.clone()),
            _ => None,
        }
    }

    fn of_call(tool: &Tool, arguments: &Arguments) -> Self {
        let Source::Operation(operation) = tool.source;
        let call = arguments.call_of(operation);
        let argument = |name| arguments.text(name).map(|text| text.into_owned());
        let of_kind = |wanted: fn(Kind) -> bool| {
            let mut parameters = operation.parameters.iter();
            parameters.find(|parameter| wanted(parameter.kind)).and_then(|parameter| argument(parameter.name))
        };
        let workspace = of_kind(|kind| matches!(kind, Kind::Workspace));
        let space = of_kind(|kind| matches!(kind, Kind::Space));
        let listed = call.and_then(|call| listed(&call.answer));
        // What can be a file as well shows what no row of it names.
        let rows = listed.filter(|_| !matches!(call.map(|call| &call.answer), Some(Answer::Source(_))));
        let rows = rows.map(|listed| listed.of);
        let extent = match call.map(|call| &call.bounds) {
            None | Some(Bounds::NoSpace | Bounds::Account) => Extent::Nothing,
            Some(Bounds::Places(_)) => Extent::Place,
            Some(Bounds::Search) => Extent::Search,
            Some(Bounds::Workspace | Bounds::Space) if workspace.is_some() || space.is_some() => Extent::Named,
            Some(_) if rows.is_some() => Extent::Rows,
            Some(_) => Extent::Site,
        };
        let branches = BRANCHES.iter().filter(|name| names_branch(operation, name)).filter_map(|name| argument(name));
        let missing_facts = MissingFact::ALL.into_iter().filter(|fact| lookup::is_told(*fact, operation, arguments));
        Self {
            provider: tool.provider,
            site: arguments.site(),
            workspace,
            repository: argument("repository"),
            projects: argument("project").into_iter().collect(),
            branches: branches.collect(),
            paths: named_paths::of_call(operation, arguments),
            space,
            lies_in: Vec::new(),
            trees: Vec::new(),
            labels: Vec::new(),
            around: lookup::located(operation, arguments).iter().find_map(|located| located.around),
            failing_checks: Vec::new(),
            extent,
            rows,
            rows_name_project: listed.is_some_and(|listed| listed.detail == Some(Detail::Project)),
            rows_name_files: listed.is_some_and(RowResource::names_files),
            missing_facts: missing_facts.collect(),
            target: arguments.target().to_owned(),
        }
    }
}

/// The arguments that name a branch which a call changes or shows.
const BRANCHES: [&str; 2] = ["destination", "branch"];

/// Whether that argument names the branch which a call is about. What has to name a commit is about that, whatever branch
/// it says that the commit is of.
fn names_branch(operation: &Operation, name: &str) -> bool {
    let is_of_commit = operation.parameter("commit").is_some_and(|commit| commit.presence == Presence::Required);
    operation.parameter(name).is_some_and(|parameter| matches!(parameter.kind, Kind::Reference) && !is_of_commit)
}

/// What the rows of an answer are about.
const fn listed(answer: &'static Answer) -> Option<&'static RowResource> {
    match answer {
        Answer::Rows(rows) | Answer::Source(Tree { listing: rows, .. }) => rows.resource.as_ref(),
        _ => None,
    }
}

impl<'a> Facts<'a> {
    /// The facts of a call with these arguments.
    pub fn of_call(settings: &Settings, caller: Caller<'a>, tool: &'a Tool, arguments: &Arguments) -> Self {
        let resource = Resource::of_call(tool, arguments);
        let tool = ToolFacts::of_call(settings, tool, arguments.site());
        Self { caller, tool, resource: Some(resource), gate: None, taint: TaintLevel::Clean }
    }

    /// The facts of an entry of a list, which names no resource yet.
    pub fn of_entry(settings: &Settings, caller: Caller<'a>, tool: &'a Tool) -> Self {
        Self { caller, tool: ToolFacts::of_entry(settings, tool), resource: None, gate: None, taint: TaintLevel::Clean }
    }

    /// The same for a call through that gate.
    pub fn through(self, gate: Option<Gate>) -> Self {
        Self { gate: gate.and_then(Gate::class), ..self }
    }

    /// The same for a grant that is tainted so.
    #[must_use]
    pub fn tainted(self, taint: TaintLevel) -> Self {
        Self { taint, ..self }
    }

    /// The same where a look-up has told that.
    #[must_use]
    pub fn with_fact(mut self, fact: MissingFact, names: &[String]) -> Self {
        if let Some(resource) = &mut self.resource {
            resource.missing_facts.retain(|missing_facts| *missing_facts != fact);
            match fact {
                MissingFact::Branch => resource.branches.extend_from_slice(names),
                MissingFact::FailingChecks => resource.failing_checks.extend_from_slice(names),
                MissingFact::Project => resource.projects.extend_from_slice(names),
                MissingFact::Space => resource.lies_in.extend_from_slice(names),
                MissingFact::Tree => resource.trees.extend_from_slice(names),
                MissingFact::Labels => resource.labels.extend_from_slice(names),
                MissingFact::Path => {}
            }
        }
        self
    }

    /// Whether it only lists things, of which some can be left out.
    pub fn lists_resources(&self) -> bool {
        let lists = |resource: &Resource| resource.rows.is_some() && resource.repository.is_none();
        self.tool.class == Class::Read && self.resource.as_ref().is_some_and(lists)
    }
}

impl<'a> ToolFacts<'a> {
    fn of_call(settings: &Settings, tool: &'a Tool, site: Option<Site>) -> Self {
        let sites: Vec<_> = site.map(|site| (site, settings.sites.accounts(site))).into_iter().collect();
        let account = site.filter(|_| sites.iter().all(|(_, kind)| kind.has_own()));
        Self::new(tool, account, sites)
    }

    /// What may run at one of the provider's sites is listed.
    fn of_entry(settings: &Settings, tool: &'a Tool) -> Self {
        let sites = tool.provider.into_iter().flat_map(|provider| settings.sites.of(provider));
        Self::new(tool, None, sites.map(|site| (site, settings.sites.accounts(site))).collect())
    }

    /// Those of the tool alone, wherever it may be called.
    pub fn of_tool(tool: &'a Tool) -> Self {
        Self::new(tool, None, Vec::new())
    }

    fn new(tool: &'a Tool, account: Option<Site>, sites: Vec<(Site, AccountKind)>) -> Self {
        Self {
            name: &tool.name,
            place: tool.place,
            definition_digest: tool.definition_digest(),
            class: tool.class,
            sensitivity: tool.sensitivity,
            account,
            sites,
        }
    }
}
