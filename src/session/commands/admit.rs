//! Admission of a call: is its grant live, is its rate paid (rate limit), and with which credential is it sent? Whether
//! its tool may run is not asked here: the Worker decides that on the facts of the call.

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Command, Credential, Refusal};
use crate::{
    audit::Event,
    connections::vault::CredentialError,
    governance::taint::{Place, TaintLevel, Tainted},
    identifiers::{ClientId, GrantId, Subject},
    platform::{
        Fault,
        log::{self, Level},
    },
    providers::{AccountKind, Accounts, Choice, OwnAccount, Site},
    session::{
        idempotency::{KeyedCall, Repeat},
        lease::{Lease, LeaseRequest, REQUESTED_CALLS},
        object::{Session, bucket_of, person},
    },
};

/// A call that wants to run.
#[derive(Serialize, Deserialize)]
pub struct Admit {
    pub grant: GrantId,
    pub client: ClientId,
    /// It changes something.
    pub writes: bool,
    /// What must be on record before it is sent: of a call that changes something, or of every call where the operator wants
    /// that. It says that the call works in the organisation's account, unless it turns out here to work in the person's own.
    pub intent: Option<Box<Event>>,
    /// The site at which it works in the person's own account, where they have one.
    pub account: Option<Site>,
    /// Whose accounts calls at that site work in.
    #[serde(default)]
    pub accounts: AccountKind,
    /// Whether it may change things there in the organisation's name.
    #[serde(default)]
    pub organisation_writes: bool,
    pub lease: Option<LeaseRequest>,
    /// The call under its idempotency key, where it changes something and has one.
    #[serde(default)]
    pub keyed: Option<KeyedCall>,
    /// Set where the policy may depend on what the grant read before.
    #[serde(default)]
    pub taint: Option<TaintCheck>,
}

/// Where a call goes, and how far its grant may be tainted for what was decided on it.
#[derive(Serialize, Deserialize)]
pub struct TaintCheck {
    pub place: Option<Place>,
    pub tolerated: TaintLevel,
}

/// The call may run, and with a lease others after it.
#[derive(Serialize, Deserialize)]
pub struct Admitted {
    /// `None` where it works in no account of the person's own.
    pub credential: Option<Credential>,
    pub lease: Option<Lease>,
    /// Under which this call, and those of the lease, are missed unless their outcomes say so; none where the intent is on
    /// record.
    pub admission: Option<String>,
    /// How the grant is tainted, where that was asked for.
    #[serde(default)]
    pub tainted: Tainted,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotAdmitted {
    Refused(Refusal),
    /// An administrator has locked the person or the client; the policy says why.
    Locked,
    /// There is no credential for it.
    NoCredential(CredentialError),
    /// Its intent could not be put on record.
    AuditUnavailable,
    /// A call was made under its idempotency key before.
    Repeats(Repeat),
    /// The grant is tainted more than what was decided on it holds for.
    Tainted(Tainted),
}

impl Command for Admit {
    type Reply = Result<Admitted, NotAdmitted>;

    async fn handle(mut self, session: &Session, subject: &Subject) -> Result<Self::Reply, Fault> {
        let now = session.platform.clock.now();
        let bucket = bucket_of(subject, &self.grant);
        let unused = self.lease.map_or(0, |request| request.unused);
        session.allowance.put_back(session.storage.as_ref(), bucket, unused, now)?;
        let charged = match self.account {
            None => session.charge(subject, &self.grant, now).await?.map(|()| None),
            Some(site) => session.charge_with_account(subject, &self.grant, site, now).await?,
        };
        let read = match charged {
            Ok(read) => read,
            Err(refusal) => return Ok(Err(NotAdmitted::Refused(refusal))),
        };
        if session.locks.stop(&self.client, now) {
            return Ok(Err(NotAdmitted::Locked));
        }
        let credential = match self.account {
            None => None,
            Some(site) => {
                let token = session.credential(person(subject)?, site, None, read).await;
                let token = token.and_then(|token| Credential::at(site, &token));
                let own = match &token {
                    Ok(_) => OwnAccount::Connected,
                    Err(CredentialError::NotConnected) => OwnAccount::NotConnected,
                    Err(CredentialError::Broken | CredentialError::Unavailable) => OwnAccount::Unusable,
                };
                let accounts = Accounts { kind: self.accounts, organisation_writes: self.organisation_writes };
                match (accounts.choose(self.writes, own), token) {
                    (Choice::Organisation, _) => None,
                    (Choice::Own | Choice::Connect, Ok(credential)) => Some(credential),
                    (Choice::Own | Choice::Connect, Err(error)) => return Ok(Err(NotAdmitted::NoCredential(error))),
                }
            }
        };
        // The credential may have taken long enough for the grant to end meanwhile, or to be locked.
        if session.grants.has_ended(&self.grant) {
            return Ok(Err(NotAdmitted::Refused(Refusal::GrantEnded)));
        }
        if session.locks.stop(&self.client, session.platform.clock.now()) {
            return Ok(Err(NotAdmitted::Locked));
        }
        let tainted = match &self.taint {
            None => Tainted::default(),
            Some(TaintCheck { place, tolerated }) => {
                let tainted = session.taints.of(bucket, place.as_ref(), session.platform.clock.now());
                if tainted.level > *tolerated {
                    return Ok(Err(NotAdmitted::Tainted(tainted)));
                }
                tainted
            }
        };
        if let Some(keyed) = &self.keyed
            && let Some(repeat) = session.keys.begin(session.storage.as_ref(), keyed, session.platform.clock.now())?
        {
            return Ok(Err(NotAdmitted::Repeats(repeat)));
        }
        if let (Some(intent), Some(site)) = (self.intent.as_mut(), self.account.filter(|_| credential.is_some())) {
            **intent = intent.as_ref().clone().in_account(true, site);
        }
        let lease = self.lease(session, bucket, credential.as_ref())?;
        let admission = match &self.intent {
            Some(intent) => {
                if let Err(fault) = session.put_intent(subject, intent).await {
                    log::write(Level::Error, "intent not recorded", &[("detail", json!(fault.to_string()))]);
                    if let Some(keyed) = &self.keyed {
                        session.keys.end(session.storage.as_ref(), keyed, None)?;
                    }
                    return Ok(Err(NotAdmitted::AuditUnavailable));
                }
                None
            }
            None => session.count(subject, &self.client, 1 + lease.map_or(0, |lease| lease.calls)).await,
        };
        Ok(Ok(Admitted { credential, lease, admission, tainted }))
    }
}

impl Admit {
    /// Lets the Worker admit the next calls by itself, if it asks for that. A credential that is no longer the present
    /// one is not for them; nor is the organisation's, since the person may be connecting their own account just now.
    fn lease(
        &self,
        session: &Session,
        bucket: Option<&GrantId>,
        credential: Option<&Credential>,
    ) -> Result<Option<Lease>, Fault> {
        let is_present = self
            .account
            .is_none_or(|site| credential.is_some_and(|given| session.credentials.remembers(site, given.version)));
        let Some(request) = self.lease.filter(|_| self.intent.is_none() && is_present) else { return Ok(None) };
        let now = session.platform.clock.now();
        let most = request.calls.min(*REQUESTED_CALLS.end());
        let calls = session.allowance.lend(session.storage.as_ref(), bucket, most, now)?;
        Ok(session.leases.give(calls, now))
    }
}
