//! The official conformance suite of MCP, `@modelcontextprotocol/conformance`: other people's tests.
//!
//! What it expects of servers it expects of its own fixtures: tools, prompts and resources that no product has. So it
//! runs against Postern as it is deployed, with a list of what cannot apply to it.

mod authorization_server;
mod suite;

use postern_tests::{client::Client, instance::root, person::Person};
use suite::meets;

const PRODUCT_2026: &str = "product-2026-07-28.yml";
const PRODUCT_2025: &str = "product-2025-11-25.yml";

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
fn each_expected_failure_says_why() {
    for file in [PRODUCT_2026, PRODUCT_2025] {
        let list = std::fs::read_to_string(root().join("tests/conformance").join(file)).expect("a list");
        for entry in list.lines().filter(|line| line.trim_start().starts_with("- ")) {
            assert!(entry.contains(" # "), "{file}: {entry}");
        }
    }
}
