//! A view: which of the tools that may run an address lists by themselves (`/mcp?tools=gates`). Never a right: whatever
//! may run can be called by its name at every address, and nothing else can at any.

use std::rc::Rc;

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Gate, Tool};
use crate::{
    catalog::{
        area,
        arguments::nearest,
        operation::{Area, Class, Surface},
    },
    providers::hints::FIRST_TOOL,
    settings::Settings,
    untrusted,
};

/// Which tools are listed by themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shelf {
    /// The core of the catalogue, and the gates to all else.
    Core,
    /// Only who one is, and the gates.
    Gates,
    /// Every operation, and no gate.
    All,
}

/// What the query of an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct View {
    shelf: Shelf,
    reads_only: bool,
    /// `None` for all of them.
    areas: Option<Vec<&'static Area>>,
}

/// A query that names what there is not.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("Not found: `{given}` is no {kind}. {}There are: {known}.", nearest.map(|nearest| format!("Did you mean `{nearest}`? ")).unwrap_or_default())]
pub struct NoSuchView {
    given: String,
    kind: &'static str,
    nearest: Option<&'static str>,
    known: String,
}

const SHELVES: &[&str] = &["core", "gates", "all"];
const ACCESS: &[&str] = &["read", "write"];
const PARAMETERS: &[&str] = &["tools", "access", "toolsets"];
/// The longest word that is said again, in characters.
const LONGEST_WORD: usize = 40;

impl NoSuchView {
    fn of(given: &str, kind: &'static str, known: &[&'static str]) -> Self {
        let nearest = nearest(given, known);
        Self { given: untrusted::label(given, LONGEST_WORD), kind, nearest, known: known.join(", ") }
    }
}

impl Default for View {
    fn default() -> Self {
        Self { shelf: Shelf::Core, reads_only: false, areas: None }
    }
}

impl View {
    /// The view that a query asks for. Parameters of others, as proxies add them, mean nothing here.
    ///
    /// # Errors
    /// Where it names a view or an area that there is not, or nearly names a parameter.
    pub fn parse(query: &str) -> Result<Self, NoSuchView> {
        let mut view = Self::default();
        let mut shelf = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                "tools" => {
                    shelf = Some(match &*value {
                        "core" => Shelf::Core,
                        "gates" => Shelf::Gates,
                        "all" => Shelf::All,
                        other => return Err(NoSuchView::of(other, "view of the tools", SHELVES)),
                    });
                }
                "access" => match &*value {
                    "read" => view.reads_only = true,
                    "write" => view.reads_only = false,
                    other => return Err(NoSuchView::of(other, "access", ACCESS)),
                },
                "toolsets" => {
                    let known = |name: &str| {
                        area::find(name).ok_or_else(|| {
                            let names: Vec<_> = area::all().map(|area| area.name).collect();
                            NoSuchView::of(name, "toolset", &names)
                        })
                    };
                    let words = value.split(',').map(str::trim).filter(|word| !word.is_empty());
                    view.areas = Some(words.map(known).collect::<Result<_, _>>()?);
                }
                other if nearest(other, PARAMETERS).is_some() => {
                    return Err(NoSuchView::of(other, "parameter of this address", PARAMETERS));
                }
                _ => {}
            }
        }
        // Whoever names areas wants their tools by themselves.
        let of_areas = if view.areas.is_some() { Shelf::All } else { Shelf::Core };
        view.shelf = shelf.unwrap_or(of_areas);
        Ok(view)
    }

    /// The query, as an identifier of the resource has it (RFC 9728 §3), where it is of a view and of nothing else; else
    /// nothing.
    pub fn suffix(query: &str) -> String {
        let is_plain = query.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"=&,%-_".contains(&byte));
        let is_ours = form_urlencoded::parse(query.as_bytes()).all(|(name, _)| PARAMETERS.contains(&&*name));
        let is_view = is_plain && is_ours && !query.is_empty() && Self::parse(query).is_ok();
        if is_view { format!("?{query}") } else { String::new() }
    }

    /// Whether a tool belongs to the view, listed by itself or not.
    pub fn admits(&self, tool: &Tool) -> bool {
        let in_areas = |areas: &Vec<&'static Area>| match tool.area() {
            Some(area) => areas.contains(&area),
            None => true,
        };
        (!self.reads_only || tool.class == Class::Read) && self.areas.as_ref().is_none_or(in_areas)
    }

    /// Whether the gates are listed.
    pub fn has_gates(&self) -> bool {
        self.shelf != Shelf::All
    }

    /// Whether a tool that the view admits is listed by itself.
    pub fn lists(&self, tool: &Tool) -> bool {
        match self.shelf {
            Shelf::Core => tool.surface == Surface::Core,
            Shelf::Gates => tool.provider.is_none(),
            Shelf::All => true,
        }
    }

    /// What `tools/list` answers where these tools may run: those that are listed by themselves, and the gates behind
    /// which there is something.
    pub fn entries(&self, settings: &Settings, runnable: &[Rc<Tool>]) -> Vec<Value> {
        let admitted: Vec<_> = runnable.iter().filter(|tool| self.admits(tool)).collect();
        let listed = admitted.iter().filter(|tool| self.lists(tool)).map(|tool| entry(settings, tool));
        let leads_on = |gate: &Gate| admitted.iter().any(|tool| tool.provider.is_some() && gate.leads_to(tool.class));
        let gates = Gate::ALL.into_iter().filter(|gate| self.has_gates() && leads_on(gate));
        listed.chain(gates.map(|gate| gate_entry(settings, gate))).collect()
    }
}

fn meta(settings: &Settings, always_loaded: bool, class: Class) -> Option<Value> {
    if class == Class::Destructive && settings.confirm_destructive {
        return Some(json!({ "anthropic/requiresUserInteraction": true }));
    }
    always_loaded.then(|| json!({ "anthropic/alwaysLoad": true }))
}

fn entry(settings: &Settings, tool: &Tool) -> Value {
    let mut definition = tool.definition(&settings.sites);
    let meta = meta(settings, tool.name == FIRST_TOOL, tool.class);
    if let (Some(meta), Some(members)) = (meta, definition.as_object_mut()) {
        members.insert("_meta".into(), meta);
    }
    definition
}

fn gate_entry(settings: &Settings, gate: Gate) -> Value {
    let class = if gate == Gate::Delete { Class::Destructive } else { Class::Read };
    gate.definition(meta(settings, gate == Gate::Find, class))
}

#[cfg(test)]
mod tests;
