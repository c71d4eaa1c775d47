//! Confluence Cloud: REST v2, and v1 where v2 has no counterpart.

mod analytics;
pub mod areas;
mod attachments;
mod blog_posts;
mod classification;
mod comments;
mod databases;
mod drafts;
mod editing;
mod embeds;
mod folders;
mod groups;
mod labels;
mod page_tree;
pub mod pages;
mod people;
mod places;
mod properties;
mod replies;
mod restrictions;
pub mod search;
mod space_access;
mod space_properties;
mod spaces;
mod states;
mod tasks;
mod templates;
mod versions;
mod watching;
mod whiteboards;

use super::{
    named::NamedKind,
    operation::{
        Answer, Call, Field, Find, Form, Ids, Kind, NamedSource, Names, Operation, Paging, Parameter, Poll, Read, Rows,
        Scopes, Step, Task,
    },
};
use crate::{platform::http::Method, providers::CONFLUENCE};

/// Of an argument that names a thing, the operation that shows it.
pub const SHOWN_BY: &[(&str, &Operation)] = &[("page", &pages::GET)];

/// Where it shows what an access policy names.
pub const NAMED: &[NamedKind] = &[
    NamedKind { provider: &CONFLUENCE, kind: "space", path: "api/v2/spaces?keys={space}", list: Some("results") },
    NamedKind { provider: &CONFLUENCE, kind: "page", path: "api/v2/pages/{page}", list: None },
];

pub const AREAS: &[&[&Operation]] = &[
    search::ALL,
    spaces::ALL,
    pages::ALL,
    editing::ALL,
    drafts::ALL,
    page_tree::ALL,
    versions::ALL,
    blog_posts::ALL,
    comments::ALL,
    replies::ALL,
    attachments::ALL,
    labels::ALL,
    tasks::ALL,
    folders::ALL,
    whiteboards::ALL,
    databases::ALL,
    embeds::ALL,
    templates::ALL,
    properties::ALL,
    space_properties::ALL,
    restrictions::ALL,
    classification::ALL,
    states::ALL,
    watching::ALL,
    analytics::ALL,
    space_access::ALL,
    people::ALL,
    groups::ALL,
];

const CURSOR: Parameter = Parameter::optional("cursor", "From the previous answer", Kind::Cursor, "");
const PAGE_LENGTH: NamedSource = NamedSource::argument("limit", "limit");
const PAGE: Parameter = Parameter::required("page", "Page id or address", Kind::Identifier, "98305");
const BLOG_POST: Parameter = Parameter::required("blog_post", "Blog post id or address", Kind::Identifier, "98501");
/// What v1 takes for pages and blog posts alike.
const CONTENT: Parameter = Parameter::required("page", "Page or blog post id", Kind::Identifier, "98305");
const SPACE: Parameter = Parameter::required("space", "Space key", Kind::Space, "ENG");
const ONLY_SPACE: Parameter = Parameter::optional("space", "Only this space key", Kind::Space, "ENG");
const PARENT: Parameter = Parameter::optional("parent", "Id of the page above", Kind::Identifier, "98305");
const TITLE: Parameter = Parameter::required("title", "One line", Kind::Line { longest: 255 }, "Release notes");
const TEXT: Parameter =
    Parameter::required("text", "Markdown", Kind::Markdown { longest: 200_000 }, "# Steps\n\nDeploy.");
const VERSION: Parameter =
    Parameter::required("version", "Version number", Kind::Integer { least: 1, most: 1_000_000 }, "2");
const ACCOUNT: Parameter = Parameter::required("user", "Account id", Kind::Key, "712020:0f1e2d3c-4b5a");

const PAGES_ARE_FOUND: &str =
    "confluence_search finds pages; a folder, whiteboard or blog post has an id too but is no page.";
const SPACES_ARE_LISTED: &str = "confluence_list_spaces lists the spaces and their keys.";
const BLOG_POSTS_ARE_LISTED: &str = "confluence_list_blog_posts lists the blog posts of a space.";

const PAGES: Scopes = Scopes { classic: &[], granular: &["read:page:confluence"] };
/// Of what is of a space that is looked up by its key.
const PAGES_OF_SPACES: Scopes = Scopes { classic: &[], granular: &["read:page:confluence", "read:space:confluence"] };
const CHANGE_PAGES: Scopes = Scopes { classic: &[], granular: &["write:page:confluence"] };
const READ_AND_CHANGE_PAGES: Scopes =
    Scopes { classic: &[], granular: &["read:page:confluence", "write:page:confluence"] };
const ADD_PAGES: Scopes = Scopes { classic: &[], granular: &["read:space:confluence", "write:page:confluence"] };
const DELETE_PAGES: Scopes = Scopes { classic: &[], granular: &["delete:page:confluence"] };
const TREES: Scopes = Scopes { classic: &[], granular: &["read:hierarchical-content:confluence"] };
const ANCESTORS: Scopes = Scopes { classic: &[], granular: &["read:content.metadata:confluence"] };
const SPACES: Scopes = Scopes { classic: &[], granular: &["read:space:confluence"] };

/// How many rows a page has; Confluence takes at most `most`.
const fn limit(most: i64) -> Parameter {
    Parameter::optional("limit", "Rows", Kind::Integer { least: 1, most }, "10").or("25")
}

const fn get(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Get, path, scopes, answer)
}

const fn post(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Post, path, scopes, answer)
}

const fn put(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Put, path, scopes, answer)
}

const fn delete(path: &'static str, scopes: Scopes, answer: Answer) -> Call {
    Call::new(&CONFLUENCE, Method::Delete, path, scopes, answer)
}

/// A list as Confluence has them in both versions.
const fn rows(columns: &'static [Field], when_empty: &'static str) -> Rows {
    Rows::new("results", columns, when_empty).paging(Paging::Link { next: "_links.next", keep: &["cursor"] })
}

/// A list of v1 that counts its rows.
const fn counted_rows(columns: &'static [Field], when_empty: &'static str) -> Rows {
    Rows::new("results", columns, when_empty).paging(Paging::Start { parameter: "start", limit: "limit" })
}

/// v2 takes a space's number where people have its key.
const SPACE_ID: Step = Step::Read(Read {
    path: "/api/v2/spaces",
    query: &[NamedSource::argument("keys", "space")],
    finds: &[Find { field: Field::exact("space_id", &["results.id"]), kind: Kind::Identifier }],
});

const ANY_VERSION: Kind = Kind::Integer { least: 1, most: i64::MAX };
/// What a body of any kind is.
const BODY: Find = Find { field: Field::exact("body", &["body.storage.value"]), kind: Kind::Verbatim };
const OLD_TITLE: Find = Find { field: Field::exact("old_title", &["title"]), kind: Kind::Line { longest: 500 } };
const OLD_VERSION: Find = Find { field: Field::exact("old_version", &["version.number"]), kind: ANY_VERSION };
const AS_STORAGE: NamedSource = NamedSource::fixed("body-format", "storage");

/// People in these fields, by their names.
const fn people(fields: &'static [&'static str]) -> Names {
    Names {
        fields,
        path: "/api/v2/users-bulk",
        ids: Ids::Body("accountIds"),
        list: "results",
        id: Field::exact("id", &["accountId"]),
        name: Field::label("name", &["displayName", "publicName"]).first(),
        standing: Some(Field::of(Form::Exact, "standing", &["accountType", "isExternalCollaborator"])),
    }
}

/// The field `space`, by its key.
const SPACE_KEYS: Names = Names {
    fields: &["space"],
    path: "/api/v2/spaces",
    ids: Ids::Query("ids"),
    list: "results",
    id: Field::exact("id", &["id"]),
    name: Field::label("key", &["key"]),
    standing: None,
};

/// The end of what v1 does by and by: copying, archiving and deleting of many.
const LONG_TASK: Poll = Poll {
    path: "/rest/api/longtask/{long_task}",
    task: Task::Body(Find { field: Field::exact("long_task", &["id"]), kind: Kind::Key }),
    state: Field::of(Form::Exact, "state", &["finished", "successful"]),
    done: &["yes yes"],
    failed: &["yes no"],
    reason: Field::label("reason", &["errors.translation"]),
    every: 2,
    at_most: 10,
};
