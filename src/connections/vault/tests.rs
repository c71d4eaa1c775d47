use std::cell::Cell;
use std::rc::Rc;

use futures_executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::{
    platform::{
        fetch::HttpError,
        native::{
            self,
            memory::{ScriptedHttp, json_answer},
        },
    },
    providers::{BITBUCKET, Site},
    settings,
};

const NOW: Timestamp = Timestamp(1_767_225_600_000);

fn facts(expires_in_seconds: i64, renewable: bool) -> Facts {
    Facts { version: 7, expires_at: Timestamp(NOW.0 + expires_in_seconds * 1000), renewable, broken: false }
}

#[test]
fn a_token_with_time_left_is_used() {
    assert_eq!(decide(&facts(3600, true), None, NOW), Step::Use);
}

#[test]
fn a_token_about_to_end_is_renewed_first() {
    assert_eq!(decide(&facts(30, true), None, NOW), Step::Renew);
}

#[test]
fn a_refused_token_is_renewed_whatever_time_it_has_left() {
    assert_eq!(decide(&facts(3600, true), Some(7), NOW), Step::Renew);
}

#[test]
fn the_refusal_of_an_older_version_says_nothing_of_this_one() {
    assert_eq!(decide(&facts(3600, true), Some(6), NOW), Step::Use);
}

#[test]
fn without_a_refresh_token_the_last_seconds_are_used_too() {
    assert_eq!(decide(&facts(30, false), None, NOW), Step::Use);
    assert_eq!(decide(&facts(-1, false), None, NOW), Step::Reconnect);
}

/// So many milliseconds after the end of the margin within which a token is renewed.
fn ends_after_margin(milliseconds: i64) -> Timestamp {
    Timestamp((NOW + MARGIN).0 + milliseconds)
}

#[test]
fn a_token_that_ends_within_the_margin_is_renewed_and_one_that_ends_later_is_used() {
    let ends_at = |expires_at| Facts { expires_at, ..facts(0, true) };
    assert_eq!(decide(&ends_at(ends_after_margin(0)), None, NOW), Step::Renew);
    assert_eq!(decide(&ends_at(ends_after_margin(1)), None, NOW), Step::Use);
}

#[test]
fn a_token_that_cannot_be_renewed_is_used_until_the_moment_it_ends() {
    assert_eq!(decide(&Facts { expires_at: Timestamp(NOW.0 + 1), ..facts(0, false) }, None, NOW), Step::Use);
    assert_eq!(decide(&facts(0, false), None, NOW), Step::Reconnect);
}

#[test]
fn a_token_is_fresh_while_it_ends_later_than_the_margin() {
    let ends_at = |expires_at| AccessToken {
        token: Secret::new("token"),
        version: 7,
        expires_at,
        sealed: String::new(),
        granted: Granted::default(),
    };
    assert!(ends_at(ends_after_margin(1)).is_fresh(NOW));
    assert!(!ends_at(ends_after_margin(0)).is_fresh(NOW));
    assert!(!ends_at(NOW).is_fresh(NOW));
}

proptest! {
    #[test]
    fn a_refused_or_ended_token_is_never_used(
        expires in -10_000_i64..10_000, renewable: bool, broken: bool, refused in prop::option::of(6_i64..9),
    ) {
        let facts = Facts { broken, ..facts(expires, renewable) };
        if decide(&facts, refused, NOW) == Step::Use {
            prop_assert!(!broken && refused != Some(facts.version) && facts.expires_at > NOW);
        }
    }
}

/// A vault whose stored pair ends in a minute and a half, at a provider that answers so.
struct Scene {
    platform: Platform,
    settings: Settings,
    user: UserId,
    refreshes: Rc<Cell<u32>>,
}

impl Scene {
    fn new(status: u16, body: serde_json::Value, lifetime: Duration) -> Self {
        let refreshes = Rc::new(Cell::new(0));
        let counted = Rc::clone(&refreshes);
        let http = ScriptedHttp::new(move |request| {
            counted.set(counted.get() + 1);
            let sent = String::from_utf8(request.body.clone().unwrap()).unwrap();
            assert!(
                sent.contains("grant_type=refresh_token") && sent.contains("refresh_token=first-refresh"),
                "{sent}"
            );
            if status == 0 { Err(HttpError::Timeout) } else { json_answer(status, &body) }
        });
        let scene = Self {
            platform: native::platform(http),
            settings: settings::for_tests(),
            user: UserId::new("user"),
            refreshes,
        };
        let tokens = Tokens {
            access_token: Secret::new("first-access"),
            refresh_token: Some(Secret::new("first-refresh")),
            lifetime,
            scopes: None,
        };
        let account = Account { id: "{1}".into(), name: "alice".into(), sites: None };
        let user = sql(
            "INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES ('user', 'issuer', 'subject', 'alice', 'Alice', NULL, '[]', 0, 0, NULL)",
        );
        let connect = connect(
            scene.settings.sealer(Purpose::Tokens),
            &scene.user,
            Site::main(&BITBUCKET),
            &account,
            &tokens,
            Timestamp(-1),
            NOW,
        )
        .unwrap();
        block_on(scene.platform.database.batch(vec![user, connect])).unwrap();
        scene
    }

    fn access_token(&self, refused: Option<i64>) -> Result<String, CredentialError> {
        let vault = Vault {
            platform: &self.platform,
            settings: &self.settings,
            user: &self.user,
            site: Site::main(&BITBUCKET),
        };
        block_on(vault.access_token(refused, None)).map(|token| token.token.expose().to_owned())
    }

    fn column(&self, column: &str) -> serde_json::Value {
        let rows = block_on(self.platform.database.run(sql("SELECT * FROM connections"))).unwrap();
        rows.rows[0][column].clone()
    }
}

fn renewed() -> serde_json::Value {
    json!({ "access_token": "second-access", "refresh_token": "second-refresh", "expires_in": 7200, "token_type": "bearer" })
}

const SHORT: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(7200);

#[test]
fn nothing_stored_can_be_read_without_the_key() {
    let scene = Scene::new(200, renewed(), LONG);
    for column in ["access_token", "refresh_token"] {
        assert!(scene.column(column).as_str().unwrap().starts_with("v2."));
    }
}

#[test]
fn a_fresh_token_is_given_without_asking_the_provider() {
    let scene = Scene::new(200, renewed(), LONG);
    assert_eq!(scene.access_token(None), Ok("first-access".into()));
    assert_eq!(scene.refreshes.get(), 0);
}

#[test]
fn a_renewed_pair_is_stored_and_used() {
    let scene = Scene::new(200, renewed(), SHORT);
    assert_eq!(scene.access_token(None), Ok("second-access".into()));
    assert_eq!(scene.column("version"), 2);
    assert_eq!(scene.access_token(None), Ok("second-access".into()));
    assert_eq!(scene.refreshes.get(), 1);
}

#[test]
fn a_provider_that_gives_no_new_refresh_token_keeps_the_old_one() {
    let scene =
        Scene::new(200, json!({ "access_token": "second-access", "token_type": "bearer", "expires_in": 10 }), SHORT);
    let before = scene.column("refresh_token");
    scene.access_token(None).unwrap();
    assert_eq!(scene.column("refresh_token"), before);
}

#[test]
fn a_refused_refresh_token_breaks_the_connection_and_is_never_sent_again() {
    let scene = Scene::new(400, json!({ "error": "invalid_grant" }), SHORT);
    assert_eq!(scene.access_token(None), Err(CredentialError::Broken));
    assert_eq!(scene.access_token(None), Err(CredentialError::Broken));
    assert_eq!((scene.refreshes.get(), scene.column("state")), (1, json!("broken")));
}

#[test]
fn a_token_endpoint_out_of_order_breaks_nothing_and_the_last_seconds_are_used() {
    for status in [0, 500] {
        let scene = Scene::new(status, json!({}), SHORT);
        assert_eq!(scene.access_token(None), Ok("first-access".into()));
        assert_eq!(scene.column("state"), "connected");
    }
}

#[test]
fn a_refused_token_is_not_used_while_the_token_endpoint_is_out_of_order() {
    let scene = Scene::new(503, json!({}), LONG);
    assert_eq!(scene.access_token(Some(1)), Err(CredentialError::Unavailable));
}

#[test]
fn a_user_without_an_account_has_none() {
    let mut scene = Scene::new(200, renewed(), LONG);
    scene.user = UserId::new("another");
    assert_eq!(scene.access_token(None), Err(CredentialError::NotConnected));
}

#[test]
fn a_row_copied_to_another_user_does_not_open() {
    let mut scene = Scene::new(200, renewed(), LONG);
    let copy = [
        sql(
            "INSERT INTO users (id, issuer, subject, username, name, email, roles, created_at, signed_in_at, disabled_at) VALUES ('thief', 'issuer', 'other', 'thief', 'Thief', NULL, '[]', 0, 0, NULL)",
        ),
        sql(
            "INSERT INTO connections SELECT 'thief', provider, account_id, account_name, scopes, access_token,
                 refresh_token, expires_at, version, state, created_at, updated_at, sites, NULL, NULL FROM connections",
        ),
    ];
    block_on(scene.platform.database.batch(copy.to_vec())).unwrap();
    scene.user = UserId::new("thief");
    assert_eq!(scene.access_token(None), Err(CredentialError::Unavailable));
}
