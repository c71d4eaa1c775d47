//! Labels of pages, blog posts, attachments and spaces.

use super::{
    BLOG_POST, BLOG_POSTS_ARE_LISTED, CONTENT, CURSOR, PAGE, PAGE_LENGTH, PAGES, PAGES_ARE_FOUND, SPACE, SPACE_ID,
    SPACES, SPACES_ARE_LISTED,
    attachments::{ARE_LISTED, ATTACHMENT, ATTACHMENTS},
    delete, get, limit, places, post, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity, Source,
};

pub const ALL: &[&Operation] = &[
    &LIST,
    &LIST_OF_BLOG_POST,
    &LIST_OF_ATTACHMENT,
    &LIST_OF_SPACE,
    &LIST_IN_SPACE,
    &ADD,
    &REMOVE,
    &ADD_TO_ATTACHMENT,
    &REMOVE_FROM_ATTACHMENT,
    &ADD_TO_SPACE,
    &REMOVE_FROM_SPACE,
];

const LABEL: Parameter = Parameter::required("label", "Label", Kind::Line { longest: 255 }, "adr");
const LABELS: Parameter = Parameter::required(
    "labels",
    "Labels",
    Kind::List { of: &Kind::Line { longest: 255 }, most: 20 },
    "[\"adr\", \"backend\"]",
);
const NEW_LABELS: [Member; 2] =
    [Member::argument("[].name", "labels"), Member::of("[].prefix", Source::Fixed("global"))];
const ADDS: Scopes =
    Scopes { classic: &["write:confluence-content"], granular: &["read:label:confluence", "write:label:confluence"] };
const REMOVES: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["write:label:confluence"] };
const NAME: NamedSource = NamedSource::argument("name", "label");
const ROWS: Rows = rows(
    &[Field::label("label", &["name"]), Field::label("prefix", &["prefix"])],
    "No labels. confluence_add_labels adds some to a page.",
);
/// All of them, as Confluence gives them after a change.
const ALL_NOW: &[Field] = &[Field::label("labels now", &["results.name"])];

pub static LIST: Operation =
    Operation::read("confluence_list_labels", "List the labels of a Confluence page", "labels")
        .description("List the labels of a Confluence page.")
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/labels", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static LIST_OF_BLOG_POST: Operation =
    Operation::read("confluence_list_blog_post_labels", "List the labels of a Confluence blog post", "labels")
        .description("List the labels of a Confluence blog post.")
        .parameters(&[BLOG_POST, limit(250), CURSOR])
        .target("blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/labels", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

pub static LIST_OF_ATTACHMENT: Operation =
    Operation::read("confluence_list_attachment_labels", "List the labels of a Confluence attachment", "labels")
        .description("List the labels of a Confluence attachment.")
        .parameters(&[ATTACHMENT, limit(250), CURSOR])
        .target("attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}/labels", ATTACHMENTS, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

pub static LIST_OF_SPACE: Operation =
    Operation::read("confluence_list_space_labels", "List the labels of a Confluence space", "labels")
        .description("List the labels of a Confluence space itself.")
        .parameters(&[SPACE, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/labels", SPACES, Answer::Rows(ROWS))
                .before(&[SPACE_ID])
                .query(&[PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static LIST_IN_SPACE: Operation =
    Operation::read("confluence_list_labels_in_space", "List the labels used in a Confluence space", "labels")
        .description("List the labels that pages and blog posts of a Confluence space have.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(250), CURSOR])
        .target("space {space}")
        .call(
            get("/api/v2/spaces/{space_id}/content/labels", SPACES, Answer::Rows(ROWS))
                .before(&[SPACE_ID])
                .query(&[PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static ADD: Operation = Operation::write("confluence_add_labels", "Label a Confluence page", "label pages")
    .description("Add labels to a Confluence page or blog post; those that it has stay.")
    .parameters(&[CONTENT, LABELS])
    .target("page {page}")
    .call(
        post("/rest/api/content/{page}/label", ADDS, Answer::Record(ALL_NOW))
            .body(Body::Json(&NEW_LABELS))
            .within(places::OF_CONTENT)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown("adding a label twice does no harm"),
    );

pub static REMOVE: Operation =
    Operation::write("confluence_remove_label", "Remove a label from a Confluence page", "label pages")
        .description("Remove a label from a Confluence page or blog post.")
        .parameters(&[CONTENT, LABEL])
        .target("label {label} of page {page}")
        .call(
            delete("/rest/api/content/{page}/label", REMOVES, Answer::Done("removed the label {label} from {page}"))
                .query(&[NAME])
                .within(places::OF_CONTENT)
                .when_missing("confluence_list_labels lists the labels of a page.")
                .when_unknown("look with confluence_list_labels before repeating"),
        );

pub static ADD_TO_ATTACHMENT: Operation =
    Operation::write("confluence_add_attachment_labels", "Label a Confluence attachment", "label pages")
        .description("Add labels to a Confluence attachment; those that it has stay.")
        .parameters(&[ATTACHMENT, LABELS])
        .target("attachment {attachment}")
        .call(
            post("/rest/api/content/{attachment}/label", ADDS, Answer::Record(ALL_NOW))
                .body(Body::Json(&NEW_LABELS))
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED)
                .when_unknown("adding a label twice does no harm"),
        );

const REMOVE_FROM_ATTACHMENT_ANSWER: Answer = Answer::Done("removed the label {label} from {attachment}");

pub static REMOVE_FROM_ATTACHMENT: Operation =
    Operation::write("confluence_remove_attachment_label", "Remove a Confluence attachment's label", "label pages")
        .description("Remove a label from a Confluence attachment.")
        .parameters(&[ATTACHMENT, LABEL])
        .target("label {label} of attachment {attachment}")
        .call(
            delete("/rest/api/content/{attachment}/label", REMOVES, REMOVE_FROM_ATTACHMENT_ANSWER)
                .query(&[NAME])
                .within(places::OF_ATTACHMENT)
                .when_missing("confluence_list_attachment_labels lists its labels.")
                .when_unknown("look with confluence_list_attachment_labels before repeating"),
        );

const ADDS_TO_SPACE: Scopes =
    Scopes { classic: &["write:confluence-space"], granular: &["read:label:confluence", "write:label:confluence"] };
const REMOVES_FROM_SPACE: Scopes =
    Scopes { classic: &["write:confluence-space"], granular: &["write:label:confluence"] };

pub static ADD_TO_SPACE: Operation =
    Operation::write("confluence_add_space_labels", "Label a Confluence space", "label spaces")
        .description("Add labels to a Confluence space; those that it has stay.")
        .parameters(&[SPACE, LABELS])
        .target("space {space}")
        .call(
            post("/rest/api/space/{space}/label", ADDS_TO_SPACE, Answer::Record(ALL_NOW))
                .body(Body::Json(&NEW_LABELS))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("adding a label twice does no harm"),
        );

pub static REMOVE_FROM_SPACE: Operation =
    Operation::write("confluence_remove_space_label", "Remove a label from a Confluence space", "label spaces")
        .description("Remove a label from a Confluence space.")
        .parameters(&[SPACE, LABEL])
        .target("label {label} of space {space}")
        .call(
            delete("/rest/api/space/{space}/label", REMOVES_FROM_SPACE, Answer::Done("removed the label {label}"))
                .query(&[NAME])
                .within(Bounds::Space)
                .when_missing("confluence_list_space_labels lists the labels of a space.")
                .when_unknown("look with confluence_list_space_labels before repeating"),
        );
