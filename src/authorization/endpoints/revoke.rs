//! `/revoke`: a client gives back what it has (RFC 7009).

use serde::Deserialize;

use super::token;
use crate::{
    authorization::{
        client_authentication::{
            authenticate,
            error::{Failure, TokenError},
            required,
        },
        clients::Client,
        grants,
        tokens::{access_token, refresh_token::RefreshToken},
    },
    context::Context,
    identifiers::{GrantId, Subject, UserId},
    platform::{
        Fault,
        database::sql,
        http::{Request, Response},
    },
    session,
};

/// `POST /revoke`: ends the grant of a refresh or access token of the authenticated client. Any other token is
/// left alone, with the same answer.
///
/// # Errors
/// Where the record or the user's Session object failed.
pub async fn revoke(context: &Context, request: &Request) -> Result<Response, Fault> {
    token::answer(context, request, end(context, request)).await
}

#[derive(Deserialize)]
struct Owner {
    user_id: UserId,
}

async fn end(context: &Context, request: &Request) -> Result<Response, Failure> {
    let form = request.form().ok_or(TokenError::NotAForm)?;
    let client = authenticate(context, request, &form, |_| Ok(())).await?;
    match grant_of(context, &client, required(&form, "token")?) {
        // A service's grant is on no record: whose it is, the token says.
        Some((grant, Some(Subject::Service(of)))) if of == client.id => {
            session::end_grant(context, &Subject::Service(of), &grant, None).await?;
        }
        Some((_, Some(Subject::Service(_)))) | None => {}
        Some((grant, _)) => {
            let query = sql("SELECT user_id FROM grants WHERE id = ?1 AND client_id = ?2");
            let owner = context.platform.database.run(query.bind(&grant).bind(&client.id)).await?.first::<Owner>()?;
            if let Some(owner) = owner {
                grants::end(context, &owner.user_id, &grant, grants::REVOKED_BY_CLIENT).await?;
            }
        }
    }
    Ok(Response::empty(200).with("cache-control", "no-store"))
}

/// The grant that a token of ours belongs to, and whose it is where the token says so. Which kind it is shows from its
/// form: `token_type_hint` is not needed.
fn grant_of(context: &Context, client: &Client, token: &str) -> Option<(GrantId, Option<Subject>)> {
    let refresh =
        RefreshToken::read(token, &client.id, &context.settings.signing_keys).map(|token| (token.grant, None));
    refresh.or_else(|| {
        let now = context.platform.clock.now();
        let principal = access_token::read(&context.settings, token, now)?;
        Some((principal.grant, Some(principal.subject)))
    })
}

#[cfg(test)]
mod tests;
