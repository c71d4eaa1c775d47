//! The SSH and GPG keys of the caller's own account.

use super::{CURSOR, KEPT_FIELDS, PAGE_LENGTH, delete, get, limit, post, put, rows};
use crate::catalog::operation::{
    Answer, Body, Bounds, Call, Field, Find, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Step,
};

pub const ALL: &[&Operation] =
    &[&LIST_SSH, &GET_SSH, &ADD_SSH, &UPDATE_SSH, &DELETE_SSH, &LIST_GPG, &GET_GPG, &ADD_GPG, &DELETE_GPG];

/// Bitbucket has keys below people by their ids: the caller's own is looked up.
const OWN: &[Step] = &[Step::Read(Read {
    path: "/user",
    query: &[NamedSource::fixed("fields", "uuid")],
    finds: &[Find { field: Field::exact("user", &["uuid"]), kind: Kind::Key }],
})];

/// A call about the caller's own keys.
const fn own(call: Call) -> Call {
    call.before(OWN).within(Bounds::Account)
}

const RECONNECT: &str = "Bitbucket did not find your account: reconnect it in Postern's console.";
/// All of these read whose keys they are.
const OWNER: &str = "read:user:bitbucket";
const READ_SSH: Scopes = Scopes { classic: &["account"], granular: &[OWNER, "read:ssh-key:bitbucket"] };
const WRITE_SSH: Scopes =
    Scopes { classic: &["account:write"], granular: &[OWNER, "read:ssh-key:bitbucket", "write:ssh-key:bitbucket"] };
const TAKE_SSH: Scopes = Scopes { classic: &["account:write"], granular: &[OWNER, "delete:ssh-key:bitbucket"] };
const READ_GPG: Scopes = Scopes { classic: &["account"], granular: &[OWNER, "read:gpg-key:bitbucket"] };
const WRITE_GPG: Scopes =
    Scopes { classic: &["account:write"], granular: &[OWNER, "read:gpg-key:bitbucket", "write:gpg-key:bitbucket"] };
const TAKE_GPG: Scopes = Scopes { classic: &["account:write"], granular: &[OWNER, "delete:gpg-key:bitbucket"] };

const SSH_KEYS: &str = "/users/{user}/ssh-keys";
const THE_SSH_KEY: &str = "/users/{user}/ssh-keys/{key}";
const SSH_KEYS_ARE_LISTED: &str = "bitbucket_list_own_ssh_keys lists the keys that there are.";
const LOOK_FOR_SSH: &str = "look with bitbucket_list_own_ssh_keys whether it happened before repeating";
const KEY: Parameter = Parameter::required("key", "Key UUID", Kind::Key, "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}");
const PUBLIC_KEY: Parameter =
    Parameter::required("public_key", "Public SSH key", Kind::Line { longest: 10_000 }, "ssh-ed25519 AAAAC3Nza me");
const LABEL: Parameter = Parameter::optional("label", "What it is for", Kind::Line { longest: 255 }, "my laptop");
const EXPIRES: Parameter = Parameter::optional("expires", "Day on which it ends", Kind::Day, "2027-10-01");

const SSH_FIELDS: &[Field] = &[
    Field::label("key", &["uuid"]),
    Field::label("label", &["label"]),
    Field::label("comment", &["comment"]),
    Field::label("fingerprint", &["fingerprint"]),
    Field::moment("added", &["created_on"]),
    Field::moment("last used", &["last_used"]),
    Field::moment("expires", &["expires_on"]),
];
const SSH_ROWS: Rows = rows(SSH_FIELDS, "Your account has no SSH key.");

pub static LIST_SSH: Operation =
    Operation::read("bitbucket_list_own_ssh_keys", "List your Bitbucket SSH keys", "people's accounts")
        .description("List the SSH keys of your own account, with when each was last used and when it ends.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[limit(100), CURSOR])
        .call(
            own(get(SSH_KEYS, READ_SSH, Answer::Rows(SSH_ROWS)))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(RECONNECT),
        );

pub static GET_SSH: Operation =
    Operation::read("bitbucket_get_own_ssh_key", "Get your Bitbucket SSH key", "people's accounts")
        .description("Show one SSH key of your own account.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[KEY])
        .target("SSH key {key}")
        .call(
            own(get(THE_SSH_KEY, READ_SSH, Answer::Record(SSH_FIELDS)))
                .query(&[KEPT_FIELDS])
                .when_missing(SSH_KEYS_ARE_LISTED),
        );

const EXPIRY: &[NamedSource] = &[NamedSource::argument("expires_on", "expires")];
const SSH_KEY: Body = Body::Json(&[Member::argument("key", "public_key"), Member::argument("label", "label")]);

pub static ADD_SSH: Operation =
    Operation::write("bitbucket_add_own_ssh_key", "Add your Bitbucket SSH key", "add keys to your account")
        .description("Let an SSH key read and push wherever you yourself may.")
        .parameters(&[PUBLIC_KEY, LABEL, EXPIRES])
        .target("SSH key {label}")
        .call(
            own(post(SSH_KEYS, WRITE_SSH, Answer::Record(SSH_FIELDS)))
                .query(EXPIRY)
                .body(SSH_KEY)
                .when_missing(RECONNECT)
                .when_unknown(LOOK_FOR_SSH)
                .undone_by("bitbucket_delete_own_ssh_key", &[("key", "uuid")]),
        );

const NEW_LABEL: Parameter = Parameter::required("label", "New label", Kind::Line { longest: 255 }, "my laptop");

pub static UPDATE_SSH: Operation =
    Operation::write("bitbucket_update_own_ssh_key", "Change your Bitbucket SSH key", "add keys to your account")
        .description("Change the label of an SSH key of your own account.")
        .parameters(&[KEY, NEW_LABEL])
        .target("SSH key {key}")
        .call(
            own(put(THE_SSH_KEY, WRITE_SSH, Answer::Record(SSH_FIELDS)))
                .body(Body::Json(&[Member::argument("label", "label")]))
                .when_missing(SSH_KEYS_ARE_LISTED)
                .when_unknown(LOOK_FOR_SSH),
        );

pub static DELETE_SSH: Operation =
    Operation::destroy("bitbucket_delete_own_ssh_key", "Delete your Bitbucket SSH key", "keys of your account")
        .description("Delete an SSH key of your own account: whatever uses it can no longer read or push.")
        .parameters(&[KEY])
        .target("SSH key {key}")
        .call(
            own(delete(THE_SSH_KEY, TAKE_SSH, Answer::Done("deleted SSH key {key} of your account")))
                .when_missing(SSH_KEYS_ARE_LISTED)
                .when_unknown(LOOK_FOR_SSH),
        );

const GPG_KEYS: &str = "/users/{user}/gpg-keys";
const THE_GPG_KEY: &str = "/users/{user}/gpg-keys/{key}";
const GPG_KEYS_ARE_LISTED: &str = "bitbucket_list_own_gpg_keys lists the keys that there are.";
const LOOK_FOR_GPG: &str = "look with bitbucket_list_own_gpg_keys whether it happened before repeating";
const FINGERPRINT: Parameter =
    Parameter::required("key", "Its fingerprint", Kind::Slug, "0123456789abcdef0123456789abcdef01234567");
const ARMOURED: Parameter = Parameter::required(
    "public_key",
    "Public GPG key, ASCII-armoured",
    Kind::Text { longest: 100_000 },
    "-----BEGIN PGP PUBLIC KEY BLOCK-----",
);
const GPG_NAME: Parameter = Parameter::optional("name", "What it is for", Kind::Line { longest: 255 }, "my laptop");

const GPG_FIELDS: &[Field] = &[
    Field::label("key", &["fingerprint"]),
    Field::label("name", &["name"]),
    Field::label("key id", &["key_id"]),
    Field::moment("added", &["added_on", "created_on"]).first(),
    Field::moment("last used", &["last_used"]),
    Field::moment("expires", &["expires_on"]),
];
const GPG_ROWS: Rows = rows(GPG_FIELDS, "Your account has no GPG key.");

pub static LIST_GPG: Operation =
    Operation::read("bitbucket_list_own_gpg_keys", "List your Bitbucket GPG keys", "people's accounts")
        .description("List the GPG keys of your own account, by which Bitbucket verifies your signed commits.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[limit(100), CURSOR])
        .call(
            own(get(GPG_KEYS, READ_GPG, Answer::Rows(GPG_ROWS)))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing(RECONNECT),
        );

pub static GET_GPG: Operation =
    Operation::read("bitbucket_get_own_gpg_key", "Get your Bitbucket GPG key", "people's accounts")
        .description("Show one GPG key of your own account.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[FINGERPRINT])
        .target("GPG key {key}")
        .call(
            own(get(THE_GPG_KEY, READ_GPG, Answer::Record(GPG_FIELDS)))
                .query(&[KEPT_FIELDS])
                .when_missing(GPG_KEYS_ARE_LISTED),
        );

const GPG_KEY: Body = Body::Json(&[Member::argument("key", "public_key"), Member::argument("name", "name")]);

pub static ADD_GPG: Operation =
    Operation::write("bitbucket_add_own_gpg_key", "Add your Bitbucket GPG key", "add keys to your account")
        .description("Have Bitbucket take commits that this GPG key signed for yours.")
        .parameters(&[ARMOURED, GPG_NAME])
        .target("GPG key {name}")
        .call(
            own(post(GPG_KEYS, WRITE_GPG, Answer::Record(GPG_FIELDS)))
                .body(GPG_KEY)
                .when_missing(RECONNECT)
                .when_unknown(LOOK_FOR_GPG)
                .undone_by("bitbucket_delete_own_gpg_key", &[("key", "fingerprint")]),
        );

pub static DELETE_GPG: Operation =
    Operation::destroy("bitbucket_delete_own_gpg_key", "Delete your Bitbucket GPG key", "keys of your account")
        .description("Delete a GPG key of your own account: commits it signed are no longer verified.")
        .parameters(&[FINGERPRINT])
        .target("GPG key {key}")
        .call(
            own(delete(THE_GPG_KEY, TAKE_GPG, Answer::Done("deleted GPG key {key} of your account")))
                .when_missing(GPG_KEYS_ARE_LISTED)
                .when_unknown(LOOK_FOR_GPG),
        );
