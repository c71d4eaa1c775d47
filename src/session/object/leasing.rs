//! What an object lets the Worker admit by itself, and how that ends.

use super::{
    super::{
        command::{Admission, Credential, Reply},
        lease::{Lease, MOST_CALLS},
    },
    Session,
};
use crate::{catalog::operation::Provider, platform::Fault};

impl Session {
    /// Lets the Worker admit the next calls like this one, if it asks for that. A credential that is no longer the
    /// present one is not for them.
    pub(super) fn lease(&self, admission: &Admission, credential: Option<&Credential>) -> Option<Lease> {
        let is_present =
            |(provider, given): (Provider, &Credential)| self.credentials.remembers(provider, given.version);
        let is_asked_for = !admission.writes && admission.unused.is_some();
        if !is_asked_for || !admission.account.zip(credential).is_none_or(is_present) {
            return None;
        }
        let mut bucket = self.bucket.get()?;
        let lease = self.leases.give(bucket.lend(MOST_CALLS), self.platform.clock.now());
        self.bucket.set(Some(bucket));
        lease
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
