mod charges;
mod credentials;
mod grants;
mod holds;
mod idempotency;
mod leases;
mod locks;
mod lost_storage;
mod panics;
mod records;
mod round_trips;
mod streams;
mod taints;

use std::{cell::Cell, rc::Rc, time::Duration};

use futures::future::join_all;
use futures_executor::block_on;

use super::*;
use crate::session::lease::LeaseRequest;
use crate::{
    audit::{
        Phase,
        delivery::Delivery,
        event::{Call, Event},
        testing::PlayedLog,
    },
    connections::{
        oauth::{Account, Tokens},
        vault,
    },
    crypto::{seal::Purpose, secret::Secret},
    identifiers::{ClientId, RequestId},
    platform::{
        database::{Statement, sql},
        native::{
            self,
            database::Sqlite,
            memory::{ScriptedHttp, TestClock, json_answer},
        },
    },
    providers::{AccountKind, BITBUCKET, Site},
    session::{authentic::Granted, commands::*},
    settings,
};

const GRANT: &str =
    "INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
        created_at, used_at, expires_at, mac)
    VALUES (?1, ?2, 'client', 'u', 'read', 'r', 0, 0, ?3, 0, ?5, ?4)
    ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at, mac = excluded.mac";

/// A grant of `user` as it is put on record.
fn grant(id: &str, created_at: Timestamp) -> Statement {
    grant_until(id, created_at, Timestamp(9_000_000_000_000))
}

/// The same, or that grant with another end.
fn grant_until(id: &str, created_at: Timestamp, expires_at: Timestamp) -> Statement {
    let (id, user) = (GrantId::new(id), UserId::new("user"));
    let granted = Granted {
        id: &id,
        user: &user,
        client: &ClientId::new("client"),
        redirect_uri: "u",
        scope: "read",
        resource: "r",
        created_at,
        client_digest: None,
        expires_at,
    };
    let mac = granted.mac(settings::for_tests().authenticator());
    sql(GRANT).bind(&id).bind(&user).bind(created_at).bind(mac).bind(expires_at)
}

fn person(id: &str) -> Subject {
    Subject::Person(UserId::new(id))
}

struct Scene {
    log: PlayedLog,
    session: Session,
    platform: Platform,
    storage: Rc<Sqlite>,
    clock: TestClock,
    subject: Subject,
    http: ScriptedHttp,
}

impl Scene {
    /// A user with two live grants.
    fn new() -> Self {
        Self::with(ScriptedHttp::new(|_| {
            json_answer(
                200,
                &json!({ "access_token": "renewed", "refresh_token": "next", "expires_in": 7200, "token_type": "bearer" }),
            )
        }))
    }

    /// The same where the token endpoint answers so.
    fn with(http: ScriptedHttp) -> Self {
        let (clock, log) = (TestClock::default(), PlayedLog::default());
        let platform = Platform {
            clock: Rc::new(clock.clone()),
            audit_logs: Rc::new(log.clone()),
            ..native::platform(http.clone())
        };
        let rows = vec![
            sql(
                "INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES ('user', 'issuer', 'subject', 'alice', 'Alice', NULL, '[]', 0, 0, NULL)",
            ),
            grant("grant", Timestamp(0)),
            grant("other", Timestamp(2)),
        ];
        block_on(platform.database.batch(rows)).unwrap();
        let storage = Rc::new(Sqlite::empty());
        let session = Session::new(Rc::new(settings::for_tests()), platform.clone(), storage.clone()).unwrap();
        Self { log, session, platform, storage, clock, subject: person("user"), http }
    }

    /// The object after it was put to sleep and woken up again.
    fn woken(self) -> Self {
        let session =
            Session::new(Rc::new(settings::for_tests()), self.platform.clone(), self.storage.clone()).unwrap();
        Self { session, ..self }
    }

    /// What a turn comes to, however it ends.
    fn take<C: Command>(&self, command: C) -> Reply<C::Reply> {
        block_on(take(&self.session, &self.subject, command))
    }

    /// The reply of a turn that ends well.
    fn turn<C: Command>(&self, command: C) -> C::Reply {
        done(self.take(command))
    }

    fn connect(&self, lifetime: Duration) {
        let tokens = Tokens {
            access_token: Secret::new("stored"),
            refresh_token: Some(Secret::new("refresh")),
            lifetime,
            scopes: None,
        };
        let account = Account { id: "{1}".into(), name: "alice".into(), sites: None };
        let settings = settings::for_tests();
        let sealer = settings.sealer(Purpose::Tokens);
        let now = self.platform.clock.now();
        let statement = vault::connect(
            sealer,
            self.subject.person().unwrap(),
            Site::main(&BITBUCKET),
            &account,
            &tokens,
            Timestamp(-1),
            now,
        );
        block_on(self.platform.database.run(statement.unwrap())).unwrap();
    }

    fn execute(&self, statement: &'static str) {
        self.write(sql(statement));
    }

    fn write(&self, statement: Statement) {
        block_on(self.platform.database.run(statement)).unwrap();
    }

    /// What the object has handed on, after an alarm.
    fn handed_on(&self) -> Delivery {
        block_on(self.session.alarm());
        self.log.whole()
    }
}

/// One turn, as it crosses to the object and back.
async fn take<C: Command>(session: &Session, subject: &Subject, command: C) -> Reply<C::Reply> {
    let whole = serde_json::to_string(&Turn { subject: subject.clone(), command: command.into() }).unwrap();
    serde_json::from_str(&turn(session, &whole).await).unwrap()
}

fn done<R>(reply: Reply<R>) -> R {
    match reply {
        Reply::Done(reply) => reply,
        Reply::Failed => panic!("the turn failed"),
        Reply::Panicked => panic!("the turn panicked"),
    }
}

fn intent() -> Event {
    let call = Call {
        request_id: RequestId::new("request"),
        client_id: ClientId::new("client"),
        tool: "tool".into(),
        target: String::new(),
        arguments_digest: "digest".into(),
    };
    Event::call(&person("user"), call, Phase::Intent, "1".into(), Timestamp(7))
}

/// A call that reads, needs no account and requests a lease.
fn read() -> Admit {
    read_under("grant")
}

fn read_under(grant: &str) -> Admit {
    Admit {
        grant: GrantId::new(grant),
        client: ClientId::new("client"),
        writes: false,
        intent: None,
        account: None,
        accounts: AccountKind::Personal,
        organisation_writes: false,
        lease: Some(LeaseRequest { calls: 32, unused: 0 }),
        keyed: None,
        taint: None,
    }
}

fn write() -> Admit {
    Admit { writes: true, intent: Some(Box::new(intent())), lease: None, ..read() }
}

fn needing() -> Admit {
    Admit { account: Some(Site::main(&BITBUCKET)), ..read() }
}

fn charge() -> Charge {
    Charge { grant: GrantId::new("grant") }
}

fn prepare() -> Prepare {
    Prepare { grant: GrantId::new("grant") }
}

fn end_grant() -> EndGrant {
    EndGrant { grant: GrantId::new("grant"), ending: None }
}

type Admission = <Admit as Command>::Reply;

fn token(admission: &Admission) -> Option<String> {
    let credential = admission.as_ref().ok()?.credential.as_ref()?;
    Some(credential.access_token().expose().to_owned())
}

fn leased(admission: &Admission) -> Option<u32> {
    admission.as_ref().ok()?.lease.map(|lease| lease.calls)
}

/// Why a call was not admitted.
fn refusal(admission: &Admission) -> Option<Refusal> {
    match admission {
        Err(NotAdmitted::Refused(refusal)) => Some(*refusal),
        _ => None,
    }
}

fn grant_ended(admission: &Admission) -> bool {
    refusal(admission) == Some(Refusal::GrantEnded)
}

fn rate_limited(admission: &Admission) -> bool {
    matches!(refusal(admission), Some(Refusal::RateLimited { .. }))
}

#[test]
fn a_call_under_a_live_grant_is_admitted() {
    assert!(matches!(Scene::new().turn(read()), Ok(Admitted { credential: None, .. })));
}

#[test]
fn too_many_calls_are_refused_with_the_time_to_wait() {
    let scene = Scene::new();
    let mut unused = 0; // a Worker that makes no use of its leases
    let mut call = || {
        let admission = scene.turn(Admit { lease: Some(LeaseRequest { calls: 32, unused }), ..read() });
        unused = leased(&admission).unwrap_or_default();
        admission
    };
    let admissions: Vec<Admission> = (0..241).map(|_| call()).collect();
    assert_eq!(admissions.iter().filter(|admission| admission.is_ok()).count(), 240);
    assert_eq!(refusal(&admissions[240]), Some(Refusal::RateLimited { retry_after_milliseconds: 250 }));
}

#[test]
fn a_turn_that_cannot_be_read_fails() {
    let reply = block_on(turn(&Scene::new().session, "{}"));
    assert_eq!(serde_json::from_str::<Reply<()>>(&reply).unwrap(), Reply::Failed);
}
