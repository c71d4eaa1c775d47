//! Where there is a bucket: what is moved there, and what a verification over both finds.

use super::*;
use crate::{
    audit::{
        testing::PlayedLog,
        verification::Finding,
        verification_steps::{self, Progress},
    },
    platform::native::memory::MemoryBucket,
};

/// A log of ten events, one a millisecond, and its bucket.
struct World {
    database: Rc<Sqlite>,
    bucket: MemoryBucket,
    platform: Platform,
    clock: TestClock,
}

const DAY: Duration = Duration::from_hours(24);

fn settings() -> Settings {
    Settings { audit_life: Duration::from_millis(500), segment_life: DAY, ..settings::for_tests() }
}

impl World {
    fn new() -> Self {
        let (database, _) = chained();
        let (bucket, clock) = (MemoryBucket::default(), TestClock::default());
        let platform = Platform {
            database: database.clone(),
            clock: Rc::new(clock.clone()),
            checkpoints: Some(Rc::new(bucket.clone())),
            audit_logs: Rc::new(PlayedLog::default()),
            ..native::platform(ScriptedHttp::unreachable())
        };
        Self { database, bucket, platform, clock }
    }

    /// Moves what happened before that moment.
    fn sweep_until(&self, end: i64) {
        self.clock.set(Timestamp(end + 500));
        block_on(sweep(&self.platform, &settings())).unwrap();
    }

    /// One whose events up to that are in two segments, and the others in the database.
    fn moved() -> Self {
        let world = Self::new();
        world.sweep_until(4);
        world.sweep_until(8);
        world
    }

    fn run(&self, statement: &'static str) {
        block_on(self.database.batch(vec![sql(statement)])).unwrap();
    }

    fn events(&self) -> usize {
        block_on(search(&*self.database, &Filter::default())).unwrap().entries.len()
    }

    fn verified(&self) -> Progress {
        let mut progress = block_on(verification_steps::begin(&self.platform, &settings())).unwrap();
        while !progress.is_done {
            progress = block_on(verification_steps::go_on(&self.platform, &settings(), progress)).unwrap();
        }
        progress
    }

    /// What is found, with the first and the last number.
    fn found(&self) -> Vec<(Defect, i64, i64)> {
        let told = |finding: &Finding| (finding.defect, finding.first, finding.last);
        let verification = self.verified().verification;
        // The objects of the log are played here, and know of another epoch.
        let findings = verification.findings.iter().filter(|finding| finding.defect != Defect::BegunAnew);
        findings.map(told).collect()
    }

    fn names(&self) -> Vec<String> {
        self.bucket.0.borrow().keys().cloned().collect()
    }
}

#[test]
fn a_verification_spans_the_segments_and_the_database() {
    let world = World::moved();
    assert_eq!((world.events(), world.names().len()), (3, 2));
    assert_eq!(world.found(), []);
    let progress = world.verified();
    assert_eq!((progress.verification.events, progress.segments), (10, 2));
}

#[test]
fn a_segment_is_not_to_be_read_by_whoever_has_the_bucket() {
    let world = World::moved();
    assert!(world.bucket.0.borrow().values().all(|text| text.starts_with("v2.") && !text.contains("sign_in")));
}

#[test]
fn a_segment_that_is_missing_cut_or_swapped_is_named_by_its_events() {
    let world = World::moved();
    let names = world.names();
    let [one, two] = [0, 1].map(|index| world.bucket.0.borrow()[&names[index]].clone());
    let with = |changed: &dyn Fn(&mut std::collections::BTreeMap<String, String>)| {
        changed(&mut world.bucket.0.borrow_mut());
        let found = world.found();
        world.bucket.0.borrow_mut().extend([(names[0].clone(), one.clone()), (names[1].clone(), two.clone())]);
        found
    };
    assert_eq!(with(&|bucket| drop(bucket.remove(&names[0]))), [(Defect::SegmentMissing, 1, 3)]);
    assert_eq!(with(&|bucket| drop(bucket.remove(&names[1]))), [(Defect::SegmentMissing, 4, 7)]);
    let cut = one[..one.len() - 8].to_owned();
    assert_eq!(with(&|bucket| drop(bucket.insert(names[0].clone(), cut.clone()))), [(Defect::SegmentChanged, 1, 3)]);
    let swapped = with(&|bucket| {
        bucket.insert(names[0].clone(), two.clone());
        bucket.insert(names[1].clone(), one.clone());
    });
    assert_eq!(swapped, [(Defect::SegmentChanged, 1, 7)]);
    assert_eq!(world.found(), []);
}

#[test]
fn whoever_writes_to_the_database_alone_makes_no_event_away() {
    let world = World::moved();
    world.run("INSERT INTO audit_segments VALUES (3, '{\"number\":3}', 'forged')");
    world.run("DELETE FROM events WHERE sequence = 8");
    let found = world.found();
    assert!(found.contains(&(Defect::ForgedCheckpoint, 1, 1)) && found.contains(&(Defect::Missing, 8, 8)), "{found:?}");
    world.run("DELETE FROM audit_segments WHERE number = 1");
    assert!(world.found().iter().any(|(defect, ..)| *defect == Defect::Missing || *defect == Defect::Inserted));
}

#[test]
fn a_crash_before_the_record_makes_neither_a_gap_nor_a_second_segment() {
    let world = World::new();
    world.run("CREATE TABLE before AS SELECT * FROM events");
    world.sweep_until(4);
    let as_if_it_had_died = "INSERT INTO events SELECT * FROM before WHERE sequence <= 3";
    world.run(as_if_it_had_died);
    world.run("DELETE FROM audit_segments");
    world.run("DELETE FROM audit_checkpoints");
    assert_eq!(world.found(), [], "what is in a segment that is not on record is in the database");
    let segment = world.bucket.0.borrow().values().next().unwrap().clone();
    // Meanwhile more is due.
    world.sweep_until(6);
    assert_eq!((world.found(), world.names().len(), world.events()), (vec![], 1, 7));
    assert_eq!(world.bucket.0.borrow().values().next(), Some(&segment));
    world.sweep_until(6);
    assert_eq!((world.found(), world.names().len(), world.events()), (vec![], 2, 5));
}

#[test]
fn whoever_moves_the_same_events_at_the_same_time_takes_the_same_segment() {
    let world = World::new();
    let keys = ChainKeys::new(&settings().signing_keys);
    let [one, other] = [(); 2].map(|()| block_on(oldest(&*world.database, Timestamp(4))).unwrap());
    let bucket: &dyn Bucket = &world.bucket;
    for rows in [one, other] {
        block_on(remove(&*world.database, Some(bucket), &keys, 0, rows, Timestamp(9))).unwrap();
    }
    assert_eq!((world.found(), world.names().len(), world.events()), (vec![], 1, 7));
}

#[test]
fn what_somebody_put_in_the_place_of_the_next_segment_stops_nothing() {
    let world = World::new();
    world.bucket.0.borrow_mut().insert(crate::audit::segment::name(1), "rubbish".into());
    world.sweep_until(4);
    assert_eq!((world.found(), world.names().len(), world.events()), (vec![], 2, 7));
}

#[test]
fn nothing_is_removed_that_cannot_be_read_back() {
    let world = World::new();
    for number in 1..=20 {
        world.bucket.0.borrow_mut().insert(crate::audit::segment::name(number), "rubbish".into());
    }
    world.clock.set(Timestamp(504));
    assert!(block_on(sweep(&world.platform, &settings())).is_err());
    assert_eq!((world.found(), world.events()), (vec![], 10));
}

#[test]
fn a_segment_that_is_older_than_it_has_to_be_kept_is_not_missed() {
    let world = World::moved();
    let first = world.names().remove(0);
    world.bucket.0.borrow_mut().remove(&first);
    assert_eq!(world.found(), [(Defect::SegmentMissing, 1, 3)]);
    world.clock.advance(DAY - Duration::from_millis(2));
    assert_eq!(world.found(), []);
}

#[test]
fn an_event_that_was_changed_before_it_was_moved_is_named_for_as_long_as_its_segment_is_there() {
    let world = World::new();
    world.run("UPDATE events SET kind = 'sign_out' WHERE sequence = 2");
    world.sweep_until(4);
    world.sweep_until(8);
    assert!(world.found().contains(&(Defect::Changed, 2, 2)), "{:?}", world.found());
}
