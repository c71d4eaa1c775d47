use proptest::prelude::*;

use super::*;
use crate::platform::native::database::Sqlite;

fn keyed(key: u8, call: u8) -> KeyedCall {
    KeyedCall::new(&ClientId::new("client"), &key.to_string(), "tool", &call.to_string())
}

#[derive(Debug, Clone)]
enum Step {
    Send {
        key: u8,
        call: u8,
    },
    /// A call under way ends: done, or unknown, or it changed nothing.
    End {
        which: usize,
        how: u8,
    },
    /// The isolate of a call under way is gone, and its end never comes.
    Lose(usize),
    Pass(Duration),
    /// The object sleeps, and is woken up by the next step.
    Sleep,
    /// Its alarm goes off.
    Alarm,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..2_u8, 0..2_u8).prop_map(|(key, call)| Step::Send { key, call }),
        3 => (any::<usize>(), 0..3_u8).prop_map(|(which, how)| Step::End { which, how }),
        1 => any::<usize>().prop_map(Step::Lose),
        2 => prop_oneof![1..200_u64, 80_000..90_000_u64].prop_map(|seconds| Step::Pass(Duration::from_secs(seconds))),
        1 => Just(Step::Sleep),
        1 => Just(Step::Alarm),
    ]
}

/// A call that was let run.
struct Ran {
    key: u8,
    call: u8,
    began: Timestamp,
    /// How it ended, where it did.
    ended: Option<Option<Ending>>,
    is_lost: bool,
}

impl Ran {
    fn is_under_way(&self) -> bool {
        self.ended.is_none() && !self.is_lost
    }

    fn may_have_changed_something(&self) -> bool {
        self.ended != Some(None)
    }
}

struct World {
    storage: Sqlite,
    keys: IdempotencyKeys,
    now: Timestamp,
    ran: Vec<Ran>,
}

impl World {
    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        let under_way: Vec<usize> = (0..self.ran.len()).filter(|at| self.ran[*at].is_under_way()).collect();
        let pick = |which: usize| under_way.get(which % under_way.len().max(1)).copied();
        match step {
            Step::Send { key, call } => return self.send(key, call),
            Step::End { which, how } => {
                let Some(at) = pick(which) else { return Ok(()) };
                let text = format!("answer {at}");
                let ending =
                    [Some(Ending::Done(text.clone())), Some(Ending::Unknown(text)), None][usize::from(how)].clone();
                let Ran { key, call, .. } = self.ran[at];
                self.keys.end(&self.storage, &keyed(key, call), ending.as_ref()).unwrap();
                self.ran[at].ended = Some(ending);
            }
            Step::Lose(which) => {
                if let Some(at) = pick(which) {
                    self.ran[at].is_lost = true;
                }
            }
            Step::Pass(time) => {
                self.now = self.now + time;
                // No call takes longer than that.
                for ran in &mut self.ran {
                    ran.is_lost |= self.now.since(ran.began) >= LONGEST;
                }
            }
            Step::Sleep => {
                let oldest = self.ran.iter().map(|ran| ran.began).min();
                self.keys = IdempotencyKeys::woken(&Remembered { oldest_key: oldest, ..Remembered::default() });
            }
            Step::Alarm => {
                let next = self.keys.expire(&self.storage, self.now).unwrap();
                prop_assert!(next.is_none_or(|next| next > self.now));
            }
        }
        Ok(())
    }

    fn send(&mut self, key: u8, call: u8) -> Result<(), TestCaseError> {
        let now = self.now;
        let changed = |ran: &&Ran| ran.key == key && ran.may_have_changed_something() && now.since(ran.began) < LIFE;
        let first = self.ran.iter().rev().find(changed);
        match (self.keys.begin(&self.storage, &keyed(key, call), now).unwrap(), first) {
            (None, None) => self.ran.push(Ran { key, call, began: now, ended: None, is_lost: false }),
            (Some(Repeat::OtherCall), Some(first)) => prop_assert!(first.call != call),
            (Some(Repeat::Ended(ending)), Some(first)) => {
                prop_assert_eq!((Some(Some(ending)), call), (first.ended.clone(), first.call));
            }
            (Some(Repeat::Running), Some(first)) => {
                prop_assert!(first.call == call && first.ended.is_none() && now.since(first.began) < LONGEST);
            }
            (Some(Repeat::Unheard), Some(first)) => prop_assert!(first.call == call && first.is_lost),
            (repeat, first) => {
                prop_assert!(false, "{repeat:?} although the first is {:?}", first.map(|ran| &ran.ended))
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn however_calls_sleeps_and_losses_interleave_what_may_have_changed_something_is_not_sent_again(
        steps in prop::collection::vec(step(), 0..40),
    ) {
        let storage = Sqlite::empty();
        let remembered = super::super::storage::wake(&storage).unwrap();
        let keys = IdempotencyKeys::woken(&remembered);
        let mut world = World { storage, keys, now: Timestamp(0), ran: Vec::new() };
        for step in steps {
            world.take(step)?;
        }
    }
}

#[test]
fn a_key_of_one_client_is_none_of_anothers() {
    let of = |client| KeyedCall::new(&ClientId::new(client), "key", "tool", "arguments");
    assert_ne!(of("one"), of("other"));
}

#[test]
fn the_oldest_keys_go_where_there_are_many() {
    let storage = Sqlite::empty();
    let keys = IdempotencyKeys::woken(&super::super::storage::wake(&storage).unwrap());
    let begin = |key: i64| {
        let keyed = KeyedCall::new(&ClientId::new("client"), &key.to_string(), "tool", "arguments");
        keys.begin(&storage, &keyed, Timestamp(key)).unwrap()
    };
    assert!((0..=MOST).all(|key| begin(key).is_none()));
    assert_eq!(begin(1), Some(Repeat::Running));
    assert_eq!(begin(0), None);
}
