//! `/token`: codes, refresh tokens and assertions in, access tokens out (RFC 6749 §3.2).

use std::rc::Rc;

use futures::FutureExt;
use serde::Serialize;

use super::cross_origin;
use crate::{
    authorization::{
        client_authentication::{
            authenticate,
            error::{Failure, TokenError},
            required,
        },
        clients::{Client, GrantType},
        grant_types::{authorization_code, client_credentials, id_jag, refresh},
        limits,
        principal::Principal,
        tokens::{access_token, refresh_token::RefreshToken},
    },
    context::Context,
    platform::{
        Fault,
        http::{Form, Request, Response},
        log::Level,
    },
    session,
};

/// What a client gets (RFC 6749 §5.1).
#[derive(Serialize)]
struct Issued<'a> {
    access_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
}

/// `POST /token`: tokens, or why there are none and what to do.
///
/// # Errors
/// Where the record or the user's Session object failed.
pub async fn token(context: &Context, request: &Request) -> Result<Response, Fault> {
    answer(context, request, grant(context, request)).await
}

/// Answers a request to `/token`, `/revoke` or `/introspect` by doing its `work`. Who asks without end has to wait before
/// any of that is done, and who fails too often after it: it could be guessing.
pub(super) async fn answer(
    context: &Context,
    request: &Request,
    work: impl Future<Output = Result<Response, Failure>>,
) -> Result<Response, Fault> {
    if !limits::may_ask(context, request, &request.path).await {
        return Ok(cross_origin::readable(limits::too_many("too many requests from this network: wait a minute")));
    }
    let error = match work.await {
        Ok(response) => return Ok(cross_origin::readable(response)),
        Err(Failure::Internal(fault)) => return Err(fault),
        Err(Failure::Refused(error)) => error,
    };
    context.log(Level::Info, "client refused", &[("reason", format!("{error:?}").into())]);
    if error.counts_as_guess() && !within_failure_limit(context, request).await {
        let told = "too many failed requests: wait a minute, then start again at /authorize";
        return Ok(cross_origin::readable(limits::too_many(told)));
    }
    Ok(cross_origin::readable(error.response()))
}

async fn within_failure_limit(context: &Context, request: &Request) -> bool {
    let form = request.form();
    let client = form.as_ref().and_then(|form| form.get("client_id")).unwrap_or("unnamed");
    limits::may_fail(context, client, &request.sender()).await
}

async fn grant(context: &Context, request: &Request) -> Result<Response, Failure> {
    let form = request.form().ok_or(TokenError::NotAForm)?;
    let grant_type = GrantType::parse(required(&form, "grant_type")?).ok_or(TokenError::UnknownGrantType)?;
    if grant_type == GrantType::JwtBearer && !context.settings.identity.vouches_for_people {
        return Err(TokenError::UnknownGrantType.into());
    }
    let may = |client: &Client| client.may(grant_type).then_some(()).ok_or(TokenError::ForbiddenGrantType);
    let client = authenticate(context, request, &form, may).await?;
    let (principal, refresh_token) = exchange(context, &client, grant_type, &form).await?;
    let access_token = access_token::issue(&context.settings, &principal, context.platform.clock.now())?;
    prepare_after_response(context, &principal);
    let refresh_token = refresh_token
        .filter(|_| client.may(GrantType::RefreshToken))
        .map(|refresh_token| refresh_token.issue(&client.id, &context.settings.signing_keys));
    let issued = Issued {
        access_token: access_token.expose(),
        token_type: "Bearer",
        expires_in: context.settings.access_token_life.as_secs(),
        scope: principal.scopes.to_string(),
        refresh_token: refresh_token.as_ref().map(crate::crypto::secret::Secret::expose),
    };
    Ok(Response::json(200, &issued).with("pragma", "no-cache"))
}

/// Lets the person's object read ahead. A client calls within moments, and the record is far from where it calls.
fn prepare_after_response(context: &Context, Principal { subject, grant, .. }: &Principal) {
    if subject.person().is_none() {
        return;
    }
    let (context, subject, grant) = (context.clone(), subject.clone(), grant.clone());
    let caller = Rc::clone(&context.platform.caller);
    let preparation = async move {
        if let Err(fault) = session::prepare(&context, &subject, &grant).await {
            context.log(Level::Warning, "calls not prepared", &[("detail", fault.to_string().into())]);
        }
    };
    caller.finish_without(preparation.boxed_local());
}

/// Whom the access token stands for, and where a person consented, the refresh token that goes with it.
async fn exchange(
    context: &Context,
    client: &Client,
    grant_type: GrantType,
    form: &Form,
) -> Result<(Principal, Option<RefreshToken>), Failure> {
    match grant_type {
        GrantType::AuthorizationCode => {
            let principal = authorization_code::redeem(context, client, form).await?;
            let user = principal.subject.person().cloned();
            let first = user.map(|user| RefreshToken { grant: principal.grant.clone(), generation: 1, user });
            Ok((principal, first))
        }
        GrantType::RefreshToken => {
            let (principal, next) = refresh::refresh(context, client, form).await?;
            Ok((principal, Some(next)))
        }
        GrantType::ClientCredentials => Ok((client_credentials::grant(context, client, form)?, None)),
        GrantType::JwtBearer => Ok((id_jag::grant(context, client, form).await?, None)),
    }
}

#[cfg(test)]
mod tests;
