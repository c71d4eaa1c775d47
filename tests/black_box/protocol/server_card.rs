//! What a client reads before it connects: the AI catalog, and the server card that it leads to (SEP-2127).

use postern_tests::client::{Answer, MODERN, send};
use serde_json::{Value, json};

use super::CLIENT;

fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    send("GET", url, headers, b"")
}

fn card() -> Answer {
    let catalog = get(&format!("{}/.well-known/ai-catalog.json", CLIENT.origin), &[]);
    assert_eq!((catalog.status, catalog.header("content-type")), (200, "application/ai-catalog+json"));
    let entry = catalog.json()["entries"][0].clone();
    assert_eq!(entry["type"], "application/mcp-server-card+json");
    get(entry["url"].as_str().expect("an address"), &[("accept", "application/mcp-server-card+json")])
}

#[test]
fn the_card_is_at_the_reserved_address_and_says_what_the_server_says_of_itself() {
    let answer = card();
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/mcp-server-card+json"));
    let card = answer.json();
    let bare = get(&format!("{}/mcp/server-card", CLIENT.origin), &[]);
    assert_eq!(bare.json(), card);
    let discovered = CLIENT.modern("server/discover", json!({})).result();
    let who = &discovered["_meta"]["io.modelcontextprotocol/serverInfo"];
    for member in ["title", "version", "websiteUrl", "icons"] {
        assert_eq!(card[member], who[member], "{member}");
    }
    assert_eq!(card["remotes"][0]["url"], json!(format!("{}/mcp", CLIENT.origin)));
}

#[test]
fn every_version_of_the_card_is_spoken_and_what_tells_of_authorization_is_there() {
    let card = card().json();
    let versions = card["remotes"][0]["supportedProtocolVersions"].as_array().expect("versions").clone();
    for version in versions.iter().filter_map(Value::as_str) {
        if version == MODERN {
            let discovered = CLIENT.modern("server/discover", json!({})).result();
            assert_eq!(discovered["supportedVersions"], json!([version]));
        } else {
            assert_eq!(CLIENT.initialize(version, json!({})).result()["protocolVersion"], version);
        }
    }
    assert_eq!(versions.len(), 5);
    let told = card["_meta"]["postern/protectedResourceMetadata"].as_str().expect("an address");
    assert_eq!(get(told, &[]).json()["resource"], card["remotes"][0]["url"]);
}

#[test]
fn the_card_may_be_kept_and_is_read_from_any_page() {
    let first = card();
    assert_eq!(first.header("cache-control"), "public, max-age=3600");
    assert_eq!(first.header("access-control-allow-origin"), "*");
    let url = format!("{}/mcp/server-card", CLIENT.origin);
    let again = get(&url, &[("if-none-match", first.header("etag"))]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let preflight = send("OPTIONS", &url, &[("origin", "https://client.example")], b"");
    assert!(preflight.header("access-control-allow-headers").contains("if-none-match"), "{preflight:?}");
}
