//! What one call is kept within, beyond what its decision could tell by its arguments: its search, what is looked up of it,
//! and the rows of its answer.

use super::{
    access_policy::Within,
    facts::{Extent, Resource as About},
};
use crate::{
    catalog::{
        arguments::Arguments,
        operation::{Operation, Resource},
        reach::{OutOfReach, Outside, Reach, Refusal},
    },
    providers::Site,
    upstream::RowFilter,
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
    pub fn of(reach: &Reach, within: &Within, operation: &Operation, arguments: &Arguments) -> Result<Self, Refusal> {
        let narrowed = arguments.site().zip(within.containers());
        let reach = narrowed.map_or_else(|| reach.clone(), |(site, names)| reach.narrowed(site, &names));
        let closed = arguments.site().map(|site| within.closed_spaces(site)).unwrap_or_default();
        let reach = reach.closing(closed);
        let arguments = reach.admit(operation, arguments.clone())?;
        Ok(Self { arguments, visible: Visible { reach, within: within.clone() } })
    }
}

/// Which rows of an answer its caller may see.
pub struct Visible {
    reach: Reach,
    within: Within,
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
            Resource::Repository => self.within.limits_repositories(),
            Resource::Workspace | Resource::Space => {
                let hides_one = self.within.except.iter().any(|one| one.site == site && one.repository.is_none());
                hides_one || self.reach.limits(site, of)
            }
        }
    }

    fn permits(&self, site: Site, of: Resource, names: &[&str], project: Option<&str>) -> bool {
        if !RowFilter::permits(&self.reach, site, of, names, project) {
            return false;
        }
        let mut named = names.iter().filter(|name| !name.starts_with('{')).peekable();
        named.peek().is_some()
            && named.all(|name| {
                let projects = project.map(str::to_owned).into_iter().collect();
                self.within.permits(&About { projects, ..about(site, of, name) })
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
        Resource::Repository => {
            let (workspace, repository) = name.split_once('/').unwrap_or((name, ""));
            about.workspace = Some(workspace.to_owned());
            about.repository = Some(repository.to_owned());
        }
    }
    about
}
