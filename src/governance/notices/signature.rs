//! The signature of a notice, as Standard Webhooks 1.0.0 has it: `v1,` and the HMAC-SHA-256 of id, time and body.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::crypto::{digest, random, secret::Secret};
use crate::platform::Fault;

/// What a secret begins with.
const PREFIX: &str = "whsec_";

/// A new secret.
///
/// # Errors
/// Where there is no randomness.
pub fn secret() -> Result<Secret, Fault> {
    Ok(Secret::new(format!("{PREFIX}{}", STANDARD.encode(random::bytes::<32>()?))))
}

/// The header `webhook-signature`: one signature for each live secret.
pub fn sign<'a>(secrets: impl Iterator<Item = &'a str>, id: &str, seconds: i64, body: &str) -> String {
    let content = format!("{id}.{seconds}.{body}");
    let of = |secret: &str| {
        let key = STANDARD.decode(secret.strip_prefix(PREFIX).unwrap_or(secret)).unwrap_or_default();
        format!("v1,{}", STANDARD.encode(digest::hmac(&key, content.as_bytes())))
    };
    secrets.map(of).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let (id, seconds, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        let signed = sign([secret].into_iter(), id, seconds, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(sign([secret, secret].into_iter(), id, seconds, body), format!("{signed} {signed}"));
    }
}
