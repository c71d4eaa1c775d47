//! `/api/v1/audit/events`: the log, for a system that collects events (a SIEM).

use super::access::{administrator, refusal};
use crate::{
    audit::{feed, search::Position},
    context::Context,
    identity::administration_token::Access,
    platform::{
        Fault,
        http::{Request, Response},
    },
};

const EVENTS: &str = "/api/v1/audit/events";

/// `GET /api/v1/audit/events?after=&limit=`: NDJSON, an event a line, in the order in which the log got them. `Link` has the
/// address of what comes after these (RFC 8288), now or later; so has the `metadata.uid` of each event, as `after`. An event
/// may come again, and none is left out.
pub(super) async fn list(context: &Context, request: &Request) -> Result<Response, Fault> {
    administrator(context, request, Access::Read, async |_| {
        let query = request.query();
        let after = query.get("after").filter(|text| !text.is_empty());
        let cursor = after.and_then(Position::parse);
        if after.is_some() && cursor.is_none() {
            return Ok(refusal(
                context,
                400,
                "invalid_request",
                "`after` is no cursor: send one that an answer has, or none",
            ));
        }
        let limit = query.get("limit").map_or(Some(feed::USUAL), |text| text.parse().ok());
        let Some(limit) = limit.filter(|limit| (1..=feed::MOST).contains(limit)) else {
            return Ok(refusal(context, 400, "invalid_request", "`limit` is a whole number from 1 to 1000"));
        };
        let batch = feed::read(context.platform.database.as_ref(), cursor, limit).await?;
        let lines: String = batch.entries.iter().map(|entry| format!("{}\n", entry.ocsf())).collect();
        let after = batch.next.map(|next| format!("&after={next}")).unwrap_or_default();
        let next = format!("<{}{EVENTS}?limit={limit}{after}>; rel=\"next\"", context.settings.public_url);
        Ok(Response::body(200, "application/x-ndjson", lines).with("cache-control", "no-store").with("link", next))
    })
    .await
}
