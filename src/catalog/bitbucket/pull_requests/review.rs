//! The verdict on a pull request.

use super::{
    super::{PULL_REQUEST, REPOSITORY, WORKSPACE, delete, post},
    ALL_ARE_LISTED, AT_THE_HEAD, COMMIT, HEAD_AND_BRANCH, LOOK_AT_IT, TARGET, WRITE_SCOPES,
};
use crate::catalog::operation::{Answer, Call, Kind, Operation, Parameter, Scopes, Undo, Variant, When};

pub const ALL: &[&Operation] = &[&REVIEW];

const APPROVAL: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/approve";
const REQUEST: &str = "/repositories/{workspace}/{repository}/pullrequests/{pull_request}/request-changes";
const TAKING_BACK: Scopes = Scopes { classic: &["pullrequest:write"], granular: &["write:pullrequest:bitbucket"] };

const VERDICT: Parameter = Parameter::required(
    "verdict",
    "",
    Kind::Choice(&["approve", "unapprove", "request_changes", "withdraw_request"]),
    "approve",
);

const fn undone_by(verdict: &'static [(&'static str, &'static str)]) -> Undo {
    Undo { tool: "bitbucket_review", answered: &[], fixed: verdict, found: &[] }
}

/// A verdict on what the caller has read.
const fn at_the_head(call: Call, verdict: &'static [(&'static str, &'static str)]) -> Call {
    taken_back(call.before(&[AT_THE_HEAD]), verdict)
}

/// What is taken back is so wherever the head is by now.
const fn taken_back(call: Call, verdict: &'static [(&'static str, &'static str)]) -> Call {
    call.when_missing(ALL_ARE_LISTED).when_unknown(LOOK_AT_IT).undo(undone_by(verdict))
}

const APPROVE: Call = at_the_head(
    post(APPROVAL, WRITE_SCOPES, Answer::Done("approved {workspace}/{repository}#{pull_request} at {commit}")),
    &[("verdict", "unapprove")],
);
static UNAPPROVE: Call = taken_back(
    delete(APPROVAL, TAKING_BACK, Answer::Done("took the approval of {workspace}/{repository}#{pull_request} back")),
    &[("verdict", "approve")],
);
static REQUEST_CHANGES: Call = at_the_head(
    post(
        REQUEST,
        WRITE_SCOPES,
        Answer::Done("requested changes of {workspace}/{repository}#{pull_request} at {commit}"),
    ),
    &[("verdict", "withdraw_request")],
);
static WITHDRAW: Call = taken_back(
    delete(
        REQUEST,
        TAKING_BACK,
        Answer::Done("withdrew the request for changes of {workspace}/{repository}#{pull_request}"),
    ),
    &[("verdict", "request_changes")],
);

pub static REVIEW: Operation =
    Operation::write("bitbucket_review", "Review a Bitbucket pull request", "approve pull requests or request changes")
        .description("Give your verdict on a pull request at the commit you read.")
        .parameters(&[WORKSPACE, REPOSITORY, PULL_REQUEST, VERDICT, COMMIT])
        .core()
        .target(TARGET)
        .bound_to(&HEAD_AND_BRANCH)
        .call(APPROVE)
        .variants(&[
            Variant::call(&[When::Is("verdict", "unapprove")], &UNAPPROVE),
            Variant::call(&[When::Is("verdict", "request_changes")], &REQUEST_CHANGES),
            Variant::call(&[When::Is("verdict", "withdraw_request")], &WITHDRAW),
        ]);
