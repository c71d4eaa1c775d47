//! Signing in and out.

use super::access;
use crate::{
    identity::{
        browser,
        sign_in::{self, Step},
    },
    platform::{
        Fault,
        http::{Request, Response},
    },
    postern::Postern,
};

/// `GET /sign-in?return_to=`: to the identity provider.
pub(super) async fn sign_in(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    let step = sign_in::begin(postern, request, request.query().get("return_to").unwrap_or("/")).await?;
    Ok(answer(postern, step))
}

/// `GET /callback/identity`: back from the identity provider.
pub(super) async fn callback(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    Ok(answer(postern, sign_in::callback(postern, request).await?))
}

/// `POST /sign-out`.
pub(super) async fn sign_out(postern: &Postern, request: &Request) -> Result<Response, Fault> {
    access::submitted(postern, request, async |_, _| browser::sign_out(postern, request).await).await
}

fn answer(postern: &Postern, step: Step) -> Response {
    match step {
        Step::Proceed(response) => response,
        Step::Failed(problem) => access::not_signed_in(postern, problem),
    }
}
