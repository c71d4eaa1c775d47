//! What a call is about that its arguments do not say, and its provider tells: into which branch a pull request goes, in
//! which project a repository lies, which merge checks fail, below which pages a page lies and how it is labelled.

use std::time::Duration;

use serde::Serialize;

use super::{
    LOOKUPS,
    arguments::Arguments,
    operation::{Bounds, Located, Operation, Read},
};
use crate::providers::Provider;

/// What is told of a call by a look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MissingFact {
    /// The branch that it changes or shows.
    Branch,
    /// The project that its repository lies in.
    Project,
    /// Which files it is about. Its arguments tell that, and the log of past calls does not.
    Path,
    /// The spaces that what it is about lies in.
    Space,
    /// The pages that each thing is or lies below.
    Tree,
    /// The labels of each thing.
    Labels,
    /// What its pull request's merge checks advise against.
    FailingChecks,
}

impl MissingFact {
    pub const ALL: [Self; 7] =
        [Self::Branch, Self::Project, Self::Path, Self::Space, Self::Tree, Self::Labels, Self::FailingChecks];

    /// What it is, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Branch => "its branch",
            Self::Project => "the project of its repository",
            Self::Path => "the files that it is about",
            Self::Space => "the space that it lies in",
            Self::Tree => "the pages that it lies below",
            Self::Labels => "its labels",
            Self::FailingChecks => "the merge checks that fail",
        }
    }

    /// Whether it is told of whatever lies in spaces, wherever a call names such.
    pub const fn is_of_content(self) -> bool {
        matches!(self, Self::Space | Self::Tree | Self::Labels)
    }

    /// How long it is taken to be as it was told: a merge goes where its pull request goes now, and a repository is seldom
    /// moved.
    pub const fn lasts(self) -> Duration {
        match self {
            Self::Branch | Self::Path | Self::FailingChecks => Duration::ZERO,
            Self::Project | Self::Space | Self::Tree | Self::Labels => Duration::from_mins(5),
        }
    }
}

/// How to find out what a call is about.
pub struct Lookup {
    pub provider: &'static Provider,
    pub tells: MissingFact,
    /// The argument that names the thing which is looked up.
    pub of: &'static str,
    /// Another argument, which tells the same where a call has it.
    pub unless: Option<&'static str>,
    /// The operation that makes the thing: it is not there yet.
    pub made_by: &'static str,
    /// What it finds first is what is told.
    pub read: &'static Read,
}

/// The look-up that tells it of a call; `None` where nothing does, or its arguments say it.
pub fn of(fact: MissingFact, operation: &Operation, arguments: &Arguments) -> Option<&'static Lookup> {
    let is_given = |name: &str| arguments.get(name).is_some();
    find(fact, operation, |lookup| is_given(lookup.of) && !lookup.unless.is_some_and(is_given))
}

/// What a call names that lies in spaces.
pub fn located(operation: &Operation, arguments: &Arguments) -> &'static [Located] {
    // Variants of a call are about the same.
    match operation.call.as_ref().filter(|_| arguments.site().is_some()).map(|call| &call.bounds) {
        Some(Bounds::Places(located)) => located,
        _ => &[],
    }
}

/// Whether a look-up tells it of a call.
pub fn is_told(fact: MissingFact, operation: &Operation, arguments: &Arguments) -> bool {
    if fact.is_of_content() {
        return located(operation, arguments).iter().any(|located| arguments.get(located.argument).is_some());
    }
    of(fact, operation, arguments).is_some()
}

/// Whether a look-up tells it of calls of this operation.
pub fn may_tell(fact: MissingFact, operation: &Operation) -> bool {
    if fact.is_of_content() {
        return matches!(operation.call.as_ref().map(|call| &call.bounds), Some(Bounds::Places(_)));
    }
    find(fact, operation, |lookup| operation.parameter(lookup.of).is_some()).is_some()
}

fn find(fact: MissingFact, operation: &Operation, fits: impl Fn(&Lookup) -> bool) -> Option<&'static Lookup> {
    let knows = |name: &str| operation.parameter(name).is_some();
    let is_of = |lookup: &&Lookup| {
        lookup.tells == fact && lookup.made_by != operation.name && operation.provider() == Some(lookup.provider)
    };
    let mut lookups = LOOKUPS.iter().copied().flatten().filter(is_of);
    lookups.find(|lookup| lookup.unless.is_none_or(knows) && fits(lookup))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::catalog::{all, arguments::validate};

    fn branch_of(tool: &str, given: &serde_json::Value) -> Option<&'static str> {
        let operation = all().find(|operation| operation.name == tool).expect("an operation");
        let arguments = validate(operation, given.as_object().expect("an object")).expect("arguments");
        of(MissingFact::Branch, operation, &arguments).map(|lookup| lookup.of)
    }

    #[test]
    fn the_branch_of_a_pull_request_is_told_by_it_and_of_a_new_one_by_its_repository() {
        let merge = json!({"workspace": "a", "repository": "b", "pull_request": 7, "commit": "0a1b2c3d"});
        assert_eq!(branch_of("bitbucket_merge_pull_request", &merge), Some("pull_request"));
        let create = |destination: &str| {
            let mut given = json!({"workspace": "a", "repository": "b", "source": "x", "title": "X"});
            if !destination.is_empty() {
                given["destination"] = destination.into();
            }
            branch_of("bitbucket_create_pull_request", &given)
        };
        assert_eq!((create(""), create("dev")), (Some("source"), None));
        assert_eq!(branch_of("bitbucket_get_repository", &json!({"workspace": "a", "repository": "b"})), None);
    }

    #[test]
    fn the_project_of_a_repository_is_told_but_of_one_that_is_not_there_yet() {
        for operation in all().filter(|operation| operation.parameter("repository").is_some()) {
            let is_made = operation.name == "bitbucket_create_repository";
            assert_eq!(may_tell(MissingFact::Project, operation), !is_made, "{}", operation.name);
        }
    }

    #[test]
    fn whatever_names_a_pull_request_can_be_told_its_branch() {
        for operation in all().filter(|operation| operation.parameter("pull_request").is_some()) {
            assert!(may_tell(MissingFact::Branch, operation), "{}", operation.name);
        }
    }
}
