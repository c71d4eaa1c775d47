//! Restrictions on branches: who may push, merge and delete, and what a merge needs.

use super::{
    ADMIN_SCOPES, CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE,
    delete, get, limit, line, post, put, rows,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Source};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &CREATE_FOR_TYPE, &UPDATE, &DELETE];

const RESTRICTIONS: &str = "/repositories/{workspace}/{repository}/branch-restrictions";
const THE_RESTRICTION: &str = "/repositories/{workspace}/{repository}/branch-restrictions/{restriction}";
const TARGET: &str = "{workspace}/{repository}, restriction {restriction}";
const ARE_LISTED: &str = "bitbucket_list_branch_restrictions lists the restrictions that there are.";
const LOOK: &str = "look with bitbucket_list_branch_restrictions whether it happened before repeating";
const KINDS: Kind = Kind::Choice(&[
    "push",
    "delete",
    "force",
    "restrict_merges",
    "require_tasks_to_be_completed",
    "require_approvals_to_merge",
    "require_review_group_approvals_to_merge",
    "require_default_reviewer_approvals_to_merge",
    "require_no_changes_requested",
    "require_passing_builds_to_merge",
    "require_commits_behind",
    "reset_pullrequest_approvals_on_change",
    "smart_reset_pullrequest_approvals",
    "reset_pullrequest_changes_requested_on_change",
    "require_all_dependencies_merged",
    "enforce_merge_checks",
    "allow_auto_merge_when_builds_pass",
    "require_all_comments_resolved",
]);
const TYPES: Kind = Kind::Choice(&["feature", "bugfix", "release", "hotfix", "development", "production"]);

const RESTRICTION: Parameter =
    Parameter::required("restriction", "Restriction id", Kind::Integer { least: 1, most: i64::MAX }, "12");
const KIND: Parameter =
    Parameter::required("kind", "What is restricted or required", KINDS, "require_approvals_to_merge");
const ONLY_KIND: Parameter = Parameter::optional("kind", "Only of this kind", KINDS, "push");
const MATCH: Parameter = Parameter::optional(
    "match",
    "By pattern, or by type of the branching model",
    Kind::Choice(&["glob", "branching_model"]),
    "glob",
);
const PATTERN: Parameter = line("pattern", "Branches; `*` for anything", 255, "main");
const BRANCH_TYPE: Parameter =
    Parameter::optional("branch_type", "Type, where `match` is branching_model", TYPES, "release");
const VALUE: Parameter =
    Parameter::optional("value", "How many, where the kind counts", Kind::Integer { least: 0, most: 1_000 }, "2");
const USERS: Parameter = Parameter::optional(
    "users",
    "UUIDs of people exempt, for push and restrict_merges",
    Kind::List { of: &Kind::Key, most: 100 },
    "[\"{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}\"]",
);
const GROUPS: Parameter = Parameter::optional(
    "groups",
    "Slugs of groups exempt, likewise",
    Kind::List { of: &Kind::Slug, most: 100 },
    "[\"developers\"]",
);

const FIELDS: &[Field] = &[
    Field::label("restriction", &["id"]),
    Field::label("kind", &["kind"]),
    Field::label("branches", &["pattern", "branch_type"]),
    Field::label("match", &["branch_match_kind"]),
    Field::label("value", &["value"]),
    Field::people("people exempt", &["users.display_name", "users.uuid"]),
    Field::label("groups exempt", &["groups.slug"]),
];
const ROWS: Rows = rows(FIELDS, "No restriction here matches: leave `kind` and `pattern` out to see all.");

pub static LIST: Operation =
    Operation::read("bitbucket_list_branch_restrictions", "List Bitbucket branch restrictions", "branch rules")
        .description("List a repository's branch permissions and merge checks: who may push, and what a merge needs.")
        .parameters(&[WORKSPACE, REPOSITORY, ONLY_KIND, PATTERN, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(
            get(RESTRICTIONS, ADMIN_SCOPES, Answer::Rows(ROWS))
                .query(&[ONLY, NamedSource::argument("pattern", "pattern"), PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(REPOSITORIES_ARE_LISTED),
        );
const ONLY: NamedSource = NamedSource::argument("kind", "kind");

pub static GET: Operation =
    Operation::read("bitbucket_get_branch_restriction", "Get a Bitbucket branch restriction", "branch rules")
        .description("Show one restriction on branches, with the people and groups that are exempt from it.")
        .parameters(&[WORKSPACE, REPOSITORY, RESTRICTION])
        .target(TARGET)
        .call(
            get(THE_RESTRICTION, ADMIN_SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(ARE_LISTED),
        );

const ITS_ID: &[(&str, &str)] = &[("restriction", "id")];
const BRANCHES: Parameter =
    Parameter::required("pattern", "Branches; `*` for anything", Kind::Line { longest: 255 }, "release/*");

pub static CREATE: Operation =
    Operation::write("bitbucket_create_branch_restriction", "Restrict Bitbucket branches", "change branch rules")
        .description(
            "Protect branches: limit who may push, merge, delete or rewrite; require approvals, builds or tasks.",
        )
        .parameters(&[WORKSPACE, REPOSITORY, KIND, BRANCHES, VALUE, USERS, GROUPS])
        .target("{workspace}/{repository}, {kind} on {pattern}")
        .call(
            post(RESTRICTIONS, ADMIN_SCOPES, Answer::Record(FIELDS))
                .body(Body::Json(BY_PATTERN))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_branch_restriction", ITS_ID),
        );
const BY_PATTERN: &[Member] = &[
    Member::argument("kind", "kind"),
    Member::of("branch_match_kind", Source::Fixed("glob")),
    Member::argument("pattern", "pattern"),
    Member::argument("value", "value"),
    Member::argument("users[].uuid", "users"),
    Member::argument("groups[].slug", "groups"),
];

pub static CREATE_FOR_TYPE: Operation =
    Operation::write("bitbucket_restrict_branch_type", "Restrict a type of Bitbucket branch", "change branch rules")
        .description(
            "Protect the branches of one type of the branching model, such as all release branches, or production.",
        )
        .parameters(&[WORKSPACE, REPOSITORY, KIND, OF_TYPE, VALUE, USERS, GROUPS])
        .target("{workspace}/{repository}, {kind} on {branch_type}")
        .call(
            post(RESTRICTIONS, ADMIN_SCOPES, Answer::Record(FIELDS))
                .body(BY_TYPE)
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_branch_restriction", ITS_ID),
        );
const OF_TYPE: Parameter = Parameter::required("branch_type", "Type of branches", TYPES, "release");
const BY_TYPE: Body = Body::Json(&[
    Member::argument("kind", "kind"),
    Member::of("branch_match_kind", Source::Fixed("branching_model")),
    Member::argument("branch_type", "branch_type"),
    Member::of("pattern", Source::Fixed("")),
    Member::argument("value", "value"),
    Member::argument("users[].uuid", "users"),
    Member::argument("groups[].slug", "groups"),
]);

const WRITTEN: &[Member] = &[
    Member::argument("kind", "kind"),
    Member::argument("branch_match_kind", "match"),
    Member::argument("pattern", "pattern"),
    Member::argument("branch_type", "branch_type"),
    Member::argument("value", "value"),
    Member::argument("users[].uuid", "users"),
    Member::argument("groups[].slug", "groups"),
];

pub static UPDATE: Operation = Operation::write(
    "bitbucket_update_branch_restriction",
    "Change a Bitbucket branch restriction",
    "change branch rules",
)
.description("Change which branches a restriction is of, how many it counts, or who is exempt; what is left out stays.")
.parameters(&[WORKSPACE, REPOSITORY, RESTRICTION, KIND, MATCH, PATTERN, BRANCH_TYPE, VALUE, USERS, GROUPS])
.target(TARGET)
.call(
    put(THE_RESTRICTION, ADMIN_SCOPES, Answer::Record(FIELDS))
        .body(Body::Json(WRITTEN))
        .when_missing(ARE_LISTED)
        .when_unknown(LOOK),
);

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_branch_restriction",
    "Delete a Bitbucket branch restriction",
    "rules of branches",
)
.description("Take a restriction away: the branches are no longer protected by it.")
.parameters(&[WORKSPACE, REPOSITORY, RESTRICTION])
.target(TARGET)
.call(
    delete(THE_RESTRICTION, ADMIN_SCOPES, Answer::Done("deleted restriction {restriction}"))
        .when_missing(ARE_LISTED)
        .when_unknown(LOOK),
);
