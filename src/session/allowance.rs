//! What one subject may still ask for, and each AI client of a person within it: buckets that outlast the object's
//! sleep.
//!
//! An object sleeps after some idle seconds and forgets, and a full bucket after every rest would be no limit. So what
//! is spent is stored, but not with every call. Whoever wakes up believes in half at most, and nothing is stored above
//! three eighths: the eighth between them is less than what the idle seconds bring, so that the calls of somebody who
//! calls now and then write nothing. (One that is restarted in no time, as with a release, may believe in that eighth too
//! much.) Below, the level is stored less an eighth, and again when that eighth is used up.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    time::Duration,
};

use super::{
    bucket::Bucket,
    storage::{self, Remembered},
};
use crate::{
    identifiers::GrantId,
    platform::{Fault, clock::Timestamp, database::sql, object::ObjectStorage},
};

/// The part of a subject's rate that one of a person's grants may use, so that no AI client can silence the others.
const GRANT_SHARE: (u32, u32) = (4, 5);

/// How many grants' buckets are remembered before the full ones among them are forgotten.
const MOST_GRANTS: usize = 64;

/// A level as it is stored.
#[derive(Debug, Clone, Copy)]
struct Stored {
    level: i64,
    at: Timestamp,
}

/// One bucket, and what of it the storage knows.
#[derive(Debug, Clone, Copy)]
struct Kept {
    bucket: Bucket,
    stored: Option<Stored>,
}

impl Kept {
    /// The allowance as it was when the object woke up. `is_new` where nothing can have been spent before.
    fn woken(rate: u32, stored: Option<Stored>, is_new: bool, now: Timestamp) -> Self {
        let bucket = match (stored, is_new) {
            (_, true) => Bucket::full(rate, now),
            (None, false) => Bucket::half(rate, now),
            (Some(Stored { level, at }), false) => Bucket::stored(rate, level, at, now).at_most_half(rate),
        };
        Self { bucket, stored }
    }

    /// What is to be stored now, if what is stored promises more than there is.
    fn unstored(self, rate: u32, now: Timestamp) -> Option<Stored> {
        let level = self.bucket.level(rate, now);
        let promised =
            self.stored.map_or(i64::MAX, |Stored { level, at }| Bucket::stored(rate, level, at, now).level(rate, now));
        let eighth = Bucket::half(rate, now).level(rate, now) / 4;
        (level < 3 * eighth && level < promised).then(|| Stored { level: (level - eighth).max(0), at: now })
    }
}

/// The buckets of one subject.
pub struct Allowance {
    rate: u32,
    /// The storage is as young as this object, so nobody has spent anything before.
    is_new: bool,
    woken_at: Timestamp,
    whole: Cell<Kept>,
    grants: RefCell<HashMap<GrantId, Kept>>,
}

/// Names the bucket of the whole subject among the stored ones. No grant has this id.
const WHOLE: &str = "";

impl Allowance {
    /// What is left when the object wakes up.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn woken(
        storage: &dyn ObjectStorage,
        remembered: &Remembered,
        calls_per_minute: u32,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        let stored = remembered.buckets.iter();
        let stored: HashMap<&str, Stored> =
            stored.map(|storage::Bucket { id, level, at }| (id.as_str(), Stored { level: *level, at: *at })).collect();
        let is_new = !stored.contains_key(WHOLE);
        let whole = Kept::woken(calls_per_minute, stored.get(WHOLE).copied(), is_new, now);
        if is_new {
            write(storage, WHOLE, Stored { level: whole.bucket.level(calls_per_minute, now), at: now })?;
        }
        let allowance =
            Self { rate: calls_per_minute, is_new, woken_at: now, whole: Cell::new(whole), grants: RefCell::default() };
        let of_grants = stored.into_iter().filter(|(id, _)| *id != WHOLE);
        let of_grants = of_grants
            .map(|(id, stored)| (GrantId::new(id), Kept::woken(allowance.grant_rate(), Some(stored), false, now)));
        let grants = of_grants.collect();
        Ok(Self { grants: RefCell::new(grants), ..allowance })
    }

    /// Charges one request to the subject, and to the grant where it is a person's; to both or to neither.
    ///
    /// # Errors
    /// Where there is nothing left, how long until there is; or where the storage refuses.
    pub fn take(
        &self,
        storage: &dyn ObjectStorage,
        grant: Option<&GrantId>,
        now: Timestamp,
    ) -> Result<Result<(), Duration>, Fault> {
        let mut whole = self.whole.get();
        let mut of_grant = grant.map(|grant| self.of(grant, now));
        let mut taken = whole.bucket.take(self.rate, now);
        if taken.is_ok()
            && let Some(kept) = &mut of_grant
        {
            taken = kept.bucket.take(self.grant_rate(), now);
            if taken.is_err() {
                whole.bucket.put_back(1, self.rate);
            }
        }
        self.keep(storage, whole, grant.zip(of_grant), now)?;
        Ok(taken)
    }

    /// Takes requests out for a lease; see [`Bucket::lend`].
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn lend(
        &self,
        storage: &dyn ObjectStorage,
        grant: Option<&GrantId>,
        most: u32,
        now: Timestamp,
    ) -> Result<u32, Fault> {
        let mut whole = self.whole.get();
        let mut of_grant = grant.map(|grant| self.of(grant, now));
        let lent = whole.bucket.lend(most);
        let calls = of_grant.as_mut().map_or(lent, |kept| kept.bucket.lend(lent));
        whole.bucket.put_back(lent - calls, self.rate);
        self.keep(storage, whole, grant.zip(of_grant), now)?;
        Ok(calls)
    }

    /// Puts back what a lease lent and nobody used.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn put_back(
        &self,
        storage: &dyn ObjectStorage,
        grant: Option<&GrantId>,
        calls: u32,
        now: Timestamp,
    ) -> Result<(), Fault> {
        if calls == 0 {
            return Ok(());
        }
        let mut whole = self.whole.get();
        let mut of_grant = grant.map(|grant| self.of(grant, now));
        whole.bucket.put_back(calls, self.rate);
        if let Some(kept) = &mut of_grant {
            kept.bucket.put_back(calls, self.grant_rate());
        }
        self.keep(storage, whole, grant.zip(of_grant), now)
    }

    fn grant_rate(&self) -> u32 {
        let (part, whole) = GRANT_SHARE;
        u32::try_from(u64::from(self.rate) * u64::from(part) / u64::from(whole)).unwrap_or(u32::MAX).max(1)
    }

    fn of(&self, grant: &GrantId, now: Timestamp) -> Kept {
        if let Some(kept) = self.grants.borrow().get(grant) {
            return *kept;
        }
        // One that this object has not seen since it woke up cannot have spent anything meanwhile.
        let kept = Kept::woken(self.grant_rate(), None, self.is_new, self.woken_at);
        let mut grants = self.grants.borrow_mut();
        if grants.len() >= MOST_GRANTS {
            let rate = self.grant_rate();
            grants.retain(|_, kept| !kept.bucket.is_full(rate, now));
        }
        kept
    }

    fn keep(
        &self,
        storage: &dyn ObjectStorage,
        mut whole: Kept,
        of_grant: Option<(&GrantId, Kept)>,
        now: Timestamp,
    ) -> Result<(), Fault> {
        if let Some(to_store) = whole.unstored(self.rate, now) {
            write(storage, WHOLE, to_store)?;
            whole.stored = Some(to_store);
        }
        self.whole.set(whole);
        if let Some((grant, mut kept)) = of_grant {
            if let Some(to_store) = kept.unstored(self.grant_rate(), now) {
                write(storage, grant.as_str(), to_store)?;
                kept.stored = Some(to_store);
            }
            self.grants.borrow_mut().insert(grant.clone(), kept);
        }
        Ok(())
    }
}

/// Stores a level. Those of other grants that time has filled since go, so that there are few rows.
fn write(storage: &dyn ObjectStorage, id: &str, stored: Stored) -> Result<(), Fault> {
    let put = sql("INSERT INTO buckets (id, level, at) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET level = excluded.level, at = excluded.at");
    storage.run(put.bind(id).bind(stored.level).bind(stored.at))?;
    let filled = sql("DELETE FROM buckets WHERE id <> '' AND at < ?1").bind(stored.at - Duration::from_secs(60));
    storage.run(filled).map(drop)
}

#[cfg(test)]
mod tests;
