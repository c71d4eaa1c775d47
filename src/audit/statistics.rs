//! What somebody who watches over the log may want to look at: sums over its latest events, each of which says how it counts.

use serde::Deserialize;
use serde_json::json;

use super::kind::Kind;
use crate::{
    catalog::{self, operation::Class},
    platform::{
        Fault,
        clock::Timestamp,
        database::{Database, Statement, sql},
    },
};

/// How many events one sum looks at, at the most.
const MOST_EVENTS: i64 = 2_000;

/// A sum over events.
pub struct Statistic {
    pub title: &'static str,
    /// What is counted, from how many on it is told, and what it may mean.
    pub explanation: &'static str,
    /// The kind by which the log shows the events.
    pub kind: Kind,
    /// The events since `?1`, of the latest `?2` in an index.
    query: &'static str,
    /// Of how many days.
    days: u32,
}

/// Whom a sum is about.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Sum {
    pub person: Option<String>,
    pub person_name: Option<String>,
    pub client_name: Option<String>,
    pub tool: Option<String>,
    pub count: i64,
    /// What happened so often, where that is not said by the sum alone.
    pub words: Option<String>,
    /// When it happened last.
    pub at: Timestamp,
}

macro_rules! sums {
    ($index:literal, $events:literal, $tool:literal, $together:literal) => {
        concat!(
            "SELECT person, MAX(person_name) AS person_name, client_name, ",
            $tool,
            " AS tool, SUM(count) AS count, MAX(at) AS at, NULL AS words
             FROM (SELECT * FROM events INDEXED BY ",
            $index,
            " WHERE ",
            $events,
            " AND at >= ?1 ORDER BY at DESC LIMIT ?2)
             WHERE phase = 'outcome' GROUP BY person, client_name",
            $together,
            " ORDER BY count DESC LIMIT 20"
        )
    };
}

/// The latest intents of a day, and of each whether its person wrote in its place within 28 days before. It reads four rows an
/// intent.
const NEW_PLACES: &str = "SELECT person, MAX(person_name) AS person_name, NULL AS client_name, NULL AS tool, SUM(is_new) AS count,
        MAX(at) AS at, SUM(is_new) || ' writes to ' || COUNT(DISTINCT CASE WHEN is_new THEN resource END)
            || ' places that they had not written to in 28 days, of ' || COUNT(*) || ' in the last day' AS words
    FROM (SELECT person, person_name, resource, at, NOT EXISTS (SELECT 1 FROM events AS earlier INDEXED BY events_by_writer
            WHERE earlier.phase = 'intent' AND earlier.person = latest.person AND earlier.resource = latest.resource
                AND earlier.at >= ?1 - 2419200000 AND earlier.at < ?1) AS is_new
        FROM (SELECT * FROM events INDEXED BY events_by_intent WHERE phase = 'intent' AND at >= ?1
            ORDER BY at DESC LIMIT ?2 / 5) AS latest
        WHERE person IS NOT NULL AND resource IS NOT NULL AND tool IN (SELECT value FROM json_each(?3)))
    GROUP BY person HAVING SUM(is_new) >= 5 ORDER BY count DESC LIMIT 20";

/// Every sum.
pub static ALL: [Statistic; 7] = [
    Statistic {
        title: "Refused again and again",
        explanation: "Somebody whose calls of one tool were refused five times or more within a day. A client that does not \
                      understand its refusals, a profile that is too narrow, or somebody who tries what they may not.",
        kind: Kind::Call,
        query: sums!(
            "events_by_outcome",
            "outcome = 'denied' AND outcome <> 'succeeded' AND outcome <> 'started'",
            "tool",
            ", tool HAVING SUM(count) >= 5"
        ),
        days: 1,
    },
    Statistic {
        title: "Bursts",
        explanation: "Somebody with a hundred calls or more within five minutes, among the latest two thousand events of a day. \
                      An agent at work in a large repository, or one that goes round in circles.",
        kind: Kind::Call,
        query: sums!("events_by_time", "kind = 'call'", "NULL", ", at / 300000 HAVING SUM(count) >= 100"),
        days: 1,
    },
    Statistic {
        title: "Unlike their last weeks",
        explanation: "Somebody with five writes or more within a day, among the latest four hundred of all, to repositories and spaces \
                      that they had not written to in the 28 days before. A new task or team, or a client that somebody else leads. \
                      Where the intents of reads are on record too, a read counts as having been there.",
        kind: Kind::Call,
        query: NEW_PLACES,
        days: 1,
    },
    Statistic {
        title: "Texts that look written for an assistant",
        explanation: "Within a week, by the tool whose answers showed them. Who wrote them, and where, is in their events.",
        kind: Kind::SuspiciousText,
        query: sums!("events_by_kind", "kind = 'suspicious_text' AND kind <> 'call'", "tool", ", tool"),
        days: 7,
    },
    Statistic {
        title: "New access with the scope admin",
        explanation: "Clients that somebody let in within a week, to take away for good and to administer. Seldom needed: ask \
                      whoever let them in.",
        kind: Kind::GrantMade,
        query: sums!(
            "events_by_kind",
            "kind = 'grant_made' AND kind <> 'call' AND state_after LIKE '%admin%'",
            "NULL",
            ""
        ),
        days: 7,
    },
    Statistic {
        title: "Superseded refresh tokens used again",
        explanation: "Within a week. Two windows of one client do that, and so does whoever copied a token: look where it is \
                      not one person with several windows.",
        kind: Kind::GrantRefreshedAfterReuse,
        query: sums!("events_by_kind", "kind = 'grant_refreshed_after_reuse' AND kind <> 'call'", "NULL", ""),
        days: 7,
    },
    Statistic {
        title: "Calls that a rule reports",
        explanation: "Within a week, by tool. They ran.",
        kind: Kind::RuleAlert,
        query: sums!("events_by_kind", "kind = 'rule_alert' AND kind <> 'call'", "tool", ", tool"),
        days: 7,
    },
];

/// The names of tools that write, as JSON.
fn writes() -> String {
    let writes = catalog::all().filter(|operation| operation.class != Class::Read);
    json!(writes.map(|operation| operation.name).collect::<Vec<_>>()).to_string()
}

impl Statistic {
    fn statement(&self, now: Timestamp) -> Statement {
        let since = now - std::time::Duration::from_secs(u64::from(self.days) * 86_400);
        let statement = sql(self.query).bind(since).bind(MOST_EVENTS);
        // SQLite takes no value that a statement does not name.
        if self.query == NEW_PLACES { statement.bind(writes()) } else { statement }
    }
}

/// Every sum as it is now, in the order of [`ALL`].
///
/// # Errors
/// Where the log cannot be read.
pub async fn read(database: &dyn Database, now: Timestamp) -> Result<Vec<Vec<Sum>>, Fault> {
    let statements = ALL.iter().map(|statistic| statistic.statement(now)).collect();
    database.batch(statements).await?.into_iter().map(|rows| rows.all()).collect()
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;

    use super::*;
    use crate::platform::{native::database::Sqlite, object::ObjectStorage};

    const NOW: i64 = 1_767_225_600_000;

    /// What is told of the statistic of that title after so many such events, one a second up to then, in a log that has
    /// others too.
    fn told_then(title: &str, count: i64, event: &str, then: i64) -> Vec<Sum> {
        let database = Sqlite::migrated();
        let columns =
            "request_id, phase, part, at, kind, outcome, count, person, person_name, client_name, tool, state_after";
        let script = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})
                INSERT INTO events ({columns}) SELECT 'r' || i, 'outcome', '', {then} - i * 1000, {event} FROM n WHERE i <= {count};
            INSERT INTO events ({columns}) VALUES
                ('o', 'outcome', '', {NOW}, 'call', 'succeeded', 1, 'p', 'bob', 'Other', 'whoami', NULL),
                ('p', 'outcome', '', {NOW}, 'grant_made', 'succeeded', 1, 'p', 'bob', 'Other', NULL, 'read');"
        );
        database.run_script(script.leak()).unwrap();
        let place = ALL.iter().position(|statistic| statistic.title == title).unwrap();
        block_on(read(&database, Timestamp(NOW))).unwrap().swap_remove(place)
    }

    fn told(title: &str, count: i64, event: &str) -> Vec<Sum> {
        told_then(title, count, event, NOW)
    }

    #[test]
    fn each_is_told_from_its_bound_on_with_whom_it_is_about() {
        let call = |outcome: &str| format!("'call', '{outcome}', 1, 'd', 'dana', 'An editor', 'whoami', NULL");
        let access = "'grant_made', 'succeeded', 1, 'd', 'dana', 'An editor', NULL, 'read admin'";
        let reuse = "'grant_refreshed_after_reuse', 'succeeded', 1, 'd', 'dana', 'An editor', NULL, NULL";
        let suspicious = "'suspicious_text', 'succeeded', 1, 'd', 'dana', 'An editor', 'whoami', NULL";
        let alert = "'rule_alert', 'succeeded', 1, 'd', 'dana', 'An editor', 'whoami', NULL";
        for (title, least, event) in [
            ("Refused again and again", 5, call("denied").as_str()),
            ("Bursts", 100, &call("succeeded")),
            ("New access with the scope admin", 1, access),
            ("Superseded refresh tokens used again", 1, reuse),
            ("Calls that a rule reports", 1, alert),
            ("Texts that look written for an assistant", 1, suspicious),
        ] {
            assert_eq!(told(title, least - 1, event), [], "{title}");
            let told = told(title, least, event);
            let names: Vec<_> = told.iter().map(|sum| (sum.person_name.as_deref(), sum.count)).collect();
            assert_eq!(names, [(Some("dana"), least)], "{title}");
        }
    }

    #[test]
    fn what_is_older_or_beyond_the_latest_two_thousand_is_not_told() {
        let denied = "'call', 'denied', 1, 'd', 'dana', 'An editor', 'whoami', NULL";
        assert_eq!(told_then("Refused again and again", 9, denied, NOW - 86_400_000), []);
        assert_eq!(told("Refused again and again", 2_500, denied).first().map(|sum| sum.count), Some(MOST_EVENTS));
    }

    /// What is told of somebody who wrote so often to each of so many repositories within a day, and to the first of them before.
    fn told_of_writes(repositories: i64, earlier: i64, tool: &str) -> Vec<Sum> {
        let database = Sqlite::migrated();
        let columns = "request_id, phase, part, at, kind, outcome, count, person, person_name, tool, resource";
        let script = format!(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {repositories})
                INSERT INTO events ({columns}) SELECT 'r' || i, 'intent', k.value, {NOW} - 1000, 'call', 'started', 1, 'd', 'dana',
                    '{tool}', 'acme/' || i FROM n, json_each('[1,2,3]') AS k;
            INSERT INTO events ({columns}) VALUES
                ('e', 'intent', '', {earlier}, 'call', 'started', 1, 'd', 'dana', '{tool}', 'acme/1'),
                ('o', 'intent', '', {NOW} - 200000000, 'call', 'started', 1, 'b', 'bob', '{tool}', 'acme/2');"
        );
        database.run_script(script.leak()).unwrap();
        let place = ALL.iter().position(|statistic| statistic.title == "Unlike their last weeks").unwrap();
        block_on(read(&database, Timestamp(NOW))).unwrap().swap_remove(place)
    }

    #[test]
    fn writes_to_places_that_somebody_did_not_write_to_lately_are_told_in_a_sentence() {
        let write = "bitbucket_add_pull_request_comment";
        let [days_ago, long_ago] = [2, 40].map(|days| NOW - days * 86_400_000);
        let words = |told: Vec<Sum>| told.first().and_then(|sum| sum.words.clone());
        let expected = "6 writes to 2 places that they had not written to in 28 days, of 9 in the last day";
        assert_eq!(words(told_of_writes(3, days_ago, write)).as_deref(), Some(expected));
        let expected = "9 writes to 3 places that they had not written to in 28 days, of 9 in the last day";
        assert_eq!(words(told_of_writes(3, long_ago, write)).as_deref(), Some(expected));
        assert_eq!(told_of_writes(2, days_ago, write), [], "three new ones are too few");
        assert_eq!(told_of_writes(3, days_ago, "bitbucket_get_file"), [], "reads are none");
    }

    #[test]
    fn each_goes_along_one_index_over_so_many_events_at_the_most() {
        for statistic in &ALL {
            let plan = Sqlite::migrated().plan(statistic.query);
            assert!(plan.iter().any(|step| step.starts_with("SEARCH events USING INDEX")), "{plan:?}");
            assert!(!plan.iter().any(|step| step.starts_with("SCAN events")), "{plan:?}");
        }
    }
}
