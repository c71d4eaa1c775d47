//! Where things are in the checkout.

use anyhow::{Context, Result, bail};
use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

/// The checkout that this program was built from.
pub(crate) struct Workspace {
    root: PathBuf,
}

impl Workspace {
    /// The checkout that holds xtask's own manifest.
    pub(crate) fn find() -> Result<Self> {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = xtask.parent().context("xtask has no folder above it")?;
        if !root.join("wrangler.toml").is_file() {
            bail!("{} is not Postern's checkout any more; run this through `cargo xtask`", root.display());
        }
        Ok(Self { root: root.to_owned() })
    }

    /// The folder of the checkout.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder in the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where cargo puts what it builds.
    pub(crate) fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(directory) => self.root.join(directory),
            None => self.root.join("target"),
        }
    }

    /// The user's search path with the npm packages' programs first: wasm-opt and wrangler then run on the pinned
    /// Node.js, whichever the machine has.
    pub(crate) fn search_path(&self) -> Result<OsString> {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let first = self.path("node_modules/.bin");
        std::env::join_paths(std::iter::once(first).chain(std::env::split_paths(&others)))
            .context("the folder of the checkout has a character that cannot be in PATH")
    }

    /// The program that an npm package of package.json brings.
    pub(crate) fn node_program(&self, name: &str) -> PathBuf {
        self.root.join("node_modules/.bin").join(name)
    }
}
