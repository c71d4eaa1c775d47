//! What of a provider a profile or a rule is about.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    path,
    pattern::{Matches, Pattern},
};
use crate::{
    catalog::{cql::SomePages, lookup::MissingFact, operation::Around},
    governance::facts::{Extent, Resource, UNKNOWN},
    providers::Site,
};

/// Something at a site: all of it, a workspace or space, a project of a workspace, some of its repositories, some of their
/// branches and files; a page with all below it, or what has a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceCondition {
    pub site: Site,
    /// The slug of a workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// The key of a project of that workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The slugs of repositories of that workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<Pattern>,
    /// Branches of those repositories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<Pattern>,
    /// Files of those repositories, and directories with all that lies below them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Pattern>,
    /// The key of a space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub space: Option<String>,
    /// The id of a page, or of what else stands in the tree of pages: it is meant with all that lies below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub under: Option<String>,
    /// A label of pages and blog posts, with what is on them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// An identifier in the place of a slug, which Bitbucket takes wherever it takes a slug. A pattern cannot tell whose it is.
fn is_uuid(name: &str) -> bool {
    name.starts_with('{')
}

/// Whether a name is the one that a condition wants.
fn named<W: ?Sized>(wanted: Option<&W>, name: Option<&str>, matches: impl Fn(&W, &str) -> bool) -> Matches {
    match (wanted, name) {
        (None, _) => Matches::Yes,
        (Some(_), None) => Matches::Perhaps,
        (Some(wanted), Some(name)) if matches(wanted, name) => Matches::Yes,
        (Some(_), Some(name)) if is_uuid(name) => Matches::Perhaps,
        _ => Matches::No,
    }
}

/// Whether what a call is about lies in that space, as its arguments or a look-up tell.
fn of_space(key: &str, resource: &Resource) -> Matches {
    let is_named = |name: &String| if key.eq_ignore_ascii_case(name) { Matches::Yes } else { Matches::No };
    match &resource.space {
        Some(space) => is_named(space),
        None => of_all(&resource.lies_in, false, is_named),
    }
}

/// Whether the branches that a call is about are of a pattern: perhaps, where some are or not all are known.
fn of_branches(pattern: &Pattern, resource: &Resource) -> Matches {
    of_all(&resource.branches, resource.missing_facts.contains(&MissingFact::Branch), |name| {
        pattern.matches_exactly(name)
    })
}

/// The same of a project and those that a call is about.
fn of_projects(key: &str, resource: &Resource) -> Matches {
    let is_named = |name: &String| if key.eq_ignore_ascii_case(name) { Matches::Yes } else { Matches::No };
    of_all(&resource.projects, resource.missing_facts.contains(&MissingFact::Project), is_named)
}

/// The same of the files that a call names. One that names none may be about any.
fn of_paths(pattern: &Pattern, resource: &Resource) -> Matches {
    of_all(&resource.paths, false, |named| path::of_path(pattern, named))
}

/// The same of the things that a call names, each as a list of its pages or labels with spaces between them.
fn of_things(fact: MissingFact, name: &str, things: &[String], resource: &Resource) -> Matches {
    of_all(things, resource.missing_facts.contains(&fact), |names| {
        let has = |wanted: &str| names.split(' ').any(|name| name.eq_ignore_ascii_case(wanted));
        match (fact, resource.around) {
            // What lies around a page need not have its labels.
            (MissingFact::Labels, Some(_)) => Matches::Perhaps,
            (MissingFact::Tree, Some(Around::Above)) if has(name) => Matches::Perhaps,
            (MissingFact::Tree, Some(Around::Below)) if !has(name) => Matches::Perhaps,
            _ if has(name) => Matches::Yes,
            _ if has(UNKNOWN) => Matches::Perhaps,
            _ => Matches::No,
        }
    })
}

fn of_all<T>(known: &[T], goes_on: bool, matches: impl Fn(&T) -> Matches) -> Matches {
    let unknown = goes_on.then_some(Matches::Perhaps);
    known.iter().map(matches).chain(unknown).reduce(Matches::alike).unwrap_or(Matches::Perhaps)
}

impl ResourceCondition {
    /// All of a site.
    pub const fn of_site(site: Site) -> Self {
        Self {
            site,
            workspace: None,
            project: None,
            repository: None,
            branch: None,
            path: None,
            space: None,
            under: None,
            label: None,
        }
    }

    /// Whether it is of some pages alone, wherever they are.
    pub const fn is_of_content(&self) -> bool {
        self.under.is_some() || self.label.is_some()
    }

    /// As a search has it.
    fn pages(&self) -> SomePages<'_> {
        let Self { space, under, label, .. } = self;
        SomePages { space: space.as_deref(), under: under.as_deref(), label: label.as_deref() }
    }

    /// The workspace or space that it names.
    pub fn container(&self) -> Option<&str> {
        self.workspace.as_deref().or(self.space.as_deref())
    }

    /// Whether a call is about it. What is about a whole workspace is perhaps about each of its repositories, for it shows
    /// or changes them too.
    pub fn matches(&self, resource: &Resource) -> Matches {
        match resource.site {
            None => return Matches::No,
            Some(site) if site != self.site => return Matches::No,
            Some(_) => {}
        }
        if matches!(resource.extent, Extent::Nothing) && (self.container().is_some() || self.is_of_content()) {
            return Matches::No;
        }
        let same = |wanted: &str, name: &str| wanted.eq_ignore_ascii_case(name);
        named(self.workspace.as_deref(), resource.workspace.as_deref(), same)
            .and(self.space.as_deref().map_or(Matches::Yes, |key| of_space(key, resource)))
            .and(
                self.under
                    .as_ref()
                    .map_or(Matches::Yes, |page| of_things(MissingFact::Tree, page, &resource.trees, resource)),
            )
            .and(
                self.label
                    .as_ref()
                    .map_or(Matches::Yes, |label| of_things(MissingFact::Labels, label, &resource.labels, resource)),
            )
            .and(named(self.repository.as_ref(), resource.repository.as_deref(), Pattern::matches))
            .and(self.project.as_ref().map_or(Matches::Yes, |key| of_projects(key, resource)))
            .and(self.branch.as_ref().map_or(Matches::Yes, |branch| of_branches(branch, resource)))
            .and(self.path.as_ref().map_or(Matches::Yes, |path| of_paths(path, resource)))
    }

    /// What a look-up would tell of a call that is perhaps about it, so that it is known.
    pub(super) fn depends_on(&self, resource: &Resource) -> impl Iterator<Item = MissingFact> {
        let is_named = |fact: &MissingFact| match fact {
            MissingFact::Branch => self.branch.is_some(),
            MissingFact::Project => self.project.is_some(),
            MissingFact::Path => self.path.is_some(),
            // A space alone is looked up when the call is sent.
            MissingFact::Space => self.space.is_some() && self.is_of_content() && resource.space.is_none(),
            MissingFact::Tree => self.under.is_some(),
            MissingFact::Labels => self.label.is_some(),
            MissingFact::FailingChecks => false,
        };
        let depends = self.matches(resource) == Matches::Perhaps;
        resource.missing_facts.iter().copied().filter(move |fact| depends && is_named(fact))
    }

    /// Whether a call is about it for certain.
    pub fn is_certainly(&self, resource: &Resource) -> bool {
        self.matches(resource) == Matches::Yes
    }

    /// Whether a call is about one of these; where there are none, whatever it is about.
    pub fn any_matches(conditions: &[Self], resource: Option<&Resource>) -> Matches {
        if conditions.is_empty() {
            return Matches::Yes;
        }
        let Some(resource) = resource else { return Matches::Perhaps };
        conditions.iter().map(|condition| condition.matches(resource)).fold(Matches::No, Matches::or)
    }
}

/// What the request and the answer of a call are kept within at its site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Within {
    /// What the caller's profiles name, each of it at that site; everything where there is nothing.
    pub only: Vec<ResourceCondition>,
    /// What rules take out of lists.
    pub except: Vec<ResourceCondition>,
}

impl Within {
    /// Everything may be reached.
    pub const NONE: Self = Self { only: Vec::new(), except: Vec::new() };

    /// The workspaces and spaces that may be reached; `None` where every one may.
    pub fn containers(&self) -> Option<Vec<String>> {
        let named = |one: &ResourceCondition| one.container().filter(|_| !one.is_of_content()).map(str::to_owned);
        let containers: Option<Vec<_>> = self.only.iter().map(named).collect();
        containers.filter(|containers| !containers.is_empty())
    }

    /// The spaces of a site that are closed.
    pub fn closed_spaces(&self, site: Site) -> Vec<String> {
        let of_site = self.except.iter().filter(|one| one.site == site && !one.is_of_content());
        of_site.filter_map(|one| one.space.clone()).collect()
    }

    /// What a search at a site has to find or not to find, in conditions of CQL.
    pub fn search_conditions(&self, site: Site) -> Vec<String> {
        let closed = self.except.iter().filter(|one| one.site == site && one.is_of_content());
        let mut conditions: Vec<String> = closed.map(|one| one.pages().none()).collect();
        if self.only.iter().any(ResourceCondition::is_of_content) {
            let open = self.only.iter().map(|one| match (&one.space, one.is_of_content()) {
                (Some(space), false) => format!("space in (\"{space}\")"),
                _ => one.pages().only(),
            });
            conditions.push(format!("({})", open.collect::<Vec<_>>().join(" or ")));
        }
        conditions
    }

    /// Whether some repositories may not be reached.
    pub fn limits_repositories(&self) -> bool {
        self.only.iter().chain(&self.except).any(|one| one.repository.is_some() || one.project.is_some())
    }

    /// Whether some files may not be reached.
    pub fn limits_files(&self) -> bool {
        self.only.iter().chain(&self.except).any(|one| one.path.is_some())
    }

    /// Whether a row about this may be shown.
    pub fn permits(&self, row: &Resource) -> bool {
        let fits = |condition: &ResourceCondition| condition.matches(row) == Matches::Yes;
        // What is about no file is not closed with some of them, nor a space with some of its pages.
        let is_of_kind = |condition: &ResourceCondition| {
            (condition.path.is_none() || !row.paths.is_empty()) && !condition.is_of_content()
        };
        let may_fit = |condition: &ResourceCondition| is_of_kind(condition) && condition.matches(row) != Matches::No;
        (self.only.is_empty() || self.only.iter().any(fits)) && !self.except.iter().any(may_fit)
    }

    /// What may be reached, for whoever wants more.
    pub fn words(&self) -> String {
        let words: Vec<Cow<'_, str>> = self.only.iter().map(ResourceCondition::words).collect();
        words.join(", ")
    }
}

/// A line that names nothing at a site.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` names nothing: write `SITE`, `SITE WORKSPACE/REPOSITORY in PROJECT at BRANCH path PATH` or `SITE KEY under PAGE labelled LABEL`, with `*` for any characters of a repository, branch or path"
)]
pub struct NoResource(String);

/// One line of a form: the site, a space or a workspace with repositories, a project after `in`, branches after `at`, and all
/// that follows `path`; of a site with spaces, a page after `under` and a label after `labelled`.
impl FromStr for ResourceCondition {
    type Err = NoResource;

    fn from_str(line: &str) -> Result<Self, NoResource> {
        let refused = || NoResource(line.to_owned());
        let (before, file) =
            line.split_once(" path ").map_or((line, None), |(before, file)| (before, Some(file.trim())));
        let mut words = before.split_whitespace();
        let site = words.next().and_then(Site::parse).ok_or_else(refused)?;
        let mut named: Vec<&str> = words.collect();
        let is_of_spaces = site.provider.limit.has(SPACE);
        let mut last = |word: &str| match *named {
            [.., before, value] if is_of_spaces && before == word => {
                named.truncate(named.len() - 2);
                Some(value.to_owned())
            }
            _ => None,
        };
        let label = last("labelled");
        let under = last("under");
        let (named, project, branch) = match *named {
            [] => (None, None, None),
            [named] => (Some(named), None, None),
            [named, "in", project] => (Some(named), Some(project.to_owned()), None),
            [named, "at", branch] => (Some(named), None, Some(branch)),
            [named, "in", project, "at", branch] => (Some(named), Some(project.to_owned()), Some(branch)),
            _ => return Err(refused()),
        };
        let (container, repository) = match named {
            None => (None, None),
            Some(named) => match named.split_once('/') {
                None => (Some(named), None),
                Some((workspace, repository)) => (Some(workspace), Some(repository)),
            },
        };
        let pattern = |text: &str| Pattern(text.to_owned());
        let container = container.map(str::to_owned);
        let (workspace, space) = if is_of_spaces { (None, container) } else { (container, None) };
        let (repository, branch, path) = (repository.map(pattern), branch.map(pattern), file.map(pattern));
        Ok(Self { workspace, project, repository, branch, path, space, under, label, ..Self::of_site(site) })
    }
}

/// As a form takes it.
impl fmt::Display for ResourceCondition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.site)?;
        let names_some = self.container().is_some() || self.is_of_content();
        if names_some { write!(formatter, " {}", self.words()) } else { Ok(()) }
    }
}

/// The member that names a space, and what a provider calls it.
pub(super) const SPACE: &str = "space";

impl ResourceCondition {
    /// As a person reads it: `acme/web-* at release/* path docs`.
    pub fn words(&self) -> Cow<'_, str> {
        let container = self.container().unwrap_or_default();
        if container.is_empty() && !self.is_of_content() {
            return self.site.title().into();
        }
        let repository = self.repository.as_ref().map(|pattern| format!("/{}", pattern.0)).unwrap_or_default();
        let project = self.project.as_ref().map(|key| format!(" in {key}")).unwrap_or_default();
        let branch = self.branch.as_ref().map(|pattern| format!(" at {}", pattern.0)).unwrap_or_default();
        let path = self.path.as_ref().map(|pattern| format!(" path {}", pattern.0)).unwrap_or_default();
        let under = self.under.as_ref().map(|page| format!(" under {page}")).unwrap_or_default();
        let label = self.label.as_ref().map(|label| format!(" labelled {label}")).unwrap_or_default();
        format!("{container}{repository}{project}{branch}{path}{under}{label}").trim_start().to_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::BITBUCKET;

    fn pattern(text: &str) -> Pattern {
        Pattern(text.to_owned())
    }

    fn resource(workspace: Option<&str>, repository: Option<&str>) -> Resource {
        Resource {
            workspace: workspace.map(str::to_owned),
            repository: repository.map(str::to_owned),
            ..Resource::at(Some(Site::main(&BITBUCKET)), Extent::Named)
        }
    }

    fn web() -> ResourceCondition {
        ResourceCondition {
            workspace: Some("acme".to_owned()),
            repository: Some(pattern("web-*")),
            ..ResourceCondition::of_site(Site::main(&BITBUCKET))
        }
    }

    #[test]
    fn a_call_is_about_what_its_arguments_name() {
        for (workspace, repository, matches) in [
            (Some("acme"), Some("web-shop"), Matches::Yes),
            (Some("ACME"), Some("web-shop"), Matches::Yes),
            (Some("acme"), Some("billing"), Matches::No),
            (Some("other"), Some("web-shop"), Matches::No),
            (Some("acme"), None, Matches::Perhaps),
            (None, None, Matches::Perhaps),
            (Some("acme"), Some("{0f1e2d3c}"), Matches::Perhaps),
            (Some("{0f1e2d3c}"), Some("billing"), Matches::No),
        ] {
            assert_eq!(web().matches(&resource(workspace, repository)), matches, "{workspace:?} {repository:?}");
        }
    }

    #[test]
    fn a_line_of_a_form_is_read_as_it_is_written() {
        for line in [
            "bitbucket",
            "bitbucket acme",
            "bitbucket acme/web-* at release/*",
            "bitbucket acme in WEB",
            "bitbucket acme/* in WEB at main",
            "bitbucket acme/web path docs/a path/b  c",
            "bitbucket acme/* in WEB at main path *.pem",
            "confluence/eu ENG",
            "confluence ENG under 98305 labelled secret",
            "confluence labelled secret",
            "confluence under 98305",
        ] {
            assert_eq!(line.parse::<ResourceCondition>().unwrap().to_string(), line);
        }
        assert_eq!("confluence ENG".parse::<ResourceCondition>().unwrap().space.as_deref(), Some("ENG"));
        for line in ["", "acme/web", "bitbucket acme web", "bitbucket acme/web at", "bitbucket acme web path docs"] {
            assert!(line.parse::<ResourceCondition>().is_err(), "{line}");
        }
    }

    #[test]
    fn rows_are_shown_that_are_within_and_not_excepted() {
        let billing = ResourceCondition { repository: Some(pattern("web-billing")), ..web() };
        let within = Within { only: vec![web()], except: vec![billing] };
        let permits = |repository| within.permits(&resource(Some("acme"), Some(repository)));
        assert!(permits("web-shop") && !permits("billing") && !permits("web-billing"));
        assert_eq!(within.containers(), Some(vec!["acme".to_owned()]));
        let in_ops = ResourceCondition { project: Some("OPS".to_owned()), repository: None, ..web() };
        let within = Within { only: Vec::new(), except: vec![in_ops] };
        let of = |projects: &[&str]| Resource {
            projects: projects.iter().map(|key| (*key).to_owned()).collect(),
            ..resource(Some("acme"), Some("web-shop"))
        };
        assert!(within.permits(&of(&["WEB"])) && !within.permits(&of(&["ops"])) && !within.permits(&of(&[])));
        assert!(Within::NONE.permits(&resource(Some("any"), Some("thing"))));
    }
}
