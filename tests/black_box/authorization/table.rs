//! rows.md and the tests agree.

use crate::rows::{said_to_be_tested, tested};

const FILES: [(&str, &str); 14] = [
    ("advertised.rs", include_str!("advertised.rs")),
    ("codes.rs", include_str!("codes.rs")),
    ("concurrency.rs", include_str!("concurrency.rs")),
    ("conformance/authorization_server.rs", include_str!("../../conformance/authorization_server.rs")),
    ("consent.rs", include_str!("consent.rs")),
    ("documents.rs", include_str!("documents.rs")),
    ("id_jag.rs", include_str!("id_jag.rs")),
    ("metadata.rs", include_str!("metadata.rs")),
    ("redirects.rs", include_str!("redirects.rs")),
    ("refresh.rs", include_str!("refresh.rs")),
    ("registration.rs", include_str!("registration.rs")),
    ("requests.rs", include_str!("requests.rs")),
    ("secrets.rs", include_str!("secrets.rs")),
    ("services.rs", include_str!("services.rs")),
];

#[test]
fn a_row_has_tests_just_where_the_table_says() {
    assert_eq!(tested(&FILES), said_to_be_tested(include_str!("rows.md")));
}
