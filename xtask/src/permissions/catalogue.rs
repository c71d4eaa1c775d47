//! Postern's tools, from their page of the documentation, which a test keeps as the catalogue is.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use std::fs;

use crate::workspace::Workspace;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
    Read,
    Write,
    Destructive,
}

impl Class {
    pub(super) const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Destructive];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Destructive => "destructive",
        }
    }

    /// The tool through which an agent calls those of the class, where it does not list each.
    pub(super) const fn gate(self) -> &'static str {
        match self {
            Self::Read => "postern_read",
            Self::Write => "postern_write",
            Self::Destructive => "postern_delete",
        }
    }

    /// The class that the page says so.
    fn of(sentence: &str) -> Option<Self> {
        match sentence.split_once(',')?.0 {
            "It reads" => Some(Self::Read),
            "It writes" => Some(Self::Write),
            "It takes away for good" => Some(Self::Destructive),
            _ => None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) class: Class,
    /// The provider and the area that the policy names it by, where it has them.
    pub(super) provider: Option<String>,
    pub(super) area: Option<String>,
}

pub(super) fn read(workspace: &Workspace) -> Result<Vec<Tool>> {
    let page = workspace.path("docs/tools.md");
    parse(&fs::read_to_string(&page).with_context(|| format!("{} could not be read", page.display()))?)
}

pub(super) fn parse(page: &str) -> Result<Vec<Tool>> {
    let (mut tools, mut place, mut name) = (Vec::new(), (None, None), None);
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            place = place_of(heading);
        } else if let Some(heading) = line.strip_prefix("### `") {
            name = heading.strip_suffix('`').map(str::to_owned);
        } else if let Some(class) = Class::of(line)
            && let Some(name) = name.take()
        {
            let (provider, area) = place.clone();
            tools.push(Tool { name, class, provider, area });
        }
    }
    ensure!(!tools.is_empty(), "docs/tools.md names no tools: run `cargo xtask generate`");
    Ok(tools)
}

/// The provider and the area of a heading: ``Bitbucket: Snippets (toolset `snippets`)``.
fn place_of(heading: &str) -> (Option<String>, Option<String>) {
    let Some((provider, rest)) = heading.split_once(": ") else { return (None, None) };
    let area = rest.split_once("(toolset `").and_then(|(_, area)| area.strip_suffix("`)"));
    (Some(provider.to_lowercase()), area.map(str::to_owned))
}
