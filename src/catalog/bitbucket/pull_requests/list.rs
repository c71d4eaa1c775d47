//! Which pull requests there are: of a repository, of a person, with a commit.

use super::{
    super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, get, limit, rows},
    ALL_OF_REPOSITORY, OF_REPOSITORY, SCOPES, STATE,
};
use crate::catalog::operation::{
    Answer, Call, Condition, Each, Field, Find, Kind, NamedSource, Operation, Parameter, Read, Resource, Rows, Source,
    Step, Variant, When,
};

pub const ALL: &[&Operation] = &[&LIST, &OF_USER, &OF_COMMIT];

const REPOSITORY_OR_ALL: Parameter = Parameter::optional("repository", "Repository slug", Kind::Slug, "backend");
const WHO: Parameter =
    Parameter::optional("who", "", Kind::Choice(&["anyone", "author_me", "reviewer_me"]), "anyone").or("anyone");
const SINCE: Parameter = Parameter::optional("since", "Updated since", Kind::Day, "2026-10-01");

const NONE: &str = "No pull request in this state: state ALL shows those that are merged, declined or superseded.";
const ROWS: Rows = rows(
    &[
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::person("author", &["author.display_name"]),
        Field::label("state", &["state"]),
        Field::label("draft", &["draft"]),
        Field::label("source", &["source.branch.name"]),
        Field::label("destination", &["destination.branch.name"]),
        Field::label("comments", &["comment_count"]),
        Field::moment("updated", &["updated_on"]),
    ],
    NONE,
);
const ROWS_OF_ALL_REPOSITORIES: Rows = rows(
    &[
        Field::label("repository", &["destination.repository.name"]),
        Field::label("id", &["id"]),
        Field::label("title", &["title"]),
        Field::person("author", &["author.display_name"]),
        Field::label("state", &["state"]),
        Field::label("source", &["source.branch.name"]),
        Field::label("comments", &["comment_count"]),
        Field::moment("updated", &["updated_on"]),
    ],
    NONE,
)
.about(Resource::Repository, &["destination.repository.full_name"]);

const STATES: NamedSource = NamedSource::of("state", Source::ChoiceOrAll("state"));
const NEWEST_FIRST: NamedSource = NamedSource::fixed("sort", "-updated_on");
const IN_STATE: Condition = Condition::equals("state", Source::ChoiceOrAll("state"));
const SINCE_THEN: Condition = Condition::of("updated_on", ">=", Source::Argument("since"));

const WORKSPACES_ARE_LISTED: &str = "bitbucket_list_workspaces lists the workspaces you belong to.";

/// Who asks.
const ME: Step = Step::Read(Read {
    path: "/user",
    query: &[NamedSource::fixed("fields", "uuid")],
    finds: &[Find { field: Field::exact("me", &["uuid"]), kind: Kind::Key }],
});

const OF_ANYONE: Call = get(ALL_OF_REPOSITORY, SCOPES, Answer::Rows(ROWS))
    .query(&[STATES, NEWEST_FIRST, PAGE_LENGTH, KEPT_FIELDS])
    .when_missing(REPOSITORIES_ARE_LISTED);

// Bitbucket takes no `state` beside a query: the query says it.
static SINCE_A_DAY: Call = get(ALL_OF_REPOSITORY, SCOPES, Answer::Rows(ROWS))
    .query(&[NamedSource::of("q", Source::Conditions(&[IN_STATE, SINCE_THEN])), NEWEST_FIRST, PAGE_LENGTH, KEPT_FIELDS])
    .when_missing(REPOSITORIES_ARE_LISTED);
static AUTHORED: Call = get(ALL_OF_REPOSITORY, SCOPES, Answer::Rows(ROWS))
    .before(&[ME])
    .query(&[
        NamedSource::of(
            "q",
            Source::Conditions(&[IN_STATE, Condition::equals("author.uuid", Source::LookedUp("me")), SINCE_THEN]),
        ),
        NEWEST_FIRST,
        PAGE_LENGTH,
        KEPT_FIELDS,
    ])
    .when_missing(REPOSITORIES_ARE_LISTED);
const REVIEWED_BY_ME: &[NamedSource] = &[
    NamedSource::of(
        "q",
        Source::Conditions(&[IN_STATE, Condition::equals("reviewers.uuid", Source::LookedUp("me")), SINCE_THEN]),
    ),
    NEWEST_FIRST,
    PAGE_LENGTH,
    KEPT_FIELDS,
];
static REVIEWED: Call = get(ALL_OF_REPOSITORY, SCOPES, Answer::Rows(ROWS))
    .before(&[ME])
    .query(REVIEWED_BY_ME)
    .when_missing(REPOSITORIES_ARE_LISTED);
static IN_ALL_REPOSITORIES: Call =
    get("/workspaces/{workspace}/pullrequests/{me}", SCOPES, Answer::Rows(ROWS_OF_ALL_REPOSITORIES))
        .before(&[ME])
        .query(&[STATES, PAGE_LENGTH, KEPT_FIELDS])
        .when_missing(WORKSPACES_ARE_LISTED);

/// Bitbucket has no list of what somebody reviews in a workspace: its repositories are asked one by one, those that changed
/// last before the others.
static EACH_REPOSITORY: Each = Each {
    path: "/repositories/{workspace}",
    query: &[
        NamedSource::fixed("sort", "-updated_on"),
        NamedSource::fixed("pagelen", "30"),
        NamedSource::fixed("fields", "values.slug,next"),
    ],
    member: "slug",
    kind: Kind::Slug,
    name: "repository",
};
static REVIEWED_IN_ALL: Call = get(ALL_OF_REPOSITORY, SCOPES, Answer::Rows(ROWS_OF_ALL_REPOSITORIES))
    .before(&[ME])
    .for_each(&EACH_REPOSITORY)
    .query(REVIEWED_BY_ME)
    .when_missing(WORKSPACES_ARE_LISTED);

const NEEDS_REPOSITORY: &str = "Bitbucket lists the pull requests of a whole workspace only by their author or reviewer: name a `repository`, or say \
                                who `reviewer_me`, or who `author_me` without `since`.";

pub static LIST: Operation =
    Operation::read("bitbucket_list_pull_requests", "List Bitbucket pull requests", "pull requests")
        .description("List pull requests; without `repository`, those you wrote or review (who).")
        // Bitbucket refuses more than 50 here, where other lists take 100.
        .parameters(&[WORKSPACE, REPOSITORY_OR_ALL, STATE, WHO, SINCE, limit(50), CURSOR])
        .core()
        .target(OF_REPOSITORY)
        .call(OF_ANYONE)
        .variants(BY_WHOSE);

const BY_WHOSE: &[Variant] = &[
    Variant::refuse(&[When::Without("repository"), When::Is("who", "anyone")], NEEDS_REPOSITORY),
    Variant::call(&[When::Without("repository"), When::Is("who", "reviewer_me")], &REVIEWED_IN_ALL),
    Variant::refuse(&[When::Without("repository"), When::With("since")], NEEDS_REPOSITORY),
    Variant::call(&[When::Without("repository")], &IN_ALL_REPOSITORIES),
    Variant::call(&[When::Is("who", "author_me")], &AUTHORED),
    Variant::call(&[When::Is("who", "reviewer_me")], &REVIEWED),
    Variant::call(&[When::With("since")], &SINCE_A_DAY),
];

const USER: Parameter = Parameter::required(
    "user",
    "Their UUID in braces, or account id",
    Kind::Key,
    "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}",
);

pub static OF_USER: Operation =
    Operation::read("bitbucket_list_user_pull_requests", "List a Bitbucket user's pull requests", "pull requests")
        .description("List the pull requests that somebody wrote, in all repositories of a workspace.")
        .parameters(&[WORKSPACE, USER, STATE, limit(50), CURSOR])
        .target("{workspace}")
        .call(
            get("/workspaces/{workspace}/pullrequests/{user}", SCOPES, Answer::Rows(ROWS_OF_ALL_REPOSITORIES))
                .query(&[STATES, PAGE_LENGTH, KEPT_FIELDS])
                .when_missing("bitbucket_list_workspace_members lists the people of a workspace."),
        );

const OF_A_COMMIT: Parameter = Parameter::required("commit", "Hash of the commit", Kind::Commit, "1a2b3c4d5e6f");

pub static OF_COMMIT: Operation = Operation::read(
    "bitbucket_list_commit_pull_requests",
    "List the pull requests of a Bitbucket commit",
    "pull requests",
)
.description("List the pull requests that contain a commit: where it was reviewed and merged.")
.parameters(&[WORKSPACE, REPOSITORY, OF_A_COMMIT, limit(50), CURSOR])
.target("{workspace}/{repository}@{commit}")
.call(
    get("/repositories/{workspace}/{repository}/commit/{commit}/pullrequests", SCOPES, Answer::Rows(ROWS))
        .query(&[PAGE_LENGTH, KEPT_FIELDS])
        .when_missing("Bitbucket answers once the Pull Request Commit Links app is installed there."),
);
