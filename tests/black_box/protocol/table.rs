//! rows.md and the tests agree.

use std::collections::BTreeSet;

use crate::rows::{rows, said_to_be_tested, tested};

const TABLE: &str = include_str!("rows.md");
const FILES: [(&str, &str); 9] = [
    ("conformance/main.rs", include_str!("../../conformance/main.rs")),
    ("elicitation.rs", include_str!("elicitation.rs")),
    ("legacy.rs", include_str!("legacy.rs")),
    ("modern_headers.rs", include_str!("modern_headers.rs")),
    ("modern_messages.rs", include_str!("modern_messages.rs")),
    ("resource_server.rs", include_str!("resource_server.rs")),
    ("results.rs", include_str!("results.rs")),
    ("streams/cancellation.rs", include_str!("../../streams/cancellation.rs")),
    ("streams/progress.rs", include_str!("../../streams/progress.rs")),
];

#[test]
fn a_row_has_tests_just_where_the_table_says() {
    assert_eq!(tested(&FILES), said_to_be_tested(TABLE));
}

#[test]
fn every_required_row_has_a_test() {
    let tested: BTreeSet<u32> = tested(&FILES).into_iter().map(|(row, _)| row).collect();
    let required = rows(TABLE).into_iter().filter(|row| row.is_required).map(|row| row.number);
    let missing: Vec<u32> = required.filter(|row| !tested.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn no_row_of_the_four_tables_is_left_out() {
    let rows: BTreeSet<u32> = rows(TABLE).into_iter().map(|row| row.number).collect();
    let missing: Vec<u32> = (1..=57).chain(83..=108).filter(|row| !rows.contains(row)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
