//! The Session object of one subject, over its storage and the ports. The Durable Object class is a shell of it.

use std::{cell::Cell, rc::Rc, time::Duration};

use serde_json::json;

use super::{
    allowance::Allowance,
    credentials::{Credentials, ReadBeside},
    grants::{self, Checked, Grants},
    holds::Holds,
    lease::Leases,
    outbox,
    refusal::Refusal,
    storage,
    streams::Streams,
};
use crate::{
    connections::vault::{AccessToken, CredentialError, Vault},
    governance::audit::Record,
    identifiers::{GrantId, Subject, UserId},
    platform::{
        Fault, Platform,
        clock::Timestamp,
        database::{Statement, sql},
        log::{self, Level},
        object::ObjectStorage,
        panic,
    },
    providers::Provider,
    settings::Settings,
};

/// How long a failed flush waits for its next try.
const FLUSH_RETRY: Duration = Duration::from_secs(10);

/// One subject's object.
pub struct Session {
    pub(super) settings: Rc<Settings>,
    pub(super) platform: Platform,
    pub(super) storage: Rc<dyn ObjectStorage>,
    pub(super) allowance: Allowance,
    pub(super) holds: Holds,
    pub(super) grants: Grants,
    pub(super) credentials: Credentials,
    pub(super) leases: Leases,
    pub(super) streams: Streams,
    /// The tables of the outbox are there: they are made with the first record that a woken object takes.
    has_outbox: Cell<bool>,
    /// An alarm is pending, so that not every record asks for one.
    alarm_is_set: Cell<bool>,
}

impl Session {
    /// Wakes the object up over its storage.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn new(settings: Rc<Settings>, platform: Platform, storage: Rc<dyn ObjectStorage>) -> Result<Self, Fault> {
        let remembered = storage::wake(storage.as_ref())?;
        let now = platform.clock.now();
        let allowance = Allowance::woken(storage.as_ref(), &remembered, settings.calls_per_minute, now)?;
        Ok(Self {
            settings,
            platform,
            allowance,
            holds: Holds::default(),
            grants: Grants::woken(&remembered),
            credentials: Credentials::woken(Rc::clone(&storage), remembered),
            storage,
            leases: Leases::woken(now),
            streams: Streams::default(),
            has_outbox: Cell::new(false),
            alarm_is_set: Cell::new(false),
        })
    }

    /// Makes good what a panic may have come in the way of.
    pub(super) fn recover(&self) {
        // It may have come before the alarm was asked for: the next record is to ask again.
        self.alarm_is_set.set(false);
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
        provider: &'static Provider,
        now: Timestamp,
    ) -> Result<Result<Option<ReadBeside>, Refusal>, Fault> {
        let query = self.credentials.query(&self.vault(person(subject)?, provider));
        let (query, epoch) = query.unzip();
        let Checked { is_live, beside } =
            self.grants.check(self.storage.as_ref(), self.record(), subject, grant, now, query).await?;
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
        grants::Record { database, authenticator }
    }

    pub(super) async fn is_live(&self, subject: &Subject, grant: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        let checked = self.grants.check(self.storage.as_ref(), self.record(), subject, grant, now, None).await?;
        Ok(checked.is_live)
    }

    pub(super) async fn credential(
        &self,
        user: &UserId,
        provider: &'static Provider,
        refused: Option<i64>,
        read: Option<ReadBeside>,
    ) -> Result<AccessToken, CredentialError> {
        self.credentials.get(&self.vault(user, provider), &self.settings, refused, read).await
    }

    pub(super) fn vault<'a>(&'a self, user: &'a UserId, provider: &'static Provider) -> Vault<'a> {
        Vault { platform: &self.platform, settings: &self.settings, user, provider }
    }

    /// Waits until no call can begin any more that was leased before.
    pub(super) async fn wait_for_leases(&self) {
        let out_for = self.leases.out_for(self.platform.clock.now());
        if !out_for.is_zero() {
            self.platform.clock.sleep(out_for).await;
        }
    }

    /// Takes records into the outbox and sees to it that they will be flushed.
    pub(super) async fn put(&self, subject: &Subject, records: &[Record]) -> Result<(), Fault> {
        self.create_outbox()?;
        outbox::put(self.storage.as_ref(), records)?;
        if self.alarm_is_set.get() {
            return Ok(());
        }
        self.storage.run(sql("INSERT OR IGNORE INTO owner (user_id) VALUES (?1)").bind(subject))?;
        self.alarm_is_set.set(true);
        let woken = self.storage.wake_at(self.platform.clock.now() + self.settings.audit_delay).await;
        woken.inspect_err(|_| self.alarm_is_set.set(false))
    }

    fn create_outbox(&self) -> Result<(), Fault> {
        if !self.has_outbox.get() {
            outbox::create(self.storage.as_ref())?;
            self.storage.run(sql("CREATE TABLE IF NOT EXISTS owner (user_id TEXT PRIMARY KEY)"))?;
            self.has_outbox.set(true);
        }
        Ok(())
    }

    /// Flushes the outbox. What cannot be flushed now is tried again later.
    pub async fn alarm(&self) {
        self.alarm_is_set.set(false);
        let again = match panic::contain(self.flush()).await.unwrap_or_else(Err) {
            Ok(false) => return,
            Ok(true) => Duration::ZERO,
            Err(fault) => {
                log::write(Level::Error, "audit not flushed", &[("detail", json!(fault.to_string()))]);
                FLUSH_RETRY
            }
        };
        self.alarm_is_set.set(true);
        if let Err(fault) = self.storage.wake_at(self.platform.clock.now() + again).await {
            self.alarm_is_set.set(false);
            log::write(Level::Error, "alarm not set", &[("detail", json!(fault.to_string()))]);
        }
    }

    async fn flush(&self) -> Result<bool, Fault> {
        #[derive(serde::Deserialize)]
        struct Owner {
            user_id: Subject,
        }
        self.create_outbox()?;
        let owner = self.storage.run(sql("SELECT user_id FROM owner"))?.first::<Owner>()?;
        let Some(Owner { user_id }) = owner else { return Ok(false) };
        let again = outbox::flush(self.storage.as_ref(), self.platform.database.as_ref(), &user_id).await?;
        let uses = self.grants.take_last_uses();
        let update = "UPDATE grants SET used_at = MAX(used_at, ?2) WHERE id = ?1";
        let statements: Vec<Statement> = uses.iter().map(|(grant, at)| sql(update).bind(grant).bind(*at)).collect();
        if !statements.is_empty() {
            let written = self.platform.database.batch(statements).await;
            written.inspect_err(|_| self.grants.put_back_last_uses(uses))?;
        }
        Ok(again)
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
