//! The Rust toolchain that can compile for WebAssembly, chosen and made ready by `wasm-toolchain.sh`.

use crate::{process, workspace::Workspace};
use anyhow::{Result, bail};

/// The name of the rustup toolchain to build the Worker with; installs what it needs.
pub(crate) fn toolchain(workspace: &Workspace) -> Result<String> {
    let mut script = process::clean("bash");
    script.arg(workspace.path("xtask/wasm-toolchain.sh"));
    let name = process::read("preparing Rust for WebAssembly", &mut script)?;
    if name.is_empty() || name.contains(char::is_whitespace) {
        bail!("xtask/wasm-toolchain.sh did not name one toolchain but said {name:?}");
    }
    Ok(name)
}
