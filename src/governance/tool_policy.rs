//! What holds for tools beside the decision on each: the default for those that nobody decided on, and how administrators
//! classify them.

use std::{collections::HashMap, rc::Rc};

use serde::{Deserialize, Serialize};

use super::facts::ToolFacts;
use crate::{
    catalog::operation::{Class, Sensitivity},
    crypto::authenticator::{Authenticator, Table},
    platform::{
        Fault,
        database::{Rows, Statement, sql},
    },
    tools::Tool,
};

/// The table of choices, and what its authentication is over.
pub const POLICY_SETTINGS: Table = Table { name: "policy_settings", columns: &["name", "value"] };

/// The name of the default among the choices.
pub(super) const TOOL_DEFAULT: &str = "tool_default";

/// What becomes of a definition that nobody has decided on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolDefault {
    /// It waits for an administrator.
    #[default]
    ReviewEverything,
    /// An operation that only reads and is not sensitive is approved by itself; every other one waits.
    ApproveReads,
}

impl ToolDefault {
    pub const ALL: [Self; 2] = [Self::ReviewEverything, Self::ApproveReads];

    pub const fn name(self) -> &'static str {
        match self {
            Self::ReviewEverything => "review_everything",
            Self::ApproveReads => "approve_reads",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|default| default.name() == name)
    }
}

/// How much a tool does, and whether its answers are sensitive. What is on record before a call, and whether it is retried,
/// goes by the catalogue's class, which says what is done upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Classification {
    pub class: Class,
    pub is_sensitive: bool,
}

impl Classification {
    /// That of the catalogue. Source code and the contents of pages are sensitive.
    pub fn of(class: Class, sensitivity: Sensitivity) -> Self {
        Self { class, is_sensitive: sensitivity == Sensitivity::Contents }
    }

    /// The larger of both: nobody classifies a tool as less than the catalogue does.
    #[must_use]
    pub fn raised_to(self, other: Self) -> Self {
        Self { class: self.class.max(other.class), is_sensitive: self.is_sensitive || other.is_sensitive }
    }
}

/// What holds for tools beside the decision on each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolPolicy {
    pub default: ToolDefault,
    /// The tools that are classified as more than the catalogue does.
    pub(super) classifications: HashMap<String, Classification>,
}

impl ToolPolicy {
    /// Whether a definition that nobody has decided on is approved by itself.
    pub fn approves(&self, tool: &ToolFacts<'_>) -> bool {
        let Classification { class, is_sensitive } = self.classification(tool);
        self.default == ToolDefault::ApproveReads && class == Class::Read && !is_sensitive
    }

    /// How a tool is classified: as the catalogue does, or as more than that.
    pub fn classification(&self, tool: &ToolFacts<'_>) -> Classification {
        self.raised(tool.name, Classification::of(tool.class, tool.sensitivity))
    }

    /// The same of a tool of which there are no facts yet: its digest need not be known for it.
    pub fn classification_of(&self, tool: &Tool) -> Classification {
        self.raised(&tool.name, Classification::of(tool.class, tool.sensitivity))
    }

    fn raised(&self, tool: &str, catalogued: Classification) -> Classification {
        self.classifications.get(tool).map_or(catalogued, |raised| catalogued.raised_to(*raised))
    }

    /// The tool as it is classified.
    pub fn classified(&self, tool: &Rc<Tool>) -> Rc<Tool> {
        let class = self.classification_of(tool).class;
        if class == tool.class { Rc::clone(tool) } else { Rc::new(tool.of_class(class)) }
    }
}

#[derive(Deserialize)]
struct Setting {
    name: String,
    value: String,
}

/// The query for [`read_default`].
pub(super) fn settings_query(known: Option<i64>) -> Statement {
    sql("SELECT name, value, mac FROM policy_settings WHERE (SELECT version FROM policy) IS NOT ?1").bind(known)
}

/// The default among the choices that are authentic.
pub(super) fn read_default(authenticator: &Authenticator, rows: Rows) -> Result<ToolDefault, Fault> {
    let settings = authenticator.authentic(&POLICY_SETTINGS, rows).all::<Setting>()?;
    let chosen = settings.iter().find(|setting| setting.name == TOOL_DEFAULT);
    Ok(chosen.and_then(|setting| ToolDefault::parse(&setting.value)).unwrap_or_default())
}

#[derive(Deserialize)]
struct Classified {
    name: String,
    class: Class,
    is_sensitive: i64,
}

/// The query for [`read_classifications`].
pub(super) fn classifications_query(known: Option<i64>) -> Statement {
    sql("SELECT name, class, is_sensitive FROM tool_classifications WHERE (SELECT version FROM policy) IS NOT ?1")
        .bind(known)
}

pub(super) fn read_classifications(rows: Rows) -> Result<HashMap<String, Classification>, Fault> {
    let rows = rows.all::<Classified>()?.into_iter();
    let of_row = |row: Classified| (row.name, Classification { class: row.class, is_sensitive: row.is_sensitive != 0 });
    Ok(rows.map(of_row).collect())
}

#[cfg(test)]
mod tests;
