//! What a schema says of a value: its members and elements, whatever it is put together from.

use std::collections::BTreeMap;

use serde_json::Value;

/// How deep references may lead to references.
const DEEPEST: usize = 20;
/// A schema with more kinds than this is the root of all, of which every other one is a kind.
const MOST_KINDS: usize = 12;

/// The whole of a document.
pub(crate) struct Root {
    pub(crate) value: Value,
    /// By a reference, the names of the schemas that say of themselves that they are made from what it refers to.
    kinds: BTreeMap<String, Vec<String>>,
}

impl Root {
    pub(crate) fn new(value: Value) -> Self {
        let mut kinds: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let schemas = value.pointer("/components/schemas").and_then(Value::as_object);
        for (name, schema) in schemas.into_iter().flatten() {
            let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
            for reference in parts.filter_map(|part| part.get("$ref").and_then(Value::as_str)) {
                let kinds = kinds.entry(reference.to_owned()).or_default();
                if kinds.last() != Some(name) {
                    kinds.push(name.clone());
                }
            }
        }
        Self { value, kinds }
    }
}

/// What it refers to, if it does. Prism would read some references without end: its documents have them under another word.
fn reference(at: &Value) -> Option<&str> {
    ["$ref", "x-cut-ref"].into_iter().find_map(|word| at.get(word)).and_then(Value::as_str)
}

/// A schema of a document, or a part of one.
#[derive(Clone, Copy)]
pub struct Schema<'a> {
    root: &'a Root,
    at: &'a Value,
}

impl<'a> Schema<'a> {
    pub(crate) const fn new(root: &'a Root, at: &'a Value) -> Self {
        Self { root, at }
    }

    const fn of(self, at: &'a Value) -> Self {
        Self { root: self.root, at }
    }

    /// The name of what it refers to, if it does.
    pub(crate) fn reference(self) -> Option<&'a str> {
        reference(self.at)
    }

    /// What is written at the end of its references.
    pub(crate) fn value(self) -> &'a Value {
        let mut at = self.at;
        for _ in 0..DEEPEST {
            let reference = reference(at).and_then(|reference| reference.strip_prefix('#'));
            match reference.and_then(|pointer| self.root.value.pointer(pointer)) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// Itself and all that it is put together from. Of alternatives, each; of a schema that has kinds, each kind.
    pub(crate) fn parts(self) -> Vec<Self> {
        let mut parts = Vec::new();
        self.push_parts(&mut parts, true);
        parts
    }

    fn push_parts(self, parts: &mut Vec<Self>, kinds_too: bool) {
        let value = self.value();
        if parts.iter().any(|part| std::ptr::eq(part.at, value)) {
            return;
        }
        parts.push(self.of(value));
        for word in ["allOf", "anyOf", "oneOf"] {
            for part in value.get(word).and_then(Value::as_array).into_iter().flatten() {
                // What something is made from has other kinds than this one.
                self.of(part).push_parts(parts, word != "allOf");
            }
        }
        if kinds_too {
            self.kinds().into_iter().for_each(|kind| kind.push_parts(parts, false));
        }
    }

    /// The schemas that say of themselves that they are made from this one.
    fn kinds(self) -> Vec<Self> {
        let kinds = self.reference().and_then(|reference| self.root.kinds.get(reference));
        let kinds = kinds.filter(|kinds| kinds.len() <= MOST_KINDS).into_iter().flatten();
        let schemas = self.root.value.pointer("/components/schemas");
        kinds.filter_map(|name| schemas?.get(name)).map(|kind| self.of(kind)).collect()
    }

    /// What it says of the elements, where it is a list.
    pub fn elements(self) -> Option<Self> {
        self.parts().into_iter().find_map(|part| part.at.get("items").map(|items| self.of(items)))
    }

    /// What it says of the member of that name, be it its own or that of its elements.
    pub fn member(self, name: &str) -> Option<Self> {
        let in_object = |part: &Self| part.at.get("properties").and_then(|members| members.get(name));
        let parts = self.parts();
        let own = parts.iter().find_map(in_object).or_else(|| {
            let any = parts.iter().filter_map(|part| part.at.get("additionalProperties"));
            // `true` says nothing of anything.
            any.into_iter().find(|any| any.is_object())
        });
        own.map(|own| self.of(own)).or_else(|| self.elements().and_then(|elements| elements.member(name)))
    }

    /// The names of its members, or of those of its elements.
    pub fn names(self) -> Vec<&'a str> {
        let members = self.parts().into_iter().filter_map(|part| part.at.get("properties")?.as_object());
        let names: Vec<_> = members.flat_map(|members| members.keys().map(String::as_str)).collect();
        match self.elements().filter(|_| names.is_empty()) {
            Some(elements) => elements.names(),
            None => names,
        }
    }

    /// What it says of every one of its members, by their names.
    pub(crate) fn members(self) -> Vec<(&'a str, Self)> {
        let mut members: Vec<(&str, Self)> = Vec::new();
        for part in self.parts() {
            for (name, member) in part.at.get("properties").and_then(Value::as_object).into_iter().flatten() {
                if !members.iter().any(|(known, _)| known == name) {
                    members.push((name, self.of(member)));
                }
            }
        }
        members
    }

    /// The first thing that any of its parts says under this word.
    pub(crate) fn says(self, word: &str) -> Option<&'a Value> {
        self.parts().into_iter().find_map(|part| part.at.get(word))
    }

    /// The values that there are, where it names them.
    pub fn choices(self) -> Vec<&'a str> {
        self.says("enum").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
    }
}
