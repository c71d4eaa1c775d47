//! The programs that build and run the Worker. Each is installed by whatever needs it first, and kept.

use crate::{process, workspace::Workspace};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::Path,
    process::Command,
    sync::{Mutex, PoisonError},
};

static INSTALLING: Mutex<()> = Mutex::new(());

/// Installs the npm packages that everything here runs on.
pub(crate) fn ensure_node_modules(workspace: &Workspace) -> Result<()> {
    ensure_npm_packages(workspace.root())
}

/// Installs what the package-lock.json of a folder names into its node_modules, unless that is what is there.
pub(crate) fn ensure_npm_packages(folder: &Path) -> Result<()> {
    install_npm_packages(folder, |npm| process::run("npm ci", npm))
}

/// The same by whoever knows what a failure of `npm ci` means.
pub(crate) fn install_npm_packages(folder: &Path, run: impl FnOnce(&mut Command) -> Result<()>) -> Result<()> {
    let _one_at_a_time = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    let lock = folder.join("package-lock.json");
    let digest = fs::read(&lock).with_context(|| format!("{} could not be read", lock.display()))?;
    let digest = hex(&Sha256::digest(digest));
    let stamp = folder.join("node_modules/.postern-lock");
    if fs::read_to_string(&stamp).is_ok_and(|present| present == digest) {
        return Ok(());
    }
    eprintln!("installing the npm packages of {}: about a minute", lock.display());
    let mut install = process::program("npm");
    install.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    run(&mut install)?;
    fs::write(&stamp, digest).context("node_modules could not be written to")
}

/// The names under which machines have Chromium; the browser tests look for the same ones.
pub(crate) const BROWSERS: [&str; 3] = ["chromium", "google-chrome", "chromium-browser"];

/// Sees to it that there is a Chromium for the browser tests: Debian's, where there is none yet.
pub(crate) fn ensure_chromium() -> Result<()> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&folders).any(|folder| BROWSERS.iter().any(|name| folder.join(name).is_file())) {
        return Ok(());
    }
    eprintln!("installing Debian's Chromium for the browser tests, once: about a minute");
    apt_get(&["update", "-q"])
        .and_then(|()| apt_get(&["install", "-y", "-q", "--no-install-recommends", "chromium"]))
        .context("the browser tests need Chromium in PATH, and it could not be installed; install it by yourself")
}

/// Runs apt-get as root: as who we are, or by a sudo that asks for no password.
fn apt_get(arguments: &[&str]) -> Result<()> {
    let mut command = if rustix::process::geteuid().is_root() {
        process::program("apt-get")
    } else {
        let mut sudo = process::program("sudo");
        sudo.args(["-n", "apt-get"]);
        sudo
    };
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    process::run_quietly("apt-get", &mut command)
}

/// The rustup toolchain that can compile for WebAssembly, made ready by `wasm-toolchain.sh`.
pub(crate) fn wasm_toolchain(workspace: &Workspace) -> Result<String> {
    let mut script = process::program("bash");
    script.arg(workspace.path("xtask/wasm-toolchain.sh"));
    let name = process::read("preparing Rust for WebAssembly", &mut script)?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        bail!("xtask/wasm-toolchain.sh did not name one toolchain but said {name:?}");
    }
    Ok(name)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
