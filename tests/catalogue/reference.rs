//! The operations with examples of their arguments, as the generated reference has them.

use std::fs;

use postern_tests::instance::root;
use serde_json::{Map, Value};

/// An operation with the examples of its arguments: of those that it needs, and of all.
pub struct Described {
    pub name: String,
    pub needed: Map<String, Value>,
    pub all: Map<String, Value>,
}

/// Those that a provider answers.
pub fn operations() -> Vec<Described> {
    let text = fs::read_to_string(root().join("docs/tools.md")).expect("the reference");
    let mut operations: Vec<Described> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`')) {
            operations.push(Described { name: name.to_owned(), needed: Map::new(), all: Map::new() });
        }
        let (Some([name, default, example]), Some(operation)) = (cells(line), operations.last_mut()) else { continue };
        if !example.is_empty() {
            operation.all.insert(name.clone(), example.clone().into());
            if default == "required" {
                operation.needed.insert(name, example.into());
            }
        }
    }
    operations.retain(|operation| operation.name != "whoami");
    operations
}

/// The name of an argument, its default, and its example.
fn cells(line: &str) -> Option<[String; 3]> {
    let row = line.strip_prefix("| `")?.strip_suffix('|')?.replace("\\|", "\u{0}");
    let cells: Vec<_> = row.split(" | ").map(|cell| cell.replace('\u{0}', "|")).collect();
    let [name, default, .., example] = cells.as_slice() else { return None };
    let example = example.trim().trim_matches('`');
    // JSON has escapes of its own.
    let example = if example.starts_with(['[', '{']) { example.to_owned() } else { example.replace("\\n", "\n") };
    Some([name.trim_end_matches('`').to_owned(), default.clone(), example])
}
