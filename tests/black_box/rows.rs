//! Tables of requirements, and the tests that bear the numbers of their rows.

use std::collections::BTreeSet;

/// A row of a table: `| 7 ✔ | what | file.rs |`.
pub struct Row {
    pub number: u32,
    /// Marked as never to be without a test.
    pub is_required: bool,
    /// The file of its tests, or a dash and why there are none.
    pub place: &'static str,
}

/// The rows of the tables on a page.
pub fn rows(page: &'static str) -> Vec<Row> {
    let row = |line: &'static str| {
        let mut cells = line.strip_prefix("| ")?.split(" | ");
        let (number, place) = (cells.next()?, cells.last()?.trim_end_matches(" |"));
        let is_required = number.ends_with('✔');
        Some(Row { number: number.trim_end_matches(" ✔").parse().ok()?, is_required, place })
    };
    page.lines().filter_map(row).collect()
}

/// The rows that have tests in these files, given by name and source.
pub fn tested(files: &[(&'static str, &'static str)]) -> BTreeSet<(u32, &'static str)> {
    let rows_of = |(file, source): &(&'static str, &'static str)| {
        let names = source.split("\nfn row_").skip(1);
        let number = |name: &str| name.split('_').next().and_then(|row| row.parse().ok()).expect("a row's number");
        names.map(|name| (number(name), *file)).collect::<Vec<_>>()
    };
    files.iter().flat_map(rows_of).collect()
}

/// The rows that have tests, and where, as the page says.
pub fn said_to_be_tested(page: &'static str) -> BTreeSet<(u32, &'static str)> {
    rows(page).iter().filter(|row| !row.place.starts_with('—')).map(|row| (row.number, row.place)).collect()
}
