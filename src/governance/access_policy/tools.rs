//! Which tools a toolset or a rule is of.

use serde::{Deserialize, Serialize};

use crate::{
    catalog::operation::Class,
    tools::{self, Tool},
};

/// Some of the tools: those that are named, and those that have one of each of the given classes, providers and areas.
/// Where nothing is given, every tool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolSelection {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<Class>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub providers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
}

impl ToolSelection {
    /// Tools of these classes, whichever they are.
    pub fn of_classes(classes: &[Class]) -> Self {
        Self { classes: classes.to_vec(), ..Self::default() }
    }

    /// These tools.
    pub fn named(names: &[&str]) -> Self {
        Self { names: names.iter().map(|name| (*name).to_owned()).collect(), ..Self::default() }
    }

    /// Whether it is of that tool, which counts as of that class.
    pub fn contains(&self, tool: &Tool, class: Class) -> bool {
        let Self { names, classes, providers, areas } = self;
        if names.iter().any(|name| *name == tool.name) {
            return true;
        }
        if classes.is_empty() && providers.is_empty() && areas.is_empty() {
            return names.is_empty();
        }
        let is_of = |selected: &[String], of: Option<&str>| {
            selected.is_empty() || of.is_some_and(|of| selected.iter().any(|one| one == of))
        };
        (classes.is_empty() || classes.contains(&class))
            && is_of(providers, tool.provider.map(|provider| provider.id))
            && is_of(areas, tool.area().map(|area| area.name))
    }
}

/// A set of tools, by their places in the list of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ToolBits(Vec<u64>);

impl ToolBits {
    pub(super) fn of(selection: &ToolSelection, class: &dyn Fn(&Tool) -> Class) -> Self {
        let mut bits = Self::default();
        for (place, tool) in tools::all().iter().enumerate().filter(|(_, tool)| selection.contains(tool, class(tool))) {
            debug_assert_eq!(place, tool.place);
            bits.insert(place);
        }
        bits
    }

    fn insert(&mut self, place: usize) {
        let word = place / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        if let Some(bits) = self.0.get_mut(word) {
            *bits |= 1 << (place % 64);
        }
    }

    pub(super) fn contains(&self, place: usize) -> bool {
        self.0.get(place / 64).is_some_and(|bits| bits & (1 << (place % 64)) != 0)
    }

    pub(super) fn extend(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(bits, more)| *bits |= more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(selection: &ToolSelection) -> Vec<String> {
        let bits = ToolBits::of(selection, &|tool| tool.class);
        tools::all().iter().filter(|tool| bits.contains(tool.place)).map(|tool| tool.name.to_string()).collect()
    }

    #[test]
    fn where_nothing_is_selected_every_tool_is() {
        assert_eq!(names(&ToolSelection::default()).len(), tools::all().len());
    }

    #[test]
    fn tools_have_one_of_each_that_is_given_or_are_named() {
        let selection = ToolSelection {
            names: vec!["confluence_get_page".to_owned()],
            classes: vec![Class::Destructive],
            areas: vec!["pull-requests".to_owned()],
            ..ToolSelection::default()
        };
        let selected = names(&selection);
        assert!(selected.contains(&"confluence_get_page".to_owned()));
        for tool in tools::all().iter().filter(|tool| tool.name != "confluence_get_page") {
            let fits = tool.class == Class::Destructive && tool.area().is_some_and(|area| area.name == "pull-requests");
            assert_eq!(selected.contains(&tool.name.to_string()), fits, "{}", tool.name);
        }
    }
}
