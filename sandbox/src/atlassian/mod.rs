//! Atlassian's OAuth 2.0 (3LO), as `auth.atlassian.com` and `api.atlassian.com` speak it: consent with the choice of
//! sites, rotating refresh tokens, the list of sites, and the gateway to each.

pub(crate) mod authorize;
pub(crate) mod gateway;
pub(crate) mod sites;
pub(crate) mod token;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::confluence;
use crate::world::World;

/// Every endpoint there is, and the sites behind the gateway.
pub(crate) fn routes(world: &Arc<World>) -> Router<Arc<World>> {
    let mut routes = Router::new()
        .route("/authorize", get(authorize::show).post(authorize::decide))
        .route("/oauth/token", post(token::issue))
        .route("/oauth/token/accessible-resources", get(sites::list))
        .route("/me", get(sites::me))
        .route("/_edge/tenant_info", get(sites::tenant_info))
        .nest(&gateway::behind(sites::MAIN), confluence::routes().with_state(world.clone()));
    // A site that cannot be made is one that answers nothing.
    if let Ok(europe) = world.other_site("eu") {
        routes = routes.nest(&gateway::behind(sites::EUROPE), confluence::routes().with_state(Arc::new(europe)));
    }
    routes
}
