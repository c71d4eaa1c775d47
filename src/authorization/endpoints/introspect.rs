//! `/introspect`: what a token of the client's own is worth now (RFC 7662).

use serde::Deserialize;
use serde_json::{Value, json};

use super::token;
use crate::{
    authorization::{
        client_authentication::{
            authenticate,
            error::{Failure, TokenError},
            required,
        },
        clients::{Authentication, Client},
        tokens::{access_token, refresh_token::RefreshToken},
    },
    context::Context,
    identifiers::UserId,
    platform::{
        Fault,
        clock::Timestamp,
        database::sql,
        http::{Request, Response},
    },
    session::{self, authentic::GRANTS},
};

/// `POST /introspect`: tells a client that authenticates of its own tokens. Of every other one it says what it says
/// of any text: not active.
///
/// Public clients are refused: whoever stole a refresh token of one could ask unnoticed whether it is still good, for
/// all that it takes to be a public client is to know its id.
///
/// # Errors
/// Where the record or the subject's Session object failed.
pub async fn introspect(context: &Context, request: &Request) -> Result<Response, Fault> {
    token::answer(context, request, answer(context, request)).await
}

async fn answer(context: &Context, request: &Request) -> Result<Response, Failure> {
    let form = request.form().ok_or(TokenError::NotAForm)?;
    let may = |client: &Client| match client.authentication {
        Authentication::None => Err(TokenError::PublicClient),
        Authentication::Secret { .. } | Authentication::PrivateKeyJwt(_) => Ok(()),
    };
    let client = authenticate(context, request, &form, may).await?;
    let token = required(&form, "token")?;
    // Which kind it is shows from its form: `token_type_hint` is not needed.
    let known = match access(context, &client, token).await? {
        Some(known) => Some(known),
        None => refresh(context, &client, token).await?,
    };
    Ok(Response::json(200, &known.unwrap_or_else(|| json!({ "active": false }))))
}

/// What an access token says, while it and what it was given for are live.
async fn access(context: &Context, client: &Client, token: &str) -> Result<Option<Value>, Fault> {
    let Some(verified) = access_token::verify(&context.settings, token, context.platform.clock.now()) else {
        return Ok(None);
    };
    let claims = &verified.claims;
    if claims.client_id != client.id || !session::is_live(context, &claims.sub, &claims.grant).await? {
        return Ok(None);
    }
    Ok(Some(json!({
        "active": true,
        "token_type": "Bearer",
        "client_id": claims.client_id,
        "sub": claims.sub,
        "scope": claims.scope,
        "iss": claims.iss,
        "aud": claims.aud,
        "iat": verified.issued_at,
        "exp": verified.expires_at,
        "jti": claims.jti,
    })))
}

#[derive(Deserialize)]
struct Row {
    user_id: UserId,
    scope: String,
    expires_at: Timestamp,
}

/// What a refresh token is for, while it is the one in use.
async fn refresh(context: &Context, client: &Client, token: &str) -> Result<Option<Value>, Fault> {
    let Some(token) = RefreshToken::read(token, &client.id, &context.settings.signing_keys) else { return Ok(None) };
    let query = sql("SELECT g.id, g.user_id, g.client_id, g.redirect_uri, g.scope, g.resource, g.created_at,
            g.client_digest, g.mac, g.expires_at
        FROM grants g JOIN users u ON u.id = g.user_id
        WHERE g.id = ?1 AND g.user_id = ?5 AND g.client_id = ?2 AND g.generation = ?3 AND g.expires_at > ?4
            AND g.revoked_at IS NULL AND u.disabled_at IS NULL")
    .bind(&token.grant)
    .bind(&client.id)
    .bind(token.generation)
    .bind(context.platform.clock.now())
    .bind(&token.user);
    let rows = context.platform.database.run(query).await?;
    let row = context.settings.authenticator().authentic(&GRANTS, rows).first::<Row>()?;
    Ok(row.map(|row| {
        json!({
            "active": true,
            "client_id": client.id,
            "sub": row.user_id,
            "scope": row.scope,
            "iss": context.settings.public_url,
            "aud": context.settings.resource(),
            "exp": row.expires_at.seconds(),
        })
    }))
}

#[cfg(test)]
mod tests;
