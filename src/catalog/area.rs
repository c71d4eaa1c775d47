//! The areas that operations belong to: for views of a part of the tools, for the pages of administrators, and for the
//! reference.

use super::{
    AREAS,
    operation::{Area, Operation},
};
#[cfg(test)]
use crate::providers::Provider;

/// Every area, provider by provider.
pub fn all() -> impl Iterator<Item = &'static Area> {
    AREAS.iter().copied().flatten()
}

/// The area of an operation; `None` for what Postern answers by itself.
pub fn of(operation: &Operation) -> Option<&'static Area> {
    let provider = operation.provider()?;
    let mut areas = all().filter(|area| area.provider == provider);
    let has_word = |area: &&Area| area.words.is_empty() || area.words.iter().any(|word| operation.name.contains(word));
    areas.find(has_word)
}

/// The areas of a provider, in their order.
#[cfg(test)]
pub fn of_provider(provider: &Provider) -> impl Iterator<Item = &'static Area> {
    all().filter(move |area| area.provider == provider)
}

/// The area of that name.
pub fn find(name: &str) -> Option<&'static Area> {
    all().find(|area| area.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::{catalog, providers::TRACKER};

    #[test]
    fn every_operation_of_a_provider_has_an_area() {
        let known = catalog::all().filter(|operation| operation.provider().is_some_and(|one| one != &TRACKER));
        let without: Vec<_> =
            known.filter(|operation| of(operation).is_none()).map(|operation| operation.name).collect();
        assert!(without.is_empty(), "{without:?}");
    }

    #[test]
    fn areas_have_names_of_their_own_that_fit_an_address() {
        let names: HashSet<_> = all().map(|area| area.name).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.iter().all(|name| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
    }

    #[test]
    fn an_operation_is_where_people_look_for_it() {
        for (operation, area) in [
            ("bitbucket_get_pull_request", "pull-requests"),
            ("bitbucket_get_file", "source"),
            ("bitbucket_list_branches", "source"),
            ("bitbucket_get_repository", "repositories"),
            ("confluence_get_page", "pages"),
            ("confluence_list_spaces", "spaces"),
        ] {
            assert_eq!(of(catalog::find(operation).unwrap()).map(|area| area.name), Some(area), "{operation}");
        }
    }
}
