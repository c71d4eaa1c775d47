//! How pipelines of a repository are set up: switched on or off, numbered, their SSH key and known hosts, their caches, and
//! what their tokens say who they are (OIDC).

use super::{
    CURSOR, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get, limit, pages,
    pipelines::{CONSENT, READ, VARIABLE, WRITE},
    put,
};
use crate::catalog::operation::{
    Answer, Body, Field, Kind, Member, NamedSource, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[
    &GET_CONFIG,
    &UPDATE_CONFIG,
    &SET_NUMBER,
    &GET_KEY,
    &UPDATE_KEY,
    &DELETE_KEY,
    &LIST_CACHES,
    &GET_CACHE,
    &DELETE_CACHE,
    &DELETE_CACHES,
    &GET_OIDC,
    &LIST_OIDC_KEYS,
];

pub const CHANGE: &str = "change pipelines' settings";
const ADMINISTERS: Scopes = Scopes { classic: &["repository:admin"], granular: &["admin:repository:bitbucket"] };
const CONFIG: &str = "/repositories/{workspace}/{repository}/pipelines_config";
const CHECK: &str = "look with bitbucket_get_pipeline_config";
const CONFIG_FIELDS: &[Field] =
    &[Field::label("enabled", &["enabled"]), Field::label("repository", &["repository.full_name"])];

pub static GET_CONFIG: Operation =
    Operation::read("bitbucket_get_pipeline_config", "Get a Bitbucket repository's pipeline settings", CONSENT)
        .description("Show whether pipelines are enabled (switched on) for a repository.")
        .parameters(&[WORKSPACE, REPOSITORY])
        .target(OF_REPOSITORY)
        .call(get(CONFIG, ADMINISTERS, Answer::Record(CONFIG_FIELDS)).when_missing(REPOSITORIES_ARE_LISTED));

const ENABLED: Parameter = Parameter::required("enabled", "Whether pipelines run", Kind::Boolean, "true");

pub static UPDATE_CONFIG: Operation =
    Operation::write("bitbucket_update_pipeline_config", "Update a Bitbucket repository's pipeline settings", CHANGE)
        .description("Enable or disable pipelines for a repository.")
        .parameters(&[WORKSPACE, REPOSITORY, ENABLED])
        .target(OF_REPOSITORY)
        .call(
            put(CONFIG, ADMINISTERS, Answer::Record(CONFIG_FIELDS))
                .body(Body::Json(&[Member::argument("enabled", "enabled")]))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown(CHECK),
        );

const NUMBER: &str = "/repositories/{workspace}/{repository}/pipelines_config/build_number";
const NEXT: Parameter = Parameter::required(
    "next",
    "Number of the next pipeline, above all others",
    Kind::Integer { least: 1, most: i64::MAX },
    "100",
);

pub static SET_NUMBER: Operation =
    Operation::destroy("bitbucket_update_build_number", "Set a Bitbucket repository's next pipeline number", CHANGE)
        .description("Set the number of the next pipeline (build number) of a repository; it can only grow.")
        .parameters(&[WORKSPACE, REPOSITORY, NEXT])
        .target("{workspace}/{repository} next pipeline {next}")
        .call(
            put(NUMBER, VARIABLE, Answer::Record(&[Field::label("next pipeline", &["next"])]))
                .body(Body::Json(&[Member::argument("next", "next")]))
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look at the newest with bitbucket_list_builds"),
        );

const KEY_PAIR: &str = "/repositories/{workspace}/{repository}/pipelines_config/ssh/key_pair";
const NO_KEY: &str = "It may have no key pair: bitbucket_update_pipeline_key sets one.";
/// The private part is never kept.
const PUBLIC_PART: &[Field] = &[Field::label("public key", &["public_key"])];

pub static GET_KEY: Operation =
    Operation::read("bitbucket_get_pipeline_key", "Get the SSH key of a Bitbucket repository's pipelines", CONSENT)
        .description("Show the public part of the SSH key that a repository's pipelines use.")
        .parameters(&[WORKSPACE, REPOSITORY])
        .target(OF_REPOSITORY)
        .call(get(KEY_PAIR, READ, Answer::Record(PUBLIC_PART)).when_missing(NO_KEY));

const PRIVATE_KEY: Parameter = Parameter::required(
    "private_key",
    "Private key, as OpenSSH writes it",
    Kind::Secret { longest: 20_000 },
    "-----BEGIN OPENSSH PRIVATE KEY-----",
);
const PUBLIC_KEY: Parameter =
    Parameter::required("public_key", "Public key", Kind::Line { longest: 20_000 }, "ssh-ed25519 AAAA ci@example.com");

const PAIR: Body =
    Body::Json(&[Member::argument("private_key", "private_key"), Member::argument("public_key", "public_key")]);

pub static UPDATE_KEY: Operation = Operation::destroy(
    "bitbucket_update_pipeline_key",
    "Set the SSH key of a Bitbucket repository's pipelines",
    CHANGE,
)
.description("Set the SSH key pair that a repository's pipelines use, in place of the one before.")
.parameters(&[WORKSPACE, REPOSITORY, PRIVATE_KEY, PUBLIC_KEY])
.target(OF_REPOSITORY)
.call(
    put(KEY_PAIR, VARIABLE, Answer::Record(PUBLIC_PART))
        .body(PAIR)
        .when_missing(REPOSITORIES_ARE_LISTED)
        .when_unknown("compare the public key with bitbucket_get_pipeline_key"),
);

pub static DELETE_KEY: Operation = Operation::destroy(
    "bitbucket_delete_pipeline_key",
    "Delete the SSH key of a Bitbucket repository's pipelines",
    CHANGE,
)
.description("Delete the SSH key pair that a repository's pipelines use.")
.parameters(&[WORKSPACE, REPOSITORY])
.target(OF_REPOSITORY)
.call(
    delete(KEY_PAIR, VARIABLE, Answer::Done("deleted the SSH key pair of the pipelines"))
        .when_missing(NO_KEY)
        .when_unknown("look with bitbucket_get_pipeline_key"),
);

const CACHES: &str = "/repositories/{workspace}/{repository}/pipelines-config/caches";
const CACHES_ARE_LISTED: &str = "bitbucket_list_caches lists them.";
const CACHES_CHECK: &str = "look with bitbucket_list_caches";
const CACHE: Parameter = Parameter::required("cache", "Its UUID", Kind::Key, "{4d5f}");

const CACHE_ROWS: Rows = pages(
    &[
        Field::label("name", &["name"]),
        Field::label("bytes", &["file_size_bytes"]),
        Field::moment("created", &["created_on"]),
        Field::label("key", &["key_hash"]),
        Field::label("cache", &["uuid"]),
    ],
    "No caches: a pipeline makes one where its definition names it.",
);

pub static LIST_CACHES: Operation =
    Operation::read("bitbucket_list_caches", "List the caches of a Bitbucket repository's pipelines", CONSENT)
        .description("List the caches of a repository's pipelines, with their sizes and ages.")
        .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
        .target(OF_REPOSITORY)
        .call(get(CACHES, READ, Answer::Rows(CACHE_ROWS)).query(&[PAGE_LENGTH]).when_missing(REPOSITORIES_ARE_LISTED));

pub static GET_CACHE: Operation =
    Operation::read("bitbucket_get_cache_address", "Get the address of a Bitbucket cache's contents", CONSENT)
        .description("Show where the contents of a cache can be downloaded; the address is good for a short time only.")
        .sensitivity(Sensitivity::Contents)
        .parameters(&[WORKSPACE, REPOSITORY, CACHE])
        .target("{workspace}/{repository} cache {cache}")
        .call(
            get(
                "/repositories/{workspace}/{repository}/pipelines-config/caches/{cache}/content-uri",
                READ,
                Answer::Record(&[Field::link("address", &["uri"])]),
            )
            .when_missing(CACHES_ARE_LISTED),
        );

pub static DELETE_CACHE: Operation =
    Operation::destroy("bitbucket_delete_cache", "Delete a cache of Bitbucket pipelines", CHANGE)
        .description("Delete one cache of a repository's pipelines; the next run makes it anew.")
        .parameters(&[WORKSPACE, REPOSITORY, CACHE])
        .target("{workspace}/{repository} cache {cache}")
        .call(
            delete(
                "/repositories/{workspace}/{repository}/pipelines-config/caches/{cache}",
                WRITE,
                Answer::Done("deleted cache {cache}"),
            )
            .when_missing(CACHES_ARE_LISTED)
            .when_unknown(CACHES_CHECK),
        );

const CACHE_NAME: Parameter = Parameter::required("name", "Name of the caches", Kind::Line { longest: 255 }, "node");

pub static DELETE_CACHES: Operation =
    Operation::destroy("bitbucket_delete_caches", "Delete caches of Bitbucket pipelines by name", CHANGE)
        .description("Delete (clear) all caches of one name of a repository's pipelines.")
        .parameters(&[WORKSPACE, REPOSITORY, CACHE_NAME])
        .target("{workspace}/{repository} caches {name}")
        .call(
            delete(CACHES, WRITE, Answer::Done("deleted the caches named {name}"))
                .query(&[NamedSource::argument("name", "name")])
                .when_missing(CACHES_ARE_LISTED)
                .when_unknown(CACHES_CHECK),
        );

/// Whoever verifies a token may ask, so no scope is needed.
const ANYBODY: Scopes = Scopes { classic: &[], granular: &[] };
const NOT_SET_UP: &str =
    "OpenID Connect of pipelines is there once a pipeline with `oidc: true` has run in this workspace.";

const OIDC: &[Field] = &[
    Field::label("issuer", &["issuer"]),
    Field::link("keys", &["jwks_uri"]),
    Field::label("algorithms", &["id_token_signing_alg_values_supported"]),
    Field::label("subject types", &["subject_types_supported"]),
    Field::label("response types", &["response_types_supported"]),
    Field::label("scopes", &["scopes_supported"]),
    Field::label("claims", &["claims_supported"]),
];

pub static GET_OIDC: Operation =
    Operation::read("bitbucket_get_oidc_config", "Get the OpenID Connect settings of Bitbucket pipelines", CONSENT)
        .description("Show the OIDC issuer of a workspace's pipelines: where its keys are, what its tokens claim.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE])
        .target("{workspace}")
        .call(
            get(
                "/workspaces/{workspace}/pipelines-config/identity/oidc/.well-known/openid-configuration",
                ANYBODY,
                Answer::Record(OIDC),
            )
            .when_missing(NOT_SET_UP),
        );

const OIDC_KEYS: Rows = Rows::new(
    "keys",
    &[
        Field::label("key id", &["kid"]),
        Field::label("type", &["kty"]),
        Field::label("algorithm", &["alg"]),
        Field::label("use", &["use"]),
    ],
    NOT_SET_UP,
);

pub static LIST_OIDC_KEYS: Operation =
    Operation::read("bitbucket_list_oidc_keys", "List the OpenID Connect keys of Bitbucket pipelines", CONSENT)
        .description("List the public keys that sign the OIDC tokens of a workspace's pipelines.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[WORKSPACE, CURSOR])
        .target("{workspace}")
        .call(
            get("/workspaces/{workspace}/pipelines-config/identity/oidc/keys.json", ANYBODY, Answer::Rows(OIDC_KEYS))
                .when_missing(NOT_SET_UP),
        );
