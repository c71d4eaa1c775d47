//! `cargo xtask bench`: what a hot call costs, in counts and in time, beside a Worker that does nothing but pass the
//! request on. All of them run here in workerd itself; figures of different runs or machines do not compare, the
//! ratios of one run do.

mod counts;
mod load;
mod report;
mod services;

use crate::{build, check, dev::settings, process, seed, tools, workspace::Workspace, wrangler};
use anyhow::{Context, Result, ensure};
use load::Call;
use report::{Contender, Report};
use serde_json::{Value, json};
use services::{FOLDER, Service, Worker, free_port};
use std::{fs, fs::File, io, io::Write, os::fd::AsFd, time::Duration};
use url::Url;
use xtask::{connect, journey::Person, token};

/// How often each Worker is started. Of two processes of one build, one may be a twentieth faster than the other.
const STARTS: usize = 4;
/// How often each has its turn under load, from one start to the next.
const ROUNDS: usize = 4;
const WARM_UP: Duration = Duration::from_secs(3);
/// The last pull request of upstream.mjs: what only a whole answer holds.
const EXPECTED: &str = "Fix the retry loop in worker 10";
const BODY: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"bitbucket_list_pull_requests","arguments":{"workspace":"acme","repository":"backend"},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"bench","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}}}"#;

/// What is to be measured, and how.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Print data
    #[arg(long)]
    pub(crate) json: bool,
    /// Measure beside what Cloudflare's own libraries make of it too
    #[arg(long)]
    pub(crate) peer: bool,
    /// Measure what the worst pages take to become Markdown, and nothing else
    #[arg(long, conflicts_with_all = ["json", "peer"])]
    pub(crate) pages: bool,
    /// How long each run under load lasts
    #[arg(long, default_value_t = 2)]
    pub(crate) seconds: u64,
}

/// Measures, and prints what came out. Fails if a call uses more than its budget.
pub(crate) fn bench(workspace: &Workspace, options: &Options) -> Result<()> {
    if options.pages {
        return measure_pages(workspace);
    }
    // An access token lives for 15 minutes, and must last for all the runs.
    ensure!((1..=60).contains(&options.seconds), "--seconds must be from 1 to 60");
    // Whatever the tools say goes to stderr: stdout is for the report.
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    rustix::stdio::dup2_stdout(io::stderr()).context("stdout cannot be redirected")?;
    let report = measure(workspace, options)?;
    if options.json {
        writeln!(stdout, "{:#}", report.as_json())?;
    } else {
        writeln!(stdout, "\n{}", report.as_text())?;
    }
    report.counts.check()
}

/// Compiled natively, as the Worker is: a WebAssembly engine takes longer.
fn measure_pages(workspace: &Workspace) -> Result<()> {
    let mut cargo = process::program("cargo");
    cargo.args(["run", "--quiet", "--release", "--package", "pages"]).current_dir(workspace.root());
    process::run("measuring pages", &mut cargo)
}

fn measure(workspace: &Workspace, options: &Options) -> Result<Report> {
    check::bundle_variant(workspace, build::Variant::wanted()?)?;
    let mut compile = process::program("cargo");
    compile.args(["build", "--quiet", "--package", "sandbox"]).current_dir(workspace.root());
    process::run("building the sandbox", &mut compile)?;
    let _ = fs::remove_dir_all(workspace.path(FOLDER).join("state"));
    fs::create_dir_all(workspace.path(FOLDER)).context("target/bench could not be made")?;

    let port = free_port()?;
    let public = Url::parse(&format!("http://127.0.0.1:{port}"))?;
    let world = World::start(workspace, port)?;

    eprintln!("counting what a call uses");
    let counting = world.counting(port)?;
    let (service, _) = counting.start(workspace)?;
    seed::approve_tools(&public)?;
    let developer = Person::of_the_demo("developer");
    connect::connect(&public, "bitbucket", &developer)?;
    let call = tool_call(port, &token::fetch(&public.join("/mcp")?, &developer)?);
    let counts = counts::count(port, world.upstream, &call, EXPECTED)?;
    service.end();

    let mut workers = vec![world.postern(port), world.pass()?];
    if options.peer {
        build_peer(workspace)?;
        workers.push(world.peer()?);
    }
    let contenders = run(workspace, &world, &workers, &developer, Duration::from_secs(options.seconds))?;
    Ok(Report { counts, contenders, size: build::size(workspace)? })
}

/// Starts the Workers, puts each under load in turn, and does so again with new processes.
fn run(
    workspace: &Workspace,
    world: &World,
    workers: &[Worker],
    person: &Person,
    duration: Duration,
) -> Result<Vec<Contender>> {
    eprintln!("{STARTS} starts, each with {ROUNDS} rounds of {} s", duration.as_secs());
    let mut contenders: Vec<Contender> = workers.iter().map(|worker| Contender::new(worker.name)).collect();
    for _ in 0..STARTS {
        let mut services = Vec::new();
        for (worker, contender) in workers.iter().zip(&mut contenders) {
            let (service, first) = worker.start(workspace)?;
            contender.first_answers.push(first);
            services.push(service);
        }
        let calls = workers.iter().map(|worker| world.call(worker, person)).collect::<Result<Vec<Call>>>()?;
        calls.iter().try_for_each(|call| call.load(WARM_UP, EXPECTED).map(drop))?;
        for _ in 0..ROUNDS {
            for ((call, service), contender) in calls.iter().zip(&services).zip(&mut contenders) {
                take_turn(contender, call, service, duration)?;
            }
        }
        services.into_iter().for_each(Service::end);
    }
    Ok(contenders)
}

fn take_turn(contender: &mut Contender, call: &Call, service: &Service, duration: Duration) -> Result<()> {
    let before = service.processor_time();
    let run = call.load(duration, EXPECTED).context(contender.name)?;
    eprintln!("  {:20} {:6.0} requests/s", contender.name, run.requests_per_second());
    let used = service.processor_time().zip(before).map(|(after, before)| after.saturating_sub(before));
    contender.processor.extend(used.map(|used| run.share_of_each(used)));
    contender.runs.push(run);
    Ok(())
}

/// What the issue of all this is about: the one call, as a modern client sends it.
fn tool_call(port: u16, token: &str) -> Call {
    let headers = [
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", "2026-07-28"),
        ("mcp-method", "tools/call"),
        ("mcp-name", "bitbucket_list_pull_requests"),
        ("authorization", &format!("Bearer {token}")),
    ];
    Call::post(port, "/mcp", &headers, BODY)
}

/// Everything around the Workers.
struct World {
    upstream: u16,
    sandbox: u16,
    identity: u16,
    keys: [String; 2],
    state: String,
}

impl World {
    fn start(workspace: &Workspace, worker: u16) -> Result<Self> {
        let world = Self {
            upstream: free_port()?,
            sandbox: free_port()?,
            identity: free_port()?,
            keys: [settings::key()?, settings::key()?],
            state: workspace.path(FOLDER).join("state").to_string_lossy().into_owned(),
        };
        let node = || process::program(workspace.node_program("node"));
        let mut upstream = node();
        upstream.args(["bench/upstream.mjs", "--port", &world.upstream.to_string()]);
        Service::start(workspace, "upstream", &mut upstream, &Call::get(world.upstream, "/counts"))?;
        let mut sandbox = process::program(workspace.target().join("debug/sandbox"));
        sandbox.args(["--port", &world.sandbox.to_string()]);
        sandbox.args(["--callback", &format!("http://127.0.0.1:{worker}/callback/bitbucket")]);
        Service::start(workspace, "sandbox", &mut sandbox, &Call::get(world.sandbox, "/control/counters"))?;
        let mut identity = node();
        identity.args(["sandbox/identity-provider.mjs", "--port", &world.identity.to_string()]);
        identity.args(["--redirect-uri", &format!("http://127.0.0.1:{worker}/callback/identity")]);
        let discovery = Call::get(world.identity, "/.well-known/openid-configuration");
        Service::start(workspace, "identity-provider", &mut identity, &discovery)?;
        Ok(world)
    }

    /// Postern, with Bitbucket's OAuth at the sandbox and its API at what answers at once.
    fn postern(&self, port: u16) -> Worker {
        let [signing, sealing] = &self.keys;
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

    fn counting(&self, port: u16) -> Result<Worker> {
        let mut worker = self.postern(port);
        worker.name = "postern-counting";
        *worker.options.get_mut("entry").context("a Worker without an entry")? = "bench/counting-entry.js".into();
        Ok(worker)
    }

    fn pass(&self) -> Result<Worker> {
        self.compared("pass-through", json!({ "config": "bench/pass.jsonc", "entry": "bench/pass.js" }))
    }

    fn peer(&self) -> Result<Worker> {
        self.compared("peer", json!({ "config": "bench/peer/wrangler.jsonc", "entry": "target/bench/peer/peer.js" }))
    }

    fn compared(&self, name: &'static str, mut options: Value) -> Result<Worker> {
        let port = free_port()?;
        let members = options.as_object_mut().context("options without a name")?;
        members.insert("port".into(), port.into());
        members.insert("state".into(), format!("{}-{name}", self.state).into());
        let upstream = format!("http://127.0.0.1:{}", self.upstream);
        members.insert(
            "variables".into(),
            json!({ "UPSTREAM": upstream, "PUBLIC_URL": format!("http://127.0.0.1:{port}") }),
        );
        Ok(Worker { name, port, open_path: "/", options })
    }

    /// The call, with a token where the Worker wants one.
    fn call(&self, worker: &Worker, person: &Person) -> Result<Call> {
        let mcp = Url::parse(&format!("http://127.0.0.1:{}/mcp", worker.port))?;
        let token = if worker.name == "pass-through" { "none".to_owned() } else { token::fetch(&mcp, person)? };
        Ok(tool_call(worker.port, &token))
    }
}

/// Installs what the peer is made of, unless it is there, and bundles it.
fn build_peer(workspace: &Workspace) -> Result<()> {
    tools::ensure_npm_packages(&workspace.path("bench/peer"))?;
    let arguments = ["deploy", "--dry-run", "--config", "bench/peer/wrangler.jsonc", "--outdir"];
    let mut bundle = wrangler::command(workspace, &arguments)?;
    process::run_quietly("bundling the peer", bundle.arg(workspace.path(FOLDER).join("peer")))
}
