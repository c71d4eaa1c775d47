//! The README's section "What it speaks": what it claims has a test, and the versions it names are those that run.

use std::{fs, path::Path};

use serde_json::Value;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The rows of the section's tables, without their heads.
fn claims() -> Vec<String> {
    let readme = read("README.md");
    let section = readme.split("\n## ").find(|section| section.starts_with("What it speaks\n")).expect("the section");
    let rows = section.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    rows.filter(|row| !row.ends_with("| tests |")).map(str::to_owned).collect()
}

/// The tests that a row names: code of the form `file.rs::name`, the file's path from `tests/` on or from the root.
fn tests(row: &str) -> Vec<(&str, &str)> {
    row.split('`').filter_map(|code| code.split_once("::")).filter(|(file, _)| file.ends_with(".rs")).collect()
}

#[test]
fn every_claim_names_a_test() {
    let claims = claims();
    assert!(!claims.is_empty());
    for row in claims {
        assert!(!tests(&row).is_empty(), "{row}");
    }
}

#[test]
fn every_test_that_is_named_exists() {
    for row in claims() {
        for (file, name) in tests(&row) {
            let source = read(&if file.starts_with("src/") { file.to_owned() } else { format!("tests/{file}") });
            let lines: Vec<&str> = source.lines().map(str::trim).collect();
            let test = ["#[test]", &format!("fn {name}() {{")];
            assert!(lines.windows(2).any(|two| two == test), "no test {name} in {file}");
        }
    }
}

#[test]
fn the_versions_of_programs_are_those_that_are_pinned() {
    let npm = ["programs", "agents"].into_iter().flat_map(|folder| {
        let manifest: Value =
            serde_json::from_str(&read(&format!("tests/clients/{folder}/package.json"))).expect("JSON");
        let packages = manifest["dependencies"].as_object().expect("packages").clone();
        packages.into_iter().map(|(name, version)| (name, version.as_str().expect("a version").to_owned()))
    });
    let pinned = |file: &str, before: &str, after: &str| {
        let text = read(file);
        let found = text.split_once(before).and_then(|(_, rest)| rest.split_once(after));
        found.unwrap_or_else(|| panic!("no {before} in {file}")).0.to_owned()
    };
    let python = pinned("tests/clients/programs/requirements.txt", "\nmcp==", "\n");
    let fastmcp = pinned("tests/clients/programs/requirements.txt", "\nfastmcp==", "\n");
    let rmcp = pinned("tests/Cargo.toml", "\nrmcp = { version = \"=", "\"");
    let conformance = pinned("tests/conformance/package.json", "\"@modelcontextprotocol/conformance\": \"", "\"");
    let others =
        [("mcp", python), ("fastmcp", fastmcp), ("rmcp", rmcp), ("@modelcontextprotocol/conformance", conformance)];
    let others = others.map(|(name, version)| (name.to_owned(), version));
    let claims = claims().concat();
    for (name, version) in npm.chain(others) {
        let claim = format!("`{name}` {version}");
        assert!(claims.contains(&claim), "the README does not say {claim}");
    }
}
