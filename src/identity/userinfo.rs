//! The identity provider's userinfo endpoint (OpenID Connect Core 1.0 §5.3): claims about a person, for an access token of
//! theirs.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::discovery::LIMITS;
use crate::{
    context::Context,
    crypto::secret::Secret,
    platform::{
        fetch::{HttpError, OutboundRequest},
        http::Method,
        json,
    },
};

/// Why the endpoint said nothing that counts. For the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserinfoError {
    #[error("the userinfo endpoint cannot be reached: {0}")]
    Unreachable(HttpError),
    #[error("the userinfo endpoint answered with status {0}")]
    Status(u16),
    /// Signed or encrypted, perhaps (§5.3.2): a client has that only where it registered for it.
    #[error("the userinfo endpoint answered with something else than claims as JSON")]
    Malformed,
    #[error("the userinfo endpoint's sub is another person")]
    AnotherPerson,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// What the endpoint says of the person whom the provider knows as that subject: of anybody else it says nothing (§5.3.2).
///
/// # Errors
/// As [`UserinfoError`] says.
pub async fn claims(
    context: &Context,
    endpoint: &str,
    access_token: &Secret,
    subject: &str,
) -> Result<Map<String, Value>, UserinfoError> {
    let request = OutboundRequest {
        method: Method::Get,
        url: endpoint.to_owned(),
        headers: vec![
            ("accept".into(), "application/json".to_owned()),
            ("authorization".into(), format!("Bearer {}", access_token.expose())),
        ],
        body: None,
        limits: LIMITS,
    };
    let answer = context.platform.http.send(request).await.map_err(UserinfoError::Unreachable)?;
    if answer.status != 200 {
        return Err(UserinfoError::Status(answer.status));
    }
    read(&answer.body, subject)
}

/// The claims in the body of an answer, where they are of that subject.
fn read(body: &[u8], subject: &str) -> Result<Map<String, Value>, UserinfoError> {
    let claims: Claims = json::from_slice(body).map_err(|_| UserinfoError::Malformed)?;
    if claims.sub != subject {
        return Err(UserinfoError::AnotherPerson);
    }
    Ok(claims.others)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of_dana(body: &Value) -> Result<Map<String, Value>, UserinfoError> {
        read(body.to_string().as_bytes(), "dana")
    }

    #[test]
    fn claims_are_of_the_same_subject_or_worth_nothing() {
        assert_eq!(of_dana(&json!({"sub": "dana", "name": "Dana"})).unwrap()["name"], "Dana");
        assert_eq!(of_dana(&json!({"sub": "alex", "name": "Alex"})), Err(UserinfoError::AnotherPerson));
        assert_eq!(of_dana(&json!({"sub": "Dana"})), Err(UserinfoError::AnotherPerson));
    }

    #[test]
    fn claims_without_a_subject_are_none() {
        assert_eq!(of_dana(&json!({"name": "Dana"})), Err(UserinfoError::Malformed));
        assert_eq!(of_dana(&json!({"sub": null})), Err(UserinfoError::Malformed));
        assert_eq!(of_dana(&json!("eyJhbGciOiJSUzI1NiJ9")), Err(UserinfoError::Malformed));
    }
}
