//! Access control of the API: who sends a request, and what of it may be done.

use serde_json::json;

use crate::{
    authorization::limits,
    context::Context,
    identity::administration_token::{self, Access, Bearer},
    platform::{
        Fault,
        http::{Request, Response},
    },
};

/// Answers whoever bears an administration token that permits that much.
pub(super) async fn administrator(
    context: &Context,
    request: &Request,
    needed: Access,
    answer: impl AsyncFnOnce(Bearer) -> Result<Response, Fault>,
) -> Result<Response, Fault> {
    match caller(context, request, needed).await? {
        Ok(bearer) => answer(bearer).await,
        Err(response) => Ok(response),
    }
}

/// Who calls. Apart from what is generic, so that it is in the WASM once.
async fn caller(context: &Context, request: &Request, needed: Access) -> Result<Result<Bearer, Response>, Fault> {
    if !limits::may_ask(context, request, "api").await {
        return Ok(Err(limits::too_many("too many requests; wait a minute")));
    }
    let token = request.header("authorization").and_then(|header| header.split_once(' '));
    let token = token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    let bearer = match token {
        Some(token) => administration_token::bearer(context, token).await?,
        None => None,
    };
    Ok(match bearer {
        None => {
            let challenge = if token.is_some() { "Bearer error=\"invalid_token\"" } else { "Bearer" };
            let next = "send an administration token that is live, from Administration tokens in the console";
            Err(refusal(context, 401, "invalid_token", next).with("www-authenticate", challenge))
        }
        Some(bearer) if !bearer.access.suffices(needed) => {
            let next = "the token may only read; make one that may change things";
            Err(refusal(context, 403, "insufficient_scope", next))
        }
        Some(bearer) => Ok(bearer),
    })
}

/// Why nothing was done, and the next step, for a program.
pub(super) fn refusal(context: &Context, status: u16, error: &str, description: &str) -> Response {
    let request_id = context.request_id.as_str();
    Response::json(status, &json!({ "error": error, "error_description": description, "request_id": request_id }))
        .with("cache-control", "no-store")
}

/// What was asked for.
pub(super) fn shown(value: &serde_json::Value) -> Response {
    Response::json(200, value).with("cache-control", "no-store")
}
