//! The modules of a crate: what each imports, and its text without comments and tests.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context as _, Result};

/// One file of `src`.
#[derive(Debug, Clone)]
pub(super) struct Module {
    /// `["identity", "standing", "check"]`; empty for `lib.rs`.
    pub(super) path: Vec<String>,
    /// Its code, without comments and without the unit tests at its end.
    pub(super) code: String,
    /// The paths that it names from the crate's root, as long as they are written.
    pub(super) imports: BTreeSet<Vec<String>>,
}

impl Module {
    pub(super) fn new(path: &[&str], text: &str) -> Self {
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        let code = without_comments(without_tests(text));
        let imports = named(&code).into_iter().filter_map(|import| absolute(&import, &path)).collect();
        Self { path, code, imports }
    }

    pub(super) fn room(&self) -> &str {
        self.path.first().map_or("lib", String::as_str)
    }

    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { "lib".to_owned() } else { self.path.join("::") }
    }
}

/// Every file of the folder that is compiled into the Worker.
pub(super) fn read(folder: &Path) -> Result<Vec<Module>> {
    let mut modules = Vec::new();
    walk(folder, &mut Vec::new(), &mut modules)?;
    modules.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(modules)
}

/// Files and folders that only tests, fuzz targets and the conformance suite compile.
const NOT_SHIPPED: [&str; 6] = ["tests", "testing", "native", "contract", "fixtures", "fuzzing"];

fn walk(folder: &Path, above: &mut Vec<String>, modules: &mut Vec<Module>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned) else { continue };
        if NOT_SHIPPED.contains(&stem.as_str()) {
            continue;
        }
        above.push(stem.clone());
        if path.is_dir() {
            walk(&path, above, modules)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let is_root = ["mod", "lib"].contains(&stem.as_str());
            let length = above.len() - usize::from(is_root);
            let path: Vec<&str> = above.iter().take(length).map(String::as_str).collect();
            modules.push(Module::new(&path, &text));
        }
        above.pop();
    }
    Ok(())
}

fn without_tests(text: &str) -> &str {
    let begin = text.match_indices("#[cfg(test)]").find(|(at, attribute)| {
        let next = text.get(at + attribute.len()..).unwrap_or_default().trim_start();
        next.starts_with("mod ") && next.lines().next().is_some_and(|line| line.ends_with('{'))
    });
    begin.and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Comments, but for what looks like one inside a string: an address is no import.
fn without_comments(text: &str) -> String {
    let code = text.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line });
    code.collect::<Vec<_>>().join("\n")
}

/// Every path that begins with `crate` or `super`, those of `use` declarations with their braces written out.
fn named(code: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for start in ["crate", "super"] {
        for (at, _) in code.match_indices(start) {
            let before = code.get(..at).unwrap_or_default();
            let rest = code.get(at..).unwrap_or_default();
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            if before.trim_end_matches(' ').ends_with("use") {
                tree(rest.split(';').next().unwrap_or_default(), &[], &mut paths);
            } else {
                let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
                paths.push(parts(rest.get(..end).unwrap_or_default()));
            }
        }
    }
    paths
}

fn parts(path: &str) -> Vec<String> {
    path.split("::").map(str::trim).filter(|part| !part.is_empty() && *part != "self").map(str::to_owned).collect()
}

fn tree(text: &str, before: &[String], paths: &mut Vec<Vec<String>>) {
    let mut depth = 0_u32;
    let branches = text.split(|c: char| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        c == ',' && depth == 0
    });
    for branch in branches.map(str::trim).filter(|branch| !branch.is_empty()) {
        let (head, inner) = branch.split_once('{').unwrap_or((branch, ""));
        let head = head.split(" as ").next().unwrap_or_default();
        let path = [before.to_vec(), parts(head)].concat();
        match inner.trim_end().strip_suffix('}') {
            Some(inner) => tree(inner, &path, paths),
            None => paths.push(path),
        }
    }
}

/// From the crate's root. `None` for a path that leads out of it.
fn absolute(import: &[String], module: &[String]) -> Option<Vec<String>> {
    let (first, rest) = import.split_first()?;
    if first == "crate" {
        return Some(rest.to_vec());
    }
    let ups = import.iter().take_while(|part| *part == "super").count();
    let above = module.get(..module.len().checked_sub(ups)?)?;
    Some([above, import.get(ups..)?].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(path: &[&str], text: &str) -> Vec<String> {
        Module::new(path, text).imports.iter().map(|path| path.join("::")).collect()
    }

    #[test]
    fn braces_are_written_out_and_super_is_resolved() {
        let text = "use super::{\n    a::{self, B},\n    c,\n};\nuse crate::{d as e, f::*};";
        assert_eq!(imports(&["room", "file"], text), ["d", "f::*", "room::a", "room::a::B", "room::c"]);
    }

    #[test]
    fn paths_in_code_count_and_comments_and_tests_do_not() {
        let text = "/// [`crate::a`]\nfn f() { crate::b::g(); }\n#[cfg(test)]\nmod tests {\n    use crate::c;\n}\n";
        assert_eq!(imports(&["room"], text), ["b::g"]);
    }

    #[test]
    fn a_word_that_ends_in_crate_is_no_path() {
        assert_eq!(imports(&["room"], "use some_crate::a;"), [""; 0]);
    }
}
