//! Circles: files of one room that import each other, and sub-rooms that do, though no two of their files may.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Module;

/// Files that may import each other, each set with its reason.
const ARGUED: &[(&[&str], &str)] = &[
    (
        &["console::connect", "console::consent"],
        "consent leads to connecting an account and that leads back to consent",
    ),
    (
        &[
            "upstream::markdown::adf",
            "upstream::markdown::links",
            "upstream::markdown::macros",
            "upstream::markdown::page",
        ],
        "a page nests: macros hold text, and text holds links and macros",
    ),
];

/// The circles that nobody argued for, and the arguments for circles that are gone.
pub(super) fn problems(modules: &[Module]) -> Vec<String> {
    let found = circles(modules).union(&circles(&sub_rooms(modules))).cloned().collect();
    compared(&found, ARGUED)
}

/// Each folder or file right in a room as one module. What a room's own `mod.rs` imports counts for nothing here: it opens
/// the room to others.
fn sub_rooms(modules: &[Module]) -> Vec<Module> {
    let mut merged: BTreeMap<&[String], Module> = BTreeMap::new();
    for module in modules {
        let Some(path) = module.path.get(..2) else { continue };
        let whole = merged.entry(path).or_insert_with(|| Module { path: path.to_vec(), ..Module::new(&[], "") });
        whole.imports.extend(module.imports.iter().cloned());
    }
    merged.into_values().collect()
}

fn compared(found: &BTreeSet<BTreeSet<String>>, argued: &[(&[&str], &str)]) -> Vec<String> {
    let within = |circle: &BTreeSet<String>, files: &[&str]| circle.iter().all(|file| files.contains(&file.as_str()));
    let new = found.iter().filter(|circle| !argued.iter().any(|(files, _)| within(circle, files)));
    let new = new
        .map(|circle| format!("these files import each other: {}", Vec::from_iter(circle.iter().cloned()).join(", ")));
    let gone = argued.iter().filter(|(files, _)| !found.iter().any(|circle| within(circle, files)));
    let gone = gone.map(|(files, _)| format!("no circle is left of {}: take it off the list", files.join(", ")));
    new.chain(gone).collect()
}

/// Every largest set of files that can all be reached from each other.
fn circles(modules: &[Module]) -> BTreeSet<BTreeSet<String>> {
    let names: BTreeSet<Vec<String>> = modules.iter().map(|module| module.path.clone()).collect();
    let file = |import: &[String]| {
        (1..=import.len()).rev().find_map(|length| names.get(import.get(..length)?)).map(|path| path.join("::"))
    };
    let arrows: BTreeMap<String, BTreeSet<String>> = modules
        .iter()
        .map(|module| {
            let to = module.imports.iter().filter_map(|import| file(import));
            (module.name(), to.filter(|to| *to != module.name()).collect())
        })
        .collect();
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        arrows.keys().map(|from| (from, reachable(from, &arrows))).collect();
    let reaches = |one: &String, other: &String| reached.get(one).is_some_and(|files| files.contains(other));
    let circle = |file: &String| -> BTreeSet<String> {
        arrows.keys().filter(|other| reaches(file, other) && reaches(other, file)).cloned().collect()
    };
    arrows.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

fn reachable<'a>(from: &String, arrows: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&String> = arrows.get(from).into_iter().flatten().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(arrows.get(file).into_iter().flatten());
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_that_import_each_other_are_a_circle() {
        let modules = [
            Module::new(&["a", "x"], "use super::y::Y;"),
            Module::new(&["a", "y"], "use crate::a::z::Z;"),
            Module::new(&["a", "z"], "use super::x::X;"),
            Module::new(&["a", "w"], "use super::x::X;"),
        ];
        assert_eq!(problems_of(&modules), ["these files import each other: a::x, a::y, a::z"]);
    }

    #[test]
    fn a_circle_that_was_argued_for_may_stay_until_it_is_gone() {
        let circle = [Module::new(&["a", "x"], "use super::y::Y;"), Module::new(&["a", "y"], "use super::x::X;")];
        let argued: &[(&[&str], &str)] = &[(&["a::x", "a::y"], "for a reason")];
        assert_eq!(compared(&circles(&circle), argued), [""; 0]);
        assert_eq!(compared(&BTreeSet::new(), argued).len(), 1);
    }

    #[test]
    fn sub_rooms_that_import_each_other_are_a_circle_though_no_two_files_do() {
        let modules = [
            Module::new(&["a", "x", "one"], "use crate::a::y::one::Y;"),
            Module::new(&["a", "x", "other"], ""),
            Module::new(&["a", "y", "one"], ""),
            Module::new(&["a", "y", "other"], "use crate::a::x::other::X;"),
        ];
        assert_eq!(circles(&modules).len(), 0);
        assert_eq!(problems_of(&sub_rooms(&modules)), ["these files import each other: a::x, a::y"]);
    }

    fn problems_of(modules: &[Module]) -> Vec<String> {
        compared(&circles(modules), &[])
    }

    #[test]
    fn a_chain_is_no_circle() {
        let modules = [Module::new(&["a", "x"], "use super::y::Y;"), Module::new(&["a", "y"], "")];
        assert_eq!(circles(&modules).len(), 0);
    }
}
