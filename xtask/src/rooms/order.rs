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

/// The crates that are the runtime to us.
const RUNTIME: [&str; 4] = ["worker", "js_sys", "wasm_bindgen", "wasm_bindgen_futures"];

/// Where the runtime is named outside the rooms that face it. What another module hands on under a name of its own is
/// clippy's to find (`disallowed-types`).
pub(super) fn foreign_types(modules: &[Module]) -> Vec<String> {
    let elsewhere = modules.iter().filter(|module| !["platform", "entry"].contains(&module.room()));
    let naming = elsewhere.flat_map(|module| {
        let named = RUNTIME.into_iter().filter(|name| is_path(&module.code, name));
        named.map(|name| format!("{} names `{name}`: only platform and entry do", module.name()))
    });
    naming.collect()
}

/// Whether a path in the code begins with that crate, or the crate is brought in under another name.
fn is_path(code: &str, name: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(name).any(|(at, _)| {
        let before = code.get(..at).unwrap_or_default();
        let after = code.get(at + name.len()..).unwrap_or_default();
        let root = before.strip_suffix("::").unwrap_or(before);
        let is_imported = root.trim_end().ends_with("use") || root.trim_end().ends_with("extern crate");
        !root.ends_with(is_word) && !after.starts_with(is_word) && (after.starts_with("::") || is_imported)
    })
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
    fn the_runtime_is_named_by_platform_and_the_entry_points_alone() {
        let names = |room| foreign_types(&[Module::new(&[room], "fn f(env: worker::Env) {}")]).len();
        assert_eq!((names("platform"), names("entry"), names("identity")), (0, 0, 1));
    }

    #[test]
    fn the_runtime_is_found_however_its_path_is_written() {
        let names = |code| foreign_types(&[Module::new(&["identity"], code)]).len();
        for code in ["worker::Env", "::worker::Env", "use worker as w;", "use js_sys::Promise;", "extern crate worker;"]
        {
            assert_eq!(names(code), 1, "{code}");
        }
        for code in ["use my_worker::A;", "a::worker::B", "let worker = 1;", "workers::C", "// worker::D"] {
            assert_eq!(names(code), 0, "{code}");
        }
    }
}
