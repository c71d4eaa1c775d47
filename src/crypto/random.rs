//! Randomness from the platform's cryptographic generator.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::platform::Fault;

/// `N` random bytes.
///
/// # Errors
/// Where the platform has no randomness to give.
pub fn bytes<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| Fault::new("random", error))?;
    Ok(bytes)
}

/// 256 random bits as 43 characters of `[A-Za-z0-9_-]`: an unguessable name or credential.
///
/// # Errors
/// Where the platform has no randomness to give.
pub fn token() -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<32>()?))
}

/// 128 random bits as 22 characters of `[A-Za-z0-9_-]`: an identifier that no other has.
///
/// # Errors
/// Where the platform has no randomness to give.
pub fn identifier() -> Result<String, Fault> {
    Ok(URL_SAFE_NO_PAD.encode(bytes::<16>()?))
}
