//! Somebody writes to the record of a Postern at work, as with `wrangler d1 execute` or from a copy, and holds no key of
//! it. Then it is started anew, so that nothing is known but what the stores say.

use postern_tests::{client::Client, instance::instance, person::Person};
use serde_json::{Value, json};
use testkit::browser::Browser;

use super::complete_turn;

/// Whoever writes to the record, and what they hold of their own.
struct Attacker {
    person: Person<'static>,
    browser: Browser,
    client: Client,
}

impl Attacker {
    fn new() -> Self {
        let person = Person::connected();
        let (browser, _) = person.signed_in_at("/connections");
        let client = Client::of(&person);
        Self { person, browser, client }
    }

    /// All that the attacker gets to read with what they hold, and by signing in once more.
    fn reads(&mut self) -> String {
        let mut read = String::new();
        let mut call = |client: &Client| {
            for tool in ["whoami", "bitbucket_list_workspaces"] {
                read.push_str(&client.call(tool, json!({})).body);
            }
        };
        call(&self.client);
        let refreshed = self.client.refresh(&self.client.refresh_token, &[]);
        if refreshed.status == 200 {
            self.client.keep(&refreshed.json());
            call(&self.client);
        }
        let (mut fresh, _) = self.person.signed_in_at("/");
        for browser in [&mut self.browser, &mut fresh] {
            for path in ["/", "/connections", "/clients", "/sessions", "/admin/people"] {
                read.push_str(&browser.open(self.person.url(path)).expect("a page").body);
            }
        }
        read
    }
}

/// An administrator with an account, an AI client and a browser: whom the attacker would like to be.
fn victim() -> Person<'static> {
    let person = Person::administrator();
    person.connect_bitbucket();
    Client::of(&person).call("bitbucket_list_workspaces", json!({}));
    person
}

fn restart() {
    instance().set_variables(&json!({}));
}

/// `?1` is the attacker, `?2` the victim.
const ATTACKS: [(&str, &str); 7] = [
    ("a grant of the attacker's is the victim's", "UPDATE grants SET user_id = ?2 WHERE user_id = ?1"),
    ("a browser of the attacker's is the victim's", "UPDATE browser_sessions SET user_id = ?2 WHERE user_id = ?1"),
    (
        "whom the provider knows as the attacker is the victim",
        "UPDATE users SET former_id = subject, subject = 'nobody' WHERE id = ?1 AND ?2 IS NOT NULL;
        UPDATE users SET subject = (SELECT former_id FROM users WHERE id = ?1) WHERE id = ?2",
    ),
    (
        "the attacker has the victim's roles",
        "UPDATE users SET (roles, roles_at, mac) = (SELECT roles, roles_at, mac FROM users WHERE id = ?2) WHERE id = ?1",
    ),
    (
        "the attacker has the role of an administrator",
        "UPDATE users SET roles = '[\"administrator\"]' WHERE id = ?1 AND ?2 IS NOT NULL",
    ),
    // The name of an account is only shown: whoever writes to the record may write there what they like.
    (
        "the victim's account is the attacker's",
        "UPDATE OR REPLACE connections SET user_id = ?1, account_name = 'mine' WHERE user_id = ?2",
    ),
    (
        "the provider's word on the victim is that on the attacker",
        "UPDATE OR REPLACE standings SET user_id = ?1, vouched_at = 0 WHERE user_id = ?2",
    ),
];

#[test]
fn rows_that_are_pointed_at_somebody_else_yield_nothing_of_theirs() {
    let _turn = complete_turn();
    for (attack, statements) in ATTACKS {
        let (mut attacker, victim) = (Attacker::new(), victim());
        let count_requests = || instance().upstream_requests(&victim.username).len();
        let (read, before) = (attacker.reads(), count_requests());
        assert!(read.contains(&attacker.person.username) && !read.contains(&victim.username), "{attack}: {read}");
        for statement in statements.split(';') {
            let changed = format!("{statement} RETURNING 1");
            let rows = instance().sql(&changed, &[&attacker.person.user_id(), &victim.user_id()]);
            assert_ne!(rows, json!([]), "{attack}: nothing was changed");
        }
        restart();
        let read = attacker.reads();
        assert!(!read.contains(&victim.username) && !read.contains("Stop everybody"), "{attack}: {read}");
        assert_eq!(count_requests(), before, "{attack}: Bitbucket was asked in the victim's name");
        // What is sealed for somebody else opens no more, and other tests count what waits to be sealed anew.
        for table in ["connections", "standings"] {
            let delete = format!("DELETE FROM {table} WHERE user_id IN (?1, ?2)");
            instance().sql(&delete, &[&attacker.person.user_id(), &victim.user_id()]);
        }
    }
}

/// Puts a row back as it was read.
fn put_back(table: &str, row: &Value) {
    let columns: Vec<&str> = row.as_object().expect("a row").keys().map(String::as_str).collect();
    let values: Vec<String> = columns.iter().map(|column| format!("json_extract(?1, '$.{column}')")).collect();
    let insert = format!("INSERT OR REPLACE INTO {table} ({}) SELECT {}", columns.join(", "), values.join(", "));
    instance().sql(&insert, &[&row.to_string()]);
}

#[test]
fn a_disabled_person_does_not_come_back_by_clearing_that_on_record() {
    let _turn = complete_turn();
    let mut attacker = Attacker::new();
    let user = attacker.person.user_id();
    let rows = |table: &str, column: &str| {
        let rows = instance().sql(&format!("SELECT * FROM {table} WHERE {column} = ?1"), &[&user]);
        rows.as_array().expect("rows").clone()
    };
    let before = [("users", "id"), ("browser_sessions", "user_id"), ("grants", "user_id"), ("connections", "user_id")]
        .map(|(table, column)| (table, rows(table, column)));

    let page = format!("/admin/people/{user}");
    Person::administrator().press(&page, "/admin/people/disable", Some("left the company"));

    // Even where the attacker puts back every row as it was.
    for (table, rows) in &before {
        rows.iter().for_each(|row| put_back(table, row));
    }
    restart();
    assert_eq!(attacker.client.call("whoami", json!({})).status, 401);
    let refreshed = attacker.client.refresh(&attacker.client.refresh_token, &[]);
    if refreshed.status == 200 {
        attacker.client.keep(&refreshed.json());
        assert_eq!(attacker.client.call("whoami", json!({})).status, 401, "what a refresh gives is worth nothing");
    }
    let page = attacker.browser.open(attacker.person.url("/clients")).expect("a page");
    assert!(!page.body.contains("black box"), "{}", page.body);
    let (_, page) = attacker.person.signed_in_at("/clients");
    assert_eq!(page.status.as_u16(), 403, "{}", page.body);
}
