//! Which of a subject's grants are tainted: durable before the text goes out that taints one, and looked at in the turn that
//! admits a call. So whoever writes after they have read is seen to have read.

use std::{cell::RefCell, time::Duration};

use super::storage::Remembered;
use crate::{
    governance::taint::{Place, Taint, Tainted},
    identifiers::GrantId,
    platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage},
};

/// Names all access tokens of a service, each of which is a grant of its own. No grant has this id.
const OF_SERVICE: &str = "";

/// The taints of a subject's grants.
pub struct Taints(RefCell<Vec<(String, Taint)>>);

impl Taints {
    /// The taints that the object remembers.
    pub fn woken(remembered: &Remembered) -> Self {
        Self(RefCell::new(remembered.taints.clone()))
    }

    /// Notes durably that text from outside was read, under that grant of a person or by a service.
    ///
    /// # Errors
    /// Where the storage refuses: then the text is not to go out.
    pub fn note(
        &self,
        storage: &dyn ObjectStorage,
        grant: Option<&GrantId>,
        place: Place,
        life: Duration,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let name = name(grant);
        let known = self.0.borrow().iter().find(|(tainted, _)| tainted == name).map(|(_, taint)| taint.clone());
        let mut taint = known.unwrap_or_default();
        if !taint.note(place, life, now) {
            return Ok(());
        }
        let text = serde_json::to_string(&taint).map_err(|error| Fault::new("taint", error))?;
        storage.run(sql("DELETE FROM taints WHERE until <= ?1").bind(now))?;
        let keep = sql("INSERT OR REPLACE INTO taints (grant_id, until, taint) VALUES (?1, ?2, ?3)");
        storage.run(keep.bind(name).bind(taint.until()).bind(text))?;
        let mut taints = self.0.borrow_mut();
        taints.retain(|(tainted, taint)| tainted != name && now < taint.until());
        taints.push((name.to_owned(), taint));
        Ok(())
    }

    /// How the grant is tainted where a call goes.
    pub fn of(&self, grant: Option<&GrantId>, place: Option<&Place>, now: Timestamp) -> Tainted {
        let (taints, name) = (self.0.borrow(), name(grant));
        let taint = taints.iter().find(|(tainted, _)| tainted == name);
        taint.map(|(_, taint)| taint.tainted(place, now)).unwrap_or_default()
    }
}

fn name(grant: Option<&GrantId>) -> &str {
    grant.map_or(OF_SERVICE, GrantId::as_str)
}
