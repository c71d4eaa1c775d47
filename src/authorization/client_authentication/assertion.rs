//! What holds of every assertion that somebody signed for us (RFC 7523 §3): short-lived, for us alone, used once.

use std::time::Duration;

use serde::Deserialize;

use crate::{
    context::Context,
    crypto::{
        digest,
        jws::{Audience, JwsError, Verified},
    },
    platform::{Fault, clock::Timestamp, database::sql},
};

/// How long an assertion may be valid, in seconds.
const LONGEST_LIFE: i64 = 5 * 60;
/// How far the signer's clock and ours may be apart, in seconds.
const SKEW: i64 = 60;
/// The longest `jti`, in bytes.
const LONGEST_ID: usize = 256;

/// What is wrong with an assertion, in words for the client's developer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("it is not a JWT that is signed with ES256 or RS256")]
    Form,
    #[error("its typ is not that of this kind of assertion")]
    Kind,
    #[error("its signature is not of the key that its kid names, or there is no such key")]
    Signature,
    #[error("the keys of the client could not be fetched from its jwks_uri")]
    Keys,
    #[error("the keys of clients were fetched too often for this network or from this jwks_uri's host: wait a minute")]
    KeysTooFast,
    #[error("its iss is not who has to sign it")]
    Issuer,
    #[error("its sub does not name whom it is about")]
    Subject,
    #[error("its aud is not the issuer of this server alone")]
    Audience,
    #[error("its client_id is not this client")]
    Client,
    #[error("its resource is not the one of this server")]
    Resource,
    #[error("it has expired, or is not valid yet")]
    Time,
    #[error("it lives longer than 5 minutes")]
    Life,
    #[error("its jti is missing or longer than 256 bytes")]
    Id,
    #[error("it was used before: sign a new one, with another jti, for each request")]
    Replayed,
}

impl From<JwsError> for Problem {
    fn from(error: JwsError) -> Self {
        match error {
            JwsError::Malformed(_) | JwsError::Algorithm(_) | JwsError::Critical => Self::Form,
            JwsError::Key(_) | JwsError::Signature => Self::Signature,
        }
    }
}

/// The claims that every assertion has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Common {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub jti: Option<String>,
}

/// Whether an assertion is for one of these audiences and no other, and valid now.
///
/// # Errors
/// The first rule that it breaks.
pub fn check<T>(verified: &Verified<T>, common: &Common, ours: &[&str], now: Timestamp) -> Result<(), Problem> {
    let audiences = common.aud.as_slice();
    if audiences.is_empty() || !audiences.iter().all(|audience| ours.contains(&audience.as_str())) {
        return Err(Problem::Audience);
    }
    let now = now.seconds();
    let latest = now.saturating_add(SKEW);
    let begins = [verified.issued_at, verified.not_before].into_iter().flatten().max().unwrap_or(now);
    if verified.expires_at.saturating_add(SKEW) <= now || begins > latest {
        return Err(Problem::Time);
    }
    let issued = verified.issued_at.unwrap_or(now);
    if verified.expires_at > latest.saturating_add(LONGEST_LIFE)
        || verified.expires_at.saturating_sub(issued) > LONGEST_LIFE.saturating_add(SKEW)
    {
        return Err(Problem::Life);
    }
    match &common.jti {
        Some(id) if !id.is_empty() && id.len() <= LONGEST_ID => Ok(()),
        _ => Err(Problem::Id),
    }
}

/// Uses an assertion up; whether it was unused. Kinds and issuers have ids of their own.
///
/// # Errors
/// Where the record could not be written.
pub async fn use_up<T>(
    context: &Context,
    kind: &str,
    verified: &Verified<T>,
    Common { iss, jti, .. }: &Common,
) -> Result<bool, Fault> {
    let id = serde_json::json!([kind, iss, jti]).to_string();
    let seconds = u64::try_from(verified.expires_at.saturating_add(SKEW)).unwrap_or_default();
    let insert = sql("INSERT INTO used_assertions (id_hash, expires_at) VALUES (?1, ?2)
        ON CONFLICT DO NOTHING RETURNING id_hash")
    .bind(digest::sha256(&id))
    .bind(Timestamp(0) + Duration::from_secs(seconds));
    Ok(!context.platform.database.run(insert).await?.rows.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp(1_767_225_600_000);
    const OURS: [&str; 2] = ["https://postern.example", "https://postern.example/token"];

    fn common() -> Common {
        Common {
            iss: "client".into(),
            sub: "client".into(),
            aud: Audience::One("https://postern.example".into()),
            jti: Some("1".into()),
        }
    }

    /// One that was issued and expires so many seconds from now.
    fn times(issued: i64, expires: i64) -> Verified<()> {
        let now = NOW.seconds();
        Verified { claims: (), expires_at: now + expires, issued_at: Some(now + issued), not_before: None }
    }

    fn check_times(verified: &Verified<()>) -> Result<(), Problem> {
        check(verified, &common(), &OURS, NOW)
    }

    #[test]
    fn a_short_lived_one_for_us_is_accepted() {
        assert_eq!(check_times(&times(0, 300)), Ok(()));
        assert_eq!(check_times(&Verified { issued_at: None, ..times(0, 300) }), Ok(()));
    }

    #[test]
    fn one_that_is_over_or_not_yet_valid_is_refused() {
        assert_eq!(check_times(&times(-300, -60)), Err(Problem::Time));
        assert_eq!(check_times(&times(61, 300)), Err(Problem::Time));
        let later = Verified { not_before: Some(NOW.seconds() + 61), ..times(0, 300) };
        assert_eq!(check_times(&later), Err(Problem::Time));
    }

    #[test]
    fn one_that_lives_longer_than_five_minutes_is_refused() {
        assert_eq!(check_times(&times(0, 361)), Err(Problem::Life));
        assert_eq!(check_times(&times(-3000, 200)), Err(Problem::Life));
        assert_eq!(check_times(&Verified { issued_at: None, ..times(0, 3600) }), Err(Problem::Life));
    }

    fn check_audience(aud: Audience) -> Result<(), Problem> {
        check(&times(0, 300), &Common { aud, ..common() }, &OURS, NOW)
    }

    #[test]
    fn it_is_for_us_alone() {
        let many = |texts: &[&str]| Audience::Many(texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(check_audience(many(&OURS)), Ok(()));
        for aud in [
            many(&[]),
            many(&["https://postern.example", "https://other.example"]),
            Audience::One("https://postern.example/".into()),
            Audience::One("https://other.example".into()),
        ] {
            assert_eq!(check_audience(aud.clone()), Err(Problem::Audience), "{aud:?}");
        }
    }

    #[test]
    fn it_has_an_id_of_sensible_length() {
        for jti in [None, Some(String::new()), Some("x".repeat(257))] {
            let common = Common { jti, ..common() };
            assert_eq!(check(&times(0, 300), &common, &OURS, NOW), Err(Problem::Id));
        }
    }

    proptest! {
        /// However the times are put, nothing is accepted that could be shown again after it was forgotten.
        #[test]
        fn what_is_accepted_is_remembered_until_it_is_no_longer(
            issued in -1_000_i64..1_000, expires in -1_000_i64..1_000, later in 0_i64..2_000,
        ) {
            let verified = times(issued, expires);
            let at = NOW + Duration::from_secs(later.unsigned_abs());
            let forgotten = verified.expires_at + SKEW <= at.seconds();
            prop_assert!(!forgotten || check(&verified, &common(), &OURS, at).is_err());
        }
    }
}
