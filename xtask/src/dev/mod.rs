//! `cargo xtask dev`: the whole of Postern on this machine, with a demo organisation.

pub(crate) mod settings;

use crate::{
    build::{self, Variant},
    command_line::DevOptions,
    process::{self, Running},
    seed, tools,
    workspace::Workspace,
    wrangler,
};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{Read, Seek, SeekFrom, Write},
    net::TcpListener,
    path::PathBuf,
    process::Command,
    thread::{self, sleep},
    time::{Duration, Instant},
};
use url::Url;

/// Not a port that an AI client listens on itself: Cursor takes 8787, others 1456, 7777, 19876 and 33418.
pub(crate) const POSTERN: &str = "http://127.0.0.1:8750";
const PORTS: [(u16, &str); 3] = [(8750, "the Worker"), (8790, "the sandbox"), (8791, "the identity provider")];
/// What is said before anything is compiled. The times are those of two cores.
const FIRST_START: &str = "\
The first start takes about six minutes; later ones take seconds. What is done once:
  npm packages           a minute, beside the rest
  Rust for WebAssembly   two minutes: its standard library is compiled so that a panic fails one request alone
  the Worker             three minutes
  the sandbox            beside the Worker";
const START_LIMIT: Duration = Duration::from_secs(90);

/// Starts everything, says how to use it, and stays until it is told to end or a part of it ends by itself.
pub(crate) fn dev(workspace: &Workspace, options: &DevOptions) -> Result<()> {
    check_ports()?;
    if options.fresh && workspace.path(".dev").exists() {
        fs::remove_dir_all(workspace.path(".dev")).context("the old state could not be removed")?;
    }
    fs::create_dir_all(workspace.path(".dev/logs")).context(".dev could not be made")?;
    let variant = options.variant()?;
    if !workspace.path("build").exists() {
        eprintln!("{FIRST_START}");
    }
    // Both have stretches in which one core is idle.
    thread::scope(|scope| {
        let sandbox = scope.spawn(|| build_sandbox(workspace));
        build::build(workspace, variant)?;
        sandbox.join().unwrap_or_else(|_| bail!("building the sandbox broke off"))
    })?;
    settings::write(workspace)?;
    migrate(workspace)?;

    let mut sandbox = process::program(workspace.target().join("debug/sandbox"));
    sandbox.args(["--port", "8790", "--state"]).arg(workspace.path(".dev/sandbox"));
    let mut identity = process::program(workspace.node_program("node"));
    identity.arg(workspace.path("sandbox/identity-provider.mjs")).args(["--port", "8791", "--state"]);
    identity.arg(workspace.path(".dev/identity-provider"));
    let mut services = vec![
        Service::start(workspace, "sandbox", sandbox, "http://127.0.0.1:8790/control/counters")?,
        Service::start(
            workspace,
            "identity-provider",
            identity,
            "http://127.0.0.1:8791/.well-known/openid-configuration",
        )?,
        Service::start(workspace, "worker", worker(workspace, variant)?, "http://127.0.0.1:8750/health")?,
    ];
    for service in &mut services {
        service.wait_until_ready()?;
    }
    seed(&Url::parse(POSTERN)?);
    print!("{}", settings::INSTRUCTIONS);
    watch(&mut services)
}

fn build_sandbox(workspace: &Workspace) -> Result<()> {
    let mut compile = process::program("cargo");
    compile.args(["build", "--quiet", "--package", "sandbox"]).current_dir(workspace.root());
    process::run("building the sandbox", &mut compile)
}

fn check_ports() -> Result<()> {
    for (port, owner) in PORTS {
        if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
            bail!("port {port}, which {owner} needs, cannot be had ({error}); is `cargo xtask dev` running already?");
        }
    }
    Ok(())
}

/// Brings the local database up to date, unless it is.
fn migrate(workspace: &Workspace) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(workspace.path("migrations"))?
        .map(|entry| entry.map(|file| file.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        digest.update(file.as_os_str().as_encoded_bytes());
        digest.update(fs::read(file)?);
    }
    let wanted = tools::hex(&digest.finalize());
    let stamp = workspace.path(".dev/migrated");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == wanted) {
        return Ok(());
    }
    eprintln!("applying the migrations to the local database");
    let arguments = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", ".dev/state"];
    process::run_quietly("wrangler d1 migrations apply", &mut wrangler::command(workspace, &arguments)?)?;
    fs::write(stamp, wanted).context(".dev could not be written to")
}

fn worker(workspace: &Workspace, variant: Variant) -> Result<Command> {
    let mut arguments = vec!["dev", "--local", "--ip", "127.0.0.1", "--port", "8750", "--persist-to", ".dev/state"];
    arguments.extend(["--inspector-port", "0", "--show-interactive-dev-session=false", "--test-scheduled"]);
    arguments.extend(["--env-file", settings::FILE, "--env-file", settings::SECRETS]);
    let mut command = wrangler::command(workspace, &arguments)?;
    command.env("POSTERN_BUILD", variant.name()); // for the builds that it starts when the source changes
    Ok(command)
}

/// Sets up what of the demo organisation is not there. Without it Postern runs all the same, so that whoever works
/// on its pages can see why they fail.
fn seed(postern: &Url) {
    match seed::approve_tools(postern) {
        Ok(true) => eprintln!("the demo administrator approved the tools that waited"),
        Ok(false) => {}
        Err(problem) => eprintln!("no tool that waits could be approved: {problem:#}"),
    }
}

/// Shows the Worker's log, until one of the services ends.
fn watch(services: &mut [Service]) -> Result<()> {
    loop {
        for service in services.iter_mut() {
            if service.name == "worker" {
                service.show_news()?;
            }
            service.check()?;
        }
        sleep(Duration::from_millis(200));
    }
}

/// One of the programs, with its log in .dev/logs.
struct Service {
    name: &'static str,
    address: &'static str,
    running: Running,
    log: PathBuf,
    shown: u64,
}

impl Service {
    fn start(workspace: &Workspace, name: &'static str, mut command: Command, address: &'static str) -> Result<Self> {
        let log = workspace.path(&format!(".dev/logs/{name}.log"));
        let file = File::create(&log).with_context(|| format!("{} could not be made", log.display()))?;
        command.stdout(file.try_clone()?).stderr(file);
        Ok(Self { name, address, running: Running::start(name, &mut command)?, log, shown: 0 })
    }

    /// Fails if the program has ended.
    fn check(&mut self) -> Result<()> {
        match self.running.ended()? {
            None => Ok(()),
            Some(status) => bail!("{} ended ({status}); {}", self.name, self.last_words()),
        }
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let agent = xtask::browser::plain_agent();
        let start = Instant::now();
        loop {
            match agent.get(self.address).call().map(|answer| answer.status()) {
                Ok(status) if status.is_success() => break,
                Ok(status) => bail!("{} answers {status} at {}; {}", self.name, self.address, self.last_words()),
                Err(_) => self.check()?,
            }
            if start.elapsed() > START_LIMIT {
                bail!("{} does not answer at {}; {}", self.name, self.address, self.last_words());
            }
            sleep(Duration::from_millis(100));
        }
        self.shown = fs::metadata(&self.log)?.len();
        Ok(())
    }

    fn last_words(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        match lines.get(lines.len().saturating_sub(12)..) {
            Some(last) if !last.is_empty() => format!("its last words:\n{}", last.join("\n")),
            _ => "it said nothing".to_owned(),
        }
    }

    /// Copies what was added to the log to the terminal.
    fn show_news(&mut self) -> Result<()> {
        let mut file = File::open(&self.log)?;
        file.seek(SeekFrom::Start(self.shown))?;
        let mut news = Vec::new();
        self.shown += file.read_to_end(&mut news)? as u64;
        std::io::stderr().write_all(&news)?;
        Ok(())
    }
}
