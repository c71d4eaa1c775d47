//! `cargo xtask dev`: the whole of Postern on this machine, with a demo organisation.

pub(crate) mod settings;

use crate::{
    build::{self, Variant},
    command_line::DevOptions,
    keycloak, process, seed,
    service::Service,
    tools,
    workspace::Workspace,
    wrangler,
};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::{
    fs,
    net::TcpListener,
    path::PathBuf,
    process::Command,
    thread::{self, sleep},
    time::Duration,
};
use url::Url;

/// Not a port that an AI client listens on itself: Cursor takes 8787, others 1456, 7777, 19876 and 33418.
pub(crate) const POSTERN: &str = "http://127.0.0.1:8750";
const PORTS: [(u16, &str); 3] = [(8750, "the Worker"), (8790, "the sandbox"), (8791, "the identity provider")];
/// Beside those, where Keycloak is the identity provider.
const KEYCLOAK_MANAGEMENT: (u16, &str) = (8792, "Keycloak's management");
/// What is said before anything is compiled. The times are those of two cores.
const FIRST_START: &str = "\
The first start takes about six minutes; later ones take seconds. What is done once:
  npm packages           a minute, beside the rest
  Rust for WebAssembly   two minutes: its standard library is compiled so that a panic fails one request alone
  the Worker             three minutes
  the sandbox            beside the Worker";

/// Starts everything, says how to use it, and stays until it is told to end or a part of it ends by itself. People sign
/// in at the sandbox's identity provider, or at a real Keycloak.
pub(crate) fn dev(workspace: &Workspace, options: &DevOptions) -> Result<()> {
    check_ports(&PORTS)?;
    if options.keycloak {
        check_ports(&[KEYCLOAK_MANAGEMENT])?;
    }
    if options.fresh && workspace.path(".dev").exists() {
        fs::remove_dir_all(workspace.path(".dev")).context("the old state could not be removed")?;
    }
    fs::create_dir_all(workspace.path(".dev")).context(".dev could not be made")?;
    let keycloak =
        if options.keycloak { Some(keycloak::home(workspace).context("Keycloak cannot be had")?) } else { None };
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
    settings::write(workspace, if options.keycloak { settings::KEYCLOAK } else { settings::SANDBOX })?;
    migrate(workspace)?;

    let mut sandbox = process::program(workspace.target().join("debug/sandbox"));
    sandbox.args(["--port", "8790", "--state"]).arg(workspace.path(".dev/sandbox"));
    let documents = workspace.path("../shared/openapi/mock");
    if documents.is_dir() {
        sandbox.arg("--documents").arg(documents);
    }
    let identity = match &keycloak {
        Some(home) => keycloak::start(workspace, home, 8791, KEYCLOAK_MANAGEMENT.0)?,
        None => identity_provider(workspace)?,
    };
    let mut services = vec![
        Service::start(workspace, "sandbox", sandbox, "http://127.0.0.1:8790/control/counters".to_owned())?,
        identity,
        Service::start(workspace, "worker", worker(workspace, variant)?, format!("{POSTERN}/health"))?,
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

fn identity_provider(workspace: &Workspace) -> Result<Service> {
    let mut command = process::program(workspace.node_program("node"));
    command.arg(workspace.path("sandbox/identity-provider.mjs")).args(["--port", "8791", "--state"]);
    command.arg(workspace.path(".dev/identity-provider"));
    let address = format!("{}/.well-known/openid-configuration", settings::SANDBOX);
    Service::start(workspace, "identity-provider", command, address)
}

fn check_ports(ports: &[(u16, &str)]) -> Result<()> {
    for (port, owner) in ports {
        if let Err(error) = TcpListener::bind(("127.0.0.1", *port)) {
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
    let stamp_text = tools::hex(&digest.finalize());
    let stamp = workspace.path(".dev/migrated");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == stamp_text) {
        return Ok(());
    }
    eprintln!("applying the migrations to the local database");
    let arguments = ["d1", "migrations", "apply", "DB", "--local", "--persist-to", ".dev/state"];
    process::run_quietly("wrangler d1 migrations apply", &mut wrangler::command(workspace, &arguments)?)?;
    fs::write(stamp, stamp_text).context(".dev could not be written to")
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
