//! Somebody in front of a real Chromium: finds things by what they say, as people and screen readers do.

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

use postern_tests::{instance::instance, person::Person};
use serde_json::{Value, json};

/// The password of all demo accounts.
pub const PASSWORD: &str = "postern";

/// Under these names machines have Chromium; xtask looks for the same.
const BROWSERS: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];

/// The one Chromium of this test binary; every visitor has a profile of their own in it.
static DRIVER: LazyLock<Mutex<Driver>> = LazyLock::new(|| Mutex::new(Driver::start()));

struct Driver {
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    _child: Child,
}

impl Driver {
    fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository");
        let mut child = Command::new(root.join("node_modules/.bin/node"))
            .arg(root.join("tests/browser/driver.mjs"))
            .arg(chromium())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node, which `cargo xtask test` installs");
        let stdin = child.stdin.take().expect("piped");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut driver = Self { stdin, stdout, _child: child };
        driver.reply().expect("Chromium starts");
        driver
    }

    fn ask(&mut self, command: &Value) -> io::Result<Value> {
        writeln!(self.stdin, "{command}")?;
        self.reply()
    }

    fn reply(&mut self) -> io::Result<Value> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

fn chromium() -> PathBuf {
    let folders = env::var_os("PATH").unwrap_or_default();
    let mut candidates = env::split_paths(&folders).flat_map(|folder| BROWSERS.map(|name| folder.join(name)));
    candidates.find(|program| program.is_file()).expect("a Chromium in PATH: `cargo xtask test` installs one")
}

fn ask(command: &Value) -> io::Result<Value> {
    DRIVER.lock().unwrap_or_else(PoisonError::into_inner).ask(command)
}

/// A browser profile with one tab.
pub struct Visitor {
    id: Value,
}

impl Visitor {
    /// On a desktop, by daylight.
    pub fn new() -> Self {
        Self::with("light", 1200, 800)
    }

    /// With a colour scheme and a window of this size.
    pub fn with(scheme: &str, width: u32, height: u32) -> Self {
        let answer = ask(&json!({ "command": "open", "scheme": scheme, "width": width, "height": height }));
        Self { id: answer.expect("Chromium's driver lives")["ok"].clone() }
    }

    /// Somebody who has just signed in, at that path of Postern.
    pub fn signed_in(person: &Person<'_>, path: &str) -> Self {
        let visitor = Self::new();
        visitor.sign_in(person, path);
        visitor
    }

    /// Signs in on the way to that path of the person's Postern, or to an address anywhere.
    pub fn sign_in(&self, person: &Person<'_>, path: &str) {
        self.go(person.url("/sign-in").as_str());
        self.enter_password(person, PASSWORD);
        self.arrive(&person.instance.url);
        self.go(&if path.starts_with('/') { person.url(path).into() } else { path.to_owned() });
    }

    /// Fills in the identity provider's form.
    pub fn enter_password(&self, person: &Person<'_>, password: &str) {
        self.fill("User name", &person.username);
        self.fill("Password", password);
        self.click("button", "Sign in");
    }

    fn run(&self, command: &str, parameters: Value) -> Value {
        let mut message = parameters;
        message["command"] = command.into();
        message["visitor"] = self.id.clone();
        let answer = ask(&message).expect("Chromium's driver lives");
        if let Some(error) = answer.get("error") {
            let page = ask(&json!({ "command": "text", "visitor": self.id })).unwrap_or_default();
            panic!("{message}: {error}\nThe page says:\n{}", page["ok"].as_str().unwrap_or_default());
        }
        answer["ok"].clone()
    }

    fn read(&self, command: &str, parameters: Value) -> String {
        self.run(command, parameters).as_str().expect("text").to_owned()
    }

    /// Opens a path of Postern, or an address anywhere.
    pub fn go(&self, address: &str) {
        let url = if address.starts_with('/') { format!("{}{address}", instance().url) } else { address.to_owned() };
        self.run("goto", json!({ "url": url }));
    }

    /// Clicks the `button` or `link` of that name.
    pub fn click(&self, role: &str, name: &str) {
        self.run("click", json!({ "role": role, "name": name }));
    }

    /// Clicks the `button` of that name twice, with that pause between, while everything takes that much longer; both in
    /// milliseconds.
    pub fn click_twice(&self, name: &str, pause: u32, latency: u32) {
        self.run("click_twice", json!({ "role": "button", "name": name, "pause": pause, "latency": latency }));
    }

    /// From now on each request takes that many milliseconds longer.
    pub fn slow_down(&self, latency: u32) {
        self.run("slow_down", json!({ "latency": latency }));
    }

    /// Takes the tick out of the box whose label contains this.
    pub fn untick(&self, label: &str) {
        self.run("untick", json!({ "label": label }));
    }

    pub fn fill(&self, label: &str, value: &str) {
        self.run("fill", json!({ "label": label, "value": value }));
    }

    /// Chooses from a list.
    pub fn choose(&self, label: &str, value: &str) {
        self.run("choose", json!({ "label": label, "value": value }));
    }

    pub fn press(&self, key: &str) {
        self.run("press", json!({ "key": key }));
    }

    /// Types into what has the focus.
    pub fn type_in(&self, text: &str) {
        self.run("type", json!({ "text": text }));
    }

    /// Presses Tab until what bears that name has the focus; fails where it never has, or where the focus cannot be
    /// seen on the way.
    pub fn tab_to(&self, name: &str) {
        for _ in 0..40 {
            self.press("Tab");
            let focus = self.run("focus", json!({}));
            assert_eq!(focus["visible"], true, "the focus cannot be seen: {focus}");
            if focus["name"] == name {
                return;
            }
        }
        panic!("the Tab key never comes to {name:?}");
    }

    /// Waits until the page says this.
    pub fn see(&self, text: &str) {
        self.run("see", json!({ "text": text }));
    }

    /// Waits until the tab stands at an address that begins like this.
    pub fn arrive(&self, url: &str) {
        self.run("arrive", json!({ "url": url }));
    }

    pub fn url(&self) -> String {
        self.read("url", json!({}))
    }

    pub fn heading(&self) -> String {
        self.read("heading", json!({}))
    }

    pub fn text(&self) -> String {
        self.read("text", json!({}))
    }

    /// The rows of the page's table.
    pub fn rows(&self) -> Vec<String> {
        let rows = self.run("rows", json!({}));
        rows.as_array().expect("rows").iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The one row that holds this text.
    pub fn row(&self, holding: &str) -> String {
        self.read("row", json!({ "holding": holding }))
    }

    /// Where the frames within the page stand.
    pub fn frames(&self) -> Value {
        self.run("frames", json!({}))
    }

    pub fn cookies(&self) -> Vec<Value> {
        self.run("cookies", json!({})).as_array().expect("cookies").clone()
    }

    /// What a script in the page returns; the page's own policy does not hold for it.
    pub fn evaluate(&self, script: &str) -> Value {
        self.run("evaluate", json!({ "script": script }))
    }

    /// What axe finds in the page that keeps somebody from reading or using it: each with its rule and its place.
    pub fn violations(&self) -> Value {
        self.run("violations", json!({}))
    }

    /// What the console said of Postern's pages: errors and warnings, violations of a policy among them.
    pub fn complaints(&self) -> Vec<String> {
        let all = self.run("complaints", json!({}));
        let all = all.as_array().expect("complaints").iter().filter_map(Value::as_str);
        all.filter(|complaint| complaint.contains(&instance().url)).map(str::to_owned).collect()
    }

    /// Keeps a picture of the whole page, beneath target/tmp, for people to look at.
    pub fn photograph(&self, name: &str) {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        fs::create_dir_all(&folder).expect("a folder");
        self.run("screenshot", json!({ "file": folder.join(name).with_extension("png") }));
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        // Tidying up after a test that failed must not hide why it did.
        let _ = ask(&json!({ "command": "close", "visitor": self.id }));
    }
}
