//! Tables of D1: which rooms name each in their SQL.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};

use super::source::Module;

/// The tables that the schema creates.
pub(super) fn of_schema(schema: &str) -> BTreeSet<String> {
    let created = schema.split("CREATE TABLE ").skip(1);
    created
        .filter_map(|rest| rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).find(|word| !word.is_empty()))
        .map(str::to_owned)
        .collect()
}

/// The rooms of each table: its own first, then those that may name it too, as the rows of migrations/README.md say
/// it: `` | `table` | `room` | `other`: why; `another`: why | ``.
pub(super) fn owners(readme: &str) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let owners: BTreeMap<String, BTreeSet<String>> = rows
        .filter_map(|row| {
            let mut words = row.split('`').skip(1).step_by(2).map(str::to_owned);
            Some((words.next()?, words.collect()))
        })
        .collect();
    ensure!(!owners.is_empty(), "migrations/README.md lists no tables");
    Ok(owners)
}

/// Where a room names a table that is not listed for it, and where the list says more than is true.
pub(super) fn problems(
    modules: &[Module],
    schema: &BTreeSet<String>,
    owners: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let mut named: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut problems = Vec::new();
    for module in modules {
        for table in schema.iter().filter(|table| names(&module.code, table)) {
            named.entry(table).or_default().insert(module.room());
            if !owners.get(table).is_some_and(|rooms| rooms.contains(module.room())) {
                problems.push(format!(
                    "{} names the table {table}: migrations/README.md does not list the room for it",
                    module.name()
                ));
            }
        }
    }
    for (table, rooms) in owners {
        for room in
            rooms.iter().filter(|room| !named.get(table.as_str()).is_some_and(|named| named.contains(room.as_str())))
        {
            problems.push(format!("migrations/README.md lists {room} for the table {table}, which it does not name"));
        }
    }
    problems
}

/// Whether SQL in the code reads or writes the table.
fn names(code: &str, table: &str) -> bool {
    let mut words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).peekable();
    while let Some(word) = words.next() {
        if ["FROM", "INTO", "UPDATE", "JOIN"].contains(&word) && words.peek() == Some(&table) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const README: &str =
        "| table | room | others |\n|---|---|---|\n| `grants` | `authorization` | `identity`: ends them |\n";

    fn found(modules: &[Module]) -> Vec<String> {
        let schema = of_schema("CREATE TABLE grants (\n  id TEXT\n);\nCREATE INDEX i ON grants (id);");
        problems(modules, &schema, &owners(README).expect("a list"))
    }

    fn naming(room: &str) -> Module {
        Module::new(&[room], "const S: &str = \"UPDATE\n  grants SET x = 1\";")
    }

    #[test]
    fn the_rooms_that_are_listed_may_name_a_table() {
        assert_eq!(found(&[naming("authorization"), naming("identity")]), [""; 0]);
    }

    #[test]
    fn another_room_may_not() {
        let found = found(&[naming("authorization"), naming("identity"), naming("console")]);
        assert_eq!(found, ["console names the table grants: migrations/README.md does not list the room for it"]);
    }

    #[test]
    fn a_room_that_stopped_naming_a_table_is_taken_off_the_list() {
        let found = found(&[naming("authorization")]);
        assert_eq!(found, ["migrations/README.md lists identity for the table grants, which it does not name"]);
    }
}
