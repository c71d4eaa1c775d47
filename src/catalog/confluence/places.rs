//! In which space each kind of things lies, below which pages, and how it is labelled.

use crate::catalog::operation::{Around, Bounds, Field, LiesIn, Listed, Located, Place};

/// By its number.
static SPACE: Place = Place::new("/api/v2/spaces/{id}", &[LiesIn::Space(Field::exact("key", &["key"]))]);

const BY_NUMBER: &[LiesIn] = &[LiesIn::Thing(Field::exact("space", &["spaceId"]), &SPACE)];

// Trashed pages and drafts are in a space too.
pub static PAGE: Place =
    Place::new("/api/v2/pages/{id}?status=current&status=archived&status=trashed&status=draft", BY_NUMBER)
        .below(Listed::At("/api/v2/pages/{id}/ancestors?limit=250"))
        .labelled(Listed::At("/api/v2/pages/{id}/labels?limit=250"));
pub static BLOG_POST: Place =
    Place::new("/api/v2/blogposts/{id}?status=current&status=trashed&status=draft", BY_NUMBER)
        .labelled(Listed::At("/api/v2/blogposts/{id}/labels?limit=250"));
// Of these, the API shows no labels.
pub static WHITEBOARD: Place = Place::new("/api/v2/whiteboards/{id}", BY_NUMBER)
    .below(Listed::At("/api/v2/whiteboards/{id}/ancestors?limit=250"))
    .labelled(Listed::Unknown);
pub static DATABASE: Place = Place::new("/api/v2/databases/{id}", BY_NUMBER)
    .below(Listed::At("/api/v2/databases/{id}/ancestors?limit=250"))
    .labelled(Listed::Unknown);
pub static FOLDER: Place = Place::new("/api/v2/folders/{id}", BY_NUMBER)
    .below(Listed::At("/api/v2/folders/{id}/ancestors?limit=250"))
    .labelled(Listed::Unknown);
pub static EMBED: Place = Place::new("/api/v2/embeds/{id}", BY_NUMBER)
    .below(Listed::At("/api/v2/embeds/{id}/ancestors?limit=250"))
    .labelled(Listed::Unknown);
pub static CUSTOM_CONTENT: Place =
    Place::new("/api/v2/custom-content/{id}", BY_NUMBER).below(Listed::Unknown).labelled(Listed::Unknown);
pub static TASK: Place = Place::new("/api/v2/tasks/{id}", BY_NUMBER)
    .below(Listed::Unknown)
    .labelled(Listed::Unknown)
    .in_state(&["status", "updatedAt"]);
pub static TEMPLATE: Place =
    Place::new("/rest/api/template/{id}?expand=body", &[LiesIn::Space(Field::exact("key", &["space.key"]))])
        .labelled(Listed::Unknown)
        .in_state(&["name", "body.storage.value"]);

const ON_PAGE: LiesIn = LiesIn::Thing(Field::exact("page", &["pageId"]), &PAGE);
const ON_BLOG_POST: LiesIn = LiesIn::Thing(Field::exact("blog post", &["blogPostId"]), &BLOG_POST);
const ON_CUSTOM_CONTENT: LiesIn = LiesIn::Thing(Field::exact("custom content", &["customContentId"]), &CUSTOM_CONTENT);
const ON_ATTACHMENT: LiesIn = LiesIn::Thing(Field::exact("attachment", &["attachmentId"]), &ATTACHMENT);
const REPLY_TO: Field = Field::exact("comment", &["parentCommentId"]);

pub static ATTACHMENT: Place = Place::new("/api/v2/attachments/{id}", &[ON_PAGE, ON_BLOG_POST, ON_CUSTOM_CONTENT])
    .labelled(Listed::At("/api/v2/attachments/{id}/labels?limit=250"));
// A reply may name nothing but the comment that it answers.
pub static FOOTER_COMMENT: Place = Place::new(
    "/api/v2/footer-comments/{id}",
    &[ON_PAGE, ON_BLOG_POST, ON_ATTACHMENT, ON_CUSTOM_CONTENT, LiesIn::Thing(REPLY_TO, &FOOTER_COMMENT)],
);
pub static INLINE_COMMENT: Place =
    Place::new("/api/v2/inline-comments/{id}", &[ON_PAGE, ON_BLOG_POST, LiesIn::Thing(REPLY_TO, &INLINE_COMMENT)]);

/// Whatever can stand in a tree of pages.
pub const IN_TREE: &[&Place] = &[&PAGE, &FOLDER, &WHITEBOARD, &DATABASE, &EMBED];
const CONTENT: &[&Place] = &[&PAGE, &BLOG_POST];
const COMMENTS: &[&Place] = &[&FOOTER_COMMENT, &INLINE_COMMENT];

/// Something that a call names, which it is about alone.
const NAMED: Located = Located { argument: "", places: &[], around: None, is_goal: false, into: None };

const ONE_PAGE: &[&Place] = &[&PAGE];
const PAGES: Located = Located { argument: "page", places: ONE_PAGE, ..NAMED };
const BLOG_POSTS: Located = Located { argument: "blog_post", places: &[&BLOG_POST], ..NAMED };
const EITHER: Located = Located { argument: "page", places: CONTENT, ..NAMED };
const PARENTS: Located = Located { argument: "parent", places: IN_TREE, is_goal: true, ..NAMED };
const TARGETS: Located =
    Located { argument: "target", places: IN_TREE, is_goal: true, into: Some(("position", "append")), ..NAMED };
const ANSWERED: Located = Located { argument: "reply_to", places: COMMENTS, ..NAMED };
const ATTACHMENTS: Located = Located { argument: "attachment", places: &[&ATTACHMENT], ..NAMED };
const FOLDERS: Located = Located { argument: "folder", places: &[&FOLDER], ..NAMED };
const WHITEBOARDS: Located = Located { argument: "whiteboard", places: &[&WHITEBOARD], ..NAMED };
const DATABASES: Located = Located { argument: "database", places: &[&DATABASE], ..NAMED };
const EMBEDS: Located = Located { argument: "embed", places: &[&EMBED], ..NAMED };
const TEMPLATES: Located = Located { argument: "template", places: &[&TEMPLATE], ..NAMED };

pub const OF_PAGE: Bounds = Bounds::Places(&[PAGES]);
pub const BELOW_PAGES: Bounds =
    Bounds::Places(&[Located { argument: "pages", places: ONE_PAGE, around: Some(Around::Below), ..NAMED }]);
pub const OF_BLOG_POST: Bounds = Bounds::Places(&[BLOG_POSTS]);
/// Of v1, which takes pages and blog posts alike.
pub const OF_CONTENT: Bounds = Bounds::Places(&[EITHER]);
pub const OF_COMMENT: Bounds = Bounds::Places(&[Located { argument: "comment", places: COMMENTS, ..NAMED }]);
pub const OF_ATTACHMENT: Bounds = Bounds::Places(&[ATTACHMENTS]);
pub const OF_TASK: Bounds = Bounds::Places(&[Located { argument: "task", places: &[&TASK], ..NAMED }]);
pub const OF_TEMPLATE: Bounds = Bounds::Places(&[TEMPLATES]);
pub const OF_FOLDER: Bounds = Bounds::Places(&[FOLDERS]);
pub const BELOW_FOLDER: Bounds = Bounds::Places(&[FOLDERS.with(Around::Below)]);
pub const ABOVE_FOLDER: Bounds = Bounds::Places(&[FOLDERS.with(Around::Above)]);
pub const OF_WHITEBOARD: Bounds = Bounds::Places(&[WHITEBOARDS]);
pub const BELOW_WHITEBOARD: Bounds = Bounds::Places(&[WHITEBOARDS.with(Around::Below)]);
pub const ABOVE_WHITEBOARD: Bounds = Bounds::Places(&[WHITEBOARDS.with(Around::Above)]);
pub const OF_DATABASE: Bounds = Bounds::Places(&[DATABASES]);
pub const BELOW_DATABASE: Bounds = Bounds::Places(&[DATABASES.with(Around::Below)]);
pub const ABOVE_DATABASE: Bounds = Bounds::Places(&[DATABASES.with(Around::Above)]);
pub const OF_EMBED: Bounds = Bounds::Places(&[EMBEDS]);
pub const BELOW_EMBED: Bounds = Bounds::Places(&[EMBEDS.with(Around::Below)]);
pub const ABOVE_EMBED: Bounds = Bounds::Places(&[EMBEDS.with(Around::Above)]);
/// What is made in a space that is named, below something.
pub const BELOW_PARENT: Bounds = Bounds::Places(&[PARENTS]);
/// A page and where it goes.
pub const OF_PAGE_AND_TARGET: Bounds = Bounds::Places(&[PAGES.with(Around::Below), TARGETS]);
/// A page with all below it, and where that goes.
pub const OF_TREE_AND_PARENT: Bounds = Bounds::Places(&[PAGES.with(Around::Below), PARENTS]);
/// A page, with what lies below it.
pub const BELOW_PAGE: Bounds = Bounds::Places(&[PAGES.with(Around::Below)]);
/// A page, with what it lies below.
pub const ABOVE_PAGE: Bounds = Bounds::Places(&[PAGES.with(Around::Above)]);
pub const OF_PAGE_AND_PARENT: Bounds = Bounds::Places(&[PAGES, PARENTS]);
pub const OF_PAGE_AND_COMMENT: Bounds = Bounds::Places(&[PAGES, ANSWERED]);
pub const OF_BLOG_POST_AND_COMMENT: Bounds = Bounds::Places(&[BLOG_POSTS, ANSWERED]);
pub const OF_TEMPLATE_AND_PARENT: Bounds = Bounds::Places(&[TEMPLATES, PARENTS]);
pub const OF_CONTENT_AND_ATTACHMENT: Bounds = Bounds::Places(&[EITHER, ATTACHMENTS]);
