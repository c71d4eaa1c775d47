//! The official suite as a program: what it is told, and what it says.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use postern_tests::{client::Client, instance::root};
use serde_json::Value;

/// How many scenarios of a run passed.
pub struct Score {
    pub passed: usize,
    pub scored: usize,
    pub expected_failures: usize,
}

impl Score {
    /// Keeps it for `cargo xtask test`, which prints the scores of all runs.
    pub fn keep(&self, run: &str) {
        let folder = root().join("target/conformance/scores");
        fs::create_dir_all(&folder).expect("a folder for scores");
        let Self { passed, scored, expected_failures } = self;
        fs::write(folder.join(run), format!("{passed} {scored} {expected_failures}")).expect("a score");
    }
}

fn folder() -> PathBuf {
    root().join("tests/conformance")
}

/// A program on the pinned Node.js, which the suite needs and the machine may not have.
fn node(script: &Path) -> Command {
    let mut node = Command::new(root().join("node_modules/.bin/node"));
    node.arg(script).env("NODE_NO_WARNINGS", "1").stdout(Stdio::piped());
    node
}

pub fn suite(arguments: &[&str]) -> Command {
    let mut suite = node(&folder().join("node_modules/@modelcontextprotocol/conformance/dist/index.js"));
    suite.args(arguments).current_dir(folder());
    suite
}

/// A line of its words, without its end; `None` once it has ended.
pub fn line(stdout: &mut BufReader<ChildStdout>) -> Option<String> {
    let mut line = String::new();
    (stdout.read_line(&mut line).expect("text") > 0).then(|| line.trim_end().to_owned())
}

/// The way into an endpoint that asks for a token, for a suite that has none.
struct Proxy {
    url: String,
    child: Child,
    _stdin: ChildStdin,
}

impl Proxy {
    fn start(client: &Client) -> Self {
        let options = serde_json::json!({ "target": client.origin, "token": client.access_token });
        let mut child = node(&folder().join("proxy.mjs"))
            .arg(options.to_string())
            .stdin(Stdio::piped())
            .spawn()
            .expect("node, which `cargo xtask test` installs");
        let _stdin = child.stdin.take().expect("piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let url = line(&mut stdout).expect("the proxy's address");
        Self { url, child, _stdin }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.child.kill(); // it may have ended by itself
        let _ = self.child.wait();
    }
}

/// Runs what a revision of the specification requires of servers, in the name of that client. Whatever fails must
/// be in the file of expected failures, and whatever is there must fail.
pub fn meets(revision: &str, client: &Client, expected_failures: &str) -> Score {
    let proxy = Proxy::start(client);
    let results = root().join("target/conformance").join(expected_failures.trim_end_matches(".yml"));
    let _ = fs::remove_dir_all(&results); // of an earlier run
    let mut child = suite(&["server", "--url", &format!("{}/mcp", proxy.url), "--requirements", revision])
        .args(["--expected-failures", expected_failures, "--output-dir"])
        .arg(&results)
        .spawn()
        .expect("the suite, which `cargo xtask test` installs");
    let mut output = String::new();
    child.stdout.take().expect("piped").read_to_string(&mut output).expect("text");
    let status = child.wait().expect("its end");
    println!("{output}"); // shown where the test fails
    assert!(status.success(), "{revision}: not as {expected_failures} expects");
    score(&results, &scored(revision))
}

/// The names of the scenarios that count.
fn scored(revision: &str) -> Vec<String> {
    let set = format!("node_modules/@modelcontextprotocol/conformance/requirements/{revision}.yaml");
    let set = fs::read_to_string(folder().join(set)).expect("the requirement set");
    let (_, servers) = set.split_once("\nserver:\n").expect("requirements of servers");
    servers.lines().map_while(|line| line.strip_prefix("  - ")).map(str::to_owned).collect()
}

/// Counts the scenarios of which no check failed or warned.
fn score(results: &Path, scored: &[String]) -> Score {
    let folders: Vec<PathBuf> =
        fs::read_dir(results).expect("results").map(|folder| folder.expect("a folder").path()).collect();
    let passed = |scenario: &&String| {
        let is_of_it = |folder: &&PathBuf| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.strip_prefix(&format!("server-{scenario}-")).is_some_and(|time| time.starts_with("20"))
        };
        let folder = folders.iter().find(is_of_it).unwrap_or_else(|| panic!("{scenario} was not run"));
        // A scenario that broke off has left none.
        let checks = fs::read_to_string(folder.join("checks.json")).unwrap_or_else(|_| "[null]".to_owned());
        let checks: Vec<Value> = serde_json::from_str(&checks).expect("checks");
        checks.iter().all(|check| matches!(check["status"].as_str(), Some("SUCCESS" | "INFO" | "SKIPPED")))
    };
    let passed = scored.iter().filter(passed).count();
    Score { passed, scored: scored.len(), expected_failures: scored.len() - passed }
}
