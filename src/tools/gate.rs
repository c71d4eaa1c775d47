//! The gates: four tools behind which every operation can be found and run, listed or not. One for each class, so that
//! what hosts are told of a call by its annotations is true.

use serde_json::{Map, Value, json};

use crate::catalog::operation::Class;

/// A tool that finds operations or runs them. No administrator approves a gate: what is decided on is the operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    Find,
    Read,
    Write,
    Delete,
}

/// The most calls of one `postern_read`.
pub const MOST_CALLS: usize = 10;
/// The most operations of one `postern_find`.
pub const MOST_FOUND: usize = 5;

impl Gate {
    pub const ALL: [Self; 4] = [Self::Find, Self::Read, Self::Write, Self::Delete];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Find => "postern_find",
            Self::Read => "postern_read",
            Self::Write => "postern_write",
            Self::Delete => "postern_delete",
        }
    }

    /// The gate of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|gate| gate.name() == name)
    }

    /// The gate that runs operations of a class.
    pub const fn of(class: Class) -> Self {
        match class {
            Class::Read => Self::Read,
            Class::Write => Self::Write,
            Class::Destructive => Self::Delete,
        }
    }

    /// The class of the operations that it runs, if it runs any.
    pub const fn class(self) -> Option<Class> {
        match self {
            Self::Find => None,
            Self::Read => Some(Class::Read),
            Self::Write => Some(Class::Write),
            Self::Delete => Some(Class::Destructive),
        }
    }

    /// Whether operations of this class lie behind it.
    pub fn leads_to(self, class: Class) -> bool {
        self == Self::Find || self == Self::of(class)
    }

    /// A call of this operation, as it can be sent.
    pub fn call(operation: &str, class: Class, arguments: &Map<String, Value>) -> String {
        let gate = Self::of(class);
        // By hand: `operation` comes first, since that is what a person is shown first.
        let arguments = Value::from(arguments.clone());
        let one = format!("{{\"operation\":{},\"arguments\":{arguments}}}", Value::from(operation));
        match gate {
            Self::Read => format!("{} {{\"calls\":[{one}]}}", gate.name()),
            _ => format!("{} {one}", gate.name()),
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Find => "Find operations",
            Self::Read => "Read through operations",
            Self::Write => "Write by an operation",
            Self::Delete => "Delete by an operation",
        }
    }

    /// For the model.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Find => {
                "Find operations beyond these tools, by words or an address; answers with how to call each. Hundreds: \
                 branches, tags, pipelines, deployments, variables, webhooks, permissions, snippets, labels, attachments, \
                 versions, restrictions, space settings and more."
            }
            Self::Read => {
                "Run operations from postern_find that only read; several at once where they do not depend on each other."
            }
            Self::Write => "Run one operation from postern_find that adds or changes something.",
            Self::Delete => "Run one operation from postern_find that cannot be undone.",
        }
    }

    fn input_schema(self) -> Value {
        let one = json!({
            "operation": { "type": "string", "description": "Name" },
            "arguments": { "type": "object" },
        });
        let (properties, required) = match self {
            Self::Find => (
                json!({
                    "query": { "type": "string", "description": "What you want to do" },
                    "limit": {
                        "type": "integer", "default": MOST_FOUND
                    },
                }),
                "query",
            ),
            Self::Read => {
                let call = json!({ "type": "object", "properties": one, "required": ["operation"] });
                let calls = json!({ "type": "array", "description": format!("At most {MOST_CALLS}"), "items": call });
                (json!({ "calls": calls }), "calls")
            }
            Self::Write | Self::Delete => (one, "operation"),
        };
        json!({ "type": "object", "properties": properties, "required": [required], "additionalProperties": false })
    }

    /// Its entry in `tools/list` (MCP `Tool`). Hosts that load few tools by themselves are asked to load the search.
    pub fn definition(self, meta: Option<Value>) -> Value {
        let reads = matches!(self, Self::Find | Self::Read);
        let mut definition = json!({
            "name": self.name(),
            "title": self.title(),
            "description": self.description(),
            "inputSchema": self.input_schema(),
            "annotations": {
                "readOnlyHint": reads,
                "destructiveHint": self == Self::Delete,
                "idempotentHint": reads,
                "openWorldHint": self != Self::Find,
            },
        });
        if let (Some(meta), Some(members)) = (meta, definition.as_object_mut()) {
            members.insert("_meta".into(), meta);
        }
        definition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tools;

    #[test]
    fn no_tool_has_the_name_of_a_gate() {
        assert!(
            Gate::ALL.iter().all(|gate| tools::find(gate.name()).is_none() && Gate::named(gate.name()) == Some(*gate))
        );
    }

    #[test]
    fn each_class_has_one_gate_and_is_found_by_the_search() {
        for class in [Class::Read, Class::Write, Class::Destructive] {
            let leading: Vec<_> = Gate::ALL.into_iter().filter(|gate| gate.leads_to(class)).collect();
            assert_eq!(leading, [Gate::Find, Gate::of(class)]);
        }
    }

    #[test]
    fn a_gate_is_annotated_by_the_class_behind_it() {
        for class in [Class::Read, Class::Write, Class::Destructive] {
            let annotations = Gate::of(class).definition(None)["annotations"].clone();
            assert_eq!(annotations["readOnlyHint"], class == Class::Read);
            assert_eq!(annotations["destructiveHint"], class == Class::Destructive);
        }
    }

    #[test]
    fn the_operation_comes_first_in_a_call_that_is_written_out() {
        let arguments = json!({ "workspace": "acme" });
        let call = |class| Gate::call("bitbucket_x", class, arguments.as_object().unwrap());
        let one = r#"{"operation":"bitbucket_x","arguments":{"workspace":"acme"}}"#;
        assert_eq!(call(Class::Read), format!("postern_read {{\"calls\":[{one}]}}"));
        assert_eq!(call(Class::Write), format!("postern_write {one}"));
        assert_eq!(call(Class::Destructive), format!("postern_delete {one}"));
    }
}
