use proptest::prelude::*;

use super::*;
use crate::platform::native::database::Sqlite;

const START: i64 = 1_767_225_600_000;

/// How long nobody calls an object before it sleeps, in milliseconds.
const IDLE: i64 = 10_000;

/// One subject's allowance, over a storage that outlasts it.
struct Scene {
    storage: Sqlite,
    rate: u32,
    now: i64,
    allowance: Allowance,
}

impl Scene {
    fn new(rate: u32) -> Self {
        let storage = Sqlite::empty();
        let allowance = Allowance::woken(&storage, &storage::wake(&storage).unwrap(), rate, Timestamp(START)).unwrap();
        Self { storage, rate, now: START, allowance }
    }

    fn naps(&mut self, milliseconds: i64) {
        self.now += milliseconds;
        self.allowance =
            Allowance::woken(&self.storage, &storage::wake(&self.storage).unwrap(), self.rate, Timestamp(self.now))
                .unwrap();
    }

    fn takes(&self, grant: &str) -> bool {
        self.allowance.take(&self.storage, Some(&GrantId::new(grant)), Timestamp(self.now)).unwrap().is_ok()
    }

    fn burst(&self, grant: &str) -> usize {
        (0..2_000).take_while(|_| self.takes(grant)).count()
    }
}

#[test]
fn one_ai_client_cannot_use_up_the_rate_of_the_others() {
    let scene = Scene::new(300);
    assert_eq!(scene.burst("greedy"), 240);
    assert_eq!(scene.burst("other"), 60);
}

#[test]
fn a_service_may_use_the_whole_rate_of_its_subject() {
    let scene = Scene::new(300);
    let take = |_: &usize| scene.allowance.take(&scene.storage, None, Timestamp(scene.now)).unwrap().is_ok();
    assert_eq!((0..2_000).take_while(take).count(), 300);
}

#[test]
fn bursts_over_naps_get_what_time_brings_and_no_more() {
    let mut scene = Scene::new(300);
    let first = scene.burst("a") + scene.burst("b");
    assert_eq!(first, 300);
    for _ in 0..3 {
        scene.naps(16_000);
        let burst = scene.burst("a") + scene.burst("b");
        assert!((1..=80).contains(&burst), "{burst}");
    }
}

#[test]
fn after_a_long_rest_half_of_a_minutes_calls_are_there_at_once() {
    let mut scene = Scene::new(300);
    scene.burst("a");
    scene.naps(3_600_000);
    assert_eq!(scene.burst("a") + scene.burst("b"), 150);
}

#[test]
fn a_bucket_that_is_more_than_half_full_is_not_stored() {
    let scene = Scene::new(300);
    let written = || scene.storage.run(sql("SELECT COUNT(*) AS level, SUM(at) AS at FROM buckets")).unwrap().rows;
    let before = written();
    for _ in 0..100 {
        assert!(scene.takes("a"));
    }
    assert_eq!(written(), before);
}

#[test]
fn an_object_that_is_restarted_in_no_time_believes_in_an_eighth_too_much_at_most() {
    let mut scene = Scene::new(320);
    let first = (0..199).filter(|_| scene.takes("a")).count();
    scene.naps(0);
    assert!(first + scene.burst("a") + scene.burst("b") <= 320 + 40);
}

proptest! {
    #[test]
    fn an_object_that_sleeps_and_wakes_never_allows_more_than_its_rate(
        rate in 1_u32..400,
        steps in prop::collection::vec((any::<bool>(), 0_i64..20_000, 0_usize..200, 0_usize..3, 0_u32..40), 1..60),
    ) {
        let mut scene = Scene::new(rate);
        let (mut taken, mut lent_out) = (0, 0);
        for (naps, pause, calls, grant, most) in steps {
            if naps { scene.naps(IDLE + pause) } else { scene.now += pause }
            let grant = ["a", "b", "c"][grant];
            taken += (0..calls).take_while(|_| scene.takes(grant)).count();
            let id = GrantId::new(grant);
            let lent = scene.allowance.lend(&scene.storage, Some(&id), most, Timestamp(scene.now)).unwrap();
            let unused = lent / 2;
            scene.allowance.put_back(&scene.storage, Some(&id), unused, Timestamp(scene.now)).unwrap();
            lent_out += usize::try_from(lent - unused).unwrap();
            let elapsed = usize::try_from(scene.now - START).unwrap();
            let allowed = usize::try_from(rate).unwrap() * (60_000 + elapsed) / 60_000 + 1;
            prop_assert!(taken + lent_out <= allowed, "{} of {allowed}", taken + lent_out);
        }
    }

    #[test]
    fn whoever_waits_for_the_time_that_a_refusal_names_is_served(rate in 1_u32..400, naps: bool) {
        let mut scene = Scene::new(rate);
        scene.burst("a");
        let id = GrantId::new("a");
        let refused = scene.allowance.take(&scene.storage, Some(&id), Timestamp(scene.now)).unwrap();
        let wait = i64::try_from(refused.unwrap_err().as_millis()).unwrap();
        if naps {
            // What is stored may be an eighth too low.
            scene.naps(wait + 8_000);
        } else {
            scene.now += wait;
        }
        prop_assert!(scene.takes("a"));
    }
}
