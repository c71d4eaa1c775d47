//! Events as rows of the table `events`: the intents that outcomes bring along, who people and clients are, and the order of
//! the columns.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use crate::platform::{Fault, json};

/// The values of a row by the names of their columns.
pub type Row = Map<String, Value>;

/// The columns, in the order in which the database is given their values; its own number of the row is not among them. A new
/// one comes last: a batch that waits for the database while a release takes over has the others where they were.
pub const COLUMNS: [&str; 33] = [
    "request_id",
    "phase",
    "part",
    "at",
    "kind",
    "outcome",
    "count",
    "person",
    "person_issuer",
    "person_subject",
    "person_name",
    "actor",
    "actor_name",
    "client_id",
    "client_name",
    "grant_id",
    "tool",
    "target",
    "resource",
    "story",
    "reason",
    "state_before",
    "state_after",
    "arguments_digest",
    "duration_milliseconds",
    "upstream_status",
    "admission",
    "shard",
    "epoch",
    "sequence",
    "link",
    "link_key",
    "account",
];

/// The columns that the database knows of the ids in a row.
pub const NAMES: [&str; 5] = ["person_issuer", "person_subject", "person_name", "actor_name", "client_name"];

/// What an intent does not have of the outcome that brings it along: nobody knows it before the call.
const ONLY_OF_OUTCOMES: [&str; 4] = ["reason", "duration_milliseconds", "upstream_status", "admission"];

/// The rows of events, given as a JSON array, in their order: each once, and before an outcome the intent that it brings along.
///
/// # Errors
/// Where it is no such array.
pub fn read(events: &str) -> Result<Vec<Row>, Fault> {
    let events: Vec<Row> = json::from_str(events).map_err(|error| Fault::new("audit rows", error))?;
    let mut keys = HashSet::new();
    let key = |row: &Row| ["request_id", "phase", "part"].map(|name| row.get(name).cloned());
    let rows = events.into_iter().flat_map(with_intent).filter(|row| keys.insert(key(row)));
    Ok(rows.collect())
}

fn with_intent(mut event: Row) -> impl Iterator<Item = Row> {
    let intent = event.remove("intent_at").filter(|at| !at.is_null()).map(|at| {
        let mut intent = event.clone();
        ONLY_OF_OUTCOMES.iter().for_each(|name| drop(intent.remove(*name)));
        intent.extend([("phase", json!("intent")), ("outcome", json!("started")), ("at", at)].map(named));
        intent
    });
    intent.into_iter().chain([event])
}

fn named((name, value): (&str, Value)) -> (String, Value) {
    (name.to_owned(), value)
}

/// What the database is asked about: the key of a row, its person, its actor and its client.
pub fn references(row: &Row) -> Vec<Option<&Value>> {
    ["request_id", "phase", "part", "person", "actor", "client_id"].map(|name| row.get(name)).to_vec()
}

/// The key and the link of a row.
pub fn link(row: &Row) -> Vec<Option<&Value>> {
    ["request_id", "phase", "part", "link"].map(|name| row.get(name)).to_vec()
}

/// The row with what the database knows of its ids, told by their places in [`NAMES`], and nothing else of that: a client that
/// named itself keeps its name.
#[must_use]
pub fn add_names<'a>(mut row: Row, known: impl Fn(usize) -> Option<&'a Value>) -> Row {
    for (place, column) in NAMES.into_iter().enumerate() {
        if column == "client_name" && row.contains_key(column) {
            continue;
        }
        match known(place).filter(|name| !name.is_null()) {
            Some(name) => drop(row.insert(column.to_owned(), name.clone())),
            None => drop(row.remove(column)),
        }
    }
    row
}

/// Of each row some of its values: a JSON array, written without a copy of them.
pub fn text<'a>(rows: impl Iterator<Item = Vec<Option<&'a Value>>>) -> String {
    serde_json::to_string(&rows.collect::<Vec<_>>()).unwrap_or_default()
}

/// Rows as a JSON array with an array of each row's values, in the order of [`COLUMNS`].
pub fn values(rows: &[Row]) -> String {
    text(rows.iter().map(|row| COLUMNS.map(|name| row.get(name)).to_vec()))
}

/// The rows of which [`values`] wrote these, or an earlier release the same by the names of the columns.
///
/// # Errors
/// Where it was neither.
pub fn parse(values: &str) -> Result<Vec<Row>, Fault> {
    let rows: Vec<Value> = json::from_str(values).map_err(|error| Fault::new("audit rows", error))?;
    let row = |row| match row {
        Value::Object(row) => row,
        Value::Array(values) => {
            let named = COLUMNS.into_iter().zip(values).filter(|(_, value)| !value.is_null());
            named.map(|(name, value)| (name.to_owned(), value)).collect()
        }
        _ => Row::new(),
    };
    Ok(rows.into_iter().map(row).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::{
        database::{Database, sql},
        native::database::Sqlite,
    };

    fn row(value: Value) -> Row {
        let Value::Object(row) = value else { unreachable!() };
        row
    }

    #[test]
    fn every_column_of_the_table_but_its_own_number_has_its_place() {
        let columns = sql("SELECT name FROM pragma_table_info('events') WHERE name <> 'position' ORDER BY name");
        let columns = futures_executor::block_on(Sqlite::migrated().batch(vec![columns])).unwrap().remove(0).rows;
        let mut known = COLUMNS;
        known.sort_unstable();
        assert_eq!(columns, known.map(|name| json!({ "name": name })));
    }

    #[test]
    fn an_outcome_brings_along_its_intent_without_what_only_an_outcome_knows() {
        let event = json!([{ "request_id": "r", "phase": "outcome", "part": "1", "outcome": "failed", "at": 9, "intent_at": 5,
            "reason": "no answer", "duration_milliseconds": 4, "upstream_status": 502, "admission": "a", "tool": "t" }]);
        let rows = read(&event.to_string()).unwrap();
        assert_eq!(
            rows[0],
            row(
                json!({ "request_id": "r", "phase": "intent", "part": "1", "outcome": "started", "at": 5, "tool": "t" })
            )
        );
        assert!(rows.len() == 2 && !rows[1].contains_key("intent_at"), "{rows:?}");
    }

    #[test]
    fn an_event_that_is_given_twice_is_one_row() {
        let event = json!({ "request_id": "r", "phase": "outcome", "part": "1" });
        assert_eq!(read(&json!([event, event]).to_string()).unwrap().len(), 1);
    }

    #[test]
    fn a_client_that_named_itself_keeps_its_name_and_who_is_unknown_has_none() {
        let names = json!(["issuer", null, "alice", null, "registered"]);
        let client = row(json!({ "client_name": "itself", "person_subject": "made up" }));
        let known = add_names(client, |place| names.get(place));
        assert_eq!(known, row(json!({ "client_name": "itself", "person_issuer": "issuer", "person_name": "alice" })));
    }

    #[test]
    fn rows_are_read_back_as_they_were_also_those_of_an_earlier_release() {
        let rows = [row(json!({ "at": 5, "request_id": "r" }))];
        assert_eq!(parse(&values(&rows)).unwrap(), rows);
        assert_eq!(parse(&json!(rows).to_string()).unwrap(), rows);
    }
}
