//! What texts cost a model, in tokens of `o200k_base`.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::json;

use crate::instance::root;

/// How many tokens each of the texts has.
pub fn count(texts: &[String]) -> Vec<usize> {
    let folder = root().join("tests/tokens");
    assert!(
        folder.join("node_modules/gpt-tokenizer").exists(),
        "the npm packages of tests/tokens are not installed: `cargo xtask tokens` installs them"
    );
    let mut counter = Command::new(root().join("node_modules/.bin/node"))
        .arg(folder.join("count.mjs"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node, which `cargo xtask test` installs");
    counter.stdin.take().expect("piped").write_all(json!(texts).to_string().as_bytes()).expect("the texts are read");
    let output = counter.wait_with_output().expect("node ends");
    assert!(output.status.success(), "counting tokens failed");
    serde_json::from_slice(&output.stdout).expect("numbers")
}
