//! What changed between the definition of a tool that was approved and the one that waits, member by member.

use std::collections::BTreeMap;

use serde_json::Value;

/// One member that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its path: `inputSchema.properties.page.description`.
    pub member: String,
    /// `None` where it is new.
    pub before: Option<String>,
    /// `None` where it is gone.
    pub after: Option<String>,
}

/// The members that differ, by their paths.
pub fn between(before: &Value, after: &Value) -> Vec<Change> {
    let [before, after] = [before, after].map(|definition| {
        let mut members = BTreeMap::new();
        flatten(String::new(), definition, &mut members);
        members
    });
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort();
    paths.dedup();
    let changed = paths.into_iter().filter(|path| before.get(*path) != after.get(*path));
    let change = |path: &String| Change {
        member: path.clone(),
        before: before.get(path).cloned(),
        after: after.get(path).cloned(),
    };
    changed.map(change).collect()
}

/// Texts stand as they are; lists and other values as JSON.
fn flatten(path: String, value: &Value, members: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(object) if !object.is_empty() => {
            for (name, member) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(path, member, members);
            }
        }
        Value::String(text) => {
            members.insert(path, text.clone());
        }
        other => {
            members.insert(path, other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_names_its_member_and_what_it_was() {
        let before = json!({ "title": "Get", "call": { "method": "GET", "path": "/a" }, "list": ["x"] });
        let after = json!({ "title": "Get it", "call": { "method": "GET" }, "list": ["x", "y"], "new": true });
        let changes = between(&before, &after);
        let change = |member: &str, before: Option<&str>, after: Option<&str>| Change {
            member: member.to_owned(),
            before: before.map(str::to_owned),
            after: after.map(str::to_owned),
        };
        assert_eq!(
            changes,
            [
                change("call.path", Some("/a"), None),
                change("list", Some("[\"x\"]"), Some("[\"x\",\"y\"]")),
                change("new", None, Some("true")),
                change("title", Some("Get"), Some("Get it")),
            ]
        );
    }

    fn any_definition() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![any::<bool>().prop_map(Value::from), "[a-c]{0,3}".prop_map(Value::from)];
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..3).prop_map(|members| json!(members))
        })
    }

    proptest! {
        #[test]
        fn there_is_no_change_between_a_definition_and_itself(one in any_definition()) {
            prop_assert_eq!(between(&one, &one), []);
        }

        #[test]
        fn what_changed_is_the_same_both_ways(one in any_definition(), other in any_definition()) {
            let back = between(&other, &one).into_iter();
            let turned: Vec<_> = back.map(|change| Change { before: change.after, after: change.before, ..change }).collect();
            prop_assert_eq!(between(&one, &other), turned);
        }
    }
}
