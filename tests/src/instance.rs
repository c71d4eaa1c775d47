//! The built Worker in workerd, the sandbox in this process, an identity provider beside them.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{LazyLock, Mutex},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use sandbox::{Sandbox, Settings};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::client::{Answer, send};

/// The key of which those that sign tokens are derived.
pub const SIGNING_KEY: &str = "c2lnbmluZy1rZXktb2YtdGhlLWJsYWNrLWJveC10c3Q";
/// The key that seals what is stored.
pub const SEALING_KEY: &str = "c2VhbGluZy1rZXktb2YtdGhlLWJsYWNrLWJveC10c3Q";
/// A browser-based client whose pages may call the MCP endpoint.
pub const ALLOWED_ORIGIN: &str = "https://client.example";

/// The credential of the organisation's account at Confluence.
const CONFLUENCE_EMAIL: &str = "postern@example.com";
const CONFLUENCE_TOKEN: &str = "sandbox-confluence-token";

/// How the Worker answers to the outside, and doors that only tests have.
pub struct Instance {
    /// Without a slash at the end.
    pub url: String,
    /// Where another isolate of the same Worker answers, if there is one.
    pub twin_url: Option<String>,
    pub sandbox_url: String,
    harness: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
    _sandbox: Sandbox,
    _runtime: Runtime,
}

static INSTANCE: LazyLock<Instance> = LazyLock::new(|| Instance::start(HARNESS, "dist", "dist/entry.js"));
static DIRECT: LazyLock<Instance> = LazyLock::new(|| Instance::start(DIRECT_HARNESS, "dist", "dist/entry.js"));
static COUNTING: LazyLock<Instance> = LazyLock::new(|| Instance::start(DIRECT_HARNESS, "dist", COUNTING_ENTRY));

const HARNESS: &str = "tests/harness.mjs";
const DIRECT_HARNESS: &str = "tests/direct.mjs";
const COUNTING_ENTRY: &str = "bench/counting-entry.js";

/// A Postern whose clients reach workerd without anything in between: what the other one's proxy hides from it, such as
/// a client that hangs up, is seen here. It has no doors but [`Instance::sql`], [`Instance::cron`] and [`Instance::bucket`], and a
/// second isolate.
pub fn direct() -> &'static Instance {
    &DIRECT
}

/// The same with its bindings counted: see [`Instance::rows_read`].
pub fn counting() -> &'static Instance {
    &COUNTING
}

/// The one Postern of this test binary.
pub fn instance() -> &'static Instance {
    &INSTANCE
}

/// The folder for a record of all that happens to a Postern, where `cargo xtask test` wants one.
fn record() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("POSTERN_RECORDS")?);
    let program = std::env::current_exe().expect("this test binary");
    let name = program.file_stem().expect("a name").to_string_lossy();
    Some(folder.join(name.rsplit_once('-').map_or(&*name, |(binary, _hash)| binary)))
}

/// The checkout.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

impl Instance {
    /// One of its own, of the bundle in that folder of the checkout.
    pub fn of(dist: &str) -> Self {
        Self::start(HARNESS, dist, "")
    }

    /// One of its own, beside such a sandbox.
    pub fn beside(settings: Settings) -> Self {
        Self::start_beside(HARNESS, "dist", "", settings)
    }

    /// Of the harnesses, the one without a proxy has its main module chosen by `entry`.
    fn start(harness: &str, dist: &str, entry: &str) -> Self {
        Self::start_beside(harness, dist, entry, Settings::default())
    }

    fn start_beside(harness: &str, dist: &str, entry: &str, settings: Settings) -> Self {
        let root = root();
        let dist = root.join(dist);
        assert!(dist.join("entry.js").is_file(), "no bundle: run `cargo xtask test`, which makes it");
        let runtime = Runtime::new().expect("a runtime for the sandbox");
        let sandbox = runtime.block_on(Sandbox::start(settings)).expect("the sandbox");
        let sandbox_url = sandbox.url();
        let variables = json!({
            "PUBLIC_URL": "http://127.0.0.1:1",
            "OIDC_ISSUER": "http://127.0.0.1:1",
            "OIDC_CLIENT_SECRET": "sandbox-oidc-secret",
            "SIGNING_KEY": SIGNING_KEY,
            "SEALING_KEY": SEALING_KEY,
            "BITBUCKET_API_URL": format!("{sandbox_url}/2.0"),
            "BITBUCKET_OAUTH_URL": format!("{sandbox_url}/site/oauth2"),
            "BITBUCKET_CLIENT_ID": "postern-sandbox",
            "BITBUCKET_CLIENT_SECRET": "sandbox-consumer-secret",
            "CONFLUENCE_API_URL": format!("{sandbox_url}/wiki"),
            "CONFLUENCE_EMAIL": CONFLUENCE_EMAIL,
            "CONFLUENCE_API_TOKEN": CONFLUENCE_TOKEN,
            "AUDIT_DELAY_MILLISECONDS": "200",
            "ALLOWED_ORIGINS": ALLOWED_ORIGIN,
            "OIDC_VOUCHES_FOR_PEOPLE": "yes",
        });
        // What is counted is made up, and too much to be searched for secrets.
        let record = if entry == COUNTING_ENTRY { None } else { record() };
        let mut child = Command::new(root.join("node_modules/.bin/node"))
            .arg(harness)
            .arg(json!({ "dist": dist, "entry": entry, "variables": variables, "record": record }).to_string())
            .current_dir(&root)
            .env("WRANGLER_SEND_METRICS", "false")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node, which `cargo xtask test` installs");
        let stdin = child.stdin.take().expect("piped");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let addresses = reply(&mut stdout);
        let url = addresses["url"].as_str().expect("the Worker's address").to_owned();
        let twin_url = addresses["twin"].as_str().map(str::to_owned);
        sandbox.register_callback(&format!("{url}/callback/bitbucket"));
        let app_callback = format!("{url}/callback/confluence");
        sandbox.register_app_callbacks(&[format!("{app_callback}/eu"), app_callback]);
        let instance = Self {
            url,
            twin_url,
            sandbox_url,
            harness: Mutex::new((stdin, stdout)),
            _child: child,
            _sandbox: sandbox,
            _runtime: runtime,
        };
        let administrator = crate::person::Person::new("test-admin-instance", &instance);
        administrator.approve_all_tools();
        // Most tests have no Confluence account of their own.
        administrator.let_organisation_write("confluence", true);
        instance
    }

    fn command(&self, command: &Value) -> Value {
        let (stdin, stdout) = &mut *self.harness.lock().expect("no test panics in here");
        writeln!(stdin, "{command}").expect("the harness lives");
        let answer = reply(stdout);
        assert!(answer.get("error").is_none(), "{answer}");
        answer["ok"].clone()
    }

    /// Rows of D1.
    pub fn sql(&self, sql: &str, parameters: &[&str]) -> Value {
        self.command(&json!({ "command": "sql", "sql": sql, "parameters": parameters }))
    }

    /// How many rows D1 has read for the Worker by D1's own count (`meta.rows_read`), of [`counting`].
    pub fn rows_read(&self) -> u64 {
        let url = format!("{}/bench/counts", self.url);
        let counts: Value = ureq::get(url).call().expect("the counts").body_mut().read_json().expect("JSON");
        counts["total"]["d1_rows_read"].as_u64().expect("a number")
    }

    /// Rows of one user's Session object.
    pub fn session_sql(&self, user: &str, sql: &str) -> Value {
        self.command(&json!({ "command": "session", "user": user, "sql": sql }))
    }

    /// Puts a user's Session object to sleep: its memory is lost.
    pub fn evict(&self, user: &str) {
        self.command(&json!({ "command": "evict", "user": user }));
    }

    /// Runs the cron trigger.
    pub fn cron(&self) {
        self.command(&json!({ "command": "cron" }));
    }

    /// What the bucket of [`direct`] has below that name, by name.
    pub fn bucket(&self, prefix: &str) -> Vec<(String, String)> {
        let found = self.command(&json!({ "command": "bucket", "prefix": prefix }));
        serde_json::from_value(found).expect("names and texts")
    }

    /// Puts something there, whatever there was, or takes it away.
    pub fn put_into_bucket(&self, name: &str, text: Option<&str>) {
        self.command(&json!({ "command": "bucket", "prefix": name, "text": text }));
    }

    /// Starts the Worker anew with variables replaced (`null` leaves one out); its state stays.
    pub fn set_variables(&self, changed: &Value) {
        self.command(&json!({ "command": "variables", "changed": changed }));
    }

    /// Everything the Worker wrote to its log.
    pub fn logs(&self) -> String {
        self.command(&json!({ "command": "logs" })).to_string()
    }

    /// From now on that https address answers so. Others are out of reach.
    pub fn serve(&self, url: &str, status: u16, headers: &Value, body: &str) {
        self.serve_late(url, status, headers, body, 0);
    }

    /// The same, after so many milliseconds.
    pub fn serve_late(&self, url: &str, status: u16, headers: &Value, body: &str, delay: u64) {
        let served = json!({ "command": "serve", "url": url, "status": status, "headers": headers, "body": body,
            "delay": delay });
        self.command(&served);
    }

    /// The https requests that the Worker sent to addresses that begin so: their headers.
    pub fn fetched(&self, beginning: &str) -> Vec<Value> {
        self.fetched_whole(beginning).into_iter().map(|request| request["headers"].clone()).collect()
    }

    /// The same with their bodies.
    pub fn fetched_whole(&self, beginning: &str) -> Vec<Value> {
        let fetched = self.command(&json!({ "command": "fetched" }));
        let requests = fetched.as_array().cloned().unwrap_or_default();
        let begins = |request: &Value| request["url"].as_str().is_some_and(|url| url.starts_with(beginning));
        requests.into_iter().filter(begins).collect()
    }

    /// Takes what begins so out of the cache (KV).
    pub fn forget(&self, prefix: &str) {
        self.command(&json!({ "command": "forget", "prefix": prefix }));
    }

    /// Changes somebody at the identity provider: `disabled`, `roles`, `groups`; with `idTokenOnce` their refresh tokens bring
    /// no ID tokens.
    pub fn change_person(&self, username: &str, changed: &Value) {
        self.command(&json!({ "command": "person", "username": username, "changed": changed }));
    }

    /// A new key pair for ES256 or RS256: `private` and `public`, as JWKs.
    pub fn key(&self, algorithm: &str) -> Value {
        self.command(&json!({ "command": "key", "algorithm": algorithm }))
    }

    /// A JWT signed with that private JWK, or with the identity provider's.
    pub fn jwt(&self, key: Option<&Value>, header: &Value, claims: &Value) -> String {
        let mut command = json!({ "command": "jwt", "header": header, "claims": claims });
        if let Some(key) = key {
            command["key"] = key.clone();
        }
        self.command(&command).as_str().expect("a JWT").to_owned()
    }

    /// Injects a fault into the sandbox.
    pub fn fault(&self, fault: &Value) {
        let answer = ureq::post(format!("{}/control/faults", self.sandbox_url)).send_json(fault).expect("a fault");
        assert!(answer.status().is_success());
    }

    /// What the sandbox's Confluence answers the organisation's account, asked without Postern in between.
    pub fn confluence(&self, method: &str, path: &str, body: &str) -> Answer {
        let credential = format!("Basic {}", STANDARD.encode(format!("{CONFLUENCE_EMAIL}:{CONFLUENCE_TOKEN}")));
        let headers = [("authorization", credential.as_str()), ("content-type", "application/json")];
        send(method, &format!("{}/wiki{path}", self.sandbox_url), &headers, body.as_bytes())
    }

    /// What the sandbox was asked in that account's name.
    pub fn upstream_requests(&self, account: &str) -> Vec<Value> {
        let url = format!("{}/control/requests?account={account}", self.sandbox_url);
        let answer: Value = ureq::get(url).call().expect("the sandbox").body_mut().read_json().expect("JSON");
        answer.as_array().or_else(|| answer["requests"].as_array()).cloned().unwrap_or_default()
    }
}

fn reply(stdout: &mut BufReader<ChildStdout>) -> Value {
    loop {
        let mut line = String::new();
        assert!(stdout.read_line(&mut line).expect("the harness's words") > 0, "the harness ended");
        if let Some(json) = line.strip_prefix('@') {
            return serde_json::from_str(json).expect("JSON");
        }
    }
}
