//! Enterprise-managed authorization: the organisation's identity provider lets a client act for a person, who is not
//! asked here (identity assertion authorization grant, ID-JAG; a profile of RFC 7523 §2.1).

use std::time::Duration;

use serde::Deserialize;

use crate::{
    audit::{self, Kind},
    authorization::{
        client_authentication::{
            assertion::{self, Common, Problem},
            error::{Failure, TokenError},
            parameter, required,
        },
        clients::Client,
        principal::Principal,
        tokens::{
            resource::{names_our_resource, same_resource},
            scope::{RequestedScope, Scopes},
        },
    },
    context::Context,
    crypto::{
        jws::{Audience, Unverified, Verified},
        random,
    },
    identifiers::{GrantId, Subject},
    identity::{
        claimed, discovery,
        person::{self, KnownPerson},
    },
    platform::{Fault, clock::Timestamp, database::sql, http::Form, log::Level},
    session::authentic::{GRANTS, Granted},
    settings::Settings,
};

/// The `typ` of such an assertion.
const KIND: &str = "oauth-id-jag+jwt";
/// How the profile is called in the server's metadata.
pub const PROFILE: &str = "urn:ietf:params:oauth:grant-profile:id-jag";

#[derive(Debug, Clone, Deserialize)]
struct Claims {
    #[serde(flatten)]
    common: Common,
    client_id: String,
    resource: Option<Audience>,
    scope: Option<String>,
    email: Option<String>,
    name: Option<String>,
}

/// Whether a verified assertion lets this client in (ID-JAG §4.4.1).
fn check(verified: &Verified<Claims>, client: &Client, settings: &Settings, now: Timestamp) -> Result<(), Problem> {
    let claims = &verified.claims;
    if claims.common.iss != settings.identity.issuer {
        return Err(Problem::Issuer);
    }
    if claims.common.sub.is_empty() {
        return Err(Problem::Subject);
    }
    if claims.client_id != client.id.as_str() {
        return Err(Problem::Client);
    }
    let resources = claims.resource.as_ref().map(Audience::as_slice).unwrap_or_default();
    if !resources.iter().all(|resource| same_resource(resource, settings)) {
        return Err(Problem::Resource);
    }
    if verified.issued_at.is_none() {
        return Err(Problem::Time);
    }
    assertion::check(verified, &claims.common, &[&settings.public_url], now)
}

/// What the assertion, the registration and the request all allow.
fn scopes(claims: &Claims, client: &Client, requested: &RequestedScope) -> Result<Scopes, TokenError> {
    let vouched_for = claims.scope.as_deref().map_or_else(Scopes::ordinary, Scopes::parse);
    let allowed = client.scopes.as_ref().map_or_else(|| vouched_for.clone(), |limit| vouched_for.both(limit));
    let scopes = match requested {
        RequestedScope::Unspecified => allowed,
        RequestedScope::These(scopes) => scopes.both(&allowed),
    };
    if scopes.is_empty() { Err(TokenError::BeyondRegistration) } else { Ok(scopes) }
}

/// Whom the client may act for, by an assertion of the organisation's identity provider.
///
/// The person is known by the provider's `iss` and `sub` alone. Whoever has never signed in here is put on record:
/// the provider that vouches for them is the one they would sign in with, and roles come from a sign-in only.
///
/// # Errors
/// Where the assertion lets nobody in, or the provider or the record failed.
pub async fn grant(context: &Context, client: &Client, form: &Form) -> Result<Principal, Failure> {
    let refused = |problem| Failure::from(TokenError::IdentityAssertion(problem));
    if !names_our_resource(form, &context.settings) {
        return Err(TokenError::OtherResource.into());
    }
    let requested = RequestedScope::read(parameter(form, "scope")?);
    let unverified = Unverified::read(required(form, "assertion")?).map_err(|error| refused(error.into()))?;
    if unverified.kind() != Some(KIND) {
        return Err(refused(Problem::Kind));
    }
    let unavailable = |error: discovery::ProviderError| Fault::new("identity provider", error);
    let provider = discovery::provider(context).await.map_err(unavailable)?;
    let key =
        discovery::key(context, &provider, unverified.key_id(), unverified.algorithm).await.map_err(unavailable)?;
    let key = key.ok_or_else(|| refused(Problem::Signature))?;
    let verified = unverified.verify::<Claims>(context.platform.signatures.as_ref(), &key).await;
    let verified = verified.map_err(|error| refused(error.into()))?;
    let now = context.platform.clock.now();
    check(&verified, client, &context.settings, now).map_err(refused)?;
    let claims = &verified.claims;
    let scopes = scopes(claims, client, &requested)?;
    if !assertion::use_up(context, KIND, &verified, &claims.common).await? {
        return Err(refused(Problem::Replayed));
    }
    let username = claims.email.as_deref().unwrap_or(&claims.common.sub);
    let vouched = person::Vouched {
        issuer: &claims.common.iss,
        subject: &claims.common.sub,
        username,
        name: claims.name.as_deref().unwrap_or(username),
        email: claims.email.as_deref(),
        at: Timestamp(verified.issued_at.unwrap_or_default().saturating_mul(1000)),
    };
    let Some(user) = person::known_or_new(context, &vouched).await? else {
        context.log(Level::Warning, "the identity provider vouches for somebody who is disabled here", &[]);
        return Err(TokenError::Ended.into());
    };
    let grant = record(context, client, &user, &scopes, now).await?.ok_or(TokenError::Ended)?;
    let attributes = claimed::attributes(context, &user.id).await?.into();
    Ok(Principal { subject: Subject::Person(user.id), client: client.id.clone(), grant, scopes, attributes })
}

/// The grant that the access token belongs to: on the person's page, to be revoked there. One that is still live is
/// used on, so that a client that comes back every few minutes has one. `None` where the person's access has ended since
/// they were found.
async fn record(
    context: &Context,
    client: &Client,
    user: &KnownPerson,
    scopes: &Scopes,
    now: Timestamp,
) -> Result<Option<GrantId>, Fault> {
    #[derive(Deserialize)]
    struct Live {
        id: GrantId,
        created_at: Timestamp,
        expires_at: Timestamp,
    }
    let database = &context.platform.database;
    let ends = now + context.settings.access_token_life;
    let (authenticator, scope, resource) =
        (context.settings.authenticator(), scopes.to_string(), context.settings.resource());
    let mac = |id: &GrantId, created_at: Timestamp, expires_at: Timestamp| {
        let granted = Granted {
            id,
            user: &user.id,
            client: &client.id,
            redirect_uri: "",
            scope: &scope,
            resource: &resource,
            created_at,
            client_digest: None,
            expires_at,
        };
        granted.mac(authenticator)
    };
    let live =
        sql("SELECT id, user_id, client_id, redirect_uri, scope, resource, created_at, client_digest, expires_at,
            mac
        FROM grants WHERE user_id = ?1 AND client_id = ?2 AND redirect_uri = '' AND revoked_at IS NULL
            AND expires_at > ?3");
    let live = database.run(live.bind(&user.id).bind(&client.id).bind(now)).await?;
    if let Some(Live { id, created_at, expires_at }) = authenticator.authentic(&GRANTS, live).first()? {
        let ends = ends.max(expires_at);
        let update = sql("UPDATE grants SET expires_at = ?3, used_at = ?2, scope = ?4, mac = ?5
            WHERE id = ?1 AND revoked_at IS NULL RETURNING id")
        .bind(&id)
        .bind(now)
        .bind(ends)
        .bind(&scope)
        .bind(mac(&id, created_at, ends));
        if !database.run(update).await?.rows.is_empty() {
            return Ok(Some(id));
        }
    }
    let id = GrantId::new(random::identifier()?);
    let created_at = now.max(user.ended_before + Duration::from_millis(1));
    let new =
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
            created_at, used_at, expires_at, mac)
        SELECT ?1, id, ?3, '', ?4, ?5, 0, ?6, ?9, ?6, ?7, ?10 FROM users
        WHERE id = ?2 AND disabled_at IS NULL AND ended_before = ?8
        RETURNING id")
        .bind(&id)
        .bind(&user.id)
        .bind(&client.id)
        .bind(&scope)
        .bind(&resource)
        .bind(now)
        .bind(ends)
        .bind(user.ended_before)
        .bind(created_at)
        .bind(mac(&id, created_at, ends));
    if database.run(new).await?.rows.is_empty() {
        return Ok(None);
    }
    let made = audit::event(context, Kind::GrantMade).of(&user.id).client(&client.id).client_name(&client.name);
    let made = made.grant(&id).changing("", &scope).because("the identity provider vouched for the person");
    audit::record(context, made).await;
    Ok(Some(id))
}

#[cfg(test)]
mod tests;
