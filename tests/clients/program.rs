//! A program that somebody made with an SDK, and the person in front of it.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use postern_tests::{client::REDIRECT, person::Person, token};
use serde_json::{Value, json};
use url::Url;
use xtask::{browser::Browser, journey};

/// The era of `initialize` as the SDKs speak it.
pub const LEGACY: &str = "2025-11-25";
pub const MODERN: &str = postern_tests::client::MODERN;

pub struct Program {
    person: Person<'static>,
    /// How often the person was asked to let the client in.
    authorized: usize,
    /// The links that the client's elicitation handler was given.
    pub opened: Vec<String>,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

pub fn sdks() -> PathBuf {
    root().join("tests/clients/sdks")
}

impl Program {
    /// Starts a program that knows the MCP URL and nothing else of Postern.
    pub fn start(mut command: Command, person: Person<'static>, mode: &Value) -> Self {
        let url = person.url("/mcp");
        let mut child = command
            .arg(json!({ "url": url, "redirect": REDIRECT, "mode": mode }).to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { person, authorized: 0, opened: Vec::new(), child, stdin, stdout }
    }

    /// Connects, and says with what.
    pub fn connect(&mut self, protocol: &str) {
        let connected = self.done(&json!({ "command": "connect" }));
        assert_eq!(connected["protocol"], json!(protocol), "{connected}");
        // Not `println!`, which the test runner keeps to itself.
        let line = format!("{} speaks {protocol}\n", connected["sdk"].as_str().expect("a name"));
        std::io::stderr().write_all(line.as_bytes()).expect("a terminal");
    }

    pub fn tools(&mut self) -> Vec<String> {
        let tools = self.done(&json!({ "command": "tools" }));
        serde_json::from_value(tools).expect("names")
    }

    /// What a tool says.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> String {
        let result = self.done(&json!({ "command": "call", "tool": tool, "arguments": arguments }));
        assert_ne!(result["isError"], json!(true), "{result}");
        result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {result}")).to_owned()
    }

    /// The error that a call ends with.
    pub fn refused(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask(&json!({ "command": "call", "tool": tool, "arguments": arguments }));
        assert!(answer["failed"].is_object(), "{answer}");
        answer["failed"].clone()
    }

    /// Puts an expired token in the place of the client's.
    pub fn expire(&mut self) {
        let token = self.done(&json!({ "command": "token" }));
        let expired = token::reissued(token.as_str().expect("a token"), |claims| claims["exp"] = json!(1));
        self.done(&json!({ "command": "replace", "token": expired }));
    }

    pub fn connect_at(&self, link: &str) {
        self.person.connect_at(link);
    }

    fn done(&mut self, command: &Value) -> Value {
        let answer = self.ask(command);
        assert!(answer.get("done").is_some(), "{command}: {}", answer["failed"]["message"]);
        answer["done"].clone()
    }

    /// Gives a command and does what the program asks of its person meanwhile.
    fn ask(&mut self, command: &Value) -> Value {
        self.say(command);
        loop {
            let said = self.hear();
            if let Some(url) = said["authorize"].as_str() {
                self.authorized += 1;
                let redirect = self.authorize(url);
                self.say(&json!({ "redirect": redirect }));
            } else if let Some(link) = said["open"].as_str() {
                self.opened.push(link.to_owned());
                self.say(&json!({ "action": "accept" }));
                // People take longer than their clients: the call has to be held for them.
                sleep(Duration::from_secs(2));
                self.person.connect_at(link);
            } else {
                return said;
            }
        }
    }

    /// Signs in, consents, and ends at the client's callback.
    fn authorize(&self, url: &str) -> Url {
        let callback = Url::parse(REDIRECT).expect("a URL");
        let mut browser = Browser::new().landing_at(callback.clone());
        let url = Url::parse(url).expect("a URL");
        let page = journey::open_signed_in(&mut browser, url, &self.person.account()).expect("signed in");
        let form = journey::form_with_button(&page, "decision", "approve");
        let form = form.unwrap_or_else(|| panic!("no consent page: {} {}", page.url, page.body));
        let page = browser.submit(&page, &form, Some(("decision", "approve"))).expect("decided");
        assert_eq!(page.url.path(), callback.path(), "{}", page.body);
        page.url
    }

    fn say(&mut self, value: &Value) {
        writeln!(self.stdin, "{value}").expect("the program runs");
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.stdout.read_line(&mut line).expect("the program's words") > 0, "the program ended");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("not of the conversation: {line}"))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

/// What every client must be able to do for somebody whose Bitbucket is connected, asking them once to let it in.
pub fn works(mut program: Program, protocol: &str) {
    program.connect(protocol);
    assert_eq!(program.tools().len(), 11);
    assert!(program.call("whoami", &json!({})).contains(&program.person.username));
    let acme = json!({ "workspace": "acme", "repository": "backend" });
    let listed = program.call("bitbucket_list_pull_requests", &acme);
    assert!(listed.contains("webhook"), "{listed}");
    program.expire();
    assert!(program.call("whoami", &json!({})).contains(&program.person.username));
    assert_eq!(program.authorized, 1, "times that the person was asked to let the client in");
}

/// Somebody without a connected account is shown the link by the client, and the call waits for them.
pub fn waits_for_its_person(mut program: Program, protocol: &str) {
    program.connect(protocol);
    let text = program.call("bitbucket_list_workspaces", &json!({}));
    assert!(text.contains("acme"), "{text}");
    assert_eq!(program.opened.len(), 1);
}

/// The same before 2026-07-28: the client learns the link from an error, and has to call again.
pub fn learns_the_link(mut program: Program) {
    program.connect(LEGACY);
    let error = program.refused("bitbucket_list_workspaces", &json!({}));
    assert_eq!(error["code"], json!(-32042), "{error}");
    let link = error["data"]["elicitations"][0]["url"].as_str().expect("a link").to_owned();
    program.connect_at(&link);
    let text = program.call("bitbucket_list_workspaces", &json!({}));
    assert!(text.contains("acme"), "{text}");
}
