//! `cargo xtask test`: every layer of tests, from the quickest to the slowest; the first that fails is the last.

use crate::{
    agents,
    build::{self, Variant},
    conformance, fuzz, keycloak, kill, leaks, process, rooms, tools,
    workspace::Workspace,
    wrangler,
};
use anyhow::Result;
use std::{fs, process::Command};

/// The package of black-box tests, in `tests/`.
pub(crate) const BLACK_BOX: &str = "postern-tests";

type Layer = (&'static str, fn(&Workspace) -> Result<()>);

const LAYERS: [Layer; 11] = [
    ("format", format),
    ("rooms", rooms::layer),
    ("lint", lint),
    ("unit", unit),
    ("fuzz", fuzz::layer),
    ("bundle", bundle),
    ("catalogue", catalogue),
    ("kill", kill::layer),
    ("black-box", black_box),
    ("keycloak", keycloak::layer),
    ("conformance", conformance::conformance),
];

/// What runs only when it is asked for: to compile cargo-deny takes longer than all that it checks here, and what it says
/// changes only where a dependency does.
const BY_NAME_ALONE: [Layer; 1] = [("deny", deny)];

/// The names of the layers.
pub(crate) fn layers() -> Vec<&'static str> {
    LAYERS.iter().chain(&BY_NAME_ALONE).map(|(name, _)| *name).collect()
}

/// Runs every layer, or the one of that name.
pub(crate) fn test(workspace: &Workspace, only: Option<&str>) -> Result<()> {
    let by_name = BY_NAME_ALONE.iter().filter(|(name, _)| only == Some(*name));
    let layers = LAYERS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name));
    for (name, run) in layers.chain(by_name) {
        eprintln!("\n── {name} ──");
        run(workspace)?;
    }
    Ok(())
}

fn format(workspace: &Workspace) -> Result<()> {
    process::run("cargo fmt", &mut cargo(workspace, &["fmt", "--all", "--check"]))
}

fn lint(workspace: &Workspace) -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    process::run("cargo clippy", &mut cargo(workspace, &arguments))
}

/// Licences and sources of the dependencies, and what may not be among them: deny.toml. Advisories are not asked for,
/// because their database is one more address that a test run would depend on.
fn deny(workspace: &Workspace) -> Result<()> {
    let check = ["deny", "check", "licenses", "bans", "sources"];
    process::run("cargo deny (install it with `cargo install --locked cargo-deny`)", &mut cargo(workspace, &check))
}

/// Writes every file that is generated from the code, by the tests that compare them.
pub(crate) fn generate(workspace: &Workspace) -> Result<()> {
    let mut test = cargo(workspace, &["test", "--quiet", "--package", "postern", "is_up_to_date"]);
    process::run("cargo test", test.env("GENERATE", "1"))
}

/// Everything that runs natively, the sandbox's and xtask's own tests among it, and the tests that need npm packages: of
/// the contract, whose mock server is one, and of budgets, whose vocabulary is one.
fn unit(workspace: &Workspace) -> Result<()> {
    tools::ensure_node_modules(workspace)?;
    tools::ensure_npm_packages(&workspace.path("tests/tokens"))?;
    let mut test = cargo(workspace, &["test", "--workspace"]);
    test.env("POSTERN_TOKENS", "required");
    if has_black_box(workspace) {
        test.args(["--exclude", BLACK_BOX]);
    }
    process::run("cargo test", &mut test)
}

fn bundle(workspace: &Workspace) -> Result<()> {
    bundle_variant(workspace, Variant::wanted()?)
}

/// The Worker as it would be uploaded, in the variant's dist/: what the black-box tests run.
pub(crate) fn bundle_variant(workspace: &Workspace, variant: Variant) -> Result<()> {
    build::build(workspace, variant)?;
    conformance::check_fixtures(workspace, variant)?;
    let folder = workspace.path(variant.folder());
    let dist = folder.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist)?;
    }
    let entry = folder.join("entry.mjs");
    if folder != workspace.path("") {
        fs::copy(workspace.path("entry.mjs"), &entry)?; // it imports what lies beside it
    }
    let mut deploy = wrangler::command(workspace, &["deploy", "--dry-run", "--outdir"])?;
    deploy.arg(dist).arg(entry).env("POSTERN_BUILD", variant.name());
    process::run("wrangler deploy --dry-run", &mut deploy)
}

/// Every operation through the built Worker, on samples of what the providers' documents describe.
fn catalogue(workspace: &Workspace) -> Result<()> {
    tools::ensure_node_modules(workspace)?;
    let arguments = ["test", "--package", BLACK_BOX, "--features", "catalogue", "--test", "catalogue"];
    let mut test = cargo(workspace, &arguments);
    wrangler::silence(workspace, &mut test)?;
    process::run("the test of the catalogue", &mut test)
}

fn black_box(workspace: &Workspace) -> Result<()> {
    if !has_black_box(workspace) {
        eprintln!("tests/ holds no package {BLACK_BOX}: nothing to run");
        return Ok(());
    }
    tools::ensure_npm_packages(&workspace.path("tests/clients/programs"))?;
    tools::ensure_npm_packages(&workspace.path("tests/tokens"))?;
    tools::ensure_chromium()?;
    let without_agents = agents::ensure(workspace)?;
    let mut test = cargo(workspace, &["test", "--package", BLACK_BOX]);
    wrangler::silence(workspace, &mut test)?;
    if let Some(reason) = without_agents {
        test.env("POSTERN_WITHOUT_AGENTS", reason);
    }
    let records = workspace.target().join("leaks");
    leaks::prepare(&records)?;
    process::run("cargo test of the black box", test.env("POSTERN_RECORDS", &records))?;
    eprintln!("{}", leaks::check(&records)?);
    Ok(())
}

/// What Postern costs a model: the figures of the built Worker on the demo organisation's data, those of ten tasks among them,
/// and the longest answers that strangers' texts can bring about.
pub(crate) fn tokens(workspace: &Workspace) -> Result<()> {
    tools::ensure_node_modules(workspace)?;
    tools::ensure_npm_packages(&workspace.path("tests/tokens"))?;
    bundle(workspace)?;
    let nasty = ["test", "--quiet", "--package", "postern", "upstream::tests::budgets", "--", "--nocapture"];
    process::run("cargo test of the budgets", cargo(workspace, &nasty).env("POSTERN_TOKENS", "required"))?;
    let mut figures =
        cargo(workspace, &["test", "--quiet", "--package", BLACK_BOX, "--test", "tokens", "--test", "tasks"]);
    figures.args(["--", "--nocapture", "--test-threads=1"]);
    wrangler::silence(workspace, &mut figures)?;
    process::run("cargo test of the tokens", &mut figures)
}

fn has_black_box(workspace: &Workspace) -> bool {
    workspace.path("tests/Cargo.toml").is_file()
}

/// A cargo command in the checkout.
pub(crate) fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut command = process::program("cargo");
    command.args(arguments).current_dir(workspace.root());
    command
}
