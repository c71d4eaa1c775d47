//! Properties: JSON that apps and scripts keep with pages, blog posts and attachments, each under a key.

use super::{
    BLOG_POST, BLOG_POSTS_ARE_LISTED, CURSOR, PAGE, PAGE_LENGTH, PAGES, PAGES_ARE_FOUND,
    attachments::{ARE_LISTED, ATTACHMENT, ATTACHMENTS},
    delete, get, limit, places, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Call, Field, Find, Form, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Source, Step,
};

pub const ALL: &[&Operation] = &[
    &LIST_OF_PAGE,
    &GET_OF_PAGE,
    &CREATE_OF_PAGE,
    &UPDATE_OF_PAGE,
    &DELETE_OF_PAGE,
    &LIST_OF_BLOG_POST,
    &GET_OF_BLOG_POST,
    &CREATE_OF_BLOG_POST,
    &UPDATE_OF_BLOG_POST,
    &DELETE_OF_BLOG_POST,
    &LIST_OF_ATTACHMENT,
    &GET_OF_ATTACHMENT,
    &CREATE_OF_ATTACHMENT,
    &UPDATE_OF_ATTACHMENT,
    &DELETE_OF_ATTACHMENT,
];

pub const PROPERTY: Parameter =
    Parameter::required("property", "Its key", Kind::Line { longest: 255 }, "release-state");
pub const VALUE: Parameter =
    Parameter::required("value", "JSON, or a text", Kind::Text { longest: 30_000 }, "{\"state\": 1}");
pub const ROWS: Rows = rows(
    &[
        Field::label("property", &["key"]),
        Field::label("version", &["version.number"]),
        Field::moment("updated", &["version.createdAt"]),
    ],
    "It has no properties.",
);
pub const FIELDS: &[Field] = &[
    Field::label("property", &["key"]),
    Field::label("version", &["version.number"]),
    Field::moment("updated", &["version.createdAt"]),
    Field::of(Form::Json, "value", &["value"]),
];
pub const SET: &[Field] = &[Field::label("property", &["key"]), Field::label("version", &["version.number"])];
pub const NEW: [Member; 2] = [Member::argument("key", "property"), Member::of("value", Source::Json("value"))];
pub const CHANGED: [Member; 3] = [
    Member::argument("key", "property"),
    Member::of("value", Source::Json("value")),
    Member::of("version.number", Source::OneMoreThan("old_version")),
];
pub const BY_KEY: &[NamedSource] = &[NamedSource::argument("key", "property")];
const ITS_ID: Find = Find { field: Field::exact("property_id", &["results.id"]), kind: Kind::Identifier };
const ITS_VERSION: Find =
    Find { field: Field::exact("old_version", &["results.version.number"]), kind: super::ANY_VERSION };
pub const FOUND: &[Find] = &[ITS_ID, ITS_VERSION];
const PROPERTIES_OF_PAGES: Scopes =
    Scopes { classic: &[], granular: &["read:page:confluence", "write:page:confluence"] };
const PROPERTIES_OF_ATTACHMENTS: Scopes =
    Scopes { classic: &[], granular: &["read:attachment:confluence", "write:attachment:confluence"] };

const OF_PAGE: Read = Read { path: "/api/v2/pages/{page}/properties", query: BY_KEY, finds: FOUND };
static VERSION_OF_PAGE: Read = Read { finds: &[ITS_VERSION], ..OF_PAGE };
const PAGE_LISTS_THEM: &str = "confluence_list_page_properties lists the keys that there are.";

pub static LIST_OF_PAGE: Operation =
    Operation::read("confluence_list_page_properties", "List Confluence page properties", "properties")
        .description("List the keys of the properties that apps keep with a Confluence page.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/properties", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static GET_OF_PAGE: Operation =
    Operation::read("confluence_get_page_property", "Read a Confluence page property", "properties")
        .description("Read the JSON value of a property of a Confluence page.")
        .parameters(&[PAGE, PROPERTY])
        .target("property {property} of page {page}")
        .call(
            get("/api/v2/pages/{page}/properties/{property_id}", PAGES, Answer::Record(FIELDS))
                .before(&[Step::Read(OF_PAGE)])
                .within(places::OF_PAGE)
                .when_missing(PAGE_LISTS_THEM),
        );

pub static CREATE_OF_PAGE: Operation =
    Operation::write("confluence_create_page_property", "Add a Confluence page property", "change properties")
        .description("Keep a JSON value under a new key with a Confluence page.")
        .parameters(&[PAGE, PROPERTY, VALUE])
        .target("property {property} of page {page}")
        .call(
            post("/api/v2/pages/{page}/properties", PROPERTIES_OF_PAGES, Answer::Record(SET))
                .body(Body::Json(&NEW))
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("look with confluence_list_page_properties before repeating")
                .undone_by("confluence_delete_page_property", &[]),
        );

pub static UPDATE_OF_PAGE: Operation =
    Operation::write("confluence_update_page_property", "Change a Confluence page property", "change properties")
        .description("Replace the JSON value of a property of a Confluence page.")
        .parameters(&[PAGE, PROPERTY, VALUE])
        .target("property {property} of page {page}")
        .bound_to(&VERSION_OF_PAGE)
        .call(
            put("/api/v2/pages/{page}/properties/{property_id}", PROPERTIES_OF_PAGES, Answer::Record(SET))
                .before(&[Step::Read(OF_PAGE)])
                .body(Body::Json(&CHANGED))
                .within(places::OF_PAGE)
                .when_missing(PAGE_LISTS_THEM)
                .when_unknown("read it with confluence_get_page_property before repeating"),
        );

const DELETE_OF_PAGE_ANSWER: Answer = Answer::Done("deleted the property {property}");

pub static DELETE_OF_PAGE: Operation =
    Operation::destroy("confluence_delete_page_property", "Delete a Confluence page property", "change properties")
        .description("Delete a property of a Confluence page for good.")
        .parameters(&[PAGE, PROPERTY])
        .target("property {property} of page {page}")
        .bound_to(&VERSION_OF_PAGE)
        .call(
            delete("/api/v2/pages/{page}/properties/{property_id}", PROPERTIES_OF_PAGES, DELETE_OF_PAGE_ANSWER)
                .before(&[Step::Read(OF_PAGE)])
                .within(places::OF_PAGE)
                .when_missing(PAGE_LISTS_THEM)
                .when_unknown("look with confluence_list_page_properties before repeating"),
        );

const OF_BLOG_POST: Read = Read { path: "/api/v2/blogposts/{blog_post}/properties", query: BY_KEY, finds: FOUND };
static VERSION_OF_BLOG_POST: Read = Read { finds: &[ITS_VERSION], ..OF_BLOG_POST };
const BLOG_POST_LISTS_THEM: &str = "confluence_list_blog_post_properties lists the keys that there are.";

pub static LIST_OF_BLOG_POST: Operation =
    Operation::read("confluence_list_blog_post_properties", "List Confluence blog post properties", "properties")
        .description("List the keys of the properties that apps keep with a Confluence blog post.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[BLOG_POST, limit(250), CURSOR])
        .target("blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/properties", PAGES, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

pub static GET_OF_BLOG_POST: Operation =
    Operation::read("confluence_get_blog_post_property", "Read a Confluence blog post property", "properties")
        .description("Read the JSON value of a property of a Confluence blog post.")
        .parameters(&[BLOG_POST, PROPERTY])
        .target("property {property} of blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/properties/{property_id}", PAGES, Answer::Record(FIELDS))
                .before(&[Step::Read(OF_BLOG_POST)])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POST_LISTS_THEM),
        );

const CREATE_OF_BLOG_POST_CALL: Call =
    post("/api/v2/blogposts/{blog_post}/properties", PROPERTIES_OF_PAGES, Answer::Record(SET))
        .body(Body::Json(&NEW))
        .within(places::OF_BLOG_POST)
        .when_missing(BLOG_POSTS_ARE_LISTED)
        .when_unknown("look with confluence_list_blog_post_properties before repeating")
        .undone_by("confluence_delete_blog_post_property", &[]);

pub static CREATE_OF_BLOG_POST: Operation = Operation::write(
    "confluence_create_blog_post_property",
    "Add a Confluence blog post property",
    "change properties",
)
.description("Keep a JSON value under a new key with a Confluence blog post.")
.parameters(&[BLOG_POST, PROPERTY, VALUE])
.target("property {property} of blog post {blog_post}")
.call(CREATE_OF_BLOG_POST_CALL);

const UPDATE_OF_BLOG_POST_CALL: Call =
    put("/api/v2/blogposts/{blog_post}/properties/{property_id}", PROPERTIES_OF_PAGES, Answer::Record(SET))
        .before(&[Step::Read(OF_BLOG_POST)])
        .body(Body::Json(&CHANGED))
        .within(places::OF_BLOG_POST)
        .when_missing(BLOG_POST_LISTS_THEM)
        .when_unknown("read it with confluence_get_blog_post_property before repeating");

pub static UPDATE_OF_BLOG_POST: Operation = Operation::write(
    "confluence_update_blog_post_property",
    "Change a Confluence blog post property",
    "change properties",
)
.description("Replace the JSON value of a property of a Confluence blog post.")
.parameters(&[BLOG_POST, PROPERTY, VALUE])
.target("property {property} of blog post {blog_post}")
.bound_to(&VERSION_OF_BLOG_POST)
.call(UPDATE_OF_BLOG_POST_CALL);

const DELETE_OF_BLOG_POST_ANSWER: Answer = Answer::Done("deleted the property {property}");

const DELETE_OF_BLOG_POST_CALL: Call =
    delete("/api/v2/blogposts/{blog_post}/properties/{property_id}", PROPERTIES_OF_PAGES, DELETE_OF_BLOG_POST_ANSWER)
        .before(&[Step::Read(OF_BLOG_POST)])
        .within(places::OF_BLOG_POST)
        .when_missing(BLOG_POST_LISTS_THEM)
        .when_unknown("look with confluence_list_blog_post_properties before repeating");

pub static DELETE_OF_BLOG_POST: Operation = Operation::destroy(
    "confluence_delete_blog_post_property",
    "Delete a Confluence blog post property",
    "change properties",
)
.description("Delete a property of a Confluence blog post for good.")
.parameters(&[BLOG_POST, PROPERTY])
.target("property {property} of blog post {blog_post}")
.bound_to(&VERSION_OF_BLOG_POST)
.call(DELETE_OF_BLOG_POST_CALL);

const OF_ATTACHMENT: Read = Read { path: "/api/v2/attachments/{attachment}/properties", query: BY_KEY, finds: FOUND };
static VERSION_OF_ATTACHMENT: Read = Read { finds: &[ITS_VERSION], ..OF_ATTACHMENT };
const ATTACHMENT_LISTS_THEM: &str = "confluence_list_attachment_properties lists the keys that there are.";

pub static LIST_OF_ATTACHMENT: Operation =
    Operation::read("confluence_list_attachment_properties", "List Confluence attachment properties", "properties")
        .description("List the keys of the properties that apps keep with a Confluence attachment.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[ATTACHMENT, limit(250), CURSOR])
        .target("attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}/properties", ATTACHMENTS, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

pub static GET_OF_ATTACHMENT: Operation =
    Operation::read("confluence_get_attachment_property", "Read a Confluence attachment property", "properties")
        .description("Read the JSON value of a property of a Confluence attachment.")
        .parameters(&[ATTACHMENT, PROPERTY])
        .target("property {property} of attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}/properties/{property_id}", ATTACHMENTS, Answer::Record(FIELDS))
                .before(&[Step::Read(OF_ATTACHMENT)])
                .within(places::OF_ATTACHMENT)
                .when_missing(ATTACHMENT_LISTS_THEM),
        );

const CREATE_OF_ATTACHMENT_CALL: Call =
    post("/api/v2/attachments/{attachment}/properties", PROPERTIES_OF_ATTACHMENTS, Answer::Record(SET))
        .body(Body::Json(&NEW))
        .within(places::OF_ATTACHMENT)
        .when_missing(ARE_LISTED)
        .when_unknown("look with confluence_list_attachment_properties before repeating")
        .undone_by("confluence_delete_attachment_property", &[]);

pub static CREATE_OF_ATTACHMENT: Operation = Operation::write(
    "confluence_create_attachment_property",
    "Add a Confluence attachment property",
    "change properties",
)
.description("Keep a JSON value under a new key with a Confluence attachment.")
.parameters(&[ATTACHMENT, PROPERTY, VALUE])
.target("property {property} of attachment {attachment}")
.call(CREATE_OF_ATTACHMENT_CALL);

const UPDATE_OF_ATTACHMENT_CALL: Call =
    put("/api/v2/attachments/{attachment}/properties/{property_id}", PROPERTIES_OF_ATTACHMENTS, Answer::Record(SET))
        .before(&[Step::Read(OF_ATTACHMENT)])
        .body(Body::Json(&CHANGED))
        .within(places::OF_ATTACHMENT)
        .when_missing(ATTACHMENT_LISTS_THEM)
        .when_unknown("read it with confluence_get_attachment_property before repeating");

pub static UPDATE_OF_ATTACHMENT: Operation = Operation::write(
    "confluence_update_attachment_property",
    "Change a Confluence attachment property",
    "change properties",
)
.description("Replace the JSON value of a property of a Confluence attachment.")
.parameters(&[ATTACHMENT, PROPERTY, VALUE])
.target("property {property} of attachment {attachment}")
.bound_to(&VERSION_OF_ATTACHMENT)
.call(UPDATE_OF_ATTACHMENT_CALL);

const DELETE_OF_ATTACHMENT_ANSWER: Answer = Answer::Done("deleted the property {property}");

const DELETE_OF_ATTACHMENT_CALL: Call = delete(
    "/api/v2/attachments/{attachment}/properties/{property_id}",
    PROPERTIES_OF_ATTACHMENTS,
    DELETE_OF_ATTACHMENT_ANSWER,
)
.before(&[Step::Read(OF_ATTACHMENT)])
.within(places::OF_ATTACHMENT)
.when_missing(ATTACHMENT_LISTS_THEM)
.when_unknown("look with confluence_list_attachment_properties before repeating");

pub static DELETE_OF_ATTACHMENT: Operation = Operation::destroy(
    "confluence_delete_attachment_property",
    "Delete a Confluence attachment property",
    "change properties",
)
.description("Delete a property of a Confluence attachment for good.")
.parameters(&[ATTACHMENT, PROPERTY])
.target("property {property} of attachment {attachment}")
.bound_to(&VERSION_OF_ATTACHMENT)
.call(DELETE_OF_ATTACHMENT_CALL);
