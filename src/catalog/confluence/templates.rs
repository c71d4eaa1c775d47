//! Templates of pages.

use super::{
    CURSOR, PAGE_LENGTH, PARENT, SPACE, SPACE_ID, SPACES_ARE_LISTED, TEXT, TITLE, counted_rows, delete, get, limit,
    pages, places, post, put,
};
use crate::catalog::operation::{
    Answer, Body, Bounds, Call, Field, Find, Form, Kind, Member, NamedSource, Operation, Parameter, Read, Rows, Scopes,
    Sensitivity, Source, Step,
};

pub const ALL: &[&Operation] = &[&LIST, &LIST_BLUEPRINTS, &GET, &CREATE_PAGE, &CREATE, &UPDATE, &DELETE];

const READS: Scopes = Scopes {
    classic: &["read:confluence-content.summary"],
    granular: &["read:template:confluence", "read:content-details:confluence"],
};
const TEMPLATE: Parameter = Parameter::required("template", "Template id", Kind::Key, "98951");
const ARE_LISTED: &str = "confluence_list_templates lists the templates of a space.";
const OF_SPACE: NamedSource = NamedSource::argument("spaceKey", "space");
const ROWS: Rows = counted_rows(
    &[
        Field::label("template", &["templateId"]),
        Field::label("name", &["name"]),
        Field::label("description", &["description"]),
    ],
    "No template in this space. confluence_list_blueprints lists those that come with Confluence.",
);

pub static LIST: Operation =
    Operation::read("confluence_list_templates", "List the templates of a Confluence space", "templates")
        .description("List the page templates of a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(100), CURSOR])
        .target("space {space}")
        .call(
            get("/rest/api/template/page", READS, Answer::Rows(ROWS))
                .query(&[OF_SPACE, PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static LIST_BLUEPRINTS: Operation =
    Operation::read("confluence_list_blueprints", "List the blueprints of a Confluence space", "templates")
        .description("List the templates (blueprints) that apps bring to a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(100), CURSOR])
        .target("space {space}")
        .call(
            get("/rest/api/template/blueprint", READS, Answer::Rows(ROWS))
                .query(&[OF_SPACE, PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

const FIELDS: &[Field] = &[
    Field::label("template", &["templateId"]),
    Field::label("name", &["name"]),
    Field::label("description", &["description"]),
    Field::label("space", &["space.key"]),
    Field::label("labels", &["labels.name"]),
    Field::of(Form::Storage, "body", &["body.storage.value"]),
];
const WITH_BODY: NamedSource = NamedSource::fixed("expand", "body");

pub static GET: Operation = Operation::read("confluence_get_template", "Read a Confluence template", "templates")
    .description("Read a Confluence page template as Markdown.")
    .sensitivity(Sensitivity::Contents)
    .parameters(&[TEMPLATE, CURSOR])
    .target("template {template}")
    .call(
        get("/rest/api/template/{template}", READS, Answer::Record(FIELDS))
            .query(&[WITH_BODY])
            .within(places::OF_TEMPLATE)
            .when_missing(ARE_LISTED),
    );

const ITS_BODY: Step = Step::Read(Read {
    path: "/rest/api/template/{template}",
    query: &[WITH_BODY],
    finds: &[Find { field: Field::exact("template_body", &["body.storage.value"]), kind: Kind::Verbatim }],
});

const COPIES: Scopes = Scopes {
    classic: &["read:confluence-content.summary"],
    granular: &[
        "read:content-details:confluence",
        "read:space:confluence",
        "read:template:confluence",
        "write:page:confluence",
    ],
};

const CREATE_PAGE_CALL: Call = post("/api/v2/pages", COPIES, Answer::Record(pages::MADE))
    .before(&[SPACE_ID, ITS_BODY])
    .body(Body::Json(&PAGE_BODY))
    .within(places::OF_TEMPLATE_AND_PARENT)
    .when_missing(ARE_LISTED)
    .when_unknown(pages::WHEN_MADE)
    .undone_by("confluence_delete_page", &[("page", "id")]);

pub static CREATE_PAGE: Operation = Operation::write(
    "confluence_create_page_from_template",
    "Create a Confluence page from a template",
    "create pages",
)
.description("Create a Confluence page with the contents of a template, macros and all.")
.parameters(&[TEMPLATE, SPACE, PARENT, TITLE])
.target("{title} in space {space}")
.call(CREATE_PAGE_CALL);

const PAGE_BODY: [Member; 6] = [
    pages::OF_SPACE,
    Member::of("status", Source::Fixed("current")),
    Member::argument("title", "title"),
    Member::argument("parentId", "parent"),
    pages::IN_STORAGE,
    Member::of("body.value", Source::LookedUp("template_body")),
];
const WRITES: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &["read:template:confluence", "read:content-details:confluence", "write:template:confluence"],
};
const NAME: Parameter = Parameter::required("name", "One line", Kind::Line { longest: 255 }, "Decision");
const NEW: [Member; 5] = [
    Member::argument("name", "name"),
    Member::of("templateType", Source::Fixed("page")),
    Member::argument("space.key", "space"),
    Member::of("body.storage.representation", Source::Fixed("storage")),
    Member::of("body.storage.value", Source::AsStorage("text")),
];
const CHANGED: [Member; 5] = [
    Member::argument("templateId", "template"),
    Member::argument("name", "name"),
    Member::of("templateType", Source::Fixed("page")),
    Member::of("body.storage.representation", Source::Fixed("storage")),
    Member::of("body.storage.value", Source::AsStorage("text")),
];
const MADE: &[Field] = &[Field::label("template", &["templateId"]), Field::label("name", &["name"])];

pub static CREATE: Operation =
    Operation::write("confluence_create_template", "Create a Confluence template", "change templates")
        .description("Create a page template in a Confluence space.")
        .parameters(&[SPACE, NAME, TEXT])
        .target("{name} in space {space}")
        .call(
            post("/rest/api/template", WRITES, Answer::Record(MADE))
                .body(Body::Json(&NEW))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("look with confluence_list_templates before repeating")
                .undone_by("confluence_delete_template", &[("template", "templateId")]),
        );

pub static UPDATE: Operation =
    Operation::write("confluence_update_template", "Replace a Confluence template", "change templates")
        .description("Replace the name and contents of a Confluence page template.")
        .parameters(&[TEMPLATE, NAME, TEXT])
        .target("template {template}")
        .call(
            put("/rest/api/template", WRITES, Answer::Record(MADE))
                .body(Body::Json(&CHANGED))
                .within(places::OF_TEMPLATE)
                .when_missing(ARE_LISTED)
                .when_unknown("read it with confluence_get_template before repeating"),
        );

const DELETES: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["write:template:confluence"] };

pub static DELETE: Operation =
    Operation::destroy("confluence_delete_template", "Delete a Confluence template", "change templates")
        .description("Delete a Confluence page template for good.")
        .parameters(&[TEMPLATE])
        .target("template {template}")
        .call(
            delete("/rest/api/template/{template}", DELETES, Answer::Done("deleted template {template}"))
                .within(places::OF_TEMPLATE)
                .when_missing(ARE_LISTED)
                .when_unknown("look with confluence_list_templates before repeating"),
        );
