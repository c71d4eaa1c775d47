//! v1: `GET /wiki/rest/api/search?cql=`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::cql::Condition;
use super::library::{Library, Page};
use super::pages::{cursor, start_of};
use super::v1_error;
use crate::clock;
use crate::request::{Query, base_url};
use crate::world::World;

const EXCERPT: usize = 300;

/// The pages that a query finds.
pub(crate) async fn search(State(world): State<Arc<World>>, headers: HeaderMap, uri: Uri) -> Response {
    let query = Query::of(&uri);
    let bad = |message: &str| v1_error(StatusCode::BAD_REQUEST, message);
    let cql = query.get("cql").unwrap_or_default();
    let condition = match Condition::parse(cql) {
        Ok(condition) => condition,
        Err(malformed) => return bad(&malformed.0),
    };
    let limit = match query.get("limit").map(str::parse::<usize>) {
        None => 25,
        Some(Ok(limit @ 1..)) => limit.min(250),
        Some(_) => return bad("limit must be a positive number"),
    };
    let start = match query.get("cursor").map(start_of) {
        None => 0,
        Some(Some(start)) => start,
        Some(None) => return bad("Invalid cursor"),
    };
    let style = Style::of(query.get("excerpt"), condition.sought());
    let library = world.library();
    let is_found = |page: &&Page| page.status == "current" && condition.fits(page, &library);
    let found: Vec<&Page> = library.pages.iter().filter(is_found).collect();
    let total = found.len();
    let results: Vec<Value> =
        found.into_iter().skip(start).take(limit).map(|page| result(&library, page, &style)).collect();
    let base = format!("{}/wiki", base_url(&headers));
    let mut links = Map::new();
    links.insert("base".into(), json!(base));
    links.insert("context".into(), json!("/wiki"));
    links.insert("self".into(), json!(format!("{base}/rest/api/search?{}", uri.query().unwrap_or_default())));
    if start + limit < total {
        // Relative to the context, as the real one is.
        let next = query.with("cursor", &cursor(start + limit));
        links.insert("next".into(), json!(format!("/rest/api/search?next=true&{next}")));
    }
    Json(json!({
        "results": results,
        "start": start,
        "limit": limit,
        "size": results.len(),
        "totalSize": total,
        "cqlQuery": cql,
        "searchDuration": 12,
        "archivedResultCount": 0,
        "_links": links,
    }))
    .into_response()
}

/// How titles and excerpts are shown.
struct Style {
    excerpt: bool,
    sought: Vec<String>,
}

impl Style {
    fn of(excerpt: Option<&str>, sought: Vec<String>) -> Self {
        let marks = matches!(excerpt, None | Some("highlight" | "highlight_unescaped"));
        Self { excerpt: excerpt != Some("none"), sought: if marks { sought } else { Vec::new() } }
    }

    /// Confluence marks what was found, in titles too.
    fn mark(&self, text: &str) -> String {
        let pieces: Vec<String> = text
            .split(' ')
            .map(|word| {
                let lower = word.to_lowercase();
                if self.sought.iter().any(|term| lower.contains(term)) {
                    format!("@@@hl@@@{word}@@@endhl@@@")
                } else {
                    word.to_owned()
                }
            })
            .collect();
        pieces.join(" ")
    }
}

fn result(library: &Library, page: &Page, style: &Style) -> Value {
    let space = library.space_of(page);
    let space_name = space.map(|space| space.name);
    let web = page.web_path();
    json!({
        "content": {
            "id": page.id,
            "type": "page",
            "status": "current",
            "title": page.title,
            "childTypes": {},
            "macroRenderedOutput": {},
            "restrictions": {},
            "_expandable": {"space": format!("/rest/api/space/{}", page.space), "body": "", "version": ""},
            "_links": {
                "webui": web,
                "self": format!("https://acme.atlassian.net/wiki/rest/api/content/{}", page.id),
                "tinyui": format!("/x/{}", page.id),
            },
        },
        "title": style.mark(&page.title),
        "excerpt": if style.excerpt { style.mark(&excerpt(page, &style.sought)) } else { String::new() },
        "url": web,
        "resultGlobalContainer": {"title": space_name, "displayUrl": format!("/spaces/{}", page.space)},
        "breadcrumbs": [],
        "entityType": "content",
        "iconCssClass": "aui-icon content-type-page",
        "lastModified": clock::confluence_time(page.updated),
        "friendlyLastModified": "some time ago",
        "score": 1.0,
    })
}

/// Some words around the first one that was sought.
fn excerpt(page: &Page, sought: &[String]) -> String {
    let plain = page.body.plain();
    let words: Vec<&str> = plain.split_whitespace().collect();
    let is_sought = |word: &&str| {
        let lower = word.to_lowercase();
        sought.iter().any(|term| lower.contains(term))
    };
    let first = words.iter().position(is_sought).unwrap_or(0);
    let mut excerpt = String::new();
    for word in words.iter().skip(first.saturating_sub(8)) {
        if excerpt.len() + word.len() > EXCERPT {
            break;
        }
        if !excerpt.is_empty() {
            excerpt.push(' ');
        }
        excerpt.push_str(word);
    }
    excerpt
}
