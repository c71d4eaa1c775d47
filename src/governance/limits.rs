//! What one call is kept within, beyond what its decision could tell by its arguments: its search, what is looked up of it,
//! and the rows of its answer.

use super::{
    access_policy::Within,
    facts::{Extent, Resource as About},
    named_paths::{NamedPath, PathScope},
};
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Detail, Operation, Resource},
        reach::{OutOfReach, Outside, Reach, Refusal},
    },
    providers::Site,
    upstream::{RowDetail, RowFilter},
};

/// The limits of one call.
pub struct Limits {
    /// The call's, limited where it is a search.
    pub arguments: Arguments,
    pub visible: Visible,
}

impl Limits {
    /// Those of a call that is decided on.
    ///
    /// # Errors
    /// Where it cannot be kept within them.
    pub fn of(
        reach: &Reach,
        within: &Within,
        operation: &Operation,
        arguments: &Arguments,
        resource: Option<&About>,
    ) -> Result<Self, Refusal> {
        let narrowed = arguments.site().zip(within.containers());
        let reach = narrowed.map_or_else(|| reach.clone(), |(site, names)| reach.narrowed(site, &names));
        let closed = arguments.site().map(|site| within.closed_spaces(site)).unwrap_or_default();
        let conditions = arguments.site().map(|site| within.search_conditions(site)).unwrap_or_default();
        let reach = reach.closing(closed, conditions);
        let arguments = reach.admit(operation, arguments.clone())?;
        let about = resource.filter(|_| within.limits_files()).cloned();
        Ok(Self { arguments, visible: Visible { reach, within: within.clone(), about } })
    }
}

/// Which rows of an answer its caller may see.
pub struct Visible {
    reach: Reach,
    within: Within,
    /// What the call is about, where its rows may be about files of that.
    about: Option<About>,
}

impl Visible {
    /// As [`Reach::admit`], for another call that shows the same.
    ///
    /// # Errors
    /// Where that call cannot be kept within it.
    pub fn admit(&self, operation: &Operation, arguments: Arguments) -> Result<Arguments, Refusal> {
        self.reach.admit(operation, arguments)
    }
}

impl RowFilter for Visible {
    fn limits(&self, site: Site, of: Resource) -> bool {
        match of {
            Resource::File => self.about.is_some(),
            Resource::Repository => self.within.limits_repositories(),
            Resource::Workspace | Resource::Space => {
                let hides_one = self
                    .within
                    .except
                    .iter()
                    .any(|one| one.site == site && one.repository.is_none() && !one.is_of_content());
                hides_one || self.reach.limits(site, of)
            }
        }
    }

    fn permits(&self, site: Site, of: Resource, names: &[&str], detail: RowDetail<'_>) -> bool {
        if !RowFilter::permits(&self.reach, site, of, names, detail) {
            return false;
        }
        if of == Resource::File {
            let paths: Vec<_> = names.iter().map(|name| NamedPath::file(name)).collect();
            let is_open = |about: &About| {
                let row = |path: &NamedPath| About { paths: vec![path.clone()], ..about.clone() };
                !paths.is_empty() && paths.iter().all(|path| self.within.permits(&row(path)))
            };
            return self.about.as_ref().is_none_or(is_open);
        }
        let mut named = names.iter().filter(|name| !name.starts_with('{')).peekable();
        named.peek().is_some()
            && named.all(|name| {
                let mut row = about(site, of, name);
                match detail {
                    Some((Detail::Project, named)) => row.projects.extend(named.map(str::to_owned)),
                    // What does not say in which file it lies may lie in any.
                    Some((Detail::File, None)) => {
                        row.paths.push(NamedPath { scope: PathScope::Below, ..NamedPath::file("") })
                    }
                    Some((Detail::File, Some(path))) => row.paths.push(NamedPath::file(path)),
                    None => {}
                }
                self.within.permits(&row)
            })
    }

    fn refusal(&self, site: Site) -> OutOfReach {
        let is_closed = self.within.only.is_empty() && !self.within.except.is_empty();
        self.reach.refusal(site, if is_closed { Outside::Closed } else { Outside::Hidden })
    }
}

/// What a row of that name is about.
pub(super) fn about(site: Site, of: Resource, name: &str) -> About {
    let mut about = About::at(Some(site), Extent::Named);
    match of {
        Resource::Workspace => about.workspace = Some(name.to_owned()),
        Resource::Space => about.space = Some(name.to_owned()),
        Resource::File => about.paths.push(NamedPath::file(name)),
        Resource::Repository => {
            let (workspace, repository) = name.split_once('/').unwrap_or((name, ""));
            about.workspace = Some(workspace.to_owned());
            about.repository = Some(repository.to_owned());
        }
    }
    about
}
