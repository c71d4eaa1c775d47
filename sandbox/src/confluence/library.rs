//! The spaces and pages of the site.

use super::document::Block;
use super::page_texts;

/// A space.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    pub(crate) name: &'static str,
    pub(crate) homepage: &'static str,
}

/// A page.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) id: String,
    pub(crate) space: &'static str,
    pub(crate) parent: Option<&'static str>,
    pub(crate) title: String,
    pub(crate) author: &'static str,
    pub(crate) version: u32,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) labels: &'static [&'static str],
    pub(crate) body: Vec<Block>,
}

/// Everything on the site.
pub(crate) struct Library {
    pub(crate) spaces: Vec<Space>,
    pub(crate) pages: Vec<Page>,
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
        Self { spaces, pages }
    }

    pub(crate) fn page(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
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
}
