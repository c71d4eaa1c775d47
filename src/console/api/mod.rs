//! The console as a JSON API, `/api/v1`: what administrators see and change on pages, for programs of the organisation. Its
//! OpenAPI document is `public/api/v1/openapi.json`.

mod access;
mod audit_events;
mod policy;

use crate::route::{Route, routes};

/// Every path of the API. Those that only look at what was sent are `POST`s that need no more than a look.
pub const ROUTES: &[Route] = routes! {
    Get "/api/v1/audit/events" => audit_events::list,
    Get "/api/v1/policy" => policy::show,
    Put "/api/v1/policy" => policy::keep,
    Post "/api/v1/policy/dry-run" => policy::try_out,
    Get "/api/v1/policy/revisions" => policy::revisions,
    Get "/api/v1/policy/revisions/{number}" => policy::revision,
};
