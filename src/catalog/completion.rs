//! Where the values of an argument come from while it is typed: from the operation whose list has them. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    all, arguments,
    operation::{Answer, Kind, Operation, Presence, Values},
};
use crate::providers::Provider;

/// The parameter by which some operations narrow their list.
const NARROWED_BY: &str = "name";

/// One request that lists values.
pub struct Listing {
    pub operation: &'static Operation,
    pub arguments: Map<String, Value>,
    /// The column that holds the values.
    pub column: &'static str,
}

/// The provider's operation that lists the values of that argument.
fn listed_by(provider: &Provider, argument: &str) -> Option<(&'static Operation, Values)> {
    all().filter(|operation| operation.provider() == Some(provider)).find_map(|operation| {
        let values = values(operation).filter(|values| values.of == argument)?;
        Some((operation, values))
    })
}

fn values(operation: &Operation) -> Option<Values> {
    match operation.call.as_ref().map(|call| &call.answer) {
        Some(Answer::Rows(rows)) => rows.values,
        _ => None,
    }
}

/// How to list the values of an argument that goes to one of those operations; `None` where nothing lists them, or where
/// an argument that the list depends on was not chosen yet.
pub fn listing(of: &[&Operation], argument: &str, typed: &str, chosen: &BTreeMap<String, String>) -> Option<Listing> {
    let mut providers = of.iter().filter_map(|operation| operation.provider());
    let (operation, Values { column, .. }) = providers.find_map(|provider| listed_by(provider, argument))?;
    let mut arguments = Map::new();
    for parameter in operation.parameters {
        let value = match (parameter.presence, parameter.kind) {
            (Presence::Required, _) => chosen.get(parameter.name)?.as_str().into(),
            // As many as there can be in one answer.
            (_, Kind::Integer { most, .. }) => most.into(),
            // A slug need not be in the name as it is: only its first word is looked for.
            _ if parameter.name == NARROWED_BY => {
                typed.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default().into()
            }
            _ => continue,
        };
        arguments.insert(parameter.name.to_owned(), value);
    }
    arguments::validate(operation, &arguments).ok()?;
    Some(Listing { operation, arguments, column })
}

/// The most values that may be given (MCP).
const MOST: usize = 100;

/// The values that begin with what is typed, whatever its case, how many there are where that is known, and whether
/// there are more. `goes_on`: the list they are from has another page.
pub fn matching<'v>(
    values: impl Iterator<Item = &'v str>,
    typed: &str,
    goes_on: bool,
) -> (Vec<String>, Option<usize>, bool) {
    let begins = |value: &&str| value.get(..typed.len()).is_some_and(|start| start.eq_ignore_ascii_case(typed));
    let mut values: Vec<String> = values.filter(|value| !value.is_empty()).filter(begins).map(str::to_owned).collect();
    let total = values.len();
    values.truncate(MOST);
    (values, (!goes_on).then_some(total), goes_on || total > MOST)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::catalog::{find, operation::Class, prompt, resource};

    /// Of a pull request, whose arguments Bitbucket lists.
    fn listing(argument: &str, typed: &str, chosen: &BTreeMap<String, String>) -> Option<Listing> {
        super::listing(&[find("bitbucket_get_pull_request").unwrap()], argument, typed, chosen)
    }

    fn all_values() -> impl Iterator<Item = (&'static Operation, Values)> {
        all().filter_map(|operation| Some((operation, values(operation)?)))
    }

    fn chosen(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_branch_is_listed_for_its_repository_and_narrowed_by_its_first_word() {
        let chosen = chosen(&[("workspace", "acme"), ("repository", "backend"), ("other", "x")]);
        let listing = listing("ref", "feature/lo", &chosen).unwrap();
        assert_eq!(listing.operation.name, "bitbucket_list_branches");
        assert_eq!(
            Value::Object(listing.arguments),
            json!({"workspace": "acme", "repository": "backend", "name": "feature", "limit": 100})
        );
    }

    #[test]
    fn nothing_is_listed_before_what_it_depends_on_is_chosen() {
        assert!(listing("repository", "ba", &BTreeMap::new()).is_none());
        assert!(listing("repository", "ba", &chosen(&[("workspace", "no slug")])).is_none());
        assert!(listing("workspace", "", &BTreeMap::new()).is_some());
        assert!(listing("pull_request", "1", &BTreeMap::new()).is_none());
    }

    #[test]
    fn values_come_from_a_column_of_a_list_that_is_read() {
        for (operation, values) in all_values() {
            assert_eq!(operation.class, Class::Read);
            let Answer::Rows(rows) = &operation.call.as_ref().unwrap().answer else { panic!("no list") };
            assert!(rows.columns.iter().any(|column| column.name == values.column), "{}", values.of);
        }
    }

    #[test]
    fn every_kind_of_values_is_asked_for_by_some_prompt_or_form() {
        for (_, values) in all_values() {
            let prompts = prompt::ALL.iter().any(|prompt| prompt.parameter(values.of).is_some());
            let forms = resource::ALL.iter().any(|template| template.variable(values.of).is_some());
            assert!(prompts || forms, "{}", values.of);
        }
    }

    #[test]
    fn how_many_there_are_is_said_only_where_it_is_known() {
        let few = || ["backend", "Backoffice", "web"].into_iter();
        assert_eq!(matching(few(), "BACK", false), (vec!["backend".into(), "Backoffice".into()], Some(2), false));
        assert_eq!(matching(few(), "x", true), (Vec::new(), None, true));
        let many = vec!["a"; 101];
        let (values, total, more) = matching(many.into_iter(), "", false);
        assert_eq!((values.len(), total, more), (100, Some(101), true));
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_beginning(values in prop::collection::vec(".{0,4}", 0..120), typed in ".{0,3}") {
            let (found, total, more) = matching(values.iter().map(String::as_str), &typed, false);
            prop_assert!(found.len() <= 100 && more == (total > Some(100)));
            prop_assert!(found.iter().all(|value| value.to_ascii_lowercase().starts_with(&typed.to_ascii_lowercase())));
        }

        #[test]
        fn nothing_that_is_typed_or_chosen_breaks_the_request(typed in ".*", workspace in ".*") {
            let _ = listing("repository", &typed, &chosen(&[("workspace", &workspace)]));
        }
    }
}
