//! Attachments: what there is, their contents, uploading.

use super::{
    AS_STORAGE, BLOG_POST, BLOG_POSTS_ARE_LISTED, CONTENT, CURSOR, PAGE, PAGE_LENGTH, PAGES_ARE_FOUND,
    comments::{BY, COMMENTS, TEXTS},
    delete, get, limit, people, places, post, rows, versions,
};
use crate::catalog::operation::{
    Answer, Blocks, Body, Field, Find, Kind, NamedSource, Operation, Parameter, Part, Read, Rows, Scopes, Sensitivity,
    Source, Step,
};

pub const ALL: &[&Operation] =
    &[&LIST, &LIST_OF_BLOG_POST, &GET, &LIST_VERSIONS, &LIST_COMMENTS, &DOWNLOAD, &UPLOAD, &UPDATE, &DELETE, &PURGE];

pub const ATTACHMENTS: Scopes = Scopes { classic: &[], granular: &["read:attachment:confluence"] };
pub const ATTACHMENT: Parameter = Parameter::required("attachment", "Attachment id", Kind::Key, "att98801");
pub const ARE_LISTED: &str = "confluence_list_attachments lists the attachments of a page.";
const FILE_NAME: Parameter =
    Parameter::optional("name", "Only this file name", Kind::Line { longest: 255 }, "plan.csv");

const ROWS: Rows = rows(
    &[
        Field::label("attachment", &["id"]),
        Field::label("name", &["title"]),
        Field::label("media type", &["mediaType"]),
        Field::label("bytes", &["fileSize"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("updated", &["version.createdAt"]),
    ],
    "It has no such attachment.",
);

pub static LIST: Operation =
    Operation::read("confluence_list_attachments", "List the attachments of a Confluence page", "attachments")
        .description("List the attachments of a Confluence page: files and images, their size and type.")
        .parameters(&[PAGE, FILE_NAME, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/attachments", ATTACHMENTS, Answer::Rows(ROWS))
                .query(&[NamedSource::argument("filename", "name"), PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static LIST_OF_BLOG_POST: Operation =
    Operation::read("confluence_list_blog_post_attachments", "List Confluence blog post attachments", "attachments")
        .description("List the attachments of a Confluence blog post: files and images, their size and type.")
        .parameters(&[BLOG_POST, FILE_NAME, limit(250), CURSOR])
        .target("blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/attachments", ATTACHMENTS, Answer::Rows(ROWS))
                .query(&[NamedSource::argument("filename", "name"), PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

const FIELDS: &[Field] = &[
    Field::label("attachment", &["id"]),
    Field::label("name", &["title"]),
    Field::label("status", &["status"]),
    Field::label("page", &["pageId"]),
    Field::label("blog post", &["blogPostId"]),
    Field::label("media type", &["mediaType"]),
    Field::label("bytes", &["fileSize"]),
    Field::label("comment", &["comment"]),
    Field::label("version", &["version.number"]),
    Field::label("by", &["version.authorId"]),
    Field::moment("updated", &["version.createdAt"]),
    Field::link("link", &["webuiLink", "_links.webui"]).first(),
    Field::link("download", &["downloadLink", "_links.download"]).first(),
];

pub static GET: Operation =
    Operation::read("confluence_get_attachment", "Get a Confluence attachment's description", "attachments")
        .description("Describe a Confluence attachment: name, size, type, version, and the link to download it.")
        .parameters(&[ATTACHMENT])
        .target("attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}", ATTACHMENTS, Answer::Record(FIELDS))
                .names(&[people(&["by"])])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

pub static LIST_VERSIONS: Operation =
    Operation::read("confluence_list_attachment_versions", "List a Confluence attachment's versions", "attachments")
        .description("List the versions of a Confluence attachment: who uploaded it when.")
        .parameters(&[ATTACHMENT, limit(250), CURSOR])
        .target("attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}/versions", ATTACHMENTS, Answer::Rows(versions::ROWS))
                .query(&[PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

const COMMENT_ROWS: Rows = rows(
    &[
        Field::label("comment", &["id"]),
        Field::label("by", &["version.authorId"]),
        Field::moment("when", &["version.createdAt"]),
    ],
    "Nobody has commented on it.",
);

const LIST_COMMENTS_ANSWER: Answer = Answer::Blocks(Blocks { rows: COMMENT_ROWS, texts: TEXTS });

pub static LIST_COMMENTS: Operation =
    Operation::read("confluence_list_attachment_comments", "List a Confluence attachment's comments", "comments")
        .description("List the comments on a Confluence attachment.")
        .parameters(&[ATTACHMENT, limit(100), CURSOR])
        .target("attachment {attachment}")
        .call(
            get("/api/v2/attachments/{attachment}/footer-comments", COMMENTS, LIST_COMMENTS_ANSWER)
                .query(&[AS_STORAGE, PAGE_LENGTH])
                .names(BY)
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

/// v1 has the contents below the page or blog post.
const ITS_CONTENT: Step = Step::Read(Read {
    path: "/api/v2/attachments/{attachment}",
    query: &[],
    finds: &[Find {
        field: Field::exact("content", &["pageId", "blogPostId", "customContentId"]),
        kind: Kind::Identifier,
    }],
});
const CONTENTS: Scopes =
    Scopes { classic: &[], granular: &["readonly:content.attachment:confluence", "read:attachment:confluence"] };
const OLDER: Parameter =
    Parameter::optional("version", "Version; else the newest", Kind::Integer { least: 1, most: 1_000_000 }, "1");

pub static DOWNLOAD: Operation =
    Operation::read("confluence_download_attachment", "Read a Confluence attachment", "attachments")
        .description("Read the contents of a Confluence attachment that is text, such as CSV, JSON or a log.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[ATTACHMENT, OLDER, CURSOR])
        .target("attachment {attachment}")
        .call(
            get("/rest/api/content/{content}/child/attachment/{attachment}/download", CONTENTS, Answer::File)
                .before(&[ITS_CONTENT])
                .query(&[NamedSource::argument("version", "version")])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED),
        );

const NEW_NAME: Parameter = Parameter::required("name", "File name", Kind::Line { longest: 255 }, "plan.csv");
const DATA: Parameter = Parameter::required("text", "Its contents", Kind::Text { longest: 500_000 }, "a,b\n1,2\n");
const COMMENT: Parameter = Parameter::optional("message", "About this version", Kind::Line { longest: 255 }, "From CI");
const UPLOADS: Scopes = Scopes {
    classic: &["write:confluence-file"],
    granular: &["read:content-details:confluence", "write:attachment:confluence"],
};
/// Without it Confluence takes an upload for a forged form.
const NO_CHECK: &[NamedSource] = &[NamedSource::fixed("x-atlassian-token", "nocheck")];
const FILE: [Part; 3] = [
    Part::file(Source::Fixed("file"), Source::Argument("name"), Source::Argument("text")),
    Part::field("minorEdit", Source::Fixed("true")),
    Part::field("comment", Source::Argument("message")),
];
const UPLOADED: &[Field] = &[
    Field::label("attachment", &["results.id"]),
    Field::label("name", &["results.title"]),
    Field::label("version", &["results.version.number"]),
];

pub static UPLOAD: Operation =
    Operation::write("confluence_upload_attachment", "Attach a file to a Confluence page", "attach files")
        .description("Attach a text file to a Confluence page or blog post: CSV, JSON, SVG, a log.")
        .parameters(&[CONTENT, NEW_NAME, DATA, COMMENT])
        .target("{name} of page {page}")
        .call(
            post("/rest/api/content/{page}/child/attachment", UPLOADS, Answer::Record(UPLOADED))
                .headers(NO_CHECK)
                .body(Body::Multipart(&FILE))
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("look with confluence_list_attachments before repeating")
                .undone_by("confluence_delete_attachment", &[("attachment", "results.id")]),
        );

/// It comes by itself, not in a list.
const REPLACED: &[Field] = &[
    Field::label("attachment", &["id"]),
    Field::label("name", &["title"]),
    Field::label("version", &["version.number"]),
];

pub static UPDATE: Operation =
    Operation::write("confluence_update_attachment", "Upload a new version of a Confluence attachment", "attach files")
        .description("Upload a new version of a Confluence attachment from text; earlier versions are kept.")
        .parameters(&[CONTENT, ATTACHMENT, NEW_NAME, DATA, COMMENT])
        .target("attachment {attachment} of page {page}")
        .call(
            post("/rest/api/content/{page}/child/attachment/{attachment}/data", UPLOADS, Answer::Record(REPLACED))
                .headers(NO_CHECK)
                .body(Body::Multipart(&FILE))
                .within(places::OF_CONTENT_AND_ATTACHMENT)
                .when_missing(ARE_LISTED)
                .when_unknown("look with confluence_list_attachment_versions before repeating"),
        );

const DELETES: Scopes = Scopes { classic: &[], granular: &["delete:attachment:confluence"] };

const DELETE_ANSWER: Answer = Answer::Done("moved attachment {attachment} to the trash");

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_attachment", "Delete a Confluence attachment", "delete attachments")
        .description("Move a Confluence attachment to the trash.")
        .parameters(&[ATTACHMENT])
        .target("attachment {attachment}")
        .call(
            delete("/api/v2/attachments/{attachment}", DELETES, DELETE_ANSWER)
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED)
                .when_unknown("read its status with confluence_get_attachment before repeating"),
        );

const PURGE_ANSWER: Answer = Answer::Done("deleted attachment {attachment} for good");

pub static PURGE: Operation =
    Operation::destroy("confluence_purge_attachment", "Delete a Confluence attachment for good", "delete attachments")
        .description("Delete a Confluence attachment that is in the trash, for good.")
        .parameters(&[ATTACHMENT])
        .target("attachment {attachment}")
        .call(
            delete("/api/v2/attachments/{attachment}", DELETES, PURGE_ANSWER)
                .query(&[NamedSource::fixed("purge", "true")])
                .within(places::OF_ATTACHMENT)
                .when_missing(ARE_LISTED)
                .when_unknown("look for it with confluence_get_attachment before repeating"),
        );
