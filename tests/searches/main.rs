//! What a search of the audit log costs where the log is long, by D1's own count of the rows that it read.

use postern_tests::{
    instance::{Instance, counting},
    person::Person,
};
use testkit::browser::{Browser, Page};

/// How long the log is, unless POSTERN_EVENTS says otherwise.
const EVENTS: usize = 100_000;
/// How many one statement makes.
const BATCH: usize = 50_000;
/// What one page of results may cost.
const MOST_ROWS: u64 = 2_000;
/// How many pages of results are turned.
const PAGES: usize = 4;

/// Makes events `?1` to `?2`, one a second. Some of each kind, person, client, tool, repository and outcome there is are
/// common and some are rare, and no two of these go together: of the rare ones each has one event in a thousand.
const MAKE: &str = "WITH RECURSIVE n (i) AS (SELECT ?1 + 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?2 + 0)
    INSERT INTO events (request_id, phase, part, at, kind, outcome, count, person, person_name, client_name, tool, target,
        resource, story)
    SELECT 'request-' || i, 'outcome', '1', 1767225600000 + i * 1000,
        CASE WHEN i % 1000 = 1 THEN 'consent' WHEN i % 10 = 3 THEN 'sign_in' ELSE 'call' END,
        CASE WHEN i % 1000 = 2 THEN 'unknown' WHEN i % 10 = 4 THEN 'failed' ELSE 'succeeded' END, 1,
        CASE WHEN i % 1000 = 5 THEN 'rare-person' ELSE 'person-' || (i % 7) END, 'name',
        CASE WHEN i % 1000 = 6 THEN 'Rare client' ELSE 'Client ' || (i % 5) END,
        CASE WHEN i % 1000 = 7 THEN 'bitbucket_get_file' WHEN i % 3 = 0 THEN 'whoami' ELSE 'bitbucket_list_branches' END,
        'acme/backend', CASE WHEN i % 1000 = 8 THEN 'acme/rare' ELSE 'acme/repository-' || (i % 11) END,
        CASE WHEN i % 1000 = 9 THEN 'page 9' WHEN i % 2 = 0 THEN 'acme/backend#7' END
    FROM n";

/// Of each field of the page's form: something common, something rare, and something that no event has.
const FIELDS: [(&str, [&str; 3]); 7] = [
    ("kind", ["call", "consent", "keys_rotated"]),
    ("person", ["person-3", "rare-person", "nobody"]),
    ("client", ["Client 3", "Rare client", "Nothing"]),
    ("tool", ["whoami", "bitbucket_get_file", "confluence_search"]),
    ("resource", ["acme/repository-3", "acme/rare", "acme/nothing"]),
    ("story", ["acme/backend%237", "page+9", "page+10"]),
    ("outcome", ["succeeded", "unknown", "cancelled"]),
];

/// Dates that the log begins before, and ends after.
const DATES: [&str; 4] = ["", "&from=2026-01-01", "&until=2026-01-02", "&from=2026-01-02&until=2026-01-02"];

/// Every filter by one field and by two, with each kind of value, and every field at once.
fn filters() -> Vec<String> {
    let one = FIELDS.iter().flat_map(|(name, values)| values.map(|value| format!("{name}={value}")));
    let one: Vec<String> = one.collect();
    let field = |filter: &str| filter.split('=').next().map(str::to_owned);
    let pairs = one.iter().enumerate().flat_map(|(position, first)| {
        one.iter()
            .skip(position + 1)
            .filter(move |second| field(first) != field(second))
            .map(move |second| format!("{first}&{second}"))
    });
    let all = [0, 1, 2].map(|which| FIELDS.map(|(name, values)| format!("{name}={}", values[which])).join("&"));
    [String::new()].into_iter().chain(pairs).chain(one.clone()).chain(all).collect()
}

/// A Postern with a long log, and an administrator who is signed in there.
fn long_log(postern: &'static Instance) -> Browser {
    let events = std::env::var("POSTERN_EVENTS").map_or(EVENTS, |count| count.parse().expect("a number"));
    for first in (0..events).step_by(BATCH) {
        postern.sql(MAKE, &[&first.to_string(), &(first + BATCH - 1).min(events - 1).to_string()]);
    }
    Person::new("test-admin-searches", postern).signed_in_at("/admin/audit").0
}

fn older(page: &Page) -> Option<String> {
    let mut links = page.body.split("href=\"/admin/audit").skip(1);
    let link = links.find(|rest| rest.contains("\">Older entries"))?;
    Some(link.split('"').next()?.replace("&amp;", "&"))
}

#[test]
fn no_filter_and_no_page_of_results_makes_d1_read_more_than_2000_rows() {
    let postern = counting();
    let mut browser = long_log(postern);
    let mut worst = (0, String::new());
    let mut measure = |query: &str| {
        let before = postern.rows_read();
        let page = browser.open(postern_url(postern, query)).expect("a page");
        assert_eq!(page.status, 200, "{query}");
        let read = postern.rows_read() - before;
        assert!(read <= MOST_ROWS, "D1 read {read} rows for {query}");
        worst = worst.clone().max((read, query.to_owned()));
        page
    };
    for filter in filters() {
        let mut query = Some(format!("?{filter}"));
        for _ in 0..PAGES {
            let Some(next) = query else { break };
            query = older(&measure(&next));
        }
    }
    for (filter, date) in filters().iter().step_by(7).flat_map(|filter| DATES.map(|date| (filter, date))) {
        // In the midst of the log, and before its end.
        for after in ["", "&after=1767275600000.50000", "&after=1767225700000.100"] {
            measure(&format!("?{filter}{date}{after}"));
        }
    }
    for of in ["acme/backend%237", "page+9", "page+10"] {
        for after in ["", "&after=1767275600000.50000"] {
            measure(&format!("/story?of={of}{after}"));
        }
    }
    println!("at most {} rows, for {}", worst.0, worst.1);
    assert!(worst.0 >= 100, "nothing was counted");
}

fn postern_url(postern: &Instance, query: &str) -> url::Url {
    url::Url::parse(&format!("{}/admin/audit{query}", postern.url)).expect("a URL")
}
