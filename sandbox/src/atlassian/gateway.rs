//! `/ex/confluence/{cloudid}/wiki/…`: the one way to a site with a token of a person's.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::sites;
use crate::world::World;

const GATEWAY: &str = "/ex/confluence/";
/// Where the sites lie inside: nobody gets there but through the gateway.
const BEHIND: &str = "/behind-the-gateway/";

/// Where that site lies inside.
pub(super) fn behind(site: &str) -> String {
    format!("{BEHIND}{site}")
}

/// Lets a request to a site in when its token is for that site and has a scope that is enough.
pub(crate) async fn enter(State(world): State<Arc<World>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.starts_with(BEHIND) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let Some((site, rest)) = path.strip_prefix(GATEWAY).and_then(|rest| rest.split_once('/')) else {
        return next.run(request).await;
    };
    let (site, rest) = (&site.to_owned(), &rest.to_owned());
    if site == sites::MAIN && sites::has_scoped_token(&world, request.headers()) {
        return go_inside(site, rest, request, next).await;
    }
    let Some((_, consent)) = sites::authenticate(&world, request.headers()) else {
        return sites::unauthorized("Unauthorized");
    };
    if !consent.sites.iter().any(|granted| granted == site) {
        return sites::unauthorized("Unauthorized");
    }
    let enough = scopes(rest);
    if !enough.is_empty() && !consent.scopes.iter().any(|scope| enough.contains(&scope.as_str())) {
        return sites::unauthorized("Unauthorized; scope does not match");
    }
    go_inside(site, rest, request, next).await
}

async fn go_inside(site: &str, rest: &str, mut request: Request, next: Next) -> Response {
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    let Ok(inside) = format!("{}/{rest}{query}", behind(site)).parse::<Uri>() else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    *request.uri_mut() = inside;
    next.run(request).await
}

/// The scopes of which one is enough to read there.
fn scopes(path: &str) -> &'static [&'static str] {
    let is_below = |start: &str| path.starts_with(start);
    if is_below("wiki/rest/api/search") {
        &["search:confluence", "read:content-details:confluence"]
    } else if is_below("wiki/api/v2/spaces") {
        &["read:space:confluence", "read:page:confluence"]
    } else if is_below("wiki/api/v2/pages") {
        &["read:page:confluence"]
    } else {
        &[]
    }
}
