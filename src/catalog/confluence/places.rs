//! In which space each kind of things lies, for a Postern that is limited to some.

use crate::catalog::operation::{Bounds, Field, LiesIn, Located, Place};

/// By its number.
static SPACE: Place = Place { path: "/api/v2/spaces/{id}", lies_in: &[LiesIn::Space(Field::exact("key", &["key"]))] };

const BY_NUMBER: &[LiesIn] = &[LiesIn::Thing(Field::exact("space", &["spaceId"]), &SPACE)];

// Trashed pages and drafts are in a space too.
pub static PAGE: Place =
    Place { path: "/api/v2/pages/{id}?status=current&status=archived&status=trashed&status=draft", lies_in: BY_NUMBER };
pub static BLOG_POST: Place =
    Place { path: "/api/v2/blogposts/{id}?status=current&status=trashed&status=draft", lies_in: BY_NUMBER };
pub static WHITEBOARD: Place = Place { path: "/api/v2/whiteboards/{id}", lies_in: BY_NUMBER };
pub static DATABASE: Place = Place { path: "/api/v2/databases/{id}", lies_in: BY_NUMBER };
pub static FOLDER: Place = Place { path: "/api/v2/folders/{id}", lies_in: BY_NUMBER };
pub static EMBED: Place = Place { path: "/api/v2/embeds/{id}", lies_in: BY_NUMBER };
pub static CUSTOM_CONTENT: Place = Place { path: "/api/v2/custom-content/{id}", lies_in: BY_NUMBER };
pub static TASK: Place = Place { path: "/api/v2/tasks/{id}", lies_in: BY_NUMBER };
pub static TEMPLATE: Place =
    Place { path: "/rest/api/template/{id}", lies_in: &[LiesIn::Space(Field::exact("key", &["space.key"]))] };

const ON_PAGE: LiesIn = LiesIn::Thing(Field::exact("page", &["pageId"]), &PAGE);
const ON_BLOG_POST: LiesIn = LiesIn::Thing(Field::exact("blog post", &["blogPostId"]), &BLOG_POST);
const ON_CUSTOM_CONTENT: LiesIn = LiesIn::Thing(Field::exact("custom content", &["customContentId"]), &CUSTOM_CONTENT);
const ON_ATTACHMENT: LiesIn = LiesIn::Thing(Field::exact("attachment", &["attachmentId"]), &ATTACHMENT);
const REPLY_TO: Field = Field::exact("comment", &["parentCommentId"]);

pub static ATTACHMENT: Place =
    Place { path: "/api/v2/attachments/{id}", lies_in: &[ON_PAGE, ON_BLOG_POST, ON_CUSTOM_CONTENT] };
// A reply may name nothing but the comment that it answers.
pub static FOOTER_COMMENT: Place = Place {
    path: "/api/v2/footer-comments/{id}",
    lies_in: &[ON_PAGE, ON_BLOG_POST, ON_ATTACHMENT, ON_CUSTOM_CONTENT, LiesIn::Thing(REPLY_TO, &FOOTER_COMMENT)],
};
pub static INLINE_COMMENT: Place = Place {
    path: "/api/v2/inline-comments/{id}",
    lies_in: &[ON_PAGE, ON_BLOG_POST, LiesIn::Thing(REPLY_TO, &INLINE_COMMENT)],
};

/// Whatever can stand in a tree of pages.
pub const IN_TREE: &[&Place] = &[&PAGE, &FOLDER, &WHITEBOARD, &DATABASE, &EMBED];
const CONTENT: &[&Place] = &[&PAGE, &BLOG_POST];
const COMMENTS: &[&Place] = &[&FOOTER_COMMENT, &INLINE_COMMENT];

const ONE_PAGE: &[&Place] = &[&PAGE];
const PAGES: Located = Located { argument: "page", places: ONE_PAGE };
const BLOG_POSTS: Located = Located { argument: "blog_post", places: &[&BLOG_POST] };
const EITHER: Located = Located { argument: "page", places: CONTENT };
const PARENTS: Located = Located { argument: "parent", places: IN_TREE };
const ANSWERED: Located = Located { argument: "reply_to", places: COMMENTS };
const ATTACHMENTS: Located = Located { argument: "attachment", places: &[&ATTACHMENT] };
const TEMPLATES: Located = Located { argument: "template", places: &[&TEMPLATE] };

pub const OF_PAGE: Bounds = Bounds::Places(&[PAGES]);
pub const OF_PAGES: Bounds = Bounds::Places(&[Located { argument: "pages", places: ONE_PAGE }]);
pub const OF_BLOG_POST: Bounds = Bounds::Places(&[BLOG_POSTS]);
/// Of v1, which takes pages and blog posts alike.
pub const OF_CONTENT: Bounds = Bounds::Places(&[EITHER]);
pub const OF_COMMENT: Bounds = Bounds::Places(&[Located { argument: "comment", places: COMMENTS }]);
pub const OF_ATTACHMENT: Bounds = Bounds::Places(&[ATTACHMENTS]);
pub const OF_TASK: Bounds = Bounds::Places(&[Located { argument: "task", places: &[&TASK] }]);
pub const OF_TEMPLATE: Bounds = Bounds::Places(&[TEMPLATES]);
pub const OF_FOLDER: Bounds = Bounds::Places(&[Located { argument: "folder", places: &[&FOLDER] }]);
pub const OF_WHITEBOARD: Bounds = Bounds::Places(&[Located { argument: "whiteboard", places: &[&WHITEBOARD] }]);
pub const OF_DATABASE: Bounds = Bounds::Places(&[Located { argument: "database", places: &[&DATABASE] }]);
pub const OF_EMBED: Bounds = Bounds::Places(&[Located { argument: "embed", places: &[&EMBED] }]);
/// What is made in a space that is named, below something.
pub const BELOW_PARENT: Bounds = Bounds::Places(&[PARENTS]);
/// A page and where it goes.
pub const OF_PAGE_AND_TARGET: Bounds = Bounds::Places(&[PAGES, Located { argument: "target", places: IN_TREE }]);
pub const OF_PAGE_AND_PARENT: Bounds = Bounds::Places(&[PAGES, PARENTS]);
pub const OF_PAGE_AND_COMMENT: Bounds = Bounds::Places(&[PAGES, ANSWERED]);
pub const OF_BLOG_POST_AND_COMMENT: Bounds = Bounds::Places(&[BLOG_POSTS, ANSWERED]);
pub const OF_TEMPLATE_AND_PARENT: Bounds = Bounds::Places(&[TEMPLATES, PARENTS]);
pub const OF_CONTENT_AND_ATTACHMENT: Bounds = Bounds::Places(&[EITHER, ATTACHMENTS]);
