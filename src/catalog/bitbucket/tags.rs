//! Tags.

use super::{
    CURSOR, KEPT_FIELDS, NAME_CONTAINS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY,
    REPOSITORY_SCOPES, WORKSPACE, WRITE_AND_READ_SCOPES, WRITE_SCOPES, delete, get, limit, name, post, rows,
};
use crate::catalog::operation::{
    Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Sensitivity,
};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &DELETE];

const TAG: Parameter = Parameter::required("tag", "Tag name", Kind::Reference, "v1.2.0");
const TARGET: &str = "{workspace}/{repository}@{tag}";
const TAGS: &str = "/repositories/{workspace}/{repository}/refs/tags";
const THE_TAG: &str = "/repositories/{workspace}/{repository}/refs/tags/{tag}";
const TAGS_ARE_LISTED: &str = "bitbucket_list_tags lists the tags that there are.";

const ROWS: Rows = rows(
    &[
        Field::label("tag", &["name"]),
        Field::hash("commit", &["target.hash"]),
        Field::moment("tagged", &["date", "target.date"]).first(),
        Field::person("tagger", &["tagger.user.display_name", "tagger.raw", "target.author.raw"]),
    ],
    "No tag here whose name contains this: leave `name` out to see all.",
);

pub static LIST: Operation = Operation::read("bitbucket_list_tags", "List Bitbucket tags", "branches")
    .description("List the tags of a repository, such as releases and versions, those of the newest commits first.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, name("Only tags whose name contains this", "1.2"), limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(
        get(TAGS, REPOSITORY_SCOPES, Answer::Rows(ROWS))
            .query(&[NAME_CONTAINS, NamedSource::fixed("sort", "-target.date"), PAGE_LENGTH, KEPT_FIELDS])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );

const FIELDS: &[Field] = &[
    Field::label("tag", &["name"]),
    Field::hash("commit", &["target.hash"]),
    Field::moment("tagged", &["date"]),
    Field::person("tagger", &["tagger.user.display_name", "tagger.raw"]),
    Field::moment("committed", &["target.date"]),
    Field::person("author", &["target.author.user.display_name", "target.author.raw"]),
    Field::link("link", &["links.html.href"]),
    Field::prose("message", &["message", "target.message"]),
];

pub static GET: Operation = Operation::read("bitbucket_get_tag", "Get a Bitbucket tag", "branches")
    .description("Show one tag: its commit, who tagged it and when, and its message.")
    .parameters(&[WORKSPACE, REPOSITORY, TAG])
    .target(TARGET)
    .call(get(THE_TAG, REPOSITORY_SCOPES, Answer::Record(FIELDS)).query(&[KEPT_FIELDS]).when_missing(TAGS_ARE_LISTED));

const AT: Parameter = Parameter::required("commit", "Commit hash to tag", Kind::Commit, "1a2b3c4d");
const MESSAGE: Parameter =
    Parameter::optional("message", "Text of an annotated tag", Kind::Text { longest: 10_000 }, "Release 1.2.0");

pub static CREATE: Operation =
    Operation::write("bitbucket_create_tag", "Create a Bitbucket tag", "create branches and tags")
        .description("Tag a commit, for example as a release; with a message the tag is an annotated one.")
        .parameters(&[WORKSPACE, REPOSITORY, TAG, AT, MESSAGE])
        .target("{workspace}/{repository}@{tag} at {commit}")
        .call(
            post(TAGS, WRITE_AND_READ_SCOPES, Answer::Record(FIELDS))
                .body(Body::Json(CREATED))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look with bitbucket_get_tag whether the tag is there before repeating")
                .undone_by("bitbucket_delete_tag", &[]),
        );
const CREATED: &[Member] = &[
    Member::argument("name", "tag"),
    Member::argument("target.hash", "commit"),
    Member::argument("message", "message"),
];

pub static DELETE: Operation = Operation::destroy("bitbucket_delete_tag", "Delete a Bitbucket tag", "branches or tags")
    .description("Delete a tag; its commit stays.")
    .parameters(&[WORKSPACE, REPOSITORY, TAG])
    .target(TARGET)
    .call(
        delete(THE_TAG, WRITE_SCOPES, Answer::Done("deleted tag {tag} of {workspace}/{repository}"))
            .when_missing(TAGS_ARE_LISTED)
            .when_unknown("look with bitbucket_get_tag whether the tag is still there before repeating"),
    );
