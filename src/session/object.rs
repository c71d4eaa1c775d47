//! The Session object of one subject, over its storage and the ports. The Durable Object class is a shell of it.

mod leasing;

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    slice,
    time::Duration,
};

use serde_json::json;

use super::{
    allowance::Allowance,
    command::{Admission, Command, Credential, Reply, Settlement, Tool, Turn},
    credentials::Credentials,
    grants::{self, Grants},
    holds::Holds,
    lease::{self, Leases},
    outbox, responses,
    streams::{Stream, Streams},
};
use crate::{
    catalog::{self, operation::Provider, schema},
    connections::{
        elicitation,
        vault::{AccessToken, Lacking, Vault},
    },
    governance::{
        audit::{Call, Outcome, Phase, Record},
        decision::Verdict,
        policy::Policy,
        stopping,
    },
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

/// How long a policy is used before its version is asked for again: a change reaches every session within 5 s, of which
/// a lease may take one.
const POLICY_AGE: Duration = Duration::from_secs(3);

const _: () = assert!(
    POLICY_AGE.as_millis() + lease::TERM.as_millis() + lease::LEEWAY.as_millis()
        <= stopping::IN_FORCE_AFTER.as_millis()
);

/// How long a failed flush waits for its next try.
const FLUSH_RETRY: Duration = Duration::from_secs(10);

/// One subject's object.
pub struct Session {
    settings: Rc<Settings>,
    platform: Platform,
    storage: Rc<dyn ObjectStorage>,
    allowance: Allowance,
    holds: Holds,
    policy: RefCell<Option<(Rc<Policy>, Timestamp)>>,
    grants: Grants,
    credentials: Credentials,
    leases: Leases,
    streams: Streams,
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
            policy: RefCell::new(None),
            grants,
            credentials: Credentials::default(),
            leases,
            streams: Streams::default(),
            alarm_is_set: Cell::new(false),
        })
    }

    /// Takes one turn. A fault or a panic goes to the log; the caller is told of it.
    pub async fn turn(&self, turn: Turn) -> Reply {
        let Turn { subject, command } = turn;
        let (fault, reply) = match panic::contain(self.obey(&subject, command)).await {
            Ok(Ok(reply)) => return reply,
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

    async fn obey(&self, subject: &Subject, command: Command) -> Result<Reply, Fault> {
        match command {
            Command::Admit(admission) => self.admit(subject, admission).await,
            Command::Settle(settlements) => self.settle(subject, settlements).await,
            Command::Permitted { grant, tools } => self.permitted(subject, &grant, &tools).await,
            Command::Listen { grant, tools, stream, opens } => {
                self.listen(subject, &grant, &tools, stream, opens).await
            }
            Command::Hold { grant, elicitation } => self.hold(subject, &grant, &elicitation).await,
            Command::WakeHolds => {
                self.holds.wake();
                Ok(Reply::Done)
            }
            Command::Renew { provider, version } => self.renew(subject, provider, version).await,
            Command::DeclareBroken { provider, version } => self.declare_broken(subject, provider, version).await,
            Command::ForgetCredential { provider } => {
                self.credentials.forget(provider);
                self.holds.wake();
                self.outlast_leases().await
            }
            Command::IsLive { grant } => {
                let live = self.is_live(subject, &grant, self.platform.clock.now()).await;
                live.map(|live| if live { Reply::Done } else { Reply::GrantEnded })
            }
            Command::EndBefore { at } => {
                self.grants.end_before(self.storage.as_ref(), at)?;
                responses::delete_all(self.storage.as_ref())?;
                self.credentials.forget_all();
                self.holds.wake();
                self.outlast_leases().await
            }
            Command::EndEverything => {
                self.grants.end_all(self.storage.as_ref())?;
                self.outlast_leases().await
            }
            Command::PutResponse { id, response } => {
                let now = self.platform.clock.now();
                responses::put(self.storage.as_ref(), &id, &response, now).map(|()| Reply::Done)
            }
            Command::TakeResponse { id } => responses::take(self.storage.as_ref(), &id).map(Reply::Response),
            #[cfg(feature = "conformance")]
            Command::Fixture(defect) => {
                defect.happen(&*self.platform.clock).await;
                Ok(Reply::Done)
            }
            Command::EndGrant { grant } => {
                self.grants.end(self.storage.as_ref(), &grant)?;
                self.holds.wake();
                self.outlast_leases().await
            }
        }
    }

    async fn admit(&self, subject: &Subject, admission: Admission) -> Result<Reply, Fault> {
        let now = self.platform.clock.now();
        let bucket = bucket_of(subject, &admission.grant);
        self.allowance.put_back(self.storage.as_ref(), bucket, admission.unused.unwrap_or_default(), now)?;
        if let Some(refusal) = self.charge(subject, &admission.grant, now).await? {
            return Ok(refusal);
        }
        let policy = self.policy(now).await?;
        let (tool, digest) = (&admission.call.tool, &admission.definition_digest);
        if let Verdict::Denied(denial) = policy.decide(tool, digest, subject, admission.account) {
            let record = record(now, admission.call, Phase::Outcome, Outcome::Denied, Some(denial.reason().to_owned()));
            self.put(subject, slice::from_ref(&record)).await?;
            return Ok(Reply::Denied(denial));
        }
        let credential = match admission.account {
            None => None,
            Some(provider) => match self.credential(person(subject)?, provider, None).await {
                Ok(token) => Some(Credential::new(&token.token, token.version)),
                Err(lacking) => return Ok(lacking_reply(&lacking)),
            },
        };
        // What was waited for since they were looked at may have been long enough for the grant to end and the policy to
        // change.
        let policy = self.policy(self.platform.clock.now()).await?;
        if self.grants.has_ended(&admission.grant) {
            return Ok(Reply::GrantEnded);
        }
        if let Verdict::Denied(denial) = policy.decide(tool, digest, subject, admission.account) {
            return Ok(Reply::Denied(denial));
        }
        let lease = self.lease(&admission, bucket, credential.as_ref())?;
        if admission.writes {
            let record = record(now, admission.call, Phase::Intent, Outcome::Started, None);
            if let Err(fault) = self.put(subject, slice::from_ref(&record)).await {
                log::write(Level::Error, "intent not recorded", &[("detail", json!(fault.to_string()))]);
                return Ok(Reply::AuditUnavailable);
            }
        }
        Ok(Reply::Admitted { credential, lease })
    }

    async fn settle(&self, subject: &Subject, settlements: Vec<Settlement>) -> Result<Reply, Fault> {
        let records = settlements.into_iter().map(|settled| {
            let mut record = record(settled.at, settled.call, Phase::Outcome, settled.outcome, settled.reason);
            record.duration_milliseconds = Some(settled.duration_milliseconds);
            record.upstream_status = settled.upstream_status.map(i64::from);
            record
        });
        self.put(subject, &records.collect::<Vec<_>>()).await?;
        Ok(Reply::Done)
    }

    async fn permitted(&self, subject: &Subject, grant: &GrantId, tools: &[Tool]) -> Result<Reply, Fault> {
        let now = self.platform.clock.now();
        match self.charge(subject, grant, now).await? {
            Some(refusal) => Ok(refusal),
            None => self.verdicts(subject, tools, now).await,
        }
    }

    async fn verdicts(&self, subject: &Subject, tools: &[Tool], now: Timestamp) -> Result<Reply, Fault> {
        let policy = self.policy(now).await?;
        let verdict = |tool: &Tool| policy.decide(&tool.name, &tool.definition_digest, subject, tool.account);
        Ok(Reply::Permitted(tools.iter().map(verdict).collect()))
    }

    async fn listen(
        &self,
        subject: &Subject,
        grant: &GrantId,
        tools: &[Tool],
        stream: Stream,
        opens: bool,
    ) -> Result<Reply, Fault> {
        let now = self.platform.clock.now();
        if opens {
            if let Some(refusal) = self.charge(subject, grant, now).await? {
                return Ok(refusal);
            }
        } else if !self.is_live(subject, grant, now).await? {
            return Ok(Reply::GrantEnded);
        }
        let current = catalog::ALL.iter().map(|operation| (operation.name, schema::digest(operation)));
        let is_current = tools.iter().map(|tool| (tool.name.as_str(), tool.definition_digest.clone())).eq(current);
        if !is_current || !self.streams.hear(stream, now) {
            return Ok(Reply::ListenAnew);
        }
        self.verdicts(subject, tools, now).await
    }

    /// Holds a request until something has become of a link, unless that is so already.
    async fn hold(&self, subject: &Subject, grant: &GrantId, link: &str) -> Result<Reply, Fault> {
        let clock = self.platform.clock.as_ref();
        if let Some(refusal) = self.charge(subject, grant, clock.now()).await? {
            return Ok(refusal);
        }
        // Before the record is read, so that nothing is missed which happens in between.
        let Some(place) = self.holds.enter() else { return Ok(Reply::Done) };
        if elicitation::is_pending(self.platform.database.as_ref(), self.settings.authenticator(), link, clock.now())
            .await?
        {
            place.wait(clock).await;
        }
        Ok(Reply::Done)
    }

    /// Charges a request to a live grant: an ended one costs nobody anything. What to reply where it may not go on.
    async fn charge(&self, subject: &Subject, grant: &GrantId, now: Timestamp) -> Result<Option<Reply>, Fault> {
        if !self.is_live(subject, grant, now).await? {
            return Ok(Some(Reply::GrantEnded));
        }
        let taken = self.allowance.take(self.storage.as_ref(), bucket_of(subject, grant), now)?;
        Ok(taken.err().map(|wait| Reply::RateLimited {
            retry_after_milliseconds: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        }))
    }

    async fn renew(&self, subject: &Subject, provider: Provider, version: i64) -> Result<Reply, Fault> {
        Ok(match self.credential(person(subject)?, provider, Some(version)).await {
            Ok(token) => Reply::Renewed(Credential::new(&token.token, token.version)),
            Err(lacking) => lacking_reply(&lacking),
        })
    }

    async fn declare_broken(&self, subject: &Subject, provider: Provider, version: i64) -> Result<Reply, Fault> {
        self.vault(person(subject)?, provider).declare_broken(version).await;
        self.credentials.forget(provider);
        Ok(Reply::Done)
    }

    async fn is_live(&self, subject: &Subject, grant: &GrantId, now: Timestamp) -> Result<bool, Fault> {
        let (database, authenticator) = (self.platform.database.as_ref(), self.settings.authenticator());
        let record = grants::Record { database, authenticator };
        self.grants.is_live(self.storage.as_ref(), record, subject, grant, now).await
    }

    async fn policy(&self, now: Timestamp) -> Result<Rc<Policy>, Fault> {
        let known = self.policy.borrow().clone();
        let database = self.platform.database.as_ref();
        let policy = match known {
            Some((policy, read_at)) if now.since(read_at) < POLICY_AGE => return Ok(policy),
            Some((policy, _)) if Policy::current_version(database).await? == policy.version => policy,
            _ => Rc::new(Policy::load(database, self.settings.authenticator()).await?),
        };
        *self.policy.borrow_mut() = Some((Rc::clone(&policy), now));
        Ok(policy)
    }

    async fn credential(
        &self,
        user: &UserId,
        provider: Provider,
        refused: Option<i64>,
    ) -> Result<AccessToken, Lacking> {
        self.credentials.get(&self.platform, &self.settings, user, provider, refused).await
    }

    fn vault<'a>(&'a self, user: &'a UserId, provider: Provider) -> Vault<'a> {
        Vault { platform: &self.platform, settings: &self.settings, user, provider }
    }

    /// Takes records into the outbox and sees to it that they will be flushed.
    async fn put(&self, subject: &Subject, records: &[Record]) -> Result<(), Fault> {
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
const fn bucket_of<'a>(subject: &Subject, grant: &'a GrantId) -> Option<&'a GrantId> {
    match subject {
        Subject::Person(_) => Some(grant),
        Subject::Service(_) => None,
    }
}

/// Whose accounts they are. Nothing that needs one is admitted for a service.
fn person(subject: &Subject) -> Result<&UserId, Fault> {
    subject.person().ok_or_else(|| Fault::new("session", "a service has no accounts"))
}

fn lacking_reply(lacking: &Lacking) -> Reply {
    match lacking {
        Lacking::NotConnected => Reply::NotConnected { was_connected: false },
        Lacking::Broken => Reply::NotConnected { was_connected: true },
        Lacking::Unavailable => Reply::ProviderUnavailable,
    }
}

const fn record(at: Timestamp, call: Call, phase: Phase, outcome: Outcome, reason: Option<String>) -> Record {
    Record { at, call, phase, outcome, reason, duration_milliseconds: None, upstream_status: None }
}

#[cfg(test)]
mod tests;
