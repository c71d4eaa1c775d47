mod leases;
mod panics;

use std::rc::Rc;

use futures_executor::block_on;
use futures_util::future::join_all;

use super::*;
use crate::{
    governance::{audit, decision::Denial},
    identifiers::{ClientId, RequestId},
    platform::native::{
        self,
        database::Sqlite,
        memory::{ScriptedHttp, TestClock, json_answer},
    },
    settings,
};

const GRANT: &str =
    "INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
        created_at, used_at, expires_at)
    VALUES (?1, 'user', 'client', 'u', 'read', 'r', 0, 0, 0, 0, 9000000000000)";

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
            sql("INSERT INTO users VALUES ('user', 'issuer', 'subject', 'alice', 'Alice', NULL, '[]', 0, 0, NULL)"),
            sql(GRANT).bind("grant"),
            sql(GRANT).bind("other"),
            sql(
                "INSERT INTO tools VALUES ('approved', 'approved', 'digest', NULL, 0), ('disabled', 'disabled', 'digest', NULL, 0)",
            ),
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
        let sealer = settings::for_tests().sealer();
        let now = self.platform.clock.now();
        let statement = crate::connections::vault::connect(
            &sealer,
            self.subject.person().unwrap(),
            Provider::Bitbucket,
            &account,
            &tokens,
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

fn token(reply: &Reply) -> Option<String> {
    match reply {
        Reply::Admitted { credential: Some(credential), .. } | Reply::Renewed(credential) => {
            Some(credential.access_token().expose().to_owned())
        }
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
fn an_ended_grant_is_refused_at_once_and_the_users_other_grant_is_not() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
    let other = Admission { grant: GrantId::new("other"), ..admission("approved") };
    assert!(matches!(scene.admit(other), Reply::Admitted { .. }));
}

#[test]
fn an_ended_grant_stays_ended_after_the_object_slept_though_the_record_does_not_know() {
    let scene = Scene::new();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(scene.woken().admit(admission("approved")), Reply::GrantEnded));
}

#[test]
fn a_grant_of_another_user_a_revoked_one_and_an_unknown_one_are_refused() {
    let scene = Scene::new();
    scene.execute("UPDATE grants SET user_id = 'user', revoked_at = 1 WHERE id = 'other'");
    for grant in ["other", "unknown"] {
        assert!(matches!(
            scene.admit(Admission { grant: GrantId::new(grant), ..admission("approved") }),
            Reply::GrantEnded
        ));
    }
    let scene = Scene { subject: person("thief"), ..Scene::new() };
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
}

fn service() -> Scene {
    let scene = Scene { subject: Subject::Service(ClientId::new("pipeline")), ..Scene::new() };
    scene.execute(
        "INSERT INTO clients (id, name, redirect_uris, grant_types, token_endpoint_auth_method, metadata, created_at)
         VALUES ('pipeline', 'Pipeline', '[]', '[\"client_credentials\"]', 'client_secret_basic', '{}', 0)",
    );
    scene
}

#[test]
fn a_service_may_call_what_needs_no_person_and_is_on_record() {
    let scene = service();
    assert!(matches!(scene.admit(admission("approved")), Reply::Admitted { credential: None, .. }));
    assert!(matches!(scene.admit(admission("disabled")), Reply::Denied(Denial::ToolDisabled)));
    assert!(matches!(scene.admit(needing()), Reply::Denied(Denial::NeedsPerson)));
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Denied), (Phase::Outcome, Outcome::Denied)]);
}

#[test]
fn a_service_is_over_a_minute_after_its_client_is_gone() {
    let scene = service();
    scene.admit(admission("approved"));
    scene.execute("DELETE FROM clients");
    scene.clock.advance(Duration::from_secs(60));
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
}

#[test]
fn a_service_that_was_told_so_is_over_at_once_for_good() {
    let scene = service();
    scene.admit(admission("approved"));
    scene.turn(Command::EndEverything);
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
    let other = Admission { grant: GrantId::new("later"), ..admission("approved") };
    assert!(matches!(scene.woken().admit(other), Reply::GrantEnded));
}

#[test]
fn a_token_that_a_service_gave_back_is_over_at_once() {
    let scene = service();
    scene.admit(admission("approved"));
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
}

#[test]
fn a_grant_that_was_made_longer_on_record_outlives_what_the_object_knew() {
    let scene = Scene::new();
    scene.execute("UPDATE grants SET expires_at = 1767225660000");
    assert!(matches!(scene.admit(admission("approved")), Reply::Admitted { .. }));
    scene.execute("UPDATE grants SET expires_at = 9000000000000");
    scene.clock.advance(Duration::from_secs(120));
    assert!(matches!(scene.admit(admission("approved")), Reply::Admitted { .. }));
}

#[test]
fn a_disabled_user_is_refused() {
    let scene = Scene::new();
    scene.execute("UPDATE users SET disabled_at = 1");
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
}

#[test]
fn a_user_who_is_disabled_meanwhile_is_refused_within_a_minute() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    scene.execute("UPDATE users SET disabled_at = 1");
    scene.clock.advance(Duration::from_secs(60));
    assert!(matches!(scene.admit(admission("approved")), Reply::GrantEnded));
}

#[test]
fn too_many_calls_are_refused_with_the_time_to_wait() {
    let scene = Scene::new();
    let mut unused = 0; // a Worker that makes no use of its leases
    let mut call = || {
        let reply = scene.admit(Admission { unused: Some(unused), ..admission("approved") });
        if let Reply::Admitted { lease, .. } = &reply {
            unused = lease.map_or(0, |lease| lease.calls);
        }
        reply
    };
    let replies: Vec<Reply> = (0..301).map(|_| call()).collect();
    assert_eq!(replies.iter().filter(|reply| matches!(reply, Reply::Admitted { .. })).count(), 300);
    assert!(matches!(replies[300], Reply::RateLimited { retry_after_milliseconds: 200 }));
}

#[test]
fn a_tool_that_needs_an_account_is_refused_without_one() {
    let needing = Admission { account: Some(Provider::Bitbucket), ..admission("approved") };
    assert!(matches!(Scene::new().admit(needing), Reply::NotConnected { was_connected: false }));
}

fn needing() -> Admission {
    Admission { account: Some(Provider::Bitbucket), ..admission("approved") }
}

#[test]
fn the_credential_comes_with_the_admission() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    assert_eq!(token(&scene.admit(needing())).as_deref(), Some("stored"));
}

#[test]
fn many_askers_at_once_renew_a_credential_once() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(10));
    let turns = (0..20)
        .map(|_| scene.session.turn(Turn { subject: scene.subject.clone(), command: Command::Admit(needing()) }));
    let replies = block_on(join_all(turns));
    assert!(replies.iter().all(|reply| token(reply).as_deref() == Some("renewed")));
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_refused_credential_is_renewed_once_for_all_who_were_refused() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.admit(needing());
    for _ in 0..3 {
        let reply = scene.turn(Command::Renew { provider: Provider::Bitbucket, version: 1 });
        assert_eq!(token(&reply).as_deref(), Some("renewed"));
    }
    assert_eq!(scene.http.sent.borrow().len(), 1);
}

#[test]
fn a_credential_that_cannot_be_renewed_is_not_given_again() {
    let scene = Scene::with(ScriptedHttp::new(|_| json_answer(400, &json!({ "error": "invalid_grant" }))));
    scene.connect(Duration::from_secs(7200));
    assert!(token(&scene.admit(needing())).is_some());
    scene.turn(Command::Renew { provider: Provider::Bitbucket, version: 1 });
    assert!(matches!(scene.admit(needing()), Reply::NotConnected { was_connected: true }));
}

#[test]
fn a_forgotten_credential_is_read_again() {
    let scene = Scene::new();
    scene.connect(Duration::from_secs(7200));
    scene.admit(needing());
    scene.execute("DELETE FROM connections");
    scene.turn(Command::ForgetCredential { provider: Provider::Bitbucket });
    assert!(matches!(scene.admit(needing()), Reply::NotConnected { was_connected: false }));
}

#[test]
fn the_intent_of_a_write_is_on_record_before_it_is_admitted_and_that_of_a_read_is_not() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    assert_eq!(scene.recorded(), []);
    scene.admit(Admission { writes: true, ..admission("approved") });
    assert_eq!(scene.recorded(), [(Phase::Intent, Outcome::Started)]);
}

#[test]
fn a_write_is_not_admitted_when_its_intent_cannot_be_recorded_and_a_read_is() {
    let scene = Scene::new();
    scene.admit(admission("approved"));
    ObjectStorage::run(scene.storage.as_ref(), sql("DROP TABLE outbox")).unwrap();
    assert!(matches!(scene.admit(Admission { writes: true, ..admission("approved") }), Reply::AuditUnavailable));
    assert!(matches!(scene.admit(admission("approved")), Reply::Admitted { .. }));
}

#[test]
fn a_denied_call_is_on_record() {
    let scene = Scene::new();
    scene.admit(admission("disabled"));
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Denied)]);
}

fn settlement(outcomes: usize) -> Command {
    let settled = || Settlement {
        at: Timestamp(7),
        call: call("approved"),
        outcome: Outcome::Succeeded,
        reason: None,
        duration_milliseconds: 5,
        upstream_status: Some(200),
    };
    Command::Settle((0..outcomes).map(|_| settled()).collect())
}

#[test]
fn an_outcome_is_on_record_after_the_alarm_that_it_asked_for() {
    let scene = Scene::new();
    scene.turn(settlement(1));
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + Duration::from_secs(2)));
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Succeeded)]);
}

#[test]
fn outcomes_that_came_together_are_all_on_record() {
    let scene = Scene::new();
    scene.turn(settlement(3));
    assert_eq!(scene.recorded().len(), 3);
}

#[test]
fn the_record_learns_when_a_grant_was_used_last() {
    let scene = Scene::new();
    scene.admit(Admission { writes: true, ..admission("approved") });
    block_on(scene.session.alarm());
    let rows = block_on(scene.platform.database.run(sql("SELECT used_at FROM grants WHERE id = 'grant'"))).unwrap();
    assert_eq!(rows.rows[0]["used_at"], scene.platform.clock.now().0);
}

#[test]
fn a_last_use_that_could_not_be_told_is_told_with_the_next_flush() {
    let scene = Scene::new();
    scene.admit(Admission { writes: true, ..admission("approved") });
    scene.execute("ALTER TABLE grants RENAME TO away");
    block_on(scene.session.alarm());
    scene.execute("ALTER TABLE away RENAME TO grants");
    block_on(scene.session.alarm());
    let rows = block_on(scene.platform.database.run(sql("SELECT used_at FROM grants WHERE id = 'grant'"))).unwrap();
    assert_eq!(rows.rows[0]["used_at"], scene.platform.clock.now().0);
}

#[test]
fn a_flush_that_failed_is_asked_for_again() {
    let scene = Scene::new();
    scene.admit(admission("disabled"));
    scene.execute("ALTER TABLE audit RENAME TO away");
    block_on(scene.session.alarm());
    assert_eq!(scene.storage.alarm.get(), Some(scene.platform.clock.now() + FLUSH_RETRY));
    scene.execute("ALTER TABLE away RENAME TO audit");
    assert_eq!(scene.recorded(), [(Phase::Outcome, Outcome::Denied)]);
}

fn listen(scene: &Scene, opened: i64) -> Reply {
    let tools = catalog::ALL.iter().map(|operation| Tool {
        name: operation.name.to_owned(),
        definition_digest: schema::digest(operation),
        account: None,
    });
    let stream = Stream { opened: Timestamp(opened), request: RequestId::new(opened.to_string()) };
    scene.turn(Command::Listen { grant: GrantId::new("grant"), tools: tools.collect(), stream })
}

#[test]
fn a_stream_is_told_what_may_be_listed() {
    assert!(matches!(listen(&Scene::new(), 1), Reply::Permitted(_)));
}

#[test]
fn the_oldest_of_nine_streams_is_to_listen_anew() {
    let scene = Scene::new();
    assert!((1..=9).all(|opened| matches!(listen(&scene, opened), Reply::Permitted(_))));
    assert!(matches!(listen(&scene, 1), Reply::ListenAnew));
}

#[test]
fn a_stream_of_another_catalogue_is_to_listen_anew() {
    let stream = Stream { opened: Timestamp(1), request: RequestId::new("1") };
    let command = Command::Listen { grant: GrantId::new("grant"), tools: Vec::new(), stream };
    assert!(matches!(Scene::new().turn(command), Reply::ListenAnew));
}

#[test]
fn a_stream_of_an_ended_grant_is_told_so() {
    let scene = Scene::new();
    scene.turn(Command::EndGrant { grant: GrantId::new("grant") });
    assert!(matches!(listen(&scene, 1), Reply::GrantEnded));
}
