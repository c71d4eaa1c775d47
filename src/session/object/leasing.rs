//! What an object lets the Worker admit by itself, and how that ends.

use super::{
    super::{
        command::{Admission, Credential, Reply},
        lease::{Lease, MOST_CALLS},
    },
    Session,
};
use crate::{catalog::operation::Provider, identifiers::GrantId, platform::Fault};

impl Session {
    /// Lets the Worker admit the next calls like this one, if it asks for that. A credential that is no longer the
    /// present one is not for them.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub(super) fn lease(
        &self,
        admission: &Admission,
        bucket: Option<&GrantId>,
        credential: Option<&Credential>,
    ) -> Result<Option<Lease>, Fault> {
        let is_present =
            |(provider, given): (Provider, &Credential)| self.credentials.remembers(provider, given.version);
        let is_asked_for = !admission.writes && admission.unused.is_some();
        if !is_asked_for || !admission.account.zip(credential).is_none_or(is_present) {
            return Ok(None);
        }
        let now = self.platform.clock.now();
        let calls = self.allowance.lend(self.storage.as_ref(), bucket, MOST_CALLS, now)?;
        Ok(self.leases.give(calls, now))
    }

    /// Waits until no call can begin any more that was leased before.
    pub(super) async fn outlast_leases(&self) -> Result<Reply, Fault> {
        let out_for = self.leases.out_for(self.platform.clock.now());
        if !out_for.is_zero() {
            self.platform.clock.sleep(out_for).await;
        }
        Ok(Reply::Done)
    }
}
