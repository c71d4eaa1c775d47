//! Whoever can write to the record, and holds no key of ours, becomes nobody by it: every way to point a row at somebody
//! else is tried on a Postern at work, and what an attacker's own credentials yield never becomes more than it was.
//!
//! The schema itself says which columns there are: one that is not in [`COLUMNS`] fails.

use std::{collections::BTreeSet, rc::Rc, time::Duration};

use futures::{FutureExt, future::LocalBoxFuture};
use futures_executor::block_on;
use serde_json::{Value, json};

use crate::{
    authorization::{
        endpoints::{
            authorize::Authorize,
            decision::{self, Choice, Decision},
            token,
        },
        testing::{
            House, REDIRECT, Registration, VERIFIER, authorization_request, json_of, post, query_of, text, with_client,
        },
        tokens::access_token,
    },
    catalog::operation::{Class, Sensitivity},
    connections::{
        elicitation,
        oauth::{Account, Tokens},
        vault,
    },
    context::Context,
    crypto::{digest, seal::Purpose, secret::Secret},
    governance::{
        attributes::{Attributes, Groups, Role},
        facts::ToolFacts,
        policy::{PolicySnapshot, State},
    },
    identifiers::{ClientId, UserId},
    identity::{
        browser::{self, Browser, SESSION_COOKIE},
        claimed::Claimed,
    },
    platform::{
        Fault,
        clock::Timestamp,
        database::{Statement, sql},
        http::{Body, Method, Request},
        native::database::Sqlite,
        sessions::Sessions,
    },
    providers::{BITBUCKET, Site},
    session::{self, object::Session},
};

mod columns;

use columns::{COLUMNS, Kind::Matters};

/// Real Session objects that have just woken up: what they know, they read from the record.
struct Awake(Context);

impl Sessions for Awake {
    fn call(&self, _subject: &str, command: String) -> LocalBoxFuture<'_, Result<String, Fault>> {
        async move {
            let context = &self.0;
            let object =
                Session::new(Rc::clone(&context.settings), context.platform.clone(), Rc::new(Sqlite::empty()))?;
            Ok(session::commands::turn(&object, &command).await)
        }
        .boxed_local()
    }
}

/// What one person holds.
struct Holder {
    cookie: String,
    client: Registration,
    refresh_token: String,
    code: String,
    /// Of an open authorization request.
    asked: String,
    access_token: String,
}

struct World {
    house: House,
    mallory: Holder,
    /// A service of the attacker's: pre-registered for `read` alone.
    service: Registration,
}

fn request(cookie: &str) -> Request {
    Request {
        method: Method::Get,
        path: "/".into(),
        query: String::new(),
        headers: vec![("cookie".into(), format!("{SESSION_COOKIE}={cookie}"))],
        body: Body::Bytes(Vec::new()),
    }
}

impl World {
    /// `bob` attacks; `alice`, an administrator, is at work as well.
    fn new() -> Self {
        let mut house = House::default();
        let platform = house.context.platform.clone();
        house.context.platform.sessions = Rc::new(Awake(house.context.clone()));
        let settings = Rc::clone(&house.context.settings);
        let now = platform.clock.now();
        for (user, roles, group) in [("alice", vec![Role::Administrator], "/alices"), ("bob", Vec::new(), "/bobs")] {
            let (roles, groups) = (Claimed::new(&roles, now), Claimed::new(&Groups::within_bound(&[group], &[]), now));
            let (authenticator, user) = (settings.authenticator(), UserId::new(user));
            house.run(
                sql("UPDATE users SET roles = ?2, roles_at = ?3, mac = ?4, groups = ?5, groups_mac = ?6 WHERE id = ?1")
                    .bind(&user)
                    .bind(&roles.json)
                    .bind(now)
                    .bind(roles.mac(authenticator, &user))
                    .bind(&groups.json)
                    .bind(groups.mac(authenticator, &user)),
            );
        }
        let mut holders: Vec<Holder> = ["alice", "bob"].map(|user| holder(&house, user)).into();
        let service = house.enter("client_credentials", Some("secret of the service"));
        house.enter("client_credentials", Some("secret of another service"));
        let approved = settings
            .authenticator()
            .row(&crate::governance::policy::TOOLS, &[json!("whoami"), json!("approved"), json!("digest")]);
        house.run(
            sql("INSERT INTO tools (name, state, definition_digest, decided_at, mac)
                VALUES ('whoami', 'approved', 'digest', 0, ?1), ('other', 'pending', 'other digest', 0, NULL)")
            .bind(approved),
        );
        let mallory = holders.pop().unwrap();
        Self { house, mallory, service }
    }

    /// Everything that the attacker's own credentials are worth now, as far as it says for whom and for what.
    fn reach(&self) -> BTreeSet<String> {
        let (house, mallory) = (&self.house, &self.mallory);
        let mut reach = BTreeSet::new();
        let context = &house.context;
        for cookie in [mallory.cookie.as_str(), "of my own", "mine as well"] {
            if let Ok(Some(browser)) = block_on(browser::current(context, &request(cookie))) {
                reach.insert(format!("browser of {} with {:?}", browser.person.id, browser.person.roles));
                self.decide(&browser, &mut reach);
            }
        }
        for (what, client, form) in [
            (
                "refresh",
                &mallory.client,
                vec![("grant_type", "refresh_token"), ("refresh_token", mallory.refresh_token.as_str())],
            ),
            ("code", &mallory.client, redemption(&mallory.code)),
            ("service", &self.service, vec![("grant_type", "client_credentials"), ("scope", "read write admin")]),
            ("service", &self.service, vec![("grant_type", "client_credentials")]),
        ] {
            let reply = self.token(client, &form);
            if let Some(token) = reply["access_token"].as_str() {
                self.use_token(what, token, &mut reach);
            }
        }
        self.use_token("access token", &mallory.access_token, &mut reach);
        reach
    }

    /// What `/token` says; nothing where a row that was changed cannot be read at all.
    fn token(&self, client: &Registration, form: &[(&str, &str)]) -> Value {
        let request = post(&with_client(client, form));
        block_on(token::token(&self.house.context, &request)).map_or(Value::Null, |reply| json_of(&reply))
    }

    fn decide(&self, browser: &Browser, reach: &mut BTreeSet<String>) {
        let allow = Choice::Allow { writing: true };
        let decided = block_on(decision::decide(&self.house.context, browser, &self.mallory.asked, allow));
        if let Ok(Decision::Redirect(url)) = decided {
            let to = url.split('?').next().unwrap_or_default();
            reach.insert(format!("{} consented, answered at {to}", browser.person.id));
            let code = query_of(&url).get("code").cloned().unwrap_or_default();
            let reply = self.token(&self.mallory.client, &redemption(&code));
            if let Some(token) = reply["access_token"].as_str() {
                self.use_token("consent", token, reach);
            }
        }
    }

    fn use_token(&self, what: &str, token: &str, reach: &mut BTreeSet<String>) {
        let context = &self.house.context;
        let now = context.platform.clock.now();
        let Some(principal) = access_token::read(&context.settings, token, now) else { return };
        if !matches!(block_on(session::is_live(context, &principal.subject, &principal.grant)), Ok(true)) {
            return;
        }
        reach.insert(format!("{what}: {} for {} with {}", principal.subject, principal.client, principal.scopes));
        let Attributes { roles, groups } = principal.attributes.as_ref();
        reach.extend(roles.iter().map(|role| format!("{what}: role {role:?}")));
        reach.extend(groups.names.iter().map(|group| format!("{what}: group {group}")));
        if let Some(user) = principal.subject.person() {
            let vault = vault::Vault {
                platform: &context.platform,
                settings: &context.settings,
                user,
                site: Site::main(&BITBUCKET),
            };
            if let Ok(credential) = block_on(vault.access_token(None, None)) {
                reach.insert(format!("{what}: account of {}", credential.token.expose()));
            }
        }
    }
}

fn redemption(code: &str) -> Vec<(&str, &str)> {
    vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", REDIRECT), ("code_verifier", VERIFIER)]
}

/// One person signs in, lets a client in twice, has a code and an open request, and connects an account.
fn holder(house: &House, user: &str) -> Holder {
    let (context, now) = (&house.context, house.context.platform.clock.now());
    let cookie = format!("cookie of {user}");
    let authenticator = context.settings.authenticator();
    house.run(browser::begin(authenticator, &UserId::new(user), &cookie, browser::Origin::default(), now));
    let browser = block_on(browser::current(context, &request(&cookie))).unwrap().unwrap();
    let client = house.register("none");
    let challenge = digest::sha256(VERIFIER);
    let ask = || {
        let parameters = authorization_request(&client.id, &challenge);
        let parameters: Vec<_> = parameters.into_iter().chain([("scope", "read")]).collect();
        match house.authorize(&parameters, Some(&browser)) {
            Authorize::Consent(request) => request.id.clone(),
            _ => panic!("no consent page"),
        }
    };
    let code = || match house.decide(&browser, &ask(), true) {
        Decision::Redirect(url) => query_of(&url)["code"].clone(),
        Decision::Refused(refusal) => panic!("{refusal:?}"),
    };
    let tokens = json_of(&house.redeem(&client, &code()));
    let id = ClientId::new(client.id.clone());
    block_on(elicitation::create(context, &UserId::new(user), &id, Site::main(&BITBUCKET))).unwrap();
    let tokens_of = Tokens {
        access_token: Secret::new(user),
        refresh_token: None,
        lifetime: Duration::from_secs(7200),
        scopes: None,
    };
    let account = Account { id: "{1}".into(), name: user.into(), sites: None };
    let sealer = context.settings.sealer(Purpose::Tokens);
    let connect = vault::connect(
        sealer,
        &UserId::new(user),
        Site::main(&BITBUCKET),
        &account,
        &tokens_of,
        browser.ended_before,
        now,
    );
    house.run(connect.unwrap());
    Holder {
        cookie,
        refresh_token: text(&tokens, "refresh_token"),
        access_token: text(&tokens, "access_token"),
        code: code(),
        asked: ask(),
        client,
    }
}

/// A statement whose text is made here. The few that a test makes may stay for as long as it runs.
fn made(text: String) -> Statement {
    sql(Box::leak(text.into_boxed_str()))
}

impl World {
    fn rows(&self, table: &str) -> Vec<i64> {
        let rows = self.house.run(made(format!("SELECT rowid AS number FROM {table} ORDER BY rowid")));
        rows.iter().map(|row| row["number"].as_i64().unwrap()).collect()
    }

    /// Changes the record behind everybody's back; a change that the schema refuses is none.
    fn tamper(&self, statement: Statement) -> bool {
        let statements = vec![sql("PRAGMA defer_foreign_keys = ON"), statement];
        block_on(self.house.context.platform.database.batch(statements)).is_ok()
    }
}

fn schema(house: &House) -> Vec<(String, Vec<String>)> {
    let tables = house.run(sql("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'
        AND name NOT LIKE 'd1_%' ORDER BY name"));
    let columns = |table: &str| {
        let columns = house.run(sql("SELECT name FROM pragma_table_info(?1) ORDER BY name").bind(table));
        columns.iter().map(|column| text(column, "name")).collect()
    };
    tables.iter().map(|table| text(table, "name")).map(|table| (table.clone(), columns(&table))).collect()
}

#[test]
fn every_column_of_every_table_is_attacked() {
    let mut listed: Vec<(String, Vec<String>)> = COLUMNS
        .iter()
        .map(|(table, columns)| {
            let mut names: Vec<String> = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
            names.sort();
            ((*table).to_owned(), names)
        })
        .collect();
    listed.sort();
    assert_eq!(
        listed,
        schema(&House::default()),
        "add it to store_integrity_columns.rs and to docs/store-integrity.md"
    );
}

fn own_reach() -> BTreeSet<String> {
    let world = World::new();
    let reach = world.reach();
    assert!(reach.iter().any(|entry| entry.starts_with("browser of bob")), "{reach:?}");
    assert!(reach.iter().any(|entry| entry.starts_with("refresh: bob")), "{reach:?}");
    assert!(reach.iter().any(|entry| entry.starts_with("code: bob")), "{reach:?}");
    assert!(reach.contains("refresh: group /bobs") && reach.contains("code: group /bobs"), "{reach:?}");
    assert!(reach.iter().any(|entry| entry.starts_with("service: service:")), "{reach:?}");
    assert!(reach.iter().any(|entry| entry.contains("account of bob")), "{reach:?}");
    assert!(!reach.iter().any(|entry| entry.contains("alice") || entry.contains("Administrator")), "{reach:?}");
    general(&world, reach)
}

/// Ids differ from one world to the next: what is the same in all of them.
fn general(world: &World, reach: BTreeSet<String>) -> BTreeSet<String> {
    let named = [(&world.mallory.client.id, "its client"), (&world.service.id, "its service")];
    let named = |entry: String| named.iter().fold(entry, |entry, (id, name)| entry.replace(id.as_str(), name));
    reach.into_iter().map(named).collect()
}

fn try_it(before: &BTreeSet<String>, attack: &str, change: impl Fn(&World) -> Option<Statement>) -> bool {
    let world = World::new();
    let Some(statement) = change(&world) else { return false };
    if !world.tamper(statement) {
        return false;
    }
    let more: Vec<String> = general(&world, world.reach()).difference(before).cloned().collect();
    assert!(more.is_empty(), "{attack} yields {more:?}");
    true
}

#[test]
fn no_value_of_another_row_in_the_place_of_ones_own_yields_anything() {
    let before = own_reach();
    let mut tried = 0;
    for (table, columns) in COLUMNS {
        let count = World::new().rows(table).len();
        for (column, kind) in *columns {
            if *kind != Matters {
                continue;
            }
            for (to, from) in (0..count).flat_map(|to| (0..count).map(move |from| (to, from))) {
                if to == from {
                    continue;
                }
                // Alone, and together with the authentication of the other row.
                for with in ["", "mac"] {
                    if with == "mac" && (*column == "mac" || !columns.iter().any(|(name, _)| *name == "mac")) {
                        continue;
                    }
                    let attack = format!("{table}.{column} of row {from} in row {to}, with {with:?}");
                    let change = |world: &World| {
                        let rows = world.rows(table);
                        let (to, from) = (rows.get(to)?, rows.get(from)?);
                        let other =
                            |column: &str| format!("{column} = (SELECT {column} FROM {table} WHERE rowid = {from})");
                        let more = if with.is_empty() { String::new() } else { format!(", {}", other(with)) };
                        Some(made(format!("UPDATE {table} SET {}{more} WHERE rowid = {to}", other(column))))
                    };
                    tried += usize::from(try_it(&before, &attack, change));
                }
            }
        }
    }
    assert!(tried > 100, "only {tried} changes were possible");
}

#[test]
fn no_two_rows_that_change_places_yield_anything() {
    let before = own_reach();
    for (table, columns) in COLUMNS {
        for (column, kind) in *columns {
            if *kind != Matters {
                continue;
            }
            let change = |world: &World| {
                let rows = world.rows(table);
                let (one, other) = (rows.first()?, rows.get(1)?);
                Some(made(format!(
                    "UPDATE {table} SET {column} = (SELECT t.{column} FROM {table} t WHERE t.rowid =
                        CASE {table}.rowid WHEN {one} THEN {other} ELSE {one} END) WHERE rowid IN ({one}, {other})"
                )))
            };
            try_it(&before, &format!("{table}.{column} exchanged"), change);
        }
    }
}

#[test]
fn nothing_that_somebody_can_make_up_yields_anything() {
    let before = own_reach();
    let key = crate::crypto::key::Key::for_tests(77);
    let hashes = |credential: &str| {
        [
            digest::sha256(credential),
            digest::authenticate(&key, &["browser_sessions", credential]),
            credential.to_owned(),
        ]
    };
    for hash in hashes("of my own") {
        for mac in ["NULL", "mac"] {
            let insert = format!(
                "INSERT INTO browser_sessions (token_hash, user_id, created_at, expires_at, mac)
                 SELECT ?1, user_id, created_at, expires_at, {mac} FROM browser_sessions WHERE user_id = 'alice'"
            );
            try_it(&before, &format!("a session as {hash} with {mac}"), |_| {
                Some(made(insert.clone()).bind(hash.clone()))
            });
        }
    }
    for (attack, statement) in [
        ("a role", "UPDATE users SET roles = '[\"administrator\"]'"),
        (
            "roles of another, whole",
            "UPDATE users SET (roles, roles_at, mac) = (SELECT roles, roles_at, mac FROM users WHERE id = 'alice')",
        ),
        ("a group", "UPDATE users SET groups = '{\"names\":[\"/alices\"],\"complete\":true}'"),
        (
            "groups of another, whole",
            "UPDATE users SET (groups, groups_mac, roles_at) = (SELECT groups, groups_mac, roles_at FROM users
                WHERE id = 'alice')",
        ),
        ("a role for ever", "UPDATE users SET roles = '[\"administrator\"]', roles_at = 9000000000000, mac = NULL"),
        ("scopes of a grant", "UPDATE grants SET scope = 'read write admin'"),
        ("scopes of a grant without its authentication", "UPDATE grants SET scope = 'read write admin', mac = NULL"),
        ("scopes of a request", "UPDATE authorization_requests SET scope = 'read write admin'"),
        ("scopes of a client", "UPDATE clients SET scope = 'read write admin'"),
        ("scopes of a client without its authentication", "UPDATE clients SET scope = 'read write admin', mac = NULL"),
        (
            "a client that nobody limits",
            "UPDATE clients SET scope = NULL, grant_types = '[\"client_credentials\"]', origin = 'pre_registered'",
        ),
        ("a redirect URI of a request", "UPDATE authorization_requests SET redirect_uri = 'http://127.0.0.1/callback'"),
        (
            "a code for another's grant",
            "UPDATE authorization_codes SET grant_id = (SELECT id FROM grants WHERE user_id = 'alice')",
        ),
        ("all grants", "UPDATE grants SET user_id = 'alice'"),
        ("all sessions", "UPDATE browser_sessions SET user_id = 'alice'"),
        ("all accounts", "UPDATE OR REPLACE connections SET user_id = 'bob' WHERE user_id = 'alice'"),
        ("who somebody is", "UPDATE users SET subject = CASE id WHEN 'alice' THEN 'x' ELSE 'alice' END"),
    ] {
        try_it(&before, attack, |_| Some(sql(statement)));
    }
}

#[test]
fn an_approval_is_an_administrators_however_the_table_is_changed() {
    let world = World::new();
    let runs = |tool: &str, digest: &str| {
        let database = world.house.context.platform.database.as_ref();
        let policy = PolicySnapshot::load(database, world.house.context.settings.authenticator(), None, Timestamp(0));
        let facts = ToolFacts {
            place: 0,
            name: tool,
            definition_digest: digest,
            class: Class::Read,
            sensitivity: Sensitivity::Names,
            account: None,
            sites: Vec::new(),
        };
        block_on(policy).unwrap().expect("a policy").state(&facts) == State::Approved
    };
    assert!(runs("whoami", "digest") && !runs("other", "other digest"));
    for change in [
        "UPDATE tools SET state = 'approved'",
        "UPDATE tools SET state = 'approved', mac = (SELECT mac FROM tools WHERE name = 'whoami')",
        "UPDATE tools SET definition_digest = 'other digest'",
    ] {
        world.tamper(sql(change));
        assert!(!runs("other", "other digest"), "{change}");
    }
    world.tamper(sql("UPDATE tools SET state = 'disabled' WHERE name = 'whoami'"));
    assert!(!runs("whoami", "digest"), "but whoever disables a tool is obeyed");
}
