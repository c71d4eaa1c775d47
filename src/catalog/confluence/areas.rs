//! The areas of Confluence.

use super::CONFLUENCE;
use crate::catalog::operation::Area;

const fn area(name: &'static str, title: &'static str, words: &'static [&'static str]) -> Area {
    Area { name, title, provider: &CONFLUENCE, words }
}

/// Those before whose words say more.
pub const ALL: &[Area] = &[
    area("attachments", "Attachments", &["attachment"]),
    area(
        "people",
        "People and permissions",
        &["permission", "restriction", "user", "group", "role", "people", "access"],
    ),
    area("comments", "Comments", &["comment"]),
    area("labels", "Labels and properties", &["label", "propert"]),
    area("spaces", "Spaces and templates", &["space", "template", "theme"]),
    area("pages", "Pages and other content", &[]),
];
