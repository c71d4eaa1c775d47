//! Arrows between the sub-rooms of one room, which are its folders of more than one file: each may import only those that
//! come after it.

use std::collections::{BTreeMap, BTreeSet};

use super::source::Module;

/// The order of a room's sub-rooms. Those of one rank do not import each other.
type Ranks = Vec<Vec<String>>;

/// The orders that CONTRIBUTING.md says, a line for each room: `room: one → two, three → four`.
pub(super) fn orders(contributing: &str) -> BTreeMap<String, Ranks> {
    let lines = contributing.lines().filter_map(|line| line.split_once(": ").filter(|(_, order)| order.contains('→')));
    let is_name = |text: &str| text.chars().all(|character| character.is_ascii_lowercase() || character == '_');
    let ranks = |order: &str| {
        let rank = |rank: &str| rank.split(',').map(|name| name.trim().to_owned()).collect();
        order.split('→').map(rank).collect()
    };
    lines.filter(|(room, _)| is_name(room)).map(|(room, order)| (room.to_owned(), ranks(order))).collect()
}

/// What is wrong with the arrows, and where the lines say other sub-rooms than there are.
pub(super) fn problems(modules: &[Module], orders: &BTreeMap<String, Ranks>) -> Vec<String> {
    let rooms: BTreeSet<&str> = modules.iter().map(Module::room).chain(orders.keys().map(String::as_str)).collect();
    rooms.into_iter().flat_map(|room| of_room(room, modules, orders.get(room))).collect()
}

fn of_room(room: &str, modules: &[Module], ranks: Option<&Ranks>) -> Vec<String> {
    let there = sub_rooms(room, modules);
    let Some(ranks) = ranks else {
        let unordered = there.len() > 1;
        let names = Vec::from_iter(there).join(", ");
        return Vec::from_iter(
            unordered.then(|| format!("CONTRIBUTING.md says no order of the sub-rooms of {room}: {names}")),
        );
    };
    let named: BTreeSet<&str> = ranks.iter().flatten().map(String::as_str).collect();
    let mut problems: Vec<String> = named
        .symmetric_difference(&there)
        .map(|name| format!("CONTRIBUTING.md's line of {room} and its sub-rooms differ in {name}"))
        .collect();
    let rank = |name: &str| ranks.iter().position(|rank| rank.iter().any(|known| known == name));
    for module in modules.iter().filter(|module| module.room() == room) {
        let Some((own, from)) = module.path.get(1).and_then(|own| Some((own, rank(own)?))) else { continue };
        for import in &module.imports {
            let [to_room, to, ..] = import.as_slice() else { continue };
            if to_room == room && to != own && rank(to).is_some_and(|to| to <= from) {
                problems.push(format!("{} imports {}, which is not below {own}", module.name(), import.join("::")));
            }
        }
    }
    problems
}

/// The folders of a room that have more than one file; `x.rs` beside a folder `x` is one of its files.
fn sub_rooms<'a>(room: &str, modules: &'a [Module]) -> BTreeSet<&'a str> {
    let mut files: BTreeMap<&str, usize> = BTreeMap::new();
    for module in modules.iter().filter(|module| module.room() == room) {
        if let Some(name) = module.path.get(1) {
            *files.entry(name).or_default() += 1;
        }
    }
    files.into_iter().filter(|(_, files)| *files > 1).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str = "a → b\n\na: upper → one, other → lower\n";

    fn found(path: &[&str], text: &str) -> Vec<String> {
        let folders = ["upper", "one", "other", "lower"];
        let files = folders
            .iter()
            .flat_map(|folder| [Module::new(&["a", folder], ""), Module::new(&["a", folder, "file"], "")]);
        problems(&files.chain([Module::new(path, text)]).collect::<Vec<_>>(), &orders(ORDER))
    }

    #[test]
    fn a_sub_room_imports_those_below_it() {
        assert_eq!(found(&["a", "upper", "x"], "use crate::a::{one::A, lower::B};"), [""; 0]);
        assert_eq!(found(&["a", "lower", "x"], "use crate::b::C;"), [""; 0]);
    }

    #[test]
    fn an_import_of_a_sub_room_above_or_beside_is_a_problem() {
        let above = found(&["a", "lower", "x"], "use super::super::one::A;");
        assert_eq!(above, ["a::lower::x imports a::one::A, which is not below lower"]);
        let beside = found(&["a", "one", "x"], "use crate::a::other::A;");
        assert_eq!(beside, ["a::one::x imports a::other::A, which is not below one"]);
    }

    #[test]
    fn files_right_in_the_room_have_no_rank() {
        assert_eq!(found(&["a", "x"], "use super::upper::A;"), [""; 0]);
        assert_eq!(found(&["a", "lower", "x"], "use super::super::x::A;"), [""; 0]);
    }

    #[test]
    fn a_line_names_all_sub_rooms_and_nothing_else() {
        let modules = ["one", "lower"].map(|folder| Module::new(&["a", folder, "file"], ""));
        let beside = ["one", "lower"].map(|folder| Module::new(&["a", folder], ""));
        let modules = [modules, beside].concat();
        let problems = problems(&modules, &orders("a: one → more\n"));
        assert_eq!(
            problems,
            ["lower", "more"].map(|name| { format!("CONTRIBUTING.md's line of a and its sub-rooms differ in {name}") })
        );
        let unordered = super::problems(&modules, &BTreeMap::new());
        assert_eq!(unordered, ["CONTRIBUTING.md says no order of the sub-rooms of a: lower, one"]);
    }
}
