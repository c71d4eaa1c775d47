//! Pull requests: what they are, what they change, what is said of them, and what is done with them.

pub mod activity;
pub mod changes;
pub mod comments;
pub mod life;
pub mod list;
pub mod record;
pub mod review;
pub mod tasks;

pub use changes::GET_DIFF;
pub use list::LIST;
pub use record::GET;

use super::OF_REPOSITORY;
use crate::catalog::operation::{Field, Find, Kind, NamedSource, Parameter, Read, Scopes, Step, Unmoved};

// Reading, commenting and tasks need the same scope; approving, changing and merging need more.
const SCOPES: Scopes = Scopes { classic: &["pullrequest"], granular: &["read:pullrequest:bitbucket"] };
const WRITE_SCOPES: Scopes = Scopes {
    classic: &["pullrequest:write"],
    granular: &["read:pullrequest:bitbucket", "write:pullrequest:bitbucket"],
};

const TARGET: &str = "{workspace}/{repository}#{pull_request}";
const ALL_OF_REPOSITORY: &str = "/repositories/{workspace}/{repository}/pullrequests";
const THE_PULL_REQUEST: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}";
const ITS_DIFF: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/diff";
const ITS_DIFFSTAT: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/diffstat";
const ITS_COMMENTS: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/comments";
const ITS_TASKS: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/tasks";
const ITS_STATUSES: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/statuses";
const ITS_CHECKS: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/mergeability/checks";
const ITS_COMMITS: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/commits";
const ITS_ACTIVITY: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/activity";

const ALL_ARE_LISTED: &str = "bitbucket_list_pull_requests with state ALL lists the pull requests that exist.";
const LOOK_AT_IT: &str = "bitbucket_get_pull_request shows whether it happened";

const STATE: Parameter =
    Parameter::optional("state", "", Kind::Choice(&["OPEN", "MERGED", "DECLINED", "SUPERSEDED", "ALL"]), "OPEN")
        .or("OPEN");

/// The longest page that Bitbucket gives of most lists of a pull request.
const LONGEST_PAGE: NamedSource = NamedSource::fixed("pagelen", "100");

const HEAD_COMMIT: Find = Find { field: Field::exact("head", &["source.commit.hash"]), kind: Kind::Commit };
const INTO_BRANCH: Find = Find { field: Field::exact("branch", &["destination.branch.name"]), kind: Kind::Reference };

/// The commit at the head of the pull request, to which merges are bound.
static HEAD: Read = Read {
    path: THE_PULL_REQUEST,
    query: &[NamedSource::fixed("fields", "source.commit.hash")],
    finds: &[HEAD_COMMIT],
};

/// What approvals are bound to: the same commit can be sent into another branch.
static HEAD_AND_BRANCH: Read = Read {
    path: THE_PULL_REQUEST,
    query: &[NamedSource::fixed("fields", "source.commit.hash,destination.branch.name")],
    finds: &[HEAD_COMMIT, INTO_BRANCH],
};

/// The branch that it goes into.
pub static DESTINATION: Read = Read {
    path: THE_PULL_REQUEST,
    query: &[NamedSource::fixed("fields", "destination.branch.name")],
    finds: &[INTO_BRANCH],
};

/// Its merge checks that fail, with why. That there are any is demanded of the answer: without it nobody knows that none does.
pub static FAILING_CHECKS: Read = Read {
    path: ITS_CHECKS,
    query: &[],
    finds: &[
        Find {
            field: Field::label("failing", &["values.type", "values.reason"]).noted().only("values.status", "FAILED"),
            kind: Kind::Verbatim,
        },
        Find { field: Field::exact("size", &["size"]), kind: Kind::Integer { least: 0, most: i64::MAX } },
    ],
};

/// The commit that the caller decided on.
const COMMIT: Parameter = Parameter::required("commit", "Head commit you read", Kind::Commit, "1a2b3c4d5e6f");

/// Ends a call whose commit is no longer the head.
const AT_THE_HEAD: Step = Step::Unmoved(Unmoved { read: &HEAD, field: "head", argument: "commit" });
