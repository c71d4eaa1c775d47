//! Whatever runs was decided on with its own facts, at a version of the policy at most five seconds old.

mod accounts;
mod approvals;
mod branches;
mod consents;
mod gates;
mod locks;
mod series;
mod sites;
mod taint;

use std::{cell::RefCell, collections::HashMap, rc::Rc, time::Duration};

use futures::future::{FutureExt, LocalBoxFuture};
use futures_executor::block_on;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    authorization::tokens::scope::Scopes,
    governance::{
        policy::TOOLS,
        snapshot_cache::{self, IN_FORCE_AFTER},
    },
    identifiers::{ClientId, GrantId, RequestId, Subject, UserId},
    mcp::methods::tools,
    platform::{
        Platform,
        clock::Clock,
        database::sql,
        fetch::OutboundRequest,
        native::{
            self,
            database::Sqlite,
            memory::{ScriptedHttp, TestClock, json_answer},
        },
        sessions::Sessions,
    },
    session::{self, authentic::Granted, lease_cache, object::Session},
    settings::{self, Settings},
};

/// Real Session objects.
struct Objects {
    settings: Rc<Settings>,
    platform: Platform,
    awake: RefCell<HashMap<String, Rc<Session>>>,
    turns: Rc<RefCell<Vec<String>>>,
}

impl Sessions for Objects {
    fn call(&self, subject: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        self.turns.borrow_mut().push(command.clone());
        let wake = || {
            let settings = Rc::clone(&self.settings);
            Rc::new(Session::new(settings, self.platform.clone(), Rc::new(Sqlite::empty())).expect("an object"))
        };
        let object = Rc::clone(self.awake.borrow_mut().entry(subject.to_owned()).or_insert_with(wake));
        async move { Ok(session::commands::turn(&object, &command).await) }.boxed_local()
    }
}

/// The two tools that are called: what one is allowed must not be the other's.
const TOOLS_CALLED: [&str; 2] = ["confluence_list_spaces", "whoami"];

struct World {
    context: Context,
    clock: TestClock,
    principal: Principal,
    http: ScriptedHttp,
    /// The turns of objects that were asked for.
    turns: Rc<RefCell<Vec<String>>>,
}

impl World {
    fn new() -> Self {
        Self::of(settings::for_tests())
    }

    fn of(settings: Settings) -> Self {
        let nothing = json!({ "results": [], "values": [], "issues": [] });
        Self::answering(settings, ScriptedHttp::new(move |_| json_answer(200, &nothing)))
    }

    /// Where providers answer so.
    fn answering(settings: Settings, http: ScriptedHttp) -> Self {
        let settings = Rc::new(settings);
        snapshot_cache::forget();
        lease_cache::forget(&GrantId::new("grant"));
        let clock = TestClock::default();
        let platform = Platform { clock: Rc::new(clock.clone()), ..native::platform(http.clone()) };
        let turns = Rc::default();
        let objects = Objects {
            settings: Rc::clone(&settings),
            platform: platform.clone(),
            awake: RefCell::default(),
            turns: Rc::clone(&turns),
        };
        let platform = Platform { sessions: Rc::new(objects), ..platform };
        let context = Context::new(settings, platform, RequestId::new("request"));
        let principal = Principal {
            subject: Subject::Person(UserId::new("user")),
            client: ClientId::new("client"),
            grant: GrantId::new("grant"),
            scopes: Scopes::parse("read"),
            attributes: Rc::default(),
        };
        let world = Self { context, clock, principal, http, turns };
        world.execute(sql("INSERT INTO users (id, issuer, subject, username, name, roles, created_at, signed_in_at)
            VALUES ('user', 'issuer', 'user', 'alice', 'Alice', '[]', 0, 0)"));
        world.grant("grant");
        world
    }

    /// Grants the person's client something, once more.
    fn grant(&self, id: &str) {
        let (id, user) = (GrantId::new(id), UserId::new("user"));
        let granted = Granted {
            id: &id,
            user: &user,
            client: &self.principal.client,
            redirect_uri: "u",
            scope: "read",
            resource: "r",
            created_at: Timestamp(1),
            client_digest: None,
            expires_at: Timestamp(9_000_000_000_000),
        };
        let mac = granted.mac(self.context.settings.authenticator());
        self.execute(
            sql("INSERT INTO grants (id, user_id, client_id, redirect_uri, scope, resource, generation, refreshed_at,
                    created_at, used_at, expires_at, mac)
                VALUES (?2, 'user', 'client', 'u', 'read', 'r', 0, 0, 1, 0, 9000000000000, ?1)")
            .bind(mac)
            .bind(&id),
        );
    }

    /// Connects the person's own account.
    fn connect_bitbucket(&self) {
        let sealer = self.context.settings.sealer(crate::crypto::seal::Purpose::Tokens);
        let sealed = sealer.seal("own", "connections/user/bitbucket/access_token").expect("a sealed token");
        let connection =
            sql("INSERT INTO connections (user_id, provider, account_id, account_name, scopes, access_token,
                 expires_at, version, state, created_at, updated_at)
             VALUES ('user', 'bitbucket', '17', 'alice-b', '', ?1, 9000000000000, 1, 'connected', 0, 0)");
        self.execute(connection.bind(sealed));
    }

    fn execute(&self, statement: crate::platform::database::Statement) {
        block_on(self.context.platform.database.run(statement)).unwrap();
    }

    /// Another isolate decides on a tool.
    fn decide(&self, tool: &str, state: &str) {
        let digest = crate::tools::find(tool).expect("a tool").definition_digest().to_owned();
        let mac = self.context.settings.authenticator().row(&TOOLS, &[json!(tool), json!(state), json!(digest)]);
        let row = sql("INSERT OR REPLACE INTO tools (name, state, definition_digest, decided_by, decided_at, mac)
            VALUES (?1, ?2, ?3, NULL, 0, ?4)");
        self.execute(row.bind(tool).bind(state).bind(digest).bind(mac));
        self.execute(sql("UPDATE policy SET version = version + 1"));
    }

    /// Whether a call of the tool runs.
    fn runs(&self, tool: &str) -> bool {
        let arguments = Map::new();
        let call = tools::call(Origin::direct(&self.context, &self.principal), tool, &arguments, &Notifier::SILENT);
        matches!(block_on(call).expect("an answer"), Answer::Complete(_))
    }
}

#[test]
fn a_lease_of_one_tool_lets_no_other_run() {
    let world = World::new();
    let [allowed, other] = TOOLS_CALLED;
    world.decide(allowed, "approved");
    for _ in 0..3 {
        assert!(world.runs(allowed));
        assert!(!world.runs(other));
    }
}

/// How calls come.
#[derive(Debug, Clone, Copy)]
enum Way {
    ByName,
    ThroughTheGate,
    /// Both tools at once.
    Together,
}

impl World {
    /// Which tools were called that way, and whether each ran.
    fn ran(&self, tool: usize, way: Way) -> Vec<(usize, bool)> {
        match way {
            Way::ByName => vec![(tool, self.runs(TOOLS_CALLED[tool]))],
            Way::ThroughTheGate => {
                let answer = self.read(&[(TOOLS_CALLED[tool], json!({}))]);
                vec![(tool, matches!(answer, Answer::Complete(_)))]
            }
            Way::Together => {
                let order = [tool, 1 - tool];
                let answers = self.side_by_side(&order.map(|tool| TOOLS_CALLED[tool]));
                let ran = answers.iter().map(|answer| matches!(answer, Answer::Complete(_)));
                order.into_iter().zip(ran).collect()
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Decide { tool: usize, approved: bool },
    Call { tool: usize, way: Way },
}

fn any_way() -> impl Strategy<Value = Way> {
    prop_oneof![Just(Way::ByName), Just(Way::ThroughTheGate), Just(Way::Together)]
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..2500).prop_map(Step::Wait),
        (0..TOOLS_CALLED.len(), any::<bool>()).prop_map(|(tool, approved)| Step::Decide { tool, approved }),
        (0..TOOLS_CALLED.len(), any_way()).prop_map(|(tool, way)| Step::Call { tool, way }),
        (0..TOOLS_CALLED.len(), any_way()).prop_map(|(tool, way)| Step::Call { tool, way }),
    ]
}

proptest! {
    #[test]
    fn what_runs_was_allowed_at_some_moment_of_the_last_five_seconds_and_what_does_not_was_not(
        steps in prop::collection::vec(any_step(), 1..40),
    ) {
        let world = World::new();
        // What was decided of each tool, and when.
        let mut decided: [Vec<(Timestamp, bool)>; 2] = [vec![(Timestamp(0), false)], vec![(Timestamp(0), false)]];
        for step in steps {
            match step {
                Step::Wait(milliseconds) => world.clock.advance(Duration::from_millis(milliseconds)),
                Step::Decide { tool, approved } => {
                    world.decide(TOOLS_CALLED[tool], if approved { "approved" } else { "disabled" });
                    decided[tool].push((world.clock.now(), approved));
                }
                Step::Call { tool, way } => {
                    for (tool, runs) in world.ran(tool, way) {
                        let since = world.clock.now() - IN_FORCE_AFTER;
                        // What was in force within those seconds: whatever was decided in them, and what was before.
                        let before = decided[tool].iter().rposition(|(at, _)| *at <= since).unwrap_or_default();
                        let in_force = &decided[tool][before..];
                        prop_assert!(in_force.iter().any(|(_, approved)| *approved == runs), "{in_force:?} {runs}");
                    }
                }
            }
        }
    }
}
