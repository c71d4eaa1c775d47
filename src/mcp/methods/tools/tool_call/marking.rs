//! An answer that shows texts of others is marked with whence they come.

use super::ToolCall;
use crate::{
    governance::{provenance, snapshot_cache},
    platform::Fault,
    upstream,
};

impl ToolCall<'_> {
    /// Marks an answer.
    ///
    /// # Errors
    /// Where the policy could not be read.
    pub(super) async fn mark(&self, answer: &mut upstream::Answer) -> Result<(), Fault> {
        let (Some(authors), Some(resource)) = (answer.authors.take(), &self.facts.resource) else { return Ok(()) };
        let policy = match snapshot_cache::last_known() {
            Some(policy) => policy,
            None => snapshot_cache::current(self.context).await?,
        };
        answer.provenance = Some(Box::new(provenance::judge(policy.access_policy(), resource, &authors)));
        Ok(())
    }
}
