//! Who is told of changes, who likes what, and what somebody marked for later.

use super::{
    BLOG_POST, BLOG_POSTS_ARE_LISTED, CONTENT, CURSOR, PAGE, PAGE_LENGTH, PAGES, PAGES_ARE_FOUND, SPACE,
    SPACES_ARE_LISTED, counted_rows, delete, get, limit, people, places, post, put, rows,
};
use crate::catalog::operation::{Answer, Bounds, Call, Field, NamedSource, Operation, Rows, Scopes, Sensitivity};

pub const ALL: &[&Operation] = &[
    &LIST_WATCHERS,
    &GET_WATCH,
    &WATCH,
    &UNWATCH,
    &LIST_SPACE_WATCHERS,
    &GET_SPACE_WATCH,
    &WATCH_SPACE,
    &UNWATCH_SPACE,
    &LIST_LIKES,
    &LIST_BLOG_POST_LIKES,
    &ADD_FAVORITE,
    &REMOVE_FAVORITE,
];

const WATCHERS: Scopes = Scopes {
    classic: &["read:confluence-content.summary"],
    granular: &["read:watcher:confluence", "read:user:confluence"],
};
const READS: Scopes = Scopes { classic: &["read:confluence-content.summary"], granular: &["read:watcher:confluence"] };
const WRITES: Scopes = Scopes { classic: &["write:confluence-content"], granular: &["write:watcher:confluence"] };
/// Without it Confluence takes the call for a forged form.
const NO_CHECK: &[NamedSource] = &[NamedSource::fixed("x-atlassian-token", "no-check")];
const ROWS: Rows = counted_rows(
    &[Field::label("name", &["watcher.displayName"]), Field::label("user", &["watcher.accountId"])],
    "Nobody watches it.",
);
const WATCHED: &[Field] = &[Field::label("this account watches it", &["watching"])];

pub static LIST_WATCHERS: Operation =
    Operation::read("confluence_list_page_watchers", "List who watches a Confluence page", "watchers")
        .description("List the people who are told of changes to a Confluence page or blog post.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[CONTENT, limit(200), CURSOR])
        .target("page {page}")
        .call(
            get("/rest/api/content/{page}/notification/created", WATCHERS, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static GET_WATCH: Operation =
    Operation::read("confluence_get_page_watch", "Say whether a Confluence page is watched", "watchers")
        .description("Say whether this account is told of changes to a Confluence page or blog post.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(
            get("/rest/api/user/watch/content/{page}", READS, Answer::Record(WATCHED))
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static WATCH: Operation = Operation::write("confluence_watch_page", "Watch a Confluence page", "watch pages")
    .description("Have this account told of changes to a Confluence page or blog post, follow it.")
    .parameters(&[CONTENT])
    .target("page {page}")
    .call(
        post("/rest/api/user/watch/content/{page}", WRITES, Answer::Done("this account watches page {page}"))
            .headers(NO_CHECK)
            .within(places::OF_CONTENT)
            .when_missing(PAGES_ARE_FOUND)
            .when_unknown("watching twice does no harm")
            .undone_by("confluence_unwatch_page", &[]),
    );

const UNWATCH_ANSWER: Answer = Answer::Done("this account no longer watches {page}");

pub static UNWATCH: Operation =
    Operation::write("confluence_unwatch_page", "Stop watching a Confluence page", "watch pages")
        .description("Have this account no longer told of changes to a Confluence page or blog post.")
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(
            delete("/rest/api/user/watch/content/{page}", WRITES, UNWATCH_ANSWER)
                .headers(NO_CHECK)
                .within(places::OF_CONTENT)
                .when_missing(PAGES_ARE_FOUND)
                .when_unknown("doing it twice does no harm")
                .undone_by("confluence_watch_page", &[]),
        );

const SPACE_WATCHERS: Scopes = Scopes { classic: &[], granular: &["read:watcher:confluence", "read:user:confluence"] };

pub static LIST_SPACE_WATCHERS: Operation =
    Operation::read("confluence_list_space_watchers", "List who watches a Confluence space", "watchers")
        .description("List the people who are told of changes in a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE, limit(200), CURSOR])
        .target("space {space}")
        .call(
            get("/rest/api/space/{space}/watch", SPACE_WATCHERS, Answer::Rows(ROWS))
                .query(&[PAGE_LENGTH])
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static GET_SPACE_WATCH: Operation =
    Operation::read("confluence_get_space_watch", "Say whether a Confluence space is watched", "watchers")
        .description("Say whether this account is told of changes in a Confluence space.")
        .sensitivity(Sensitivity::Names)
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            get("/rest/api/user/watch/space/{space}", READS, Answer::Record(WATCHED))
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED),
        );

pub static WATCH_SPACE: Operation =
    Operation::write("confluence_watch_space", "Watch a Confluence space", "watch pages")
        .description("Have this account told of changes in a Confluence space, follow it.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            post("/rest/api/user/watch/space/{space}", WRITES, Answer::Done("this account watches space {space}"))
                .headers(NO_CHECK)
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("watching twice does no harm")
                .undone_by("confluence_unwatch_space", &[]),
        );

const UNWATCH_SPACE_ANSWER: Answer = Answer::Done("this account no longer watches {space}");

pub static UNWATCH_SPACE: Operation =
    Operation::write("confluence_unwatch_space", "Stop watching a Confluence space", "watch pages")
        .description("Have this account no longer told of changes in a Confluence space.")
        .parameters(&[SPACE])
        .target("space {space}")
        .call(
            delete("/rest/api/user/watch/space/{space}", WRITES, UNWATCH_SPACE_ANSWER)
                .headers(NO_CHECK)
                .within(Bounds::Space)
                .when_missing(SPACES_ARE_LISTED)
                .when_unknown("doing it twice does no harm")
                .undone_by("confluence_watch_space", &[]),
        );

const LIKES: Rows = rows(&[Field::label("by", &["accountId"])], "Nobody likes it yet.");

pub static LIST_LIKES: Operation =
    Operation::read("confluence_list_page_likes", "List who likes a Confluence page", "pages")
        .description("List the people who like a Confluence page.")
        .parameters(&[PAGE, limit(250), CURSOR])
        .target("page {page}")
        .call(
            get("/api/v2/pages/{page}/likes/users", PAGES, Answer::Rows(LIKES))
                .query(&[PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_PAGE)
                .when_missing(PAGES_ARE_FOUND),
        );

pub static LIST_BLOG_POST_LIKES: Operation =
    Operation::read("confluence_list_blog_post_likes", "List who likes a Confluence blog post", "blog posts")
        .description("List the people who like a Confluence blog post.")
        .parameters(&[BLOG_POST, limit(250), CURSOR])
        .target("blog post {blog_post}")
        .call(
            get("/api/v2/blogposts/{blog_post}/likes/users", PAGES, Answer::Rows(LIKES))
                .query(&[PAGE_LENGTH])
                .names(&[people(&["by"])])
                .within(places::OF_BLOG_POST)
                .when_missing(BLOG_POSTS_ARE_LISTED),
        );

const ADDS_RELATIONS: Scopes = Scopes {
    classic: &["write:confluence-content"],
    granular: &[
        "read:relation:confluence",
        "read:space:confluence",
        "read:user:confluence",
        "read:content:confluence",
        "write:relation:confluence",
    ],
};
const REMOVES_RELATIONS: Scopes =
    Scopes { classic: &["write:confluence-content"], granular: &["write:relation:confluence"] };

const ADD_FAVORITE_ANSWER: Answer = Answer::Done("page {page} is a favorite of this account");

const ADD_FAVORITE_CALL: Call =
    put("/rest/api/relation/favourite/from/user/current/to/content/{page}", ADDS_RELATIONS, ADD_FAVORITE_ANSWER)
        .within(places::OF_CONTENT)
        .when_missing(PAGES_ARE_FOUND)
        .when_unknown("doing it twice does no harm")
        .undone_by("confluence_remove_favorite", &[]);

pub static ADD_FAVORITE: Operation =
    Operation::write("confluence_add_favorite", "Star a Confluence page", "mark favorites")
        .description("Star a Confluence page or blog post for this account: save it for later, mark it as a favorite.")
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(ADD_FAVORITE_CALL);

const REMOVE_FAVORITE_ANSWER: Answer = Answer::Done("page {page} is no favorite of this account");

const REMOVE_FAVORITE_CALL: Call = delete(
    "/rest/api/relation/favourite/from/user/current/to/content/{page}",
    REMOVES_RELATIONS,
    REMOVE_FAVORITE_ANSWER,
)
.within(places::OF_CONTENT)
.when_missing(PAGES_ARE_FOUND)
.when_unknown("doing it twice does no harm")
.undone_by("confluence_add_favorite", &[]);

pub static REMOVE_FAVORITE: Operation =
    Operation::write("confluence_remove_favorite", "Take the star off a Confluence page", "mark favorites")
        .description("Take a Confluence page or blog post off the favorites of this account.")
        .parameters(&[CONTENT])
        .target("page {page}")
        .call(REMOVE_FAVORITE_CALL);
