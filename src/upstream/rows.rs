//! Which rows of an answer may be shown: one decision, for rows, for columns that are offered, and for what is counted.

use crate::{
    catalog::{
        operation::{Detail, Resource},
        reach::{OutOfReach, Outside, Reach},
    },
    providers::Site,
};

/// What else of a repository a row is about, where its list names that: `None` where the row does not.
pub type RowDetail<'a> = Option<(Detail, Option<&'a str>)>;

/// Decides by what a row is about whether it may be shown, before it is written.
pub trait RowFilter {
    /// Whether any row about such things at the site may be left out: then it is not said how many there are.
    fn limits(&self, site: Site, of: Resource) -> bool;

    /// Whether what has these names may be shown, with that detail of it. One that is open is enough, and of files all are.
    fn permits(&self, site: Site, of: Resource, names: &[&str], detail: RowDetail<'_>) -> bool;

    /// The refusal of a call about something at the site that may not be shown.
    fn refusal(&self, site: Site) -> OutOfReach;
}

/// The workspaces and spaces that the organisation limits Postern to.
impl RowFilter for Reach {
    fn limits(&self, site: Site, of: Resource) -> bool {
        of.can_be_limited() && self.is_limited(site)
    }

    fn permits(&self, site: Site, of: Resource, names: &[&str], _: RowDetail<'_>) -> bool {
        !of.can_be_limited() || names.iter().any(|name| Self::permits(self, site, name))
    }

    fn refusal(&self, site: Site) -> OutOfReach {
        Self::refusal(self, site, Outside::Hidden)
    }
}
