//! How much each operation takes to say: an ordinary one is a dozen lines, because constructors hold the defaults.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Of its own: what it shares with others, and its tables of parameters and fields, stand beside it.
const ORDINARY: usize = 14;

/// Operations that say more, and what.
const MORE_THAN_ORDINARY: &[(&str, &str)] = &[];

/// The names of a file's operations, each with how many lines its entry has, comments aside.
fn entries(source: &str) -> Vec<(String, usize)> {
    let lines: Vec<_> = source.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let begins = |line: &str| line.starts_with("pub static ") && line.contains(": Operation =");
    let starts = lines.iter().enumerate().filter(|(_, line)| begins(line)).map(|(start, _)| start);
    starts
        .map(|start| {
            // Whatever is below the first line is indented, but for brackets and calls.
            let length = 1 + lines[start..].iter().position(|line| line.ends_with(';')).expect("an end");
            let entry = lines[start..start + length].concat();
            (entry.split('"').nth(1).expect("a name").to_owned(), length)
        })
        .collect()
}

fn all_entries() -> Vec<(String, usize)> {
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/catalog");
    let folders = ["bitbucket", "confluence", "tracker"].map(|provider| catalogue.join(provider));
    let files = folders.iter().flat_map(|folder| files_below(folder)).chain([catalogue.join("postern.rs")]);
    files.flat_map(|file| entries(&fs::read_to_string(file).unwrap())).collect()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

#[test]
fn an_ordinary_operation_is_at_most_14_lines() {
    let entries = all_entries();
    let mut names: Vec<_> = entries.iter().map(|(name, _)| name.as_str()).collect();
    let mut catalogue: Vec<_> = super::all().map(|operation| operation.name).collect();
    names.sort_unstable();
    catalogue.sort_unstable();
    assert_eq!(names, catalogue, "an operation that is not counted");
    let mut long: Vec<_> =
        entries.iter().filter(|(_, length)| *length > ORDINARY).map(|(name, _)| name.as_str()).collect();
    let mut argued: Vec<_> = MORE_THAN_ORDINARY.iter().map(|(name, _)| *name).collect();
    long.sort_unstable();
    argued.sort_unstable();
    assert_eq!(long, argued, "{entries:?}");
}
