//! The official conformance suite of MCP, `@modelcontextprotocol/conformance`: other people's tests.
//!
//! What it expects of servers it expects of its own fixtures: tools, prompts and resources that no product has. So it
//! runs twice: against Postern as it is deployed, with a list of what cannot apply to it, and against one that has the
//! fixtures in the place of its own tools, on the same core.

mod authorization_server;
mod panics;
mod suite;

use std::sync::LazyLock;

use postern_tests::{
    client::Client,
    instance::{Instance, root},
    person::Person,
};
use suite::meets;

const PRODUCT_2026: &str = "product-2026-07-28.yml";
const PRODUCT_2025: &str = "product-2025-11-25.yml";
const FIXTURES_2026: &str = "fixtures-2026-07-28.yml";
const FIXTURES_2025: &str = "fixtures-2025-11-25.yml";

/// The Postern with the fixtures.
static FIXTURES: LazyLock<Instance> = LazyLock::new(|| Instance::of("target/conformance/dist"));

#[test]
fn row_144_the_product_meets_2026_07_28() {
    let client = Client::of(&Person::connected());
    meets("2026-07-28", &client, PRODUCT_2026).keep("the product, 2026-07-28");
}

#[test]
fn row_144_the_product_meets_2025_11_25() {
    let client = Client::of(&Person::connected());
    meets("2025-11-25", &client, PRODUCT_2025).keep("the product, 2025-11-25");
}

#[test]
fn row_144_with_fixtures_2026_07_28_is_met() {
    let client = Client::of(&Person::new("test-2026", &FIXTURES));
    meets("2026-07-28", &client, FIXTURES_2026).keep("with fixtures, 2026-07-28");
}

#[test]
fn row_144_with_fixtures_2025_11_25_is_met() {
    let client = Client::of(&Person::new("test-2025", &FIXTURES));
    meets("2025-11-25", &client, FIXTURES_2025).keep("with fixtures, 2025-11-25");
}

#[test]
fn each_expected_failure_says_why() {
    for file in [PRODUCT_2026, PRODUCT_2025, FIXTURES_2026, FIXTURES_2025] {
        let list = std::fs::read_to_string(root().join("tests/conformance").join(file)).expect("a list");
        for entry in list.lines().filter(|line| line.trim_start().starts_with("- ")) {
            assert!(entry.contains(" # "), "{file}: {entry}");
        }
    }
}
