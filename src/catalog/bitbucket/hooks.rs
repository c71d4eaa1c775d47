//! Webhooks of repositories and workspaces.

use super::{
    CURSOR, KEPT_FIELDS, OF_REPOSITORY, PAGE_LENGTH, REPOSITORIES_ARE_LISTED, REPOSITORY, WORKSPACE, delete, get,
    limit, line, post, put, rows,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Field, Kind, Member, Operation, Parameter, Rows, Scopes, Sensitivity,
};

pub const ALL: &[&Operation] = &[
    &LIST_EVENTS,
    &LIST,
    &GET,
    &CREATE,
    &UPDATE,
    &DELETE,
    &LIST_OF_WORKSPACE,
    &GET_OF_WORKSPACE,
    &CREATE_IN_WORKSPACE,
    &UPDATE_IN_WORKSPACE,
    &DELETE_IN_WORKSPACE,
];

const READ: Scopes = Scopes { classic: &["webhook"], granular: &["read:webhook:bitbucket"] };
const WRITE: Scopes =
    Scopes { classic: &["webhook"], granular: &["read:webhook:bitbucket", "write:webhook:bitbucket"] };
const TAKE_AWAY: Scopes = Scopes { classic: &["webhook"], granular: &["delete:webhook:bitbucket"] };

const HOOKS: &str = "/repositories/{workspace}/{repository}/hooks";
const THE_HOOK: &str = "/repositories/{workspace}/{repository}/hooks/{hook}";
const HOOKS_OF_WORKSPACE: &str = "/workspaces/{workspace}/hooks";
const THE_HOOK_OF_WORKSPACE: &str = "/workspaces/{workspace}/hooks/{hook}";

const HOOK: Parameter =
    Parameter::required("hook", "Webhook UUID", Kind::Key, "{0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0}");
const EVENT: Kind = Kind::Key;
const EVENTS: Parameter = Parameter::required(
    "events",
    "As bitbucket_list_hook_events names them",
    Kind::List { of: &EVENT, most: 50 },
    "[\"repo:push\"]",
);
const NEW_EVENTS: Parameter =
    Parameter::optional("events", "New events, all of them", Kind::List { of: &EVENT, most: 50 }, "[\"repo:push\"]");
const URL: Parameter =
    Parameter::required("url", "Public address to call", Kind::Line { longest: 2_000 }, "https://ci.acme.example/hook");
const NEW_URL: Parameter = line("url", "New address", 2_000, "https://ci.acme.example/hook");
const DESCRIPTION: Parameter = line("description", "What it is for", 255, "Starts builds");
const ACTIVE: Parameter = Parameter::optional("active", "Whether it is called", Kind::Boolean, "true");
const SECRET: Parameter = Parameter::optional(
    "secret",
    "Key that signs the calls; never shown again",
    Kind::Secret { longest: 255 },
    "a long random text",
);
const BODY: Body = Body::Json(&[
    Member::argument("description", "description"),
    Member::argument("url", "url"),
    Member::argument("active", "active"),
    Member::argument("secret", "secret"),
    Member::argument("events", "events"),
]);

const ROWS: Rows = rows(
    &[
        Field::label("hook", &["uuid"]),
        Field::label("description", &["description"]),
        Field::label("url", &["url"]),
        Field::flags("flags", &["active", "secret_set"]),
        Field::label("events", &["events"]),
    ],
    "There is no webhook here.",
);
/// Of a secret, only that there is one.
const FIELDS: &[Field] = &[
    Field::label("hook", &["uuid"]),
    Field::label("description", &["description"]),
    Field::label("url", &["url"]),
    Field::flags("flags", &["active", "secret_set"]),
    Field::label("events", &["events"]),
    Field::moment("created", &["created_at"]),
];

const KINDS: Parameter =
    Parameter::optional("of", "Of which kind of webhook", Kind::Choice(&["repository", "workspace"]), "repository")
        .or("repository");
const EVENT_ROWS: Rows = rows(
    &[Field::label("event", &["event"]), Field::label("label", &["label"]), Field::label("category", &["category"])],
    "There is no event.",
);

pub static LIST_EVENTS: Operation =
    Operation::read("bitbucket_list_hook_events", "List events of Bitbucket webhooks", "webhooks")
        .description("List the events that a webhook can be called for, such as pushes and pull requests.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[KINDS, limit(100), CURSOR])
        .call(
            get("/hook_events/{of}", Scopes { classic: &[], granular: &[] }, Answer::Rows(EVENT_ROWS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .within(Bounds::Account)
                .when_missing("Webhooks are of a repository or of a workspace."),
        );

pub static LIST: Operation = Operation::read("bitbucket_list_hooks", "List Bitbucket webhooks", "webhooks")
    .description("List the webhooks of a repository: the address that each calls, and for which events.")
    .parameters(&[WORKSPACE, REPOSITORY, limit(100), CURSOR])
    .target(OF_REPOSITORY)
    .call(
        get(HOOKS, READ, Answer::Rows(ROWS)).query(&[PAGE_LENGTH, KEPT_FIELDS]).when_missing(REPOSITORIES_ARE_LISTED),
    );

pub static GET: Operation = Operation::read("bitbucket_get_hook", "Get a Bitbucket webhook", "webhooks")
    .description("Show one webhook of a repository; of its secret, only whether it has one.")
    .parameters(&[WORKSPACE, REPOSITORY, HOOK])
    .target("{workspace}/{repository}, webhook {hook}")
    .call(
        get(THE_HOOK, READ, Answer::Record(FIELDS))
            .query(&[KEPT_FIELDS])
            .when_missing("bitbucket_list_hooks lists the webhooks that there are."),
    );

pub static CREATE: Operation =
    Operation::write("bitbucket_create_hook", "Create a Bitbucket webhook", "set up webhooks")
        .description("Have Bitbucket call an address whenever something happens in a repository.")
        .parameters(&[WORKSPACE, REPOSITORY, URL, EVENTS, DESCRIPTION, ACTIVE.or("true"), SECRET])
        .target(OF_REPOSITORY)
        .call(
            post(HOOKS, WRITE, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing(REPOSITORIES_ARE_LISTED)
                .when_unknown("look with bitbucket_list_hooks whether it happened before repeating")
                .undone_by("bitbucket_delete_hook", &[("hook", "uuid")]),
        );

pub static UPDATE: Operation =
    Operation::write("bitbucket_update_hook", "Change a Bitbucket webhook", "set up webhooks")
        .description(
            "Change the address, events, secret or state of a webhook of a repository; what is left out stays.",
        )
        .parameters(&[WORKSPACE, REPOSITORY, HOOK, NEW_URL, NEW_EVENTS, DESCRIPTION, ACTIVE, SECRET])
        .target("{workspace}/{repository}, webhook {hook}")
        .call(
            put(THE_HOOK, WRITE, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing("bitbucket_list_hooks lists the webhooks that there are.")
                .when_unknown("look with bitbucket_list_hooks whether it happened before repeating"),
        );

pub static DELETE: Operation = Operation::destroy(
    "bitbucket_delete_hook",
    "Delete a Bitbucket webhook",
    "webhooks of repositories and workspaces",
)
.description("Delete a webhook of a repository: its address is no longer called.")
.parameters(&[WORKSPACE, REPOSITORY, HOOK])
.target("{workspace}/{repository}, webhook {hook}")
.call(
    delete(THE_HOOK, TAKE_AWAY, Answer::Done("deleted webhook {hook}"))
        .when_missing("bitbucket_list_hooks lists the webhooks that there are.")
        .when_unknown("look with bitbucket_list_hooks whether it happened before repeating"),
);

pub static LIST_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_list_workspace_hooks", "List a Bitbucket workspace's webhooks", "webhooks")
        .description("List the webhooks of a workspace: the address that each calls, and for which events.")
        .parameters(&[WORKSPACE, limit(100), CURSOR])
        .target("{workspace}")
        .call(
            get(HOOKS_OF_WORKSPACE, READ, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH, KEPT_FIELDS])
                .when_missing("bitbucket_list_workspaces lists the workspaces you belong to."),
        );

pub static GET_OF_WORKSPACE: Operation =
    Operation::read("bitbucket_get_workspace_hook", "Get a Bitbucket workspace's webhook", "webhooks")
        .description("Show one webhook of a workspace; of its secret, only whether it has one.")
        .parameters(&[WORKSPACE, HOOK])
        .target("{workspace}, webhook {hook}")
        .call(
            get(THE_HOOK_OF_WORKSPACE, READ, Answer::Record(FIELDS))
                .query(&[KEPT_FIELDS])
                .when_missing("bitbucket_list_workspace_hooks lists the webhooks that there are."),
        );

pub static CREATE_IN_WORKSPACE: Operation =
    Operation::write("bitbucket_create_workspace_hook", "Create a Bitbucket workspace's webhook", "set up webhooks")
        .description("Have Bitbucket call an address whenever something happens in all repositories of a workspace.")
        .parameters(&[WORKSPACE, URL, EVENTS, DESCRIPTION, ACTIVE.or("true"), SECRET])
        .target("{workspace}")
        .call(
            post(HOOKS_OF_WORKSPACE, WRITE, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing("bitbucket_list_workspaces lists the workspaces you belong to.")
                .when_unknown("look with bitbucket_list_workspace_hooks whether it happened before repeating")
                .undone_by("bitbucket_delete_workspace_hook", &[("hook", "uuid")]),
        );

pub static UPDATE_IN_WORKSPACE: Operation =
    Operation::write("bitbucket_update_workspace_hook", "Change a Bitbucket workspace's webhook", "set up webhooks")
        .description("Change the address, events, secret or state of a webhook of a workspace; what is left out stays.")
        .parameters(&[WORKSPACE, HOOK, NEW_URL, NEW_EVENTS, DESCRIPTION, ACTIVE, SECRET])
        .target("{workspace}, webhook {hook}")
        .call(
            put(THE_HOOK_OF_WORKSPACE, WRITE, Answer::Record(FIELDS))
                .body(BODY)
                .when_missing("bitbucket_list_workspace_hooks lists the webhooks that there are.")
                .when_unknown("look with bitbucket_list_workspace_hooks whether it happened before repeating"),
        );

pub static DELETE_IN_WORKSPACE: Operation = Operation::destroy(
    "bitbucket_delete_workspace_hook",
    "Delete a Bitbucket workspace's webhook",
    "webhooks of repositories and workspaces",
)
.description("Delete a webhook of a workspace: its address is no longer called.")
.parameters(&[WORKSPACE, HOOK])
.target("{workspace}, webhook {hook}")
.call(
    delete(THE_HOOK_OF_WORKSPACE, TAKE_AWAY, Answer::Done("deleted webhook {hook}"))
        .when_missing("bitbucket_list_workspace_hooks lists the webhooks that there are.")
        .when_unknown("look with bitbucket_list_workspace_hooks whether it happened before repeating"),
);
