//! Files of the repository that are generated from the code. Tests compare them, and write them where the environment
//! variable `GENERATE` is set, which is what `cargo xtask generate` does.

use std::{env, fs, path::Path};

/// Compares a file, by its path in the repository, with what it should hold.
pub fn assert_current(path: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("GENERATE").is_some() {
        fs::write(&file, text).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    assert!(found == text, "{path} is not up to date: run `cargo xtask generate`");
}
