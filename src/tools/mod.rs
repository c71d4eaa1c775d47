//! Tools: what MCP clients list and call, and what administrators approve. What stands behind a tool is known to whoever
//! sends its calls, and to nobody else: today an operation of the catalogue, later also a tool of a remote MCP server.

mod gate;
pub mod site_choice;
pub mod view;

use std::{borrow::Cow, cell::OnceCell, rc::Rc};

use serde_json::Value;

pub use gate::{Gate, MOST_CALLS, MOST_FOUND};

use crate::{
    catalog::{
        self, area,
        operation::{Area, Class, Operation, Sensitivity, Surface},
        schema,
    },
    crypto::digest,
    providers::Provider,
    settings::sites::Sites,
};

/// One tool, as clients and administrators see it.
pub struct Tool {
    /// Its place in the list of all tools.
    pub place: usize,
    /// Unique among all tools.
    pub name: Cow<'static, str>,
    /// For people: lists, consent and audit.
    pub title: Cow<'static, str>,
    /// For the model.
    pub description: Cow<'static, str>,
    /// For the person who lets a client in: what is read, or what is done.
    pub consent: Cow<'static, str>,
    pub class: Class,
    pub sensitivity: Sensitivity,
    pub surface: Surface,
    /// The provider that its calls go to; `None` where Postern answers by itself.
    pub provider: Option<&'static Provider>,
    /// Its entry in `tools/list` (MCP `Tool`), where its provider has one site.
    definition: OnceCell<Value>,
    definition_digest: OnceCell<String>,
    pub source: Source,
}

/// What stands behind a tool.
#[derive(Clone, Copy)]
pub enum Source {
    Operation(&'static Operation),
}

impl Tool {
    fn of_operation(place: usize, operation: &'static Operation) -> Self {
        Self {
            place,
            name: operation.name.into(),
            title: operation.title.into(),
            description: operation.description.into(),
            consent: operation.consent.into(),
            class: operation.class,
            sensitivity: operation.sensitivity,
            surface: operation.surface,
            provider: operation.provider(),
            definition: OnceCell::new(),
            definition_digest: OnceCell::new(),
            source: Source::Operation(operation),
        }
    }

    /// SHA-256 of what a model sees, what a host acts on and what is done upstream: an approval is of exactly this. Which
    /// sites there are is the operator's to say, as their addresses are: the digest is the same with more of them.
    ///
    /// Made when it is first needed, as the definition is: most calls of a young isolate need those of one tool.
    pub fn definition_digest(&self) -> &str {
        let Source::Operation(operation) = self.source;
        self.definition_digest.get_or_init(|| schema::digest(operation))
    }

    fn definition_at_one_site(&self) -> &Value {
        let Source::Operation(operation) = self.source;
        self.definition.get_or_init(|| schema::definition(operation))
    }

    /// Its entry in `tools/list` (MCP `Tool`). Where its provider has several sites, calls may name one of them.
    pub fn definition(&self, sites: &Sites) -> Value {
        let mut definition = self.definition_at_one_site().clone();
        let several = self.provider.filter(|provider| sites.are_several(provider));
        if let (Some(provider), Some(schema)) = (several, definition.get_mut("inputSchema")) {
            schema::add_site(schema, provider, sites.of(provider));
        }
        definition
    }

    /// All that its digest is of, as canonical JSON.
    pub fn whole_definition(&self) -> String {
        let Source::Operation(operation) = self.source;
        schema::whole_definition(operation)
    }

    /// The same tool, classified as of that class: so it is listed and annotated.
    #[must_use]
    pub fn of_class(&self, class: Class) -> Self {
        let Source::Operation(operation) = self.source;
        let mut definition = self.definition_at_one_site().clone();
        if let Some(members) = definition.as_object_mut() {
            members.insert("annotations".to_owned(), schema::annotations(class, operation.call.is_some()));
        }
        Self { class, definition: OnceCell::from(definition), ..Self::of_operation(self.place, operation) }
    }

    /// The part of its provider that it is about; `None` where Postern answers by itself.
    pub fn area(&self) -> Option<&'static Area> {
        let Source::Operation(operation) = self.source;
        area::of(operation)
    }

    /// Whether a call changes anything.
    pub fn writes(&self) -> bool {
        self.class != Class::Read
    }
}

/// Every tool of this deployment.
struct Tools {
    all: Rc<[Rc<Tool>]>,
    digest: OnceCell<String>,
}

thread_local! {
    /// Made once in an isolate: tools do not change while the program runs, and every call asks for one.
    static TOOLS: Tools = {
        let all: Rc<[Rc<Tool>]> = catalog::all()
            .enumerate()
            .map(|(place, operation)| Rc::new(Tool::of_operation(place, operation)))
            .collect();
        Tools { all, digest: OnceCell::new() }
    };
}

/// Every tool, in the order of `tools/list`. The first one can be called without arguments.
pub fn all() -> Rc<[Rc<Tool>]> {
    TOOLS.with(|tools| Rc::clone(&tools.all))
}

/// The tool of that name.
pub fn find(name: &str) -> Option<Rc<Tool>> {
    TOOLS.with(|tools| tools.all.iter().find(|tool| tool.name == name).cloned())
}

/// The digest of all that is listed: another one where other tools are deployed, or other sites may be named.
pub fn digest(sites: &Sites) -> String {
    let of_tools =
        TOOLS.with(|tools| tools.digest.get_or_init(|| digest_of(tools.all.iter().map(|tool| &**tool))).clone());
    let several: Vec<_> =
        sites.all().filter(|site| sites.are_several(site.provider)).map(|site| site.to_string()).collect();
    if several.is_empty() { of_tools } else { digest::sha256(&format!("{of_tools} {}", several.join(" "))) }
}

/// One digest of the definitions of these tools: another one once one of them is defined otherwise, or another set of them
/// is meant.
pub fn digest_of<'a>(tools: impl IntoIterator<Item = &'a Tool>) -> String {
    let digests: Vec<&str> = tools.into_iter().map(Tool::definition_digest).collect();
    digest::sha256(&digests.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    #[test]
    fn the_tools_are_those_of_the_catalogue_in_its_order() {
        let tools = all();
        assert!(tools.iter().map(|tool| &*tool.name).eq(catalog::all().map(|operation| operation.name)));
    }

    #[test]
    fn every_tool_is_found_by_the_name_that_its_definition_has() {
        for tool in all().iter() {
            let name = tool.definition_at_one_site()["name"].as_str().expect("a name");
            assert!(find(name).is_some_and(|found| Rc::ptr_eq(&found, tool)), "{name}");
        }
        assert!(find("no_such_tool").is_none());
    }

    #[test]
    fn the_digest_of_some_tools_is_not_that_of_others() {
        let tools = all();
        let of = |skipped: usize| digest_of(tools.iter().skip(skipped).map(|tool| &**tool));
        assert_eq!(of(0), digest(&settings::for_tests().sites));
        assert_ne!(of(0), of(1));
    }

    fn schema(tool: &str, settings: &settings::Settings) -> Value {
        find(tool).expect("a tool").definition(&settings.sites)["inputSchema"].clone()
    }

    #[test]
    fn where_a_provider_has_one_site_no_tool_has_an_argument_for_it() {
        for settings in [settings::for_tests(), settings::with_sites(&[("BITBUCKET_SITES", "eu")])] {
            for tool in ["whoami", "confluence_get_page", "confluence_list_spaces"] {
                let tool = find(tool).expect("a tool");
                assert_eq!(&tool.definition(&settings.sites), tool.definition_at_one_site(), "{}", tool.name);
            }
        }
    }

    #[test]
    fn where_a_provider_has_several_its_tools_may_name_one() {
        let settings = settings::with_sites(&[("CONFLUENCE_SITES", "eu us")]);
        let site = schema("confluence_get_page", &settings)["properties"]["site"].clone();
        assert_eq!(site["enum"], serde_json::json!(["main", "eu", "us"]));
        assert_eq!(schema("confluence_get_page", &settings)["required"], serde_json::json!(["page"]));
        assert!(schema("bitbucket_get_repository", &settings)["properties"].get("site").is_none());
    }

    #[test]
    fn more_sites_are_another_list_and_leave_every_approval_good() {
        let (one, several) = (settings::for_tests(), settings::with_sites(&[("CONFLUENCE_SITES", "eu")]));
        assert_ne!(digest(&one.sites), digest(&several.sites));
        let approved: Vec<_> = all().iter().map(|tool| tool.definition_digest().to_owned()).collect();
        let listed = |tool: &Rc<Tool>| tool.definition(&several.sites);
        assert!(all().iter().any(|tool| listed(tool) != *tool.definition_at_one_site()));
        assert!(all().iter().map(|tool| tool.definition_digest()).eq(approved));
    }

    #[test]
    fn no_operation_has_an_argument_of_its_own_of_that_name() {
        assert!(catalog::all().all(|operation| operation.parameter(catalog::arguments::SITE).is_none()));
    }
}
