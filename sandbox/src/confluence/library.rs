//! The spaces of the site, and what is in them.

use super::attachments::Attachment;
use super::comments::Comment;
use super::document::{self, Block};
use super::page_texts;

/// A space.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) homepage: &'static str,
}

/// What a page says.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Blocks(Vec<Block>),
    /// As it was sent.
    Storage(String),
}

impl Body {
    pub(crate) fn storage(&self) -> String {
        match self {
            Self::Blocks(blocks) => document::storage(blocks),
            Self::Storage(storage) => storage.clone(),
        }
    }

    /// What is sent is shown as it is in every representation.
    pub(crate) fn as_format(&self, format: &str) -> String {
        match (self, format) {
            (_, "storage" | "editor") | (Self::Storage(_), _) => self.storage(),
            (Self::Blocks(blocks), "atlas_doc_format") => document::atlas_doc_format(blocks),
            (Self::Blocks(blocks), _) => document::view(blocks),
        }
    }

    /// Its words.
    pub(crate) fn plain(&self) -> String {
        match self {
            Self::Blocks(blocks) => document::plain(blocks),
            Self::Storage(storage) => without_tags(storage),
        }
    }
}

fn without_tags(storage: &str) -> String {
    let mut text = String::new();
    let mut in_tag = false;
    for character in storage.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                text.push(' ');
            }
            _ if !in_tag => text.push(character),
            _ => {}
        }
    }
    text
}

/// What was there before a change.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) number: u32,
    pub(crate) title: String,
    pub(crate) message: String,
    pub(crate) at: u64,
    pub(crate) body: Body,
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) space: &'static str,
    pub(crate) parent: Option<String>,
    pub(crate) title: String,
    pub(crate) author: &'static str,
    pub(crate) status: &'static str,
    pub(crate) version: u32,
    pub(crate) message: String,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) labels: Vec<String>,
    pub(crate) body: Body,
    /// Earlier ones, the oldest first.
    pub(crate) versions: Vec<Version>,
}

/// Everything on the site.
pub(crate) struct Library {
    pub(crate) spaces: Vec<Space>,
    pub(crate) pages: Vec<Page>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) attachments: Vec<Attachment>,
    next: u64,
}

impl Library {
    /// `site` is in the title of every page.
    pub(crate) fn create(site: &str) -> Self {
        let spaces = vec![
            Space { id: "65537", key: "ENG", name: "Engineering", homepage: "98305" },
            Space { id: "65538", key: "OPS", name: "Operations", homepage: "98401" },
        ];
        let mut pages = page_texts::all();
        for page in pages.iter_mut().filter(|_| !site.is_empty()) {
            page.title = format!("{} ({site})", page.title);
        }
        Self { spaces, pages, comments: Vec::new(), attachments: Vec::new(), next: 200_001 }
    }

    /// An id that nothing has yet.
    pub(crate) fn new_id(&mut self) -> String {
        self.next += 1;
        self.next.to_string()
    }

    pub(crate) fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The pages that one lies below, the next one first.
    pub(crate) fn above<'l>(&'l self, page: &'l Page) -> impl Iterator<Item = &'l Page> {
        let parent = |page: &'l Page| page.parent.as_deref().and_then(|parent| self.page(parent));
        std::iter::successors(parent(page), move |page| parent(page))
    }

    pub(crate) fn page_mut(&mut self, id: &str) -> Option<&mut Page> {
        self.pages.iter_mut().find(|page| page.id == id)
    }

    /// By numeric id.
    pub(crate) fn space(&self, id: &str) -> Option<&Space> {
        self.spaces.iter().find(|space| space.id == id)
    }

    pub(crate) fn space_of(&self, page: &Page) -> Option<&Space> {
        self.spaces.iter().find(|space| space.key == page.space)
    }
}

impl Page {
    /// `/spaces/ENG/pages/98306/Retry+policy`, below `/wiki`.
    pub(crate) fn web_path(&self) -> String {
        let title: String = form_urlencoded::byte_serialize(self.title.as_bytes()).collect();
        format!("/spaces/{}/pages/{}/{title}", self.space, self.id)
    }

    /// Keeps what is there as a version, and makes room for the next one.
    pub(crate) fn begin_version(&mut self, message: &str) {
        self.versions.push(Version {
            number: self.version,
            title: self.title.clone(),
            message: std::mem::replace(&mut self.message, message.to_owned()),
            at: self.updated,
            body: self.body.clone(),
        });
        self.version += 1;
        self.updated = crate::clock::now();
    }
}
