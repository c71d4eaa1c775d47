use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp(1_767_225_600_000);
const REUSE: Duration = Duration::from_secs(30 * 60);

/// In use since the start.
fn fresh(generation: i64) -> State {
    State { generation, superseded: vec![], reuse: REUSE, revoked: false, expires_at: START + GRANT_LIFE }
}

/// Generation 6 was superseded five minutes after the start, 5 at the start.
fn state() -> State {
    State { superseded: vec![after(300), after(0)], ..fresh(7) }
}

fn after(seconds: u64) -> Timestamp {
    START + Duration::from_secs(seconds)
}

fn give(generation: i64, reason: Reason) -> Outcome {
    Outcome::Give { generation, reason }
}

#[test]
fn the_one_in_use_is_superseded_whenever_it_comes() {
    assert_eq!(decide(7, &state(), after(300)), give(8, Reason::Used));
    assert_eq!(decide(7, &state(), after(59 * 24 * 60 * 60)), give(8, Reason::Used));
}

#[test]
fn a_superseded_one_yields_the_one_in_use_for_the_limit_and_is_a_replay_later() {
    assert_eq!(decide(6, &state(), after(300 + 1800)), give(7, Reason::Superseded));
    assert_eq!(decide(6, &state(), after(300 + 1801)), Outcome::Replay);
}

#[test]
fn the_limit_counts_from_the_supersession_of_the_one_that_is_presented() {
    assert_eq!(decide(5, &state(), after(1800)), give(7, Reason::Superseded));
    assert_eq!(decide(5, &state(), after(1801)), Outcome::Replay);
}

#[test]
fn one_whose_supersession_is_not_remembered_is_a_replay() {
    assert_eq!(decide(4, &state(), after(300)), Outcome::Replay);
}

#[test]
fn giving_the_one_in_use_again_takes_it_away_from_nobody() {
    let again = state().refreshed(Reason::Superseded, after(600));
    assert_eq!((again.generation, &again.superseded), (7, &state().superseded));
    assert_eq!(decide(7, &again, after(600)), give(8, Reason::Used));
}

#[test]
fn every_refresh_has_the_grant_live_on_from_there() {
    for reason in [Reason::Used, Reason::Superseded, Reason::Kept] {
        assert_eq!(state().refreshed(reason, after(600)).expires_at, after(600) + GRANT_LIFE, "{reason:?}");
    }
}

#[test]
fn one_that_was_never_given_leaves_the_grant_alone() {
    for presented in [8, 0, -1] {
        assert_eq!(decide(presented, &state(), after(0)), Outcome::Unknown, "{presented}");
    }
}

#[test]
fn a_grant_that_is_over_yields_nothing_of_any_generation() {
    for presented in [4, 5, 6, 7, 8] {
        assert_eq!(decide(presented, &State { revoked: true, ..state() }, after(0)), Outcome::Ended);
        assert_eq!(decide(presented, &state(), after(60 * 24 * 60 * 60)), Outcome::Ended);
    }
}

#[test]
fn a_family_that_rotates_too_often_keeps_its_token_until_there_is_room_again() {
    let mut state = fresh(1);
    for _ in 0..MOST_REMEMBERED {
        assert_eq!(decide(state.generation, &state, START), give(state.generation + 1, Reason::Used));
        state = state.refreshed(Reason::Used, START);
    }
    let full = state.generation;
    assert_eq!(decide(full, &state, after(1800)), give(full, Reason::Kept));
    assert_eq!(decide(1, &state, after(1800)), give(full, Reason::Superseded), "nothing is forgotten too early");
    assert_eq!(decide(full, &state, after(1801)), give(full + 1, Reason::Used));
}

/// What the windows of a client, the network, the server and a thief do, in any order. The first number is a window's.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// A window presents the token that it holds.
    Begin(usize),
    /// The server reads the grant for the refresh of that window.
    Read(usize),
    /// The server carries out what it read, or reads again if another was faster.
    Write(usize),
    /// The answer arrives, or the request or answer is lost.
    Arrive(usize),
    Lose(usize),
    Wait(u64),
    /// A thief copies the token of a window.
    Copy(usize),
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
            0..4 => Step::Begin(chosen),
            4..8 => Step::Read(chosen),
            8..12 => Step::Write(chosen),
            12..15 => Step::Arrive(chosen),
            15..17 => Step::Lose(chosen),
            17..19 => Step::Wait(below(31)),
            19 => Step::Wait(below(5_000)),
            20..22 => Step::Copy(chosen),
            _ => Step::Steal(chosen),
        }
    })
    .take(length)
}

/// A window of the client: the token that it holds, and its refresh that is under way.
#[derive(Debug, Clone)]
struct Window {
    token: i64,
    refresh: Option<Refresh>,
}

#[derive(Debug, Clone, Default)]
struct Refresh {
    read: Option<State>,
    answer: Option<i64>,
}

/// A grant, the client it is of, and a thief.
struct World {
    grant: State,
    now: Timestamp,
    windows: Vec<Window>,
    known_to_thief: BTreeSet<i64>,
    /// When each generation was superseded, however long ago.
    superseded: BTreeMap<i64, Timestamp>,
    /// An honest refresh got no token.
    signed_out: bool,
}

impl World {
    fn new(windows: usize) -> Self {
        Self {
            grant: fresh(1),
            now: START,
            windows: vec![Window { token: 1, refresh: None }; windows],
            known_to_thief: BTreeSet::new(),
            superseded: BTreeMap::new(),
            signed_out: false,
        }
    }

    /// What the server does with what it read of the grant: `None` where it has to read again.
    fn carry_out(&mut self, presented: i64, read: &State) -> Option<Option<i64>> {
        match decide(presented, read, self.now) {
            Outcome::Give { generation, reason } => {
                let unchanged = self.grant.generation == read.generation && !self.grant.revoked;
                unchanged.then(|| {
                    self.grant = read.clone().refreshed(reason, self.now);
                    if reason == Reason::Used {
                        self.superseded.insert(read.generation, self.now);
                    }
                    Some(generation)
                })
            }
            Outcome::Replay => {
                self.grant.revoked = true;
                Some(None)
            }
            Outcome::Ended | Outcome::Unknown => Some(None),
        }
    }

    /// A whole refresh at once.
    fn present(&mut self, token: i64) -> Option<i64> {
        let read = self.grant.clone();
        self.carry_out(token, &read).flatten()
    }

    /// A window refreshes, and nothing goes wrong on the way.
    fn refresh(&mut self, window: usize) {
        let index = window % self.windows.len();
        self.windows[index].refresh = None;
        match self.present(self.windows[index].token) {
            Some(given) => self.windows[index].token = given,
            None => self.signed_out = true,
        }
    }

    fn take(&mut self, step: Step) {
        let count = self.windows.len();
        let index = |chosen: usize| chosen % count;
        match step {
            Step::Begin(chosen) => drop(self.windows[index(chosen)].refresh.get_or_insert_default()),
            Step::Read(chosen) => {
                let (index, grant) = (index(chosen), self.grant.clone());
                if let Some(refresh) = &mut self.windows[index].refresh {
                    refresh.read.get_or_insert(grant);
                }
            }
            Step::Write(chosen) => self.write(index(chosen)),
            Step::Arrive(chosen) => {
                let window = index(chosen);
                if let Some(Refresh { answer: Some(given), .. }) = self.windows[window].refresh {
                    self.windows[window] = Window { token: given, refresh: None };
                }
            }
            Step::Lose(chosen) => self.windows[index(chosen)].refresh = None,
            Step::Wait(seconds) => self.wait(Duration::from_secs(seconds)),
            Step::Copy(chosen) => drop(self.known_to_thief.insert(self.windows[index(chosen)].token)),
            Step::Steal(chosen) => self.steal(chosen),
        }
    }

    fn write(&mut self, window: usize) {
        let Window { token, refresh: Some(Refresh { read: Some(read), answer: None }) } = self.windows[window].clone()
        else {
            return;
        };
        let answer = self.carry_out(token, &read);
        let grant = self.grant.clone();
        let refresh = self.windows[window].refresh.get_or_insert_default();
        match answer {
            Some(Some(given)) => refresh.answer = Some(given),
            Some(None) => self.signed_out = true,
            None => refresh.read = Some(grant),
        }
    }

    /// Time passes; a window whose token would be out of use by then comes before.
    fn wait(&mut self, time: Duration) {
        for window in 0..self.windows.len() {
            let superseded = self.superseded.get(&self.windows[window].token);
            if superseded.is_some_and(|at| (self.now + time).since(*at) > REUSE) {
                self.refresh(window);
            }
        }
        self.now = self.now + time;
    }

    fn steal(&mut self, chosen: usize) {
        let known: Vec<i64> = self.known_to_thief.iter().copied().collect();
        if let Some(token) = known.get(chosen % known.len().max(1)) {
            let given = self.present(*token);
            self.known_to_thief.extend(given);
        }
    }

    /// Nothing is under way any more, and the last answer is out of the limit.
    fn pass_the_limit(&mut self) {
        self.windows.iter_mut().for_each(|window| window.refresh = None);
        self.now = self.now + REUSE + Duration::from_secs(1);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn windows_that_rest_for_less_than_the_limit_are_never_signed_out(
        seed in any::<u64>(), length in 0_usize..80, windows in 1_usize..=5,
    ) {
        let mut world = World::new(windows);
        for step in steps(seed, length, false) {
            world.take(step);
            prop_assert!(!world.signed_out && !world.grant.revoked);
        }
        (0..windows).for_each(|window| world.refresh(window));
        prop_assert!(!world.signed_out);
    }

    /// Whatever happened before: each token that was ever given yields the one in use within the limit, and ends the
    /// grant beyond it.
    #[test]
    fn a_replay_beyond_the_limit_always_ends_the_grant_and_one_below_it_never(
        seed in any::<u64>(), length in 0_usize..80, windows in 1_usize..=5, rest in 0_u64..4_000,
    ) {
        let mut world = World::new(windows);
        steps(seed, length, false).for_each(|step| world.take(step));
        let now = world.now + Duration::from_secs(rest);
        for (generation, at) in &world.superseded {
            let expected = if now.since(*at) <= REUSE {
                give(world.grant.generation, Reason::Superseded)
            } else {
                Outcome::Replay
            };
            prop_assert_eq!(decide(*generation, &world.grant, now), expected);
        }
    }

    #[test]
    fn client_and_thief_who_each_come_beyond_the_limit_after_the_other_end_the_grant(
        seed in any::<u64>(), length in 0_usize..80, windows in 1_usize..=5, chosen in any::<(usize, usize)>(),
        thief_begins in any::<bool>(),
    ) {
        let mut world = World::new(windows);
        steps(seed, length, true).for_each(|step| world.take(step));
        if world.known_to_thief.is_empty() {
            world.take(Step::Copy(chosen.0));
        }
        for is_thief in [thief_begins, !thief_begins] {
            world.pass_the_limit();
            if is_thief { world.steal(chosen.0) } else { world.refresh(chosen.1) }
        }
        prop_assert!(world.grant.revoked);
    }
}
