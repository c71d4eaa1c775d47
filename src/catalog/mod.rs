//! Every operation as data, a file per area. Adding one is one entry in one file and its line in [`ALL`].

pub mod address;
pub mod arguments;
mod bitbucket;
mod canonical;
pub mod completion;
mod confluence;
mod cql;
pub mod operation;
mod postern;
pub mod prompt;
pub mod reach;
pub mod resource;
pub mod schema;
#[cfg(test)]
mod tracker;
pub mod uri_template;
pub mod value;

use operation::Operation;

/// Every operation, in the order of `tools/list`. The first one can be called without arguments.
pub const ALL: &[&Operation] = &[
    &postern::WHOAMI,
    &bitbucket::workspaces::LIST,
    &bitbucket::repositories::LIST,
    &bitbucket::repositories::GET,
    &bitbucket::branches::LIST,
    &bitbucket::pull_requests::LIST,
    &bitbucket::pull_requests::GET,
    &bitbucket::pull_requests::GET_DIFF,
    &bitbucket::pull_requests::ADD_COMMENT,
    &bitbucket::source::GET_FILE,
    &confluence::search::SEARCH,
    &confluence::spaces::LIST,
    &confluence::pages::GET,
    #[cfg(test)]
    &tracker::LIST,
    #[cfg(test)]
    &tracker::CLOSE,
];

/// The operation of that name.
#[cfg(any(test, feature = "fuzzing"))]
pub fn find(name: &str) -> Option<&'static Operation> {
    ALL.iter().copied().find(|operation| operation.name == name)
}

#[cfg(test)]
mod tests;
