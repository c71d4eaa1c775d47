//! Long lists of files that are alike, as one row each. Pure.

use crate::{
    catalog::operation::{Field, Grouping},
    upstream::projection::Table,
};

/// How many rows are worth one that stands for them.
const FEWEST: usize = 4;

/// Makes one row of those that are alike but for the last name of their path and the numbers that are added up.
pub fn group(table: &mut Table, grouping: &Grouping, columns: &[Field]) {
    let column = |name: &str| columns.iter().position(|column| column.name == name);
    let Some(path) = column(grouping.path).filter(|_| table.rows >= grouping.from) else { return };
    let sums: Vec<_> = grouping.sums.iter().filter_map(|name| column(name)).collect();
    let mut lines = table.text.lines();
    let header = lines.next().unwrap_or_default().to_owned();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split('\t').collect()).collect();
    let key = |row: &Vec<&str>| -> Vec<String> {
        let cell = |(index, cell): (usize, &&str)| match index {
            _ if index == path => pattern(cell),
            _ if sums.contains(&index) => String::new(),
            _ => (*cell).to_owned(),
        };
        row.iter().enumerate().map(cell).collect()
    };
    let keys: Vec<_> = rows.iter().map(key).collect();
    let mut text = header + "\n";
    for (index, row) in rows.iter().enumerate() {
        let alike: Vec<_> = (0..rows.len()).filter(|other| keys.get(*other) == keys.get(index)).collect();
        if alike.len() < FEWEST {
            text.push_str(&row.join("\t"));
            text.push('\n');
            continue;
        }
        if alike.first() != Some(&index) {
            continue;
        }
        let sum = |column: usize| -> u64 {
            let cells = alike.iter().filter_map(|row| rows.get(*row)?.get(column)?.parse::<u64>().ok());
            cells.sum()
        };
        let cell = |(column, cell): (usize, &&str)| match column {
            _ if column == path => format!("{} ({} files)", pattern(cell), alike.len()),
            _ if sums.contains(&column) => sum(column).to_string(),
            _ => (*cell).to_owned(),
        };
        text.push_str(&row.iter().enumerate().map(cell).collect::<Vec<_>>().join("\t"));
        text.push('\n');
    }
    table.before = (0..text.lines().count().saturating_sub(1)).collect();
    table.text = text;
}

/// `docs/tables/01.md` as `docs/tables/*.md`.
fn pattern(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let ending = name.rsplit_once('.').map(|(_, ending)| format!(".{ending}")).unwrap_or_default();
    let slash = if folder.is_empty() { "" } else { "/" };
    format!("{folder}{slash}*{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Field] =
        &[Field::label("change", &["a"]), Field::label("added", &["b"]), Field::label("file", &["c"])];
    const GROUPING: Grouping = Grouping { from: 5, path: "file", sums: &["added"] };

    fn grouped(rows: &[&str]) -> String {
        let mut table =
            Table { text: format!("change\tadded\tfile\n{}\n", rows.join("\n")), rows: rows.len(), ..Table::default() };
        group(&mut table, &GROUPING, COLUMNS);
        assert_eq!(table.before.len(), table.text.lines().count() - 1);
        table.text
    }

    #[test]
    fn files_that_are_alike_are_one_row() {
        let text = grouped(&[
            "added\t1\td/a.md",
            "added\t2\td/b.md",
            "modified\t5\td/c.md",
            "added\t3\td/d.md",
            "added\t4\td/e.md",
        ]);
        assert_eq!(text, "change\tadded\tfile\nadded\t10\td/*.md (4 files)\nmodified\t5\td/c.md\n");
    }

    #[test]
    fn few_files_are_shown_each() {
        let text =
            grouped(&["added\t1\ta.md", "added\t2\tb.md", "added\t2\tc.rs", "added\t2\td.rs", "removed\t0\te.md"]);
        assert_eq!(text.lines().count(), 6);
    }
}
