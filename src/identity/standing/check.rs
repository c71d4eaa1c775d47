//! Asking the identity provider for its word on a person, and what follows from it.

use std::time::Duration;

use serde_json::json;

use super::{
    Answer, Standing, Step, TokenKind, Verdict, decide,
    record::{self, Recorded},
};
use crate::{
    audit::{self, Kind},
    context::Context,
    crypto::seal::Purpose,
    identifiers::UserId,
    identity::{
        deprovisioning,
        discovery::{self, Provider},
        id_token::{self, Expectations, IdClaims},
        profile::Profile,
        roles,
        token_endpoint::{self, TokenError, Tokens},
        userinfo,
    },
    platform::{
        Fault,
        database::{Statement, sql},
        log::Level,
    },
};

/// How often a request looks whether somebody else's question has been answered.
const LOOK: Duration = Duration::from_millis(250);

/// How many looks and questions of its own a request makes before it goes on without a word: longer than a question takes.
const ROUNDS: usize = 60;

/// The provider's word on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    pub verdict: Verdict,
    /// The word is a new one: what was read of the person before may not hold any more.
    pub asked: bool,
}

/// Finds out whether the provider still vouches for a person, and carries out what follows where it does not. It is asked
/// only where its last word is too old, by one request at a time. Roles are those of its newest word afterwards.
///
/// # Errors
/// Where the record failed, or an end could not be carried out: then the next request tries again.
pub async fn confirm(context: &Context, user: &UserId) -> Result<Confirmation, Fault> {
    let database = context.platform.database.as_ref();
    for round in 0..ROUNDS {
        let confirmed = |verdict| Ok(Confirmation { verdict, asked: round > 0 });
        let Some(recorded) = record::find(database, user).await? else { return confirmed(Verdict::Unheard) };
        let now = context.platform.clock.now();
        match decide(&recorded.standing, context.settings.standing_life, now) {
            Step::Trust => return confirmed(Verdict::Good),
            Step::SignInAgain => return confirmed(Verdict::SignInAgain),
            Step::End => {
                audit::record(context, audit::event(context, Kind::StandingEnded).of(user)).await;
                deprovisioning::end_person(context, user, "the identity provider does not vouch for them any more")
                    .await?;
                return confirmed(Verdict::Ended);
            }
            Step::Wait => context.platform.clock.sleep(LOOK).await,
            Step::Ask => {
                let asking = recorded.standing.asking(now);
                if database.run(record::replace(user, recorded.version, &asking)).await?.changes == 1 {
                    Question { context, user, recorded: recorded.replaced_by(asking) }.put().await?;
                }
            }
        }
    }
    let fields = [("user", json!(user.as_str()))];
    context.log(Level::Error, "nobody came back with the identity provider's word; the person is kept", &fields);
    Ok(Confirmation { verdict: Verdict::Good, asked: true })
}

/// A question that is on record as under way.
struct Question<'a> {
    context: &'a Context,
    user: &'a UserId,
    recorded: Recorded,
}

impl Question<'_> {
    /// Asks, and puts on record what was answered. What follows is decided by whoever reads that.
    async fn put(mut self) -> Result<(), Fault> {
        match self.ask().await? {
            Ok(profile) => self.settle(Answer::Vouched, profile).await,
            Err((answer, reason)) => {
                self.tell(answer, &reason);
                self.settle(answer, None).await
            }
        }
    }

    /// The provider's newest claims about the person, where it vouches for them and makes any.
    async fn ask(&mut self) -> Result<Result<Option<Profile>, (Answer, String)>, Fault> {
        let sealer = self.context.settings.sealer(Purpose::Tokens);
        let Some(token) = self.recorded.refresh_token(sealer, self.user) else {
            return Ok(Err((Answer::NeedsPerson, "the sealed refresh token does not open with a live key".into())));
        };
        let provider = match discovery::provider(self.context).await {
            Ok(provider) => provider,
            Err(error) => return Ok(Err((Answer::None, error.to_string()))),
        };
        let tokens = match token_endpoint::refresh(self.context, &provider, &token).await {
            Ok(tokens) => tokens,
            Err(error) => return Ok(Err((answer_of(&error), error.to_string()))),
        };
        if !self.keep(&tokens).await? {
            return Ok(Err((Answer::None, "another sign-in took the place of the token".into())));
        }
        Ok(self.claims(&provider, &tokens).await.map_err(|reason| (Answer::None, reason)))
    }

    /// Puts a successor of the refresh token on record before anything else is made of the answer; whether the token that
    /// it succeeds was still there.
    async fn keep(&mut self, tokens: &Tokens) -> Result<bool, Fault> {
        let Some(token) = &tokens.refresh_token else { return Ok(true) };
        let sealer = self.context.settings.sealer(Purpose::Tokens);
        let rotate = record::rotate(sealer, self.user, self.recorded.version, token)?;
        let kept = self.context.platform.database.run(rotate).await?.changes == 1;
        self.recorded.version += i64::from(kept);
        Ok(kept)
    }

    /// What a fresh ID token says of the person. It is of the same person or worth nothing (OpenID Connect Core 1.0 §12.2).
    /// Where there is none, the userinfo endpoint says it.
    async fn claims(&self, provider: &Provider, tokens: &Tokens) -> Result<Option<Profile>, String> {
        let identity = &self.context.settings.identity;
        let Some(token) = &tokens.id_token else { return Ok(self.claims_of_userinfo(provider, tokens).await) };
        let expectations = Expectations { issuer: &identity.issuer, client_id: &identity.client_id, nonce: None };
        let claims: IdClaims = id_token::verify(self.context, provider, token.expose(), expectations)
            .await
            .map_err(|error| error.to_string())?;
        if claims.subject != self.recorded.subject {
            return Err("the ID token's sub is another person".into());
        }
        Ok(Some(Profile::of(&claims.subject, &claims.others, identity)))
    }

    /// What the userinfo endpoint says of the person, where it says anything of roles. Otherwise they stay as they are
    /// until they are too old to be believed: the provider vouches for the person by its tokens alone.
    async fn claims_of_userinfo(&self, provider: &Provider, tokens: &Tokens) -> Option<Profile> {
        let (endpoint, token) = (provider.userinfo_endpoint.as_deref()?, tokens.access_token.as_ref()?);
        let identity = &self.context.settings.identity;
        let subject = &self.recorded.subject;
        let problem = match userinfo::claims(self.context, endpoint, token, subject).await {
            Ok(claims) if roles::are_claimed(&claims, identity) => {
                return Some(Profile::of(subject, &claims, identity));
            }
            Ok(_) => "it has none of OIDC_ROLE_CLAIMS".to_owned(),
            Err(error) => error.to_string(),
        };
        let fields = [("user", json!(self.user.as_str())), ("reason", json!(problem))];
        self.context.log(Level::Warning, "the userinfo endpoint did not bring a person's roles up to date", &fields);
        None
    }

    async fn settle(&self, answer: Answer, profile: Option<Profile>) -> Result<(), Fault> {
        let heard = self.recorded.standing.heard(answer, self.context.platform.clock.now());
        let mut statements = vec![record::replace(self.user, self.recorded.version, &heard)];
        if let Some(profile) = &profile {
            let now = self.context.platform.clock.now();
            statements.push(profile.update(self.context.settings.authenticator(), self.user, now));
        }
        if heard.verdict() == Verdict::SignInAgain {
            statements.push(end_browsers(self.user, self.recorded.version + 1));
        }
        self.context.platform.database.batch(statements).await.map(drop)
    }

    /// Tells the log of an answer that does not vouch for the person: the end of a person, of a session at the provider
    /// and of the provider itself are three things.
    fn tell(&self, answer: Answer, reason: &str) {
        let Standing { kind, lost_answer, .. } = self.recorded.standing;
        let (level, message) = match (answer, kind) {
            (Answer::None | Answer::Vouched, _) => {
                (Level::Error, "the identity provider gave no word on a person, who is kept")
            }
            (Answer::Refused, TokenKind::Offline) if !lost_answer => {
                (Level::Warning, "the identity provider does not vouch for a person any more")
            }
            (Answer::Refused, TokenKind::Ordinary) => {
                (Level::Info, "a session at the identity provider is over: the person has to sign in again")
            }
            (Answer::Refused | Answer::NeedsPerson, _) => {
                (Level::Warning, "the refresh token of the identity provider is lost: the person has to sign in again")
            }
        };
        self.context.log(level, message, &[("user", json!(self.user.as_str())), ("reason", json!(reason))]);
    }
}

const fn answer_of(error: &TokenError) -> Answer {
    match error {
        TokenError::InvalidGrant(_) => Answer::Refused,
        TokenError::NeedsPerson(_) => Answer::NeedsPerson,
        TokenError::Unavailable(_) => Answer::None,
    }
}

/// Without a signed-in browser the next page leads through the provider, which then has a word on the person again.
fn end_browsers(user: &UserId, version: i64) -> Statement {
    sql("DELETE FROM browser_sessions WHERE user_id = ?1 AND EXISTS
            (SELECT 1 FROM standings WHERE user_id = ?1 AND version = ?2 AND state = 'sign_in_again')")
    .bind(user)
    .bind(version)
}

#[cfg(test)]
mod tests;
