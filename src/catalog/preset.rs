//! Kinds of calls that people have one word for: what administrators grant, hold and block together.

use super::{PRESETS, operation::Preset};

/// Every kind, those of all providers first.
pub fn all() -> impl Iterator<Item = &'static Preset> {
    Preset::OF_CLASSES.iter().chain(PRESETS.iter().copied().flatten())
}

/// The kind of that id.
pub fn find(id: &str) -> Option<&'static Preset> {
    all().find(|preset| preset.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::catalog;

    #[test]
    fn a_kind_of_calls_has_an_id_of_its_own_and_operations_that_there_are() {
        let ids: HashSet<_> = all().map(|preset| preset.id).collect();
        assert_eq!(ids.len(), all().count());
        for name in all().flat_map(|preset| preset.operations) {
            assert!(catalog::find(name).is_some(), "{name}");
        }
    }
}
