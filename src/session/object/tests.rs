mod charges;
mod credentials;
mod grants;
mod holds;
mod leases;
mod panics;
mod records;
mod streams;

use std::rc::Rc;

use futures_executor::block_on;
use futures_util::future::join_all;

use super::*;
use crate::{
    governance::{audit, decision::Denial, tools::TOOLS},
    identifiers::{ClientId, RequestId},
    platform::native::{
        self,
        database::Sqlite,
        memory::{ScriptedHttp, TestClock, json_answer},
    },
    session::authentic::Granted,
    settings,
};

const GRANT: &str =
    "INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
        created_at, used_at, expires_at, mac)
    VALUES (?1, ?2, 'client', 'u', 'read', 'r', 0, 0, ?3, 0, 9000000000000, ?4)";

/// A grant of `user` as it is put on record.
fn grant(id: &str, created_at: Timestamp) -> Statement {
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
    };
    let mac = granted.mac(settings::for_tests().authenticator());
    sql(GRANT).bind(&id).bind(&user).bind(created_at).bind(mac)
}

fn person(id: &str) -> Subject {
    Subject::Person(UserId::new(id))
}

struct Scene {
    session: Session,
    platform: Platform,
    storage: Rc<Sqlite>,
    clock: TestClock,
    subject: Subject,
    http: ScriptedHttp,
}

impl Scene {
    /// A user with one live grant and one approved tool, called `approved`.
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
        let clock = TestClock::default();
        let platform = Platform { clock: Rc::new(clock.clone()), ..native::platform(http.clone()) };
        let rows = vec![
            sql(
                "INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES ('user', 'issuer', 'subject', 'alice', 'Alice', NULL, '[]', 0, 0, NULL)",
            ),
            grant("grant", Timestamp(0)),
            grant("other", Timestamp(2)),
            sql(
                "INSERT INTO tools (name, state, definition_digest, decided_by, decided_at, mac)
                    VALUES ('approved', 'approved', 'digest', NULL, 0, ?1), ('disabled', 'disabled', 'digest', NULL, 0, NULL)",
            )
            .bind(settings::for_tests().authenticator().row(&TOOLS, &[json!("approved"), json!("approved"), json!("digest")])),
        ];
        block_on(platform.database.batch(rows)).unwrap();
        let storage = Rc::new(Sqlite::empty());
        let session = Session::new(Rc::new(settings::for_tests()), platform.clone(), storage.clone()).unwrap();
        Self { session, platform, storage, clock, subject: person("user"), http }
    }

    /// The object after it was put to sleep and woken up again.
    fn woken(self) -> Self {
        let session =
            Session::new(Rc::new(settings::for_tests()), self.platform.clone(), self.storage.clone()).unwrap();
        Self { session, ..self }
    }

    fn turn(&self, command: Command) -> Reply {
        block_on(self.session.turn(Turn { subject: self.subject.clone(), command }))
    }

    fn admit(&self, admission: Admission) -> Reply {
        self.turn(Command::Admit(admission))
    }

    fn connect(&self, lifetime: Duration) {
        let tokens = crate::connections::bitbucket::Tokens {
            access_token: crate::crypto::secret::Secret::new("stored"),
            refresh_token: Some(crate::crypto::secret::Secret::new("refresh")),
            lifetime,
            scopes: None,
        };
        let account = crate::connections::bitbucket::Account { id: "{1}".into(), name: "alice".into() };
        let settings = settings::for_tests();
        let sealer = settings.sealer(crate::crypto::seal::Purpose::Tokens);
        let now = self.platform.clock.now();
        let statement = crate::connections::vault::connect(
            sealer,
            self.subject.person().unwrap(),
            Provider::Bitbucket,
            &account,
            &tokens,
            Timestamp(-1),
            now,
        );
        block_on(self.platform.database.run(statement.unwrap())).unwrap();
    }

    fn execute(&self, statement: &'static str) {
        block_on(self.platform.database.run(sql(statement))).unwrap();
    }

    fn recorded(&self) -> Vec<(Phase, Outcome)> {
        block_on(self.session.alarm());
        let entries = block_on(audit::search(self.platform.database.as_ref(), &audit::Filter::default())).unwrap();
        entries.iter().rev().map(|entry| (entry.phase, entry.outcome)).collect()
    }
}

fn call(tool: &str) -> Call {
    Call {
        request_id: RequestId::new("request"),
        client_id: ClientId::new("client"),
        tool: tool.into(),
        target: String::new(),
        arguments_digest: "digest".into(),
    }
}

fn admission(tool: &str) -> Admission {
    Admission {
        grant: GrantId::new("grant"),
        call: call(tool),
        definition_digest: "digest".into(),
        writes: false,
        account: None,
        unused: Some(0),
    }
}

fn needing() -> Admission {
    Admission { account: Some(Provider::Bitbucket), ..admission("approved") }
}

fn token(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Admitted { credential: Some(credential), .. } | Reply::Renewed(credential) => {
            Some(credential.access_token().expose().to_owned())
        }
        _ => None,
    }
}

fn leased(reply: &Reply) -> Option<u32> {
    match reply {
        Reply::Admitted { lease, .. } => lease.map(|lease| lease.calls),
        _ => None,
    }
}

#[test]
fn an_approved_tool_is_admitted() {
    assert!(matches!(Scene::new().admit(admission("approved")), Reply::Admitted { credential: None, .. }));
}

#[test]
fn an_unknown_tool_is_pending_and_a_disabled_one_is_denied() {
    let scene = Scene::new();
    assert!(matches!(scene.admit(admission("new")), Reply::Denied(Denial::ToolPending)));
    assert!(matches!(scene.admit(admission("disabled")), Reply::Denied(Denial::ToolDisabled)));
}

#[test]
fn what_is_listed_is_what_may_run() {
    let scene = Scene::new();
    for tool in ["approved", "disabled", "new"] {
        let tools = vec![Tool { name: tool.to_owned(), definition_digest: "digest".to_owned(), account: None }];
        let Reply::Permitted(verdicts) = scene.turn(Command::Permitted { grant: GrantId::new("grant"), tools }) else {
            panic!("not a listing")
        };
        let runs = matches!(scene.admit(admission(tool)), Reply::Admitted { .. });
        assert_eq!(verdicts == [Verdict::Allowed], runs, "{tool}");
    }
}

#[test]
fn a_changed_policy_is_in_force_within_five_seconds() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    scene.execute("UPDATE tools SET state = 'disabled' WHERE name = 'approved'");
    scene.execute("UPDATE policy SET version = version + 1");
    scene.clock.advance(Duration::from_secs(5));
    assert!(matches!(scene.admit(admission("approved")), Reply::Denied(Denial::ToolDisabled)));
}

#[test]
fn a_stop_is_in_force_when_its_time_has_passed_and_is_lifted_again() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    scene.execute("UPDATE policy SET stopped_at = 1, version = version + 1");
    scene.clock.advance(stopping::IN_FORCE_AFTER);
    assert!(matches!(scene.admit(admission("approved")), Reply::Denied(Denial::Stopped)));
    scene.execute("UPDATE policy SET stopped_at = NULL, version = version + 1");
    scene.clock.advance(stopping::IN_FORCE_AFTER);
    assert!(matches!(scene.admit(admission("approved")), Reply::Admitted { .. }));
}

#[test]
fn too_many_calls_are_refused_with_the_time_to_wait() {
    let scene = Scene::new();
    let mut unused = 0; // a Worker that makes no use of its leases
    let mut call = || {
        let reply = scene.admit(Admission { unused: Some(unused), ..admission("approved") });
        unused = leased(&reply).unwrap_or_default();
        reply
    };
    let replies: Vec<Reply> = (0..241).map(|_| call()).collect();
    assert_eq!(replies.iter().filter(|reply| matches!(reply, Reply::Admitted { .. })).count(), 240);
    assert!(matches!(replies[240], Reply::RateLimited { retry_after_milliseconds: 250 }));
}
