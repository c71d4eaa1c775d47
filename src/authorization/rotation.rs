//! What becomes of a refresh token that is presented: the rule of rotation, as a function of plain data.
//!
//! Every grant has one refresh token in use, named by its generation. Using it makes the next one. A client
//! whose answer was lost, or whose processes race each other, presents the predecessor within
//! [`RETRY_WINDOW`] and gets the same successor; later, or any older one, is a replay (RFC 9700 §4.14.2).

use std::time::Duration;

use crate::platform::clock::Timestamp;

/// How long after its use a refresh token still yields its successor.
pub const RETRY_WINDOW: Duration = Duration::from_secs(45);

/// How long a grant lives after its latest rotation.
pub const GRANT_LIFE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// What the record says of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// Of the refresh token in use.
    pub generation: i64,
    /// When that generation came to be.
    pub rotated_at: Timestamp,
    pub revoked: bool,
    pub expires_at: Timestamp,
}

/// What to do with an authentic refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The one in use: make the next generation, if the grant still has this one.
    Rotate,
    /// The predecessor of the one in use, soon enough: give the one in use again.
    Grace,
    /// One that was used long ago: somebody has a copy. End the grant.
    Replay,
    /// The grant is over.
    Ended,
    /// Of a generation that the record does not know: leave the grant alone.
    Unknown,
}

/// Decides on the refresh token of generation `presented`.
pub fn decide(presented: i64, state: State, now: Timestamp) -> Outcome {
    if state.revoked || state.expires_at <= now {
        return Outcome::Ended;
    }
    match state.generation.saturating_sub(presented) {
        0 => Outcome::Rotate,
        1 if now.since(state.rotated_at) <= RETRY_WINDOW => Outcome::Grace,
        1.. => Outcome::Replay,
        _ => Outcome::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const START: Timestamp = Timestamp(1_767_225_600_000);

    fn state() -> State {
        State { generation: 7, rotated_at: START, revoked: false, expires_at: START + GRANT_LIFE }
    }

    fn after(seconds: u64) -> Timestamp {
        START + Duration::from_secs(seconds)
    }

    #[test]
    fn the_one_in_use_rotates_whenever_it_comes() {
        assert_eq!(decide(7, state(), after(0)), Outcome::Rotate);
        assert_eq!(decide(7, state(), after(59 * 24 * 60 * 60)), Outcome::Rotate);
    }

    #[test]
    fn its_predecessor_has_45_seconds() {
        assert_eq!(decide(6, state(), after(45)), Outcome::Grace);
        assert_eq!(decide(6, state(), after(46)), Outcome::Replay);
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

    /// A turn of one of the client's processes, all of which share the stored token.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// Reads the record with the token this process holds.
        Read(usize),
        /// Acts on what it read: compare-and-swap, and on a lost race reads again.
        Act(usize),
        /// Its answer never arrives: it keeps the token it had and will retry.
        Lose(usize),
        Wait(u64),
    }

    const PROCESSES: usize = 3;

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..PROCESSES).prop_map(Step::Read),
            (0..PROCESSES).prop_map(Step::Act),
            (0..PROCESSES).prop_map(Step::Lose),
            (0_u64..20).prop_map(Step::Wait),
        ]
    }

    proptest! {
        /// Processes that hold the same token race, lose answers and retry, all within the window.
        #[test]
        fn honest_retries_within_the_window_all_end_with_the_same_successor(
            steps in prop::collection::vec(step(), 0..40),
        ) {
            let mut state = state();
            let mut now = START + Duration::from_secs(3600);
            let mut waited = 0;
            let mut held = [7; PROCESSES];
            let mut read: [Option<State>; PROCESSES] = [None; PROCESSES];
            for step in steps {
                match step {
                    Step::Wait(seconds) if waited + seconds <= 45 => {
                        waited += seconds;
                        now = now + Duration::from_secs(seconds);
                    }
                    Step::Wait(_) => {}
                    Step::Read(process) if held[process] == 7 => read[process] = Some(state),
                    Step::Read(_) => {}
                    Step::Act(process) | Step::Lose(process) => {
                        let Some(seen) = read[process].take() else { continue };
                        let arrives = matches!(step, Step::Act(_));
                        let mut outcome = decide(held[process], seen, now);
                        if outcome == Outcome::Rotate && state.generation != seen.generation {
                            outcome = decide(held[process], state, now);
                        } else if outcome == Outcome::Rotate {
                            state = State {
                                generation: seen.generation + 1,
                                rotated_at: now,
                                expires_at: now + GRANT_LIFE,
                                ..state
                            };
                        }
                        prop_assert!(matches!(outcome, Outcome::Rotate | Outcome::Grace));
                        if arrives {
                            held[process] = state.generation;
                        }
                    }
                }
                prop_assert!(state.generation <= 8);
                prop_assert!(held.iter().all(|held| *held == 7 || *held == state.generation));
            }
        }

        /// One honest client refreshes now and then; a thief presents any earlier token at any moment.
        #[test]
        fn a_stolen_token_yields_nothing_once_its_window_is_over(
            pauses in prop::collection::vec(46_u64..100_000, 1..10),
            stolen in 0_usize..10,
            late in 46_u64..1_000_000,
        ) {
            let mut state = state();
            let first = state.generation;
            let mut now = START;
            for pause in &pauses {
                now = now + Duration::from_secs(*pause);
                prop_assert_eq!(decide(state.generation, state, now), Outcome::Rotate);
                state = State { generation: state.generation + 1, rotated_at: now, expires_at: now + GRANT_LIFE, ..state };
            }
            let stolen = first + i64::try_from(stolen % pauses.len()).unwrap();
            prop_assert_eq!(decide(stolen, state, now + Duration::from_secs(late)), Outcome::Replay);
        }

        #[test]
        fn nothing_authentic_is_accepted_but_the_one_in_use_and_its_predecessor(
            presented in -3_i64..20, generation in 1_i64..20, elapsed in 0_u64..200,
        ) {
            let state = State { generation, ..state() };
            let accepted = matches!(decide(presented, state, after(elapsed)), Outcome::Rotate | Outcome::Grace);
            prop_assert_eq!(accepted, presented == generation || presented == generation - 1 && elapsed <= 45);
        }
    }
}
