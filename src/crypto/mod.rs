//! Seal, hash, sign, random: the single seam for each.

pub mod authentic_cache;
pub mod authenticator;
pub mod digest;
pub mod jws;
pub mod key;
pub mod random;
pub mod seal;
pub mod secret;
pub mod ticket;
pub mod token;
