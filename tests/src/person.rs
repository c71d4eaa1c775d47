//! Somebody with a browser.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use testkit::{
    browser::{Browser, Form, Page},
    connect, journey,
};
use url::Url;

use crate::{
    client::{Answer, send},
    instance::{Instance, instance},
};

static COUNTER: AtomicU32 = AtomicU32::new(1);

/// A person of the organisation. Names that begin with `test-` exist on demand, `test-admin-` as administrators.
pub struct Person<'a> {
    pub username: String,
    pub instance: &'a Instance,
}

impl Person<'static> {
    /// A developer whom no other test knows.
    pub fn developer() -> Self {
        Self::new(&format!("test-{}", COUNTER.fetch_add(1, Ordering::Relaxed)), instance())
    }

    /// A developer whose Bitbucket account is connected.
    pub fn connected() -> Self {
        let person = Self::developer();
        person.connect_bitbucket();
        person
    }

    pub fn administrator() -> Self {
        Self::new(&format!("test-admin-{}", COUNTER.fetch_add(1, Ordering::Relaxed)), instance())
    }
}

impl<'a> Person<'a> {
    /// Somebody of that name, in that Postern.
    pub fn new(username: &str, instance: &'a Instance) -> Self {
        Self { username: username.to_owned(), instance }
    }

    pub fn account(&self) -> journey::Person {
        journey::Person::of_the_demo(&self.username)
    }

    pub fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.instance.url)).expect("a URL")
    }

    /// A new browser in which the person has signed in, at that path of Postern.
    pub fn signed_in_at(&self, path: &str) -> (Browser, Page) {
        self.signed_in_at_url(self.url(path))
    }

    /// Signs in at a page and submits its form with that action, as that page's reader does; the page that comes of it.
    pub fn press(&self, path: &str, action: &str, reason: Option<&str>) -> Page {
        let (mut browser, page) = self.signed_in_at(path);
        let mut form = page.forms().into_iter().find(|form| form.action == action).expect("the form");
        if let Some(reason) = reason {
            form.set("reason", reason);
        }
        let page = browser.submit(&page, &form, None).expect("a page");
        assert!(page.status.is_success(), "{}", page.body);
        page
    }

    fn signed_in_at_url(&self, address: Url) -> (Browser, Page) {
        let mut browser = Browser::new();
        let page = journey::open_signed_in(&mut browser, address, &self.account()).expect("signed in");
        (browser, page)
    }

    pub fn connect_bitbucket(&self) {
        connect::connect(&self.url("/"), "bitbucket", &self.account()).expect("connected");
    }

    /// What the sandbox answers this person's account at Bitbucket, asked without Postern in between.
    pub fn bitbucket(&self, path: &str) -> Answer {
        let all = self.instance.upstream_requests(&self.username);
        let mut tokens = all.iter().filter_map(|request| request["authorization"].as_str());
        let token = tokens.rfind(|value| value.starts_with("Bearer ")).expect("a connected account");
        let base = Url::parse(&self.instance.sandbox_url).expect("a URL");
        let mut url = base.join(&format!("/2.0{path}")).expect("a URL");
        loop {
            let answer = send("GET", url.as_str(), &[("authorization", token)], b"");
            match answer.header("location") {
                "" => return answer,
                location => url = url.join(location).expect("a URL"),
            }
        }
    }

    /// Opens a link that an AI client showed, and connects the account there.
    pub fn connect_at(&self, link: &str) {
        let (mut browser, page) = self.signed_in_at_url(Url::parse(link).expect("a URL"));
        let form =
            page.forms().into_iter().find(|form| form.action.contains("/connect/")).expect("a form that connects");
        let page = browser.submit(&page, &form, None).expect("the provider's page");
        let mut form = journey::form_with_button(&page, "decision", "grant").expect("a form that grants");
        form.set("account_name", &self.username);
        let page = browser.submit(&page, &form, Some(("decision", "grant"))).expect("back");
        assert!(page.status.is_success(), "{}", page.body);
    }

    /// As an administrator: approves every tool that awaits it.
    pub fn approve_all_tools(&self) {
        let (mut browser, page) = self.signed_in_at("/admin/tools");
        let mut forms = page.forms().into_iter();
        let approves = |form: &Form| form.action.contains("decide-many") && form.has_button("state", "approved");
        let Some(form) = forms.find(approves) else { return };
        let page = browser.submit(&page, &form, Some(("state", "approved"))).expect("approved");
        assert!(page.status.is_success(), "{}", page.body);
    }

    /// As an administrator: lets calls change things in the organisation's name at that site, or no more.
    pub fn let_organisation_write(&self, site: &str, may_write: bool) {
        let (mut browser, page) = self.signed_in_at("/admin/accounts");
        let decision = if may_write { "yes" } else { "no" };
        let decides = |form: &Form| {
            form.action == "/admin/accounts/writes"
                && form.fields.contains(&("site".to_owned(), site.to_owned()))
                && form.has_button("may_write", decision)
        };
        let Some(form) = page.forms().into_iter().find(decides) else { return };
        let page = browser.submit(&page, &form, Some(("may_write", decision))).expect("decided");
        assert!(page.status.is_success(), "{}", page.body);
    }

    /// As an administrator: makes that document the access policy, on the page that has it.
    pub fn keep_access_policy(&self, document: &Value) {
        let path = "/admin/policy/document";
        let (mut browser, page) = self.signed_in_at(path);
        let mut form = page.forms().into_iter().find(|form| form.action == path).expect("the form");
        form.set("document", &document.to_string());
        form.set("summary", "of a test");
        let page = browser.submit(&page, &form, Some(("act", "keep"))).expect("kept");
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/policy"), "{}", page.body);
    }

    /// Ends the access of every AI client that the person let in, on the page that lists them.
    pub fn end_access_of_clients(&self) {
        let (mut browser, mut page) = self.signed_in_at("/clients");
        while let Some(form) = page.forms().into_iter().find(|form| form.action.contains("/clients/revoke")) {
            page = browser.submit(&page, &form, None).expect("ended");
            assert!(page.status.is_success(), "{}", page.body);
        }
    }

    /// As an administrator: decides on a tool, on the page that lists them.
    pub fn decide(&self, tool: &str, state: &str) {
        let (mut browser, page) = self.signed_in_at("/admin/tools");
        let has_tool = |field: &(String, String)| field.0 == "tool" && field.1 == tool;
        let form = page.forms().into_iter().find(|form| form.fields.iter().any(has_tool)).expect("the tool's form");
        assert!(form.has_button("state", state), "{form:?}");
        let page = browser.submit(&page, &form, Some(("state", state))).expect("decided");
        assert_eq!((page.status.as_u16(), page.url.path()), (200, "/admin/tools"), "{}", page.body);
    }

    /// As Postern knows the person, after the first sign-in.
    pub fn user_id(&self) -> String {
        let rows = self.instance.sql("SELECT id FROM users WHERE username = ?1", &[&self.username]);
        rows[0]["id"].as_str().expect("the person has signed in").to_owned()
    }
}
