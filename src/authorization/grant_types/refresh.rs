//! The refresh of an access token (RFC 6749 §6): the rule of [`rotation`], carried out on the record.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    audit::{self, Kind},
    authorization::{
        client_authentication::{
            error::{Failure, TokenError},
            parameter, required,
        },
        clients::Client,
        grants,
        principal::Principal,
        tokens::{
            refresh_token::RefreshToken,
            resource::names_our_resource,
            rotation::{self, Outcome, Reason, State},
            scope::{RequestedScope, Scopes},
        },
    },
    context::Context,
    crypto::key::Key,
    governance::attributes::Attributes,
    identifiers::{GrantId, Subject},
    identity::{
        claimed,
        standing::{Verdict, check::confirm},
    },
    platform::{Fault, clock::Timestamp, database::sql, http::Form, json, log::Level},
    session::authentic::{GRANTS, GrantRow},
};

/// How often a request decides again because another one of the same grant was faster. The second decision is about a
/// token that was superseded just now, which only another rotation could overtake; more are for requests that come in
/// crowds.
const ATTEMPTS: usize = 4;

struct Grant {
    of: GrantRow,
    row: StateRow,
}

/// The columns of a grant on record that say what has become of it.
#[derive(Deserialize)]
struct StateRow {
    generation: i64,
    /// A JSON array of timestamps.
    superseded: String,
    expires_at: Timestamp,
    revoked_at: Option<Timestamp>,
    disabled_at: Option<Timestamp>,
}

impl Grant {
    /// Whether the client has become something else than what the person let in: under another name, without the
    /// redirect URI, or proving itself in another way. Then they have to be asked again.
    fn is_of_another(&self, client: &Client) -> bool {
        self.of.client_digest.is_some() && self.of.client_digest != client.consent_fingerprint(&self.of.redirect_uri)
    }

    /// Access of a disabled user is over, too.
    fn state(&self, reuse: Duration) -> Result<State, Fault> {
        Ok(State {
            generation: self.row.generation,
            superseded: json::from_str(&self.row.superseded).map_err(|error| Fault::new("grants.superseded", error))?,
            reuse,
            revoked: self.row.revoked_at.is_some() || self.row.disabled_at.is_some(),
            expires_at: self.row.expires_at,
        })
    }
}

/// Whom the new access token stands for, and the refresh token that goes with it.
///
/// # Errors
/// Where the refresh token yields nothing to this client, or the record failed.
pub async fn refresh(context: &Context, client: &Client, form: &Form) -> Result<(Principal, RefreshToken), Failure> {
    let keys = &context.settings.signing_keys;
    let text = required(form, "refresh_token")?;
    let (presented, key) = RefreshToken::read_with_key(text, &client.id, keys).ok_or(TokenError::UnknownRefresh)?;
    let requested = RequestedScope::read(parameter(form, "scope")?);
    if !names_our_resource(form, &context.settings) {
        return Err(TokenError::OtherResource.into());
    }
    for _ in 0..ATTEMPTS {
        let grant = find(context, &presented.grant).await?.ok_or(TokenError::UnknownRefresh)?;
        if grant.of.client_id != client.id || grant.of.user_id != presented.user {
            return Err(TokenError::UnknownRefresh.into());
        }
        if grant.is_of_another(client) {
            let fields = [("grant", presented.grant.as_str().into()), ("client", client.id.as_str().into())];
            context.log(Level::Info, "client is not what the person let in", &fields);
            grants::end(context, &grant.of.user_id, &presented.grant, grants::CLIENT_CHANGED).await?;
            return Err(TokenError::ChangedClient.into());
        }
        let scopes = narrowed(&Scopes::parse(&grant.of.scope), &requested)?;
        let now = context.platform.clock.now();
        let facts = [
            ("grant", presented.grant.as_str().into()),
            ("client", client.id.as_str().into()),
            ("presented", presented.generation.into()),
            ("in_use", grant.row.generation.into()),
        ];
        let state = grant.state(context.settings.refresh_reuse)?;
        let (generation, attributes) = match rotation::decide(presented.generation, &state, now) {
            Outcome::Give { generation, reason } => {
                require_standing(context, &grant, now).await?;
                let Some(attributes) = give(context, (&presented, key), &grant, (state, reason), now).await? else {
                    continue;
                };
                if reason == Reason::Superseded {
                    let again = audit::event(context, Kind::GrantRefreshedAfterReuse).of(&grant.of.user_id);
                    let again = again.client(&client.id).client_name(&client.name).grant(&presented.grant);
                    audit::gather(context, again.because("a superseded refresh token was used within its time"));
                }
                (generation, attributes.into())
            }
            Outcome::Replay => {
                context.log(Level::Warning, "refresh token replayed", &facts);
                grants::end(context, &grant.of.user_id, &presented.grant, grants::REFRESH_TOKEN_REPLAYED).await?;
                return Err(TokenError::ReplayedRefresh.into());
            }
            Outcome::Ended => return Err(TokenError::Ended.into()),
            Outcome::Unknown => return Err(TokenError::UnknownRefresh.into()),
        };
        let principal = Principal {
            subject: Subject::Person(grant.of.user_id.clone()),
            client: grant.of.client_id,
            grant: presented.grant.clone(),
            scopes,
            attributes,
        };
        return Ok((principal, RefreshToken { grant: presented.grant, generation, user: grant.of.user_id }));
    }
    Err(Fault::new("refresh", "lost every race for the grant").into())
}

/// Refuses where the identity provider does not vouch for the person any more. Where it cannot be asked, the grant has an
/// end that no refresh puts off.
async fn require_standing(context: &Context, grant: &Grant, now: Timestamp) -> Result<(), Failure> {
    match confirm(context, &grant.of.user_id).await?.verdict {
        Verdict::Good => Ok(()),
        Verdict::Ended => Err(TokenError::Ended.into()),
        Verdict::SignInAgain => Err(TokenError::SignInAgain.into()),
        Verdict::Unheard if grant.of.created_at + context.settings.grant_life <= now => Err(TokenError::TooOld.into()),
        Verdict::Unheard => Ok(()),
    }
}

/// The scopes of the access token alone: the grant keeps its own (RFC 6749 §6).
fn narrowed(granted: &Scopes, requested: &RequestedScope) -> Result<Scopes, TokenError> {
    match requested {
        RequestedScope::Unspecified => Ok(granted.clone()),
        RequestedScope::These(scopes) if granted.include(scopes) => Ok(scopes.clone()),
        RequestedScope::These(_) => Err(TokenError::WiderScope),
    }
}

async fn find(context: &Context, grant: &GrantId) -> Result<Option<Grant>, Fault> {
    let query = sql("SELECT g.id, g.user_id, g.client_id, g.redirect_uri, g.scope, g.resource, g.created_at,
            g.client_digest, g.mac, g.generation, g.superseded, g.expires_at, g.revoked_at, u.disabled_at
        FROM grants g JOIN users u ON u.id = g.user_id WHERE g.id = ?1");
    let rows = context.platform.database.run(query.bind(grant)).await?;
    let found = context.settings.authenticator().authentic(&GRANTS, rows).pairs()?;
    Ok(found.into_iter().next().map(|(of, row)| Grant { of, row }))
}

/// Puts on record that a token is given for the presented one of that grant, if that is still what was `read`, and reads in
/// the same round trip what the access token says of the person; `None` where it is not.
///
/// Of the tokens that the grant accepts from now on the presented one may be the oldest, so its key is the one that the
/// grant depends on. A previous key is depended on until no other window can come with a token of it.
async fn give(
    context: &Context,
    (presented, key): (&RefreshToken, &Key),
    grant: &Grant,
    (read, reason): (State, Reason),
    now: Timestamp,
) -> Result<Option<Attributes>, Fault> {
    let (generation, reuse) = (read.generation, read.reuse);
    let next = read.refreshed(reason, now);
    let superseded = serde_json::to_string(&next.superseded).map_err(|error| Fault::new("grants.superseded", error))?;
    let update = sql("UPDATE grants SET generation = ?3, superseded = ?4, used_at = MAX(used_at, ?5),
            expires_at = MAX(expires_at, ?6), mac = CASE WHEN ?6 > expires_at THEN ?10 ELSE mac END,
            signing_key = CASE WHEN ?8 AND signing_key_at >= ?9 THEN signing_key ELSE ?7 END,
            signing_key_at = CASE WHEN ?8 AND signing_key_at >= ?9 THEN signing_key_at ELSE ?5 END
        WHERE id = ?1 AND revoked_at IS NULL AND generation = ?2
        RETURNING id")
    .bind(&presented.grant)
    .bind(generation)
    .bind(next.generation)
    .bind(superseded)
    .bind(now)
    .bind(next.expires_at)
    .bind(key.id())
    .bind(key.id() == context.settings.signing_keys.current.id())
    .bind(now - reuse)
    .bind(grant.of.mac_until(context.settings.authenticator(), next.expires_at));
    let user = &grant.of.user_id;
    let mut results = context.platform.database.batch(vec![update, claimed::query(user)]).await?.into_iter();
    if results.next().unwrap_or_default().rows.is_empty() {
        return Ok(None);
    }
    claimed::attributes_of(context, user, results.next().unwrap_or_default()).map(Some)
}

#[cfg(test)]
mod tests;
