use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp(1_767_225_600_000);

fn state() -> State {
    State { generation: 7, predecessor: 6, refreshed_at: START, revoked: false, expires_at: START + GRANT_LIFE }
}

fn after(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn give(generation: i64, reason: Reason) -> Outcome {
    Outcome::Give { generation, reason }
}

#[test]
fn the_one_in_use_rotates_whenever_it_comes() {
    assert_eq!(decide(7, state(), after(0)), give(8, Reason::Used));
    assert_eq!(decide(7, state(), after(59 * 24 * 60 * 60)), give(8, Reason::Used));
}

#[test]
fn its_predecessor_yields_it_again_for_a_window() {
    assert_eq!(decide(6, state(), after(60)), give(7, Reason::Retried));
}

#[test]
fn its_predecessor_yields_another_later() {
    assert_eq!(decide(6, state(), after(61)), give(8, Reason::Lost));
    assert_eq!(decide(6, state(), after(59 * 24 * 60 * 60)), give(8, Reason::Lost));
}

#[test]
fn one_that_was_given_up_as_lost_is_a_replay_at_once() {
    let lost = state().refreshed(6, 8, after(61));
    assert_eq!(decide(7, lost, after(61)), Outcome::Replay);
    assert_eq!(decide(6, lost, after(61)), give(8, Reason::Retried));
    assert_eq!(decide(8, lost, after(61)), give(9, Reason::Used));
}

#[test]
fn an_older_one_is_a_replay_at_once() {
    assert_eq!(decide(5, state(), after(0)), Outcome::Replay);
}

#[test]
fn a_future_one_leaves_the_grant_alone() {
    assert_eq!(decide(8, state(), after(0)), Outcome::Unknown);
}

#[test]
fn a_grant_that_is_over_yields_nothing_of_any_generation() {
    for presented in [5, 6, 7, 8] {
        assert_eq!(decide(presented, State { revoked: true, ..state() }, after(0)), Outcome::Ended);
        assert_eq!(decide(presented, state(), after(60 * 24 * 60 * 60)), Outcome::Ended);
    }
}

/// What a client's processes, the network, the server and a thief do, in any order.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A process of the client presents the token in the store.
    Begin,
    /// The server reads the record for one of the refreshes under way.
    Read(usize),
    /// The server carries out what it read, or reads again if another was faster.
    Write(usize),
    /// The answer of one arrives, or the request or answer is lost.
    Arrive(usize),
    Lose(usize),
    Wait(u64),
    /// A thief copies the client's store.
    Copy,
    /// A thief presents one of the tokens it knows.
    Steal(usize),
}

/// As many steps as `length` says. Made by SplitMix64 of a seed, since 10^5 trials of proptest's own sequences take
/// minutes; what shrinks is the length.
fn steps(mut seed: u64, length: usize, with_thief: bool) -> impl Iterator<Item = Step> {
    let mut below = move |limit: u64| {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    };
    std::iter::repeat_with(move || {
        let kind = below(if with_thief { 26 } else { 20 });
        let chosen = usize::try_from(below(8)).unwrap();
        match kind {
            0..4 => Step::Begin,
            4..8 => Step::Read(chosen),
            8..12 => Step::Write(chosen),
            12..15 => Step::Arrive(chosen),
            15..17 => Step::Lose(chosen),
            17..19 => Step::Wait(below(31)),
            19 => Step::Wait(below(5_000)),
            20..22 => Step::Copy,
            _ => Step::Steal(chosen),
        }
    })
    .take(length)
}

/// A refresh of the client that is under way.
#[derive(Debug, Clone, Copy)]
struct Refresh {
    token: i64,
    begun: Timestamp,
    read: Option<State>,
    answer: Option<i64>,
}

/// A grant, the client it is of, and a thief.
struct World {
    record: State,
    now: Timestamp,
    /// The token that the client's processes share.
    store: i64,
    under_way: Vec<Refresh>,
    known_to_thief: BTreeSet<i64>,
    /// An honest refresh got no token.
    logged_out: bool,
}

/// At most half of the window from a process's look into the store to the arrival of the answer.
const LONGEST_REFRESH: Duration = Duration::from_secs(30);

impl World {
    fn new() -> Self {
        Self {
            record: State { generation: 1, predecessor: 0, ..state() },
            now: START,
            store: 1,
            under_way: Vec::new(),
            known_to_thief: BTreeSet::new(),
            logged_out: false,
        }
    }

    fn is_over(&self) -> bool {
        self.record.revoked
    }

    /// What the server does with what it read of the record: `None` where it has to read again.
    fn carry_out(&mut self, presented: i64, read: State) -> Option<Option<i64>> {
        match decide(presented, read, self.now) {
            Outcome::Give { generation, reason } => {
                let unchanged = self.record.generation == read.generation && !self.record.revoked;
                let not_given_since = reason == Reason::Retried || self.record.refreshed_at == read.refreshed_at;
                (unchanged && not_given_since).then(|| {
                    self.record = self.record.refreshed(presented, generation, self.now);
                    Some(generation)
                })
            }
            Outcome::Replay => {
                self.record.revoked = true;
                Some(None)
            }
            Outcome::Ended | Outcome::Unknown => Some(None),
        }
    }

    /// A whole refresh at once.
    fn present(&mut self, token: i64) -> Option<i64> {
        self.carry_out(token, self.record).flatten()
    }

    fn take(&mut self, step: Step) {
        let index = |chosen: usize| chosen % self.under_way.len().max(1);
        match step {
            Step::Begin => {
                if self.under_way.len() < 4 && self.under_way.iter().all(|other| other.token == self.store) {
                    let refresh = Refresh { token: self.store, begun: self.now, read: None, answer: None };
                    self.under_way.push(refresh);
                }
            }
            Step::Read(chosen) => {
                let (index, record) = (index(chosen), self.record);
                if let Some(refresh) = self.under_way.get_mut(index) {
                    refresh.read.get_or_insert(record);
                }
            }
            Step::Write(chosen) => self.write(index(chosen)),
            Step::Arrive(chosen) => {
                let index = index(chosen);
                if let Some(Refresh { answer: Some(token), .. }) = self.under_way.get(index) {
                    self.store = *token;
                    self.under_way.remove(index);
                }
            }
            Step::Lose(chosen) => {
                let index = index(chosen);
                if index < self.under_way.len() {
                    self.under_way.remove(index);
                }
            }
            Step::Wait(seconds) => {
                self.now = self.now + Duration::from_secs(seconds);
                let now = self.now;
                self.under_way.retain(|refresh| now.since(refresh.begun) <= LONGEST_REFRESH);
            }
            Step::Copy => drop(self.known_to_thief.insert(self.store)),
            Step::Steal(chosen) => drop(self.steal(chosen)),
        }
    }

    fn write(&mut self, index: usize) {
        let Some(&Refresh { token, read: Some(read), answer: None, .. }) = self.under_way.get(index) else { return };
        match self.carry_out(token, read) {
            Some(Some(given)) => self.under_way[index].answer = Some(given),
            Some(None) => {
                self.logged_out = true;
                self.under_way.remove(index);
            }
            None => self.under_way[index].read = Some(self.record),
        }
    }

    fn steal(&mut self, chosen: usize) -> Option<i64> {
        let known: Vec<i64> = self.known_to_thief.iter().copied().collect();
        let token = *known.get(chosen % known.len().max(1))?;
        let given = self.present(token);
        self.known_to_thief.extend(given);
        given
    }

    /// The client refreshes, and nothing goes wrong.
    fn refresh(&mut self) -> Option<i64> {
        let given = self.present(self.store)?;
        self.store = given;
        Some(given)
    }

    /// Nothing is under way any more, and the last answer is out of its window.
    fn pass_a_window(&mut self) {
        self.under_way.clear();
        self.now = self.now + RETRY_WINDOW + Duration::from_secs(1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn nobody_honest_is_logged_out(seed in any::<u64>(), length in 0_usize..80) {
        let mut world = World::new();
        for step in steps(seed, length, false) {
            world.take(step);
            prop_assert!(!world.logged_out && !world.is_over());
        }
        world.pass_a_window();
        prop_assert!(world.refresh().is_some());
    }

    #[test]
    fn every_thief_is(
        seed in any::<u64>(), length in 0_usize..80, chosen in any::<(usize, usize)>(), thief_begins in any::<bool>(),
    ) {
        let mut world = World::new();
        steps(seed, length, true).for_each(|step| world.take(step));
        if world.known_to_thief.is_empty() {
            world.take(Step::Copy);
        }
        for (round, chosen) in [chosen.0, chosen.1].into_iter().enumerate() {
            if thief_begins || round > 0 {
                world.pass_a_window();
                world.steal(chosen);
            }
            world.pass_a_window();
            world.refresh();
        }
        if !thief_begins {
            world.pass_a_window();
            world.steal(chosen.1);
        }
        prop_assert!(world.is_over());
    }

    /// Which of the two the grant serves cannot be told; but outside of a window it never serves both.
    #[test]
    fn of_client_and_thief_one_holds_a_token_that_ends_the_grant(
        seed in any::<u64>(), length in 0_usize..80, chosen in any::<usize>(),
    ) {
        let mut world = World::new();
        steps(seed, length, true).for_each(|step| world.take(step));
        world.pass_a_window();
        let stolen = world.steal(chosen);
        world.pass_a_window();
        if let (Some(stolen), Some(_)) = (stolen, world.refresh()) {
            prop_assert_eq!(decide(stolen, world.record, world.now), Outcome::Replay);
        }
    }
}
