//! The end of a person's access, over everything that is made for them: nothing made at or before their last end is ever
//! worth anything again, and whatever is made after it is.

use std::{cell::Cell, rc::Rc, time::Duration};

use futures::{
    FutureExt,
    future::{LocalBoxFuture, join},
};
use futures_executor::block_on;
use proptest::prelude::*;

use super::objects::Objects;
use crate::{
    authorization::{
        endpoints::decision::{Choice, Decision},
        testing::{House, Registration, json_of, query_of, text},
    },
    connections::{
        oauth::{Account, Tokens},
        vault,
    },
    crypto::{random, seal::Purpose, secret::Secret},
    identifiers::{GrantId, Subject, UserId},
    identity::{
        browser::{self, Browser, SESSION_COOKIE},
        deprovisioning,
    },
    platform::{
        clock::{Clock, Timestamp},
        database::sql,
        http::{Body, Method, Request},
    },
    providers::{BITBUCKET, Site},
    session::{self, person_endings::Disabling},
};

/// A clock that need not agree with the one before it: each machine has its own.
#[derive(Clone)]
struct AnyClock(Rc<Cell<i64>>);

impl Clock for AnyClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.get())
    }

    fn sleep(&self, _duration: Duration) -> LocalBoxFuture<'static, ()> {
        async {}.boxed_local()
    }
}

/// Something made for the person, and in which of their lives: each end begins another one.
struct Made<T> {
    life: usize,
    what: T,
}

struct World {
    house: House,
    objects: Rc<Objects>,
    clock: AnyClock,
    client: Registration,
    user: UserId,
    life: usize,
    disabled: bool,
    /// Session cookies.
    cookies: Vec<Made<String>>,
    /// Browsers as requests that are under way have read them.
    readings: Vec<Made<Browser>>,
    /// Grants, with their newest refresh tokens.
    grants: Vec<Made<(GrantId, String)>>,
    ends: Vec<Timestamp>,
}

impl World {
    fn new() -> Self {
        let mut house = House::default();
        let client = house.register("none");
        let clock = AnyClock(Rc::new(Cell::new(house.clock.now().0)));
        let objects = Rc::new(Objects::default());
        house.context.platform.clock = Rc::new(clock.clone());
        house.context.platform.sessions = objects.clone();
        *objects.platform.borrow_mut() = Some(house.context.platform.clone());
        Self {
            house,
            objects,
            clock,
            client,
            user: UserId::new("alice"),
            life: 0,
            disabled: false,
            cookies: Vec::new(),
            readings: Vec::new(),
            grants: Vec::new(),
            ends: Vec::new(),
        }
    }

    fn made<T>(&self, what: T) -> Made<T> {
        Made { life: self.life, what }
    }

    fn sign_in(&mut self) {
        let token = random::token().unwrap();
        let authenticator = self.house.context.settings.authenticator();
        let origin = browser::Origin::default();
        self.house.run(browser::begin(authenticator, &self.user, &token, origin, self.clock.now()));
        if self.disabled {
            assert!(self.read(&token).is_none(), "somebody signed in who is disabled");
        } else {
            self.cookies.push(self.made(token));
        }
    }

    fn read(&self, cookie: &str) -> Option<Browser> {
        let request = Request {
            method: Method::Get,
            path: "/".into(),
            query: String::new(),
            headers: vec![("cookie".into(), format!("{SESSION_COOKIE}={cookie}"))],
            body: Body::Bytes(Vec::new()),
        };
        block_on(browser::current(&self.house.context, &request)).unwrap()
    }

    /// Consents and redeems the code, on the word of a browser that was read earlier.
    fn consent(&mut self, reading: usize) {
        let browser = self.readings[reading].what.clone();
        let request = self.house.ask(&self.client, &browser);
        let decision = self.house.decide(&browser, &request.id, true);
        let is_of_this_life = self.readings[reading].life == self.life && !self.disabled;
        let Decision::Redirect(url) = decision else {
            assert!(!is_of_this_life, "a consent came to nothing");
            return;
        };
        assert!(is_of_this_life, "a consent outlived its browser");
        let tokens = json_of(&self.house.redeem(&self.client, &query_of(&url)["code"]));
        let grant = self.house.run(sql("SELECT id FROM grants ORDER BY rowid DESC LIMIT 1"))[0]["id"].clone();
        let grant = GrantId::new(grant.as_str().unwrap());
        self.grants.push(self.made((grant, text(&tokens, "refresh_token"))));
    }

    fn connect(&self, reading: usize) {
        let browser = &self.readings[reading];
        let statement = vault::connect(
            self.house.context.settings.sealer(Purpose::Tokens),
            &self.user,
            Site::main(&BITBUCKET),
            &Account { id: "{1}".into(), name: "alice".into(), sites: None },
            &Tokens {
                access_token: Secret::new("access"),
                refresh_token: None,
                lifetime: Duration::from_secs(7200),
                scopes: None,
            },
            browser.what.ended_before,
            self.clock.now(),
        );
        let kept = !self.house.run(statement.unwrap()).is_empty();
        assert_eq!(kept, browser.life == self.life && !self.disabled);
    }

    fn end(&mut self, disable: bool) {
        let context = &self.house.context;
        if disable {
            let disabling = Disabling { by: "ada".to_owned(), reason: "left".to_owned() };
            block_on(deprovisioning::disable(context, &self.user, disabling)).unwrap();
            self.disabled = true;
        } else {
            block_on(deprovisioning::end_person(context, &self.user, "asked for")).unwrap();
        }
        let end = self.house.run(sql("SELECT ended_before FROM users WHERE id = 'alice'"))[0]["ended_before"].clone();
        self.ends.push(Timestamp(end.as_i64().unwrap()));
        self.life += 1;
        let connected = self.house.number("SELECT COUNT(*) AS n FROM connections");
        assert_eq!(connected, 0, "an account outlived its owner's access");
    }

    /// A message of an earlier end comes to the object once more.
    fn repeat(&self, which: usize) {
        block_on(session::end_before(&self.house.context, &self.user, self.ends[which])).unwrap();
    }

    fn refresh(&mut self, which: usize) {
        let grant = &self.grants[which];
        let reply = self.house.refresh(&self.client, &grant.what.1);
        assert_eq!(reply.status == 200, grant.life == self.life, "a refresh in another life");
        if reply.status == 200 {
            self.grants[which].what.1 = text(&json_of(&reply), "refresh_token");
        }
    }

    fn may_call(&self, grant: &GrantId) -> bool {
        block_on(session::is_live(&self.house.context, &Subject::Person(self.user.clone()), grant)).unwrap()
    }

    /// What is worth something is exactly what was made in this life.
    fn check(&self) {
        for grant in &self.grants {
            assert_eq!(self.may_call(&grant.what.0), grant.life == self.life, "a grant of life {}", grant.life);
        }
        for cookie in &self.cookies {
            assert_eq!(
                self.read(&cookie.what).is_some(),
                cookie.life == self.life,
                "a browser of life {}",
                cookie.life
            );
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Step {
    SignIn,
    /// A request of a signed-in browser begins.
    Arrive(usize),
    Consent(usize),
    Connect(usize),
    Refresh(usize),
    End,
    Disable,
    Enable,
    Repeat(usize),
    /// The object is put to sleep, to be woken by the next turn.
    Sleep,
}

fn step() -> impl Strategy<Value = Step> {
    let which = 0_usize..8;
    prop_oneof![
        3 => Just(Step::SignIn),
        4 => which.clone().prop_map(Step::Arrive),
        4 => which.clone().prop_map(Step::Consent),
        1 => which.clone().prop_map(Step::Connect),
        2 => which.clone().prop_map(Step::Refresh),
        1 => Just(Step::End),
        1 => Just(Step::Disable),
        2 => Just(Step::Enable),
        1 => which.prop_map(Step::Repeat),
        1 => Just(Step::Sleep),
    ]
}

impl World {
    fn take(&mut self, step: Step) {
        let of = |which: usize, all: usize| (all > 0).then(|| which % all);
        match step {
            Step::SignIn => self.sign_in(),
            Step::Arrive(which) => {
                let Some(which) = of(which, self.cookies.len()) else { return };
                let life = self.cookies[which].life;
                if let Some(browser) = self.read(&self.cookies[which].what) {
                    self.readings.push(Made { life, what: browser });
                }
            }
            Step::Consent(which) => {
                if let Some(which) = of(which, self.readings.len()) {
                    self.consent(which);
                }
            }
            Step::Connect(which) => {
                if let Some(which) = of(which, self.readings.len()) {
                    self.connect(which);
                }
            }
            Step::Refresh(which) => {
                if let Some(which) = of(which, self.grants.len()) {
                    self.refresh(which);
                }
            }
            Step::End => self.end(false),
            Step::Disable => self.end(true),
            Step::Enable => {
                block_on(deprovisioning::enable(&self.house.context, &self.user)).unwrap();
                self.disabled = false;
            }
            Step::Repeat(which) => {
                if let Some(which) = of(which, self.ends.len()) {
                    self.repeat(which);
                }
            }
            Step::Sleep => self.objects.awake.borrow_mut().clear(),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn nothing_outlives_an_end_and_whatever_is_made_after_it_lives(
        steps in prop::collection::vec((step(), -3_000_i64..3_000), 1..40),
    ) {
        let mut world = World::new();
        let noon = world.clock.0.get();
        for (step, skew) in steps {
            world.clock.0.set(noon + skew);
            world.take(step);
            world.check();
        }
    }

    #[test]
    fn an_end_beside_a_consent_a_refresh_and_a_call_leaves_none_of_them(
        pauses in prop::collection::vec(0_u8..6, 12),
        consents: bool,
    ) {
        let mut world = World::new();
        world.take(Step::SignIn);
        world.take(Step::Arrive(0));
        world.take(Step::Consent(0));
        let browser = world.readings[0].what.clone();
        let asked = world.house.ask(&world.client, &browser);
        world.house.interrupt(pauses);
        let (grant, refresh_token) = &world.grants[0].what;
        let context = &world.house.context;
        let subject = Subject::Person(world.user.clone());
        let beside = async {
            if consents {
                crate::authorization::endpoints::decision::decide(context, &browser, &asked.id, Choice::Allow { writing: true }).await.map(drop)
            } else {
                session::is_live(context, &subject, grant).await.map(drop)
            }
        };
        let refresh = crate::authorization::testing::with_client(&world.client, &[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
        ]);
        let request = crate::authorization::testing::post(&refresh);
        let refreshing = crate::authorization::endpoints::token::token(context, &request);
        let ((ended, done), _) = block_on(join(join(deprovisioning::end_person(context, &world.user, "now"), beside), refreshing));
        ended.unwrap();
        done.unwrap();
        for row in world.house.run(sql("SELECT id FROM grants")) {
            prop_assert!(!world.may_call(&GrantId::new(row["id"].as_str().unwrap())));
        }
        prop_assert!(world.read(&world.cookies[0].what).is_none());
    }
}
