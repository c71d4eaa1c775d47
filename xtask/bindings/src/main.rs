//! Writes the JavaScript that binds a WebAssembly module of wasm-bindgen's to the Workers runtime, and the module as that
//! JavaScript wants it: `bindings MODULE FOLDER` makes `index.js` and `index_bg.wasm` in the folder.
//!
//! This is a program of its own, and no part of xtask, so that xtask itself is compiled in a minute less.

use anyhow::{Context, Result};
use std::{env, fs, path::PathBuf};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let mut argument = || arguments.next().context("usage: bindings MODULE FOLDER");
    let (module, folder) = (argument()?, argument()?);
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("index").typescript(false).module(true)?;
    // After a trap the module is instantiated anew, by the front step or by the bindings themselves.
    bindgen.reset_state_function(true).force_enable_abort_handler(true);
    bindgen.generate(&folder)?;
    let index = folder.join("index.js");
    let script = fs::read_to_string(&index).context("index.js was not written")?;
    // The runtime knows modules of WebAssembly, but not yet this way of importing them.
    fs::write(index, script.replace("import source ", "import ")).context("index.js could not be written to")
}
