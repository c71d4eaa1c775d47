//! Partial responses: `fields=values.id,next` keeps only these, `+values.reviewers` adds what a list
//! leaves out, `-links` takes away.

use serde_json::{Map, Value};

/// Trims an answer. `condensed` paths are left out unless they are asked for.
pub(crate) fn apply(mut answer: Value, condensed: &[&str], fields: Option<&str>) -> Value {
    let named: Vec<&str> =
        fields.unwrap_or_default().split(',').map(str::trim).filter(|field| !field.is_empty()).collect();
    let added: Vec<&str> = named.iter().filter_map(|field| field.strip_prefix('+')).collect();
    let selection: Vec<&str> = named.iter().copied().filter(|field| !field.starts_with(['+', '-'])).collect();
    if !selection.is_empty() {
        let paths: Vec<Vec<&str>> = selection.iter().chain(&added).map(|path| path.split('.').collect()).collect();
        let paths: Vec<&[&str]> = paths.iter().map(Vec::as_slice).collect();
        return keep(&answer, &paths);
    }
    for path in condensed {
        if !added.iter().any(|name| name.starts_with(path)) {
            remove(&mut answer, path);
        }
    }
    for path in named.iter().filter_map(|field| field.strip_prefix('-')) {
        remove(&mut answer, path);
    }
    answer
}

fn keep(value: &Value, paths: &[&[&str]]) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| keep(item, paths)).collect(),
        Value::Object(members) => {
            let mut selection = Map::new();
            for (name, member) in members {
                let below: Vec<&[&str]> = paths
                    .iter()
                    .filter_map(|path| path.split_first())
                    .filter(|(first, _)| **first == name || **first == "*")
                    .map(|(_, rest)| rest)
                    .collect();
                if below.iter().any(|rest| rest.is_empty()) {
                    selection.insert(name.clone(), member.clone());
                } else if !below.is_empty() {
                    selection.insert(name.clone(), keep(member, &below));
                }
            }
            Value::Object(selection)
        }
        other => other.clone(),
    }
}

fn remove(value: &mut Value, path: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| remove(item, path)),
        Value::Object(members) => match path.split_once('.') {
            None => {
                members.remove(path);
            }
            Some((first, rest)) => {
                if let Some(member) = members.get_mut(first) {
                    remove(member, rest);
                }
            }
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list() -> Value {
        json!({"size": 1, "next": "n", "values": [{"id": 7, "title": "t", "reviewers": [], "author": {"uuid": "u", "links": {}}}]})
    }

    #[test]
    fn a_list_of_fields_keeps_only_these() {
        let selection = apply(list(), &[], Some("values.id,values.author.uuid,next"));
        let expected = json!({"next": "n", "values": [{"id": 7, "author": {"uuid": "u"}}]});
        assert_eq!(selection, expected);
    }

    #[test]
    fn a_plus_brings_back_what_a_list_leaves_out() {
        let reviewers = |fields| {
            let answer = apply(list(), &["values.reviewers"], fields);
            answer.pointer("/values/0/reviewers").is_some()
        };
        assert!(!reviewers(None));
        assert!(reviewers(Some("+values.reviewers")));
    }

    #[test]
    fn a_minus_takes_away() {
        let answer = apply(list(), &[], Some("-values.author.links,-next"));
        assert_eq!(answer.pointer("/values/0/author"), Some(&json!({"uuid": "u"})));
        assert_eq!(answer.get("next"), None);
    }
}
