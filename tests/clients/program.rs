//! A program that connects to Postern, and the person in front of it.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use postern_tests::{client::REDIRECT, person::Person};
use serde_json::{Value, json};
use testkit::{browser::Browser, journey};
use url::Url;

use crate::worker;

/// The era of `initialize` as the programs speak it.
pub const LEGACY: &str = "2025-11-25";
pub const MODERN: &str = postern_tests::client::MODERN;

pub struct Program {
    pub person: Person<'static>,
    /// How often the person was asked to let the client in.
    pub authorized: usize,
    /// The links that the client's elicitation handler was given.
    pub opened: Vec<String>,
    child: Child,
    /// Programs end when they hear no more.
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

/// Where the programs' sources are.
pub fn programs() -> PathBuf {
    root().join("tests/clients/programs")
}

/// A program of the npm packages, in the runtime that package.json pins.
pub fn node(script: &str) -> Command {
    let packages = programs().join("node_modules");
    assert!(packages.is_dir(), "no {}: `cargo xtask test` makes it, or `npm ci` there", packages.display());
    let mut node = Command::new(root().join("node_modules/.bin/node"));
    node.arg(programs().join(script));
    node
}

impl Program {
    /// Starts a program that knows the MCP URL and nothing else of Postern.
    pub fn start(mut command: Command, person: Person<'static>, mode: &Value) -> Self {
        let settings =
            json!({ "url": person.url("/mcp"), "redirect": REDIRECT, "mode": mode, "address": unique_address() });
        let mut child = command
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let stdin = child.stdin.take();
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        Self { person, authorized: 0, opened: Vec::new(), child, stdin, stdout }
    }

    /// The version of the pinned part that it is made of, as that says itself.
    pub fn version(&mut self) -> String {
        self.text(&json!({ "command": "version" }))
    }

    /// Has its person add Postern and sign in, for those who do not say by which revision they connect.
    pub fn sign_in(&mut self) {
        self.done(&json!({ "command": "connect" }));
    }

    /// Registers, and connects by that revision of the protocol.
    pub fn connect(&mut self, protocol: &str) {
        assert_eq!(self.text(&json!({ "command": "connect" })), protocol);
    }

    /// Makes it ask for that scope at first, and for nothing else.
    pub fn begin_with(&mut self, scope: &str) {
        self.done(&json!({ "command": "beginWith", "scope": scope }));
    }

    /// The same as the client that is described at an https address.
    pub fn connect_as(&mut self, document: &str, protocol: &str) {
        assert_eq!(self.text(&json!({ "command": "connect", "document": document })), protocol);
    }

    pub fn tools(&mut self) -> Vec<String> {
        let tools = self.done(&json!({ "command": "tools" }));
        serde_json::from_value(tools).expect("names")
    }

    /// The tools that there are after the next change that it hears of.
    pub fn changed(&mut self) -> Vec<String> {
        let tools = self.done(&json!({ "command": "changed" }));
        serde_json::from_value(tools).expect("names")
    }

    /// What a tool says.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> String {
        let result = self.result(tool, arguments);
        assert_ne!(result["isError"], json!(true), "{result}");
        words(&result)
    }

    /// What a tool says, and the reports of progress that the client heard before.
    pub fn call_reporting(&mut self, tool: &str, arguments: &Value) -> (String, Vec<Value>) {
        let done = self.done(&json!({ "command": "callReporting", "tool": tool, "arguments": arguments }));
        assert_ne!(done["result"]["isError"], json!(true), "{done}");
        (words(&done["result"]), done["reports"].as_array().expect("reports").clone())
    }

    /// The same, be it an error or not.
    pub fn words_of(&mut self, tool: &str, arguments: &Value) -> String {
        words(&self.result(tool, arguments))
    }

    fn result(&mut self, tool: &str, arguments: &Value) -> Value {
        self.done(&json!({ "command": "call", "tool": tool, "arguments": arguments }))
    }

    /// Calls the tool that tells the client whom it acts for.
    pub fn knows_its_person(&mut self) -> bool {
        self.call("whoami", &json!({})).contains(&self.person.username)
    }

    /// The error that a call ends with.
    pub fn refused(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.ask(&json!({ "command": "call", "tool": tool, "arguments": arguments }));
        assert!(answer["failed"].is_object(), "{answer}");
        answer["failed"].clone()
    }

    /// The access token that it would use now.
    pub fn token(&mut self) -> String {
        self.text(&json!({ "command": "token" }))
    }

    pub fn connect_at(&self, link: &str) {
        let _running = worker::running();
        self.person.connect_at(link);
    }

    fn text(&mut self, command: &Value) -> String {
        let done = self.done(command);
        done.as_str().unwrap_or_else(|| panic!("{command}: {done}")).to_owned()
    }

    fn done(&mut self, command: &Value) -> Value {
        let answer = self.ask(command);
        assert!(answer.get("done").is_some(), "{command}: {}", answer["failed"]["message"]);
        answer["done"].clone()
    }

    /// Gives a command and does what the program asks of its person meanwhile.
    fn ask(&mut self, command: &Value) -> Value {
        let _running = worker::running();
        self.say(command);
        loop {
            let message = self.hear();
            if let Some(url) = message["authorize"].as_str() {
                self.authorized += 1;
                let redirect = self.authorize(url);
                self.say(&json!({ "redirect": redirect }));
            } else if let Some(link) = message["open"].as_str() {
                self.opened.push(link.to_owned());
                self.say(&json!({ "action": "accept" }));
                // People take longer than their clients: the call has to be held for them.
                sleep(Duration::from_secs(2));
                self.person.connect_at(link);
            } else {
                return message;
            }
        }
    }

    /// Signs in, consents, and ends at the client's callback: of those that listen there, at the page they show.
    fn authorize(&self, url: &str) -> Url {
        let url = Url::parse(url).expect("a URL");
        let callback = url.query_pairs().find(|(name, _)| name == "redirect_uri").expect("a redirect_uri").1;
        let callback = Url::parse(&callback).expect("a URL");
        let mut browser = Browser::new().landing_at(callback.clone());
        let page = journey::open_signed_in(&mut browser, url, &self.person.account()).expect("signed in");
        let form = journey::form_with_button(&page, "decision", "approve");
        let form = form.unwrap_or_else(|| panic!("no consent page: {} {}", page.url, page.body));
        let page = browser.submit(&page, &form, Some(("decision", "approve"))).expect("decided");
        assert_eq!(page.url.path(), callback.path(), "{}", page.body);
        if callback.as_str() == REDIRECT { page.url } else { return_to(&page.url) }
    }

    fn say(&mut self, value: &Value) {
        writeln!(self.stdin.as_mut().expect("open"), "{value}").expect("the program runs");
    }

    fn hear(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.stdout.read_line(&mut line).expect("the program's words") > 0, "the program ended");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("not of the conversation: {line}"))
    }
}

/// Takes the browser back to a client that listens. It may do so only after it has sent its person away, for whom that is
/// soon enough: people take longer than this.
fn return_to(callback: &Url) -> Url {
    let started = Instant::now();
    loop {
        match Browser::new().open(callback.clone()) {
            Err(_) if started.elapsed() < Duration::from_secs(20) => sleep(Duration::from_millis(100)),
            page => return page.expect("the client listens").url,
        }
    }
}

/// The text of a tool's result.
fn words(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap_or_else(|| panic!("no text: {result}")).to_owned()
}

/// Registrations are limited by network, and all programs run on this machine.
fn unique_address() -> String {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    format!("2001:db8:1:{:x}::1", COUNTER.fetch_add(1, Ordering::Relaxed))
}

impl Drop for Program {
    /// Lets the program clean up after itself, unless it hangs.
    fn drop(&mut self) {
        drop(self.stdin.take());
        for _ in 0..50 {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}
