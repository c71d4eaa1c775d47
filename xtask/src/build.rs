//! `cargo xtask build`: the Worker, from Rust to what wrangler uploads.

use crate::{function_order, process, tools, workspace::Workspace};
use anyhow::{Context, Result, bail};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    thread,
    time::SystemTime,
};

const TARGET: &str = "wasm32-unknown-unknown";
/// The Worker's WebAssembly, in its build/.
const WASM: &str = "index_bg.wasm";
/// The largest the Worker's WebAssembly may be, gzipped, in bytes. The platform takes more; what people feel of it is the
/// first answer of a fresh isolate.
const LIMIT: usize = 1_670_000;
/// A panic then fails its own request alone. The toolchain of `wasm-toolchain.sh` brings the library that this takes.
const RUSTFLAGS: &str = "-Cpanic=unwind";
/// How wasm-opt optimises. Names of functions are left out, a twelfth of what is uploaded: the log has the place of a
/// panic in the source. Data stays in one piece: gzip makes less of its zeros than of the lengths of thousands of pieces.
const OPTIMISATION: [&str; 3] = ["-O", "--skip-pass=memory-packing", "--skip-pass=reorder-functions"];
/// How wasm-opt lays out functions, in the order of the names that [`function_order`] gave them, and forgets the names.
const LAYOUT: [&str; 2] = ["--reorder-functions-by-name", "--strip-debug"];
/// What of WebAssembly wasm-opt may use: what rustc uses already, and exceptions. A later encoding may be one that
/// workerd cannot read.
const WEBASSEMBLY: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-exception-handling",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What decides over the outcome beside the sources.
const BUILT_WITH: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "package-lock.json",
    "xtask/bindings/src/main.rs",
    "xtask/src/function_order.rs",
    "xtask/wasm-toolchain.sh",
];

/// What is built of the Worker.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// As it is uploaded.
    Release,
    /// The same in a tenth of the time, twice as large and slow: for trying a change in workerd.
    Quick,
    /// With what the official conformance suite expects of a server to be tested; quick, too.
    Conformance,
}

impl Variant {
    /// What `POSTERN_BUILD` asks for.
    pub(crate) fn wanted() -> Result<Self> {
        match std::env::var("POSTERN_BUILD").as_deref() {
            Err(_) | Ok("" | "release") => Ok(Self::Release),
            Ok("quick") => Ok(Self::Quick),
            Ok("conformance") => Ok(Self::Conformance),
            Ok(other) => bail!("POSTERN_BUILD is `{other}`; it may be `release`, `quick` or `conformance`"),
        }
    }

    /// As `POSTERN_BUILD` names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick => "quick",
            Self::Conformance => "conformance",
        }
    }

    /// The folder, in the checkout, of its build/ and dist/.
    pub(crate) fn folder(self) -> &'static str {
        match self {
            Self::Release | Self::Quick => "",
            Self::Conformance => "target/conformance",
        }
    }

    /// As Cargo.toml names it.
    fn profile(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Quick | Self::Conformance => "quick",
        }
    }

    /// The features that it is built with.
    fn features(self) -> &'static str {
        match self {
            Self::Release | Self::Quick => "",
            Self::Conformance => "conformance",
        }
    }

    fn built(self, workspace: &Workspace) -> PathBuf {
        workspace.path(self.folder()).join("build")
    }

    fn wasm(self, workspace: &Workspace) -> PathBuf {
        self.built(workspace).join(WASM)
    }

    fn stamp(self, workspace: &Workspace) -> PathBuf {
        self.built(workspace).join(".made-of")
    }

    /// The list of files that the compiler read.
    fn list(self, workspace: &Workspace) -> PathBuf {
        self.built(workspace).join(".sources")
    }
}

/// Builds the Worker into its build/ if anything that it is made of has changed, and says how large it is.
/// wrangler calls this too, often right after somebody else did, so doing nothing must be quick.
pub(crate) fn build(workspace: &Workspace, variant: Variant) -> Result<()> {
    let _one_at_a_time = lock(workspace)?;
    // Whoever builds uses the packages next, and they take the network more than the processor.
    thread::scope(|scope| {
        let packages = scope.spawn(|| tools::ensure_node_modules(workspace));
        build_if_changed(workspace, variant)?;
        packages.join().unwrap_or_else(|_| bail!("installing the npm packages broke off"))
    })?;
    check_size(workspace, variant)
}

fn build_if_changed(workspace: &Workspace, variant: Variant) -> Result<()> {
    let fresh = current_stamp(workspace, variant).is_some_and(|now| {
        variant.wasm(workspace).is_file() && fs::read_to_string(variant.stamp(workspace)).is_ok_and(|then| then == now)
    });
    if !fresh {
        let start = SystemTime::now();
        compile(workspace, variant)?;
        let list = compiled(workspace, variant).with_extension("d");
        fs::copy(list, variant.list(workspace)).context("cargo left no list of the files the Worker is made of")?;
        let stamp = current_stamp(workspace, variant).context("a file that the Worker is made of cannot be read")?;
        if !changed_since(workspace, variant, start) {
            fs::write(variant.stamp(workspace), stamp).context("build/ could not be written to")?;
        }
    }
    Ok(())
}

/// Compiles, writes the bindings, optimises: in a folder within build/, whose contents then take the place of the old.
fn compile(workspace: &Workspace, variant: Variant) -> Result<()> {
    let toolchain = tools::wasm_toolchain(workspace)?;
    eprintln!("compiling the Worker with {toolchain}: three minutes the first time, later one");
    let mut cargo = process::program("cargo");
    cargo
        .args(["build", "--lib", "--package", "postern", "--target", TARGET, "--profile", variant.profile()])
        .args(["--features", variant.features()])
        .current_dir(workspace.root())
        .env("RUSTUP_TOOLCHAIN", toolchain)
        .env("RUSTFLAGS", RUSTFLAGS)
        .env("WASM_BINDGEN_USE_JS_SYS", "1"); // the worker crate's types of promises are those of js-sys
    process::run("compiling the Worker", &mut cargo).context("the Worker was not built; the reason is above")?;
    let next = variant.built(workspace).join(".next");
    if next.exists() {
        fs::remove_dir_all(&next).context("what an interrupted build left could not be removed")?;
    }
    let mut bindings = process::program("cargo");
    bindings
        .args(["run", "--quiet", "--package", "bindings", "--profile", "quick", "--"])
        .arg(compiled(workspace, variant).with_extension("wasm"))
        .arg(&next)
        .current_dir(workspace.root());
    process::run("writing the bindings of the Worker", &mut bindings)?;
    if variant == Variant::Release {
        optimise(workspace, &next.join(WASM))?;
    }
    replace(&variant.built(workspace), &next)
}

/// What cargo makes of the Worker, without an ending.
fn compiled(workspace: &Workspace, variant: Variant) -> PathBuf {
    workspace.target().join(TARGET).join(variant.profile()).join("postern")
}

fn optimise(workspace: &Workspace, wasm: &Path) -> Result<()> {
    tools::ensure_node_modules(workspace)?;
    wasm_opt(workspace, wasm, &OPTIMISATION)?;
    let named = function_order::name_functions(&fs::read(wasm)?)?;
    fs::write(wasm, named).context("build/ could not be written to")?;
    wasm_opt(workspace, wasm, &LAYOUT)
}

fn wasm_opt(workspace: &Workspace, wasm: &Path, passes: &[&str]) -> Result<()> {
    let mut wasm_opt = process::program(workspace.node_program("wasm-opt"));
    wasm_opt.arg(wasm).arg("-o").arg(wasm).args(passes).args(WEBASSEMBLY);
    process::run("optimising the Worker", wasm_opt.env("PATH", workspace.search_path()?))
}

/// Moves all that is in `next` to `folder`, in the place of what has the same name there.
fn replace(folder: &Path, next: &Path) -> Result<()> {
    for entry in fs::read_dir(next)? {
        let entry = entry?;
        let place = folder.join(entry.file_name());
        if place.is_dir() {
            fs::remove_dir_all(&place)?;
        }
        fs::rename(entry.path(), place)?;
    }
    fs::remove_dir(next).context("build/ could not be written to")
}

/// One build at a time: wrangler starts one whenever a file changes.
fn lock(workspace: &Workspace) -> Result<File> {
    fs::create_dir_all(workspace.target()).context("the target folder could not be made")?;
    let path = workspace.target().join("postern-build.lock");
    let file = File::create(&path).with_context(|| format!("{} could not be made", path.display()))?;
    file.lock().context("waiting for another build to end")?;
    Ok(file)
}

/// A digest of everything the Worker is made of, or nothing if it has not been built here.
/// cargo itself lists the source files, so that a new folder or package cannot be forgotten.
fn current_stamp(workspace: &Workspace, variant: Variant) -> Option<String> {
    let mut files = sources(workspace, variant)?;
    for other in BUILT_WITH {
        files.push(workspace.path(other));
    }
    files.sort();
    let mut digest = Sha256::new();
    digest.update(variant.name());
    digest.update(RUSTFLAGS);
    digest.update([&OPTIMISATION[..], &LAYOUT, &WEBASSEMBLY].concat().join(" "));
    digest.update(std::env::var("WASM_TOOLCHAIN").unwrap_or_default());
    for file in files {
        let content = fs::read(&file).ok()?;
        digest.update(file.as_os_str().as_encoded_bytes());
        digest.update(content.len().to_le_bytes());
        digest.update(content);
    }
    Some(tools::hex(&digest.finalize()))
}

/// Whether somebody saved a source file while it was being compiled: then what was built may be of either version.
fn changed_since(workspace: &Workspace, variant: Variant, start: SystemTime) -> bool {
    let saved = |file: &PathBuf| fs::metadata(file).and_then(|data| data.modified());
    sources(workspace, variant).unwrap_or_default().iter().any(|file| saved(file).is_ok_and(|at| at >= start))
}

/// The files that cargo read to compile the Worker: the right-hand side of its makefile-like list.
fn sources(workspace: &Workspace, variant: Variant) -> Option<Vec<PathBuf>> {
    let text = fs::read_to_string(variant.list(workspace)).ok()?;
    let (_, files) = text.lines().next()?.split_once(": ")?;
    Some(split_make_list(files).into_iter().map(|file| workspace.path(&file)).collect())
}

/// Splits at spaces, but not at those behind a backslash.
fn split_make_list(list: &str) -> Vec<String> {
    let mut files = vec![String::new()];
    let mut characters = list.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => files.last_mut().into_iter().for_each(|file| file.extend(characters.next())),
            ' ' => files.push(String::new()),
            other => files.last_mut().into_iter().for_each(|file| file.push(other)),
        }
    }
    files.retain(|file| !file.is_empty());
    files
}

/// The WebAssembly that [`build`] built.
pub(crate) fn wasm(workspace: &Workspace, variant: Variant) -> Result<Vec<u8>> {
    let wasm = variant.wasm(workspace);
    fs::read(&wasm).with_context(|| format!("{} could not be read", wasm.display()))
}

/// How large the Worker's WebAssembly is, in bytes.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) raw: usize,
    pub(crate) gzipped: usize,
}

/// The size of what [`build`] built.
pub(crate) fn size(workspace: &Workspace) -> Result<Size> {
    let bytes = wasm(workspace, Variant::Release)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(&bytes)?;
    Ok(Size { raw: bytes.len(), gzipped: gzip.finish()?.len() })
}

fn check_size(workspace: &Workspace, variant: Variant) -> Result<()> {
    if variant != Variant::Release {
        println!("WASM: a {} build, not one to upload or to measure", variant.name());
        return Ok(());
    }
    let Size { raw, gzipped } = size(workspace)?;
    let kilobytes = |bytes: usize| bytes.div_ceil(1000);
    println!("WASM: {} kB, gzipped {} kB of at most {} kB", kilobytes(raw), kilobytes(gzipped), kilobytes(LIMIT));
    if gzipped > LIMIT {
        bail!("the Worker's WASM is {gzipped} bytes gzipped, more than the {LIMIT} it may be");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::split_make_list;

    #[test]
    fn a_list_of_files_splits_at_bare_spaces_only() {
        assert_eq!(split_make_list(r"/a/src/lib.rs /my\ code/x.rs"), ["/a/src/lib.rs", "/my code/x.rs"]);
    }
}
