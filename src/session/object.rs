//! The Session object of one subject, over its storage and the ports. The Durable Object class is a shell of it.

use std::{rc::Rc, time::Duration};

use serde_json::json;

use super::{
    allowance::Allowance,
    credentials::{Credentials, ReadBeside},
    endings,
    grants::{self, Checked, Grants, Moments},
    holds::Holds,
    idempotency::IdempotencyKeys,
    lease::Leases,
    locks::Locks,
    outbox::Outbox,
    person_endings,
    refusal::Refusal,
    storage,
    streams::Streams,
    taints::Taints,
};
use crate::{
    audit::Event,
    connections::vault::{AccessToken, CredentialError, Vault},
    identifiers::{ClientId, GrantId, Subject, UserId},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::Statement,
        log::{self, Level},
        object::ObjectStorage,
        panic,
    },
    providers::Site,
    settings::Settings,
};

/// One subject's object.
pub struct Session {
    pub(super) settings: Rc<Settings>,
    pub(super) platform: Platform,
    pub(super) storage: Rc<dyn ObjectStorage>,
    pub(super) allowance: Allowance,
    pub(super) holds: Holds,
    pub(super) keys: IdempotencyKeys,
    pub(super) grants: Grants,
    pub(super) credentials: Credentials,
    pub(super) leases: Leases,
    pub(super) locks: Locks,
    pub(super) streams: Streams,
    pub(super) taints: Taints,
    outbox: Outbox,
}

impl Session {
    /// Wakes the object up over its storage.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn new(settings: Rc<Settings>, platform: Platform, storage: Rc<dyn ObjectStorage>) -> Result<Self, Fault> {
        let remembered = storage::wake(storage.as_ref())?;
        let now = platform.clock.now();
        let outbox = Outbox::woken(&remembered, &settings, now);
        let allowance = Allowance::woken(storage.as_ref(), &remembered, settings.calls_per_minute, now)?;
        Ok(Self {
            settings,
            platform,
            allowance,
            holds: Holds::default(),
            keys: IdempotencyKeys::woken(&remembered),
            grants: Grants::woken(&remembered),
            locks: Locks::woken(&remembered),
            taints: Taints::woken(&remembered),
            outbox,
            credentials: Credentials::woken(Rc::clone(&storage), remembered),
            storage,
            leases: Leases::woken(now),
            streams: Streams::default(),
        })
    }

    /// Makes good what a panic may have come in the way of.
    pub(super) fn recover(&self) {
        // It may have come before the alarm was asked for: the next record is to ask again.
        self.outbox.forget_alarm();
    }

    /// Charges a request to a live grant: an ended one costs nobody anything.
    pub(super) async fn charge(
        &self,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<Result<(), Refusal>, Fault> {
        let is_live = self.is_live(subject, grant, now).await?;
        self.charge_grant(subject, grant, is_live, now)
    }

    /// The same for a call that needs an account: where both the grant and the account's credential have to be read from
    /// the record, that is one round trip.
    pub(super) async fn charge_with_account(
        &self,
        subject: &Subject,
        grant: &GrantId,
        site: Site,
        now: Timestamp,
    ) -> Result<Result<Option<ReadBeside>, Refusal>, Fault> {
        let query = self.credentials.query(&self.vault(person(subject)?, site));
        let (query, epoch) = query.unzip();
        let Checked { is_live, beside } = self.check(subject, grant, Moments::only(now), query).await?;
        let charged = self.charge_grant(subject, grant, is_live, now)?;
        Ok(charged.map(|()| beside.zip(epoch).map(|(rows, epoch)| ReadBeside::new(rows, epoch))))
    }

    fn charge_grant(
        &self,
        subject: &Subject,
        grant: &GrantId,
        is_live: bool,
        now: Timestamp,
    ) -> Result<Result<(), Refusal>, Fault> {
        if !is_live {
            return Ok(Err(Refusal::GrantEnded));
        }
        let taken = self.allowance.take(self.storage.as_ref(), bucket_of(subject, grant), now)?;
        Ok(taken.map_err(|wait| Refusal::RateLimited {
            retry_after_milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    fn record(&self) -> grants::Record<'_> {
        let (database, authenticator) = (self.platform.database.as_ref(), self.settings.authenticator());
        grants::Record { database, authenticator, believed: self.settings.access_token_life }
    }

    pub(super) async fn is_live(&self, subject: &Subject, grant: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        Ok(self.check(subject, grant, Moments::only(now), None).await?.is_live)
    }

    /// Reads from the record what the calls under an access token that was issued just now would ask it for: the grant, and
    /// the credentials of the person's accounts.
    pub(super) async fn prepare(&self, subject: &Subject, grant: &GrantId) -> Result<(), Fault> {
        let now = self.platform.clock.now();
        let mut moments = Moments { now, needed: now + self.settings.access_token_life - Duration::from_secs(1) };
        for site in self.settings.sites.all() {
            if !self.settings.sites.accounts(site).has_own() {
                continue;
            }
            let user = person(subject)?;
            let (query, epoch) = self.credentials.query(&self.vault(user, site)).unzip();
            let Checked { is_live, beside } = self.check(subject, grant, moments, query).await?;
            if !is_live {
                return Ok(());
            }
            if let Some(epoch) = epoch {
                let read = beside.map(|rows| ReadBeside::new(rows, epoch));
                // Where there is none, the call that needs it says so.
                drop(self.credential(user, site, None, read).await);
            }
            moments = Moments::only(now);
        }
        Ok(())
    }

    async fn check(
        &self,
        subject: &Subject,
        grant: &GrantId,
        moments: Moments,
        beside: Option<Statement>,
    ) -> Result<Checked, Fault> {
        self.grants.check(self.storage.as_ref(), self.record(), subject, grant, moments, beside).await
    }

    pub(super) async fn credential(
        &self,
        user: &UserId,
        site: Site,
        refused: Option<i64>,
        read: Option<ReadBeside>,
    ) -> Result<AccessToken, CredentialError> {
        self.credentials.get(&self.vault(user, site), &self.settings, refused, read).await
    }

    pub(super) fn vault<'a>(&'a self, user: &'a UserId, site: Site) -> Vault<'a> {
        Vault { platform: &self.platform, settings: &self.settings, user, site }
    }

    /// Waits until no call can begin any more that was leased before.
    pub(super) async fn wait_for_leases(&self) {
        let out_for = self.leases.out_for(self.platform.clock.now());
        if !out_for.is_zero() {
            self.platform.clock.sleep(out_for).await;
        }
    }

    /// Takes the intent of a call, durably, on its way to the audit log.
    ///
    /// # Errors
    /// Where the storage refuses: then the call is not to be sent.
    pub(super) async fn put_intent(&self, subject: &Subject, intent: &Event) -> Result<(), Fault> {
        self.outbox.put_intent(self.storage.as_ref(), subject, intent, self.platform.clock.now()).await
    }

    /// Counts calls that were let run and leave no intent, so that those of which nobody hears again are missed. Gives
    /// the admission that their outcomes are to name; none where that could not be noted, for reads fail open.
    pub(super) async fn count(&self, subject: &Subject, client: &ClientId, calls: u32) -> Option<String> {
        let now = self.platform.clock.now();
        let counted = self.outbox.count(self.storage.as_ref(), subject, client, calls, now).await;
        let log = |fault: &Fault| {
            log::write(Level::Error, "calls not counted", &[("detail", json!(fault.to_string()))]);
        };
        counted.inspect_err(log).ok()
    }

    /// Sees to it that what waits will be handed on.
    pub(super) async fn set_alarm(&self, subject: &Subject) -> Result<(), Fault> {
        let moment = self.platform.clock.now() + self.settings.audit_delay;
        self.outbox.wake_by(self.storage.as_ref(), subject, moment).await
    }

    /// Hands on what waits: ends to the record, and calls to the audit log. What cannot be handed on now is tried
    /// again later.
    pub async fn alarm(&self) {
        self.outbox.forget_alarm();
        if let Err(fault) = panic::contain(self.hand_on()).await.unwrap_or_else(Err) {
            log::write(Level::Error, "not handed on", &[("detail", json!(fault.to_string()))]);
            self.outbox.try_again(self.storage.as_ref(), self.platform.clock.now()).await;
        }
    }

    async fn hand_on(&self) -> Result<(), Fault> {
        let (storage, shards) = (self.storage.as_ref(), self.settings.audit_shards);
        let told = endings::tell(storage, &self.platform, shards).await;
        let of_person = person_endings::tell(storage, &self.platform, &self.settings, &self.grants).await;
        self.outbox.hand_on(storage, &self.platform, shards).await?;
        if let Some(next) = self.keys.expire(storage, self.platform.clock.now())? {
            self.outbox.wake_owner_by(storage, next).await?;
        }
        told.and(of_person)
    }
}

/// The grant that has a bucket of its own within its subject's. A service's are its access tokens, all of one client.
pub(super) const fn bucket_of<'a>(subject: &Subject, grant: &'a GrantId) -> Option<&'a GrantId> {
    match subject {
        Subject::Person(_) => Some(grant),
        Subject::Service(_) => None,
    }
}

/// Whose accounts they are. Nothing that needs one is admitted for a service.
pub(super) fn person(subject: &Subject) -> Result<&UserId, Fault> {
    subject.person().ok_or_else(|| Fault::new("session", "a service has no accounts"))
}

#[cfg(test)]
mod tests;
