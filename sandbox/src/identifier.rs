//! Identifiers: made-up ones that stay the same at every start, and random ones for tokens.

use anyhow::{Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A UUID without braces that follows from the name alone.
pub(crate) fn uuid(kind: &str, name: &str) -> String {
    let hash = fingerprint(format!("{kind} {name}").as_bytes());
    let part = |shift: u32, bits: u32| (hash >> shift) & ((1 << bits) - 1);
    format!(
        "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
        part(96, 32),
        part(80, 16),
        part(68, 12),
        part(56, 12),
        part(0, 48)
    )
}

/// FNV-1a, 128 bits: to tell values apart, not to protect them.
pub(crate) fn fingerprint(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}

/// A token nobody can guess.
pub(crate) fn secret(prefix: &str) -> Result<String> {
    let mut bytes = [0_u8; 30];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("no random bytes: {error}"))?;
    Ok(format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes)))
}
