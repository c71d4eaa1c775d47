//! The columns of a list as they are shown: what is the same in every row, or in all but a few, is said once; hashes and
//! moments are as short as tells them apart, and no cell is empty. Pure.

use std::{collections::HashSet, fmt::Write as _};

use crate::{
    catalog::operation::{Field, Form},
    upstream::projection::Table,
};

/// How many digits of a commit's hash a row has, as Bitbucket's own pages show it.
const SHORT_HASH: usize = 12;
const WHOLE_HASH: usize = 40;
/// `2026-10-01`, of `2026-10-01T09:00Z`.
const DAY: usize = 10;
const YEAR: usize = 4;
const MOMENT: usize = 17;
/// In bytes: a longer value stays in its rows.
const LONGEST_CONSTANT: usize = 60;
/// In how many rows a column may have another value than the one that is said once, and of how many rows at least.
const MOST_OTHERS: usize = 2;
const ROWS_WITH_OTHERS: usize = 8;
/// In bytes: rows with longer first cells are not named.
const LONGEST_KEY: usize = 20;
/// What stands in an empty cell.
const EMPTY: &str = "-";

/// What becomes of a column that is empty in every row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// It is said once like any other value.
    Said,
    /// It is not there: for tables that are a part of an answer, where the whole list is another call.
    LeftOut,
}

/// Makes the rows short, and says what all of them have, or all but those that it names by their first cells:
/// `state OPEN; draft no (12: yes)`. The first column tells the rows apart and stays; so do all where there is one row alone.
pub fn shorten(table: &mut Table, columns: &[Field], empty: Empty) -> String {
    let rows: Vec<Vec<&str>> = table.text.lines().skip(1).map(|row| row.split('\t').collect()).collect();
    let cell = |row: &[&str], column: usize| row.get(column).map_or_else(String::new, |cell| (*cell).to_owned());
    let mut constants = String::new();
    let mut kept: Vec<(String, Vec<String>)> = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        let cells = short(column.form, rows.iter().map(|row| cell(row, index)).collect());
        if empty == Empty::LeftOut && index > 0 && cells.iter().all(|cell| cell == EMPTY) {
            continue;
        }
        let said_once = kept.first().and_then(|(_, keys)| said_once(keys, &cells));
        if let Some(said) = said_once {
            let between = if constants.is_empty() { "" } else { "; " };
            // Writing to a String cannot fail.
            let _ = write!(constants, "{between}{} {said}", column.name);
        } else {
            kept.push(of_one_year(column, cells));
        }
    }
    let names: Vec<_> = kept.iter().map(|(name, _)| name.as_str()).collect();
    let mut text = names.join("\t") + "\n";
    for row in 0..rows.len() {
        for (index, (_, cells)) in kept.iter().enumerate() {
            if index > 0 {
                text.push('\t');
            }
            text.push_str(cells.get(row).map_or(EMPTY, String::as_str));
        }
        text.push('\n');
    }
    table.text = text;
    constants
}

/// What can be said once of a column: the value of its rows, and of those few that have another one what they have.
fn said_once(keys: &[String], cells: &[String]) -> Option<String> {
    let is_plain = |text: &str, longest: usize| text.len() <= longest && !text.contains(['(', ')', ';', ':', ',']);
    let [first, _, ..] = cells else { return None };
    if cells.iter().all(|cell| cell == first) {
        // A stranger's value is not to look like another column's.
        return (first.len() <= LONGEST_CONSTANT && !first.contains(['(', ')', ';'])).then(|| first.clone());
    }
    // The value of most is that of one of the first rows, more of which cannot be others.
    let candidates = cells.iter().take(MOST_OTHERS + 1);
    let others = |value: &String| -> Vec<usize> {
        let differs = cells.iter().enumerate().filter(|(_, cell)| *cell != value);
        differs.map(|(row, _)| row).take(MOST_OTHERS + 1).collect()
    };
    let (value, others) =
        candidates.map(|value| (value, others(value))).find(|(_, others)| others.len() <= MOST_OTHERS)?;
    let are_told_apart = keys.iter().collect::<HashSet<_>>().len() == keys.len();
    if cells.len() < ROWS_WITH_OTHERS || !are_told_apart || !is_plain(value, LONGEST_CONSTANT) {
        return None;
    }
    let named = others.into_iter().map(|row| {
        let (key, cell) = (keys.get(row)?, cells.get(row)?);
        (is_plain(key, LONGEST_KEY) && is_plain(cell, LONGEST_KEY)).then(|| format!("{key}: {cell}"))
    });
    let named: Option<Vec<_>> = named.collect();
    Some(format!("{value} ({})", named?.join(", ")))
}

/// The name of a column and its cells. Where all are days of one year, the name says the year: `updated in 2026`, `10-01`.
fn of_one_year(column: &Field, cells: Vec<String>) -> (String, Vec<String>) {
    let is_day = |cell: &&String| cell.len() == DAY && column.form == Form::Moment;
    let day_of = |cell: &str, year: &str| cell.strip_prefix(year)?.strip_prefix('-').map(str::to_owned);
    let year = cells.iter().find(|cell| *cell != EMPTY).filter(is_day).and_then(|cell| cell.get(..YEAR));
    let days = year.and_then(|year| {
        let short = |cell: &String| if cell == EMPTY { Some(cell.clone()) } else { day_of(cell, year) };
        cells.iter().map(short).collect::<Option<Vec<_>>>()
    });
    match (year, days) {
        (Some(year), Some(days)) if cells.len() > 1 => (format!("{} in {year}", column.name), days),
        _ => (column.name.to_owned(), cells),
    }
}

/// The cells of one column. Of moments the days are enough, unless all are of one day.
fn short(form: Form, mut cells: Vec<String>) -> Vec<String> {
    let is_moment = |cell: &str| cell.len() == MOMENT && cell.ends_with('Z');
    let day = |cell: &str| cell.get(..DAY).filter(|_| is_moment(cell)).map(str::to_owned);
    let first = cells.first().and_then(|cell| day(cell));
    let are_of_several_days = cells.iter().any(|cell| day(cell) != first);
    for cell in &mut cells {
        let shorter = match form {
            Form::Moment if are_of_several_days => day(cell),
            Form::Label if is_hash(cell) => cell.get(..SHORT_HASH).map(str::to_owned),
            _ => None,
        };
        if let Some(shorter) = shorter {
            *cell = shorter;
        }
        if cell.is_empty() {
            cell.push_str(EMPTY);
        }
    }
    cells
}

fn is_hash(cell: &str) -> bool {
    cell.len() == WHOLE_HASH && cell.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const COLUMNS: &[Field] = &[
        Field::label("id", &["id"]),
        Field::label("state", &["state"]),
        Field::label("commit", &["commit"]),
        Field::moment("updated", &["updated"]),
    ];

    fn shortened(rows: &[[&str; 4]]) -> (String, String) {
        let mut text = "id\tstate\tcommit\tupdated\n".to_owned();
        rows.iter().for_each(|row| text += &(row.join("\t") + "\n"));
        let mut table = Table { text, rows: rows.len(), ..Table::default() };
        let constants = shorten(&mut table, COLUMNS, Empty::Said);
        (constants, table.text)
    }

    const HASH: &str = "1f0c3a5d7e9b2c4d6f8a0b1c3d5e7f9a2b4c6d8e";

    #[test]
    fn what_every_row_has_is_said_once() {
        let rows = [["1", "OPEN", HASH, "2026-10-01T09:00Z"], ["2", "OPEN", "", "2026-10-02T10:30Z"]];
        let (constants, text) = shortened(&rows);
        assert_eq!(constants, "state OPEN");
        assert_eq!(text, "id\tcommit\tupdated in 2026\n1\t1f0c3a5d7e9b\t10-01\n2\t-\t10-02\n");
    }

    #[test]
    fn one_row_keeps_all_its_columns_and_its_minute() {
        let (constants, text) = shortened(&[["1", "", "x", "2026-10-01T09:00Z"]]);
        assert_eq!(
            (constants.as_str(), text.as_str()),
            ("", "id\tstate\tcommit\tupdated\n1\t-\tx\t2026-10-01T09:00Z\n")
        );
    }

    #[test]
    fn in_a_part_of_an_answer_no_column_is_empty() {
        let mut table =
            Table { text: "id\tstate\tcommit\tupdated\n1\t\tx\t\n".to_owned(), rows: 1, ..Table::default() };
        assert_eq!(shorten(&mut table, COLUMNS, Empty::LeftOut), "");
        assert_eq!(table.text, "id\tcommit\n1\tx\n");
    }

    #[test]
    fn moments_of_one_day_keep_their_minutes() {
        let rows = [["1", "a", "x", "2026-10-01T09:00Z"], ["2", "b", "x", "2026-10-01T10:30Z"]];
        let (constants, text) = shortened(&rows);
        assert_eq!(constants, "commit x");
        assert!(text.contains("1\ta\t2026-10-01T09:00Z\n2\tb\t2026-10-01T10:30Z"), "{text}");
    }

    #[test]
    fn what_all_rows_have_but_a_few_is_said_once_and_those_are_named() {
        let ids: Vec<String> = (1..=9).map(|id| id.to_string()).collect();
        let row = |id: &'static str| [id, if id == "4" { "MERGED" } else { "OPEN" }, "x", "2026-10-01T09:00Z"];
        let rows: Vec<_> = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map(row).into();
        let (constants, text) = shortened(&rows);
        assert_eq!(constants, "state OPEN (4: MERGED); commit x; updated 2026-10-01T09:00Z");
        assert_eq!(text, format!("id\n{}\n", ids.join("\n")));
    }

    proptest! {
        #[test]
        fn no_row_and_no_value_is_lost(rows in prop::collection::vec(["[a-z0-9]{1,5}", "[AB]?", "[xy]?", "2026-10-0[12]T09:0[01]Z"], 0..14)) {
            let rows: Vec<[&str; 4]> = rows.iter().map(|row| [0, 1, 2, 3].map(|index| row[index].as_str())).collect();
            let (constants, text) = shortened(&rows);
            prop_assert_eq!(text.lines().count(), rows.len() + 1);
            let names: Vec<&str> = text.lines().next().unwrap().split('\t').collect();
            for (row, line) in rows.iter().zip(text.lines().skip(1)) {
                let cells: Vec<&str> = line.split('\t').collect();
                prop_assert_eq!(cells.len(), names.len());
                prop_assert!(cells.iter().all(|cell| !cell.is_empty()));
                for (column, value) in COLUMNS.iter().zip(row) {
                    let value = if value.is_empty() { EMPTY } else { value };
                    let of_year = format!("{} in 2026", column.name);
                    let shown = match names.iter().position(|name| *name == column.name || *name == of_year) {
                        Some(index) if names[index] == of_year => format!("2026-{}", cells[index]),
                        Some(index) => cells[index].to_owned(),
                        None => {
                            let said = constants.split("; ").find_map(|said| said.strip_prefix(&format!("{} ", column.name)));
                            let (most, others) = said.unwrap().split_once(" (").unwrap_or((said.unwrap(), ""));
                            let others = others.trim_end_matches(')').split(", ");
                            let own = others.filter_map(|other| other.split_once(": ")).find(|(key, _)| *key == row[0]);
                            own.map_or(most, |(_, value)| value).to_owned()
                        }
                    };
                    prop_assert!(value.starts_with(&shown), "{value} {shown}");
                }
            }
        }
    }
}
