//! The pages people see.

mod clients;
mod connections;
mod doors;
mod forms;
mod frame;
mod front_door;
mod known_clients;
mod routes;
mod sessions;

use postern_tests::{
    client::{Answer, send},
    person::Person,
};
use testkit::browser::{Browser, Form, Page};

/// Somebody with a browser in which they have signed in.
struct Visitor {
    person: Person<'static>,
    browser: Browser,
}

impl Visitor {
    fn of(person: Person<'static>) -> Self {
        let (browser, page) = person.signed_in_at("/connections");
        assert_eq!(page.status, 200, "{}", page.body);
        Self { person, browser }
    }

    fn developer() -> Self {
        Self::of(Person::developer())
    }

    fn open(&mut self, path: &str) -> Page {
        self.browser.open(self.person.url(path)).expect("a page")
    }

    /// The form of that page that is posted to that path.
    fn form(&mut self, page: &str, path: &str) -> Form {
        let page = self.open(page);
        let form = page.forms().into_iter().find(|form| form.is_post && form.action == path);
        form.unwrap_or_else(|| panic!("no form at {} leads to {path}: {}", page.url, page.body))
    }

    fn cookies(&self) -> String {
        self.browser.cookies_for(&self.person.url("/")).expect("a session")
    }

    /// Opens a page and gives the answer as it is.
    fn get(&self, path: &str) -> Answer {
        send("GET", self.person.url(path).as_str(), &[("cookie", &self.cookies()), BROWSER], b"")
    }

    /// Posts fields with the browser's cookies and these headers.
    fn post(&self, path: &str, fields: &[(String, String)], headers: &[(&str, &str)]) -> Answer {
        post_with(&self.cookies(), self.person.url(path).as_str(), fields, headers)
    }
}

fn post_with(cookies: &str, url: &str, fields: &[(String, String)], headers: &[(&str, &str)]) -> Answer {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut all = vec![("cookie", cookies), ("content-type", "application/x-www-form-urlencoded"), BROWSER];
    all.extend(headers);
    send("POST", url, &all, body.as_bytes())
}

/// What browsers say of what they want to show.
const BROWSER: (&str, &str) = ("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");

/// What browsers say of a form that one of our pages posts.
const FROM_OUR_PAGE: [(&str, &str); 2] = [("origin", "null"), ("sec-fetch-site", "same-origin")];
