//! rows.md and the tests agree.

use std::collections::{BTreeMap, BTreeSet};

const TABLE: &str = include_str!("rows.md");
const FILES: [(&str, &str); 6] = [
    ("elicitation.rs", include_str!("elicitation.rs")),
    ("legacy.rs", include_str!("legacy.rs")),
    ("modern_headers.rs", include_str!("modern_headers.rs")),
    ("modern_messages.rs", include_str!("modern_messages.rs")),
    ("resource_server.rs", include_str!("resource_server.rs")),
    ("results.rs", include_str!("results.rs")),
];

/// A row's number, whether it must have a test, and where the table says that it has one.
fn rows() -> BTreeMap<u32, (bool, &'static str)> {
    let row = |line: &'static str| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let (number, place) = (cells.next()?, cells.last()?.trim_end_matches(" |"));
        let required = number.ends_with('✔');
        Some((number.trim_end_matches(" ✔").parse().ok()?, (required, place)))
    };
    TABLE.lines().filter_map(row).collect()
}

/// The rows that have a test, with its file.
fn tested() -> BTreeSet<(u32, &'static str)> {
    let rows_of = |(file, source): (&'static str, &'static str)| {
        let names = source.split("\nfn row_").skip(1);
        names.map(move |name| (name.split('_').next().and_then(|row| row.parse().ok()).expect("a row"), file))
    };
    FILES.into_iter().flat_map(rows_of).collect()
}

#[test]
fn a_row_has_tests_just_where_the_table_says() {
    let said = rows().into_iter().map(|(row, (_, place))| (row, place)).filter(|(_, place)| !place.starts_with('—'));
    assert_eq!(tested(), said.collect());
}

#[test]
fn every_required_row_has_a_test() {
    let tested: BTreeSet<_> = tested().into_iter().map(|(row, _)| row).collect();
    let missing: Vec<_> =
        rows().into_iter().filter(|(row, (required, _))| *required && !tested.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_row_of_the_four_tables_is_left_out() {
    let rows = rows();
    let missing: Vec<_> = (1..=57).chain(83..=108).filter(|row| !rows.contains_key(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
