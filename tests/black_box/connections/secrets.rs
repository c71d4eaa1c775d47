//! Rows 81 and 82: secrets stay where they belong. A person's whole story, and then every place that something could
//! have leaked to.

use std::{fmt::Write as _, sync::LazyLock};

use postern_tests::{
    client::{Answer, Client, REDIRECT, VERIFIER, post_form, send},
    person::Person,
};
use serde_json::{Value, json};
use testkit::journey;
use url::Url;

use super::{TOOL, at_callback, browser_of, call, connection, link, retry};
use crate::tools::backend;

/// What was seen in a story, and all that was answered to the AI client and the person.
struct Story {
    person: Person<'static>,
    client: Client,
    /// A name for each, for the message of a test that fails.
    secrets: Vec<(&'static str, String)>,
    answers: String,
    pages: String,
}

static STORY: LazyLock<Story> = LazyLock::new(Story::tell);

impl Story {
    fn tell() -> Self {
        let person = Person::developer();
        let mut client = Client::registered(&person.instance.url);
        let code = client.consented(&person, &[]);
        client.keep(&client.redeem(&code, &[]).json());
        let mut story =
            Self { secrets: vec![("code", code)], answers: String::new(), pages: String::new(), person, client };
        story.connect();
        story.keep_tokens();
        story.fail_and_renew();
        let tokens = story.client.refresh(&story.client.refresh_token, &[]).json();
        story.client.keep(&tokens);
        story.keep_tokens();
        story.hear(&story.client.call("whoami", json!({})));
        story.look_around();
        story.confidential_client();
        story.upstream_tokens();
        story
    }

    fn hear(&mut self, answer: &Answer) {
        let _ = writeln!(self.answers, "{:?} {}", answer.headers, answer.body);
    }

    fn keep_tokens(&mut self) {
        self.secrets.push(("access token", self.client.access_token.clone()));
        self.secrets.push(("refresh token", self.client.refresh_token.clone()));
    }

    /// By the link of a call, with the state and code of Bitbucket's redirect.
    fn connect(&mut self) {
        let first_answer = call(&self.client);
        self.hear(&first_answer);
        let (mut browser, _) = browser_of(&self.person, "/connections");
        let page = browser.open(Url::parse(&link(&first_answer)).expect("a URL")).expect("the link's page");
        self.pages.push_str(&page.body);
        let back = at_callback(&self.person, &mut browser, &page, "grant");
        for (name, value) in back.query_pairs() {
            let name = if name == "code" { "Bitbucket's code" } else { "Bitbucket's state" };
            self.secrets.push((name, value.into_owned()));
        }
        self.pages.push_str(&browser.open(back).expect("connected").body);
        self.hear(&retry(&self.client, &first_answer.result()["requestState"]));
    }

    fn fail_and_renew(&mut self) {
        let account = self.person.username.clone();
        for fault in [
            json!({ "kind": "expire_access_tokens", "account": account }),
            json!({ "kind": "status", "account": account, "path": "/2.0", "status": 500, "times": 2 }),
            json!({ "kind": "truncate", "account": account, "path": "/2.0", "times": 2 }),
            json!({ "kind": "status", "account": account, "path": "/2.0", "status": 404, "html": true }),
            json!({ "kind": "status", "account": account, "path": "/site/oauth2", "status": 500 }),
            json!({ "kind": "expire_access_tokens", "account": account }),
        ] {
            self.person.instance.fault(&fault);
            self.hear(&self.client.call(TOOL, json!({})));
        }
        let comment = backend(json!({ "pull_request": 11, "text": "told" }));
        self.hear(&self.client.call("bitbucket_add_pull_request_comment", comment));
        self.hear(&self.client.call("confluence_get_page", json!({ "page": "98306" })));
    }

    fn look_around(&mut self) {
        let (mut browser, _) = browser_of(&self.person, "/connections");
        for path in ["/", "/connections", "/clients", "/nowhere"] {
            self.pages.push_str(&browser.open(self.person.url(path)).expect("a page").body);
        }
        let sign_in = send("GET", self.person.url("/sign-in").as_str(), &[], b"");
        self.cookies(&sign_in);
        let mut browser = testkit::browser::Browser::new().landing_at(self.person.url("/callback/identity"));
        let page = journey::open_signed_in(&mut browser, self.person.url("/sign-in"), &self.person.account());
        let back = page.expect("back from the identity provider").url;
        for (name, value) in back.query_pairs().filter(|(name, _)| name == "code" || name == "state") {
            let name = if name == "code" { "the identity provider's code" } else { "the identity provider's state" };
            self.secrets.push((name, value.into_owned()));
        }
        self.pages.push_str(&browser.open(back).expect("signed in").body);
    }

    fn cookies(&mut self, answer: &Answer) {
        let cookies = answer.header("set-cookie").split("__Host-");
        let values = cookies.filter_map(|cookie| cookie.split(['=', ';']).nth(1));
        let values: Vec<_> = values.filter(|value| value.len() > 20).map(str::to_owned).collect();
        assert!(!values.is_empty(), "{answer:?}");
        self.secrets.extend(values.into_iter().map(|value| ("cookie", value)));
    }

    /// One that has a secret, and uses it.
    fn confidential_client(&mut self) {
        let metadata = json!({
            "client_name": "confidential", "redirect_uris": [REDIRECT], "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "client_secret_post",
        });
        let headers = [("content-type", "application/json"), ("cf-connecting-ip", "192.0.2.250")];
        let url = self.person.url("/register");
        let registered = send("POST", url.as_str(), &headers, metadata.to_string().as_bytes()).json();
        let secret = registered["client_secret"].as_str().expect("a secret").to_owned();
        let client = Client {
            origin: self.client.origin.clone(),
            id: registered["client_id"].as_str().expect("an id").to_owned(),
            access_token: String::new(),
            refresh_token: String::new(),
            view: String::new(),
        };
        let code = client.consented(&self.person, &[]);
        let answer = client.redeem(&code, &[("client_secret", &secret)]);
        assert_eq!(answer.status, 200, "{answer:?}");
        let token = answer.json()["access_token"].as_str().expect("a token").to_owned();
        // Once more, so that a replay has its say in the log.
        post_form(self.person.url("/token").as_str(), &[("grant_type", "authorization_code"), ("code", &code)]);
        self.secrets.extend([("client secret", secret), ("code", code), ("access token", token)]);
        self.secrets.push(("code verifier", VERIFIER.to_owned()));
    }

    /// As the sandbox saw them.
    fn upstream_tokens(&mut self) {
        for request in self.person.instance.upstream_requests(&self.person.username) {
            let authorization = request["authorization"].as_str().unwrap_or_default();
            self.secrets
                .extend(authorization.strip_prefix("Bearer ").map(|token| ("Bitbucket's token", token.to_owned())));
            let form = request["body"].as_str().unwrap_or_default();
            let form = url::form_urlencoded::parse(form.as_bytes());
            let tokens = form.filter(|(name, _)| name == "refresh_token");
            self.secrets.extend(tokens.map(|(_, token)| ("Bitbucket's refresh token", token.into_owned())));
        }
        for setting in ["sandbox-consumer-secret", "sandbox-confluence-token", "sandbox-oidc-secret"] {
            self.secrets.push(("setting", setting.to_owned()));
        }
    }

    fn assert_in_none_of(&self, place: &str, text: &str) {
        for (name, secret) in &self.secrets {
            assert!(secret.len() >= 8, "{name} is {secret:?}");
            assert!(!text.contains(secret.as_str()), "{name} in {place}");
        }
        assert_no_marks(place, text);
    }
}

/// What no story's answers hold, whoever told it.
fn assert_no_marks(place: &str, text: &str) {
    for mark in ["bb-at-", "bb-rt-", "ATWEB-", postern_tests::instance::SIGNING_KEY] {
        let around = text.find(mark).map(|at| text.get(at.saturating_sub(300)..at).unwrap_or_default());
        assert_eq!(around, None, "{mark} in {place}");
    }
}

#[test]
fn a_story_has_secrets_of_every_kind() {
    let kinds: std::collections::BTreeSet<_> = STORY.secrets.iter().map(|(name, _)| *name).collect();
    assert_eq!(kinds.len(), 13, "{kinds:?}");
}

#[test]
fn row_81_no_answer_to_an_ai_client_holds_a_secret() {
    STORY.assert_in_none_of("an answer", &STORY.answers);
}

#[test]
fn row_81_no_page_holds_a_secret() {
    STORY.assert_in_none_of("a page", &STORY.pages);
}

#[test]
fn row_81_no_line_of_the_log_holds_a_secret() {
    let logs = STORY.person.instance.logs();
    assert!(logs.contains("no tokens") || logs.len() > 100, "nothing was logged: {logs}");
    STORY.assert_in_none_of("the log", &logs);
}

#[test]
fn no_table_of_the_record_holds_a_secret() {
    let instance = STORY.person.instance;
    let tables =
        instance.sql("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'", &[]);
    let tables: Vec<_> = tables.as_array().expect("tables").iter().filter_map(|row| row["name"].as_str()).collect();
    for table in ["users", "grants", "connections", "audit", "clients", "authorization_codes"] {
        assert!(tables.contains(&table), "{table} of {tables:?}");
    }
    for table in tables {
        STORY.assert_in_none_of(table, &instance.sql(&format!("SELECT * FROM {table}"), &[]).to_string());
    }
}

#[test]
fn no_table_of_the_session_holds_a_secret() {
    let user = STORY.person.user_id();
    let session = |sql: &str| STORY.person.instance.session_sql(&user, sql);
    let tables = session("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'");
    let tables = tables.as_array().expect("tables").clone();
    assert!(!tables.is_empty());
    for name in tables.iter().filter_map(|row| row["name"].as_str()) {
        STORY.assert_in_none_of(name, &session(&format!("SELECT * FROM {name}")).to_string());
    }
}

#[test]
fn tokens_of_the_account_are_sealed() {
    let row = &connection(&STORY.person)[0];
    for column in ["access_token", "refresh_token"] {
        assert!(row[column].as_str().is_some_and(|sealed| sealed.starts_with("v2.")), "{column} of {row}");
    }
}

#[test]
fn sealed_tokens_of_one_person_are_of_no_use_in_anothers_row() {
    let (one, other) = (Person::connected(), Person::connected());
    one.instance.sql(
        "UPDATE connections SET access_token = (SELECT access_token FROM connections WHERE user_id = ?1)
         WHERE user_id = ?2",
        &[&one.user_id(), &other.user_id()],
    );
    // Whose first word to the person's object has it read the record.
    let client = Client::of(&other);
    let before = one.instance.upstream_requests(&one.username).len();
    assert!(client.call(TOOL, json!({})).is_error());
    assert_eq!(one.instance.upstream_requests(&one.username).len(), before);
}

#[test]
fn row_82_bitbucket_and_confluence_see_their_own_credentials_alone() {
    let url = format!("{}/control/requests", STORY.person.instance.sandbox_url);
    let requests = send("GET", &url, &[], b"").json();
    let own =
        |request: &&Value| request["account"] == STORY.person.username.as_str() || request["account"] == "confluence";
    let requests: Vec<_> = requests["requests"].as_array().expect("a list").iter().filter(own).collect();
    assert!(requests.len() > 10);
    for request in requests {
        let authorization = request["authorization"].as_str().expect("a credential");
        let path = request["path"].as_str().unwrap_or_default();
        let expected = if path.starts_with("/2.0") { "Bearer bb-at-" } else { "Basic " };
        assert!(authorization.starts_with(expected), "{request}");
        let text = request.to_string();
        assert!(!text.contains(&STORY.client.access_token) && !text.contains(&STORY.client.refresh_token), "{request}");
    }
}

#[test]
fn no_token_travels_in_an_address() {
    for request in STORY.person.instance.upstream_requests(&STORY.person.username) {
        assert_no_marks("a query", request["query"].as_str().unwrap_or_default());
        assert_no_marks("a path", request["path"].as_str().unwrap_or_default());
    }
}
