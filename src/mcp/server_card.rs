//! The server card (SEP-2127): what a client reads before it connects, and the AI catalog in which it finds the card. Both
//! say what is true of this deployment, and are the same for everybody.

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    eras::routing::{LEGACY, MODERN},
    messages::result::Implementation,
};
use crate::{
    authorization::endpoints::cross_origin,
    crypto::digest,
    platform::http::{Request, Response},
    providers,
    settings::Settings,
};

const CARD: &str = "application/mcp-server-card+json";
const CATALOG: &str = "application/ai-catalog+json";

#[derive(Serialize)]
struct Card {
    #[serde(rename = "$schema")]
    schema: &'static str,
    #[serde(flatten)]
    server: Implementation,
    remotes: Value,
    #[serde(rename = "_meta")]
    meta: Value,
}

/// The card, at the address of the MCP endpoint and `/server-card`. Where authorization is told of has no member of the
/// schema, and is in `_meta`.
pub fn card(settings: &Settings, request: &Request) -> Response {
    let publisher: Vec<&str> = domain(settings).rsplit('.').collect();
    let name = format!("{}/postern", publisher.join("."));
    // Of no more than 100 characters.
    let providers: Vec<_> = providers::ALL.iter().map(|provider| provider.name).collect();
    let description = format!("{} for AI clients, within what each person may do there.", providers.join(" and "));
    let versions: Vec<&str> = [MODERN].into_iter().chain(LEGACY).collect();
    let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", settings.public_url);
    let card = Card {
        schema: "https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json",
        server: Implementation::of_revision(MODERN, &settings.public_url).registered(name, description),
        remotes: json!([{
            "type": "streamable-http",
            "url": settings.resource(),
            "supportedProtocolVersions": versions,
        }]),
        meta: json!({ "postern/protectedResourceMetadata": metadata }),
    };
    document(CARD, &json!(card).to_string(), request)
}

/// The catalog of the one server here, at `/.well-known/ai-catalog.json`.
pub fn catalog(settings: &Settings, request: &Request) -> Response {
    let catalog = json!({
        "specVersion": "1.0",
        "entries": [{
            "identifier": format!("urn:air:{}:mcp:postern", domain(settings)),
            "type": CARD,
            "url": format!("{}/server-card", settings.resource()),
        }],
    });
    document(CATALOG, &catalog.to_string(), request)
}

/// The host of the deployment, without its port.
fn domain(settings: &Settings) -> &str {
    let authority = settings.public_url.split_once("://").map_or("", |(_, authority)| authority);
    authority.split_once(':').map_or(authority, |(host, _)| host)
}

/// A document that may be kept for an hour, and is not sent again to whom has it.
fn document(media_type: &str, text: &str, request: &Request) -> Response {
    let tag = format!("\"{}\"", digest::sha256(text));
    let is_known = request.header("if-none-match").is_some_and(|known| known.contains(&tag));
    let response = if is_known { Response::empty(304) } else { Response::body(200, media_type, text) };
    cross_origin::readable(response.with("cache-control", "public, max-age=3600").with("etag", tag))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        authorization::testing::json_of,
        platform::http::{Body, Method},
        settings,
    };

    fn request(headers: &[(&str, &str)]) -> Request {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Request { method: Method::Get, path: "/".into(), query: String::new(), headers, body: Body::Bytes(Vec::new()) }
    }

    #[test]
    fn a_card_names_this_deployment_and_how_it_is_reached() {
        let card = json_of(&card(&settings::for_tests(), &request(&[])));
        assert_eq!(card["name"], "example.postern/postern");
        assert_eq!(card["remotes"][0]["url"], "https://postern.example/mcp");
        assert_eq!(card["remotes"][0]["supportedProtocolVersions"][0], "2026-07-28");
        let length = card["description"].as_str().unwrap().len();
        assert!((1..=100).contains(&length), "{length}");
    }

    #[test]
    fn a_catalog_leads_to_the_card() {
        let catalog = json_of(&catalog(&settings::for_tests(), &request(&[])));
        assert_eq!(catalog["entries"][0]["identifier"], "urn:air:postern.example:mcp:postern");
        assert_eq!(catalog["entries"][0]["url"], "https://postern.example/mcp/server-card");
    }

    #[test]
    fn a_document_that_is_known_is_not_sent_again() {
        let header = |response: &Response, name: &str| {
            response.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.clone())
        };
        let first = card(&settings::for_tests(), &request(&[]));
        let tag = header(&first, "etag").unwrap();
        let again = card(&settings::for_tests(), &request(&[("if-none-match", &tag)]));
        assert_eq!((first.status, again.status), (200, 304));
        assert_eq!(header(&again, "cache-control").as_deref(), Some("public, max-age=3600"));
    }
}
