//! Downloads: files that a repository offers beside its code, such as releases.

use super::{
    CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, REPOSITORY_SCOPES, WORKSPACE,
    WRITE_SCOPES, delete, get, limit, post, rows,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Operation, Parameter, Part, Rows, Sensitivity, Source};

pub const ALL: &[&Operation] = &[&LIST, &GET, &UPLOAD, &DELETE];

const DOWNLOADS: &str = "/repositories/{workspace}/{repository}/downloads";
const THE_DOWNLOAD: &str = "/repositories/{workspace}/{repository}/downloads/{file}";
const TARGET: &str = "{workspace}/{repository}, download {file}";
const ARE_LISTED: &str = "bitbucket_list_downloads lists the files that there are.";
const LOOK: &str = "look with bitbucket_list_downloads whether it happened before repeating";

const FILE: Parameter = Parameter::required("file", "File name", Kind::Path, "release-notes.txt");
const TEXT: Parameter =
    Parameter::required("text", "Whole contents", Kind::Contents { longest: 1_000_000 }, "What is new");

const ROWS: Rows = rows(
    &[
        Field::label("file", &["name"]),
        Field::label("size in bytes", &["size"]),
        Field::label("downloaded", &["downloads"]),
        Field::moment("uploaded", &["created_on"]),
        Field::person("by", &["user.display_name"]),
        Field::link("link", &["links.self.href"]),
    ],
    "This repository offers no file for download.",
);

pub static LIST: Operation = Operation::read("bitbucket_list_downloads", "List Bitbucket downloads", "downloads")
    .description("List the files that a repository offers for download, such as releases, with links to them.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(
        get(DOWNLOADS, REPOSITORY_SCOPES, Answer::Rows(ROWS))
            .query(&[PAGE_LENGTH, KEPT_FIELDS])
            .when_missing(REPOSITORIES_ARE_LISTED),
    );

pub static GET: Operation = Operation::read("bitbucket_get_download", "Get a Bitbucket download", "downloads")
    .description(
        "Read a text file that a repository offers for download; of a binary one, only its size and type are told.",
    )
    .sensitivity(Sensitivity::Contents)
    .parameters(&[WORKSPACE, REPOSITORY, FILE, CURSOR])
    .target(TARGET)
    .call(get(THE_DOWNLOAD, REPOSITORY_SCOPES, Answer::File).when_missing(ARE_LISTED));

pub static UPLOAD: Operation =
    Operation::write("bitbucket_upload_download", "Upload a Bitbucket download", "upload downloads")
        .description("Offer a text file for download; a file of the same name is replaced.")
        .parameters(&[WORKSPACE, REPOSITORY, FILE, TEXT])
        .target(TARGET)
        .call(
            post(DOWNLOADS, WRITE_SCOPES, Answer::Done("uploaded {file} to the downloads of {workspace}/{repository}"))
                .body(Body::Multipart(&[UPLOADED]))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(LOOK)
                .undone_by("bitbucket_delete_download", &[]),
        );
const UPLOADED: Part = Part::file(Source::Fixed("files"), Source::Argument("file"), Source::Argument("text"));

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_download", "Delete a Bitbucket download", "files for download")
        .description("Delete a file that a repository offers for download.")
        .parameters(&[WORKSPACE, REPOSITORY, FILE])
        .target(TARGET)
        .call(
            delete(
                THE_DOWNLOAD,
                WRITE_SCOPES,
                Answer::Done("deleted {file} of the downloads of {workspace}/{repository}"),
            )
            .when_missing(ARE_LISTED)
            .when_unknown(LOOK),
        );
