//! Authorization codes: made when a person consents, redeemed once, within a minute.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;

use crate::{
    authorization::{
        client_authentication::{
            error::{Failure, TokenError},
            parameter, required,
        },
        clients::{Client, GrantType},
        grants,
        principal::Principal,
        tokens::{pkce::is_pkce, resource::names_our_resource, rotation::GRANT_LIFE, scope::Scopes},
    },
    context::Context,
    crypto::{
        authenticator::{Authenticator, Table},
        digest,
        secret::Secret,
    },
    governance::attributes::Attributes,
    identifiers::{ClientId, GrantId, Subject, UserId},
    identity::claimed,
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        http::Form,
        log::Level,
    },
    session::authentic::{GRANTS, GrantRow, Granted},
};

/// A code is for one client, grant and challenge, and ends: none of it can be changed.
const CODES: Table = Table {
    name: "authorization_codes",
    columns: &["code_hash", "grant_id", "client_id", "redirect_uri", "code_challenge", "resource", "expires_at"],
};

/// How long a code waits to be redeemed.
const LIFE: Duration = Duration::from_secs(60);

/// How long after it was redeemed a code may come again without ending anything: programs and networks repeat
/// requests. The repetition gets nothing.
const REPEATED: Duration = Duration::from_secs(10);

/// What a person consented to.
pub struct Consented<'a> {
    /// The authorization request that they decided on; a grant is made while it is open, so for it once.
    pub request: &'a str,
    pub user: &'a UserId,
    /// The person's end as their browser knows it: what ended since consents to nothing.
    pub ended_before: Timestamp,
    pub client: &'a Client,
    pub redirect_uri: &'a str,
    pub scopes: &'a Scopes,
    pub resource: &'a str,
    pub code_challenge: &'a str,
}

/// Records a new grant and the code for it, unless the person's access has ended or the request was decided meanwhile;
/// the first statement returns a row where it did record them. Unless the code is redeemed, the grant ends when the code does.
pub fn record(
    authenticator: &Authenticator,
    consented: &Consented<'_>,
    grant: &GrantId,
    code: &Secret,
    now: Timestamp,
) -> [Statement; 2] {
    let (scope, client_digest) =
        (consented.scopes.to_string(), consented.client.consent_fingerprint(consented.redirect_uri));
    let ends = now + LIFE;
    let granted = Granted {
        id: grant,
        user: consented.user,
        client: &consented.client.id,
        redirect_uri: consented.redirect_uri,
        scope: &scope,
        resource: consented.resource,
        created_at: now.max(consented.ended_before + Duration::from_millis(1)),
        client_digest: client_digest.as_deref(),
        expires_at: ends,
    };
    let code_hash = authenticator.hash(CODES.name, code.expose());
    let code_mac = authenticator.row(
        &CODES,
        &[
            json!(code_hash),
            json!(grant),
            json!(consented.client.id),
            json!(consented.redirect_uri),
            json!(consented.code_challenge),
            json!(consented.resource),
            json!(ends),
        ],
    );
    [
        sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
                created_at, used_at, expires_at, client_name, client_digest, mac)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?13, ?7, ?8, ?9, ?10, ?14 FROM users
            WHERE id = ?2 AND disabled_at IS NULL AND ended_before = ?11
                AND EXISTS (SELECT 1 FROM authorization_requests WHERE id = ?12 AND decision IS NULL)
            RETURNING id")
        .bind(grant)
        .bind(consented.user)
        .bind(&consented.client.id)
        .bind(consented.redirect_uri)
        .bind(&scope)
        .bind(consented.resource)
        .bind(now)
        .bind(ends)
        .bind(&consented.client.name)
        .bind(client_digest.as_deref())
        .bind(consented.ended_before)
        .bind(consented.request)
        .bind(granted.created_at)
        .bind(granted.mac(authenticator)),
        sql("INSERT INTO authorization_codes (code_hash, grant_id, client_id, redirect_uri, code_challenge,
                resource, expires_at, mac)
            SELECT ?1, id, ?3, ?4, ?5, ?6, ?7, ?8 FROM grants WHERE id = ?2")
        .bind(code_hash)
        .bind(grant)
        .bind(&consented.client.id)
        .bind(consented.redirect_uri)
        .bind(consented.code_challenge)
        .bind(consented.resource)
        .bind(ends)
        .bind(code_mac),
    ]
}

#[derive(Debug, Clone, Deserialize)]
struct Recorded {
    code_hash: String,
    grant_id: GrantId,
    client_id: ClientId,
    redirect_uri: String,
    code_challenge: String,
    expires_at: Timestamp,
    consumed_at: Option<Timestamp>,
}

/// The grant that a code yields.
#[derive(Debug, Clone)]
struct Yielded {
    of: GrantRow,
    person: GrantedBy,
}

/// The person whose grant it is.
#[derive(Debug, Clone, Deserialize)]
struct GrantedBy {
    disabled_at: Option<Timestamp>,
}

/// What a client sends with a code.
struct Presented<'a> {
    client: &'a ClientId,
    redirect_uri: Option<&'a str>,
    verifier: &'a str,
}

/// Whether the code may be redeemed. All that binds it comes before what became of it, so that a thief who has
/// the code alone can neither use it up nor end the grant.
fn check(recorded: &Recorded, granted: &Yielded, presented: &Presented<'_>, now: Timestamp) -> Result<(), TokenError> {
    if recorded.client_id != *presented.client || granted.of.client_id != *presented.client {
        return Err(TokenError::UnknownCode);
    }
    // OAuth 2.1 clients may leave it out, because PKCE binds the code; one that is sent must be the same.
    if presented.redirect_uri.is_some_and(|uri| uri != recorded.redirect_uri) {
        return Err(TokenError::OtherRedirect);
    }
    if !digest::equal(&digest::sha256(presented.verifier), &recorded.code_challenge) {
        return Err(TokenError::WrongVerifier);
    }
    if let Some(consumed_at) = recorded.consumed_at {
        let is_repeated = now.since(consumed_at) <= REPEATED;
        return Err(if is_repeated { TokenError::RepeatedCode } else { TokenError::ReplayedCode });
    }
    if recorded.expires_at <= now {
        return Err(TokenError::UnknownCode);
    }
    if granted.person.disabled_at.is_some() {
        return Err(TokenError::Ended);
    }
    Ok(())
}

/// Redeems a code (RFC 6749 §4.1.3): once. A second time gets nothing; unless it follows at once and is as right as the
/// first, which nobody but the client can make it, it ends the grant that the first time began.
///
/// # Errors
/// Where the code does not yield anything to this client, or the record failed.
pub async fn redeem(context: &Context, client: &Client, form: &Form) -> Result<Principal, Failure> {
    let code_hashes = context.settings.authenticator().hashes(CODES.name, required(form, "code")?);
    let presented = Presented {
        client: &client.id,
        redirect_uri: parameter(form, "redirect_uri")?,
        verifier: required(form, "code_verifier")?,
    };
    if !is_pkce(presented.verifier) {
        return Err(TokenError::MalformedVerifier.into());
    }
    if !names_our_resource(form, &context.settings) {
        return Err(TokenError::OtherResource.into());
    }
    let now = context.platform.clock.now();
    let (recorded, granted) = find(context, code_hashes).await?.ok_or(TokenError::UnknownCode)?;
    match check(&recorded, &granted, &presented, now) {
        Ok(()) => {}
        Err(TokenError::ReplayedCode) => {
            let fields = [("grant", recorded.grant_id.as_str().into()), ("client", client.id.as_str().into())];
            context.log(Level::Warning, "authorization code replayed", &fields);
            grants::end(context, &granted.of.user_id, &recorded.grant_id, grants::CODE_REPLAYED).await?;
            return Err(TokenError::ReplayedCode.into());
        }
        Err(error) => return Err(error.into()),
    }
    match consume(context, client, &recorded.code_hash, &granted.of, now).await? {
        Consumed::Now(attributes) => Ok(Principal {
            subject: Subject::Person(granted.of.user_id),
            client: recorded.client_id,
            grant: recorded.grant_id,
            scopes: Scopes::parse(&granted.of.scope),
            attributes: attributes.into(),
        }),
        Consumed::WithoutGrant => Err(TokenError::Ended.into()),
        Consumed::Meanwhile => Err(TokenError::RepeatedCode.into()),
    }
}

/// The code that may be kept as one of these, and its grant.
async fn find(context: &Context, [hash, previous]: [String; 2]) -> Result<Option<(Recorded, Yielded)>, Fault> {
    let code = sql("SELECT code_hash, grant_id, client_id, redirect_uri, code_challenge, resource, expires_at, mac,
            consumed_at
        FROM authorization_codes WHERE code_hash IN (?1, ?2)");
    let grant = sql("SELECT g.id, g.user_id, g.client_id, g.redirect_uri, g.scope, g.resource, g.created_at,
            g.client_digest, g.expires_at, g.mac, u.disabled_at
        FROM authorization_codes c JOIN grants g ON g.id = c.grant_id JOIN users u ON u.id = g.user_id
        WHERE c.code_hash IN (?1, ?2)");
    let statements = vec![code.bind(&hash).bind(&previous), grant.bind(&hash).bind(&previous)];
    let mut found = context.platform.database.batch(statements).await?.into_iter();
    let authenticator = context.settings.authenticator();
    let code = authenticator.authentic(&CODES, found.next().unwrap_or_default()).first::<Recorded>()?;
    let grant = authenticator.authentic(&GRANTS, found.next().unwrap_or_default()).pairs()?;
    let granted = grant.into_iter().next().map(|(of, person)| Yielded { of, person });
    Ok(code.zip(granted))
}

enum Consumed {
    /// With what the access token says of the person.
    Now(Attributes),
    /// By a request that was faster.
    Meanwhile,
    /// The grant was revoked before its code was redeemed.
    WithoutGrant,
}

/// Consumes the code and lets its grant live on, both or neither.
async fn consume(
    context: &Context,
    client: &Client,
    code_hash: &str,
    grant: &GrantRow,
    now: Timestamp,
) -> Result<Consumed, Fault> {
    let ends = now + GRANT_LIFE;
    let signing_key = client.may(GrantType::RefreshToken).then(|| context.settings.signing_keys.current.id());
    let statements = vec![
        sql("UPDATE grants SET expires_at = ?3, used_at = ?4, signing_key = ?5, signing_key_at = ?4, mac = ?6
            WHERE id = ?1 AND revoked_at IS NULL AND EXISTS
                (SELECT 1 FROM authorization_codes WHERE code_hash = ?2 AND consumed_at IS NULL)
            RETURNING id")
        .bind(&grant.id)
        .bind(code_hash)
        .bind(ends)
        .bind(now)
        .bind(signing_key)
        .bind(grant.mac_until(context.settings.authenticator(), ends)),
        sql("UPDATE authorization_codes SET consumed_at = ?2 WHERE code_hash = ?1 AND consumed_at IS NULL
            RETURNING code_hash")
        .bind(code_hash)
        .bind(now),
        claimed::query(&grant.user_id),
    ];
    let mut results = context.platform.database.batch(statements).await?.into_iter();
    let mut changed = || results.next().is_some_and(|result| !result.rows.is_empty());
    Ok(match (changed(), changed()) {
        (true, true) => {
            let person = results.next().unwrap_or_default();
            Consumed::Now(claimed::attributes_of(context, &grant.user_id, person)?)
        }
        (false, true) => Consumed::WithoutGrant,
        _ => Consumed::Meanwhile,
    })
}
