//! Arrows between rooms: each room may import only those that come after it.

use anyhow::{Context as _, Result};

use super::source::Module;

const ARROW: &str = " → ";

/// The rooms in their order, as CONTRIBUTING.md's block of arrows says it.
pub(super) fn rooms(contributing: &str) -> Result<Vec<String>> {
    let lines = contributing.lines().skip_while(|line| !line.contains(ARROW)).take_while(|line| line.contains('→'));
    let text = lines.collect::<Vec<_>>().join(" ");
    let rooms: Vec<String> =
        text.split('→').map(str::trim).filter(|room| !room.is_empty()).map(str::to_owned).collect();
    (rooms.len() > 1).then_some(rooms).context("CONTRIBUTING.md has no line of rooms")
}

/// What is wrong with the arrows.
pub(super) fn problems(modules: &[Module], rooms: &[String]) -> Vec<String> {
    let place = |room: &str| rooms.iter().position(|known| known == room);
    let mut problems = Vec::new();
    for module in modules.iter().filter(|module| !module.path.is_empty()) {
        let Some(from) = place(module.room()) else {
            problems.push(format!("{}: CONTRIBUTING.md's line of rooms does not name it", module.name()));
            continue;
        };
        for import in &module.imports {
            let to = import.first().and_then(|room| place(room));
            if to.is_some_and(|to| to < from) {
                problems.push(format!("{} imports {}, which is above it", module.name(), import.join("::")));
            }
        }
    }
    for room in rooms {
        if !modules.iter().any(|module| module.room() == room) {
            problems.push(format!("CONTRIBUTING.md's line names {room}, and there is no such room"));
        }
    }
    problems
}

/// Where the runtime's types are named outside the room that hides them.
pub(super) fn foreign_types(modules: &[Module]) -> Vec<String> {
    let elsewhere = modules.iter().filter(|module| !["platform", "lib"].contains(&module.room()));
    let naming = elsewhere.filter(|module| {
        module.code.match_indices("worker::").any(|(at, _)| {
            !module.code.get(..at).unwrap_or_default().ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c))
        })
    });
    naming.map(|module| format!("{} names a type of `worker`: only platform and lib.rs do", module.name())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> Vec<String> {
        ["upper", "lower"].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_line_may_be_broken() {
        let text = "# Rooms\n```\na → b →\nc → d\n```\n";
        assert_eq!(rooms(text).expect("rooms"), ["a", "b", "c", "d"]);
    }

    #[test]
    fn an_import_of_a_room_above_is_a_problem() {
        let modules = [Module::new(&["upper"], ""), Module::new(&["lower", "a"], "use crate::upper::B;")];
        assert_eq!(problems(&modules, &order()), ["lower::a imports upper::B, which is above it"]);
    }

    #[test]
    fn an_import_of_a_room_below_is_none() {
        let modules = [Module::new(&["upper"], "use crate::lower::B;"), Module::new(&["lower"], "")];
        assert_eq!(problems(&modules, &order()), [""; 0]);
    }

    #[test]
    fn a_room_that_the_line_does_not_name_is_a_problem() {
        let modules = ["upper", "lower", "cellar"].map(|room| Module::new(&[room], ""));
        assert_eq!(problems(&modules, &order()).len(), 1);
    }

    #[test]
    fn the_runtimes_types_are_for_platform() {
        let names = |room| foreign_types(&[Module::new(&[room], "fn f(env: worker::Env) {}")]).len();
        assert_eq!((names("platform"), names("identity")), (0, 1));
        assert!(foreign_types(&[Module::new(&["identity"], "use my_worker::A;")]).is_empty());
    }
}
