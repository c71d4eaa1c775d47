//! Hosts that pipelines trust by their SSH keys.

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    pipeline_settings::CHANGE,
    pipelines::{CONSENT, READ, VARIABLE},
    post, put,
};
use crate::catalog::operation::{Answer, Body, Field, Kind, Member, Operation, Parameter, Rows};

pub const ALL: &[&Operation] = &[&LIST, &GET, &CREATE, &UPDATE, &DELETE];

const EVERY: &str = "/repositories/{workspace}/{repository}/pipelines_config/ssh/known_hosts";
const ONE: &str = "/repositories/{workspace}/{repository}/pipelines_config/ssh/known_hosts/{known_host}";
const TARGET: &str = "{workspace}/{repository} known host {known_host}";
const ARE_LISTED: &str = "bitbucket_list_known_hosts lists them.";
const CHECK: &str = "look with bitbucket_list_known_hosts";

const KNOWN_HOST: Parameter = Parameter::required("known_host", "Its UUID", Kind::Key, "{3e7a}");
const HOST: Parameter = Parameter::required("host", "Host name", Kind::Line { longest: 255 }, "git.example.com");
const KEY_TYPE: Parameter =
    Parameter::required("key_type", "Such as ssh-ed25519", Kind::Line { longest: 64 }, "ssh-ed25519");
const KEY: Parameter =
    Parameter::required("key", "Its public key, in Base64", Kind::Line { longest: 4_000 }, "AAAAC3NzaC1lZDI1NTE5");

const FIELDS: &[Field] = &[
    Field::label("host", &["hostname"]),
    Field::label("key type", &["public_key.key_type"]),
    Field::label("SHA-256", &["public_key.sha256_fingerprint"]),
    Field::label("known host", &["uuid"]),
];
const ROWS: Rows = pages(FIELDS, "No known hosts beside those that Bitbucket knows by itself.");
const BODY: Body = Body::Json(&[
    Member::argument("hostname", "host"),
    Member::argument("public_key.key_type", "key_type"),
    Member::argument("public_key.key", "key"),
]);

pub static LIST: Operation =
    Operation::read("bitbucket_list_known_hosts", "List the known hosts of Bitbucket pipelines", CONSENT)
        .description("List the hosts that a repository's pipelines trust over SSH, with fingerprints.")
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(get(EVERY, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH]).when_missing(REPOSITORIES_ARE_LISTED));

pub static GET: Operation =
    Operation::read("bitbucket_get_known_host", "Get a known host of Bitbucket pipelines", CONSENT)
        .description("Show a host that a repository's pipelines trust over SSH.")
        .parameters(&[WORKSPACE, REPOSITORY, KNOWN_HOST])
        .target(TARGET)
        .call(get(ONE, READ, Answer::Record(FIELDS)).when_missing(ARE_LISTED));

pub static CREATE: Operation =
    Operation::write("bitbucket_create_known_host", "Create a known host of Bitbucket pipelines", CHANGE)
        .description("Add a host, with its SSH key, to those that a repository's pipelines trust.")
        .parameters(&[WORKSPACE, REPOSITORY, HOST, KEY_TYPE, KEY])
        .target("{workspace}/{repository} known host {host}")
        .call(
            post(EVERY, VARIABLE, Answer::Record(FIELDS))
                .body(BODY)
                .undone_by("bitbucket_delete_known_host", &[("known_host", "uuid")])
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(CHECK),
        );

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_known_host", "Update a known host of Bitbucket pipelines", CHANGE)
        .description("Change a host, or its SSH key, that a repository's pipelines trust.")
        .parameters(&[WORKSPACE, REPOSITORY, KNOWN_HOST, HOST, KEY_TYPE, KEY])
        .target(TARGET)
        .call(put(ONE, VARIABLE, Answer::Record(FIELDS)).body(BODY).when_missing(ARE_LISTED).when_unknown(CHECK));

pub static DELETE: Operation =
    Operation::destroy("bitbucket_delete_known_host", "Delete a known host of Bitbucket pipelines", CHANGE)
        .description("Take a host away from those that a repository's pipelines trust over SSH.")
        .parameters(&[WORKSPACE, REPOSITORY, KNOWN_HOST])
        .target(TARGET)
        .call(
            delete(ONE, VARIABLE, Answer::Done("deleted known host {known_host}"))
                .when_missing(ARE_LISTED)
                .when_unknown(CHECK),
        );
