//! `tests/rows.md` says which tests prove which requirement; the tests' names say it, too. Both agree.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// By the number of a row, the files of its tests, from `tests/` on.
type Places = BTreeMap<u32, BTreeSet<String>>;

fn tests() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The lines `| 7 | what | file.rs, other.rs |` of the table.
fn table() -> Vec<(u32, BTreeSet<String>)> {
    let page = fs::read_to_string(tests().join("rows.md")).expect("the table");
    let row = |line: &str| {
        let mut cells = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ");
        let number = cells.next()?.parse().ok()?;
        Some((number, cells.last()?.split(", ").map(str::to_owned).collect()))
    };
    page.lines().filter_map(row).collect()
}

/// What the names of the tests say, of all sources in that folder and beneath.
fn named(folder: &Path, places: &mut Places) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("node_modules") {
            named(&path, places);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source");
            let file = path.strip_prefix(tests()).expect("a path beneath").to_str().expect("UTF-8");
            for name in source.lines().filter_map(|line| line.strip_prefix("fn row_")) {
                let number = name.split('_').next().and_then(|number| number.parse().ok()).expect("a row's number");
                places.entry(number).or_default().insert(file.to_owned());
            }
        }
    }
}

#[test]
fn each_of_the_144_rows_stands_in_the_table_once() {
    let numbers: Vec<u32> = table().into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, (1..=144).collect::<Vec<_>>());
}

#[test]
fn each_row_has_tests_and_just_where_the_table_says() {
    let mut places = Places::new();
    named(tests(), &mut places);
    for (number, files) in table() {
        assert_eq!(places.remove(&number).unwrap_or_default(), files, "row {number}");
    }
    assert_eq!(places, Places::new(), "no rows of the table");
}
