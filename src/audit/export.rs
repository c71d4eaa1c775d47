//! Events as lines for other programs: JSON (NDJSON) or comma-separated values (RFC 4180).

use serde_json::Value;

use super::search::Entry;

/// The columns, in the order of a line.
pub const COLUMNS: [&str; 29] = [
    "at",
    "position",
    "request_id",
    "phase",
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
    "tool",
    "target",
    "story",
    "reason",
    "state_before",
    "state_after",
    "arguments_digest",
    "duration_milliseconds",
    "upstream_status",
    "shard",
    "epoch",
    "sequence",
    "account",
    "sentence",
];

/// In which form lines are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Ndjson,
    Csv,
}

impl Format {
    pub const ALL: [Self; 2] = [Self::Ndjson, Self::Csv];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Ndjson => "audit.ndjson",
            Self::Csv => "audit.csv",
        }
    }

    /// What comes before the first event.
    pub fn head(self) -> String {
        match self {
            Self::Ndjson => String::new(),
            Self::Csv => COLUMNS.join(",") + "\r\n",
        }
    }

    /// One event.
    pub fn line(self, entry: &Entry) -> String {
        let mut value = serde_json::to_value(entry).unwrap_or_default();
        if let Some(members) = value.as_object_mut() {
            members.insert("sentence".to_owned(), entry.sentence().into());
        }
        match self {
            Self::Ndjson => format!("{value}\n"),
            Self::Csv => COLUMNS.map(|column| value.get(column).map(cell).unwrap_or_default()).join(",") + "\r\n",
        }
    }

    /// What comes behind the last event, where it is not the last of all: where the next one is, or that it failed.
    pub fn notice(self, name: &str, text: &str) -> String {
        match self {
            Self::Ndjson => format!("{}\n", serde_json::json!({ name: text })),
            Self::Csv => format!("{},{}\r\n", cell(&name.into()), cell(&text.into())),
        }
    }
}

/// A value as a cell. A text with which spreadsheets would begin a formula gets an apostrophe in front (OWASP, CSV injection).
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => {
            let defused = if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { "'" } else { "" };
            format!("\"{defused}{}\"", text.replace('"', "\"\""))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn entry(reason: &str) -> Entry {
        let entry = json!({ "at": 5, "position": 7, "request_id": "r", "phase": "outcome", "kind": "call",
            "outcome": "denied", "count": 1, "reason": reason });
        serde_json::from_value(entry).unwrap()
    }

    #[test]
    fn every_column_of_an_event_is_exported() {
        let line: Value = serde_json::from_str(&Format::Ndjson.line(&entry(""))).unwrap();
        let columns: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(columns, COLUMNS);
    }

    #[test]
    fn a_cell_that_would_be_a_formula_is_a_text() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            assert_eq!(cell(&json!(format!("{start}SUM(1)"))), format!("\"'{start}SUM(1)\""));
        }
        assert_eq!(cell(&json!("a = 1")), "\"a = 1\"");
    }

    #[test]
    fn a_cell_holds_quotes_commas_and_lines() {
        let line = Format::Csv.line(&entry("no, \"never\""));
        assert!(line.starts_with("5,7,\"r\",\"outcome\",\"call\",\"denied\",1,,"), "{line}");
        assert!(line.contains(",\"no, \"\"never\"\"\","), "{line}");
    }

    #[test]
    fn a_line_of_ndjson_is_one_object() {
        let line = Format::Ndjson.line(&entry("one\ntwo"));
        assert_eq!(line.matches('\n').count(), 1);
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["reason"], "one\ntwo");
    }
}
