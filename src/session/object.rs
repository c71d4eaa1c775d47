//! The Session object of one subject, over its storage and the ports. The Durable Object class is a shell of it.

use std::{cell::Cell, rc::Rc, time::Duration};

use serde_json::json;

use super::{
    allowance::Allowance,
    commands::{Command, Refusal, Reply, Turn},
    credentials::Credentials,
    grants::{self, Grants},
    holds::Holds,
    lease::Leases,
    outbox, responses,
    streams::Streams,
};
use crate::{
    catalog::operation::Provider,
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
    /// An alarm is pending, so that not every record asks for one.
    alarm_is_set: Cell<bool>,
}

impl Session {
    /// Wakes the object up over its storage.
    ///
    /// # Errors
    /// Where the storage refuses.
    pub fn new(settings: Rc<Settings>, platform: Platform, storage: Rc<dyn ObjectStorage>) -> Result<Self, Fault> {
        outbox::create(storage.as_ref())?;
        let grants = Grants::woken(storage.as_ref())?;
        responses::create(storage.as_ref())?;
        storage.run(sql("CREATE TABLE IF NOT EXISTS owner (user_id TEXT PRIMARY KEY)"))?;
        let now = platform.clock.now();
        let allowance = Allowance::woken(storage.as_ref(), settings.calls_per_minute, now)?;
        let leases = Leases::woken(now);
        Ok(Self {
            settings,
            platform,
            storage,
            allowance,
            holds: Holds::default(),
            grants,
            credentials: Credentials::default(),
            leases,
            streams: Streams::default(),
            alarm_is_set: Cell::new(false),
        })
    }

    /// Takes one turn: a [`Turn`] as JSON in, a [`Reply`] as JSON out.
    pub async fn turn(&self, turn: &str) -> String {
        match serde_json::from_str(turn) {
            Ok(Turn { subject, command }) => command.dispatch(self, &subject).await,
            Err(error) => {
                log::write(Level::Error, "turn not read", &[("detail", json!(error.to_string()))]);
                Reply::<()>::Failed.encode()
            }
        }
    }

    /// Does what a command says. A fault or a panic goes to the log; the caller is told of it.
    pub async fn take<C: Command>(&self, subject: &Subject, command: C) -> Reply<C::Reply> {
        let (fault, reply) = match panic::contain(command.handle(self, subject)).await {
            Ok(Ok(reply)) => return Reply::Done(reply),
            Ok(Err(fault)) => (fault, Reply::Failed),
            Err(fault) => {
                // It may have come before the alarm was asked for: the next record is to ask again.
                self.alarm_is_set.set(false);
                (fault, Reply::Panicked)
            }
        };
        let fields = [("subject", json!(subject.to_string())), ("detail", json!(fault.to_string()))];
        log::write(Level::Error, "turn failed", &fields);
        reply
    }

    /// Charges a request to a live grant: an ended one costs nobody anything.
    pub(super) async fn charge(
        &self,
        subject: &Subject,
        grant: &GrantId,
        now: Timestamp,
    ) -> Result<Result<(), Refusal>, Fault> {
        if !self.is_live(subject, grant, now).await? {
            return Ok(Err(Refusal::GrantEnded));
        }
        let taken = self.allowance.take(self.storage.as_ref(), bucket_of(subject, grant), now)?;
        Ok(taken.map_err(|wait| Refusal::RateLimited {
            retry_after_milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    pub(super) async fn is_live(&self, subject: &Subject, grant: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        let (database, authenticator) = (self.platform.database.as_ref(), self.settings.authenticator());
        let record = grants::Record { database, authenticator };
        self.grants.is_live(self.storage.as_ref(), record, subject, grant, now).await
    }

    pub(super) async fn credential(
        &self,
        user: &UserId,
        provider: Provider,
        refused: Option<i64>,
    ) -> Result<AccessToken, CredentialError> {
        self.credentials.get(&self.platform, &self.settings, user, provider, refused).await
    }

    pub(super) fn vault<'a>(&'a self, user: &'a UserId, provider: Provider) -> Vault<'a> {
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
        outbox::put(self.storage.as_ref(), records)?;
        if self.alarm_is_set.get() {
            return Ok(());
        }
        self.storage.run(sql("INSERT OR IGNORE INTO owner (user_id) VALUES (?1)").bind(subject))?;
        self.alarm_is_set.set(true);
        let woken = self.storage.wake_at(self.platform.clock.now() + self.settings.audit_delay).await;
        woken.inspect_err(|_| self.alarm_is_set.set(false))
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
