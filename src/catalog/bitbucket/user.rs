//! The caller's own account, and other people's names.

use super::{CURSOR, KEPT_FIELDS, MEMBERS_ARE_LISTED, PAGE_LENGTH, USER, get, limit, rows};
use crate::catalog::operation::{Answer, Bounds, Field, Operation, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[&GET_CURRENT, &LIST_EMAILS, &GET];

const RECONNECT: &str = "Bitbucket did not find your account: reconnect it in Postern's console.";
const FIELDS: &[Field] = &[
    Field::person("name", &["display_name"]),
    Field::label("nickname", &["nickname"]),
    Field::label("user", &["uuid"]),
    Field::label("account id", &["account_id"]),
    Field::label("status", &["account_status"]),
    Field::moment("since", &["created_on"]),
    Field::link("link", &["links.html.href"]),
];

pub static GET_CURRENT: Operation =
    Operation::read("bitbucket_get_current_user", "Get your Bitbucket account", "people's accounts")
        .description("Show whom Bitbucket takes you for: your name, nickname and ids.")
        .sensitivity(Sensitivity::Names)
        .call(
            get("/user", Scopes { classic: &["account"], granular: &["read:user:bitbucket"] }, Answer::Record(FIELDS))
                .query(&[KEPT_FIELDS])
                .within(Bounds::Account)
                .when_missing(RECONNECT),
        );

const EMAILS: Rows = rows(
    &[Field::label("address", &["email"]), Field::flags("flags", &["is_primary", "is_confirmed"])],
    "Your account has no e-mail address.",
);

const EMAIL_SCOPES: Scopes = Scopes { classic: &["email"], granular: &["read:user:bitbucket"] };

pub static LIST_EMAILS: Operation =
    Operation::read("bitbucket_list_own_emails", "List your Bitbucket e-mail addresses", "people's accounts")
        .description("List the e-mail addresses of your own account; commits by them count as yours.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[limit(100), CURSOR])
        .call(
            get("/user/emails", EMAIL_SCOPES, Answer::Rows(EMAILS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .within(Bounds::Account)
                .when_missing(RECONNECT),
        );

pub static GET: Operation = Operation::read("bitbucket_get_user", "Get a Bitbucket user", "people's accounts")
    .description("Show a person's name and nickname by account id or UUID.")
    .sensitivity(Sensitivity::Names)
    .parameters(&[USER])
    .target("{user}")
    .call(
        get("/users/{user}", Scopes { classic: &[], granular: &["read:user:bitbucket"] }, Answer::Record(FIELDS))
            .query(&[KEPT_FIELDS])
            .within(Bounds::Account)
            .when_missing(MEMBERS_ARE_LISTED),
    );
