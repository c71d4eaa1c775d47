//! Signing in and out.

use super::access;
use crate::{
    audit::{self, Kind},
    context::Context,
    identity::{
        browser,
        sign_in::{self, Step},
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
};

/// `GET /sign-in?return_to=&max_age=`: to the identity provider.
pub(super) async fn sign_in(context: &Context, request: &Request) -> Result<Response, Fault> {
    let query = request.query();
    let max_age = query.get("max_age").and_then(|seconds| seconds.parse().ok());
    let step = sign_in::begin(context, request, query.get("return_to").unwrap_or("/"), max_age).await?;
    Ok(answer(context, step))
}

/// `GET /callback/identity`: back from the identity provider.
pub(super) async fn callback(context: &Context, request: &Request) -> Result<Response, Fault> {
    Ok(answer(context, sign_in::callback(context, request).await?))
}

/// `POST /sign-out`.
pub(super) async fn sign_out(context: &Context, request: &Request) -> Result<Response, Fault> {
    access::submitted(context, request, async |browser, _| {
        audit::gather(context, audit::event(context, Kind::SignOut).of(&browser.person.id));
        browser::sign_out(context, request).await
    })
    .await
}

fn answer(context: &Context, step: Step) -> Response {
    match step {
        Step::Proceed(response) => response,
        Step::Failed(problem) => access::not_signed_in(context, problem),
    }
}
