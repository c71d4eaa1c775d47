//! A kind of calls that people have one word for.

use super::Class;

/// A kind of calls: those of some classes, or some operations by name.
pub struct Preset {
    /// For forms and addresses.
    pub id: &'static str,
    /// For people, as what somebody does: "Merging pull requests".
    pub name: &'static str,
    pub classes: &'static [Class],
    pub operations: &'static [&'static str],
}

impl Preset {
    /// Calls of these classes.
    const fn of_classes(id: &'static str, name: &'static str, classes: &'static [Class]) -> Self {
        Self { id, name, classes, operations: &[] }
    }

    /// Calls of these operations.
    pub const fn of(id: &'static str, name: &'static str, operations: &'static [&'static str]) -> Self {
        Self { id, name, classes: &[], operations }
    }

    /// Those that every provider has.
    pub const OF_CLASSES: &[Self] = &[
        Self::of_classes("everything", "Everything that is approved", &[]),
        Self::of_classes("reading", "Reading", &[Class::Read]),
        Self::of_classes("changing", "Changing anything", &[Class::Write, Class::Destructive]),
        Self::of_classes("deleting", "Deleting for good", &[Class::Destructive]),
    ];
}
