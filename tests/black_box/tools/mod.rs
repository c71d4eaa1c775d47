//! What the tools do, asked through the built Worker and compared with what the sandbox itself says.

mod arguments;
mod branches;
mod comments;
mod cursors;
mod edits;
mod faults;
mod faults_of_writes;
mod gates;
mod idempotency;
mod lists;
mod pipelines;
mod prompts;
mod quotas;
mod rate;
mod records;
mod resources;
mod reviews;
mod skills;
mod slow;
mod texts;
mod wiki;

use std::{
    sync::LazyLock,
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{
    client::{Answer, Client},
    person::Person,
};
use serde_json::{Value, json};

/// Somebody whose account is connected, and their client.
pub(crate) struct Developer {
    pub(crate) person: Person<'static>,
    pub(crate) client: Client,
}

/// For tests that leave nothing behind.
static DEVELOPER: LazyLock<Developer> = LazyLock::new(Developer::connected);

impl Developer {
    /// Somebody whose client may take away for good as well, which merging, declining and deleting are.
    fn maintainer() -> Self {
        let person = Person::connected();
        Self { client: Client::with_scope(&person, "read write admin"), person }
    }

    pub(crate) fn connected() -> Self {
        let person = Person::connected();
        Self { client: Client::of(&person), person }
    }

    /// The text of a call that did what it was asked to.
    pub(crate) fn done(&self, tool: &str, arguments: Value) -> String {
        let answer = self.client.call(tool, arguments);
        assert!(!answer.is_error(), "{answer:?}");
        answer.text()
    }

    /// The text of a call that did not.
    pub(crate) fn refused(&self, tool: &str, arguments: Value) -> String {
        let answer = self.client.call(tool, arguments);
        assert!(answer.status == 200 && answer.is_error(), "{answer:?}");
        answer.text()
    }

    /// Injects a fault that only this account meets.
    pub(crate) fn fault(&self, fault: Value) {
        let mut fault = fault;
        fault["account"] = json!(self.person.username);
        self.person.instance.fault(&fault);
    }

    /// The requests of this account since it was connected, token endpoint aside.
    pub(crate) fn requests(&self, method: &str) -> Vec<Value> {
        let all = self.person.instance.upstream_requests(&self.person.username);
        let counts = |request: &&Value| {
            request["method"] == method
                && request["path"].as_str().is_some_and(|path| path.starts_with("/2.0/repositories"))
        };
        all.iter().filter(counts).cloned().collect()
    }

    /// What the sandbox answers this account, asked without Postern in between.
    pub(crate) fn bitbucket(&self, path: &str) -> Answer {
        self.person.bitbucket(path)
    }

    /// The audit's rows about a tool, oldest first, once there are that many.
    pub(crate) fn audited(&self, tool: &str, count: usize) -> Vec<Value> {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let rows = self.person.instance.sql(
                "SELECT * FROM events WHERE person = ?1 AND tool = ?2 ORDER BY at, phase, position",
                &[&self.person.user_id(), tool],
            );
            let rows = rows.as_array().expect("rows").clone();
            if rows.len() >= count {
                return rows;
            }
            assert!(Instant::now() < deadline, "only {rows:?}");
            sleep(Duration::from_millis(100));
        }
    }
}

/// Arguments that name the repository with everything in it.
pub(crate) fn backend(more: Value) -> Value {
    let mut arguments = json!({ "workspace": "acme", "repository": "backend" });
    for (name, value) in more.as_object().expect("arguments") {
        arguments[name] = value.clone();
    }
    arguments
}

/// The cursor that an answer offers.
pub(crate) fn cursor(text: &str) -> Option<&str> {
    text.split("and cursor `").nth(1).and_then(|after| after.split('`').next())
}

/// One column of a list, row by row, be it in the rows or said once of all but a few.
fn cells(text: &str, column: &str) -> Vec<String> {
    let names: Vec<_> = text.lines().find(|line| line.contains('\t')).expect("a list").split('\t').collect();
    let index = names.iter().position(|name| *name == column);
    let first = text.lines().next().unwrap_or_default();
    let said_once =
        first.split_once(" In all rows").and_then(|(_, said)| said.split_once(": ")).and_then(|(_, constants)| {
            constants
                .trim_end_matches('.')
                .split("; ")
                .find_map(|constant| constant.strip_prefix(&format!("{column} ")))
        });
    let (most, others) =
        said_once.and_then(|said| said.split_once(" (")).unwrap_or((said_once.unwrap_or_default(), ""));
    let others: Vec<_> = others.trim_end_matches(')').split(", ").filter_map(|other| other.split_once(": ")).collect();
    let of_row =
        |row: &[&str]| others.iter().find(|(key, _)| *key == row[0]).map_or(most, |(_, value)| value).to_owned();
    let cell = |row: &Vec<&str>| index.map_or_else(|| of_row(row), |index| row[index].to_owned());
    rows(text).iter().map(cell).collect()
}

/// The rows of a list without the names of its columns.
fn rows(text: &str) -> Vec<Vec<&str>> {
    text.lines().filter(|line| line.contains('\t')).skip(1).map(|line| line.split('\t').collect()).collect()
}

/// What stands between the fences, which may be longer than three backticks.
fn fenced(text: &str) -> &str {
    let is_fence = |line: &&str| line.len() >= 3 && line.bytes().all(|byte| byte == b'`');
    let fence = text.lines().find(is_fence).unwrap_or_else(|| panic!("no fence: {text}"));
    let (_, after) = text.split_once(&format!("\n{fence}\n")).unwrap_or_else(|| panic!("not on its own line: {text}"));
    let end = after.rfind(&format!("\n{fence}")).unwrap_or_else(|| panic!("no second fence: {text}"));
    &after[..=end]
}

/// Follows the cursors of a tool to the end: every answer.
fn all_parts(developer: &Developer, tool: &str, arguments: &Value) -> Vec<String> {
    let mut parts = vec![developer.done(tool, arguments.clone())];
    while let Some(cursor) = parts.last().and_then(|part| cursor(part)) {
        assert!(parts.len() < 50, "no end");
        let mut next = arguments.clone();
        next["cursor"] = json!(cursor);
        let part = developer.done(tool, next);
        parts.push(part);
    }
    parts
}

/// One column of a list, over all its pages.
fn column(parts: &[String], index: usize) -> Vec<String> {
    parts.iter().flat_map(|part| rows(part)).map(|row| row[index].to_owned()).collect()
}
