//! The Workers that are measured, and everything around them.

use super::{
    connection::Call,
    services::{FOLDER, Service, Worker, free_port},
};
use crate::{dev::settings, process, tools, workspace::Workspace, wrangler};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fs;
use url::Url;

/// How long an access token of Postern's lives here, which must be longer than any measurement takes.
pub(super) const ACCESS_TOKEN_SECONDS: u64 = 3600;

/// Where everything listens, what Postern's keys are, and where it keeps its state.
#[derive(Serialize, Deserialize)]
pub(crate) struct World {
    pub(crate) postern: u16,
    pub(super) upstream: u16,
    pub(crate) sandbox: u16,
    pub(super) identity: u16,
    keys: [String; 2],
    pub(crate) state: String,
}

impl World {
    /// A world that nobody has been in, whose state is in that folder of [`FOLDER`].
    pub(crate) fn new(workspace: &Workspace, state: &str) -> Result<Self> {
        let folder = workspace.path(FOLDER).join(state);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).with_context(|| format!("{} could not be made", folder.display()))?;
        Ok(Self {
            postern: free_port()?,
            upstream: free_port()?,
            sandbox: free_port()?,
            identity: free_port()?,
            keys: [settings::key()?, settings::key()?],
            state: folder.to_string_lossy().into_owned(),
        })
    }

    /// Where Postern is.
    pub(crate) fn public_url(&self) -> Result<Url> {
        Ok(Url::parse(&format!("http://127.0.0.1:{}", self.postern))?)
    }

    /// Where something is going to listen.
    pub(super) fn ports(&self) -> [u16; 4] {
        [self.postern, self.upstream, self.sandbox, self.identity]
    }

    /// Starts what is around the Workers: the upstream API, the sandbox and the identity provider.
    pub(super) fn start(&self, workspace: &Workspace) -> Result<()> {
        let mut upstream = process::program(workspace.node_program("node"));
        upstream.args(["bench/upstream.mjs", "--port", &self.upstream.to_string()]);
        Service::start(workspace, "upstream", &mut upstream, &Call::get(self.upstream, "/counts"))?;
        self.start_sandbox(workspace)
    }

    /// Starts the sandbox and the identity provider.
    pub(crate) fn start_sandbox(&self, workspace: &Workspace) -> Result<()> {
        let mut compile = process::program("cargo");
        compile.args(["build", "--quiet", "--package", "sandbox"]).current_dir(workspace.root());
        process::run("building the sandbox", &mut compile)?;
        let mut sandbox = process::program(workspace.target().join("debug/sandbox"));
        sandbox.args(["--port", &self.sandbox.to_string()]);
        sandbox.args(["--callback", &format!("http://127.0.0.1:{}/callback/bitbucket", self.postern)]);
        Service::start(workspace, "sandbox", &mut sandbox, &Call::get(self.sandbox, "/control/counters"))?;
        let mut identity = process::program(workspace.node_program("node"));
        identity.args(["sandbox/identity-provider.mjs", "--port", &self.identity.to_string()]);
        identity.args(["--redirect-uri", &format!("http://127.0.0.1:{}/callback/identity", self.postern)]);
        let discovery = Call::get(self.identity, "/.well-known/openid-configuration");
        Service::start(workspace, "identity-provider", &mut identity, &discovery)?;
        Ok(())
    }

    /// Postern, with Bitbucket's OAuth at the sandbox and its API at what answers at once.
    pub(crate) fn postern(&self) -> Worker {
        let [signing, sealing] = &self.keys;
        let port = self.postern;
        let variables = json!({
            "PUBLIC_URL": format!("http://127.0.0.1:{port}"),
            "SIGNING_KEY": signing,
            "SEALING_KEY": sealing,
            "OIDC_ISSUER": format!("http://127.0.0.1:{}", self.identity),
            "OIDC_CLIENT_SECRET": "sandbox-oidc-secret",
            "BITBUCKET_API_URL": format!("http://127.0.0.1:{}/2.0", self.upstream),
            "BITBUCKET_OAUTH_URL": format!("http://127.0.0.1:{}/site/oauth2", self.sandbox),
            "BITBUCKET_CLIENT_ID": "postern-sandbox",
            "BITBUCKET_CLIENT_SECRET": "sandbox-consumer-secret",
            "CONFLUENCE_API_URL": format!("http://127.0.0.1:{}/wiki", self.sandbox),
            "CONFLUENCE_EMAIL": "postern@example.com",
            "CONFLUENCE_API_TOKEN": "sandbox-confluence-token",
            "CALLS_PER_MINUTE": "100000000",
            "ACCESS_TOKEN_SECONDS": ACCESS_TOKEN_SECONDS.to_string(),
        });
        let options = json!({
            "config": "wrangler.toml",
            "entry": "dist/entry.js",
            "folder": "dist",
            "port": port,
            "variables": variables,
            "state": self.state,
            "migrations": "migrations",
        });
        Worker { name: "postern", port, open_path: "/health", options }
    }

    /// Postern with its bindings counted.
    pub(super) fn counting(&self) -> Result<Worker> {
        let mut worker = self.postern();
        worker.name = "postern-counting";
        *worker.options.get_mut("entry").context("a Worker without an entry")? = "bench/counting-entry.js".into();
        Ok(worker)
    }

    /// The limit.
    pub(super) fn pass_through(&self) -> Result<Worker> {
        let entry = "bench/limits/pass.js";
        self.compared("pass-through", json!({ "config": "bench/limits/pass.jsonc", "entry": entry }))
    }

    /// The limit with an object for each person.
    pub(super) fn hop(&self) -> Result<Worker> {
        self.compared("hop", json!({ "config": "bench/limits/hop.jsonc", "entry": "bench/limits/hop.js" }))
    }

    /// What Cloudflare's own libraries make of it. Installs what it is made of, unless that is there, and bundles it.
    pub(super) fn peer(&self, workspace: &Workspace) -> Result<Worker> {
        tools::ensure_npm_packages(&workspace.path("bench/peer"))?;
        let arguments = ["deploy", "--dry-run", "--config", "bench/peer/wrangler.jsonc", "--outdir"];
        let mut bundle = wrangler::command(workspace, &arguments)?;
        process::run_quietly("bundling the peer", bundle.arg(workspace.path(FOLDER).join("peer")))?;
        self.compared("peer", json!({ "config": "bench/peer/wrangler.jsonc", "entry": "target/bench/peer/peer.js" }))
    }

    /// A Worker without a past.
    fn compared(&self, name: &'static str, mut options: Value) -> Result<Worker> {
        let port = free_port()?;
        let state = format!("{}-{name}", self.state);
        let _ = fs::remove_dir_all(&state);
        let members = options.as_object_mut().context("options without a name")?;
        members.insert("folder".into(), "bench/limits".into());
        members.insert("port".into(), port.into());
        members.insert("state".into(), state.into());
        let upstream = format!("http://127.0.0.1:{}", self.upstream);
        members.insert(
            "variables".into(),
            json!({ "UPSTREAM": upstream, "PUBLIC_URL": format!("http://127.0.0.1:{port}") }),
        );
        Ok(Worker { name, port, open_path: "/", options })
    }
}
